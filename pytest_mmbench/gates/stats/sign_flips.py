"""Sign flips: how often changes, each with its sign by a fair coin, add up to so large a fall."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from itertools import accumulate
from typing import Final

PRODUCTS: Final = 10_000_000
"""As many are taken one by one; a Fourier transform does where it would be more."""
POINTS: Final = 20_000_000
"""Cosines that a Fourier transform may take."""
LEVELS: Final = (5040, 2520, 840, 360, 120, 60, 24)
"""Sizes from nothing to the largest change, where there would be too many: halves, thirds, quarters
and fifths of it stay what they are down to 60."""
LEAST: Final = 1e-12
"""No p-value of a Fourier transform is told to be less, as its terms are rounded."""


def sign_flip_tail(changes: Iterable[int | Fraction]) -> float:
    """Probability of a sum as low as that of the changes, if each had its sign by a fair coin.

    Sums are counted by size instead of being listed, and nothing is drawn at random. So it is exact
    where changes are multiples of a fraction that is not too small. Elsewhere each is rounded, by
    the same rule on both sides, which leaves the test as valid: if a change is as likely as its
    opposite, then so is the rounded one. If every change is 1 or -1 it is the exact McNemar test.
    Where nothing changed it is 1.
    Source: the randomisation test of R. A. Fisher, The Design of Experiments (1935), section 21.
    """
    numbers = Counter(changes)
    numbers.pop(0, None)
    if not numbers:
        return 1.0
    # In the largest unit that measures them all.
    scale = math.lcm(*(Fraction(change).denominator for change in numbers))
    whole = {int(change * scale): number for change, number in numbers.items()}
    unit = math.gcd(*whole)
    whole = {change // unit: number for change, number in whole.items()}
    coins: Counter[int] = Counter()
    for change, number in whole.items():
        coins[abs(change)] += number
    _, *larger = sorted(coins)
    lengths = accumulate((size * coins[size] for size in larger), initial=1)
    products = sum(coins[size] * length for size, length in zip(larger, lengths, strict=False))
    if products <= PRODUCTS:
        fall = -sum(change * number for change, number in whole.items() if change < 0)
        return _counted_tail(coins, fall)
    return _transformed_tail(whole)


def _counted_tail(coins: Mapping[int, int], fall: int) -> float:
    """P(heads of all coins are worth `fall` or more), where so many coins are worth a size each."""
    smallest, *larger = sorted(coins)
    # Probabilities of the sums 0, 1, 2 ... of all coins but the smallest ones.
    sums = [1.0]
    for size in larger:
        wider = [0.0] * (len(sums) + size * coins[size])
        for heads, ways in enumerate(_pascal(coins[size])):
            chance = ways / (1 << coins[size])
            for at, share in enumerate(sums, size * heads):
                wider[at] += share * chance
        sums = wider
    # P(X >= 0), P(X >= 1) ... of the heads X of the smallest coins, which have to do the rest.
    few = coins[smallest]
    tails = [ways / (1 << few) for ways in accumulate(_pascal(few), initial=0)][::-1]
    needed = (max(0, -((at - fall) // smallest)) for at in range(len(sums)))
    return min(
        1.0,
        math.fsum(
            share * tails[min(heads, few + 1)] for share, heads in zip(sums, needed, strict=True)
        ),
    )


def _pascal(coins: int) -> Iterator[int]:
    """A row of his triangle: in how many ways so many coins show 0, 1, 2 ... heads."""
    ways = 1
    for heads in range(coins + 1):
        yield ways
        ways = ways * (coins - heads) // (heads + 1)


def _transformed_tail(changes: Mapping[int, int]) -> float:
    """The same tail, from the product of cosines that is the sum's characteristic function."""
    import numpy as np  # noqa: PLC0415 - heavy, and seldom needed

    coins, fall, length = _fitting(changes)
    cosines = np.cos(2 * np.pi * np.arange(length) / length)
    frequencies = np.arange(length // 2 + 1)
    transform = np.ones(len(frequencies))
    for size, number in sorted(coins.items()):
        transform *= cosines[frequencies * size % length] ** number
    chances = np.fft.irfft(transform, length)
    tail = (
        math.fsum(chances[fall : length // 2])
        if fall >= 0
        else 1 - math.fsum(chances[1 - fall : length // 2])
    )
    return min(1.0, max(LEAST, tail))


def _fitting(changes: Mapping[int, int]) -> tuple[Counter[int], int, int]:
    """Coins and their fall in a unit so large that they can be transformed, and the length of that.

    The sum exceeds nine standard deviations once in 10 ** 17 times (W. Hoeffding, JASA 58, 1963).
    """
    largest = max(map(abs, changes))
    # Shares of areas or of long texts have units that no number of points can resolve.
    exact = (largest,) if largest <= POINTS else ()
    for levels in (*exact, *(each for each in LEVELS if each < largest)):
        coins: Counter[int] = Counter()
        fall = 0
        for change, number in changes.items():
            # Rounded half up, away from nothing, by the same rule on both sides.
            size = (2 * abs(change) * levels + largest) // (2 * largest)
            coins[size] += number
            fall += number * (-size if change > 0 else size)
        del coins[0]
        reach = min(
            sum(size * number for size, number in coins.items()),
            math.ceil(9 * math.sqrt(sum(size * size * number for size, number in coins.items()))),
        )
        length = 1 << (2 * max(reach, abs(fall)) + 2).bit_length()
        if len(coins) * length <= 2 * POINTS:
            break
    return coins, fall, length
