"""Two models on the same samples: which answers changed, and what the changes amount to.

An answer that changed although both models found its two best options nearly equal is a *near tie*:
rounding decides it, and would decide it otherwise on another machine. A near tie is listed, and
its sample counts as what it was before, correct or not, for regressed, fixed, tests and intervals.
Leaving it out instead would shrink the number of samples, and counting it would add noise.

What is compared is the benchmark's own score. Where that is no plain share of correct answers,
`credit_changes` has what each sample earns in it, less what it earned.

Rounding favours neither side, so near ties have a test of their own. Where they regressed more
often than chance allows, they are a fall that the tolerance hides: `counting_near_ties` is the same
comparison with them.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from operator import attrgetter
from types import MappingProxyType
from typing import Final

from pytest_mmbench.errors import DataError
from pytest_mmbench.gates.credit_changes import CreditChanges, credit_changes
from pytest_mmbench.gates.stats import clusters, paired
from pytest_mmbench.gates.stats.clusters import Cluster
from pytest_mmbench.gates.stats.differences import difference_interval, mean_square
from pytest_mmbench.gates.stats.paired import Pairs
from pytest_mmbench.gates.verdicts import FlipKind
from pytest_mmbench.records import NOTHING, Average, Dimension, Interval, Mark, Unit
from pytest_mmbench.results.repeats import unit_score
from pytest_mmbench.results.rows import SampleResult, ScoredAnswer, group_by_unit, is_changed
from pytest_mmbench.scorers.likelihood import margin


class PairedTest(StrEnum):
    """How chance is ruled out."""

    MID_P = "mid-p McNemar"
    SIGN_FLIP = "cluster sign-flip"
    CREDIT_FLIP = "credit sign-flip"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two models on the same samples of one dimension. Accuracies are fractions in [0, 1]."""

    dimension: str
    pairs: Pairs
    """A near tie counts as unchanged, unless `near_ties_count`."""
    clusters: tuple[Cluster, ...] = ()
    """Samples by picture, in the same counts, if at least two samples share one; else none."""
    clusters_with_near_ties: tuple[Cluster, ...] = ()
    """The same, near ties counted."""
    near_ties_count: bool = False
    credits: CreditChanges | None = None
    """Given if the score is no plain share of correct answers. Then these decide, and `pairs` and
    `clusters` count what is right in full."""
    flips: tuple[Flip, ...] = ()
    """All answers that changed, near ties too: those that regressed come first."""
    baseline_unparseable: int = 0
    """Answers of the baseline that are unparseable."""
    unparseable_parts: tuple[Fraction, Fraction] = (NOTHING, NOTHING)
    """What the shares of unparseable answers add up to, of the baseline and of the candidate, for
    questions that were asked several times and are not unparseable as a whole."""
    score: str = ""
    """What the score is, where it is made of more than the samples themselves; else empty."""

    @property
    def total(self) -> int:
        """Samples that both models were asked."""
        return self.pairs.total

    @property
    def regressed(self) -> int:
        """Samples that were correct and are not now, or earn less."""
        if self.credits:
            return sum(flip.is_regressed for flip in self._counted_flips)
        return self.pairs.regressed

    @property
    def fixed(self) -> int:
        """Samples that were not correct and are now, or earn more."""
        if self.credits:
            return sum(flip.is_fixed for flip in self._counted_flips)
        return self.pairs.fixed

    @property
    def _counted_flips(self) -> list[Flip]:
        return [flip for flip in self.flips if self.near_ties_count or not flip.near_tie]

    @property
    def before(self) -> float:
        """The baseline's score: its accuracy, mean credit, or mean of dimensions."""
        return float(self.credits.before) if self.credits else self.pairs.before

    @property
    def difference(self) -> float:
        """The candidate's score, less the baseline's."""
        if self.credits:
            return float(self.credits.counted - self.credits.before)
        return self.pairs.difference

    @property
    def after(self) -> float:
        """The candidate's score, near ties counted as `difference` does."""
        return float(self.credits.counted) if self.credits else self.pairs.after

    @property
    def near_ties(self) -> tuple[Flip, ...]:
        """The changed answers that rounding could explain, one by one."""
        return tuple(flip for flip in self.flips if flip.near_tie)

    @property
    def near_regressed(self) -> int:
        """Samples that regressed in near ties."""
        return sum(flip.is_regressed for flip in self.near_ties)

    @property
    def near_fixed(self) -> int:
        """Samples that were fixed in near ties."""
        return sum(flip.is_fixed for flip in self.near_ties)

    @property
    def became_unparseable(self) -> int:
        """Answers that are parseable for the baseline only."""
        return sum(flip.candidate.mark is Mark.UNPARSEABLE for flip in self.flips)

    @property
    def candidate_unparseable(self) -> int:
        """Answers of the candidate that are unparseable."""
        became_parseable = sum(flip.baseline.mark is Mark.UNPARSEABLE for flip in self.flips)
        return self.baseline_unparseable + self.became_unparseable - became_parseable

    @property
    def unparseable(self) -> dict[str, Fraction]:
        """By model, how many questions its unparseable answers come to."""
        before, after = self.unparseable_parts
        return {
            "baseline": self.baseline_unparseable + before,
            "candidate": self.candidate_unparseable + after,
        }

    @property
    def candidate_accuracy(self) -> float:
        """The candidate's score, near ties as they fell."""
        if self.credits:
            return float(self.credits.actual)
        near = 0 if self.near_ties_count else self.near_fixed - self.near_regressed
        return (self.pairs.both_correct + self.fixed + near) / self.total

    @property
    def flip_rate(self) -> float:
        """Share of samples that are correct under one model only.

        Of credits, the mean squared difference: the same where each is 0 or 1.
        """
        if self.credits:
            return mean_square(self.credits.clusters)
        return self.pairs.flips / self.total

    @property
    def effective(self) -> float:
        """How many samples without a common picture would tell as much; all of them at most."""
        groups = self.credits.clusters if self.credits else self.clusters
        if not groups:
            return float(self.total)
        # What regresses and is fixed on the same pictures cancels out, unknown to the estimate.
        return min(float(self.total), clusters.effective_size(groups))

    @property
    def pictures(self) -> int:
        """How many pictures of equal size would weigh as much; 0 if no samples share one.

        Many samples of one picture beside few of each other are hardly more than that one.
        """
        squares = sum(cluster.size**2 for cluster in self.clusters)
        return self.total**2 // squares if squares else 0

    @property
    def test(self) -> PairedTest:
        """By pictures where some are shared, else by samples."""
        if self.credits:
            return PairedTest.CREDIT_FLIP
        return PairedTest.SIGN_FLIP if self.clusters else PairedTest.MID_P

    @property
    def p_worse(self) -> float:
        """One-sided p-value of having become worse."""
        if self.credits:
            return clusters.sign_flip_worse(self.credits.clusters)
        if self.clusters:
            return clusters.sign_flip_worse(self.clusters)
        return paired.mcnemar_worse(self.regressed, self.fixed)

    @property
    def smallest_possible_p(self) -> float:
        """The one-sided p-value if every sample had regressed: no other is as small."""
        groups = self.credits.clusters if self.credits else self.clusters
        return float(0.5 ** len(groups)) if groups else paired.mcnemar_worse(self.total, 0)

    @property
    def p_near(self) -> float:
        """One-sided p-value of near ties having regressed more often than rounding explains.

        Each went either way by a fair coin; near ties of one picture, by the same one.
        """
        if self.credits:
            return clusters.sign_flip_worse(self.credits.near)
        if self.clusters:
            return clusters.sign_flip_worse(self._near_clusters)
        return paired.mcnemar_worse(self.near_regressed, self.near_fixed)

    @property
    def smallest_possible_p_near(self) -> float:
        """The same if as many near ties had all regressed; 1 without any."""
        if self.credits or self.clusters:
            return float(0.5 ** len(self.credits.near if self.credits else self._near_clusters))
        return paired.mcnemar_worse(self.near_regressed + self.near_fixed, 0)

    @property
    def _near_clusters(self) -> tuple[Cluster, ...]:
        """The near ties that regressed or were fixed, by picture."""
        turned = [flip for flip in self.near_ties if flip.is_regressed or flip.is_fixed]
        return _clusters_of([flip.candidate for flip in turned], turned)

    def counting_near_ties(self) -> Comparison:
        """The same comparison, where a near tie that regressed or was fixed counts as that."""
        pairs, regressed, fixed = self.pairs, self.near_regressed, self.near_fixed
        return replace(
            self,
            pairs=Pairs(
                both_correct=pairs.both_correct - regressed,
                regressed=pairs.regressed + regressed,
                fixed=pairs.fixed + fixed,
                both_wrong=pairs.both_wrong - fixed,
            ),
            clusters=self.clusters_with_near_ties or self.clusters,
            credits=self.credits and self.credits.counting_near_ties(),
            near_ties_count=True,
        )

    def interval(self, confidence: float = 0.95) -> Interval:
        """Two-sided interval of `difference`."""
        if self.credits:
            return difference_interval(self.credits.clusters, confidence)
        return clusters.paired_interval(self.pairs, self.clusters, confidence)

    def detectable_drop(self, *, level: float = 0.05, power: float = 0.8) -> float:
        """The least fall that so many samples show, with that power, to a test at `level`."""
        return paired.detectable_drop(self.flip_rate, self.effective, level=level, power=power)


