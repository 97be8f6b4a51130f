"""MathVista's open answers, strictly: whole numbers, decimal ones and lists, by their values.

One number has to be read (`final_number`), or one list of numbers; what gives none, or several, is
unreadable. A whole number has to be one: 4.0 is 4, and 4.2 is wrong where the published rule cuts
it to 4. A decimal number is rounded to the gold's places, halves to the even side, from its digits
as they are written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from pytest_mmbench.records import Answer, Mark, Sample, Score
from pytest_mmbench.scorers.mathvista import AnswerType, ExpectedAnswer
from pytest_mmbench.scorers.number import only_number, prepared, read_number
from pytest_mmbench.scorers.phrases import sentence, stated

_LIST = re.compile(r"\[([^\[\]]*+)\]")


def read_list(text: str) -> str:
    """The one list of numbers that a text settles on, such as `[0, 2, 1]`; empty if none."""
    said = prepared(text)
    parts = (sentence(rest) for rest in stated(said))
    deciding = next((part for part in parts if _LIST.search(part)), said)
    lists = {_items(inside) for inside in _LIST.findall(deciding)}
    return f"[{lists.pop()}]" if len(lists) == 1 and "" not in lists else ""


def _items(inside: str) -> str:
    """`0, 2, 1` if every item is one number; else empty."""
    items = [only_number(item) for item in inside.split(",")]
    return ", ".join(items) if all(items) else ""


def read_typed(text: str, wanted: ExpectedAnswer) -> str:
    """The number or list that a text settles on; empty if it settles on none."""
    return read_list(text) if wanted.type is AnswerType.LIST else read_number(text)


def same(said: str, gold: str, wanted: ExpectedAnswer) -> bool:
    """Whether two readings have the same value; one that is empty has none."""
    return bool(said and gold) and _values(said, wanted) == _values(gold, wanted)


def _values(said: str, wanted: ExpectedAnswer) -> list[Fraction]:
    values = [Fraction(each) for each in said.strip("[]").split(",")]
    rounds = wanted.type is AnswerType.FLOAT
    return [round(each, wanted.precision) if rounds else each for each in values]


@dataclass(frozen=True, slots=True, kw_only=True)
class StrictTyped:
    """Scores an open answer by the kind that is wanted; what cannot be read is unreadable."""

    wanted: Mapping[str, ExpectedAnswer]
    """By the id of the sample."""
    rule: ClassVar[str] = "strict"

    def __call__(self, sample: Sample, answer: Answer) -> Score:
        """Right if the text settles on the target's value."""
        wanted = self.wanted[sample.id]
        said = read_typed(answer.text, wanted)
        right = same(said, read_typed(sample.target, wanted), wanted)
        mark = Mark.CORRECT if right else Mark.INCORRECT
        return Score(sample=sample.id, mark=mark if said else Mark.UNPARSEABLE, answer=said)
