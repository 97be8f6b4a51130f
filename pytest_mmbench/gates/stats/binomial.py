"""Shares of correct answers: intervals, binomial tails, and the integers that decide.

The interval that is shown is Wilson's. Every decision rests on an exact binomial tail, which is the
test that Clopper and Pearson's interval inverts: its error rate holds for every number of samples.
Tails are summed with 50 digits and rounded once, to a float. Two probabilities that are equal on
paper are then equal here, and `<=` may be trusted at the edge.

An integer that does not exist lies just outside the possible scores: -1 where no score is low
enough, total + 1 where none is high enough. Comparing a score with it needs no special case.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal
from fractions import Fraction
from itertools import islice, repeat, takewhile
from statistics import NormalDist

from pytest_mmbench.records import Interval


def wilson(correct: int, total: int, confidence: float = 0.95) -> Interval:
    """Two-sided score interval of `correct / total`, for display.

    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
    JASA 22 (1927); recommended for general use by Brown, Cai and DasGupta, Statist. Sci. 16 (2001).
    The ends are exactly 0 and 1 where no, or every, answer is correct. `total` is at least 1.
    """
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    share, shrink = correct / total, 1 + z * z / total
    centre = (share + z * z / (2 * total)) / shrink
    half = z / shrink * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    return Interval(
        low=0.0 if correct == 0 else centre - half, high=1.0 if correct == total else centre + half
    )


def lower_tail(correct: int, total: int, chance: Fraction) -> float:
    """Probability of at most `correct` successes in `total` trials of probability `chance`."""
    if correct < 0:
        return 0.0
    if correct >= total:
        return 1.0
    return float(next(islice(_lower_tails(total, chance), correct, None)))


def upper_tail(correct: int, total: int, chance: Fraction) -> float:
    """Probability of at least `correct` successes in `total` trials of probability `chance`."""
    return lower_tail(total - correct, total, 1 - chance)


def min_correct(total: int, tau: Fraction) -> int:
    """Fewest correct answers that reach the fraction `tau`: ceil(tau * total), in exact fractions.

    In floats 0.55 * 100 is above 55, and a candidate with 55 of 100 would be turned away.
    """
    return math.ceil(tau * total)


def min_correct_significant(total: int, tau: Fraction, alpha: float) -> int:
    """Fewest correct answers that are strong evidence for `tau`, or `total + 1` if no score is.

    From here on the exact one-sided lower bound of the accuracy, at level `alpha` < 0.5, reaches
    tau: a model at tau itself scores as high with probability at most alpha.
    Source: C. J. Clopper and E. S. Pearson, Biometrika 26 (1934).
    """
    return 0 if tau == 0 else total - max_correct_significant(total, 1 - tau, alpha)


def max_correct_significant(total: int, tau: Fraction, alpha: float) -> int:
    """Most correct answers that are significantly below `tau`, or -1 if not even 0 is.

    Up to here the exact one-sided upper bound of the accuracy, at level `alpha` < 0.5, misses tau:
    a model at tau itself scores as low with probability at most alpha.
    Source: C. J. Clopper and E. S. Pearson, Biometrika 26 (1934).
    """
    # Half a unit in alpha's last place: below it, a tail would be rounded to alpha or less.
    edge = Decimal(alpha) + Decimal(math.ulp(alpha)) / 2
    return sum(1 for _ in takewhile(edge.__gt__, _lower_tails(total, tau))) - 1


def samples_for_strong(tau: Fraction, alpha: float) -> int:
    """Fewest samples of which a perfect score is strong evidence for `tau`, 0 < tau < 1.

    The smallest n with tau ** n <= alpha, that is ceil(ln alpha / ln tau).
    """
    total = max(1, math.floor(math.log(alpha) / math.log(tau)))
    while upper_tail(total, total, tau) > alpha:
        total += 1
    return total


def _lower_tails(total: int, chance: Fraction) -> Iterator[Decimal]:
    """P(X <= 0), P(X <= 1), ..., P(X <= total) of a binomial X, to about 45 digits."""
    if chance == 1:
        yield from repeat(Decimal(0), total)
        yield Decimal(1)
        return
    # The smallest terms of a large benchmark lie far below what a float can hold.
    exact = Context(prec=50, Emin=MIN_EMIN, Emax=MAX_EMAX)
    successes, trials = chance.numerator, chance.denominator
    odds = exact.divide(successes, trials - successes)
    term = exact.power(exact.divide(trials - successes, trials), total)
    tail = term
    yield tail
    for correct in range(1, total + 1):
        term = exact.multiply(term, exact.multiply(odds, total - correct + 1))
        term = exact.divide(term, correct)
        tail = exact.add(tail, term)
        yield tail
