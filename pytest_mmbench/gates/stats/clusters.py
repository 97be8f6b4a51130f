"""The same samples asked twice, where several of them share a picture.

Samples of one picture tend to flip together, so that a test which takes them for independent cries
wolf: a nominal 5 % becomes 15 % for four questions per picture. Here a picture, with all its
samples, is one independent observation.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from statistics import NormalDist
from typing import Protocol

from pytest_mmbench.gates.stats.paired import Pairs, newcombe
from pytest_mmbench.gates.stats.sign_flips import sign_flip_tail
from pytest_mmbench.records import Interval


class Change(Protocol):
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


def sign_flip_worse(clusters: Iterable[Change]) -> float:
    """One-sided p-value of having become worse: each cluster's change had its sign by a fair coin.

    The probability of a total change as low as the observed one. Where nothing changed it is 1.
    """
    return sign_flip_tail(cluster.change for cluster in clusters)


def clustered_error(clusters: Sequence[Change]) -> float:
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


def effective_size(clusters: Sequence[Change]) -> float:
    """How many samples without a common picture would tell as much.

    The number of samples, times the ratio of the variances that ignore and respect the clusters;
    the number of clusters if nothing flipped and neither variance says anything.
    Source: the design effect of L. Kish, Survey Sampling (1965).
    """
    total, error = _total(clusters), clustered_error(clusters)
    if not error:
        return float(len(clusters))
    return _squares(clusters) / (total - 1) / error**2


def clustered_interval(clusters: Sequence[Change], confidence: float = 0.95) -> Interval:
    """Two-sided interval of the second accuracy less the first: D +- t * standard error.

    t has one degree of freedom less than there are clusters. Below about 20 clusters it is not to
    be relied on; one cluster alone says nothing, and its interval is everything.
    """
    if len(clusters) == 1:
        return Interval(low=-1.0, high=1.0)
    mean = math.fsum(cluster.change for cluster in clusters) / _total(clusters)
    half = t_quantile(confidence, len(clusters) - 1) * clustered_error(clusters)
    return Interval(low=max(-1.0, mean - half), high=min(1.0, mean + half))


def paired_interval(
    pairs: Pairs, clusters: Sequence[Cluster], confidence: float = 0.95
) -> Interval:
    """Two-sided interval of the second accuracy less the first; at 90 %, 5 % on either side.

    Newcombe's method 10. Where pictures are shared it is widened to hold the interval of the
    clustered standard error as well, which alone would have no width if nothing flipped.
    """
    narrow = newcombe(pairs, confidence)
    if not clusters:
        return narrow
    wide = clustered_interval(clusters, confidence)
    return Interval(low=min(narrow.low, wide.low), high=max(narrow.high, wide.high))


def _total(clusters: Sequence[Change]) -> float:
    return math.fsum(cluster.size for cluster in clusters)


def _squares(clusters: Sequence[Change]) -> float:
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
