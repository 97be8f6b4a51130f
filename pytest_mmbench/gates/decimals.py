"""Numbers for people, with the decimals that show on which side of a limit they lie.

Sentences and tables take them from here, so that none of them shows 0.600 as less than 0.60.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Final

MAX_PLACES: Final = 11
"""Decimals, however near the limit is."""


def format_decimal(value: Fraction | float, places: int = 3) -> str:
    """Three decimals or more, and no minus before a zero."""
    return f"{round(float(value), places) + 0.0:.{places}f}"


def format_beside_limit(
    value: Fraction | float, limit: Fraction, *, places: int = 3, above: bool = False
) -> str:
    """So many decimals, or as many more as show that it is below its limit if it is.

    `above` shows instead that it is above: for a limit that is the most that is allowed.
    """
    for number in range(places, MAX_PLACES + 1):
        text = format_decimal(value, number)
        shown = Fraction(text)
        if above and (shown > limit) == (value > limit):
            break
        if not above and (shown < limit) == (value < limit):
            break
    return text


def places_for(total: int) -> int:
    """How many decimals it takes to see one of so many samples; three at least."""
    return max(3, len(str(total)))


def count_of(number: int, noun: str) -> str:
    """`1 answer`, `12 answers`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def allowed(limit: Fraction, total: int) -> str:
    """How many of so many answers may be unparseable, as verdicts that are invalid say it."""
    return f"at most {math.floor(limit * total)} ({float(limit):g}) are allowed"
