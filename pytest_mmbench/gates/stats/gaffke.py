"""Means of credits between 0 and 1: bounds and p-values that hold for few samples.

A credit may be any fraction, so that no binomial tells how sure a mean is; and at small numbers no
t of Student's does, as twenty answers of 1 do not show that none of a hundred is 0. What stands
here assumes nothing but that credits lie between 0 and 1. Where each is 0 or 1 it is the exact
binomial test of Clopper and Pearson; where they vary less, it sees more.

Samples come as *shares*: so many observations (the values) have such a weight and have earned so
much credit (the keys), where `0 <= credit <= weight`. A sample by itself is `(1, credit)`; so
`equal_shares` has them. Samples that share a picture are one observation, with the sum of their
weights and that of their weighted credits. In a mean over dimensions a sample weighs 1 over the
number of dimensions and of the samples of its own. Only the ratios of weights matter.
"""

from __future__ import annotations

import cmath
import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from statistics import NormalDist
from typing import TYPE_CHECKING, Final

from pytest_mmbench.gates.stats import binomial
from pytest_mmbench.records import Interval

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Shares = Mapping[tuple[Fraction, Fraction], int]
"""How many observations have which weight and weighted credit."""

STEP: Final = 0.15
"""Between the points of an integral: for nine digits and more, whatever the slopes."""
PRECISION: Final = 1e-10
"""Of a bound, in standard errors."""


def equal_shares(credits: Iterable[Fraction]) -> Counter[tuple[Fraction, Fraction]]:
    """The shares of samples that count the same, and of which no two share a picture."""
    return Counter((Fraction(1), credit) for credit in credits)


def p_above(shares: Shares, tau: Fraction) -> float:
    """One-sided p-value that the mean is no higher than `tau`: small where it is surely higher.

    With weights w, weighted credits c and independent standard exponentials E, the probability that

        sum E_i (c_i - tau w_i)  <=  E_0 tau max(w),

    one observation more, of the largest weight, having earned nothing. For n equal weights it is
    the probability of a mean of at most tau, of the observed credits and a 0, each with the length
    of one of the n + 1 pieces into which n random points break a stick. For credits of 0 and 1 that
    is the binomial tail P(X >= k), to the last digit.

    That it errs with probability at most alpha was conjectured for equal weights, and proved for
    two observations and for credits of 0 and 1; simulations and searches for a counterexample have
    found none. For unequal weights it is exact in the limit, and simulated. `docs/statistics.md`
    has the tables.
    Source: N. Gaffke, "Three test statistics for a nonparametric one-sided hypothesis on the mean
    of a nonnegative variable", Math. Methods Statist. 14 (2005); E. Learned-Miller and P. S.
    Thomas, arXiv:1905.06208 (2019).
    """
    weights = {weight for weight, _ in shares}
    if len(weights) == 1 and all(credit in (0, weight) for weight, credit in shares):
        correct = sum(number for (_, credit), number in shares.items() if credit)
        return binomial.upper_tail(correct, sum(shares.values()), tau)
    return _p_above(shares)(float(tau))


def p_below(shares: Shares, tau: Fraction) -> float:
    """One-sided p-value that the mean is no lower than `tau`: small where it is surely lower.

    `p_above` of what was missed; for credits of 0 and 1 the binomial tail P(X <= k).
    """
    return p_above(_missed(shares), 1 - tau)


def lower_bound(shares: Shares, alpha: float, *, extra: float = 0.0) -> float:
    """The mean that is surely reached, at the one-sided level `alpha`: where `p_above` is alpha.

    Clopper and Pearson's for credits of 0 and 1. 0 where nothing was earned. `extra` is the weight
    of the observation more that earned nothing, where it is not to be the largest.
    """
    if not any(credit for _, credit in shares):
        return 0.0
    return _root(_p_above(shares, extra), alpha)


def upper_bound(shares: Shares, alpha: float, *, extra: float = 0.0) -> float:
    """The mean that is surely not exceeded, at the one-sided level `alpha`."""
    return 1 - lower_bound(_missed(shares), alpha, extra=extra)


def interval(shares: Shares, confidence: float = 0.95, *, extra: float = 0.0) -> Interval:
    """Two-sided interval of the mean, with half of the error on either side."""
    alpha = (1 - confidence) / 2
    return Interval(
        low=lower_bound(shares, alpha, extra=extra),
        high=upper_bound(shares, alpha, extra=extra),
    )


