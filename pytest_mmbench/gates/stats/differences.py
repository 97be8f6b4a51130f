"""The same samples scored twice with credits between 0 and 1: what the differences amount to.

A difference is the candidate's credit less the baseline's, from -1 to 1. Where every credit is 0 or
1, samples are counted instead: `paired` and `clusters` have their intervals and tests. The tests of
`clusters` take these clusters too: `sign_flip_worse` is the test of having become worse, and
`effective_size` says how many samples without a common picture would tell as much. What `paired`
asks for as a flip rate is the `mean_square` here, to which it is equal for differences of -1, 0, 1.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from pytest_mmbench.gates.stats import gaffke
from pytest_mmbench.gates.stats.clusters import ClusterChange
from pytest_mmbench.records import Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditCluster:
    """Samples that share a picture, or one that shares none, and how their credits changed."""

    size: int | Fraction
    """How many there are; where samples have weights, the sum of these."""
    change: Fraction
    """Sum of their differences."""
    squares: Fraction
    """Sum of the squares of these."""


def credit_clusters(differences: Iterable[tuple[Hashable, Fraction]]) -> tuple[CreditCluster, ...]:
    """Clusters of samples, each given by what only those share that share its picture."""
    return weighted_clusters((cluster, 1, difference) for cluster, difference in differences)


def weighted_clusters(
    differences: Iterable[tuple[Hashable, int | Fraction, Fraction]],
) -> tuple[CreditCluster, ...]:
    """The same of samples with a weight each, by which their differences are multiplied already.

    In an order of their own, so that sums of floats do not depend on the order of the samples.
    """
    sums: dict[Hashable, tuple[int | Fraction, Fraction, Fraction]] = {}
    for cluster, weight, difference in differences:
        size, change, squares = sums.get(cluster, (0, Fraction(0), Fraction(0)))
        sums[cluster] = size + weight, change + difference, squares + difference**2
    return tuple(
        CreditCluster(size=size, change=change, squares=squares)
        for size, change, squares in sorted(sums.values())
    )


def mean_square(clusters: Sequence[ClusterChange]) -> float:
    """Mean of the squared differences: the flip rate where each difference is -1, 0 or 1."""
    squares = math.fsum(cluster.squares for cluster in clusters)
    return squares / math.fsum(cluster.size for cluster in clusters)


def difference_interval(clusters: Sequence[ClusterChange], confidence: float = 0.95) -> Interval:
    """Two-sided interval of the mean difference; at 90 %, 5 % on either side.

    That of `gaffke` for (1 + difference) / 2, a cluster being one observation. It holds for any
    differences between -1 and 1 at any number of clusters, and has a width where nothing changed:
    of three samples in n, as one that fell from 1 to 0 may be missed so often.
    """
    shares = Counter(
        (Fraction(cluster.size), (cluster.size + Fraction(cluster.change)) / 2)
        for cluster in clusters
    )
    half = gaffke.interval(shares, confidence)
    return Interval(low=2 * half.low - 1, high=2 * half.high - 1)
