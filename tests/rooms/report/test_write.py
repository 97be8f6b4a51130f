import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reports import NASTY, changed_answer, small_report, stopped

from pytest_mmbench.benchmarks.shapes import Shapes
from pytest_mmbench.errors import MMBenchError
from pytest_mmbench.records import Outcome
from pytest_mmbench.report.document import Decision, Reason, ReasonGate, Release
from pytest_mmbench.report.markdown import markdown
from pytest_mmbench.report.write import MOST, github_annotations, github_output, write_reports

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


def test_what_failed() -> None:
    """One line each, escaped as GitHub reads it: colons in titles, percent signs everywhere."""
    decision = stopped("math 0.500 (20/40, 95% 0.35) is below")

    assert github_annotations(small_report(decision=decision)) == [
        "::error title=mmbench%3A shapes.math fail::math 0.500 (20/40, 95%25 0.35) is below"
    ]


def test_what_is_open() -> None:
    """An inconclusive gate warns; what passed says nothing."""
    decision = stopped("open", outcome=Outcome.INCONCLUSIVE)

    (line,) = github_annotations(small_report(decision=decision))
    assert line.startswith("::warning title=")
    fine = stopped("fine", outcome=Outcome.PASS)
    assert github_annotations(small_report(decision=fine)) == []


def test_a_run_that_gates_nothing() -> None:
    """It must not look like a pass."""
    decision = Decision(release=Release.NOTHING_GATED, reasons=(), gates=0, passed=0)

    (line,) = github_annotations(small_report(decision=decision))
    assert line.startswith("::warning title=mmbench%3A nothing gated::")


@pytest.mark.parametrize(
    ("count", "lines", "last"), [(10, 10, "r9"), (11, 10, "2 more"), (300, 10, "291 more")]
)
def test_more_than_are_shown(count: int, lines: int, last: str) -> None:
    """Ten are shown by GitHub: of more, the tenth says how many there are."""
    decision = stopped(*(f"r{at}" for at in range(count)))

    annotations = github_annotations(small_report(decision=decision))

    assert len(annotations) == lines
    assert annotations[-1].split("::")[2].startswith(last)


@given(st.one_of(st.text(), st.sampled_from(NASTY)), st.one_of(st.text(), st.sampled_from(NASTY)))
def test_no_text_makes_a_command_of_its_own(dimension: str, explanation: str) -> None:
    """Every annotation is one line of one command, whatever a name or a sentence holds."""
    reason = Reason(
        gate=ReasonGate.VISION, dimension=dimension, outcome=Outcome.FAIL, explanation=explanation
    )
    decision = Decision(release=Release.STOP, reasons=(reason,) * 3, gates=3, passed=0)

    annotations = github_annotations(small_report(decision=decision))

    assert 1 <= len(annotations) <= MOST
    for line in annotations:
        assert line.splitlines() == [line]
        title, _, _ = line.removeprefix("::error title=").partition("::")
        assert not set(title) & {",", ":"}
        line.encode()
