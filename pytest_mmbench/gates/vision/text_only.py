"""What is answered without the picture more often than guessing explains.

That is a property of a benchmark and a model together, so it is a warning and no verdict.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from random import Random
from typing import Final

from pytest_mmbench.gates.decimals import rounded
from pytest_mmbench.gates.stats import chance, multiplicity
from pytest_mmbench.gates.stats.permutation import (
    Choice,
    LetterPermutation,
    letter_permutation_test,
)
from pytest_mmbench.gates.vision.contrast import NotMeasured, is_correct, outcomes_in
from pytest_mmbench.gates.vision.outcomes import OutcomeCounts, View

UNSEEN: Final = View.WITHOUT_IMAGE


WORTH_TELLING: Final = Fraction(1, 20)
"""Fraction above chance from which it matters."""


MIN_PERMUTATIONS: Final = 999


MAX_PERMUTATIONS: Final = 99_999
"""Some seconds for a dimension; their least p-value is one in 100,000."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextOnly:
    """What one dimension's questions give away."""

    dimension: str
    correct: int
    total: int
    """Questions with options."""
    chance: Fraction
    by_guessing: float
    """P-value of so many right ones if they were guessed."""
    by_fixed_letters: LetterPermutation | NotMeasured
    """What the letters alone explain; not asked where guessing may explain it, or it is little."""
    adjusted: float
    """The larger of both p-values by Holm's procedure within the family; 1 if one is missing."""
    warns: bool
    explanation: str
    """One sentence with the numbers."""


def text_only(family: Mapping[str, OutcomeCounts], *, alpha: float, seed: int) -> list[TextOnly]:
    """What the questions of each dimension give away, in the given order.

    Open questions are left out: nobody guesses them, and no habit of letters answers them. So is a
    dimension of which nothing else was asked without its picture. A warning needs all of these:

    1. The score without the picture is at least `WORTH_TELLING` above the mean chance.
    2. Guessing rarely gets as many right: the tail of a Poisson-binomial (`chance.at_least`).
    3. The same answers, dealt out anew, rarely do: no habit of letters explains them (`habit`).

    A dimension's p-value is the larger one of 2 and 3, as both have to be small; they are compared
    with `alpha` by Holm's procedure over the family. Answers are dealt only where 1 and 2 leave
    something to explain, as it takes a while; elsewhere the p-value is taken to be 1, which can
    only make a warning rarer. The lots depend on the seed and on the dimension's name.

    `alpha` and the family say how many deals are needed. Where that is more than `MOST_DEALS`, no
    more are made: the p-value of any number of deals is valid, and fewer only make it larger, so
    that nothing is warned of wrongly; what may be missed is told.
    """
    unseen = [_unseen(dimension, fates) for dimension, fates in family.items()]
    told = [each for each in unseen if each.asked]
    guessing = [chance.at_least(each.right, each.options) for each in told]
    deals = _permutations(len(told), alpha)
    habits = [
        _habit(each, seed, deals)
        if each.excess >= WORTH_TELLING and p_value <= alpha
        else NotMeasured.NOT_ASKED
        for each, p_value in zip(told, guessing, strict=True)
    ]
    together = multiplicity.holm([_larger(*each) for each in zip(guessing, habits, strict=True)])
    return [_told(*each, alpha) for each in zip(told, guessing, habits, together, strict=True)]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Unseen:
    """The samples of one dimension that were asked without their pictures."""

    dimension: str
    right: int
    options: Mapping[int, int]
    """How many samples have how many options."""
    choices: Mapping[Choice, int]

    @property
    def asked(self) -> int:
        return sum(self.options.values())

    @property
    def chance(self) -> Fraction:
        return chance.mean(self.options)

    @property
    def excess(self) -> Fraction:
        return Fraction(self.right, self.asked) - self.chance


def _unseen(dimension: str, fates: OutcomeCounts) -> _Unseen:
    options: Counter[int] = Counter()
    choices: Counter[Choice] = Counter()
    correct = 0
    for fate, samples in outcomes_in(fates, UNSEEN):
        if not fate.options:
            continue
        options[fate.options] += samples
        chosen = fate.without_image.answer
        choices[Choice(options=fate.options, answer=chosen, target=fate.target)] += samples
        correct += samples * is_correct(fate, UNSEEN)
    return _Unseen(dimension=dimension, right=correct, options=options, choices=choices)


def _habit(unseen: _Unseen, seed: int, deals: int) -> LetterPermutation:
    return letter_permutation_test(unseen.choices, Random(f"{seed} {unseen.dimension}"), deals)


def _permutations(family: int, alpha: float) -> int:
    """So many that their least p-value is half of what Holm asks of the first in the family."""
    return min(MAX_PERMUTATIONS, max(MIN_PERMUTATIONS, math.ceil(2 * family / alpha)))


def _larger(guessing: float, habit: LetterPermutation | NotMeasured) -> float:
    return 1.0 if isinstance(habit, NotMeasured) else max(guessing, habit.tail)


def _told(
    unseen: _Unseen,
    guessing: float,
    habit: LetterPermutation | NotMeasured,
    adjusted: float,
    alpha: float,
) -> TextOnly:
    warns = adjusted <= alpha
    return TextOnly(
        dimension=unseen.dimension,
        correct=unseen.right,
        total=unseen.asked,
        chance=unseen.chance,
        by_guessing=guessing,
        by_fixed_letters=habit,
        adjusted=adjusted,
        warns=warns,
        explanation=_because(unseen, guessing, habit, warns=warns),
    )


def _because(
    unseen: _Unseen, guessing: float, habit: LetterPermutation | NotMeasured, *, warns: bool
) -> str:
    score = rounded(Fraction(unseen.right, unseen.asked))
    head = "questions give answers away" if warns else "questions give little away"
    parts = [f"p = {guessing:.2g} for guessing"]
    if not isinstance(habit, NotMeasured):
        least = ", the least that is ever shown," * (
            not warns and habit.tail * (1 + MAX_PERMUTATIONS) <= 1
        )
        parts.append(
            f"{habit.tail:.2g}{least} for a habit of letters, which gets {habit.expected:.0f}"
        )
    return (
        f"{unseen.dimension}: {head}: {score} without the picture ({unseen.right} of"
        f" {unseen.asked}, chance {float(unseen.chance):.3g}; {', '.join(parts)})"
    )
