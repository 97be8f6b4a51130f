"""Measures of one dimension: multi-modal gain, leakage, and sensitivity to a swapped picture.

    multi-modal gain     MG = with_image - without_image
    multi-modal leakage  ML = max(0, without_image - llm_text)

as MMStar defines them (equations 1 and 2 of arXiv 2403.20330v2), and beside them the same with
every text-only score raised to chance first. A model that refuses to answer without a picture
scores below chance there, and the raw numbers take its refusals for gain, or its base LLM's for
leakage: the largest leakage on MMStar in that paper, 17.6 points, is an answer at chance less a
base LLM that refuses. Numbers are micro averages: every sample counts the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from itertools import repeat
from operator import attrgetter

from pytest_mmbench.errors import DataError
from pytest_mmbench.gates.stats import chance, clusters, paired
from pytest_mmbench.gates.stats.clusters import Cluster
from pytest_mmbench.gates.stats.differences import difference_interval
from pytest_mmbench.gates.stats.paired import Pairs
from pytest_mmbench.gates.vision.credit_contrast import CreditContrast, credit_contrast
from pytest_mmbench.gates.vision.outcomes import OutcomeCounts, View, ViewOutcomes, outcomes_in
from pytest_mmbench.records import NOTHING, Interval, Mark


class NotMeasured(StrEnum):
    """Why there is no number. It is neither 0 nor a failure."""

    NOT_ASKED = "not asked"
    NOT_ABOVE_CHANCE = "not above chance"
    """A share of what the model does better than guessing, of a model that does not."""
    UNPARSEABLE = "unparseable"
    """A share of the parseable answers, of which there are none."""
    NONE_CORRECT = "none correct"
    """A share of the correct answers, of which there are none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contrast:
    """Samples that were asked both ways. Shares are fractions in [0, 1]."""

    pairs: Pairs
    """Before: without it; after: with it. An unparseable answer is not correct."""
    chance: Fraction
    """Mean chance of guessing these samples; open questions count 0."""
    open: int
    """How many of them are open questions."""
    clusters: tuple[Cluster, ...] = ()
    """Samples by picture, in the same counts, if at least two of them share one; else none."""
    credits: CreditContrast | None = None
    """Given if any answer is right in part; `pairs` and `clusters` count those right in full."""

    @property
    def total(self) -> int:
        """Samples that were asked both ways."""
        return self.pairs.total

    @property
    def effective(self) -> int:
        """How many samples without a common picture would tell as much of the difference."""
        if not self.clusters:
            return self.total
        differences = self.credits.differences if self.credits else self.clusters
        return max(1, min(self.total, int(clusters.effective_size(differences))))

    @property
    def correct_before(self) -> int:
        """Correct without it."""
        return self.pairs.both_correct + self.pairs.regressed

    @property
    def correct_after(self) -> int:
        """Correct with it."""
        return self.pairs.both_correct + self.pairs.fixed

    @property
    def before(self) -> Fraction:
        """Accuracy without it, or the mean credit."""
        return (self.credits.before if self.credits else Fraction(self.correct_before)) / self.total

    @property
    def after(self) -> Fraction:
        """Accuracy with it, or the mean credit."""
        return (self.credits.after if self.credits else Fraction(self.correct_after)) / self.total

    @property
    def difference(self) -> Fraction:
        """What it adds."""
        return self.after - self.before

    @property
    def above_chance_before(self) -> Fraction:
        """Accuracy without it, or chance if that is higher."""
        return max(self.before, self.chance)

    @property
    def above_chance_after(self) -> Fraction:
        """Accuracy with it, or chance if that is higher."""
        return max(self.after, self.chance)

    def p_value(self, *, exact: bool = False) -> float:
        """One-sided, that it adds nothing: mid-p or exact McNemar, or a sign flip of pictures.

        Of credits it is a sign flip of what each picture adds.
        """
        if self.credits:
            return clusters.sign_flip_worse(self.credits.reversed_differences())
        if self.clusters:
            return clusters.sign_flip_worse(
                replace(cluster, regressed=cluster.fixed, fixed=cluster.regressed)
                for cluster in self.clusters
            )
        return paired.mcnemar_worse(
            regressed=self.pairs.fixed, fixed=self.pairs.regressed, exact=exact
        )

    def bounds(self, alpha: float) -> Interval:
        """Two one-sided bounds of what it adds, each at level `alpha`."""
        if self.credits:
            return difference_interval(self.credits.differences, 1 - 2 * alpha)
        return clusters.paired_interval(self.pairs, self.clusters, 1 - 2 * alpha)

    def times(self, factor: int) -> Contrast:
        """So many times the samples, with the same shares."""
        pairs = Pairs(
            both_correct=factor * self.pairs.both_correct,
            regressed=factor * self.pairs.regressed,
            fixed=factor * self.pairs.fixed,
            both_wrong=factor * self.pairs.both_wrong,
        )
        return replace(
            self,
            pairs=pairs,
            open=factor * self.open,
            clusters=factor * self.clusters,
            credits=self.credits and self.credits.times(factor),
        )


