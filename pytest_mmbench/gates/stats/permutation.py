"""A habit of letters that happens to meet the key: what it gets right without reading a question.

Whoever answers B throughout is right wherever the key says B, and a key may say it more often than
once in m times. So a score above chance shows only that something was read if it is also above what
the same answers get when they are permuted among the questions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterChoice:
    """An answer and its target, as letters."""

    options: int
    """How many there were; 0 for an open question, which is left out here."""
    answer: str
    """Empty if it is unparseable."""
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterPermutation:
    """How many answers are correct if the same answers are permuted among the questions."""

    correct: int
    """As they were given."""
    expected: float
    variance: float
    tail: float
    """P-value of `correct`, by random permutations; never 0."""


def letter_permutation_test(
    choices: Mapping[LetterChoice, int], seed: str, permutations: int = 1999
) -> LetterPermutation:
    """What the letters alone explain, where so many samples (the values) got a choice (the keys).

    Answers are permuted among questions with equally many options. Where a_l of n such answers say
    l, and b_l of the targets:

        expected  sum of a_l b_l / n
        variance  [sum of a_l b_l (n - a_l)(n - b_l) + sum over l != k of a_l a_k b_l b_k]
                  / (n^2 (n - 1))
        tail      (1 + permutations with at least as many correct) / (1 + permutations)

    The tail is valid for any number of permutations, and never 0 (B. Phipson and G. K. Smyth, Stat.
    Appl. Genet. Mol. Biol. 9, 2010). Equal seeds draw equal permutations with one version of numpy.
    """
    import numpy as np  # noqa: PLC0415 - heavy, and needed only where vision is judged

    rng = np.random.default_rng(list(seed.encode()))
    correct, expected, variance = 0, 0.0, 0.0
    permuted = np.zeros(permutations, dtype=np.int64)
    for options in sorted({choice.options for choice in choices} - {0}):
        answers: Counter[str] = Counter()
        targets: Counter[str] = Counter()
        for choice, samples in choices.items():
            if choice.options == options:
                answers[choice.answer] += samples
                targets[choice.target] += samples
                correct += samples * (choice.answer == choice.target)
        size, letters = targets.total(), sorted({*answers, *targets})
        products = [answers[letter] * targets[letter] for letter in letters]
        expected += sum(products) / size
        if size > 1:
            same = sum(
                product * ((size - answers[letter]) * (size - targets[letter]) - product)
                for product, letter in zip(products, letters, strict=True)
            )
            variance += (same + sum(products) ** 2) / (size * size * (size - 1))
        keys = np.array([targets[letter] for letter in letters])
        for number in range(permutations):
            remaining = keys.copy()
            for place, letter in enumerate(letters):
                # On which keys the answers of this letter fall, as if drawn from an urn.
                drawn = rng.multivariate_hypergeometric(remaining, answers[letter])
                permuted[number] += drawn[place]
                remaining -= drawn
    return LetterPermutation(
        correct=correct,
        expected=expected,
        variance=variance,
        tail=(1 + int((permuted >= correct).sum())) / (1 + permutations),
    )
