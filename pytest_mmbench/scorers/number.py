"""Reading the one number that a text settles on, exactly as its digits say it.

The last statement that holds a number decides (`the answer is 12`, `Answer: 3 + 4 = 7`, a box);
without one the whole text has to hold a single number. Two numbers that differ settle on none, and
neither do roots, multiples of pi or of x (`2x`); a number right after `not` is no reading.

A number may be grouped by commas, signed, a fraction (`3/4`), in scientific notation (`1.5e3`,
`1.5 x 10^3`), after a currency sign and before a unit, also as LaTeX has it. Versions (`1.2.3`),
ordinals (`3rd`), powers (`2^3`) and digits inside words (`x2`) are no numbers.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Final

from pytest_mmbench.scorers.phrases import WORD, plain_lines, sentence, stated

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
