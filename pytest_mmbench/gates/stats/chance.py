"""Accuracy by guessing: of one question, of many, and how rare a score is by chance.

A question with m options is guessed correctly once in m times. An open question, which has none (m
is 0 here), is never guessed: its chance is 0, and whoever shows a chance says so.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction


def guess(options: int) -> Fraction:
    """Chance of guessing one of so many options; 0 for an open question, which has none."""
    return Fraction(1, options) if options else Fraction(0)


def guess_every_rotation(options: int) -> Fraction:
    """Chance of guessing correctly under each of the m rotations of m options: m ** -m.

    That is for guesses that are independent of each other, and 1 in 256 for four options. Whoever
    has a favourite text, and finds it under every rotation, is correct once in m times; whoever has
    a favourite letter, never: MMStar's paper lists a random choice on MMBench as 0.0.
    """
    return guess(options) ** max(options, 1)


def mean(options: Mapping[int, int]) -> Fraction:
    """Mean chance of samples of which so many (the values) have so many options (the keys).

    There is at least one sample.
    """
    expected = sum((guess(count) * samples for count, samples in options.items()), Fraction(0))
    return expected / sum(options.values())


def at_least(correct: int, options: Mapping[int, int]) -> float:
    """Probability that guessing gets at least `correct` samples right.

    `options` says how many samples (the values) have how many options (the keys). The number of
    correct guesses is Poisson-binomial; a binomial at the mean chance would vary more, and would
    call fewer scores rare (W. Hoeffding, Ann. Math. Statist. 27, 1956).

    Samples with equally many options are one binomial; binomials of different chances are convolved
    directly, in terms that are all positive, so that a tail of 1e-200 is as exact as any other.
    """
    import numpy as np  # noqa: PLC0415 - heavy, and needed only where vision is judged

    # An open question cannot be guessed, and a single option cannot be missed.
    needed = max(0, correct - options.get(1, 0))
    guessed = np.ones(1)
    for count, samples in options.items():
        if count <= 1:
            continue
        # From the most probable number outwards, each term from the one before it.
        mode = (samples + 1) // count
        above, below = np.arange(mode, samples), np.arange(mode, 0, -1)
        rising = np.cumprod((samples - above) / ((above + 1) * (count - 1)))
        falling = np.cumprod(below * (count - 1) / (samples - below + 1))
        terms = np.concatenate([falling[::-1], [1.0], rising])
        guessed = np.convolve(guessed, terms / math.fsum(terms))
    # `fsum` rounds once: a tail of fewer terms is then never the larger one.
    return min(1.0, math.fsum(guessed[needed:]))
