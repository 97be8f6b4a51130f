"""What guessing is worth: the chance of one question, of many, and how rare a score is by chance.

A question with m options is guessed right once in m times. An open question, which has none (m is 0
here), is never guessed right: its chance is 0, and whoever shows a chance says so.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from itertools import accumulate
from operator import mul


def guess(options: int) -> Fraction:
    """Chance of guessing one of so many options; 0 for an open question, which has none."""
    return Fraction(1, options) if options else Fraction(0)


def guess_every_rotation(options: int) -> Fraction:
    """Chance of guessing right under each of the m rotations of m options: m ** -m.

    That is for guesses that are independent of each other, and 1 in 256 for four options. Whoever
    has a favourite text, and finds it under every rotation, is right once in m times; whoever has a
    favourite letter, never: MMStar's paper lists a random choice on MMBench as 0.0.
    """
    return guess(options) ** max(options, 1)


def mean(options: Mapping[int, int]) -> Fraction:
    """Mean chance of samples of which so many (the values) have so many options (the keys).

    There is at least one sample.
    """
    right = sum((guess(each) * samples for each, samples in options.items()), Fraction(0))
    return right / sum(options.values())


def at_least(correct: int, options: Mapping[int, int]) -> float:
    """Probability that guessing gets at least `right` of the samples right.

    `options` says how many samples (the values) have how many options (the keys). The number of
    right guesses is Poisson-binomial; a binomial at the mean chance would vary more, and would call
    fewer scores rare (W. Hoeffding, Ann. Math. Statist. 27, 1956).

    1. Samples with equally many options are one binomial.
    2. Each is tilted: its probability of j is multiplied by w ** j, such that `right` is expected.
       So a tail of 1e-200 is a sum of terms of ordinary size, and as exact as any other.
    3. Terms farther from the middle than 9 standard deviations and 40 are left out: less than 1e-16
       of the whole, by Bernstein's inequality.
    """
    # An open question cannot be guessed, and a single option cannot be missed.
    needed = correct - options.get(1, 0)
    groups = [
        _Group(options=each, samples=samples)
        for each, samples in options.items()
        if each > 1 and samples
    ]
    possible = sum(group.samples for group in groups)
    if needed <= 0:
        return 1.0
    if needed > possible:
        return 0.0
    if needed == possible:
        return math.exp(-math.fsum(each.samples * math.log(each.options) for each in groups))
    return _tail(needed, sorted(groups, key=lambda each: each.samples))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    """Samples with equally many options, more than one."""

    options: int
    samples: int

    def chance(self, weight: float) -> float:
        return weight / (weight + self.options - 1)

    def log_moment(self, weight: float) -> float:
        """Logarithm of the expected weight ** (right guesses)."""
        return self.samples * math.log((weight + self.options - 1) / self.options)

    def terms(self, weight: float) -> _Terms:
        """The tilted distribution, from its middle outwards, without what is negligible."""
        chance, odds = self.chance(weight), weight / (self.options - 1)
        middle = int((self.samples + 1) * chance)
        reach = math.ceil(40 + 9 * math.sqrt(self.samples * chance * (1 - chance)))
        low, high = max(0, middle - reach), min(self.samples, middle + reach)
        up = (odds * (self.samples - at) / (at + 1) for at in range(middle, high))
        down = (at / (odds * (self.samples - at + 1)) for at in range(middle, low, -1))
        below, above = (list(accumulate(ratios, mul, initial=1.0)) for ratios in (down, up))
        values = [*below[:0:-1], *above]
        total = math.fsum(values)
        return _Terms(low=low, values=[value / total for value in values])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Terms:
    """The probabilities of low, low + 1, ..."""

    low: int
    values: Sequence[float]

    def plus(self, other: _Terms) -> _Terms:
        """The distribution of the sum of two independent numbers."""
        short, long = sorted((self.values, other.values), key=len)
        around = [0.0] * (len(short) - 1)
        padded, turned = [*around, *long, *around], short[::-1]
        values = [
            sum(map(mul, turned, padded[at : at + len(short)]))
            for at in range(len(long) + len(short) - 1)
        ]
        return _Terms(low=self.low + other.low, values=values)

    def tail_with(self, other: _Terms, right: int, weight: float) -> float:
        """Sum over j >= `right` of weight ** (right - j), times P(j) of the sum of both numbers."""
        falling = accumulate(reversed(other.values), lambda tail, value: value + tail / weight)
        tails = [*falling][::-1]
        parts = []
        for number, probability in enumerate(self.values, self.low):
            place = right - number - other.low
            if place < len(tails):
                parts.append(probability * tails[max(0, place)] * weight ** min(0, place))
        return math.fsum(parts)


def _tail(right: int, groups: Sequence[_Group]) -> float:
    weight = _weight(right, groups)
    *others, largest = (group.terms(weight) for group in groups)
    rest = reduce(_Terms.plus, others, _Terms(low=0, values=[1.0]))
    log_moment = math.fsum(group.log_moment(weight) for group in groups)
    scale = math.exp(log_moment - right * math.log(weight))
    return min(1.0, scale * rest.tail_with(largest, right, weight))


def _weight(right: int, groups: Sequence[_Group]) -> float:
    """The weight under which `right` is expected, or 1 if guessing gets as many anyway."""
    samples = sum(group.samples for group in groups)
    most = max(group.options for group in groups)
    low, high = 1.0, max(1.0, right * (most - 1) / (samples - right))
    for _ in range(60):
        middle = math.sqrt(low * high)
        expected = math.fsum(group.samples * group.chance(middle) for group in groups)
        low, high = (middle, high) if expected < right else (low, middle)
    return high
