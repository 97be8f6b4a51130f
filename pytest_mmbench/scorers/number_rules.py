"""Numbers that may differ from their reference: by so much, by a share of it, or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from pytest_mmbench.records import NOTHING, Answer, Sample, Score
from pytest_mmbench.scorers.choice_scorer import score
from pytest_mmbench.scorers.number_answer import read_number


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberTolerance:
    """How far a number may be from its reference."""

    size: Fraction = NOTHING
    is_relative: bool = False
    """Whether the size is a share of the reference."""

    def accepts(self, number: Fraction, gold: Fraction) -> bool:
        """Whether a number is near enough, both taken as their digits say."""
        return abs(number - gold) <= self.size * (abs(gold) if self.is_relative else 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberScorer:
    """Scores the one number that a text gives; a text that gives none is unparseable."""

    rule: str
    tolerance: NumberTolerance

    def __call__(self, sample: Sample, answer: Answer) -> Score:
        """Correct if the number is near enough to a reference."""
        number = read_number(answer.text)
        golds = filter(None, map(read_number, (sample.target, *sample.accepted)))
        correct = bool(number) and any(
            self.tolerance.accepts(Fraction(number), Fraction(gold)) for gold in golds
        )
        return score(sample, number, correct=correct, strict=True)
