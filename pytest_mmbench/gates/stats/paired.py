"""Paired accuracies: whether regressed and fixed samples could be chance.

Samples that were correct both times, or neither time, say nothing about a change. Tests look at the
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
    """Samples that were asked twice, counted by their two marks."""

    both_correct: int
    """Correct both times."""
    regressed: int
    """Correct the first time only."""
    fixed: int
    """Correct the second time only."""
    both_wrong: int

    @property
    def total(self) -> int:
        """All samples."""
        return self.both_correct + self.regressed + self.fixed + self.both_wrong

    @property
    def flips(self) -> int:
        """Samples that are correct only once."""
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
    """One-sided p-value of having become worse: each flip regressed by a fair coin.

    With r samples regressed, the mid-p value counts half of what is as extreme: P(X > r) +
    P(X = r) / 2 for a binomial X over all flips. `exact` counts all of it, P(X >= r), and is
    needlessly cautious. Without flips nothing has changed, and the value is 1.
    Source: Q. McNemar, Psychometrika 12 (1947); M. W. Fagerland, S. Lydersen and P. Laake, "The
    McNemar test for binary matched-pairs data: mid-p and asymptotic are better than exact
    conditional", BMC Med. Res. Methodol. 13 (2013).
    """
    flips = regressed + fixed
    if not flips:
        return 1.0
    half = 0 if exact else math.comb(flips, regressed)
    return (2 * _ways(flips, regressed) - half) / (1 << (flips + 1))


def _ways(flips: int, heads: int) -> int:
    """How many of the 2 ** flips sequences of a fair coin show at least so many heads."""
    if 2 * heads <= flips:
        return (1 << flips) - _ways(flips, flips - heads + 1)
    ways, term = 0, math.comb(flips, heads)
    for number in range(heads, flips + 1):
        ways += term
        term = term * (flips - number) // (number + 1)
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
    correct_before = pairs.both_correct + pairs.regressed
    correct_after = pairs.both_correct + pairs.fixed
    old = wilson(correct_before, pairs.total, confidence)
    new = wilson(correct_after, pairs.total, confidence)
    product = correct_before * (pairs.total - correct_before)
    product *= correct_after * (pairs.total - correct_after)
    excess: float = pairs.both_correct * pairs.both_wrong - pairs.regressed * pairs.fixed
    if excess > 0:
        excess = max(0.0, excess - pairs.total / 2)
    correlation = excess / math.sqrt(product) if product else 0.0
    fall, rise = (
        math.sqrt(one * one - 2 * correlation * one * other + other * other)
        for one, other in (
            (pairs.after - new.low, old.high - pairs.before),
            (new.high - pairs.after, pairs.before - old.low),
        )
    )
    return Interval(low=pairs.difference - fall, high=pairs.difference + rise)


def smallest_provable_margin(
    flip_rate: float, total: float, *, level: float = 0.05, power: float = 0.8
) -> float:
    """Least margin within which an unchanged candidate is found with that power.

    (z(1 - level) + z(power)) * sqrt(flip_rate / total), which is 2.49 sqrt(flip_rate / total) at
    the defaults: the lower end of a one-sided interval at `level` has to stay above the margin. A
    gate with a smaller margin cannot be passed reliably. `total` may be an effective number.
    Source: the normal approximation of R. J. Connor, "Sample size for testing differences in
    proportions for the paired-sample design", Biometrics 43 (1987), without its term d squared.
    """
    return _standard_errors(level, power) * math.sqrt(flip_rate / total)


def samples_to_decide(
    flip_rate: float, margin: float, *, level: float = 0.05, power: float = 0.8
) -> int:
    """Samples with which an unchanged candidate is found within the margin, with that power.

    (z(1 - level) + z(power)) ** 2 * flip_rate / margin ** 2: `smallest_provable_margin` solved for
    the number of samples. At a margin of 0.02 and the defaults it is 15,456 times the flip rate.
    """
    return math.ceil((_standard_errors(level, power) / margin) ** 2 * flip_rate)


def detectable_drop(
    flip_rate: float, total: float, *, level: float = 0.05, power: float = 0.8
) -> float:
    """Least fall in accuracy that a one-sided test at `level` notices with that power, at most 1.

    As `smallest_provable_margin`; but a fall of d flips at least the share d, also where fewer
    flips were seen, so that it is never below (z(1 - level) + z(power)) ** 2 / total.
    """
    smallest = _standard_errors(level, power) ** 2 / total
    margin = smallest_provable_margin(flip_rate, total, level=level, power=power)
    return min(1.0, max(smallest, margin))


def _standard_errors(level: float, power: float) -> float:
    """How many a difference has to be away from 0: 2.49 at the customary 0.05 and 0.8."""
    normal = NormalDist()
    return normal.inv_cdf(1 - level) + normal.inv_cdf(power)
