"""How numbers are written: digits, words, LaTeX, fractions, powers of ten.

A number is read exactly as its digits say it. It may be grouped by commas or narrow blanks, signed,
a fraction (`3/4`), in scientific notation (`1.5e3`, `1.5 x 10^3`), after a currency sign and before
a unit, also as LaTeX has it; or in English words. Versions (`1.2.3`), ratios and times (`2:1`),
ordinals (`3rd`), powers (`2^3`) and digits inside words (`x2`) are no numbers, and neither are
roots, factorials, multiples of pi or of x, and what is subtracted from a letter.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Final

from pytest_mmbench.scorers.phrases import WORD, plain_lines

LONGEST: Final = 60
"""Characters of a number; a longer one is no answer, and would take long to compare."""
# Before Unicode's compatible form, which would make 102 of a 10 with a raised 2.
_RAISED = str.maketrans({raised: f"^{at}" for at, raised in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")} | {"⁻": "^-"})
_MINUS = str.maketrans("\u2212\u2013", "--")
_NARROW_GROUP = re.compile(r"(?<=\d)(?:[\u00a0\u2009\u202f]|\\[,;:!]|\{,\})(?=\d{3}(?!\d))")
_TAG = re.compile(r"</?(?!answer|conclusion)[a-z]{1,10}\d?>")
_POWER = re.compile(r"(?<=\d)\s*(?:[x\u00d7*]|\\times|\\cdot)\s*10\s*\^([-+]?\d{1,3})(?![\d^])\}?")
_FRACTION = re.compile(
    r"(?<!\d)\\[dtc]?frac\s?(?:\{\s?(\d{1,30})\s?\}\s?\{\s?(\d{1,30})\s?\}|(\d)(\d)(?!\d))"
)
_NEARLY = re.compile(r"\\approx\b|\\simeq\b|[\u2248\u2243]")
_NEGATIVE = re.compile(r"(?:\bnegative|(?:\A|(?<=\bis )|(?<=: ))minus)\s(?=[.\d])")
_BEFORE_CURRENCY = re.compile(r"-\s?\\?([$€£])(?=[.\d])")
_UNWRITTEN = re.compile(
    r"√|\\sqrt\b|\d\s?(?:π|\\pi\b|!\s?[-+*/\u00d7=)\\])|\dx\b|\d\s?:\s?\d|(?<![\w\\])[a-z]\s?[-+]\s?\d"
    r"|\d\s?[-+]\s?[a-z]{1,2}\b|\d\s?\\[dtc]?frac\b"
)
NUMBER: Final = (
    rf"(?=[-+.\d])(?=[-+]?\.?\d)(?<![./^:])(?<!{WORD})(?<!\d,)(?<!\^[-+])(?<![^\W\d_]{{2}}-)"
    r"(?<!\bnot )(?<!n't )(?<!n\u2019t )[-+]?+"
    r"(?:\d{1,3}(?:,\d{3})++(?:\.\d++)?|\d*+\.\d++|\d++)(?:e[+-]?\d{1,3})?"
    r"(?:\s*/\s*\d++)?"
    r"(?![.,/:]?\d)(?!_|\s*\^|[a-ln-z]\s?\^|[a-z]*+\d)(?!(?:st|nd|rd|th)\b)"
)
"""Pattern of a number in a prepared text."""
_NUMBER = re.compile(NUMBER)
_SMALL: Final = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen"),
    "nineteen",
)
_TENS: Final = (
    *("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety", "hundred"),
)
_VALUES = {word: at for at, word in enumerate(_SMALL)} | {
    word: 10 * at for at, word in enumerate(_TENS, start=2)
}
_DIGIT = rf"(?:{'|'.join(_SMALL[1:10])})"
_BELOW_100 = rf"(?:(?:{'|'.join(_TENS[:-1])})(?:[- ]{_DIGIT})?|{'|'.join(reversed(_SMALL))})"
# `The two`, `those three` and `two-digit` count nothing.
_IN_WORDS = re.compile(
    r"(?<![\w-])(?<!\bthe )(?<!\bthese )(?<!\bthose )(?<!\bboth )(?<!\bother )(?<!\blast )"
    rf"(?<!\bfirst )(?:{_DIGIT}[- ]hundred(?:(?: and)?[- ]{_BELOW_100})?|{_BELOW_100})"
    r"(?![\w-]|\s(?:half|halves|thirds?|quarters?|fourths?|fifths?|tenths?)\b)"
)
# Elsewhere it stands for a noun, or for nobody: `one of them`, `no one`.
_COUNTS_ONE = re.compile(
    r"(?:\b(?:only|exactly|just|is|are|was|equals|total of)|[:=]|\n|\A)[\s*{]*\Z"
)
_NOT_COUNTED = re.compile(
    r"\s(?:of|another|or more|that|which|who|where|with|can|could|should|must|might|may)\b"
)


def prepared(text: str) -> str:
    """What a text responds, with signs, groups, powers of ten and small numbers as in a program."""
    text = plain_lines(_NARROW_GROUP.sub("", text).translate(_RAISED)).translate(_MINUS)
    text = _NEARLY.sub("=", _TAG.sub(" ", text).replace("{,}", ","))
    text = _FRACTION.sub(lambda match: "/".join(filter(None, match.groups())), text)
    text = _BEFORE_CURRENCY.sub(r"\1-", text.replace("^{", "^").replace("^-^", "^-"))
    text = _IN_WORDS.sub(_in_digits, _POWER.sub(r"e\1", text))
    return _NEGATIVE.sub("-", text)


def _in_digits(match: re.Match[str]) -> str:
    words, text = match[0], match.string
    if words == "one":
        before = text[max(0, match.start() - 12) : match.start()]
        if not _COUNTS_ONE.search(before) or _NOT_COUNTED.match(text, match.end()):
            return words
    value = 0
    for word in re.findall(r"[a-z]+", words.replace(" and ", " ")):
        value = value * 100 if word == "hundred" else value + _VALUES[word]
    return str(value)


def numbers_in(part: str) -> list[str]:
    """The numbers in a prepared text that differ in value; two empty ones if one has no value."""
    if _UNWRITTEN.search(part):
        return ["", ""]
    numbers: dict[Fraction, str] = {}
    for number in dict.fromkeys(_NUMBER.findall(part)):
        digits = re.sub(r"[,\s]", "", number)
        # Nothing is divided by zero, and no decimal number is divided: `5.3/4` may be two of them.
        without_value = re.search(r"/0+$|[.e].*/", digits)
        if without_value or len(digits) > LONGEST:
            return ["", ""]
        numbers.setdefault(Fraction(digits), digits)
    return list(numbers.values())


def only_number(part: str) -> str:
    """The number in a prepared text, if all are of one value; else empty."""
    numbers = numbers_in(part)
    return numbers[0] if len(numbers) == 1 else ""
