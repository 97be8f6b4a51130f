"""The frozen records that flow through a run.

A benchmark yields *samples*; a sample is asked as a *request*, which carries a *prompt* and never
the target; a model returns an *answer*; a scorer turns it into a *score*; scores add up to a
*tally* per *dimension*; a gate judges the tally and gives a *verdict*.
"""

from __future__ import annotations

import math
import string
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import Final, Literal

from pytest_mmbench.records.generation import Marks, Sampling
from pytest_mmbench.records.repeats import RepeatStats


class Method(StrEnum):
    """How a model is asked, and how its answer is read."""

    RANK = "rank"
    """Log-likelihood of each option's text, summed over its tokens, as SEED-Bench ranks."""
    RANK_MEAN = "rank-mean"
    """The same, divided by the number of tokens: no advantage for short options."""
    RANK_LETTER = "rank-letter"
    """Log-likelihood of each option's letter, the options being listed in the prompt."""
    GENERATE = "generate"
    """Text, from which the chosen option is read."""


class RequestType(StrEnum):
    """What a model has to do for one request."""

    LOGLIKELIHOOD = "rank"
    GENERATE = "generate"


class Mark(StrEnum):
    """What became of one answer. Unparseable is not incorrect: it is counted on its own.

    An answer that is right in part is `incorrect`, and earns a `credit` below 1.
    """

    CORRECT = "correct"
    INCORRECT = "incorrect"
    UNPARSEABLE = "unparseable"


class Rule(StrEnum):
    """When a tally reaches its threshold; `gates.capability` holds the arithmetic."""

    POINT = "point"
    STRONG = "strong"
    THREE_WAY = "three-way"


class CountedChanges(StrEnum):
    """Which changed answers count against a snapshot."""

    ALL = "all"
    REGRESSED = "regressed"
    """Those that were correct and are not now."""


class Outcome(StrEnum):
    """What a gate says of one dimension, the gravest first."""

    INVALID = "invalid"
    """Nothing can be said: too many answers are unparseable, or they answer other questions."""
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"
    PASS = "pass"  # noqa: S105 - no password
    NOT_GATED = "not gated"
    """Measured, and nothing was required."""

    @property
    def severity(self) -> int:
        """0 for the gravest, for sorting."""
        return list(Outcome).index(self)

    def fails(self, *, strict: bool) -> bool:
        """Whether a release is stopped: an inconclusive gate stops it under `strict` only."""
        return self in (Outcome.INVALID, Outcome.FAIL) or (strict and self is Outcome.INCONCLUSIVE)

    @property
    def is_quiet(self) -> bool:
        """Whether it is no news."""
        return self in (Outcome.PASS, Outcome.NOT_GATED)


class BadRows(StrEnum):
    """What becomes of a record that cannot be used."""

    ERROR = "error"
    """The run ends, and says which."""
    SKIP = "skip"
    """It is left out, and counted."""


class Unit(StrEnum):
    """What counts once in a dimension's score."""

    SAMPLE = "sample"
    """Each sample by itself: 1 if it is correct, else 0."""
    ALL_CORRECT = "all"
    """Samples of one `unit` together: 1 if all of them are correct, as CircularEval has it."""
    PAIR = "pair"
    """Samples of one `unit` together: half for the share that is correct, half if all are. The
    mean of that is MME's (accuracy + accuracy+) / 2."""


