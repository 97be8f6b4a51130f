"""Open answers, strictly: a number by its value, anything else by its words.

A gold that is a number is compared with the one number that the text gives (see `number_answer`),
rounded to two decimals, as MMMU's authors round, or to the gold's own decimals if it has more. Any
other gold has to be the phrase that the text gives: what follows its last statement, or the whole
text if that is one line, or what such a sentence says of its subject. What gives neither is
unparseable, and is never searched for the gold.
MMMU asks open questions for "a single word or phrase"; a phrase has at most eight words here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar, Final

from pytest_mmbench.records import Answer, Sample, Score
from pytest_mmbench.scorers.choice_scorer import score
from pytest_mmbench.scorers.number_answer import read_number
from pytest_mmbench.scorers.phrases import (
    answer_lines,
    bare,
    end_of_sentence,
    plain_lines,
    sentence,
    stated,
)

WORDS: Final = 8
"""Of a phrase; what is longer explains, and does not answer."""
DECIMALS: Final = 2
_NUMERIC = re.compile(r"[-+]?[$€£]?\s*[-+]?[\d.,]*\d(?:e[-+]?\d+|/\d+)?\s*%?", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What an open answer was taken for, beside one gold."""

    answer: str
    """A number or a phrase; empty if the text settles on none."""
    correct: bool


def read_phrase(text: str) -> str:
    """The word or short phrase that a text gives as its answer, in small letters; empty if none."""
    text = answer_lines(text)
    after_statements = (bare(sentence(rest)) for rest in stated(text))
    phrase = next(filter(None, after_statements), bare(text))
    return phrase if len(phrase.split()) <= WORDS and "\n" not in phrase else ""


def is_number(gold: str) -> bool:
    """Whether a gold is nothing but a number, with a currency or percent sign or without."""
    return _NUMERIC.fullmatch(gold.strip()) is not None and read_number(gold) != ""


def read_open(text: str, gold: str) -> Reading:
    """An open answer beside one right answer, which says whether a number or words are expected."""
    if not is_number(gold):
        phrase = read_phrase(text)
        wanted = _without_article(bare(plain_lines(gold)))
        # `The brand is Nikon` answers Nikon.
        end = end_of_sentence(phrase)
        if end and _without_article(end) == wanted:
            return Reading(answer=end, correct=True)
        return Reading(answer=phrase, correct=bool(phrase) and _without_article(phrase) == wanted)
    number, gold_number = read_number(text), read_number(gold)
    if not number:
        return Reading(answer="", correct=False)
    digits, _, power = gold_number.partition("e")
    decimals = max(DECIMALS, len(digits.partition(".")[2]) - int(power or 0))
    correct = round(Fraction(number), decimals) == round(Fraction(gold_number), decimals)
    return Reading(answer=number, correct=correct)


def _without_article(phrase: str) -> str:
    return re.sub(r"^(?:the|an?) ", "", phrase)


@dataclass(frozen=True, slots=True)
class StrictOpen:
    """Scores an open answer; what cannot be read is unparseable, not incorrect."""

    rule: ClassVar[str] = "strict"

    def __call__(self, sample: Sample, answer: Answer) -> Score:
        """Correct if the text settles on the target, or on another accepted answer."""
        golds = (sample.target, *sample.accepted)
        readings = (read_open(answer.text, gold) for gold in golds)
        # Of several readings a correct one counts, else one that says something.
        best = max(readings, key=lambda reading: (reading.correct, bool(reading.answer)))
        return score(sample, best.answer, correct=best.correct, strict=True)
