"""What the gates of a run say, dimension by dimension, and what it adds up to."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from pytest_mmbench.records import CapabilityVerdict, Dimension, Interval, Mark, Outcome
from pytest_mmbench.report import text

LEAK: Final = "leak"
"""The measure whose limit is the most that is allowed; others have to reach theirs."""


class ReleaseDecision(StrEnum):
    """What a release engineer is told first."""

    SHIP = "ship"
    STOP = "do not ship"
    INCONCLUSIVE = "inconclusive"
    """Nothing failed, and something could not be decided."""
    NOTHING = "nothing gated"
    """There were no gates: numbers were taken, and none of them may look like a pass."""


class ReasonGate(StrEnum):
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
class Reason:
    """What one gate says, in a sentence."""

    gate: ReasonGate
    dimension: str
    """Empty if it is about the run."""
    outcome: Outcome
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The decision and its reasons; `ruling.rule` makes it."""

    decision: ReleaseDecision
    reasons: tuple[Reason, ...]
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


def standing(verdict: CapabilityVerdict) -> Standing:
    """A verdict with its score worked out, so that readers need no arithmetic."""
    tally = verdict.tally
    return Standing(
        dimension=tally.dimension,
        accuracy=tally.accuracy,
        right=tally.correct,
        asked=tally.total,
        unreadable=tally.unparseable,
        scale=tally.scale,
        interval=verdict.interval,
        outcome=verdict.outcome,
        threshold=verdict.threshold,
        rule=str(verdict.rule),
        because=verdict.explanation,
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
    outcome: Outcome = Outcome.NOT_GATED
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
    return text.score(measure.value, measure.limit, above=measure.name == LEAK)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """How much of a dimension's score comes from the picture."""

    dimension: str
    conditions: tuple[Condition, ...]
    """`image` first."""
    chance: float
    """Accuracy of guessing, a fraction."""
    measures: tuple[Measure, ...] = ()
    outcome: Outcome = Outcome.NOT_GATED
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
    outcome: Outcome = Outcome.NOT_GATED
    because: str = ""


SCHEMA = 1
"""Version of the JSON form: it grows when a field is renamed, removed, or means something else."""


class ModelRole(StrEnum):
    """Why a checkpoint stands in the document."""

    CANDIDATE = "candidate"
    BASELINE = "baseline"
    OTHER = "other"


class AnswerChange(StrEnum):
    """What a changed answer means, the gravest first."""

    REGRESSED = "regressed"
    """Right before, wrong now."""
    UNREADABLE = "unreadable"
    """Readable before, and not now."""
    BOTH_WRONG = "both wrong"
    """Another wrong answer than before."""
    FIXED = "fixed"
    """Right now, and not before."""
    BOTH_RIGHT = "both right"
    """Another right answer than the one that was accepted."""
    NEAR_TIE = "near tie"
    """Two options are so close that the noise of the arithmetic decides: not a change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelScores:
    """A model and how it scored. A report puts checkpoints side by side."""

    name: str
    role: ModelRole
    standings: tuple[Standing, ...]
    """In the order of the tree, each node before the nodes below it; `standing` makes one of a
    verdict."""
    fingerprint: str = ""
    dtype: str = ""
    device: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelAnswer:
    """What a model answered to one question."""

    chosen: str
    """The letter that was read; empty if none could be."""
    mark: Mark
    logs: tuple[float, ...] = ()
    """Logarithms of the options' probabilities (nats), as they were compared; empty if text was
    generated."""
    text: str = ""
    """What was generated, in full."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flip:
    """An answer that changed between the baseline, or what was accepted, and the candidate."""

    sample: str
    """Unique in its benchmark."""
    dimension: str
    question: str
    options: tuple[str, ...]
    target: str
    """The letter of the right option."""
    old: ModelAnswer
    new: ModelAnswer
    kind: AnswerChange


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortcut:
    """A sample that was answered rightly without looking at its picture."""

    sample: str
    dimension: str
    question: str
    options: tuple[str, ...]
    target: str
    rules: tuple[str, ...]
    """What makes it a candidate, such as `right under every ablation`."""
    because: str = ""
    """How many each rule found, and how many would be luck; sentences, parted by `; `."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkInfo:
    """A benchmark, and how it was asked."""

    benchmark: str
    revision: str
    """Of its data."""
    method: str
    scoring: str = ""
    """The rule by which answers are read; empty if the method says it all."""
    samples: int
    """How many were asked."""
    size: int
    """How many it has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunInfo:
    """What the run was, and what it takes to do it again."""

    started: str
    """Date and time with its zone (ISO 8601)."""
    seconds: float
    """Of asking."""
    answers: int
    """Asked for in this run."""
    kept: int
    """Found in the store."""
    seed: int
    command: str
    """The command line, quoted for a shell."""
    commit: str = ""
    """Of the repository that the run stood in; empty if it is not known."""
    versions: dict[str, str] = field(default_factory=dict)
    """Of Python and of what decides about an answer, by name."""
    machine: str = ""

    @property
    def rate(self) -> float:
        """Answers per second; 0 if nothing was asked."""
        return self.answers / self.seconds if self.seconds > 0 else 0.0

    @property
    def again(self) -> tuple[str, ...]:
        """The commands that repeat it, one a line."""
        return (*((f"git checkout {self.commit}",) if self.commit else ()), self.command)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything that is known after a run."""

    ruling: Decision
    checkpoints: tuple[ModelScores, ...]
    """The candidate first."""
    run: RunInfo
    asked: tuple[BenchmarkInfo, ...] = ()
    dimensions: tuple[Dimension, ...] = ()
    """The trees, each node before the nodes below it; if empty, dotted paths tell."""
    changes: tuple[Change, ...] = ()
    """In the order of the tree, as all that follows by dimension."""
    sights: tuple[Sight, ...] = ()
    snapshots: tuple[Snapshot, ...] = ()
    flips: tuple[Flip, ...] = ()
    shortcuts: tuple[Shortcut, ...] = ()
    notes: tuple[str, ...] = ()
    """What a reader has to know before trusting the numbers, a sentence each."""
    schema: int = SCHEMA

    @property
    def candidate(self) -> ModelScores:
        """The checkpoint that is judged."""
        return self.checkpoints[0]
