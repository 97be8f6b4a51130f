import pytest
from documents import NASTY, document, stopped
from hypothesis import given
from hypothesis import strategies as st

from pytest_mmbench.records import Outcome
from pytest_mmbench.report.document import Decision, Reason, ReasonGate, ReleaseDecision
from pytest_mmbench.report.github import MOST, github_annotations


def test_what_failed() -> None:
    """One line each, escaped as GitHub reads it: colons in titles, percent signs everywhere."""
    found = github_annotations(document(ruling=stopped("math 0.500 (20/40, 95% 0.35) is below")))

    assert found == [
        "::error title=mmbench%3A shapes.math fail::math 0.500 (20/40, 95%25 0.35) is below"
    ]


def test_what_is_open() -> None:
    """An inconclusive gate warns; what passed says nothing."""
    ruling = stopped("open", outcome=Outcome.INCONCLUSIVE)

    assert github_annotations(document(ruling=ruling))[0].startswith("::warning title=")
    assert github_annotations(document(ruling=stopped("fine", outcome=Outcome.PASS))) == []


def test_a_run_that_gates_nothing() -> None:
    """It must not look like a pass."""
    ruling = Decision(decision=ReleaseDecision.NOTHING, reasons=(), gates=0, passed=0)

    (line,) = github_annotations(document(ruling=ruling))
    assert line.startswith("::warning title=mmbench%3A nothing gated::")


@pytest.mark.parametrize(
    ("count", "lines", "last"), [(10, 10, "r9"), (11, 10, "2 more"), (300, 10, "291 more")]
)
def test_more_than_are_shown(count: int, lines: int, last: str) -> None:
    """Ten are shown by GitHub: of more, the tenth says how many there are."""
    found = github_annotations(document(ruling=stopped(*(f"r{at}" for at in range(count)))))

    assert len(found) == lines
    assert found[-1].split("::")[2].startswith(last)


@given(st.one_of(st.text(), st.sampled_from(NASTY)), st.one_of(st.text(), st.sampled_from(NASTY)))
def test_no_text_makes_a_command_of_its_own(dimension: str, because: str) -> None:
    """Every annotation is one line of one command, whatever a name or a sentence holds."""
    reason = Reason(
        gate=ReasonGate.VISION, dimension=dimension, outcome=Outcome.FAIL, because=because
    )
    ruling = Decision(decision=ReleaseDecision.STOP, reasons=(reason,) * 3, gates=3, passed=0)

    found = github_annotations(document(ruling=ruling))

    assert 1 <= len(found) <= MOST
    for line in found:
        assert line.splitlines() == [line]
        title, _, _ = line.removeprefix("::error title=").partition("::")
        assert not set(title) & {",", ":"}
        line.encode()
