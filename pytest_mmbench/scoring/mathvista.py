"""MathVista's published rule, without the language model that its authors ask.

After `evaluation/extract_answer.py` (with `--quick_extract`) and `evaluation/calculate_score.py` of
lupantech/MathVista (commit 53d5258). Extraction: an answer that is an option's text, a whole number
or a decimal one, as the question wants it, stands for itself; else what `The answer is "..."` holds
in its quotation marks. Everything else the authors give to GPT-4 with five examples; here the
answer itself is handed on, which is what such a model returns of a short one. Scores of models that
explain themselves are lower than the published ones.

Then the extraction is made one of the kind that is wanted, and compared with the gold to the
letter. The quirks of that: a letter in brackets or alone is an option, a small letter alone is not;
anything else is the option that is nearest by edit distance, so that silence answers the shortest
option, and `E` beside four options can be right. 2.9 is the whole number 2; a decimal number is
rounded to as many places as the gold has; a list has to be written as the gold is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Final

from pytest_mmbench.prompts import LETTERS, letters
from pytest_mmbench.records import Answer, Mark, Sample, Score
from pytest_mmbench.scoring.edit_distance import distance

QUOTE: Final = 'The answer is "'
UNQUOTE: Final = '".'

_BRACKETED = re.compile(r"\(([a-zA-Z])\)")


class AnswerType(StrEnum):
    """What an open question wants, in the words of MathVista's column `answer_type`."""

    INTEGER = "integer"
    FLOAT = "float"
    LIST = "list"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
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
    return min(options, key=lambda option: distance(letter, option))


def read_typed(text: str, wanted: Wanted) -> str:
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
        return Score(sample=sample.id, mark=Mark.RIGHT if right else Mark.WRONG, chosen=chosen)


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedOpen:
    """Scores an open answer as MathVista's authors do, but for GPT-4."""

    wanted: Mapping[str, Wanted]
    """By the id of the sample."""
    rule: ClassVar[str] = "official"

    def __call__(self, sample: Sample, answer: Answer) -> Score:
        """Right if the answer, made one of the kind that is wanted, is written as the target is."""
        said = read_typed(answer.text, self.wanted[sample.id])
        mark = Mark.RIGHT if said == sample.target else Mark.WRONG
        return Score(sample=sample.id, mark=mark, chosen=said)
