"""MMBench: 1,164 questions (DEV_EN) of twenty abilities, each asked once for every option.

Liu et al., *MMBench: Is Your Multi-modal Model an All-around Player?* (2024). Read from the
authors' TSV files, from lmms-lab's parquet files or from the hub. A question is right only if it is
right in all its passes, among which its options rotate (CircularEval); a file without the rotated
copies is asked once per question (`vanilla`). Every aggregate is micro, over questions. Official
scoring is the authors' rules as VLMEvalKit applies them without a judge; what they leave open, and
the authors let a language model read, is wrong.
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

from pytest_mmbench.benchmarks.dimensions import (
    Groups,
    axis_paths,
    check_counts,
    dimensions,
    kebab,
    leaf_counts,
)
from pytest_mmbench.benchmarks.multiple_choice import options_of, target_letter
from pytest_mmbench.benchmarks.prompts import ANSWER_WITH_LETTER, lettered_lines, single_turn
from pytest_mmbench.benchmarks.published import (
    BenchmarkSpec,
    PublishedData,
    PublishedSample,
    first_few,
    scorers_by_method,
)
from pytest_mmbench.benchmarks.readers.rows import MOST_DIGITS, Row, index_text
from pytest_mmbench.benchmarks.readers.samples import build_samples
from pytest_mmbench.benchmarks.readers.tables import Table
from pytest_mmbench.benchmarks.settings import SCORING, SCORINGS, BenchmarkOptions
from pytest_mmbench.errors import DataError, MMBenchWarning, near
from pytest_mmbench.records import Dimension, Method, Prompt, Sample, Unit
from pytest_mmbench.scorers.choice import StrictChoice
from pytest_mmbench.scorers.choice_scorer import INFERRED_CHOICE

NAME: Final = "mmbench"
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
LEAVES: Final = {kebab(name): path for name, path in axis_paths(NAME, ABILITIES).items()}
"""By ability of the third level."""
COUNTS: Final = leaf_counts(NAME, ABILITIES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """A published file with answers."""

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
"""Editions by part of their names."""
COPY: Final = 1_000_000
"""The index of a question's copy is its own, and this for each rotation."""
COLUMNS: Final = "ABCD"
FIRST_DEV_EN: Final = (4377, 1176)
"""Rows and questions of DEV_EN as it was published in 2023, of which lmms-lab/MMBench_EN is a copy.
53 of its questions have three passes. How many each ability has in it was not verified."""
NEW_TOKENS: Final = 128
"""Of a generated answer. The authors publish none: VLMEvalKit leaves it to each model."""
_SELECT: Final = "Please select the correct answer from the options above. \n"


def _edition(options: BenchmarkOptions) -> str:
    named = dict.fromkeys((recognised_edition(options.data()), *EDITIONS))
    return options.word("edition", tuple(named))


def recognised_edition(data: str) -> str:
    """The edition that a file, folder or dataset is called after; DEV_EN if it is none."""
    for part in reversed(Path(data).parts[-2:]):
        words = re.findall(r"[a-z0-9]+", part.lower().replace("v1.1", "v11"))
        edition = next((edition for word, edition in CALLED.items() if word in words), "")
        if edition:
            return f"{edition}_V11" if "v11" in words and edition != CHINESE else edition
    return next(iter(EDITIONS))


def _table(options: BenchmarkOptions) -> Table:
    edition = _edition(options)
    table = options.table(
        pictures=("image",),
        configs=(EDITIONS[edition].config,),
        split=EDITIONS[edition].split,
        called=(f"MMBench_{edition}.tsv", f"{edition}.tsv"),
    )
    if table.rows and not any(row.optional("answer") for row in table.rows):
        raise DataError(
            f"{table.name} holds no answers: nothing can be scored.",
            file=table.name,
            reason="those of MMBench's TEST editions are not published",
            what_to_do="send a model's answers to its authors, or ask DEV_EN",
        )
    table.require("index", "question", "image", "answer", "category")
    return table


def _samples(table: Table, options: BenchmarkOptions) -> Mapping[str, PublishedSample[str]]:
    # `build_samples` refuses rows without an index.
    indices = ((index_text(row.optional("index")), row) for row in table.rows)
    # What is no number, or too long for one, is refused where its row is read.
    rows = {
        int(index): row for index, row in indices if index.isdecimal() and len(index) <= MOST_DIGITS
    }
    make = partial(
        _sample,
        questions={index: row for index, row in rows.items() if index < COPY},
        edition=_edition(options),
        circular=max(rows, default=0) >= COPY,
    )
    return build_samples(table, make, id="index").items


def _sample(
    id: str, row: Row, *, questions: Mapping[int, Row], edition: str, circular: bool
) -> PublishedSample[str]:
    index = row.integer("index") % COPY
    if index not in questions:
        raise row.error("index", f"is {id}, a copy of {index}, which is not there.")
    options = options_of(row, "options", columns=COLUMNS)
    return PublishedSample(
        sample=Sample(
            id=id,
            dimension=_dimension(questions[index], edition),
            question=row.verbatim("question"),
            options=options,
            target=target_letter(row, "answer", options),
            pictures=(row.picture("image", name=f"{NAME}/{id}"),),
            # A file that holds a picture once says in its other rows where it stands.
            cluster=index_text(questions[index].optional("image")) or str(index),
            unit=str(index) if circular else "",
        ),
        extra=row.verbatim("hint") if row.optional("hint") else "",
    )


