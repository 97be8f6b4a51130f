"""MathVista's rules: the published ones, but for GPT-4, which its authors let extract answers.

A choice is the option that is nearest to the text by Levenshtein's distance; an open answer has to
be written as the gold is.

`StrictTyped` compares open answers by their values. One number has to be read, or one list of
numbers; what gives none, or several, is unparseable. A whole number has to be one: 4.0 is 4, and
4.2 is wrong where the published rule cuts it to 4. A decimal number is rounded to the gold's
places, halves to the even side, from its digits as they are written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import ClassVar, Final

from rapidfuzz.distance import Levenshtein

from pytest_mmbench.records import LETTERS, Answer, Sample, Score, letters
from pytest_mmbench.scorers.choice_scorer import score
from pytest_mmbench.scorers.number_answer import read_number
from pytest_mmbench.scorers.numerals import only_number, prepared
from pytest_mmbench.scorers.phrases import sentence, stated

QUOTE: Final = 'The answer is "'
UNQUOTE: Final = '".'
_BRACKETED = re.compile(r"\(([a-zA-Z])\)")
_LIST = re.compile(r"\[([^\[\]]*+)\]")


class ExpectedType(StrEnum):
    """MathVista's column `answer_type` of open questions."""

    INTEGER = "integer"
    FLOAT = "float"
    LIST = "list"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedAnswer:
    """What kind of answer an open question expects."""

    type: ExpectedType
    precision: int = 0
    """Decimals of a `float`; MathVista's column `precision`, which is empty for the others."""


def quoted(text: str) -> str:
    """What `The answer is "..."` holds, in the first line that has it complete; else the text."""
    for line in text.split("\n") if QUOTE in text else ():
        _, opening, rest = line.partition(QUOTE)
        inside, closing, _ = rest.rpartition(UNQUOTE)
        if opening and closing:
            return inside
    return text


def read_option(text: str, options: Sequence[str]) -> str:
    """The text of the option that an answer is taken for; one is always found."""
    text = (text if text in options else quoted(text)).strip()
    bracketed = _BRACKETED.search(text)
    letter = bracketed[1].upper() if bracketed else text
    if letter in letters(options):
        return options[LETTERS.index(letter)]
    return min(options, key=lambda option: Levenshtein.distance(letter, option))


def convert_answer(text: str, expected: ExpectedAnswer) -> str:
    """An open answer as the gold would be written; empty if it cannot be made one."""
    # A number stands for itself, before any quotation marks are looked for.
    match expected.type:
        case ExpectedType.INTEGER:
            number = _converted(text, int) or quoted(text)
            return _converted(number, lambda text: int(float(text)))
        case ExpectedType.FLOAT:
            number = _converted(text, float) or quoted(text)
            return _converted(number, lambda text: round(float(text), expected.precision))
        case ExpectedType.LIST:
            return quoted(text)


def _converted(text: str, convert: Callable[[str], float]) -> str:
    try:
        return str(convert(text))
    except (ValueError, OverflowError):
        return ""


@dataclass(frozen=True, slots=True)
class NearestChoice:
    """Scores an answer to a question with options as MathVista's authors do, but for GPT-4."""

    rule: ClassVar[str] = "official"

    def __call__(self, sample: Sample, answer: Answer) -> Score:
        """Correct if the option that is read says what the target says."""
        option = read_option(answer.text, sample.options)
        correct = option == sample.options[LETTERS.index(sample.target)]
        return score(sample, LETTERS[sample.options.index(option)], correct=correct)


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedOpen:
    """Scores an open answer as MathVista's authors do, but for GPT-4."""

    expected: Mapping[str, ExpectedAnswer]
    """By the id of the sample."""
    rule: ClassVar[str] = "official"

    def __call__(self, sample: Sample, answer: Answer) -> Score:
        """Correct if the answer, converted to the expected type, is written as the target is."""
        reading = convert_answer(answer.text, self.expected[sample.id])
        return score(sample, reading, correct=reading == sample.target)


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
    return read_list(text) if expected.type is ExpectedType.LIST else read_number(text)


def same_value(reading: str, gold: str, expected: ExpectedAnswer) -> bool:
    """Whether two readings have the same value; one that is empty has none."""
    return bool(reading and gold) and _values(reading, expected) == _values(gold, expected)


def _values(reading: str, expected: ExpectedAnswer) -> list[Fraction]:
    values = [Fraction(number) for number in reading.strip("[]").split(",")]
    if expected.type is ExpectedType.FLOAT:
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
