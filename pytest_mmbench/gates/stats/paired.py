"""The same samples asked twice: whether what was lost and what was gained could be chance.

Samples that were right both times, or neither time, say nothing about a change. Tests look at the
flips alone, in whole numbers; a probability is rounded once, at the end.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

from pytest_mmbench.gates.stats.binomial import wilson
from pytest_mmbench.records import Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """Samples that were asked twice, counted by what became of them."""

    both_correct: int
    """Right both times."""
    regressed: int
    """Right the first time only."""
    fixed: int
    """Right the second time only."""
    both_wrong: int

    @property
    def total(self) -> int:
        """All samples."""
        return self.both_correct + self.regressed + self.fixed + self.both_wrong

    @property
    def flips(self) -> int:
        """Samples that are right only once."""
        return self.regressed + self.fixed

    @property
    def before(self) -> float:
        """Accuracy the first time, in [0, 1]."""
        return (self.both_correct + self.regressed) / self.total

    @property
    def after(self) -> float:
        """Accuracy the second time, in [0, 1]."""
        return (self.both_correct + self.fixed) / self.total

    @property
    def difference(self) -> float:
        """Second accuracy less first, in [-1, 1]."""
        return (self.fixed - self.regressed) / self.total


def mcnemar_worse(regressed: int, fixed: int, *, exact: bool = False) -> float:
    """One-sided p-value of having become worse: each flip was lost or gained by a fair coin.

    The mid-p value counts half of what is as extreme as the data: P(X > lost) + P(X = lost) / 2
    for a binomial X over all flips. `exact` counts all of it, P(X >= lost), and is needlessly
    cautious. Without flips nothing has changed, and the value is 1.
    Source: Q. McNemar, Psychometrika 12 (1947); M. W. Fagerland, S. Lydersen and P. Laake, "The
    McNemar test for binary matched-pairs data: mid-p and asymptotic are better than exact
    conditional", BMC Med. Res. Methodol. 13 (2013).
    """
    flips = regressed + fixed
    if not flips:
        return 1.0
    half = 0 if exact else math.comb(flips, regressed)
    return (2 * _ways(flips, regressed) - half) / (1 << (flips + 1))


def mcnemar(regressed: int, fixed: int, *, exact: bool = False) -> float:
    """Two-sided p-value of a change: twice the smaller one-sided one, and at most 1."""
    fewer, more = sorted((regressed, fixed))
    return min(1.0, 2 * mcnemar_worse(more, fewer, exact=exact))


def _ways(flips: int, least: int) -> int:
    """How many of the 2 ** flips sequences of a coin show heads at least so often."""
    if 2 * least <= flips:
        return (1 << flips) - _ways(flips, flips - least + 1)
    ways, term = 0, math.comb(flips, least)
    for heads in range(least, flips + 1):
        ways += term
        term = term * (flips - heads) // (heads + 1)
    return ways


def newcombe(pairs: Pairs, confidence: float = 0.95) -> Interval:
    """Two-sided interval of the second accuracy less the first, on the same samples.

    Wilson's intervals of both accuracies, put together with their correlation, from which half a
    sample is taken if it is positive: method 10. It has a width where nothing flipped. Each end of
    a 90 % interval misses the truth with a probability of 5 to 6 % at most from 50 samples on, and
    of 7 % with 30, where all tables were gone through.
    Source: R. G. Newcombe, "Improved confidence intervals for the difference between binomial
    proportions based on paired data", Statist. Med. 17 (1998).
    """
    old = wilson(pairs.both_correct + pairs.regressed, pairs.total, confidence)
    new = wilson(pairs.both_correct + pairs.fixed, pairs.total, confidence)
    together = 2 * _correlation(pairs)
    fall = _joined(pairs.after - new.low, old.high - pairs.before, together)
    rise = _joined(new.high - pairs.after, pairs.before - old.low, together)
    return Interval(low=pairs.difference - fall, high=pairs.difference + rise)


def _joined(one: float, other: float, together: float) -> float:
    return math.sqrt(one * one - together * one * other + other * other)


def _correlation(pairs: Pairs) -> float:
    spread = (pairs.both_correct + pairs.regressed) * (pairs.fixed + pairs.both_wrong)
    spread *= (pairs.both_correct + pairs.fixed) * (pairs.regressed + pairs.both_wrong)
    if not spread:
        return 0.0
    excess: float = pairs.both_correct * pairs.both_wrong - pairs.regressed * pairs.fixed
    if excess > 0:
        excess = max(0.0, excess - pairs.total / 2)
    return excess / math.sqrt(spread)


def smallest_provable_margin(
    flip_rate: float, total: float, *, level: float = 0.05, power: float = 0.8
) -> float:
    """Least margin within which an unchanged candidate is found with that power.

    (z(1 - level) + z(power)) * sqrt(flip_rate / asked), which is 2.49 sqrt(flip_rate / asked) at
    the defaults: the lower end of a one-sided interval at `level` has to stay above the margin. A
    gate with a smaller margin cannot be passed reliably. `asked` may be an effective number.
    Source: the normal approximation of R. J. Connor, "Sample size for testing differences in
    proportions for the paired-sample design", Biometrics 43 (1987), without its term d squared.
    """
    return _reach(level, power) * math.sqrt(flip_rate / total)


def detectable_drop(
    flip_rate: float, total: float, *, level: float = 0.05, power: float = 0.8
) -> float:
    """Least fall in accuracy that a one-sided test at `level` notices with that power, at most 1.

    As `resolution`; but a fall of d flips at least the share d, also where fewer flips were seen,
    so that it is never below (z(1 - level) + z(power)) ** 2 / asked.
    """
    floor = _reach(level, power) ** 2 / total
    return min(
        1.0, max(floor, smallest_provable_margin(flip_rate, total, level=level, power=power))
    )


def _reach(level: float, power: float) -> float:
    """2.49 standard errors, at the customary 0.05 and 0.8."""
    normal = NormalDist()
    return normal.inv_cdf(1 - level) + normal.inv_cdf(power)