def _dimension(row: Row, edition: str) -> str:
    # Copies share that of their question, as VLMEvalKit has it.
    name = row.text("category")
    if edition == CHINESE:
        return f"{NAME}.{kebab(name)}"
    if kebab(name) not in LEAVES:
        abilities = [ability for names in ABILITIES.values() for ability in names]
        raise row.error("category", f"is {name!r}, which is no ability.", **near(name, abilities))
    path = LEAVES[kebab(name)]
    ability = row.optional("l2-category", "L2-category")
    if ability and path.split(".")[1] != kebab(ability):
        raise row.error("l2-category", f"is {ability!r}, to which {name!r} does not belong.")
    return path


def _is_circular(data: PublishedData[str]) -> bool:
    return any(sample.unit for sample in data.samples.values())


def _tree(data: PublishedData[str]) -> tuple[Dimension, ...]:
    groups: Groups = {ability: tuple(names) for ability, names in ABILITIES.items()}
    if _edition(data.options) == CHINESE:
        groups = {path.partition(".")[2]: () for path in data.sizes}
    unit = Unit.ALL_CORRECT if _is_circular(data) else Unit.SAMPLE
    return dimensions(NAME, groups, data.sizes, unit=unit)


def _warn_of_other_questions(data: PublishedData[str]) -> None:
    file, edition = data.table.name, _edition(data.options)
    questions = {sample.unit or id: sample for id, sample in data.samples.items()}
    short = _short_of_passes(data)
    if edition == "DEV_EN" and _is_first_dev_en(data):
        short = []  # as published
    elif edition == "DEV_EN":
        check_counts(file, COUNTS, Counter(sample.dimension for sample in questions.values()))
    elif EDITIONS[edition].questions:
        check_counts(file, {NAME: EDITIONS[edition].questions}, {NAME: len(questions)})
    if short:
        message = (
            f"{file}: {len(short)} of {len(questions)} questions do not have one pass for each "
            f"option. CircularEval is easier on those that have fewer: {first_few(short)}"
        )
        warnings.warn(MMBenchWarning(message), stacklevel=2)


def _is_first_dev_en(data: PublishedData[str]) -> bool:
    """Whether it is the file of 2023, with its copies or without."""
    rows, questions = FIRST_DEV_EN
    units = {sample.unit or id for id, sample in data.samples.items()}
    passes = rows if _is_circular(data) else questions
    return (len(data.samples), len(units)) == (passes, questions)


def _short_of_passes(data: PublishedData[str]) -> list[str]:
    """Questions with another number of passes than of options; none where each has one pass."""
    if not _is_circular(data):
        return []
    options = {sample.unit: len(sample.options) for sample in data.samples.values()}
    passes = Counter(sample.unit for sample in data.samples.values())
    return [unit for unit, count in passes.items() if count != options[unit]]


def _passes(data: PublishedData[str]) -> str:
    return "circular" if _is_circular(data) else "vanilla"


def prompt(sample: Sample, method: Method, data: PublishedData[str]) -> Prompt:
    """VLMEvalKit's prompt, which ends with a blank and a line break.

    Ranking by letter adds lmms-eval's sentence, for which VLMEvalKit has no wording.
    """
    hint = data.extras[sample.id]
    first = f"Hint: {hint}\n" if hint else ""
    letter = ANSWER_WITH_LETTER if method is Method.RANK_LETTER else ""
    question = f"Question: {sample.question}\nOptions:\n{lettered_lines(sample.options)}\n"
    return single_turn(sample.pictures, f"{first}{question}{_SELECT}{letter}")


SPEC: Final = BenchmarkSpec(
    name=NAME,
    version=1,
    published_as=(
        'set data = "PATH" to MMBench_DEV_EN.tsv or to the folder of the parquet files, '
        'or data = "lmms-lab/MMBench" to load it from the hub'
    ),
    options={"edition": (), SCORING: SCORINGS},
    withheld={"edition": WITHHELD},
    table=_table,
    samples=_samples,
    tree=_tree,
    warn=_warn_of_other_questions,
    edition=lambda data: f"{_edition(data.options)} {_passes(data)}",
    variant=lambda data: (
        _edition(data.options)
        + (" of 2023" if _edition(data.options) == "DEV_EN" and _is_first_dev_en(data) else "")
        + f", {_passes(data)}"
        + ("" if EDITIONS[_edition(data.options)].questions else ", its size not checked")
    ),
    prompt=prompt,
    scorers=lambda data: scorers_by_method(
        choice=INFERRED_CHOICE if data.options.official else StrictChoice()
    ),
    new_tokens=NEW_TOKENS,
)
load = SPEC.load
"""`edition` says which of the published files it is, where that cannot be told from its name."""
