"""MathVista's open answers, strictly: whole numbers, decimal ones and lists, by their values.

One number has to be read (`number`), or one list of numbers; what gives none, or several, is
unparseable. A whole number has to be one: 4.0 is 4, and 4.2 is wrong where the published rule cuts
it to 4. A decimal number is rounded to the gold's places, halves to the even side, from its digits
as they are written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from pytest_mmbench.records import Answer, Sample, Score
from pytest_mmbench.scorers.choice_scorer import score
from pytest_mmbench.scorers.mathvista import AnswerType, ExpectedAnswer
from pytest_mmbench.scorers.number import only_number, prepared, read_number
from pytest_mmbench.scorers.phrases import sentence, stated

_LIST = re.compile(r"\[([^\[\]]*+)\]")


def read_list(text: str) -> str:
    """The one list of numbers that a text settles on, such as `[0, 2, 1]`; empty if none."""
    text = prepared(text)
    parts = (sentence(rest) for rest in stated(text))
    deciding = next((part for part in parts if _LIST.search(part)), text)
    lists = set()
    for inside in _LIST.findall(deciding):
        items = [only_number(item) for item in inside.split(",")]
        lists.add(", ".join(items) if all(items) else "")
    return f"[{lists.pop()}]" if len(lists) == 1 and "" not in lists else ""


def read_typed(text: str, expected: ExpectedAnswer) -> str:
    """The number or list that a text settles on; empty if it settles on none."""
    return read_list(text) if expected.type is AnswerType.LIST else read_number(text)


def same_value(reading: str, gold: str, expected: ExpectedAnswer) -> bool:
    """Whether two readings have the same value; one that is empty has none."""
    return bool(reading and gold) and _values(reading, expected) == _values(gold, expected)


def _values(reading: str, expected: ExpectedAnswer) -> list[Fraction]:
    values = [Fraction(number) for number in reading.strip("[]").split(",")]
    if expected.type is AnswerType.FLOAT:
        return [round(value, expected.precision) for value in values]
    return values


@dataclass(frozen=True, slots=True, kw_only=True)
class StrictTyped:
    """Scores an open answer by its expected type; what cannot be read is unparseable."""

    expected: Mapping[str, ExpectedAnswer]
    """By the id of the sample."""
    rule: ClassVar[str] = "strict"

    def __call__(self, sample: Sample, answer: Answer) -> Score:
        """Correct if the text settles on the target's value."""
        expected = self.expected[sample.id]
        reading = read_typed(answer.text, expected)
        correct = same_value(reading, read_typed(sample.target, expected), expected)
        return score(sample, reading, correct=correct, strict=True)
