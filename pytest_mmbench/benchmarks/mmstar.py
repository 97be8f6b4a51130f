"""MMStar: 1,500 questions that need their picture, six capabilities of three axes each.

Chen et al., *Are We on the Right Way for Evaluating Large Vision-Language Models?* (2024). Read
from the authors' parquet or TSV file, from VLMEvalKit's TSV with its columns A to D, or from the
hub. Every aggregate is micro, as its authors compute it.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pytest_mmbench.benchmarks.inlined import read_options, without_absent
from pytest_mmbench.benchmarks.options import BAD_ROWS, DATA, Told
from pytest_mmbench.benchmarks.reading import Row, Table, gather, open_table
from pytest_mmbench.benchmarks.tree import check_counts, dimensions, kebab, leaf
from pytest_mmbench.errors import MMBenchWarning, near
from pytest_mmbench.prompts import LETTERS, choice_request, lettered_lines, single_turn
from pytest_mmbench.protocols import Scorer
from pytest_mmbench.records import Dimension, Method, Request, Sample
from pytest_mmbench.scoring.likelihood import MostLikely
from pytest_mmbench.scoring.multiple_choice import StrictChoice
from pytest_mmbench.scoring.prefix import PrefixChoice

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

NEW_TOKENS: Final = 32
"""Of a generated answer, as the authors' commands have it."""
LETTERS_OF_MMSTAR: Final = LETTERS[:4]
SHOWN: Final = 3
"""Samples that a warning names."""
_SELECT: Final = "Please select the correct answer from the options above. \n"
_LETTER: Final = "Answer with the option's letter from the given choices directly."
_WHERE: Final = (
    'set data = "PATH" to mmstar.parquet, MMStar.tsv or their folder, '
    'or data = "Lin-Chen/MMStar" to load it from the hub'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is made of one row."""

    sample: Sample
    wording: str
    """The question with its options, verbatim, in the authors' prompt."""
    by_letter: bool
    """Whether its options' texts could not be read: then letters stand for them."""


class MMStar:
    """The benchmark as a file holds it.

    Args:
        table: the rows.
        official: whether generated answers are judged by the authors' own rule.
    """

    name = NAME

    def __init__(self, table: Table, *, official: bool = False) -> None:
        table.require("index", "question", "image", "answer", "category")
        self._official = official
        self._digest = table.digest
        self._questions = gather(table, _question, id="index").items
        self._ids: dict[str, list[str]] = {path: [] for path in LEAVES.values()}
        for id, question in self._questions.items():
            self._ids[question.sample.dimension].append(id)

    @property
    def revision(self) -> str:
        """Edition, and a digest of the data."""
        return f"{NAME}-{EDITION} {self._digest}"

    def dimensions(self) -> tuple[Dimension, ...]:
        """The benchmark, its capabilities, and their axes; axes without samples are there too."""
        groups = {capability: tuple(axes) for capability, axes in PUBLISHED.items()}
        return dimensions(NAME, groups, {path: len(ids) for path, ids in self._ids.items()})

    def ids(self, leaf: str) -> Sequence[str]:
        """The published `index` of each sample."""
        return self._ids[leaf]

    def sample(self, id: str) -> Sample:
        """The sample of that index."""
        return self._questions[id].sample

    def methods(self) -> tuple[Method, ...]:
        """Text in the official wording first; then by likelihood."""
        return (Method.GENERATE, Method.RANK_LETTER, Method.RANK, Method.RANK_MEAN)

    def request(self, sample: Sample, method: Method) -> Request:
        """The picture, then the question as it was published, in the authors' prompt.

        Ranking by letter adds lmms-eval's sentence, for which the authors have no wording. Where
        options could not be read, `rank` and `rank-mean` rank letters too, and with that sentence.
        """
        question = self._questions[sample.id]
        by_letter = method is Method.RANK_LETTER
        by_letter = by_letter or (question.by_letter and method is not Method.GENERATE)
        text = f"{question.wording}{_LETTER}" if by_letter else question.wording
        prompt = single_turn(sample.pictures, text)
        asked = Method.RANK_LETTER if by_letter else method
        return choice_request(sample, asked, prompt, new_tokens=NEW_TOKENS)

    def scorer(self, method: Method) -> Scorer:
        """Most likely option, or the rule by which generated text is read."""
        if method is Method.GENERATE:
            return PrefixChoice() if self._official else StrictChoice()
        return MostLikely(mean=method is Method.RANK_MEAN)

    def check(self, file: str) -> None:
        """Warns of counts that differ from the published ones, and of options nobody can read."""
        published = {LEAVES[kebab(a)]: n for axes in PUBLISHED.values() for a, n in axes.items()}
        check_counts(file, published, {path: len(ids) for path, ids in self._ids.items()})
        unread = [id for id, question in self._questions.items() if question.by_letter]
        if unread:
            more = " ..." if len(unread) > SHOWN else ""
            told = (
                f"{file}: the options of {len(unread)} of {len(self._questions)} questions cannot "
                "be told apart. They are ranked by letter under rank and rank-mean, and only "
                f"letters are read in generated text: {', '.join(unread[:SHOWN])}{more}"
            )
            warnings.warn(MMBenchWarning(told), stacklevel=2)


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
    return Question(sample=sample, wording=_wording(row), by_letter=by_letter)


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
        raise row.wrong("answer", f"is {letter!r}, which is none of A, B, C and D.")
    return letter


def _dimension(row: Row) -> str:
    axis = row.text("l2_category", "l2-category", "L2-category")
    if kebab(axis) not in LEAVES:
        axes = [each for axes in PUBLISHED.values() for each in axes]
        raise row.wrong("l2_category", f"is {axis!r}, which is no axis.", **near(axis, axes))
    path = LEAVES[kebab(axis)]
    capability = row.text("category")
    if path.split(".")[1] != kebab(capability):
        raise row.wrong("category", f"is {capability!r}, to which {axis!r} does not belong.")
    return path


def _wording(row: Row) -> str:
    """The authors' prompt, which lists options only if they have columns of their own."""
    hint = row.optional("hint")
    asked = f"Question: {row.verbatim('question')}\n"
    listed = _columns(row)
    block = f"Options:\n{lettered_lines(listed)}\n{_SELECT}" if listed else ""
    return f"Hint: {hint}\n{asked}{block}" if hint else f"{asked}{block}"


def load(options: Mapping[str, object]) -> MMStar:
    """The benchmark with the options of its table in the settings.

    Raises:
        SettingsError: `data` is not set, or another option is not known.
        DataError: the data cannot be read.
    """
    told = Told(benchmark=NAME, options=options, known=(DATA, "scoring", BAD_ROWS))
    scoring = told.word("scoring", ("strict", "official"))
    table = open_table(
        told.data(published_as=_WHERE),
        pictures=("image",),
        configs=("val",),
        split="val",
        bad_rows=told.bad_rows(),
    )
    benchmark = MMStar(table, official=scoring == "official")
    benchmark.check(table.name)
    return benchmark
