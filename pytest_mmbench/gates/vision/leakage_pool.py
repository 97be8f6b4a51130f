"""What a dimension with few samples leaves to those above it.

That little leaked is shown by some hundreds of samples. An axis has forty, and its verdict would be
inconclusive for ever; so its samples are pooled with those of its neighbours.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from statistics import NormalDist
from typing import Final

from pytest_mmbench.gates.vision.claims import ClaimVerdict
from pytest_mmbench.gates.vision.measures import Contrast, NotMeasured
from pytest_mmbench.records import Outcome

POWER: Final = 0.8
"""Probability with which samples that are enough show that nothing leaked."""


def pooled_leakage(
    path: str, leakages: Mapping[str, ClaimVerdict], max_leakage: str, alpha: float
) -> ClaimVerdict:
    """The leakage of a dimension, or what the nearest one above with enough samples says of it.

    Only what is inconclusive for want of samples is left to that one: it passes if that one does,
    and else stays inconclusive, as it does where none above has enough.
    """
    own = leakages[path]
    contrast = own.vision.leakage_contrast
    if own.outcome is not Outcome.INCONCLUSIVE or isinstance(contrast, NotMeasured):
        return own
    needed = samples_for_leakage(contrast, max_leakage, alpha)
    if contrast.effective >= needed:
        return own
    few = f"{own.statement}; {contrast.effective} samples are too few, {needed:,} are enough"
    names = path.split(".")
    for depth in range(len(names) - 1, 0, -1):
        above = leakages.get(".".join(names[:depth]))
        pool = above.vision.leakage_contrast if above else NotMeasured.NOT_ASKED
        if above is None or isinstance(pool, NotMeasured):
            continue
        if pool.effective >= samples_for_leakage(pool, max_leakage, alpha):
            outcome = Outcome.PASS if above.outcome is Outcome.PASS else own.outcome
            decides = f"{few}: {above.vision.dimension} decides ({above.outcome})"
            return replace(own, outcome=outcome, statement=decides)
    alone = ", and no dimension above has so many" if names[1:] else ""
    return replace(own, statement=few + alone)


def samples_for_leakage(contrast: Contrast, max_leakage: str, alpha: float) -> float:
    """Independent samples by which a model that only guesses is shown to leak little.

    With a probability of `POWER`, by the normal approximation of the exact test against chance of
    `claims.judge_leakage` (J. L. Fleiss, *Statistical Methods for Rates and Proportions*, 1981,
    section 2.2). Infinite where nothing at all may leak.
    """
    limit, normal = float(Fraction(max_leakage)), NormalDist()
    guessed = float(contrast.chance)
    leaked = min(1.0, guessed + limit)
    if not limit:
        return math.inf
    error = normal.inv_cdf(1 - alpha / 2) * math.sqrt(leaked * (1 - leaked))
    error += normal.inv_cdf(POWER) * math.sqrt(guessed * (1 - guessed))
    return math.ceil((error / limit) ** 2)
