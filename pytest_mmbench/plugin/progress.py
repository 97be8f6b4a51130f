"""The progress line of a run, on the terminal on which pytest is writing."""

from __future__ import annotations

import contextlib
import sys
from contextlib import AbstractContextManager
from typing import Final

import pytest

from pytest_mmbench.report.terminal import CLEAR

QUIET: Final = -2
"""Verbosity (`-q -q`) at which nothing is drawn."""
_UP: Final = "\x1b[1A"
_COLUMN: Final = "\x1b[{}G"


class PytestStream:
    """A `ProgressStream` below the line on which pytest is writing.

    It draws only on a terminal, and only for people who did not ask for silence.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._is_drawn = False

    @property
    def width(self) -> int:
        """Columns of the terminal but one; 0 where nothing is to be drawn."""
        reporter = self._config.pluginmanager.getplugin("terminalreporter")
        is_loud = self._config.get_verbosity() > QUIET
        if not is_loud or reporter is None or not reporter.isatty:
            return 0
        return self._config.get_terminal_writer().fullwidth - 1

    @property
    def encoding(self) -> str:
        """Of the standard output, however it is captured."""
        return getattr(sys.__stdout__, "encoding", None) or "ascii"

    def draw(self, line: str) -> None:
        """Writes the line below pytest's own, or over the one before."""
        self._write("" if self._is_drawn else "\n", CLEAR, line)
        self._is_drawn = True

    def clear(self) -> None:
        """Takes the line away, and goes back to where pytest was writing."""
        if self._is_drawn:
            column = self._config.get_terminal_writer().width_of_current_line + 1
            self._write(CLEAR, _UP, _COLUMN.format(column))
            self._is_drawn = False

    def _write(self, *parts: str) -> None:
        capture = self._config.pluginmanager.getplugin("capturemanager")
        uncaptured: AbstractContextManager[None] = (
            capture.global_and_fixture_disabled() if capture else contextlib.nullcontext()
        )
        with uncaptured:
            sys.stdout.write("".join(parts))
            sys.stdout.flush()