def compare_answers(
    dimension: str,
    baseline: Sequence[ScoredAnswer],
    candidate: Sequence[ScoredAnswer],
    *,
    tolerance: float,
) -> Comparison:
    """Two models on the same samples, in any order; `candidate` says which share a picture.

    `tolerance` is the widest margin (nats) of a near tie, from `evaluation.noise`.
    """
    before, after = _by_sample(baseline, "the baseline"), _by_sample(candidate, "the candidate")
    if before.keys() != after.keys() or not after:
        raise DataError(
            f"the models were not asked the same samples of {dimension!r}, or none at all.",
            asked=f"{len(before)} of the baseline, {len(after)} of the candidate",
            only_the_baseline=next((id for id in before if id not in after), ""),
            only_the_candidate=next((id for id in after if id not in before), ""),
            what_to_do="ask both models with the same data and the same limit",
        )
    changed = [
        Flip(baseline=was, candidate=now, near_tie=max(was.margin, now.margin) <= tolerance)
        for now in candidate
        if is_changed(was := before[now.sample], now)
    ]
    counted = [flip for flip in changed if not flip.near_tie]
    by_picture = _clusters_of(candidate, counted)
    with_near_ties = by_picture
    if len(counted) < len(changed):
        with_near_ties = _clusters_of(candidate, changed)
    # Where no two samples share a picture, samples are compared.
    shared = len(by_picture) < len(candidate)
    return Comparison(
        dimension=dimension,
        pairs=_pairs(baseline, counted),
        clusters=by_picture if shared else (),
        clusters_with_near_ties=with_near_ties if shared else (),
        flips=tuple(
            sorted(changed, key=lambda flip: (flip.kind.severity, flip.near_tie, flip.sample))
        ),
        baseline_unparseable=sum(answer.mark is Mark.UNPARSEABLE for answer in baseline),
        unparseable_parts=(_unparseable_parts(baseline), _unparseable_parts(candidate)),
    )


