"""What the changed answers of one dimension amount to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pytest_mmbench.gates.flips import Flip
from pytest_mmbench.gates.stats import clustered, paired
from pytest_mmbench.gates.stats.clustered import Cluster
from pytest_mmbench.gates.stats.paired import Pairs
from pytest_mmbench.records import Interval, Mark


class PairedTest(StrEnum):
    """How chance is ruled out."""

    MID_P = "mid-p McNemar"
    SIGN_FLIP = "cluster sign-flip"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two models on the same samples of one dimension. Accuracies are fractions in [0, 1]."""

    dimension: str
    pairs: Pairs
    """Samples by what became of them, a near tie being unchanged."""
    clusters: tuple[Cluster, ...] = ()
    """Samples by picture, in the same counts, if at least two samples share one; else none."""
    flips: tuple[Flip, ...] = ()
    """All answers that changed, near ties too: right answers that were lost come first."""
    baseline_unparseable: int = 0
    """Answers of the old model that could not be read."""
    published: str = ""
    """What the benchmark's own score is, where not every sample counts the same in it as it does
    here; else empty."""

    @property
    def total(self) -> int:
        """Samples that both models were asked."""
        return self.pairs.total

    @property
    def regressed(self) -> int:
        """Right answers that were lost, near ties not counted."""
        return self.pairs.regressed

    @property
    def fixed(self) -> int:
        """Right answers that were gained, near ties not counted."""
        return self.pairs.fixed

    @property
    def near_ties(self) -> tuple[Flip, ...]:
        """The changed answers that are not counted."""
        return tuple(flip for flip in self.flips if flip.near_tie)

    @property
    def near_regressed(self) -> int:
        """Right answers that were lost in near ties."""
        return sum(flip.is_regressed for flip in self.near_ties)

    @property
    def near_fixed(self) -> int:
        """Right answers that were gained in near ties."""
        return sum(flip.is_fixed for flip in self.near_ties)

    @property
    def became_unparseable(self) -> int:
        """Answers that only the old model gave readably."""
        return sum(flip.candidate.mark is Mark.UNPARSEABLE for flip in self.flips)

    @property
    def became_parseable(self) -> int:
        """Answers that only the new model gave readably."""
        return sum(flip.baseline.mark is Mark.UNPARSEABLE for flip in self.flips)

    @property
    def candidate_unparseable(self) -> int:
        """Answers of the new model that could not be read."""
        return self.baseline_unparseable + self.became_unparseable - self.became_parseable

    @property
    def baseline_accuracy(self) -> float:
        """What the old model scored."""
        return self.pairs.before

    @property
    def candidate_accuracy(self) -> float:
        """What the new model scored, near ties as they fell."""
        right = self.pairs.both_correct + self.fixed - self.near_regressed + self.near_fixed
        return right / self.total

    @property
    def difference(self) -> float:
        """New accuracy less old one, near ties not counted."""
        return self.pairs.difference

    @property
    def flip_rate(self) -> float:
        """Share of samples that were right under one model only, near ties not counted."""
        return self.pairs.flips / self.total

    @property
    def change_rate(self) -> float:
        """Share of samples whose answer changed, whether that made it right, wrong or neither."""
        return len(self.flips) / self.total

    @property
    def effective(self) -> float:
        """How many samples without a common picture would tell as much; all of them at most.

        What is lost and gained on the same pictures cancels out, and no such estimate knows it.
        """
        if not self.clusters:
            return float(self.total)
        return min(float(self.total), clustered.effective_size(self.clusters))

    @property
    def test(self) -> PairedTest:
        """How chance is ruled out: by pictures where some are shared, else by samples."""
        return PairedTest.SIGN_FLIP if self.clusters else PairedTest.MID_P

    @property
    def p_worse(self) -> float:
        """One-sided p-value of having become worse."""
        if self.clusters:
            return clustered.sign_flip_worse(self.clusters)
        return paired.mcnemar_worse(self.regressed, self.fixed)

    @property
    def p_value(self) -> float:
        """Two-sided p-value of having changed."""
        if self.clusters:
            return clustered.sign_flip(self.clusters)
        return paired.mcnemar(self.regressed, self.fixed)

    @property
    def smallest_possible_p(self) -> float:
        """The one-sided p-value if everything had been lost: no other is as small."""
        if self.clusters:
            return float(0.5 ** len(self.clusters))
        return paired.mcnemar_worse(self.total, 0)

    @property
    def p_near(self) -> float:
        """One-sided p-value of near ties having lost more than they gained, as noise does not."""
        return paired.mcnemar_worse(self.near_regressed, self.near_fixed)

    def interval(self, confidence: float = 0.95) -> Interval:
        """Two-sided interval of `difference`; one of 90 % bounds each side at 5 %.

        Newcombe's method 10. Where pictures are shared it is widened to hold the interval of the
        clustered standard error as well, which alone would have no width if nothing flipped.
        """
        alone = paired.newcombe(self.pairs, confidence)
        if not self.clusters:
            return alone
        shared = clustered.clustered_interval(self.clusters, confidence)
        return Interval(low=min(alone.low, shared.low), high=max(alone.high, shared.high))

    def detectable_drop(self, *, level: float = 0.05, power: float = 0.8) -> float:
        """The least fall that so many samples show, with that power, to a test at `level`."""
        return paired.detectable_drop(self.flip_rate, self.effective, level=level, power=power)
