"""What a command writes: results to the standard output, and what is beside the point to the other.

Colours are for terminals only, and not where NO_COLOR is set (https://no-color.org).
"""

from __future__ import annotations

import os
import shutil
import sys
import time
import warnings
from collections.abc import Iterable, Sequence
from typing import Final, TextIO

from pytest_mmbench.report.tables import Line
from pytest_mmbench.report.terminal import progress_line

PAUSE: Final = 0.2
"""Seconds between two drawings of the progress."""


_CODES: Final = {"bold": 1, "light": 2, "red": 31, "green": 32, "yellow": 33, "purple": 35}
"""Select Graphic Rendition (ECMA-48)."""


_CLEAR: Final = "\r\x1b[2K"


def echo(*lines: str) -> None:
    """Writes lines of results."""
    for line in lines:
        _write(line, sys.stdout)


def echo_note(line: str) -> None:
    """Writes what is worth knowing beside the results."""
    _write(f"mmbench: {line}", sys.stderr)


def echo_error(error: BaseException) -> None:
    """Writes an error as it stands."""
    _write(str(error), sys.stderr)


def show(lines: Iterable[Line]) -> None:
    """Writes lines with their markup, if people see them."""
    coloured = _terminal(sys.stdout) and "NO_COLOR" not in os.environ
    for line in lines:
        echo("".join(_marked(part.text, part.markup if coloured else ()) for part in line).rstrip())


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Rows below their heads: names at the left, numbers at the right, and remarks behind them.

    The first column holds names and the last one remarks.
    """
    every = [heads, *rows]
    widths = [max(map(len, cells)) for cells in zip(*every, strict=True)]
    lines = []
    for name, *numbers, remark in every:
        cells = [each.rjust(width) for each, width in zip(numbers, widths[1:-1], strict=True)]
        lines.append("  ".join([name.ljust(widths[0]), *cells, remark]).rstrip())
    return lines


def width() -> int:
    """Columns of the terminal; 80 where there is none."""
    return shutil.get_terminal_size().columns


def encoding() -> str:
    """What the standard output can show."""
    return sys.stdout.encoding or "ascii"


def show_warning(  # noqa: PLR0917 - the library's own signature
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """A warning as users want to read it; stands in for `warnings.showwarning`."""
    if category.__module__.partition(".")[0] == "pytest_mmbench":
        echo_note(f"warning: {message}")
    else:
        _write(
            warnings.formatwarning(message, category, filename, lineno, line), file or sys.stderr
        )


class ProgressLine:
    """A `Progress` that draws one line again and again, on a terminal only.

    Args:
        what: is told before the numbers.
    """

    def __init__(self, what: str) -> None:
        self._what = what
        self._drawn = 0.0

    def __call__(self, *, done: int, total: int, seconds: float) -> None:
        """Draws, unless it has just drawn."""
        now = time.monotonic()
        if now - self._drawn >= PAUSE:
            self._drawn = now
            room = width() - len(self._what) - 3
            line = progress_line(done, total, seconds, room, encoding=encoding())
            self._draw(f"{self._what}  {line.removeprefix('mmbench').strip()}")

    def wait(self) -> None:
        """Says that something has to be done before the first answer can come."""
        self._draw(f"{self._what}  loading ...")

    def hide(self) -> None:
        """Takes the line away."""
        self._draw("")

    def _draw(self, line: str) -> None:
        if _terminal(sys.stderr):
            sys.stderr.write(f"{_CLEAR}{line[: width() - 1]}")
            sys.stderr.flush()


def _terminal(stream: TextIO) -> bool:
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def _marked(text: str, markup: Iterable[str]) -> str:
    codes = ";".join(str(_CODES[each]) for each in markup)
    return f"\x1b[{codes}m{text}\x1b[0m" if codes else text


def _write(line: str, stream: TextIO) -> None:
    known = stream.encoding or "ascii"
    print(line.encode(known, "replace").decode(known), file=stream)
