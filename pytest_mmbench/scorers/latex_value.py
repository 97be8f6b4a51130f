r"""The value of an expression in LaTeX: `\frac{3\sqrt{6}}{2}`, `45^2`, `4\pi-2`.

A small grammar of its own: numbers, the four operations, powers, fractions, roots, factorials and
\pi. Libraries for all of LaTeX compute what they are given, so that `9^{9^{9}}` of a model would
stop the run; here every step is bounded. Values are exact as long as they are fractions.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Final

Value = Fraction | float
LONGEST: Final = 200
"""Characters of an expression; what is longer has no value here."""
DEEPEST: Final = 20
"""Brackets in brackets."""
MOST_BITS: Final = 10_000
"""Of a power's numerator or denominator."""
MOST_FACTORIAL: Final = 100
_RAISED = str.maketrans({raised: f"^{at}" for at, raised in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")})
_SIGNS = str.maketrans("\u2212\u2013\u00d7\u00b7\u22c5\u00f7\u2044\u03c0", "--***//\ue000")
_COMMANDS: Final = (
    (re.compile(r"\\[dtc]frac(?![a-z])"), r"\\frac"),
    (re.compile(r"\\(?:left|right|displaystyle|limits|,|!|;|:|quad|qquad)(?![a-z])|[$~]"), " "),
    (re.compile(r"\\(?:cdot|times|ast)(?![a-z])"), "*"),
    (re.compile(r"\\div(?![a-z])"), "/"),
    (re.compile(r"\\[()\[\]]"), " "),
    (re.compile(r"\\pi(?![a-z])|(?<![a-z\\])pi(?![a-z])"), "\ue000"),
    (re.compile(r"\u221a"), r"\\sqrt "),
    (re.compile(r"\\sqrt\s?(\d+)"), r"\\sqrt{\1}"),
)
_SHORT_FORMS: Final = (
    (re.compile(r"\\boxed(?![a-z])"), " "),
    (re.compile(r"\\[dt]frac(?![a-z])"), r"\\frac"),
    (re.compile(r"\^\s?(?:\{\s?\\circ\s?\}|\\circ(?![a-z]))|\u00b0|\\degree(?![a-z])"), " "),
    (re.compile(r"\\(?:text|mathrm|mbox|operatorname)\s?\{[^{}]*\}|\{\s?[a-z ]{3,}\s?\}"), " "),
    (re.compile(r"\\frac\s?(\d)"), r"\\frac{\1}"),
    (re.compile(r"(\\frac\s?\{[^{}]*\})\s?(\d)"), r"\1{\2}"),
    (re.compile(r"(?<![\d.])(\d+)\s?(\\frac\s?\{\d+\}\s?\{\d+\})"), r"(\1+\2)"),
)
"""Signs of degrees, units, text beside an expression, fractions without braces, mixed numbers."""
_TOKEN = re.compile(r"\s*(\d+\.\d*|\.\d+|\d+|\\frac|\\sqrt|\ue000|[-+*/^!(){}\[\]])")
_DIGITS: Final = (*"0123456789", ".")


class NoValueError(ValueError):
    """What stands there is no expression of the grammar, or too large."""


def latex_value(text: str, *, short_forms: bool = True) -> Value | None:
    r"""The value of an expression; None if it has none, or is not understood.

    With `short_forms` also as people write it: degrees and units are left out, `\frac12` is a half
    and `2\frac{1}{2}` two and a half.
    """
    if len(text) > LONGEST:
        return None
    text = unicodedata.normalize("NFKC", text.translate(_RAISED)).translate(_SIGNS).lower()
    for pattern, plain in (*(_SHORT_FORMS if short_forms else ()), *_COMMANDS):
        text = pattern.sub(plain, text)
    try:
        parser = _Parser(_tokens(text))
        value = parser.sum()
        parser.end()
    except (ArithmeticError, ValueError):
        return None
    return value if isinstance(value, Fraction) or math.isfinite(value) else None


def same_value(one: Value, other: Value) -> bool:
    """Whether two values are the same: exactly if both are fractions, else to nine digits."""
    if isinstance(one, Fraction) and isinstance(other, Fraction):
        return one == other
    try:
        return math.isclose(one, other, rel_tol=1e-9)
    except OverflowError:
        return False


def _tokens(text: str) -> list[str]:
    tokens = []
    place, end = 0, len(text.rstrip())
    while place < end:
        match = _TOKEN.match(text, place)
        if not match:
            raise NoValueError(text)
        tokens.append(match[1])
        place = match.end()
    return tokens


class _Parser:
    """Recursive descent over tokens, a method for each level of binding."""

    def __init__(self, tokens: Sequence[str]) -> None:
        self._tokens = [*tokens, ""]
        self._place = 0
        self._depth = 0

    def end(self) -> None:
        """Nothing is left."""
        if self._tokens[self._place]:
            raise NoValueError(self._tokens[self._place])

    def sum(self) -> Value:
        """Products with + and - between them, and one before."""
        value = self._signed(self._product)
        while self._tokens[self._place] in ("+", "-"):
            value = value + self._signed(self._product)
        return value

    def _product(self) -> Value:
        """Powers with *, / or nothing between them."""
        value = self._power()
        while (sign := self._tokens[self._place]) not in ("", "+", "-", ")", "}", "]"):
            if sign == "/":
                self._take()
                value = value / self._signed(self._power)
            else:
                factor = self._signed(self._power) if self._takes("*") else self._power()
                value = value * factor
        return value

    def _power(self) -> Value:
        base = self._atom()
        while self._takes("!"):
            if base != int(base) or not 0 <= base <= MOST_FACTORIAL:
                raise NoValueError("!")
            base = Fraction(math.factorial(int(base)))
        return _power(base, self._signed(self._power)) if self._takes("^") else base

    def _signed(self, read: Callable[[], Value]) -> Value:
        is_negative = False
        while self._tokens[self._place] in ("+", "-"):
            is_negative ^= self._take() == "-"
        return -read() if is_negative else read()

    def _atom(self) -> Value:
        before = self._tokens[self._place - 1] if self._place else ""
        sign = self._take()
        if sign[:1] in _DIGITS:
            # Two numbers beside each other are no product.
            if before[:1] in _DIGITS:
                raise NoValueError(sign)
            return Fraction(sign)
        if sign == "\ue000":
            return math.pi
        if sign == "\\frac":
            numerator = self._atom()
            return numerator / self._atom()
        if sign == "\\sqrt":
            return self._root()
        if sign in ("(", "{"):
            return self._until(")" if sign == "(" else "}")
        raise NoValueError(sign)

    def _root(self) -> Value:
        index = self._until("]") if self._takes("[") else Fraction(2)
        radicand = self._atom()
        if radicand < 0 or not index:
            raise NoValueError("root")
        root = float(radicand) ** (1 / float(index))
        whole = Fraction(round(root))
        is_exact = isinstance(radicand, Fraction) and _power(whole, index) == radicand
        return whole if is_exact else root

    def _until(self, closing: str) -> Value:
        self._depth += 1
        if self._depth > DEEPEST:
            raise NoValueError(closing)
        value = self.sum()
        if not self._takes(closing):
            raise NoValueError(closing)
        self._depth -= 1
        return value

    def _take(self) -> str:
        token = self._tokens[self._place]
        self._place += bool(token)
        return token

    def _takes(self, sign: str) -> bool:
        is_next = self._tokens[self._place] == sign
        self._place += is_next
        return is_next


def _power(base: Value, exponent: Value) -> Value:
    if isinstance(base, Fraction) and isinstance(exponent, Fraction) and exponent == int(exponent):
        bits = max(abs(base.numerator), base.denominator).bit_length() * abs(int(exponent))
        if bits > MOST_BITS:
            raise NoValueError("power")
        return base ** int(exponent)
    # A root of a negative number is a ValueError there.
    return math.pow(base, exponent)