def _unparseable_parts(answers: Sequence[ScoredAnswer]) -> Fraction:
    parts = (each.unparseable for each in answers if each.mark is not Mark.UNPARSEABLE)
    return sum(parts, NOTHING)


def _pairs(baseline: Sequence[ScoredAnswer], flips: Sequence[Flip]) -> Pairs:
    correct = sum(answer.mark is Mark.CORRECT for answer in baseline)
    regressed = sum(flip.baseline.mark is Mark.CORRECT is not flip.candidate.mark for flip in flips)
    fixed = sum(flip.candidate.mark is Mark.CORRECT is not flip.baseline.mark for flip in flips)
    return Pairs(
        both_correct=correct - regressed,
        regressed=regressed,
        fixed=fixed,
        both_wrong=len(baseline) - correct - fixed,
    )


def _clusters_of(answers: Sequence[ScoredAnswer], flips: Sequence[Flip]) -> tuple[Cluster, ...]:
    """Samples by picture, and those of them that flipped."""
    sizes = Counter(map(_picture, answers))
    regressed = Counter(_picture(flip.candidate) for flip in flips if flip.is_regressed)
    fixed = Counter(_picture(flip.candidate) for flip in flips if flip.is_fixed)
    clusters = (Cluster(size=sizes[at], regressed=regressed[at], fixed=fixed[at]) for at in sizes)
    # In an order of their own, so that sums of floats do not depend on the order of the samples.
    return tuple(sorted(clusters, key=attrgetter("size", "regressed", "fixed")))


def _picture(answer: ScoredAnswer) -> tuple[str, str]:
    """The same for samples that share a picture, and only for them."""
    return (answer.cluster, "") if answer.cluster else ("", answer.sample)


def _by_sample(answers: Sequence[ScoredAnswer], model: str) -> dict[str, ScoredAnswer]:
    by_sample = {answer.sample: answer for answer in answers}
    if len(by_sample) < len(answers):
        ((twice, _),) = Counter(answer.sample for answer in answers).most_common(1)
        raise DataError(
            f"{model} was judged twice on sample {twice!r}.",
            what_to_do="give every sample an id that is unique in its benchmark",
        )
    return by_sample


