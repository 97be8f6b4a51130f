"""Several p-values, judged together."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import takewhile

Rational = int | Fraction


def holm(p_values: Sequence[float]) -> list[float]:
    """P-values adjusted for being judged together, in the given order.

    Rejecting those that are at most alpha keeps the probability of any false rejection in the
    family at most alpha, however the tests depend on each other: the i-th smallest of m is
    multiplied by m - i + 1, and none is smaller than the one before it.
    Source: S. Holm, "A simple sequentially rejective multiple test procedure", Scand. J. Statist. 6
    (1979).
    """
    return weighted_holm(p_values, [1] * len(p_values))


def weighted_holm(p_values: Sequence[float], weights: Sequence[Rational]) -> list[float]:
    """Holm's procedure where some tests get a larger share of alpha than others.

    Ranked by p-value over weight, each p-value is divided by its weight's share of all weights that
    come no earlier, and none is smaller than the one before it. What is rejected so leaves its
    share to the others. Weights are exact and positive; equal ones are Holm's own procedure.
    Source: S. Holm, as above, section 4; Y. Benjamini and Y. Hochberg, "Multiple hypotheses testing
    with weights", Scand. J. Statist. 24 (1997).
    """
    adjusted, floor = [0.0] * len(p_values), 0.0
    ranked = sorted(range(len(p_values)), key=lambda place: p_values[place] / weights[place])
    remaining = Fraction(sum(weights))
    for place in ranked:
        factor = remaining / weights[place]
        floor = max(floor, min(1.0, float(factor) * p_values[place]))
        adjusted[place] = floor
        remaining -= weights[place]
    return adjusted


def holm_threshold(others: Sequence[float], alpha: float) -> float:
    """Largest p-value that Holm's procedure would reject beside the `others` of its family.

    If the procedure gets past j of the others, a further one is compared with alpha / (m - j), m
    being the size of the whole family. So a family's decision becomes one integer per dimension.
    """
    size = len(others) + 1
    passed = takewhile(
        lambda ranked: ranked[1] <= alpha / (size - ranked[0]), enumerate(sorted(others))
    )
    return alpha / (size - sum(1 for _ in passed))
