"""The same samples asked without something and with it: the picture, or multi-modal training."""

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
    UNPARSEABLE = "not readable"
    """A share of the readable answers, of which there are none."""
    ONE_ANSWER = "always the same answer"
    """An agreement beyond chance, of answers that are all one and the same."""
    NONE_CORRECT = "none right"
    """A share of the right answers, of which there are none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contrast:
    """Samples that were asked both ways. Shares are fractions in [0, 1]."""

    pairs: Pairs
    """Before: without it; after: with it. An unreadable answer is not right."""
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
        """Right without it."""
        return self.pairs.both_correct + self.pairs.regressed

    @property
    def correct_after(self) -> int:
        """Right with it."""
        return self.pairs.both_correct + self.pairs.fixed

    @property
    def before(self) -> Fraction:
        """Share right without it."""
        return Fraction(self.correct_before, self.total)

    @property
    def after(self) -> Fraction:
        """Share right with it."""
        return Fraction(self.correct_after, self.total)

    @property
    def difference(self) -> Fraction:
        """What it adds."""
        return self.after - self.before

    @property
    def above_chance_before(self) -> Fraction:
        """The share without it, or chance if that is higher: below it a model refuses to guess."""
        return max(self.before, self.chance)

    @property
    def above_chance_after(self) -> Fraction:
        """The share with it, or chance if that is higher."""
        return max(self.after, self.chance)

    def p_value(self, *, exact: bool = False) -> float:
        """One-sided, that it adds nothing: mid-p or exact McNemar, or a sign flip of pictures."""
        if self.clusters:
            turned = (
                replace(each, regressed=each.fixed, fixed=each.regressed) for each in self.clusters
            )
            return clustered.sign_flip_worse(turned)
        return paired.mcnemar_worse(
            regressed=self.pairs.fixed, fixed=self.pairs.regressed, exact=exact
        )

    def bounds(self, alpha: float) -> Interval:
        """Two one-sided bounds of what it adds, each at level `alpha`.

        They are the ends of Newcombe's interval with the confidence 1 - 2 alpha. Where pictures are
        shared, it is widened to hold the interval of the clustered standard error as well.
        """
        alone = paired.newcombe(self.pairs, 1 - 2 * alpha)
        if not self.clusters:
            return alone
        wide = clustered.clustered_interval(self.clusters, 1 - 2 * alpha)
        return Interval(low=min(alone.low, wide.low), high=max(alone.high, wide.high))

    def times(self, factor: int) -> Contrast:
        """So many times the samples, faring alike."""
        pairs = Pairs(
            both_correct=factor * self.pairs.both_correct,
            regressed=factor * self.pairs.regressed,
            fixed=factor * self.pairs.fixed,
            both_wrong=factor * self.pairs.both_wrong,
        )
        return replace(self, pairs=pairs, open=factor * self.open, clusters=factor * self.clusters)


def contrast(
    fates: OutcomeCounts, before: View, after: View, shared: Iterable[OutcomeCounts] = ()
) -> Contrast | NotMeasured:
    """The samples that were asked in both views, by where they were right.

    `shared` has the fates of the samples that show the same picture, for each such picture.
    """
    told = list(outcomes_in(fates, before, after))
    options: Counter[int] = Counter()
    for fate, samples in told:
        options[fate.options] += samples
    if not options.total():
        return NotMeasured.NOT_ASKED
    pairs = _pairs(told, before, after)
    pictures = (_pairs(outcomes_in(picture, before, after), before, after) for picture in shared)
    return Contrast(
        pairs=pairs,
        chance=chance.mean(options),
        open=options[0],
        clusters=_clusters(pairs, pictures),
    )


def outcomes_in(fates: OutcomeCounts, *views: View) -> Iterator[tuple[ViewOutcomes, int]]:
    """The samples that were asked in all of the views."""
    states = [attrgetter(f"{view}.state") for view in views]
    for fate, samples in fates.items():
        if ViewState.NOT_ASKED not in [state(fate) for state in states]:
            yield fate, samples


def is_correct(fate: ViewOutcomes, view: View) -> bool:
    """Whether it was right, and so also readable."""
    return fate.in_view(view).state is ViewState.CORRECT


def _pairs(told: Iterable[tuple[ViewOutcomes, int]], before: View, after: View) -> Pairs:
    cells: Counter[tuple[bool, bool]] = Counter()
    for fate, samples in told:
        cells[is_correct(fate, before), is_correct(fate, after)] += samples
    return Pairs(
        both_correct=cells[True, True],
        regressed=cells[True, False],
        fixed=cells[False, True],
        both_wrong=cells[False, False],
    )


def _clusters(every: Pairs, shared: Iterable[Pairs]) -> tuple[Cluster, ...]:
    pictures = [
        Cluster(size=each.total, regressed=each.regressed, fixed=each.fixed)
        for each in shared
        if each.total > 1
    ]
    if not pictures:
        return ()
    lost = every.regressed - sum(each.regressed for each in pictures)
    gained = every.fixed - sum(each.fixed for each in pictures)
    alone = every.total - sum(each.size for each in pictures)
    # In an order of their own, so that sums of floats do not depend on the order of the samples.
    return (
        *repeat(Cluster(size=1, regressed=1, fixed=0), lost),
        *repeat(Cluster(size=1, regressed=0, fixed=1), gained),
        *repeat(Cluster(size=1, regressed=0, fixed=0), alone - lost - gained),
        *sorted(pictures, key=lambda each: (each.size, each.regressed, each.fixed)),
    )
