"""What a command writes: results to the standard output, notes and errors to the standard error.

Colours are for terminals only, and not where NO_COLOR is set (https://no-color.org).
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import warnings
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final, TextIO

from pytest_mmbench.config.values import Setting, refuse_folder
from pytest_mmbench.errors import for_log
from pytest_mmbench.files import expand
from pytest_mmbench.protocols import Benchmark
from pytest_mmbench.report.document import Report
from pytest_mmbench.report.tables import Line
from pytest_mmbench.report.terminal import CLEAR
from pytest_mmbench.report.write import write_reports

_CODES: Final = {"bold": 1, "light": 2, "red": 31, "green": 32, "yellow": 33, "purple": 35}
"""Select Graphic Rendition (ECMA-48)."""
FORMS: Final = {
    "html": "write a report that opens in any browser, offline",
    "markdown": "write a report in Markdown",
    "json": "write everything that was found as JSON",
}
"""Forms of a report, with the help of their flags."""


def echo(*lines: str) -> None:
    """Writes lines of results, made harmless for a log."""
    for line in lines:
        _write(for_log(line), sys.stdout)


def echo_commands(*lines: str) -> None:
    """Writes lines that are commands to the system that runs this, such as annotations."""
    for line in lines:
        _write(line, sys.stdout)


def echo_note(line: str) -> None:
    """Writes what is worth knowing beside the results."""
    _write(for_log(f"mmbench: {line}"), sys.stderr)


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
            shown = for_log(segment.text)
            text += f"\x1b[{codes}m{shown}\x1b[0m" if codes else shown
        _write(text.rstrip(), sys.stdout)


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Rows below their heads, each a name, numbers (aligned right) and a remark."""
    all_rows = [heads, *rows]
    widths = [max(map(len, cells)) for cells in zip(*all_rows, strict=True)]
    lines = []
    for name, *numbers, remark in all_rows:
        cells = [cell.rjust(width) for cell, width in zip(numbers, widths[1:-1], strict=True)]
        lines.append("  ".join([name.ljust(widths[0]), *cells, remark]).rstrip())
    return lines


def add_report_flags(parser: argparse.ArgumentParser) -> None:
    """Declares a flag for each form of a report."""
    for form, help_text in FORMS.items():
        parser.add_argument(f"--{form}", metavar="FILE", type=expand, help=help_text)


def report_paths(arguments: argparse.Namespace) -> dict[str, Path]:
    """The files that those flags name, by form; none of them may be a folder."""
    paths = {form: getattr(arguments, form) for form in FORMS}
    for form, path in paths.items():
        if path is not None:
            refuse_folder(path, Setting(name=f"--{form}", value=str(path), key=f"--{form}"))
    return {form: path for form, path in paths.items() if path is not None}


def save_reports(report: Report, paths: Mapping[str, Path], data: Mapping[str, Benchmark]) -> None:
    """Writes a report into files, by form, and says so."""
    for path in write_reports(report, paths, data):
        echo(f"wrote {path}")


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
        text = warnings.formatwarning(message, category, filename, lineno, line)
        _write(text, file or sys.stderr)


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
