"""Reading what MMIE's judge says of an answer: feedback, then `### Score` and a number from 0 to 6.

The published rule (`find_score` in `main.py` of Lillianwei-h/MMIE) takes the first number after the
first marker and rounds it, halves to the even side; a record whose number is not within 0 and 6
then, or that has none, is left out of the mean. Its traps: `### Score (out of 6): 5` is a six, a
`-0.5` a zero, 4.5 a four and 5.5 a six. Until October 2024 the highest number was 5.

The strict rule wants a single marker at the beginning of a line, and after it nothing but one whole
number within 0 and 6.
"""

from __future__ import annotations

import re
from typing import Final

MARKER: Final = "### Score"


LOWEST: Final = 0


HIGHEST: Final = 6


HALF: Final = 0.5
"""Beyond either end: what is rounded into the scale. Infinity, a long row of digits, cannot be."""


_NUMBER = re.compile(r"-?\d++(?:\.\d++)?")


_ALONE = re.compile(r"[\s*_:]++([0-6])[\s*_.]*+")


def read_score(text: str) -> str:
    """The score as one digit by the published rule; empty if the record is left out."""
    _, _, after = text.partition(MARKER)
    found = _NUMBER.search(after)
    if not found:
        return ""
    value = float(found[0])
    return str(round(value)) if LOWEST - HALF <= value <= HIGHEST + HALF else ""


def read_score_strictly(text: str) -> str:
    """The score as one digit; empty if the judge's words leave any doubt."""
    before, _, after = text.partition(MARKER)
    opens_a_line = not before.rpartition("\n")[2].strip()
    alone = _ALONE.fullmatch(after) if opens_a_line else None
    return alone[1] if alone else ""