def compare_results(
    dimension: Dimension,
    baseline: Sequence[SampleResult],
    candidate: Sequence[SampleResult],
    *,
    tolerance: float,
    leaves: Mapping[str, str] = MappingProxyType({}),
) -> Comparison:
    """The changed answers of a dimension. The baseline may have been asked more.

    What is compared is the benchmark's own score. Where that is a mean of dimensions, `leaves` has
    the leaf of each sample.

    Where all answers of a unit have to be right, units are compared: one is known by the first
    sample whose answer changed, and its margin is the largest of the changed answers'. So a unit
    changed in a near tie if each of them did; that other answers are close excuses nothing.

    A baseline that was asked less is refused: a comparison on the rest could pass by leaving out.
    """
    known = {row.sample: row for row in baseline}
    missing = [row.sample for row in candidate if row.sample not in known]
    if missing:
        raise DataError(
            f"the baseline has no answer to {len(missing)} of {len(candidate)} samples.",
            dimension=dimension.path,
            first_missing=min(missing),
            what_to_do="compare with a run of all of them, or limit this run as that one was",
        )
    for row in candidate:
        _check_same_question(known[row.sample], row, dimension.path)
    before, after = [], []
    joined = dimension.unit is Unit.ALL_CORRECT
    for unit in group_by_unit(candidate, joined=joined).values():
        pairs = [(known[result.sample], result) for result in unit]
        changed = [at for at, pair in enumerate(pairs) if is_changed(*pair)]
        before.append(_unit_answer([one for one, _ in pairs], changed, joined=joined))
        after.append(_unit_answer(unit, changed, joined=joined))
    comparison = compare_answers(dimension.path, before, after, tolerance=tolerance)
    near = {flip.sample for flip in comparison.near_ties}
    credits = credit_changes(dimension, known, candidate, near=near, leaves=leaves)
    if dimension.average is Average.MACRO and len(dimension.leaves) > 1:
        score = f"a mean of {len(dimension.leaves)} dimensions"
    else:
        score = "one of pairs" if dimension.unit is Unit.PAIR else ""
    return replace(comparison, credits=credits, score=score)


def _check_same_question(before: SampleResult, now: SampleResult, dimension: str) -> None:
    """Refuses a baseline whose sample had another target: what it calls wrong may be correct."""
    if (before.target, before.options) != (now.target, now.options):
        raise DataError(
            f"the baseline and the data do not say the same of sample {now.sample!r}.",
            dimension=dimension,
            baseline=f"target {before.target!r}, {before.options} options",
            data=f"target {now.target!r}, {now.options} options",
            what_to_do="compare with a run of the same data, as it was written",
        )


def _unit_answer(
    rows: Sequence[SampleResult], changed: Sequence[int], *, joined: bool
) -> ScoredAnswer:
    """What counts once: one result, or those that are `joined`, which are right together or not."""
    score = unit_score(rows, settled=joined)
    return ScoredAnswer(
        sample=rows[next(iter(changed), 0)].sample,
        mark=score.mark,
        partial=score.partial,
        unparseable=score.unparseable,
        answer=" ".join(row.answer for row in rows),
        margin=max((margin(rows[at].option_logprobs) for at in changed), default=math.inf),
        # A pair about a picture succeeds or fails together too.
        cluster=rows[0].cluster or (rows[0].unit if len(rows) == 1 else ""),
    )


_KINDS: Final[Mapping[tuple[Mark, Mark], FlipKind]] = MappingProxyType(
    {
        (Mark.CORRECT, Mark.INCORRECT): FlipKind.REGRESSED,
        (Mark.CORRECT, Mark.UNPARSEABLE): FlipKind.CORRECT_TO_UNPARSEABLE,
        (Mark.CORRECT, Mark.CORRECT): FlipKind.STILL_CORRECT,
        (Mark.INCORRECT, Mark.UNPARSEABLE): FlipKind.BECAME_UNPARSEABLE,
        (Mark.INCORRECT, Mark.CORRECT): FlipKind.FIXED,
        (Mark.UNPARSEABLE, Mark.INCORRECT): FlipKind.BECAME_PARSEABLE,
        (Mark.UNPARSEABLE, Mark.CORRECT): FlipKind.FIXED,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Flip:
    """An answer that changed."""

    baseline: ScoredAnswer
    candidate: ScoredAnswer
    near_tie: bool
    """Whether both models found the two best options nearly equal."""

    @property
    def sample(self) -> str:
        """The sample that was answered otherwise."""
        return self.candidate.sample

    @property
    def kind(self) -> FlipKind:
        """What became of the answer."""
        if self.baseline.mark is self.candidate.mark is Mark.INCORRECT:
            if self.is_regressed:
                return FlipKind.LESS_CREDIT
            return FlipKind.MORE_CREDIT if self.is_fixed else FlipKind.STILL_WRONG
        return _KINDS[self.baseline.mark, self.candidate.mark]

    @property
    def is_regressed(self) -> bool:
        """Whether it earns less than it did, as where a correct answer was lost."""
        return self.candidate.credit < self.baseline.credit

    @property
    def is_fixed(self) -> bool:
        """Whether it earns more than it did, as where a correct answer was gained."""
        return self.candidate.credit > self.baseline.credit
