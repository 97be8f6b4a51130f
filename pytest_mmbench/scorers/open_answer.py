"""Open answers, strictly: a number by its value, anything else by its words.

A gold that is a number is compared with the one number that the text settles on, rounded to two
decimals, as MMMU's authors round, or to the gold's own decimals if it has more. Any other gold has
to be the phrase that the text gives: what follows its last statement, or the whole text if that is
one line. What gives neither is unparseable, and is never searched for the gold. MMMU asks open
questions for "a single word or phrase"; a phrase has at most eight words here.

The number is read exactly as its digits say it. The last statement that holds a number decides
(`the answer is 12`, `Answer: 3 + 4 = 7`, a box); without one the whole text has to hold a single
number. Two numbers that differ settle on none, and neither do roots, multiples of pi or of x
(`2x`); a number right after `not` is no reading. A number may be grouped by commas, signed, a
fraction (`3/4`), in scientific notation (`1.5e3`, `1.5 x 10^3`), after a currency sign and before a
unit, also as LaTeX has it. Versions (`1.2.3`), ordinals (`3rd`), powers (`2^3`) and digits inside
words (`x2`) are no numbers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar, Final

from pytest_mmbench.records import Answer, Sample, Score
from pytest_mmbench.scorers.choice_scorer import score
from pytest_mmbench.scorers.phrases import WORD, bare, plain_lines, sentence, stated

WORDS: Final = 8
"""Of a phrase; what is longer explains, and does not answer."""
DECIMALS: Final = 2
_NUMERIC = re.compile(r"[-+]?[$€£]?\s*[-+]?[\d.,]*\d(?:e[-+]?\d+|/\d+)?\s*%?", re.IGNORECASE)
LONGEST: Final = 60
"""Characters of a number; a longer one is no answer, and would take long to compare."""
# Before Unicode's compatible form, which would make 102 of a 10 with a raised 2.
_RAISED = str.maketrans({raised: f"^{at}" for at, raised in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")} | {"⁻": "^-"})
_MINUS = str.maketrans("\u2212\u2013", "--")
_POWER = re.compile(r"(?<=\d)\s*(?:[x\u00d7*]|\\times|\\cdot)\s*10\s*\^([-+]?\d{1,3})(?![\d^])\}?")
_FRACTION = re.compile(r"(?<!\d)\\[dt]?frac\s?\{\s?(\d{1,30})\s?\}\s?\{\s?(\d{1,30})\s?\}")
_BEFORE_CURRENCY = re.compile(r"-\s?\\?([$€£])(?=[.\d])")
_UNWRITTEN = re.compile(r"√|\\sqrt\b|\d\s?(?:π|\\pi\b)|\dx\b")
_NUMBER = re.compile(
    rf"(?=[-+.\d])(?=[-+]?\.?\d)(?<![./^])(?<!{WORD})(?<!\d,)(?<!\^[-+])"
    r"(?<!\bnot )(?<!n't )(?<!n\u2019t )[-+]?+"
    r"(?:\d{1,3}(?:,\d{3})++(?:\.\d++)?|\d*+\.\d++|\d++)(?:e[+-]?\d{1,3})?"
    r"(?:\s*/\s*\d++)?"
    r"(?![.,/]?\d)(?!_|\s*\^|[a-z]*+\d)(?!(?:st|nd|rd|th)\b)"
)


def read_number(text: str) -> str:
    """The number as `fractions.Fraction` takes it, such as `-1234.5` or `3/4`; empty if none.

    Case, Unicode width and white space at either end change nothing.
    """
    text = prepared(text)
    for rest in stated(text):
        statement = sentence(rest)
        # The right side of a single equation, if it holds a number.
        _, equals, right = statement.partition("=")
        if equals and "=" not in right and _NUMBER.search(right):
            return only_number(right)
        if _NUMBER.search(statement):
            return only_number(statement)
    return only_number(text)


def only_number(part: str) -> str:
    """The first of the numbers in a prepared text, if all are of one value; else empty."""
    if _UNWRITTEN.search(part):
        return ""
    first = ""
    for number in dict.fromkeys(_NUMBER.findall(part)):
        digits = re.sub(r"[,\s]", "", number)
        # Nothing is divided by zero, and no decimal number is divided: `5.3/4` may be two of them.
        without_value = re.search(r"/0+$|[.e].*/", digits)
        if without_value or len(digits) > LONGEST:
            return ""
        first = first or digits
        if Fraction(digits) != Fraction(first):
            return ""
    return first


def prepared(text: str) -> str:
    """A plain text in which minus signs and powers of ten are written as in a program."""
    text = plain_lines(text.translate(_RAISED)).translate(_MINUS)
    text = _BEFORE_CURRENCY.sub(r"\1-", _FRACTION.sub(r"\1/\2", text.replace("{,}", ",")))
    return _POWER.sub(r"e\1", text.replace("^{", "^").replace("^-^", "^-"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What an open answer was taken for, beside one gold."""

    answer: str
    """A number or a phrase; empty if the text settles on none."""
    correct: bool


def read_phrase(text: str) -> str:
    """The word or short phrase that a text gives as its answer, in small letters; empty if none."""
    text = plain_lines(text)
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
        correct = _without_article(phrase) == _without_article(bare(plain_lines(gold)))
        return Reading(answer=phrase, correct=bool(phrase) and correct)
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
