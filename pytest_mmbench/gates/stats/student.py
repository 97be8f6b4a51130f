"""Student's t distribution, for intervals that rest on few clusters."""

from __future__ import annotations

import math
from statistics import NormalDist


def t_quantile(confidence: float, freedom: int) -> float:
    """How far from 0 a t of so many degrees of freedom stays with that probability, in (0, 1).

    Newton's method on `_central_probability`, which is increasing and concave: started below the
    solution, at the normal quantile, it climbs and never overshoots.
    """
    peak = math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2)
    t, step = NormalDist().inv_cdf(0.5 + confidence / 2), math.inf
    while step > 1e-14 * t:
        tail = (freedom + 1) / 2 * math.log1p(t * t / freedom)
        density = math.exp(peak - tail) / math.sqrt(freedom * math.pi)
        step = (confidence - _central_probability(t, freedom)) / (2 * density)
        t += step
    return t


def _central_probability(t: float, freedom: int) -> float:
    """Probability that |T| is at most t.

    Source: M. Abramowitz and I. Stegun, Handbook of Mathematical Functions (1964), 26.7.3, 26.7.4.
    """
    angle = math.atan(t / math.sqrt(freedom))
    odd = freedom % 2
    term = math.cos(angle) if odd else 1.0
    terms = [term] if freedom > 1 else []
    for power in range(1 + odd, freedom - 2, 2):
        term *= math.cos(angle) ** 2 * power / (power + 1)
        terms.append(term)
    series = math.sin(angle) * math.fsum(terms)
    return 2 / math.pi * (angle + series) if odd else series
