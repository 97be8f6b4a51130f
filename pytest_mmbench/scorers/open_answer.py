"""Open answers, strictly: a number by its value, anything else by its words.

A gold that is a number is compared with the one number that the text settles on (`final_number`),
rounded to two decimals, as MMMU's authors round, or to the gold's own decimals if it has more. Any
other gold has to be the phrase that the text gives: what follows its last statement, or the whole
text if that is one line. What gives neither is unreadable, and is never searched for the gold.

MMMU asks open questions for "a single word or phrase"; a phrase has at most eight words here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar, Final

from pytest_mmbench.records import Answer, Mark, Sample, Score
from pytest_mmbench.scorers.number import read_number
from pytest_mmbench.scorers.phrases import bare, plain_lines, sentence, stated

WORDS: Final = 8
"""Of a phrase; what is longer explains, and does not answer."""


DECIMALS: Final = 2


_NUMERIC = re.compile(r"[-+]?[$€£]?\s*[-+]?[\d.,]*\d(?:e[-+]?\d+|/\d+)?\s*%?", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What an open answer was taken for, beside one gold."""

    said: str
    """A number or a phrase; empty if the text settles on none."""
    right: bool

    @property
    def worth(self) -> tuple[bool, bool]:
        """Of several readings the right one counts, else one that says something."""
        return self.right, bool(self.said)


def read_phrase(text: str) -> str:
    """The word or short phrase that a text gives as its answer, in small letters; empty if none."""
    said = plain_lines(text)
    after = (bare(sentence(rest)) for rest in stated(said))
    phrase = next((each for each in after if each), bare(said))
    return phrase if len(phrase.split()) <= WORDS and "\n" not in phrase else ""


def is_number(gold: str) -> bool:
    """Whether a gold is nothing but a number, with a currency or percent sign or without."""
    return _NUMERIC.fullmatch(gold.strip()) is not None and read_number(gold) != ""


def read_open(text: str, gold: str) -> Reading:
    """An open answer beside one right answer, which says whether a number or words are wanted."""
    if is_number(gold):
        said = read_number(text)
        return Reading(said=said, right=bool(said) and _same_value(said, read_number(gold)))
    said = read_phrase(text)
    return Reading(said=said, right=bool(said) and _words(said) == _words(bare(plain_lines(gold))))


def _same_value(said: str, gold: str) -> bool:
    decimals = max(DECIMALS, _decimals(gold))
    return round(Fraction(said), decimals) == round(Fraction(gold), decimals)


def _decimals(number: str) -> int:
    """Of a number as it is written: 2 of `0.25`, 4 of `2.5e-3`."""
    digits, _, power = number.partition("e")
    return len(digits.partition(".")[2]) - int(power or 0)


def _words(phrase: str) -> str:
    return re.sub(r"^(?:the|an?) ", "", phrase)


@dataclass(frozen=True, slots=True)
class StrictOpen:
    """Scores an open answer; what cannot be read is unreadable, not wrong."""

    rule: ClassVar[str] = "strict"

    def __call__(self, sample: Sample, answer: Answer) -> Score:
        """Right if the text settles on the target, or on another accepted answer."""
        golds = (sample.target, *sample.accepted)
        best = max((read_open(answer.text, gold) for gold in golds), key=lambda each: each.worth)
        right = Mark.CORRECT if best.right else Mark.INCORRECT
        mark = right if best.said else Mark.UNPARSEABLE
        return Score(sample=sample.id, mark=mark, answer=best.said)
