"""Where things lie on an axis. Templates draw with it, in percent of whatever room there is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor
from typing import Final

from pytest_mmbench.gates.verdicts import RegressionVerdict

_STEPS: Final = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
"""Distances of ticks that people like to read."""
_TICKS: Final = 7
"""The most that a narrow axis has room for."""
_PADDING: Final = 0.03
"""Of the axis, on either side: whiskers do not touch the edge."""
_NARROWEST: Final = 0.05
"""An axis of differences reaches so far on either side, however small they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """A straight axis from `low` to `high`."""

    low: float
    high: float

    def at(self, value: float) -> str:
        """Where a value lies, such as `37.5%`; what lies beyond an end lies at it."""
        share = (value - self.low) / (self.high - self.low)
        return f"{100 * min(max(share, 0.0), 1.0):.2f}%"

    def between(self, one: float, other: float) -> str:
        """How wide it is from one value to another one, such as `12.5%`."""
        least, most = sorted((one, other))
        room = (min(most, self.high) - max(least, self.low)) / (self.high - self.low)
        return f"{100 * max(room, 0.0):.2f}%"

    @property
    def ticks(self) -> tuple[float, ...]:
        """A few round values between the ends."""
        width = self.high - self.low
        step = next((each for each in _STEPS if width / each <= _TICKS), _STEPS[-1])
        return tuple(
            round(at * step, 6) for at in range(ceil(self.low / step), floor(self.high / step) + 1)
        )


FRACTIONS: Final = Scale(low=0.0, high=1.0)
"""The axis of accuracies."""


def difference_scale(verdicts: Sequence[RegressionVerdict]) -> Scale:
    """An axis that has zero, every interval, and every margin on it."""
    margins = [-float(each.margin) for each in verdicts if each.margin]
    low = min((-_NARROWEST, *margins, *(each.interval.low for each in verdicts)))
    high = max((_NARROWEST, *(each.interval.high for each in verdicts)))
    padding = _PADDING * (high - low)
    return Scale(low=low - padding, high=high + padding)
