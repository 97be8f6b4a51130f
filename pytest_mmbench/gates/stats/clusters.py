"""The same samples asked twice, where several of them share a picture.

Samples of one picture tend to flip together, so that a test which takes them for independent cries
wolf: a nominal 5 % becomes 15 % for four questions per picture. Here a picture, with all its
samples, is one independent observation.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from statistics import NormalDist
from typing import Final, Protocol

from pytest_mmbench.gates.stats import gaffke
from pytest_mmbench.gates.stats.paired import Pairs, newcombe
from pytest_mmbench.gates.stats.sign_flips import sign_flip_tail
from pytest_mmbench.records import Interval

UNSEEN: Final = 3
"""Clusters of which none is seen once in twenty times: as many may have changed as a whole."""


class ClusterChange(Protocol):
    """What a cluster's samples earned the second time, less the first time, sample by sample."""

    @property
    def size(self) -> int | Fraction:
        """How many samples there are, or the sum of their weights, whose mean is 1."""

    @property
    def change(self) -> int | Fraction:
        """Sum of their differences, each from -1 to 1."""

    @property
    def squares(self) -> int | Fraction:
        """Sum of the squares of these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """Samples that share a picture, counted."""

    size: int
    regressed: int
    """Correct the first time only."""
    fixed: int
    """Correct the second time only."""

    @property
    def change(self) -> int:
        """Correct answers the second time, less those of the first."""
        return self.fixed - self.regressed

    @property
    def squares(self) -> int:
        """How many flipped."""
        return self.fixed + self.regressed


def sign_flip_worse(clusters: Iterable[ClusterChange]) -> float:
    """One-sided p-value of having become worse: each cluster's change had its sign by a fair coin.

    The probability of a total change as low as the observed one. Where nothing changed it is 1.
    """
    return sign_flip_tail(cluster.change for cluster in clusters)


def clustered_error(clusters: Sequence[ClusterChange]) -> float:
    """Standard error of the difference of two accuracies, for clusters of two samples or more.

    With d = -1, 0 or 1 for each of n samples and D its mean: the square root of sum((d - D) ** 2) /
    (n (n - 1)) plus sum((d_i - D) (d_j - D)) / n ** 2 over all ordered pairs of different samples
    of the same cluster. With clusters of one sample it is the usual standard error.
    Source: E. Miller, "Adding error bars to evals", arXiv:2411.00640 (2024), equation 4.
    """
    total, squares = _total(clusters), _squares(clusters)
    changes = [float(cluster.change) for cluster in clusters]
    mean = math.fsum(changes) / total
    within = math.fsum(
        (change - cluster.size * mean) ** 2
        for change, cluster in zip(changes, clusters, strict=True)
    )
    return math.sqrt(within + squares / (total - 1)) / total


def effective_size(clusters: Sequence[ClusterChange]) -> float:
    """How many samples without a common picture would tell as much.

    The number of samples, times the ratio of the variances that ignore and respect the clusters;
    the number of clusters if nothing flipped and neither variance says anything.
    Source: the design effect of L. Kish, Survey Sampling (1965).
    """
    total, error = _total(clusters), clustered_error(clusters)
    if not error:
        return float(len(clusters))
    return _squares(clusters) / (total - 1) / error**2


def clustered_interval(clusters: Sequence[ClusterChange], confidence: float = 0.95) -> Interval:
    """Two-sided interval of the second accuracy less the first: D +- t * standard error.

    t has one degree of freedom less than there are clusters, and the variance is that of one more,
    of the usual size, which is all lost or all gained. Below about 20 clusters it is not to be
    relied on; one cluster alone says nothing, and its interval is everything.
    """
    if len(clusters) == 1:
        return Interval(low=-1.0, high=1.0)
    total = _total(clusters)
    mean = math.fsum(cluster.change for cluster in clusters) / total
    error = math.hypot(clustered_error(clusters), usual_size(clusters) / total)
    half = t_quantile(confidence, len(clusters) - 1) * error
    return Interval(low=max(-1.0, mean - half), high=min(1.0, mean + half))


def skewed_interval(clusters: Sequence[ClusterChange], confidence: float = 0.95) -> Interval:
    """The same where few clusters changed, and by much: no t knows how many more of them there are.

    That of `gaffke`, with a cluster as one observation. If nothing changed, or whole clusters did,
    it is exact: where none of n was lost, 3 / n of them may be. To presume the same of clusters
    whose samples change one by one would hardly let any pass. So the cluster that is presumed to be
    lost beside those that were seen has as many samples as changed ones change by, on an average of
    samples, of those that were seen and of `UNSEEN` that changed as a whole.
    """
    usual = usual_size(clusters)
    changes = [abs(float(cluster.change)) for cluster in clusters]
    squares = math.fsum(change * change for change in changes)
    extra = (UNSEEN * usual**2 + squares) / (UNSEEN * usual + math.fsum(changes))
    kinds = Counter((cluster.size, cluster.change) for cluster in clusters)
    halves = {
        (Fraction(size), (size + Fraction(change)) / 2): number
        for (size, change), number in kinds.items()
    }
    half = gaffke.interval(halves, confidence, extra=extra)
    return Interval(low=2 * half.low - 1, high=2 * half.high - 1)


def paired_interval(
    pairs: Pairs, clusters: Sequence[Cluster], confidence: float = 0.95
) -> Interval:
    """Two-sided interval of the second accuracy less the first; at 90 %, 5 % on either side.

    Newcombe's method 10. Where pictures are shared it is widened to hold `clustered_interval` and
    `skewed_interval` as well, as neither pictures that are lost whole nor samples that flip by
    themselves may escape it. Simulated with 20 to 500 pictures of 2 to 40 questions, flips to 10 %
    and a shared fate from none to whole, an end misses the truth in 5 to 6 % of runs at most.
    """
    return hull(
        newcombe(pairs, confidence),
        *(of(clusters, confidence) for of in (clustered_interval, skewed_interval) if clusters),
    )


def hull(*intervals: Interval) -> Interval:
    """The shortest interval that holds them all."""
    return Interval(
        low=min(interval.low for interval in intervals),
        high=max(interval.high for interval in intervals),
    )


def usual_size(clusters: Sequence[ClusterChange]) -> float:
    """How many samples the cluster of a sample has, on an average of samples."""
    return math.fsum(cluster.size**2 for cluster in clusters) / _total(clusters)


def _total(clusters: Sequence[ClusterChange]) -> float:
    return math.fsum(cluster.size for cluster in clusters)


def _squares(clusters: Sequence[ClusterChange]) -> float:
    """The squared distances of all samples from their mean."""
    squares = math.fsum(cluster.squares for cluster in clusters)
    change = math.fsum(cluster.change for cluster in clusters)
    return squares - change**2 / _total(clusters)


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
