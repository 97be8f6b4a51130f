"""What a command writes: results to the standard output, notes and errors to the standard error.

Colours are for terminals only, and not where NO_COLOR is set (https://no-color.org).
"""

from __future__ import annotations

import os
import shutil
import sys
import warnings
from collections.abc import Iterable, Sequence
from typing import Final, TextIO

from pytest_mmbench.report.tables import Line
from pytest_mmbench.report.terminal import CLEAR

_CODES: Final = {"bold": 1, "light": 2, "red": 31, "green": 32, "yellow": 33, "purple": 35}
"""Select Graphic Rendition (ECMA-48)."""


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
    is_coloured = _is_terminal(sys.stdout) and "NO_COLOR" not in os.environ
    for line in lines:
        text = ""
        for segment in line:
            codes = ";".join(str(_CODES[name]) for name in segment.markup) if is_coloured else ""
            text += f"\x1b[{codes}m{segment.text}\x1b[0m" if codes else segment.text
        echo(text.rstrip())


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Rows below their heads: names at the left, numbers at the right, and remarks behind them.

    The first column holds names and the last one remarks.
    """
    all_rows = [heads, *rows]
    widths = [max(map(len, cells)) for cells in zip(*all_rows, strict=True)]
    lines = []
    for name, *numbers, remark in all_rows:
        cells = [cell.rjust(width) for cell, width in zip(numbers, widths[1:-1], strict=True)]
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


class TerminalStream:
    """A `ProgressStream` on the standard error, if that is a terminal."""

    @property
    def width(self) -> int:
        """Columns of the terminal but one; 0 where there is none."""
        return width() - 1 if _is_terminal(sys.stderr) else 0

    @property
    def encoding(self) -> str:
        """What the standard output can show."""
        return encoding()

    def draw(self, line: str) -> None:
        """Writes the line over the one before."""
        sys.stderr.write(f"{CLEAR}{line}")
        sys.stderr.flush()

    def clear(self) -> None:
        """Takes the line away."""
        if self.width:
            self.draw("")


def _is_terminal(stream: TextIO) -> bool:
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def _write(line: str, stream: TextIO) -> None:
    known = stream.encoding or "ascii"
    print(line.encode(known, "replace").decode(known), file=stream)
