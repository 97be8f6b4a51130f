"""MMBench: 1,164 questions (DEV_EN) of twenty abilities, each asked once for every option.

Liu et al., *MMBench: Is Your Multi-modal Model an All-around Player?* (2024). Read from the
authors' TSV files, from lmms-lab's parquet files or from the hub. A question is right only if it is
right in all its passes, among which its options rotate (CircularEval); a file without the rotated
copies is asked once per question, and the run says `vanilla`. Every aggregate is micro, over
questions.

The authors let a language model read what their rules cannot. Official scoring here is the rules
alone, as VLMEvalKit applies them without a judge; what they leave open is wrong.
"""

from __future__ import annotations

import re
import warnings
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from pytest_mmbench.benchmarks.dimensions import Groups, check_counts, dimensions, kebab, leaf
from pytest_mmbench.benchmarks.multiple_choice import options_of, scorers_by_method, target_letter
from pytest_mmbench.benchmarks.prompts import lettered_lines, single_turn
from pytest_mmbench.benchmarks.published import (
    SHOWN,
    PublishedBenchmark,
    count_by_leaf,
    ids_by_leaf,
)
from pytest_mmbench.benchmarks.readers import open_table
from pytest_mmbench.benchmarks.readers.rows import Row, index_text
from pytest_mmbench.benchmarks.readers.samples import build_samples
from pytest_mmbench.benchmarks.readers.tables import Table
from pytest_mmbench.benchmarks.settings import BAD_ROWS, DATA, BenchmarkOptions
from pytest_mmbench.errors import DataError, MMBenchWarning, near
from pytest_mmbench.records import Method, Prompt, Sample, Unit
from pytest_mmbench.scorers.choice import StrictChoice
from pytest_mmbench.scorers.vlmevalkit import InferredChoice

NAME: Final = "mmbench"


REVISION: Final = 1
"""Raised when the same file gives other samples or another wording than before."""


ABILITIES: Final[Mapping[str, Mapping[str, int]]] = {
    "coarse_perception": {
        "image_style": 53,
        "image_scene": 104,
        "image_emotion": 50,
        "image_quality": 53,
        "image_topic": 36,
    },
    "finegrained_perception (instance-level)": {
        "object_localization": 81,
        "attribute_recognition": 74,
        "celebrity_recognition": 99,
        "ocr": 39,
    },
    "finegrained_perception (cross-instance)": {
        "spatial_relationship": 45,
        "attribute_comparison": 44,
        "action_recognition": 54,
    },
    "attribute_reasoning": {
        "physical_property_reasoning": 75,
        "function_reasoning": 79,
        "identity_reasoning": 45,
    },
    "relation_reasoning": {"social_relation": 43, "physical_relation": 24, "nature_relation": 48},
    "logic_reasoning": {"structuralized_imagetext_understanding": 78, "future_prediction": 40},
}
"""Abilities of the second level, and those of the third with their questions in DEV_EN. The counts
are from memory; two models' published results are whole numbers of right answers by them."""


LEAVES: Final[Mapping[str, str]] = {
    kebab(each): leaf(NAME, ability, each) for ability, below in ABILITIES.items() for each in below
}
"""Ability of the third level to its path."""


COUNTS: Final[Mapping[str, int]] = {
    LEAVES[kebab(each)]: count for below in ABILITIES.values() for each, count in below.items()
}
"""Questions by leaf in DEV_EN."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """One of several published files with answers."""

    config: str
    """On the hub."""
    split: str
    questions: int = 0
    """As published; 0 if that is not known."""


EDITIONS: Final[Mapping[str, Edition]] = {
    "DEV_EN": Edition(config="en", split="dev", questions=1164),
    "DEV_CN": Edition(config="cn", split="dev", questions=1164),
    "DEV_EN_V11": Edition(config="en", split="dev"),
    "DEV_CN_V11": Edition(config="cn", split="dev"),
    "CCBench": Edition(config="cc", split="test", questions=510),
}
"""V11 was cleaned by the authors: its scores are others. How many questions it has, and how many
each ability has outside DEV_EN, was not verified."""


WITHHELD: Final = ("TEST_EN", "TEST_CN", "TEST_EN_V11", "TEST_CN_V11")


CHINESE: Final = "CCBench"
"""It has abilities of its own, all on one level."""


CALLED: Final = {"ccbench": CHINESE, "cc": CHINESE, "cn": "DEV_CN", "en": "DEV_EN"}
"""Parts of names, and the editions that are called so."""


COPY: Final = 1_000_000
"""The index of a question's copy is its own, and this for each rotation."""


