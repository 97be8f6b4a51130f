import pytest
from hypothesis import given
from hypothesis import strategies as st
from reports import NASTY, small_report, stopped

from pytest_mmbench.records import Outcome
from pytest_mmbench.report.document import Decision, Reason, ReasonGate, Release
from pytest_mmbench.report.github import MOST, github_annotations


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
