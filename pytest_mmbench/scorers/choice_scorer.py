"""The scorer that every rule for questions with options shares, and the score that all make."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pytest_mmbench.records import Answer, Mark, Sample, Score


def score(sample: Sample, answer: str, *, correct: bool, strict: bool = False) -> Score:
    """The score of what was read out of a model's answer.

    Args:
        sample: the question.
        answer: the letter, number or text that was read; empty if none was.
        correct: whether that is a right answer.
        strict: whether an empty reading is unparseable; by published rules it is incorrect.
    """
    mark = Mark.CORRECT if correct else Mark.INCORRECT
    unparseable = strict and not answer
    return Score(sample=sample.id, mark=Mark.UNPARSEABLE if unparseable else mark, answer=answer)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceScorer:
    """Scores a generated answer by the letter that is read out of it."""

    rule: str
    """`strict`, which calls an answer without a letter unparseable, or the name of a published
    rule, which calls it incorrect."""
    read: Callable[[str, Sequence[str]], str]
    """Gives the letter that a text is taken for, among these options; empty if none."""

    def __call__(self, sample: Sample, answer: Answer) -> Score:
        """Correct if the letter is the target."""
        letter = self.read(answer.text, sample.options)
        return score(sample, letter, correct=letter == sample.target, strict=self.rule == "strict")
