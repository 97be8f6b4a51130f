"""The flags of subcommands that write reports: HTML, Markdown and JSON."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pytest_mmbench.cli import output
from pytest_mmbench.config.values import Setting, refuse_folder
from pytest_mmbench.files import expand
from pytest_mmbench.protocols import Benchmark
from pytest_mmbench.report.document import Report
from pytest_mmbench.report.write import write_reports

FORMS: Final = {
    "html": "write a report that opens in any browser, offline",
    "markdown": "write a report in Markdown",
    "json": "write everything that was found as JSON",
}


def add(parser: argparse.ArgumentParser) -> None:
    """Declares a flag for each form."""
    for form, help_text in FORMS.items():
        parser.add_argument(f"--{form}", metavar="FILE", type=expand, help=help_text)


def wanted(chosen: argparse.Namespace) -> dict[str, Path]:
    """The files that were asked for, by form.

    Raises:
        SettingsError: one of them is a folder.
    """
    typed = {form: getattr(chosen, form) for form in FORMS}
    found = {form: path for form, path in typed.items() if path is not None}
    for form, path in found.items():
        refuse_folder(path, Setting(name=f"--{form}", value=str(path), key=f"--{form}"))
    return found


def write(report: Report, files: Mapping[str, Path], data: Mapping[str, Benchmark]) -> None:
    """Writes the files, and says so.

    Raises:
        MMBenchError: a file cannot be written.
    """
    for path in write_reports(report, files, data):
        output.echo(f"wrote {path}")