def _missed(shares: Shares) -> Shares:
    return {(weight, weight - credit): number for (weight, credit), number in shares.items()}


def _p_above(shares: Shares, extra: float = 0.0) -> Callable[[float], float]:
    """The p-value as a function of the threshold."""
    import numpy as np  # noqa: PLC0415 - heavy, and needed only where credits are graded

    more = extra or float(max(weight for weight, _ in shares))
    rows = [(float(weight), float(credit), number) for (weight, credit), number in shares.items()]
    # In an order of their own, so that sums of floats do not depend on that of the samples.
    rows.sort()
    weights, credits, numbers = np.array([*rows, (more, 0.0, 1)]).T
    return lambda tau: probability_negative(credits - tau * weights, numbers)


def probability_negative(slopes: NDArray[np.float64], numbers: NDArray[np.float64]) -> float:
    """P(sum of slope * E <= 0) for independent standard exponentials E, so many of each slope.

    The smaller tail is an integral of their moment generating function, over a hyperbola that
    crosses the real axis between 0 and the first pole, where the integrand is smallest, and bends
    as the path of steepest descent does (H. E. Daniels, Ann. Math. Statist. 25, 1954). There the
    trapezoidal rule converges exponentially (L. N. Trefethen and J. A. C. Weideman, SIAM Review 56,
    2014).
    """
    import numpy as np  # noqa: PLC0415 - as above

    slopes, numbers = slopes[slopes != 0], numbers[slopes != 0]
    if slopes.size == 0 or slopes.max() < 0:
        return 1.0
    if slopes.min() > 0:
        return 0.0
    is_small = numbers @ slopes > 0
    if is_small:
        slopes = -slopes
    centre = _saddle(slopes, numbers)
    ratios = slopes / (1 - centre * slopes)
    curvature = float(numbers @ ratios**2) + 1 / centre**2
    skew = 2 * (float(numbers @ ratios**3) - 1 / centre**3) / curvature**1.5
    bend = max(-0.7, min(0.7, skew / 3))
    width = 1 / math.sqrt(curvature) / math.cos(bend)
    peak = -float(numbers @ np.log1p(-centre * slopes))
    total, at, term = width * math.cos(bend) / centre / 2, 0.0, complex(math.inf)
    while abs(term) > 1e-17 * abs(total):
        at += STEP
        point = centre + width * (cmath.sin(complex(bend, at)) - math.sin(bend))
        size = np.exp(-(numbers @ np.log(1 - point * slopes)) - peak)
        term = complex(size) / point * width * cmath.cos(complex(bend, at))
        total += term.real
    tail = math.exp(peak) * STEP * total / math.pi
    return tail if is_small else 1 - tail


def _saddle(slopes: NDArray[np.float64], numbers: NDArray[np.float64]) -> float:
    """Where the integrand is smallest between 0 and its first pole.

    Newton's method on the derivative of its logarithm, which is increasing; a bisection wherever
    that would leave the bracket.
    """
    low, high = 0.0, 1 / float(slopes.max())
    centre, step = high / 2, math.inf
    while abs(step) > 1e-6 * centre:
        ratios = slopes / (1 - centre * slopes)
        rise = float(numbers @ ratios) - 1 / centre
        low, high = (low, centre) if rise > 0 else (centre, high)
        moved = centre - rise / (float(numbers @ ratios**2) + 1 / centre**2)
        moved = moved if low < moved < high else (low + high) / 2
        centre, step = moved, moved - centre
    return centre


def _root(p_value: Callable[[float], float], alpha: float) -> float:
    """Where an increasing p-value is alpha, between 0 and 1.

    Regula falsi in normal quantiles, in which a p-value is almost a straight line; an end that has
    stayed twice counts half (the Illinois rule: M. Dowell and P. Jarratt, BIT 11, 1971).
    """
    normal = NormalDist()

    def excess(tau: float) -> float:
        return normal.inv_cdf(min(max(p_value(tau), 1e-300), 1 - 1e-16)) - normal.inv_cdf(alpha)

    low, high = 0.0, 1.0
    below, above = excess(low), excess(high)
    side = 0
    tau, here = low, below
    while abs(here) > PRECISION and high - low > math.ulp(1):
        tau = low + (high - low) * below / (below - above)
        here = excess(tau)
        if here < 0:
            low, below, above = tau, here, above / 2 if side < 0 else above
            side = -1
        else:
            high, above, below = tau, here, below / 2 if side > 0 else below
            side = 1
    return tau