def contrast(
    outcomes: OutcomeCounts, before: View, after: View, shared: Sequence[OutcomeCounts] = ()
) -> Contrast | NotMeasured:
    """Contrasts two views on the samples that were asked in both.

    `shared` has the outcomes of the samples that show the same picture, for each such picture.
    """
    options: Counter[int] = Counter()
    for outcome, samples in outcomes_in(outcomes, before, after):
        options[outcome.options] += samples
    if not options.total():
        return NotMeasured.NOT_ASKED
    pairs = _pairs(outcomes, before, after)
    return Contrast(
        pairs=pairs,
        chance=chance.mean(options),
        open=options[0],
        clusters=_clusters(pairs, [_pairs(picture, before, after) for picture in shared]),
        credits=credit_contrast(outcomes, before, after, shared),
    )


def is_correct(outcome: ViewOutcomes, view: View) -> bool:
    """Whether it was correct in a view, and so also parseable."""
    return outcome.in_view(view).mark is Mark.CORRECT


def _pairs(outcomes: OutcomeCounts, before: View, after: View) -> Pairs:
    cells: Counter[tuple[bool, bool]] = Counter()
    for outcome, samples in outcomes_in(outcomes, before, after):
        cells[is_correct(outcome, before), is_correct(outcome, after)] += samples
    return Pairs(
        both_correct=cells[True, True],
        regressed=cells[True, False],
        fixed=cells[False, True],
        both_wrong=cells[False, False],
    )


