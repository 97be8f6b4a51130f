"""What the gates of a run say, dimension by dimension, and what it adds up to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from pytest_mmbench.records import Interval, Outcome, Verdict
from pytest_mmbench.report import figures

LEAK: Final = "leak"
"""The measure whose limit is the most that is allowed; others have to reach theirs."""


class Decision(StrEnum):
    """What a release engineer is told first."""

    SHIP = "ship"
    STOP = "do not ship"
    INCONCLUSIVE = "inconclusive"
    """Nothing failed, and something could not be decided."""
    NOTHING = "nothing gated"
    """There were no gates: numbers were taken, and none of them may look like a pass."""


class Gate(StrEnum):
    """What a sentence is about."""

    CAPABILITY = "capability"
    """Does the candidate reach its threshold?"""
    REGRESSION = "regression"
    """Is it as good as the baseline?"""
    ANSWERS = "answers"
    """Are its answers those that were accepted?"""
    VISION = "vision"
    """Does it look at the picture?"""
    RUN = "run"
    """Was everything judged that was to be judged?"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one gate says, in a sentence."""

    gate: Gate
    dimension: str
    """Empty if it is about the run."""
    outcome: Outcome
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """The decision and its reasons; `ruling.rule` makes it."""

    decision: Decision
    reasons: tuple[Finding, ...]
    """What decided, the gravest first."""
    gates: int
    """How many gates there were."""
    passed: int
    """How many of them passed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a checkpoint scored in one dimension, and what the gate says of it."""

    dimension: str
    accuracy: float
    """By the benchmark's own aggregate, a fraction; `right / asked` where nothing has weights."""
    right: int
    """What earned everything."""
    asked: int
    unreadable: int
    scale: int
    """What the benchmark's authors call a full score; 1 where they publish fractions."""
    interval: Interval
    """Of the accuracy, at 95 %."""
    outcome: Outcome
    threshold: str
    """What was to be reached, as it was written; empty if nothing was gated."""
    rule: str
    because: str


def standing(verdict: Verdict) -> Standing:
    """A verdict with its score worked out, so that readers need no arithmetic."""
    tally = verdict.tally
    return Standing(
        dimension=tally.dimension,
        accuracy=tally.accuracy,
        right=tally.right,
        asked=tally.asked,
        unreadable=tally.unreadable,
        scale=tally.scale,
        interval=verdict.interval,
        outcome=verdict.outcome,
        threshold=verdict.threshold,
        rule=str(verdict.rule),
        because=verdict.because,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Test:
    """A test of significance."""

    __test__ = False  # no class of tests: pytest asks

    name: str
    """Such as `mid-p McNemar, one-sided`."""
    p: float
    """Probability of what was seen, or of worse, if nothing had changed."""
    adjusted: float
    """The same, adjusted for the other tests of its family; equal to `p` if it has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The candidate compared with the baseline in one dimension, on the same samples."""

    dimension: str
    asked: int
    """Samples that both were asked."""
    old: float
    """Accuracy of the baseline, a fraction."""
    new: float
    """Accuracy of the candidate, a fraction."""
    difference: float
    """`new` less `old`, a fraction: negative is worse."""
    interval: Interval
    """Confidence interval of the difference."""
    confidence: float
    """Of the interval, such as 0.9."""
    lost: int
    """Right before and not now, near ties left out."""
    gained: int
    """Right now and not before, near ties left out."""
    near_ties: int
    """Answers that changed within the noise."""
    margin: str = ""
    """The loss that is allowed, a fraction as it was written; empty if none was set."""
    tests: tuple[Test, ...] = ()
    """The one that decides first."""
    outcome: Outcome = Outcome.MEASURED
    because: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """The accuracy of a dimension under one condition."""

    name: str
    """Such as `image`, `no-image`, `mismatched`, or `text model` for the language model alone."""
    accuracy: float
    """A fraction."""
    asked: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A number that is made of accuracies under several conditions."""

    name: str
    """`gain`, `share` and `leak` are MMStar's multi-modal gain, the share of the score above chance
    that needs the picture, and multi-modal leakage, which is cut at 0 with its interval; others may
    be added."""
    value: float
    """A fraction."""
    interval: tuple[Interval, ...] = ()
    """None, or one."""
    limit: str = ""
    """What it has to keep to, as it was written; empty if nothing was asked."""


def measured(measure: Measure) -> str:
    """Its value, with as many decimals as tell it from its limit."""
    return figures.score(measure.value, measure.limit, above=measure.name == LEAK)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """How much of a dimension's score comes from the picture."""

    dimension: str
    conditions: tuple[Condition, ...]
    """`image` first."""
    chance: float
    """Accuracy of guessing, a fraction."""
    measures: tuple[Measure, ...] = ()
    outcome: Outcome = Outcome.MEASURED
    because: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The candidate's answers in one dimension beside those that were accepted."""

    dimension: str
    asked: int
    lost: int
    """Accepted as right, and not right now."""
    gained: int
    """Accepted as wrong or unreadable, and right now."""
    other: int
    """Another answer, neither of the two."""
    near_ties: int = 0
    outcome: Outcome = Outcome.MEASURED
    because: str = ""
