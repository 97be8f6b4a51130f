"""A habit of letters that happens to meet the key: what it gets right without reading a question.

Whoever answers B throughout is right wherever the key says B, and a key may say it more often than
once in m times. So a score above chance shows only that something was read if it is also above what
the same answers get when they are dealt out anew.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import mul
from random import Random


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What was chosen, and what was right."""

    options: int
    """How many there were; 0 for an open question, which is left out here."""
    answer: str
    """Its letter; empty if no answer could be read."""
    target: str
    """The letter of the right option."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterPermutation:
    """How many answers are right if the same answers are dealt out anew among the questions."""

    correct: int
    """As they were given."""
    expected: float
    variance: float
    tail: float
    """P-value of `right`, by random dealing; never 0."""


def letter_permutation_test(
    choices: Mapping[Choice, int], rng: Random, permutations: int = 1999
) -> LetterPermutation:
    """What the letters alone explain, where so many samples (the values) got a choice (the keys).

    Answers are dealt out among questions with equally many options. Where a_l of n such answers say
    l, and b_l of the keys:

        expected  sum of a_l b_l / n
        variance  [sum of a_l b_l (n - a_l)(n - b_l) + sum over l != k of a_l a_k b_l b_k]
                  / (n^2 (n - 1))
        tail      (1 + deals with at least as many right) / (1 + deals)

    The tail is valid for any number of deals, and never 0 (B. Phipson and G. K. Smyth, Stat. Appl.
    Genet. Mol. Biol. 9, 2010). The generator is used up by it, so give each call one of its own.
    """
    strata = _strata(choices)
    right = sum(
        samples for each, samples in choices.items() if each.options and each.answer == each.target
    )
    dealt = (sum(stratum.deal(rng) for stratum in strata) for _ in range(permutations))
    return LetterPermutation(
        correct=right,
        expected=math.fsum(stratum.expected for stratum in strata),
        variance=math.fsum(stratum.variance for stratum in strata),
        tail=(1 + sum(each >= right for each in dealt)) / (1 + permutations),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stratum:
    """Questions with equally many options: how often each letter was answered, and keyed."""

    answered: Sequence[int]
    keyed: Sequence[int]
    """For the same letters in the same order."""

    @property
    def expected(self) -> float:
        met: int = sum(map(mul, self.answered, self.keyed))
        return met / sum(self.keyed)

    @property
    def variance(self) -> float:
        size, products = sum(self.keyed), list(map(mul, self.answered, self.keyed))
        alike = sum(
            product * ((size - answered) * (size - keyed) - product)
            for product, answered, keyed in zip(products, self.answered, self.keyed, strict=True)
        )
        return (alike + sum(products) ** 2) / (size * size * (size - 1)) if size > 1 else 0.0

    def deal(self, rng: Random) -> int:
        """How many are right after one random deal, letter by letter."""
        right, keys = 0, list(self.keyed)
        for letter, answers in enumerate(self.answered[:-1]):
            met = _taken(keys, answers, rng)
            right += met[letter]
            keys = [key - gone for key, gone in zip(keys, met, strict=True)]
        return right + keys[-1]


def _strata(choices: Mapping[Choice, int]) -> list[_Stratum]:
    answered: dict[int, Counter[str]] = {}
    keyed: dict[int, Counter[str]] = {}
    for choice, samples in choices.items():
        if choice.options and samples:
            answered.setdefault(choice.options, Counter())[choice.answer] += samples
            keyed.setdefault(choice.options, Counter())[choice.target] += samples
    return [_stratum(answered[options], keyed[options]) for options in sorted(answered)]


def _stratum(answered: Counter[str], keyed: Counter[str]) -> _Stratum:
    letters = sorted({*answered, *keyed})
    return _Stratum(
        answered=[answered[letter] for letter in letters],
        keyed=[keyed[letter] for letter in letters],
    )


def _taken(kinds: Sequence[int], wanted: int, rng: Random) -> list[int]:
    """How many of each kind are among `wanted` things that are taken blindly."""
    taken, others = [], sum(kinds)
    for kind in kinds:
        others -= kind
        taken.append(_marked(kind, others, wanted, rng))
        wanted -= taken[-1]
    return taken


def _marked(marked: int, others: int, wanted: int, rng: Random) -> int:
    """How many marked things are among `wanted` that are taken blindly: hypergeometric.

    By inversion, from the most probable number outwards: about as many steps as the standard
    deviation, where shuffling would take as many as there are samples.
    """
    if min(marked, others, wanted) == 0:
        return min(marked, wanted) if not others else 0
    most = up = down = (wanted + 1) * (marked + 1) // (marked + others + 2)
    above = below = _probability(most, marked, others, wanted)
    left = rng.random() - above
    while left >= 0 and (above or below):  # either is 0 beyond the last possible number
        above *= (marked - up) * (wanted - up) / ((up + 1) * (others - wanted + up + 1))
        up += 1
        left -= above
        if left < 0:
            return up
        below *= down * (others - wanted + down) / ((marked - down + 1) * (wanted - down + 1))
        down -= 1
        left -= below
        if left < 0:
            return down
    return most


def _probability(number: int, marked: int, others: int, wanted: int) -> float:
    return math.exp(
        _log_ways(marked, number)
        + _log_ways(others, wanted - number)
        - _log_ways(marked + others, wanted)
    )


def _log_ways(things: int, taken: int) -> float:
    return math.lgamma(things + 1) - math.lgamma(taken + 1) - math.lgamma(things - taken + 1)
