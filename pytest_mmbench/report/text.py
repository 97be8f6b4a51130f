"""Numbers for people, as every form of the report writes them."""

from __future__ import annotations

from fractions import Fraction

from pytest_mmbench.gates import decimals
from pytest_mmbench.records import Interval

MINUTE = 60
"""Seconds."""
HOUR = 60
"""Minutes."""
MINUS = "\N{MINUS SIGN}"
_SMALLEST_P = 0.001


def fraction(value: float) -> str:
    """`0.938`; a minus that is one."""
    return f"{value:.3f}".replace("-", MINUS)


def score(value: float, limit: str, *, scale: int = 1, above: bool = False) -> str:
    """A fraction beside its limit, as sentences write it: `0.5996` if 0.60 is required.

    On a scale of its authors' own it has two decimals; `above` is for a limit from above.
    """
    # A float that stands for 0.6 is a little more or less, which is no reason for more decimals.
    exact, places = Fraction(f"{value:.{decimals.MAX_PLACES + 1}f}"), 3 if scale == 1 else 2
    number = decimals.format_beside_limit(
        exact * scale, Fraction(limit or 0) * scale, places=places, above=above
    )
    return number.replace("-", MINUS)


def share(value: float, total: int) -> str:
    """A fraction of so many samples, with as many decimals as it takes to see one."""
    return decimals.format_decimal(value, decimals.places_for(total)).replace("-", MINUS)


def points(difference: float, total: int = 0) -> str:
    """A difference of fractions in percentage points with its sign: `+1.3`, `0.0`.

    It has as many decimals as it takes to see one of so many samples.
    """
    rounded = f"{100 * difference:+.{decimals.places_for(total) - 2}f}"
    return rounded.lstrip("+-") if float(rounded) == 0 else rounded.replace("-", MINUS)


def span(interval: Interval) -> str:
    """An interval of fractions: `0.87 to 0.99`."""
    return f"{interval.low:.2f} to {interval.high:.2f}".replace("-", MINUS)


def tick(difference: float) -> str:
    """A round difference of fractions on an axis of percentage points: `+10`, `0`."""
    text = f"{100 * difference:+g}".replace("-", MINUS)
    return "0" if text in ("+0", f"{MINUS}0") else text


def points_span(interval: Interval, total: int = 0) -> str:
    """An interval of a difference, in percentage points: `+1.4 to +2.8`."""
    return f"{points(interval.low, total)} to {points(interval.high, total)}"


def probability(value: float) -> str:
    """A value of p: three decimals, or that it is smaller than they can show."""
    return f"< {_SMALLEST_P}" if value < _SMALLEST_P else f"{value:.3f}"


def rate(per_second: float) -> str:
    """Samples per second: whole from ten on."""
    return f"{per_second:.0f}" if per_second >= 10 else f"{per_second:.1f}"  # noqa: PLR2004


def duration(seconds: float, *, whole: bool = False) -> str:
    """`8.2 s`, `3 min 07 s`, `2 h 05 min`; seconds alone can be whole ones."""
    if seconds < MINUTE:
        return f"{seconds:.0f} s" if whole else f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), MINUTE)
    if minutes < HOUR:
        return f"{minutes} min {rest:02} s"
    return f"{minutes // HOUR} h {minutes % HOUR:02} min"


def count_of(number: int, noun: str) -> str:
    """`1 answer`, `1,204 answers`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
