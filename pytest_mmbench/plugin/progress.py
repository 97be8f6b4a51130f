"""How far the asking has come, on a line of its own that is drawn again and again."""

from __future__ import annotations

import contextlib
import sys
import time
from contextlib import AbstractContextManager
from typing import Final

import pytest

from pytest_mmbench.report.terminal import progress_line

PAUSE: Final = 0.2
"""Seconds between two drawings."""


QUIET: Final = -2
"""Verbosity (`-q -q`) at which nothing is drawn."""


_CLEAR: Final = "\r\x1b[2K"


_UP: Final = "\x1b[1A"


_COLUMN: Final = "\x1b[{}G"


class ProgressLine:
    """A `Progress` that draws below the line on which pytest is writing, and takes itself away.

    It draws only on a terminal, and only for people who did not ask for silence.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._drawn = 0.0
        self._shown = False

    def __call__(self, *, done: int, total: int, seconds: float) -> None:
        """Draws, unless it has just drawn."""
        now = time.monotonic()
        if now - self._drawn >= PAUSE and self._wanted():
            self._drawn = now
            encoding = getattr(sys.__stdout__, "encoding", None) or "ascii"
            self._draw(progress_line(done, total, seconds, self._width, encoding=encoding))

    def wait_for(self, what: str) -> None:
        """Says what has to be done before the first answer can come."""
        if self._wanted():
            self._draw(f"mmbench  {what} ..."[: self._width])

    @property
    def _width(self) -> int:
        return self._config.get_terminal_writer().fullwidth - 1

    def _draw(self, line: str) -> None:
        self._write("" if self._shown else "\n", _CLEAR, line)
        self._shown = True

    def hide(self) -> None:
        """Takes the line away, and goes back to where pytest was writing."""
        if self._shown:
            column = self._config.get_terminal_writer().width_of_current_line + 1
            self._write(_CLEAR, _UP, _COLUMN.format(column))
            self._shown = False

    def _wanted(self) -> bool:
        reporter = self._config.pluginmanager.getplugin("terminalreporter")
        loud = self._config.get_verbosity() > QUIET
        return loud and reporter is not None and reporter.isatty

    def _write(self, *parts: str) -> None:
        with self._uncaptured():
            sys.stdout.write("".join(parts))
            sys.stdout.flush()

    def _uncaptured(self) -> AbstractContextManager[None]:
        capture = self._config.pluginmanager.getplugin("capturemanager")
        if capture is None:
            return contextlib.nullcontext()
        disabled: AbstractContextManager[None] = capture.global_and_fixture_disabled()
        return disabled