COLUMNS: Final = "ABCD"


NEW_TOKENS: Final = 128
"""Of a generated answer. The authors publish none: VLMEvalKit leaves it to each model."""


_SELECT: Final = "Please select the correct answer from the options above. \n"


_LETTER: Final = "Answer with the option's letter from the given choices directly."


_WHERE: Final = (
    'set data = "PATH" to MMBench_DEV_EN.tsv or to the folder of the parquet files, '
    'or data = "lmms-lab/MMBench" to load it from the hub'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is made of one row."""

    sample: Sample
    hint: str


def _question(
    id: str, row: Row, *, whole: Mapping[int, Row], edition: str, circular: bool
) -> Question:
    index = row.integer("index") % COPY
    if index not in whole:
        raise row.error("index", f"is {id}, a copy of {index}, which is not there.")
    options = options_of(row, "options", columns=COLUMNS)
    sample = Sample(
        id=id,
        dimension=_dimension(whole[index], edition),
        question=row.verbatim("question"),
        options=options,
        target=target_letter(row, "answer", options),
        pictures=(row.picture("image", name=f"{NAME}/{id}"),),
        # A file that holds a picture once says in its other rows where it stands.
        cluster=index_text(whole[index].optional("image")) or str(index),
        unit=str(index) if circular else "",
    )
    return Question(sample=sample, hint=row.verbatim("hint") if row.optional("hint") else "")


def _dimension(row: Row, edition: str) -> str:
    """Of a question, which its copies share, as VLMEvalKit has it."""
    name = row.text("category")
    if edition == CHINESE:
        return f"{NAME}.{kebab(name)}"
    if kebab(name) not in LEAVES:
        known = [each for below in ABILITIES.values() for each in below]
        raise row.error("category", f"is {name!r}, which is no ability.", **near(name, known))
    path = LEAVES[kebab(name)]
    above = row.optional("l2-category", "L2-category")
    if above and path.split(".")[1] != kebab(above):
        raise row.error("l2-category", f"is {above!r}, to which {name!r} does not belong.")
    return path


def _by_index(table: Table) -> dict[int, Row]:
    """Rows by their index; `gather` refuses those that have none."""
    found = ((index_text(row.optional("index")), row) for row in table.rows)
    return {int(at): row for at, row in found if at.isdecimal()}


def _wording(hint: str, sample: Sample, method: Method) -> Prompt:
    """VLMEvalKit's prompt, which ends with a blank and a line break.

    Ranking by letter adds lmms-eval's sentence, for which VLMEvalKit has no wording.
    """
    first = f"Hint: {hint}\n" if hint else ""
    letter = _LETTER if method is Method.RANK_LETTER else ""
    asked = f"Question: {sample.question}\nOptions:\n{lettered_lines(sample.options)}\n"
    return single_turn(sample.pictures, f"{first}{asked}{_SELECT}{letter}")


def recognised(data: str) -> str:
    """The edition that a file, folder or dataset is called after; DEV_EN if it is none."""
    for part in reversed(Path(data).parts[-2:]):
        words = re.findall(r"[a-z0-9]+", part.lower().replace("v1.1", "v11"))
        edition = next((each for word, each in CALLED.items() if word in words), "")
        if edition:
            return f"{edition}_V11" if "v11" in words and edition != CHINESE else edition
    return next(iter(EDITIONS))


def _groups(edition: str, sizes: Mapping[str, int]) -> Groups:
    if edition != CHINESE:
        return {ability: tuple(below) for ability, below in ABILITIES.items()}
    return {path.partition(".")[2]: () for path in sizes}


def _check_answers(table: Table) -> None:
    if table.rows and not any(row.optional("answer") for row in table.rows):
        raise DataError(
            f"{table.name} holds no answers: nothing can be scored.",
            reason="those of MMBench's TEST editions are not published",
            what_to_do="send a model's answers to its authors, or ask DEV_EN",
        )


def _check(file: str, edition: str, questions: Mapping[str, Sample]) -> None:
    """Warns of other counts than the published ones, as far as these are known."""
    if edition == "DEV_EN":
        check_counts(file, COUNTS, count_by_leaf(questions))
    elif EDITIONS[edition].questions:
        check_counts(file, {NAME: EDITIONS[edition].questions}, {NAME: len(questions)})


def _warn_of_missing_passes(
    file: str, questions: Mapping[str, Sample], passes: Mapping[str, int]
) -> None:
    short = [unit for unit, count in passes.items() if count != len(questions[unit].options)]
    if short:
        named = ", ".join(short[:SHOWN]) + " ..." * (len(short) > SHOWN)
        told = (
            f"{file}: {len(short)} of {len(passes)} questions do not have one pass for each "
            f"option. CircularEval is easier on those that have fewer: {named}"
        )
        warnings.warn(MMBenchWarning(told), stacklevel=2)


def load(options: Mapping[str, object]) -> PublishedBenchmark:
    """The benchmark with the options of its table in the settings.

    `edition` says which of the published files it is, where that cannot be told from its name.

    Raises:
        SettingsError: `data` is not set, or another option is not known.
        DataError: the data cannot be read.
    """
    told = BenchmarkOptions(
        benchmark=NAME, options=options, known=(DATA, "edition", "scoring", BAD_ROWS)
    )
    data = told.data(published_as=_WHERE)
    named = dict.fromkeys((recognised(data), *EDITIONS))
    edition = told.split(tuple(named), withheld=WITHHELD, option="edition")
    official = told.word("scoring", ("strict", "official")) == "official"
    table = open_table(
        data,
        pictures=("image",),
        configs=(EDITIONS[edition].config,),
        split=EDITIONS[edition].split,
        called=(f"MMBench_{edition}.tsv", f"{edition}.tsv"),
        bad_rows=told.bad_rows(),
    )
    _check_answers(table)
    table.require("index", "question", "image", "answer", "category")
    rows = _by_index(table)
    circular = max(rows, default=0) >= COPY
    make = partial(
        _question,
        whole={index: row for index, row in rows.items() if index < COPY},
        edition=edition,
        circular=circular,
    )
    found = build_samples(table, make, id="index").items
    samples = {id: question.sample for id, question in found.items()}
    sizes = count_by_leaf(samples)
    unit = Unit.ALL_CORRECT if circular else Unit.SAMPLE
    nodes = dimensions(NAME, _groups(edition, sizes), sizes, unit=unit)
    questions = {each.unit or id: each for id, each in samples.items()}
    _check(table.name, edition, questions)
    if circular:
        asked = Counter(each.unit for each in samples.values())
        _warn_of_missing_passes(table.name, questions, asked)
    passes = "circular" if circular else "vanilla"
    unchecked = "" if EDITIONS[edition].questions else ", its size not checked"
    return PublishedBenchmark(
        name=NAME,
        revision=f"{NAME}-{REVISION} {edition} {passes} {table.digest}",
        nodes=nodes,
        samples=samples,
        leaf_ids=ids_by_leaf(samples, nodes),
        prompt=lambda sample, method: _wording(found[sample.id].hint, sample, method),
        scorers=scorers_by_method(
            generated=InferredChoice() if official else StrictChoice(lettered=True)
        ),
        new_tokens=NEW_TOKENS,
        variant=f"{edition}, {passes}{unchecked}",
    )
