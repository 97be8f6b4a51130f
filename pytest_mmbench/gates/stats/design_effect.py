"""How many independent samples a score is worth whose samples share pictures.

Samples of one picture tend to share their fate. A test of a threshold that takes them for
independent promises an error of 5 % and makes one of up to 26 %, at four questions to a picture.
"""

from __future__ import annotations

import math
from fractions import Fraction
from statistics import NormalDist
from typing import Final

from pytest_mmbench.records import ClusterStats

CONFIDENCE: Final = 0.8
"""One-sided, of the upper bound of the variance."""


def effective_samples(score: Fraction, clusters: ClusterStats) -> int:
    """The number of independent samples whose mean is as sure as this score, on the safe side.

    `score * (1 - score) / variance`, the design effect of L. Kish, *Survey Sampling* (1965), whose
    use with an exact binomial tail is that of E. L. Korn and B. I. Graubard, Survey Methodology 24
    (1998). An estimate from few clusters is often far too small, most of all where nearly every
    cluster is all correct. So the variance

    1. is that of one cluster more, of the usual size, which is all correct or all wrong;
    2. is raised to its upper bound, at `CONFIDENCE`, from a chi-square with one degree of freedom
       less than there are clusters that missed anything, or that earned anything if these are
       fewer: clusters that all look alike do not show how samples depend on each other;
    3. is never taken to be more than that of clusters whose samples all share one fate.

    Simulated with 8 to 100 clusters of four, thresholds from 0.3 to 0.95, and a shared fate from
    none to whole, a test at the level 0.05 errs in at most 0.055 of runs.
    """
    least = max(1, int(1 / clusters.concentration))
    whole = score * (1 - score)
    if not whole:
        return least
    freedom = max(1, int(min(clusters.missing, clusters.earning)) - 1)
    variance = float(clusters.variance + whole * clusters.concentration**2)
    return max(least, int(float(whole) / variance * chi_square_share(freedom)))


def chi_square_share(freedom: int) -> float:
    """How far below the variance its estimate lies, as a share of it, once in five times.

    The quantile of a chi-square at 1 - `CONFIDENCE`, over its degrees of freedom.
    Source: E. B. Wilson and M. M. Hilferty, "The distribution of chi-square", PNAS 17 (1931).
    """
    spread = 2 / (9 * freedom)
    root = 1 - spread + NormalDist().inv_cdf(1 - CONFIDENCE) * math.sqrt(spread)
    return max(0.0, root) ** 3
