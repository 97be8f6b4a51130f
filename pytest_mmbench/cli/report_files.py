"""Reports as files: HTML, Markdown and JSON of one document."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pytest_mmbench.cli import output
from pytest_mmbench.config.values import SettingLocation, refuse_folder
from pytest_mmbench.files import expand
from pytest_mmbench.protocols import Benchmark
from pytest_mmbench.report.document import Report
from pytest_mmbench.report.github import github_annotations
from pytest_mmbench.report.markdown import write_markdown, write_step_summary

FORMS: Final = {
    "html": "write a report that opens in any browser, offline",
    "markdown": "write a report in Markdown",
    "json": "write everything that was found as JSON",
}


def add(parser: argparse.ArgumentParser) -> None:
    """Declares a flag for each form."""
    for form, told in FORMS.items():
        parser.add_argument(f"--{form}", metavar="FILE", type=expand, help=told)


def wanted(chosen: argparse.Namespace) -> dict[str, Path]:
    """The files that were asked for, by form.

    Raises:
        SettingsError: one of them is a folder.
    """
    typed = {form: getattr(chosen, form) for form in FORMS}
    found = {form: path for form, path in typed.items() if path is not None}
    for form, path in found.items():
        refuse_folder(path, f"--{form}", SettingLocation(key=f"--{form}"))
    return found


def write(document: Report, wanted: Mapping[str, Path], data: Mapping[str, Benchmark]) -> None:
    """Writes the files, and says so.

    Raises:
        MMBenchError: a file cannot be written.
    """
    if "html" in wanted:
        _write_html(document, wanted["html"], data)
    if "markdown" in wanted:
        write_markdown(document, wanted["markdown"])
    if "json" in wanted:
        from pytest_mmbench.report.json_report import write_json  # noqa: PLC0415 - for whom wants it

        write_json(document, wanted["json"])
    for path in wanted.values():
        output.echo(f"wrote {path}")


def _write_html(document: Report, path: Path, data: Mapping[str, Benchmark]) -> None:
    # Templates and pictures are loaded by whoever wants a page.
    from pytest_mmbench.images.thumbnails import Thumbnails  # noqa: PLC0415
    from pytest_mmbench.report.html import write_html  # noqa: PLC0415

    thumbnails = Thumbnails(data)

    def pictures(benchmark: str, sample: str) -> bytes:
        return thumbnails(benchmark, sample) if benchmark in data else b""

    write_html(document, path, pictures)


def tell_github(
    document: Report, wanted: Mapping[str, Path], environment: Mapping[str, str]
) -> None:
    """Adds a gate's report to the summary of a step of GitHub Actions, and marks what failed."""
    write_step_summary(document, environment, written=wanted.get("markdown"))
    if environment.get("GITHUB_ACTIONS") == "true":
        output.echo(*github_annotations(document))
