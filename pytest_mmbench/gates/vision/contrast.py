"""Accuracy of the same samples without something and with it: the picture, or other training."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from itertools import repeat
from operator import attrgetter

from pytest_mmbench.gates.stats import chance, clustered, paired
from pytest_mmbench.gates.stats.clustered import Cluster
from pytest_mmbench.gates.stats.paired import Pairs
from pytest_mmbench.gates.vision.outcomes import OutcomeCounts, View, ViewOutcomes, ViewState
from pytest_mmbench.records import Interval


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

    @property
    def total(self) -> int:
        """Samples that were asked both ways."""
        return self.pairs.total

    @property
    def effective(self) -> int:
        """How many samples without a common picture would tell as much of the difference."""
        if not self.clusters:
            return self.total
        return max(1, min(self.total, int(clustered.effective_size(self.clusters))))

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
        """Accuracy without it."""
        return Fraction(self.correct_before, self.total)

    @property
    def after(self) -> Fraction:
        """Accuracy with it."""
        return Fraction(self.correct_after, self.total)

    @property
    def difference(self) -> Fraction:
        """What it adds."""
        return self.after - self.before

    @property
    def above_chance_before(self) -> Fraction:
        """Accuracy without it, or chance if that is higher: below it a model refuses to guess."""
        return max(self.before, self.chance)

    @property
    def above_chance_after(self) -> Fraction:
        """Accuracy with it, or chance if that is higher."""
        return max(self.after, self.chance)

    def p_value(self, *, exact: bool = False) -> float:
        """One-sided, that it adds nothing: mid-p or exact McNemar, or a sign flip of pictures."""
        if self.clusters:
            reversed_clusters = (
                replace(cluster, regressed=cluster.fixed, fixed=cluster.regressed)
                for cluster in self.clusters
            )
            return clustered.sign_flip_worse(reversed_clusters)
        return paired.mcnemar_worse(
            regressed=self.pairs.fixed, fixed=self.pairs.regressed, exact=exact
        )

    def bounds(self, alpha: float) -> Interval:
        """Two one-sided bounds of what it adds, each at level `alpha`.

        They are the ends of Newcombe's interval with the confidence 1 - 2 alpha. Where pictures are
        shared, it is widened to hold the interval of the clustered standard error as well.
        """
        narrow = paired.newcombe(self.pairs, 1 - 2 * alpha)
        if not self.clusters:
            return narrow
        wide = clustered.clustered_interval(self.clusters, 1 - 2 * alpha)
        return Interval(low=min(narrow.low, wide.low), high=max(narrow.high, wide.high))

    def times(self, factor: int) -> Contrast:
        """So many times the samples, with the same shares."""
        pairs = Pairs(
            both_correct=factor * self.pairs.both_correct,
            regressed=factor * self.pairs.regressed,
            fixed=factor * self.pairs.fixed,
            both_wrong=factor * self.pairs.both_wrong,
        )
        return replace(self, pairs=pairs, open=factor * self.open, clusters=factor * self.clusters)


def contrast(
    outcomes: OutcomeCounts, before: View, after: View, shared: Iterable[OutcomeCounts] = ()
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
    )


def outcomes_in(outcomes: OutcomeCounts, *views: View) -> Iterator[tuple[ViewOutcomes, int]]:
    """The samples that were asked in all of the views."""
    for outcome, samples in outcomes.items():
        if all(outcome.in_view(view).state is not ViewState.NOT_ASKED for view in views):
            yield outcome, samples


def is_correct(outcome: ViewOutcomes, view: View) -> bool:
    """Whether it was correct in a view, and so also parseable."""
    return outcome.in_view(view).state is ViewState.CORRECT


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
