"""MMStar: 1,500 questions that need their picture, six capabilities of three axes each.

Chen et al., *Are We on the Right Way for Evaluating Large Vision-Language Models?* (2024). Read
from the authors' parquet or TSV file, from VLMEvalKit's TSV with its columns A to D, or from the
hub. Every aggregate is micro, as its authors compute it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pytest_mmbench.benchmarks.dimensions import check_counts, dimensions, kebab, leaf
from pytest_mmbench.benchmarks.multiple_choice import read_options, without_absent
from pytest_mmbench.benchmarks.prompts import inline_options, lettered_lines, single_turn
from pytest_mmbench.benchmarks.published import PublishedBenchmark, ids_by_leaf, warn_of_lettered
from pytest_mmbench.benchmarks.readers import open_table
from pytest_mmbench.benchmarks.readers.rows import Row
from pytest_mmbench.benchmarks.readers.samples import build_samples
from pytest_mmbench.benchmarks.settings import BAD_ROWS, DATA, BenchmarkOptions
from pytest_mmbench.errors import near
from pytest_mmbench.records import LETTERS, Method, Prompt, Sample, Turn
from pytest_mmbench.scorers.choice import StrictChoice
from pytest_mmbench.scorers.likelihood import MostLikely
from pytest_mmbench.scorers.mmstar import PrefixChoice

NAME: Final = "mmstar"


EDITION: Final = 1
"""Raised when the same file gives other samples or another wording than before."""


PUBLISHED: Final[Mapping[str, Mapping[str, int]]] = {
    "coarse perception": {
        "image scene and topic": 141,
        "image style & quality": 78,
        "image emotion": 31,
    },
    "fine-grained perception": {"recognition": 118, "object counting": 92, "localization": 40},
    "instance reasoning": {
        "single-instance reasoning": 99,
        "cross-instance attribute reasoning": 89,
        "cross-instance relation reasoning": 62,
    },
    "logical reasoning": {
        "diagram reasoning": 110,
        "common reasoning": 101,
        "code & sequence reasoning": 39,
    },
    "science & technology": {
        "biology & chemistry & physics": 146,
        "geography & earth science & agriculture": 58,
        "electronics & energy & mechanical eng.": 46,
    },
    "math": {
        "geometry": 116,
        "statistical reasoning": 86,
        "numeric commonsense and calculation": 48,
    },
}
"""Capability to its axes, as the authors write them, with the samples of each: 6 x 250."""


LEAVES: Final[Mapping[str, str]] = {
    kebab(axis): leaf(NAME, capability, axis)
    for capability, axes in PUBLISHED.items()
    for axis in axes
}
"""Axis to its path; no two capabilities share the name of an axis."""


COUNTS: Final[Mapping[str, int]] = {
    LEAVES[kebab(axis)]: count for axes in PUBLISHED.values() for axis, count in axes.items()
}
"""Samples by leaf, as published."""


NEW_TOKENS: Final = 32
"""Of a generated answer, as the authors' commands have it."""


LETTERS_OF_MMSTAR: Final = LETTERS[:4]


_SELECT: Final = "Please select the correct answer from the options above. \n"


_LETTER: Final = "Answer with the option's letter from the given choices directly."


_UNREAD: Final = (
    "cannot be told apart. They are ranked by letter under rank and rank-mean, and only letters "
    "are read in generated text"
)


SOLVED: Final = (
    Turn(
        role="user",
        parts=(
            (
                "Question: Which of these is a fruit?\n"
                "Options: A: a stone, B: a pear, C: a chair, D: a river\n"
            ),
        ),
    ),
    Turn(role="assistant", parts=("B",)),
    Turn(
        role="user",
        parts=("Question: What is three times two?\nOptions: A: 2, B: 3, C: 5, D: 6\n",),
    ),
    Turn(role="assistant", parts=("D",)),
)
"""Two solved questions for text models, in the benchmark's layout and answered B and D, as the
authors' are. The words are this project's own: scores of text models compare with each other, and
with published ones only roughly."""


