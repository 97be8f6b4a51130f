"""A report as the files that were asked for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pytest_mmbench.protocols import Benchmark
from pytest_mmbench.report.document import Report
from pytest_mmbench.report.github import github_annotations
from pytest_mmbench.report.markdown import write_markdown, write_step_summary


def write_reports(
    report: Report, files: Mapping[str, Path], benchmarks: Mapping[str, Benchmark]
) -> list[str]:
    """Writes the files, and gives their names.

    Args:
        report: what they show.
        files: by form: `html`, `markdown`, `json`.
        benchmarks: whose pictures are shown, by name; the pictures of others are missing.

    Raises:
        MMBenchError: a file cannot be written.
    """
    if "html" in files:
        # Templates and pictures are loaded by whoever wants a page.
        from pytest_mmbench.images.thumbnails import Thumbnails  # noqa: PLC0415
        from pytest_mmbench.report.html import write_html  # noqa: PLC0415

        thumbnails = Thumbnails(benchmarks)

        def picture(benchmark: str, sample: str) -> bytes:
            return thumbnails(benchmark, sample) if benchmark in benchmarks else b""

        write_html(report, files["html"], picture)
    if "markdown" in files:
        write_markdown(report, files["markdown"])
    if "json" in files:
        from pytest_mmbench.report.json_report import write_json  # noqa: PLC0415

        write_json(report, files["json"])
    return [str(path) for path in files.values()]


def github_output(
    report: Report, environment: Mapping[str, str], *, markdown_file: Path | None
) -> tuple[bool, list[str]]:
    """Adds the report to the summary of a step of GitHub Actions, and gives its annotations.

    Gives whether there was a summary, and the lines to print: none outside of GitHub Actions.

    Raises:
        MMBenchError: the summary cannot be written.
    """
    summary = write_step_summary(report, environment, markdown_file=markdown_file)
    listening = environment.get("GITHUB_ACTIONS") == "true"
    return summary, github_annotations(report) if listening else []
