"""Numbers as reports write them."""

from __future__ import annotations

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


def points(difference: float) -> str:
    """A difference of fractions in percentage points with its sign: `+1.3`, `0.0`."""
    rounded = f"{100 * difference:+.1f}"
    return "0.0" if rounded in ("+0.0", "-0.0") else rounded.replace("-", MINUS)


def span(interval: Interval) -> str:
    """An interval of fractions: `0.87 to 0.99`."""
    return f"{interval.low:.2f} to {interval.high:.2f}".replace("-", MINUS)


def tick(difference: float) -> str:
    """A round difference of fractions on an axis of percentage points: `+10`, `0`."""
    written = f"{100 * difference:+g}".replace("-", MINUS)
    return "0" if written in ("+0", f"{MINUS}0") else written


def points_span(interval: Interval) -> str:
    """An interval of a difference, in percentage points: `+1.4 to +2.8`."""
    return f"{points(interval.low)} to {points(interval.high)}"


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


def counted(number: int, noun: str) -> str:
    """`1 answer`, `1,204 answers`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
