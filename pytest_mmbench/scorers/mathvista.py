"""Levenshtein's distance between a long text and a short one."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Final

from pytest_mmbench.records import LETTERS, Answer, Mark, Sample, Score, letters


def edit_distance(one: str, other: str) -> int:
    """How many characters have to be put in, taken out or replaced to turn one into the other.

    Walks along the shorter text and keeps, for every number of characters saved so far, how little
    of the longer text that took: a character that is found saves two, one that is replaced saves
    one. The time depends on the square of the shorter length, and on the longer one only by
    `str.find`.
    """
    short, long = sorted((one, other), key=len)
    reached = {0: 0}
    for letter in short:
        reached = _step(letter, reached, long)
    return len(short) + len(long) - max(reached)


def _step(letter: str, reached: dict[int, int], long: str) -> dict[int, int]:
    """What one more character of the shorter text may save, and how far along the longer one."""
    last = long.rfind(letter)
    after: dict[int, int] = {}
    for saved, used in reached.items():
        found = long.find(letter, used) + 1 if used <= last else len(long) + 1
        for more, end in ((0, used), (1, used + 1), (2, found)):
            if end <= min(len(long), after.get(saved + more, end)):
                after[saved + more] = end
    return after


QUOTE: Final = 'The answer is "'


UNQUOTE: Final = '".'


_BRACKETED = re.compile(r"\(([a-zA-Z])\)")


class AnswerType(StrEnum):
    """What an open question wants, in the words of MathVista's column `answer_type`."""

    INTEGER = "integer"
    FLOAT = "float"
    LIST = "list"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedAnswer:
    """What kind of answer an open question wants."""

    type: AnswerType
    precision: int = 0
    """Decimals of a `float`; MathVista's column `precision`, which is empty for the others."""


def quoted(text: str) -> str:
    """What `The answer is "..."` holds, in the first line that has it complete; else the text."""
    for line in text.split("\n") if QUOTE in text else ():
        _, opened, rest = line.partition(QUOTE)
        held, closed, _ = rest.rpartition(UNQUOTE)
        if opened and closed:
            return held
    return text


def read_option(text: str, options: Sequence[str]) -> str:
    """The text of the option that an answer is taken for; one is always found."""
    said = (text if text in options else quoted(text)).strip()
    bracketed = _BRACKETED.search(said)
    letter = bracketed[1].upper() if bracketed else said
    if letter in letters(options):
        return options[LETTERS.index(letter)]
    return min(options, key=lambda option: edit_distance(letter, option))


def read_typed(text: str, wanted: ExpectedAnswer) -> str:
    """An open answer as the gold would be written; empty if it cannot be made one."""
    match wanted.type:
        case AnswerType.INTEGER:
            return _converted(lambda said: str(int(float(said))), _extracted(text, int))
        case AnswerType.FLOAT:
            extracted = _extracted(text, float)
            return _converted(lambda said: str(round(float(said), wanted.precision)), extracted)
        case AnswerType.LIST:
            return quoted(text)


def _extracted(text: str, kind: Callable[[str], int | float]) -> str:
    """A number stands for itself; it is asked for before any quotation marks."""
    return _converted(lambda said: str(kind(said)), text) or quoted(text)


def _converted(convert: Callable[[str], str], text: str) -> str:
    try:
        return convert(text)
    except (ValueError, OverflowError):
        return ""


@dataclass(frozen=True, slots=True)
class NearestChoice:
    """Scores an answer to a question with options as MathVista's authors do, but for GPT-4."""

    rule: ClassVar[str] = "official"

    def __call__(self, sample: Sample, answer: Answer) -> Score:
        """Right if the option that is read says what the target says."""
        said = read_option(answer.text, sample.options)
        right = said == sample.options[LETTERS.index(sample.target)]
        chosen = LETTERS[sample.options.index(said)]
        return Score(
            sample=sample.id, mark=Mark.CORRECT if right else Mark.INCORRECT, answer=chosen
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedOpen:
    """Scores an open answer as MathVista's authors do, but for GPT-4."""

    wanted: Mapping[str, ExpectedAnswer]
    """By the id of the sample."""
    rule: ClassVar[str] = "official"

    def __call__(self, sample: Sample, answer: Answer) -> Score:
        """Right if the answer, made one of the kind that is wanted, is written as the target is."""
        said = read_typed(answer.text, self.wanted[sample.id])
        mark = Mark.CORRECT if said == sample.target else Mark.INCORRECT
        return Score(sample=sample.id, mark=mark, answer=said)
