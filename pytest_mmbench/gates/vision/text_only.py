"""What is answered without the picture more often than guessing explains.

That is a property of a benchmark and a model together, so it is a warning and no verdict.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from pytest_mmbench.gates.decimals import format_decimal
from pytest_mmbench.gates.stats import chance, multiplicity
from pytest_mmbench.gates.stats.permutation import (
    LetterChoice,
    LetterPermutation,
    letter_permutation_test,
)
from pytest_mmbench.gates.vision.measures import is_correct
from pytest_mmbench.gates.vision.outcomes import OutcomeCounts, View, outcomes_in

MIN_ABOVE_CHANCE: Final = Fraction(1, 20)
"""Fraction above chance from which it matters."""
MIN_PERMUTATIONS: Final = 999
MAX_PERMUTATIONS: Final = 99_999
"""Some seconds for a dimension; their least p-value is one in 100,000."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextOnly:
    """Accuracy of one dimension's questions without their pictures, tested against chance."""

    dimension: str
    correct: int
    total: int
    """Questions with options."""
    chance: Fraction
    by_guessing: float
    """P-value of so many correct answers if they were guessed."""
    by_fixed_letters: LetterPermutation | None
    """What the letters alone explain; None where guessing may explain it, or it is little."""
    adjusted: float
    """The larger of both p-values by Holm's procedure within the family; 1 if one is missing."""
    warns: bool
    explanation: str
    """One sentence with the numbers."""


def text_only(family: Mapping[str, OutcomeCounts], *, alpha: float, seed: int) -> list[TextOnly]:
    """Tests each dimension's text-only accuracy against chance, in the given order.

    Open questions are left out: nobody guesses them, and no habit of letters answers them. So is a
    dimension of which nothing else was asked without its picture. A warning needs all of these:

    1. The score without the picture is at least `MIN_ABOVE_CHANCE` above the mean chance.
    2. Guessing rarely gets as many right: the tail of a Poisson-binomial (`chance.at_least`).
    3. The same answers, permuted among the questions, rarely do: no habit of letters explains them
       (`letter_permutation_test`).

    A dimension's p-value is the larger one of 2 and 3, as both have to be small; they are compared
    with `alpha` by Holm's procedure over the family. Answers are permuted only where 1 and 2 leave
    something to explain; elsewhere the p-value is taken to be 1, which only makes a warning rarer.

    So many permutations are made that their least p-value is half of what Holm asks of the first in
    the family, but `MAX_PERMUTATIONS` at most: fewer are valid too, and make the p-value larger.
    """
    blind = [_blind_answers(dimension, outcomes) for dimension, outcomes in family.items()]
    blind = [answers for answers in blind if answers.total]
    permutations = min(MAX_PERMUTATIONS, max(MIN_PERMUTATIONS, math.ceil(2 * len(blind) / alpha)))
    guessing = [chance.at_least(answers.correct, answers.options) for answers in blind]
    letters = [
        letter_permutation_test(answers.choices, f"{seed} {answers.dimension}", permutations)
        if answers.above_chance >= MIN_ABOVE_CHANCE and p_value <= alpha
        else None
        for answers, p_value in zip(blind, guessing, strict=True)
    ]
    larger = [
        max(p_value, permuted.tail) if permuted else 1.0
        for p_value, permuted in zip(guessing, letters, strict=True)
    ]
    return [
        TextOnly(
            dimension=answers.dimension,
            correct=answers.correct,
            total=answers.total,
            chance=answers.chance,
            by_guessing=p_value,
            by_fixed_letters=permuted,
            adjusted=adjusted,
            warns=adjusted <= alpha,
            explanation=_explanation(answers, p_value, permuted, warns=adjusted <= alpha),
        )
        for answers, p_value, permuted, adjusted in zip(
            blind, guessing, letters, multiplicity.holm(larger), strict=True
        )
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class _BlindAnswers:
    """Answers to one dimension's questions with options, without their pictures."""

    dimension: str
    correct: int
    options: Mapping[int, int]
    """How many samples (the values) have how many options (the keys)."""
    choices: Mapping[LetterChoice, int]

    @property
    def total(self) -> int:
        return sum(self.options.values())

    @property
    def chance(self) -> Fraction:
        return chance.mean(self.options)

    @property
    def above_chance(self) -> Fraction:
        return Fraction(self.correct, self.total) - self.chance


def _blind_answers(dimension: str, outcomes: OutcomeCounts) -> _BlindAnswers:
    options: Counter[int] = Counter()
    choices: Counter[LetterChoice] = Counter()
    correct = 0
    for outcome, samples in outcomes_in(outcomes, View.WITHOUT_IMAGE):
        if outcome.options:
            answer = outcome.without_image.answer
            choice = LetterChoice(options=outcome.options, answer=answer, target=outcome.target)
            options[outcome.options] += samples
            choices[choice] += samples
            correct += samples * is_correct(outcome, View.WITHOUT_IMAGE)
    return _BlindAnswers(dimension=dimension, correct=correct, options=options, choices=choices)


def _explanation(
    answers: _BlindAnswers, guessing: float, permuted: LetterPermutation | None, *, warns: bool
) -> str:
    score = format_decimal(Fraction(answers.correct, answers.total))
    head = "text-only accuracy above chance" if warns else "questions give little away"
    tests = [f"p = {guessing:.2g} for guessing"]
    if permuted:
        smallest = permuted.tail * (1 + MAX_PERMUTATIONS) <= 1 and not warns
        aside = ", the least that is ever shown," if smallest else ""
        tests.append(
            f"{permuted.tail:.2g}{aside} for a habit of letters, which gets {permuted.expected:.0f}"
        )
    return (
        f"{answers.dimension}: {head}: {score} without the picture ({answers.correct} of"
        f" {answers.total}, chance {float(answers.chance):.3g}; {', '.join(tests)})"
    )
