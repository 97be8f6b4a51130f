r"""LaTeX and Markdown in answers and options, brought to one plain form so that both compare.

`$\frac{1}{2} \mathrm{~cm}$`, `\(\dfrac12\) cm` and `1/2 cm` become the same. A box becomes
`BOX content END`: what stands in a box is what the text says its answer is.
"""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache
from typing import Final

from pytest_mmbench.scorers.phrases import BOX, END

NESTED: Final = 6
"""Braces within braces that are understood."""
LONGEST: Final = 400
"""Characters of a text that is compared with options as a value."""
RAISED: Final = str.maketrans(
    {raised: f"^{at}" for at, raised in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")} | {"⁻": "^-", BOX: " ", END: " "}
)
"""Before Unicode's compatible form, which would make 102 of a 10 with a raised 2."""
_SYMBOLS = {
    r"\pi": "π",
    r"\times": "\u00d7",
    r"\cdot": "·",
    r"\div": "÷",
    r"\pm": "±",
    r"\leq": "≤",
    r"\le": "≤",
    r"\geq": "≥",
    r"\ge": "≥",
    r"\neq": "≠",
    r"\ne": "≠",
    r"\approx": "≈",
    r"\circ": "°",
    r"\degree": "°",
    r"\infty": "∞",
    r"\rightarrow": "→",
    r"\to": "→",
}
_COMMAND = re.compile(r"\\[a-z]+")
_SPACES = re.compile(r"\\[,;:! ()\[\]]|\$|\\q?quad\b|~")
_SILENT = re.compile(
    r"\\(?:left|right|[bd]isplaystyle|displaystyle|limits|[bB]igg?[lr]?)\b\.?"
    r"|\\(?:text|math|mathop|operatorname|mbox|hbox|boldsymbol|bm|rm|bf|it)[a-z]{0,8}\b"
    r"|\*\*+|__+|`+|\\(?=[%&#_{}])"
)
_BEFORE_BRACE = re.compile(r"(?<=[a-z}])[ \t]++\{")
_FRACTION_OF_DIGITS = re.compile(r"\\[dtc]?frac\s*(\d)\s*(\d)")
_FRACTION = re.compile(r"\\[dtc]?frac\s*\{([^{}]*)\}\s*(?:\{([^{}]*)\}|([\dπ]))")
_ROOT = re.compile(r"\\sqrt\s*(?:\{([^{}]*)\}|(\d))")
_BOX = re.compile(r"\\f?boxed\s*\{([^{}]*)\}")
_BOX_TOKENS = re.compile(r"<\|begin_of_box\|>([^<>]*)<\|end_of_box\|>")
_OPEN_BOX = re.compile(r"\\f?boxed\s*\{?|<\|begin_of_box\|>")
_GROUP = re.compile(r"(?<!\})(?<!frac)(?<!sqrt)(?<!boxed)\{([^{}]*)\}")
_SIMPLE = re.compile(r"[\w.π√]*")
_DEGREES = re.compile(r"\^\s?°|\s?\bdegrees?\b")


def without_markup(text: str) -> str:
    """A text in small letters without fonts, signs of mathematics and emphasis; lines stay."""
    if not any(sign in text for sign in "\\$*`_{~<"):
        return _DEGREES.sub("°", text)
    text = _SPACES.sub(" ", _SILENT.sub("", _BEFORE_BRACE.sub("{", text)))
    text = _COMMAND.sub(lambda match: _SYMBOLS.get(match[0], match[0]), text)
    text = _BOX_TOKENS.sub(rf"{BOX}\1{END}", text)
    text = _FRACTION_OF_DIGITS.sub(r"\1/\2", text)
    for _ in range(NESTED):
        if "{" not in text:
            break
        text = _ROOT.sub(lambda match: f"√{_in_brackets(match[1] or match[2] or '')}", text)
        text = _FRACTION.sub(
            lambda match: f"{_in_brackets(match[1])}/{_in_brackets(match[2] or match[3] or '')}",
            text,
        )
        text = _BOX.sub(lambda match: f"{BOX}{match[1]}{END}", text)
        text = _GROUP.sub(r"\1", text)
    text = _OPEN_BOX.sub(BOX, _ROOT.sub(r"√\2", text))
    return _DEGREES.sub("°", text.replace("\\", ""))


def _in_brackets(term: str) -> str:
    term = term.replace(" ", "")
    return term if _SIMPLE.fullmatch(term) else f"({term})"


_SPACE = re.compile(r"\s+")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
ARTICLE: Final = re.compile(r"\A(?:the|an?)\s+(?=\w\w)")
_EDGES: Final = (
    " \t\r\n.,:;!?*_`'\"<>#$\\、。\u2018\u2019\u201c\u201d《》「\u300d『\u300f" + BOX + END
)


def compact(text: str) -> str:
    """What two texts are compared by: without blanks, article, outer punctuation and brackets."""
    text = ARTICLE.sub("", text.strip(_EDGES), count=1)
    text = _THOUSANDS.sub("", _SPACE.sub("", text)).strip(_EDGES)
    bracketed = text[:1] == "(" and text[-1:] == ")" and not set(text[1:-1]) & set("()")
    return text[1:-1] if bracketed else text


_VALUE = re.compile(
    r"[^\w√(-]{0,3}(-?(?:\d{1,30}(?:\.\d{1,30})?|\.\d{1,30})(?:/\d{1,30})?)([^\d=/√(+\u00d7·*-]*?(?:(?<!\d)\^\d)?)"
)


UNITS: Final = re.compile(
    r"(?:[ckm]?m|inch(?:es)?|in|ft|feet|foot|yards?|miles?|units?|hours?|h|minutes?|min|seconds?|s"
    r"|k?g|lbs?|pounds?|cents?|dollars?|°|%|(?:square|cubic)\w+)(?:\^[23])?"
)
"""Of a value that is compared with one that has no unit."""


@lru_cache(maxsize=4096)
def value(text: str) -> tuple[Fraction, str] | None:
    """The number and the unit of a compact text that is nothing but these."""
    match = _VALUE.fullmatch(text.replace("\u2212", "-"))
    if not match or ("." in match[1] and "/" in match[1]) or re.search(r"/0+$", match[1]):
        return None
    return Fraction(match[1]), match[2]