_WHERE: Final = (
    'set data = "PATH" to mmstar.parquet, MMStar.tsv or their folder, '
    'or data = "Lin-Chen/MMStar" to load it from the hub'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is made of one row."""

    sample: Sample
    hint: str
    asked: str
    """The question with its options, verbatim."""
    columns: bool
    """Whether its options have columns of their own."""
    by_letter: bool
    """Whether its options' texts could not be read: then letters stand for them."""


def _question(id: str, row: Row) -> Question:
    stem, options = _options(row)
    target = _target(row)
    by_letter = target not in LETTERS[: len(options)]
    options = tuple(LETTERS_OF_MMSTAR) if by_letter else options
    sample = Sample(
        id=id,
        dimension=_dimension(row),
        question=stem,
        options=options,
        target=target,
        pictures=(row.picture("image", name=f"{NAME}/{id}"),),
    )
    return Question(
        sample=sample,
        hint=row.optional("hint"),
        asked=row.verbatim("question"),
        columns=bool(_columns(row)),
        by_letter=by_letter,
    )


def _columns(row: Row) -> tuple[str, ...]:
    """Options in columns of their own, which the authors' own files do not have."""
    return without_absent([row.optional(letter) for letter in LETTERS_OF_MMSTAR])


def _options(row: Row) -> tuple[str, tuple[str, ...]]:
    """The question alone, and its options: from their columns, or out of the question."""
    inlined = read_options(row.verbatim("question"))
    return inlined.stem, _columns(row) or inlined.options


def _target(row: Row) -> str:
    letter = row.text("answer").upper()
    if letter not in LETTERS_OF_MMSTAR or len(letter) != 1:
        raise row.error("answer", f"is {letter!r}, which is none of A, B, C and D.")
    return letter


def _dimension(row: Row) -> str:
    axis = row.text("l2_category", "l2-category", "L2-category")
    if kebab(axis) not in LEAVES:
        axes = [each for axes in PUBLISHED.values() for each in axes]
        raise row.error("l2_category", f"is {axis!r}, which is no axis.", **near(axis, axes))
    path = LEAVES[kebab(axis)]
    capability = row.text("category")
    if path.split(".")[1] != kebab(capability):
        raise row.error("category", f"is {capability!r}, to which {axis!r} does not belong.")
    return path


def _wording(question: Question, sample: Sample, method: Method) -> Prompt:
    """The authors' prompt, which lists options only if they have columns of their own.

    Ranking by letter adds lmms-eval's sentence, for which the authors have no wording.
    """
    own = question.sample
    as_published = (sample.question, sample.options) == (own.question, own.options)
    asked = question.asked if as_published else _rebuilt(question, sample)
    hint = f"Hint: {question.hint}\n" if question.hint else ""
    listed = f"Options:\n{lettered_lines(sample.options)}\n{_SELECT}" if question.columns else ""
    letter = _LETTER if method is Method.RANK_LETTER else ""
    return single_turn(sample.pictures, f"{hint}Question: {asked}\n{listed}{letter}")


def _rebuilt(question: Question, sample: Sample) -> str:
    """What an ablation has changed, in the layout of most questions."""
    if question.columns:
        return sample.question
    return f"{sample.question}\n{inline_options(sample.options)}".lstrip()


def load(options: Mapping[str, object]) -> PublishedBenchmark:
    """The benchmark with the options of its table in the settings.

    Raises:
        SettingsError: `data` is not set, or another option is not known.
        DataError: the data cannot be read.
    """
    told = BenchmarkOptions(benchmark=NAME, options=options, known=(DATA, "scoring", BAD_ROWS))
    scoring = told.word("scoring", ("strict", "official"))
    table = open_table(
        told.data(published_as=_WHERE),
        pictures=("image",),
        configs=("val",),
        split="val",
        bad_rows=told.bad_rows(),
    )
    table.require("index", "question", "image", "answer", "category")
    questions = build_samples(table, _question, id="index").items
    samples = {id: question.sample for id, question in questions.items()}
    sizes = Counter(sample.dimension for sample in samples.values())
    nodes = dimensions(NAME, {each: tuple(axes) for each, axes in PUBLISHED.items()}, sizes)
    unread = [id for id, question in questions.items() if question.by_letter]
    check_counts(table.name, COUNTS, sizes)
    warn_of_lettered(table.name, unread, of=len(questions), because=_UNREAD)
    return PublishedBenchmark(
        name=NAME,
        revision=f"{NAME}-{EDITION} {table.digest}",
        nodes=nodes,
        samples=samples,
        leaf_ids=ids_by_leaf(samples, nodes),
        prompt=lambda sample, method: _wording(questions[sample.id], sample, method),
        scorers={
            Method.GENERATE: PrefixChoice() if scoring == "official" else StrictChoice(),
            Method.RANK_LETTER: MostLikely(),
            Method.RANK: MostLikely(),
            Method.RANK_MEAN: MostLikely(mean=True),
        },
        new_tokens=NEW_TOKENS,
        lettered=frozenset(unread),
        solved=SOLVED,
    )
