import json
from pathlib import Path

import pytest
from reports import changed_answer, small_report, stopped

from pytest_mmbench.benchmarks.shapes import Shapes
from pytest_mmbench.errors import MMBenchError
from pytest_mmbench.report.markdown import markdown
from pytest_mmbench.report.write import github_output, write_reports

REPORT = small_report(
    decision=stopped("math is below"),
    changed_answers=(
        changed_answer("addition-0000"),
        changed_answer("elsewhere", dimension="other.a"),
    ),
)


def test_the_files_that_are_asked_for(tmp_path: Path) -> None:
    """Each form once, and their names; pictures of benchmarks that are not at hand are missing."""
    files = {form: tmp_path / f"report.{form}" for form in ("html", "markdown", "json")}

    names = write_reports(REPORT, files, {"shapes": Shapes(per_axis=1)})

    assert names == [str(path) for path in files.values()]
    texts = {form: path.read_text(encoding="utf-8") for form, path in files.items()}
    assert texts["markdown"] == markdown(REPORT)
    assert json.loads(texts["json"])["decision"]["release"] == "do not ship"
    assert texts["html"].count("data:image/") == 1


def test_nothing_is_asked_for() -> None:
    """Then nothing is written."""
    assert write_reports(REPORT, {}, {}) == []


def test_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    """The error names it."""
    with pytest.raises(MMBenchError, match="cannot be written"):
        write_reports(REPORT, {"markdown": tmp_path}, {})


def test_outside_of_github() -> None:
    """There is no summary and nothing to print."""
    assert github_output(REPORT, {}, markdown_file=None) == (False, [])


def test_a_step_of_github(tmp_path: Path) -> None:
    """The report is added to its summary, and what failed is printed."""
    summary = tmp_path / "summary.md"
    environment = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(summary)}

    added, lines = github_output(REPORT, environment, markdown_file=None)

    assert added
    assert summary.read_text(encoding="utf-8") == markdown(REPORT)
    assert lines == ["::error title=mmbench%3A shapes.math fail::math is below"]
