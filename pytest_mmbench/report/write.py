"""A report as files, and as lines that GitHub shows beside a run.

    ::error title=mmbench%3A shapes.math::shapes.math 0.500 (20/40 ...) is below 0.60 ...

"Workflow commands for GitHub Actions" says how messages and properties are escaped; a step shows
ten annotations of each type, and what is beyond them is dropped in silence. So ten are made in all.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pytest_mmbench.errors import one_line
from pytest_mmbench.protocols import Benchmark
from pytest_mmbench.records import Outcome
from pytest_mmbench.report.causes import Cause, causes
from pytest_mmbench.report.document import Release, Report
from pytest_mmbench.report.markdown import write_markdown, write_step_summary


def write_reports(
    report: Report, files: Mapping[str, Path], benchmarks: Mapping[str, Benchmark]
) -> list[str]:
    """Writes the files, by form (`html`, `markdown`, `json`), and gives their names.

    The page shows pictures of these `benchmarks`, by name; those of others are missing.
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
    """Whether a step of GitHub Actions got its summary, and the annotations to print, if any."""
    summary = write_step_summary(report, environment, markdown_file=markdown_file)
    listening = environment.get("GITHUB_ACTIONS") == "true"
    return summary, github_annotations(report) if listening else []


MOST: Final = 10
"""Annotations of one step."""
LONGEST: Final = 1_000
"""Characters of a message."""
_LEVELS: Final = {Outcome.FAIL: "error", Outcome.INVALID: "error", Outcome.INCONCLUSIVE: "warning"}
_MESSAGE: Final = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY: Final = _MESSAGE | str.maketrans({":": "%3A", ",": "%2C"})


def github_annotations(report: Report) -> list[str]:
    """At most ten lines to print: what failed as errors, what is inconclusive as warnings.

    Of more than ten, the last one says how many there are.
    """
    reasons = [each for each in causes(report.decision) if each.reason.outcome in _LEVELS]
    if report.decision.release is Release.NOTHING_GATED:
        return [_line("warning", "nothing gated", "no dimension of this run has a threshold")]
    if len(reasons) <= MOST:
        return [_annotation(each) for each in reasons]
    rest = reasons[MOST - 1 :]
    more = _line(
        _LEVELS[rest[0].reason.outcome], "more", f"{len(rest)} more; the report has them all"
    )
    return [*(_annotation(each) for each in reasons[: MOST - 1]), more]


def _annotation(cause: Cause) -> str:
    reason = cause.reason
    title = f"{reason.dimension or reason.gate} {reason.outcome}"
    return _line(_LEVELS[reason.outcome], title, cause.sentence)


def _line(level: str, title: str, message: str) -> str:
    heading = _escaped(f"mmbench: {title}", _PROPERTY)
    return f"::{level} title={heading}::{_escaped(message, _MESSAGE)}"


def _escaped(text: str, signs: dict[int, str]) -> str:
    return one_line(text, most=LONGEST).translate(signs)