class Average(StrEnum):
    """How the scores of leaves make the score of a node above them."""

    MICRO = "micro"
    """Everything that counts below it counts the same."""
    MACRO = "macro"
    """Each leaf counts the same, however large it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """An encoded picture that is read only when it is needed."""

    name: str
    """Where it comes from, for error messages: a path, or a row and a column."""
    read: Callable[[], bytes] = field(compare=False, repr=False)
    """Gives the encoded bytes (PNG, JPEG ...); the same bytes at every call."""
    identity: Callable[[], str] = field(default=str, compare=False, repr=False)
    """Names the bytes that `read` would give, and reads none: other bytes, now or in a later run,
    have another identity. Empty if that is not known."""
    group: int = field(default=0, compare=False, repr=False)
    """The same for pictures that are cheap to read in a row, as in one row group of a parquet file;
    0 if the order does not matter."""
    location: Callable[[], Mapping[str, str]] = field(default=dict, compare=False, repr=False)
    """Facts for error messages, such as file, row and field; none if its name says it all."""
    shown_as: str = field(default="", compare=False, repr=False)
    """Name of the picture that it most likely repeats; decides only what is asked together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One question of a benchmark, with its target."""

    id: str
    """Unique in its benchmark and stable between runs."""
    dimension: str
    """Path of the leaf that it counts for, such as `shapes.math.addition`."""
    question: str
    """The question alone, without its options."""
    options: tuple[str, ...]
    """The texts to choose from, in the order of the letters; none if the question is open."""
    target: str
    """The letter of the correct option, or the correct answer to an open question."""
    accepted: tuple[str, ...] = ()
    """Other answers to an open question that are correct too."""
    pictures: tuple[Picture, ...] = ()
    cluster: str = ""
    """The same for samples that show the same picture, and so depend on each other; or empty."""
    unit: str = ""
    """The same for samples that count together, by their dimension's `unit`; or empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What one side of a conversation says: texts and pictures in their order."""

    role: Literal["system", "user", "assistant"]
    parts: tuple[str | Picture, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """A conversation that the model is to continue. It does not know the target."""

    turns: tuple[Turn, ...]

    @property
    def pictures(self) -> tuple[Picture, ...]:
        """All pictures, in the order in which they are shown."""
        return tuple(
            part for turn in self.turns for part in turn.parts if isinstance(part, Picture)
        )

    @property
    def length(self) -> int:
        """Characters of text: a cheap measure for sorting prompts of similar cost together."""
        return sum(len(part) for turn in self.turns for part in turn.parts if isinstance(part, str))


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is asked of a model for one sample."""

    sample: str
    """The sample's id; it says nothing about the target."""
    type: RequestType
    prompt: Prompt
    options: tuple[str, ...] = ()
    """For `rank`: the continuations whose likelihood is wanted."""
    new_tokens: int = 0
    """For `generate`: at most this many tokens."""
    thinking: bool | None = None
    """Whether the checkpoint's own chat template asks for reasoning; None: as it does by itself."""
    stop: tuple[str, ...] = ()
    """For `generate`: texts at which an answer ends; they are no part of it."""
    thoughts: Marks = ()
    """For `generate`: marks of thoughts that the text has to keep, beside those that are known."""
    sampling: Sampling | None = None
    """For `generate`: how each token is drawn; None: the likeliest one is taken."""


MOST_LOGPROB: Final = 0.01
"""Nats. A probability is at most 1; rounding may exceed that by a little."""


MOST_TOKENS: Final = 1_000_000
"""Of one option: no model takes as many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionLogprob:
    """How likely a model finds one continuation of a prompt."""

    logprob: float
    """Natural logarithm of its probability, summed over its tokens (nats)."""
    tokens: int

    @property
    def is_possible(self) -> bool:
        """Whether a model can have found that: a finite logarithm of a probability, some tokens."""
        nats = self.logprob
        return math.isfinite(nats) and nats <= MOST_LOGPROB and 1 <= self.tokens <= MOST_TOKENS


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a model said to one request: a text, or the likelihood of each option."""

    sample: str
    text: str = ""
    option_logprobs: tuple[OptionLogprob, ...] = ()
    cut_short: bool = False
    """Whether the text reached the limit of tokens before it came to an end."""


NOTHING: Final = Fraction(0)
EVERYTHING: Final = Fraction(1)
"""The credit of a correct answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One answer, judged."""

    sample: str
    mark: Mark
    answer: str
    """The letter that was read out of the answer; empty if unparseable."""
    partial: Fraction = NOTHING
    """What an answer earns that is right in part: below 1, and 0 beside any other mark."""

    def __post_init__(self) -> None:
        check_partial(self.mark, self.partial)

    @property
    def credit(self) -> Fraction:
        """What the answer earns, exactly, from 0 to 1."""
        return EVERYTHING if self.mark is Mark.CORRECT else self.partial


def check_partial(mark: Mark, partial: Fraction) -> None:
    """Refuses, by a `ValueError`, a credit that an answer of this mark cannot earn in part."""
    if not NOTHING <= partial < EVERYTHING or (partial and mark is not Mark.INCORRECT):
        raise ValueError(f"an answer that is {mark} cannot earn {partial} in part")


LONGEST_CREDIT: Final = 2_000
"""Characters of a credit in a file; a text of a thousand letters has shares of a thousandth."""


def read_credit(type: object, value: object) -> Fraction:
    """A credit out of a file, such as "2/3": the hook by which `msgspec` reads fractions.

    Raises:
        ValueError: it is no fraction, or longer than any that an answer can earn.
    """
    if type is not Fraction or not isinstance(value, str) or len(value) > LONGEST_CREDIT:
        raise ValueError(f"{str(value)[:20]!r} is no fraction")
    try:
        return Fraction(value)
    except ZeroDivisionError:
        raise ValueError(f"{value!r} divides by zero") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dimension:
    """A node of a benchmark's tree: the whole, a capability, or an axis."""

    path: str
    """Dotted, the benchmark's name first: `mmstar.math.geometry`."""
    leaves: tuple[str, ...]
    """Paths of the leaves below it; a leaf names itself."""
    size: int
    """How many samples lie below it."""
    unit: Unit = Unit.SAMPLE
    average: Average = Average.MICRO
    scale: int = 1
    """What its authors call a full score: 2000 for MME's perception, 1 where they publish
    fractions."""
    skip_reason: str = ""
    """Why its samples cannot be asked; empty if they can."""

    @property
    def benchmark(self) -> str:
        """The name of the benchmark that it belongs to."""
        return benchmark_of(self.path)

    @property
    def is_root(self) -> bool:
        """Whether it is the whole benchmark."""
        return is_root(self.path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stratum:
    """A part of a tally whose mean has a weight of its own."""

    weight: Fraction
    """Those of a tally add up to 1."""
    credits: Mapping[Fraction, int]
    """How many of its units earned so much, from 0 to 1."""

    @property
    def units(self) -> int:
        """How many there are."""
        return sum(self.credits.values())

    @property
    def credit(self) -> Fraction:
        """Sum of what they earned."""
        return sum((each * units for each, units in self.credits.items()), NOTHING)

    @property
    def credit_squares(self) -> Fraction:
        """Sum of the squares of that, from which its spread follows."""
        return sum((each * each * units for each, units in self.credits.items()), NOTHING)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterStats:
    """What clusters, the samples of one picture each, say of how sure a score is.

    A cluster has the share of the score that its units decide; shares add up to 1. Clusters of
    equal shares count 1 each in the two numbers of clusters, others less (Kish's effective number,
    the squared sum of their shares over the sum of the squares).
    """

    number: int
    """How many there are; a unit that shares no picture is one of its own."""
    variance: Fraction
    """Of the score: sum over clusters of the squared sum of weighted distances from the mean."""
    concentration: Fraction
    """Sum of the squared shares: 1 / `number` if all are alike."""
    earning: Fraction
    """Number of those that earned anything."""
    missing: Fraction
    """Number of those that missed anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Scores of one dimension, counted."""

    dimension: str
    correct: int
    """How many units earned everything."""
    total: int
    """How many units were asked; a unit is a sample, unless `Dimension.unit` says otherwise."""
    unparseable: int = 0
    """How many `answers` are."""
    cut_short: int = 0
    """How many `answers` were cut short, whatever could be read of them."""
    strata: tuple[Stratum, ...] = ()
    """Parts with weights or partial credit; none where `correct / total` is the score."""
    scale: int = 1
    """`Dimension.scale`."""
    clusters: ClusterStats | None = None
    """Given if units share pictures, and so depend on each other."""
    shares: Mapping[tuple[Fraction, Fraction], int] = field(default_factory=dict)
    """Given if units earned a part: how many independent ones, such as all of one picture, have
    which weight in the score and have earned how much of it."""

    repeats: RepeatStats | None = None
    """Given if each question was asked several times."""

    @property
    def answers(self) -> int:
        """How many there are: one a unit, or as many as it was asked times."""
        return self.total * (self.repeats.number if self.repeats else 1)

    @property
    def score(self) -> Fraction:
        """The score by the benchmark's own aggregate, in [0, 1]."""
        if not self.strata:
            return Fraction(self.correct, self.total)
        means = (part.weight * part.credit / part.units for part in self.strata)
        return sum(means, start=Fraction(0))

    @property
    def accuracy(self) -> float:
        """The same as a float."""
        return float(self.score)


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """Two-sided confidence interval of a fraction."""

    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """What a dimension has to reach."""

    at_least: str
    """The fraction as it was written, such as "0.6": exact arithmetic starts from its digits."""
    rule: Rule = Rule.POINT


def benchmark_of(path: str) -> str:
    """The benchmark that a dimension's path begins with."""
    return path.partition(".")[0]


def is_root(path: str) -> bool:
    """Whether a dimension's path names a whole benchmark."""
    return "." not in path


LETTERS = string.ascii_uppercase


def letters(options: Sequence[str]) -> tuple[str, ...]:
    """`("A", "B", ...)`, one for each option."""
    return tuple(LETTERS[: len(options)])


class Role(StrEnum):
    """Which model of a run."""

    CANDIDATE = "candidate"
    BASELINE = "baseline"
    BASE_LLM = "base-llm"


class Gate(StrEnum):
    """What a case asks of a dimension."""

    CAPABILITY = "capability"
    """Does the candidate reach its threshold?"""
    REGRESSION = "regression"
    """Is it as good as the baseline?"""
    SNAPSHOT = "snapshot"
    """Are its answers those of the snapshot?"""
    VISION = "vision"
    """Does it use the picture?"""
