"""A line on a terminal that shows how many answers there are, drawn again and again."""

from __future__ import annotations

import time
from typing import Final, Protocol

from pytest_mmbench.report.terminal import progress_line

PAUSE: Final = 0.2
"""Seconds between two drawings."""
CLEAR: Final = "\r\x1b[2K"
"""Goes to the start of a terminal's line and erases it (ECMA-48)."""


class ProgressStream(Protocol):
    """Where a progress line is drawn: a terminal, or nothing."""

    @property
    def width(self) -> int:
        """Columns that the line may take; 0 where nothing is to be drawn."""

    @property
    def encoding(self) -> str:
        """Of the characters that can be shown."""

    def draw(self, line: str) -> None:
        """Shows the line in the place of the one before."""

    def clear(self) -> None:
        """Takes the line away, if there is one."""


class ProgressLine:
    """A `Progress` that draws one line on a stream.

    Args:
        stream: where it is drawn.
        label: names what is asked, before the numbers.
    """

    def __init__(self, stream: ProgressStream, *, label: str = "") -> None:
        self._stream = stream
        self._head = f"mmbench  {label}" if label else "mmbench"
        self._drawn_at = 0.0

    def __call__(self, *, done: int, total: int, seconds: float) -> None:
        """Draws, unless it has just drawn."""
        now = time.monotonic()
        if now - self._drawn_at >= PAUSE and self._stream.width:
            self._drawn_at = now
            room = self._stream.width - len(self._head) + len("mmbench")
            line = progress_line(done, total, seconds, room, encoding=self._stream.encoding)
            self._draw(line.removeprefix("mmbench"))

    def wait_for(self, what: str) -> None:
        """Says what has to be done before the first answer can come."""
        if self._stream.width:
            self._draw(f"  {what} ...")

    def _draw(self, text: str) -> None:
        self._stream.draw(f"{self._head}{text}"[: self._stream.width])

    def hide(self) -> None:
        """Takes the line away."""
        self._stream.clear()