def _clusters(pairs: Pairs, shared: Iterable[Pairs]) -> tuple[Cluster, ...]:
    """A cluster for each shared picture, and for each sample that shares none."""
    pictures = [
        Cluster(size=picture.total, regressed=picture.regressed, fixed=picture.fixed)
        for picture in shared
        if picture.total > 1
    ]
    if not pictures:
        return ()
    regressed = pairs.regressed - sum(picture.regressed for picture in pictures)
    fixed = pairs.fixed - sum(picture.fixed for picture in pictures)
    single = pairs.total - sum(picture.size for picture in pictures)
    # In an order of their own, so that sums of floats do not depend on the order of the samples.
    return (
        *repeat(Cluster(size=1, regressed=1, fixed=0), regressed),
        *repeat(Cluster(size=1, regressed=0, fixed=1), fixed),
        *repeat(Cluster(size=1, regressed=0, fixed=0), single - regressed - fixed),
        *sorted(pictures, key=attrgetter("size", "regressed", "fixed")),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Unparseable:
    """Answers in one view from which nothing could be read."""

    view: View
    answers: Fraction | int
    """How many questions they come to: a part of one that was asked several times."""
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Swap:
    """Samples that were asked with their own picture and with another sample's."""

    total: int
    parseable: int
    """Of these, those whose two answers could be read."""
    same: int
    """Of the parseable ones, those with twice the same answer."""
    correct: int
    """Correct with their own picture, of all that were asked."""
    still_correct: int
    """Of these, those that are correct with the other picture too."""

    @property
    def insensitivity(self) -> float | NotMeasured:
        """Share of the parseable samples with the same answer whatever the picture."""
        return self.same / self.parseable if self.parseable else NotMeasured.UNPARSEABLE

    @property
    def still_correct_share(self) -> float | NotMeasured:
        """Share of what was correct with its own picture that the other one leaves correct."""
        return self.still_correct / self.correct if self.correct else NotMeasured.NONE_CORRECT


def swap(outcomes: OutcomeCounts) -> Swap | NotMeasured:
    """What a mismatched picture changed, over the samples that were asked with both."""
    total = parseable = same = correct = still_correct = 0
    for outcome, samples in outcomes_in(outcomes, View.WITH_IMAGE, View.MISMATCHED):
        total += samples
        if Mark.UNPARSEABLE not in (outcome.with_image.mark, outcome.mismatched.mark):
            parseable += samples
            same += samples * (outcome.with_image.answer == outcome.mismatched.answer)
        if is_correct(outcome, View.WITH_IMAGE):
            correct += samples
            still_correct += samples * is_correct(outcome, View.MISMATCHED)
    if not total:
        return NotMeasured.NOT_ASKED
    return Swap(
        total=total, parseable=parseable, same=same, correct=correct, still_correct=still_correct
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Vision:
    """The measures of one dimension. Accuracies and gains are fractions."""

    dimension: str
    gain_contrast: Contrast
    """Without the picture, and with it."""
    leakage_contrast: Contrast | NotMeasured
    """The base LLM, and the model without the picture, on the samples that both were asked."""
    swap: Swap | NotMeasured
    unparseable: tuple[Unparseable, ...]
    """For each view in which anything was asked."""

    @property
    def chance(self) -> float:
        """Mean chance of guessing; open questions count 0."""
        return float(self.gain_contrast.chance)

    @property
    def with_image(self) -> float:
        """Accuracy with the picture."""
        return float(self.gain_contrast.after)

    @property
    def without_image(self) -> float:
        """Accuracy without it."""
        return float(self.gain_contrast.before)

    @property
    def llm_text(self) -> float | NotMeasured:
        """Accuracy of the base LLM."""
        return _value(self.leakage_contrast, lambda leakage: leakage.before)

    @property
    def gain(self) -> float:
        """MMStar's multi-modal gain; negative where the picture does harm."""
        return float(self.gain_contrast.difference)

    @property
    def gain_above_chance(self) -> float:
        """The gain over the accuracy without the picture or over chance, whichever is higher."""
        return float(self.gain_contrast.after - self.gain_contrast.above_chance_before)

    @property
    def leakage(self) -> float | NotMeasured:
        """MMStar's multi-modal leakage."""
        return _value(self.leakage_contrast, lambda leakage: max(Fraction(0), leakage.difference))

    def leakage_bounds(self, alpha: float) -> Interval | NotMeasured:
        """Two one-sided bounds of `leakage`, each at level `alpha`, cut at 0."""
        if isinstance(self.leakage_contrast, NotMeasured):
            return self.leakage_contrast
        signed = self.leakage_contrast.bounds(alpha)
        return Interval(low=max(0.0, signed.low), high=max(0.0, signed.high))

    @property
    def leakage_above_chance(self) -> float | NotMeasured:
        """The leakage between accuracies that are raised to chance first."""
        return _value(
            self.leakage_contrast,
            lambda leakage: max(
                Fraction(0), leakage.above_chance_after - leakage.above_chance_before
            ),
        )

    @property
    def share(self) -> float | NotMeasured:
        """Vision share: how much of all that is better than guessing the picture adds; at most 1.

        The ratio is this project's own.
        """
        if self.gain_contrast.after <= self.gain_contrast.chance:
            return NotMeasured.NOT_ABOVE_CHANCE
        added = self.gain_contrast.after - self.gain_contrast.above_chance_before
        return float(added / (self.gain_contrast.after - self.gain_contrast.chance))


def _value(
    contrast: Contrast | NotMeasured, value: Callable[[Contrast], Fraction]
) -> float | NotMeasured:
    return contrast if isinstance(contrast, NotMeasured) else float(value(contrast))


def measure(
    dimension: str, outcomes: OutcomeCounts, shared: Sequence[OutcomeCounts] = ()
) -> Vision:
    """Measures one dimension. Each contrast takes the samples that were asked both ways.

    `shared` are those of `outcomes` whose samples share pictures, for each picture.
    """
    gain = contrast(outcomes, View.WITHOUT_IMAGE, View.WITH_IMAGE, shared)
    if isinstance(gain, NotMeasured):
        raise DataError(
            f"no sample of {dimension!r} was asked both with its picture and without it.",
            what_to_do="ask it under the condition no-image too, or leave the dimension out",
        )
    unparseable = []
    for view in View:
        asked = [(one.in_view(view), samples) for one, samples in outcomes_in(outcomes, view)]
        if asked:
            answers = sum((samples * one.unparseable_share for one, samples in asked), NOTHING)
            total = sum(samples for _, samples in asked)
            unparseable.append(Unparseable(view=view, answers=answers, total=total))
    return Vision(
        dimension=dimension,
        gain_contrast=gain,
        leakage_contrast=contrast(outcomes, View.LLM_TEXT, View.WITHOUT_IMAGE, shared),
        swap=swap(outcomes),
        unparseable=tuple(unparseable),
    )
