"""What a gate says of one dimension: four records, written once and shown everywhere.

The terminal, the reports and the JSON form show these records; worker processes send them. They
hold numbers, texts and enumerations only.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from pytest_mmbench.records import CountedChanges, Interval, Mark, Outcome
from pytest_mmbench.records.repeats import RepeatStats

LEAKAGE: Final = "leakage"
"""The measure whose limit is the most that is allowed; others have to reach theirs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CapabilityVerdict:
    """What a model scored in one dimension, and whether that reaches its threshold."""

    dimension: str
    outcome: Outcome
    explanation: str
    """One sentence with the integers that decided."""
    accuracy: float
    """By the benchmark's own aggregate, a fraction; `correct / total` where nothing has weights."""
    correct: int
    """Units that earned everything."""
    total: int
    """Units that were asked: samples, where the dimension does not say otherwise."""
    unparseable: int
    """Answers from which nothing could be read."""
    scale: int
    """What the benchmark's authors call a full score; 1 where they publish fractions."""
    interval: Interval
    """Of the accuracy, at 95 % (Wilson)."""
    threshold: str = ""
    """What is required, a fraction as it was written; empty if nothing is gated."""
    rule: str = ""
    """The rule of the threshold; empty if nothing is gated."""
    cut_short: int = 0
    """Answers that the limit of tokens has cut, whatever could be read of them."""
    repeats: tuple[RepeatStats, ...] = ()
    """What asking each question several times shows, in one record; none if each was asked once."""

    @property
    def answers(self) -> int:
        """How many there were: one a unit, or as many as it was asked times."""
        return self.total * (self.repeats[0].number if self.repeats else 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignificanceTest:
    """A one-sided test of having become worse."""

    name: str
    """Such as `mid-p McNemar`."""
    p_value: float
    """Probability of what was seen, or of worse, if nothing had changed."""
    adjusted: float
    """The same by Holm's procedure within the family; equal to `p_value` for one judged alone."""
    family: int
    """How many tests are judged together, this one included."""


class RegressionFinding(StrEnum):
    """What a comparison with the baseline shows."""

    WITHIN_MARGIN = "not worse by more than the margin"
    """Of the whole: the interval of the difference lies above the margin."""
    WORSE_WITHIN_MARGIN = "significantly worse, by less than the margin"
    """Significantly worse, and allowed: nothing of the interval reaches the margin."""
    WORSE = "significantly worse"
    """It fails, as nothing shows that the fall is less than what is allowed."""
    WORSE_THAN_MARGIN = "worse by more than the margin"
    """The whole interval lies below the margin."""
    WORSE_ABOUT_MARGIN = "significantly worse, perhaps by no more than the margin"
    """Of a large dimension, which passes: below the whole a fall within the margin is allowed."""
    NOT_WORSE = "not significantly worse"
    """Of a dimension below the whole, which passes."""
    SAME_CHECKPOINT = "not significantly worse, and the same checkpoint"
    """Of the whole, which passes: one checkpoint differs from itself by its noise alone."""
    UNDECIDED = "inconclusive"
    """Of the whole: neither shown to be within the margin nor significantly worse."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegressionVerdict:
    """The candidate compared with the baseline in one dimension, on the same samples."""

    dimension: str
    outcome: Outcome
    explanation: str
    """One sentence with the integers that decided."""
    total: int
    """Samples that both models were asked."""
    baseline: float
    """Accuracy of the baseline, a fraction."""
    candidate: float
    """Accuracy of the candidate, a fraction."""
    difference: float
    """The candidate's accuracy minus the baseline's, near ties not counted: negative is worse."""
    interval: Interval
    """Of the difference; each side is wrong with probability alpha."""
    confidence: float
    """Of the interval, such as 0.9."""
    regressed: int
    """Correct before and not now, near ties left out unless they are biased."""
    fixed: int
    """Correct now and not before, near ties left out unless they are biased."""
    near_ties: int
    """Answers that changed within the noise."""
    test: SignificanceTest
    margin: str = ""
    """The fall that is allowed, such as "0.02"; empty where a significant fall of any size fails:
    in all dimensions below the root but large ones."""
    detectable_drop: float
    """Fall in accuracy that so many samples show with a power of 0.8."""
    finding: RegressionFinding | None = None
    """What decided; absent if nothing was judged."""
    near_ties_biased: bool = False
    """Whether near ties regressed significantly more often than they were fixed. Rounding does not
    do that, so that they count here as what they are."""
    near_test: SignificanceTest | None = None
    """Of near ties having regressed more often than they were fixed; absent if there are too few
    to show it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionScore:
    """The accuracy of a dimension under one condition."""

    name: str
    """Such as `image`, `no-image`, `mismatched`, or `text model` for the base LLM alone."""
    accuracy: float
    """A fraction."""
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A number that is made of accuracies under several conditions."""

    name: str
    """`gain`, `vision share` and `leakage` are MMStar's multi-modal gain, the share of the score
    above chance that needs the picture, and MMStar's multi-modal leakage, which is cut at 0 with
    its interval; others may be added."""
    value: float
    """A fraction."""
    interval: Interval | None = None
    limit: str = ""
    """What it has to keep to, as it was written; empty if nothing is required."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VisionVerdict:
    """How much of a dimension's score comes from the picture, and what is known without it."""

    dimension: str
    outcome: Outcome
    """The gravest of those for the gain and for the leakage."""
    explanation: str
    """The sentences of the claims that have this outcome."""
    conditions: tuple[ConditionScore, ...]
    """`image` first."""
    chance: float
    """Accuracy of guessing, a fraction."""
    measures: tuple[Measure, ...] = ()
    warnings: tuple[str, ...] = ()
    """Questions that give their answer away, more than chance and a habit of letters explain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotAnswer:
    """An answer as a snapshot keeps it: what was read, and how sure the model was."""

    answer: str
    """Empty if nothing could be read."""
    correctness: Mark
    margin: float | None = None
    """By how much the best option beat the second best (nats); absent for generated text."""
    partial: float = 0.0
    """What an answer earned that is right in part, below 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotChange:
    """An answer that is not the one in the snapshot."""

    sample: str
    kind: FlipKind
    near_tie: bool
    """Whether rounding alone can explain it: then it does not count."""
    expected: SnapshotAnswer
    actual: SnapshotAnswer


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotVerdict:
    """A model's answers to one leaf beside those of the snapshot."""

    dimension: str
    outcome: Outcome
    explanation: str
    """One sentence with the integers that decided."""
    total: int
    """Samples that the model was asked."""
    missing: int = 0
    """Those among them that the snapshot does not have."""
    regressed: int = 0
    """Correct in the snapshot and not now, near ties left out."""
    fixed: int = 0
    """Not correct in the snapshot and correct now, near ties left out."""
    other: int = 0
    """Another answer, neither regressed nor fixed."""
    near_ties: int = 0
    """Answers that changed within the noise."""
    allowed: int = 0
    """How many counted changes still pass."""
    count: CountedChanges = CountedChanges.ALL
    """Which changes count: all, or those that regressed."""
    changes: tuple[SnapshotChange, ...] = ()
    """The changed answers, the gravest first, near ties last."""


Verdict = CapabilityVerdict | RegressionVerdict | SnapshotVerdict | VisionVerdict


class FlipKind(StrEnum):
    """What became of an answer that changed, the worst first."""

    REGRESSED = "correct, now incorrect"
    CORRECT_TO_UNPARSEABLE = "correct, now unparseable"
    BECAME_UNPARSEABLE = "incorrect, now unparseable"
    LESS_CREDIT = "still wrong, less credit"
    STILL_WRONG = "still wrong, different answer"
    BECAME_PARSEABLE = "unparseable, now incorrect"
    STILL_CORRECT = "still correct, different answer"
    MORE_CREDIT = "still wrong, more credit"
    FIXED = "now correct"

    @classmethod
    def _missing_(cls, value: object) -> FlipKind | None:
        """Files of earlier versions say `X, now X otherwise` of marks that are the same."""
        mark, _, now = str(value).partition(", now ")
        kinds = {"incorrect": cls.STILL_WRONG, "correct": cls.STILL_CORRECT}
        return kinds.get(mark) if now == f"{mark} otherwise" else None

    @property
    def severity(self) -> int:
        """0 for the worst, for sorting."""
        return list(FlipKind).index(self)
