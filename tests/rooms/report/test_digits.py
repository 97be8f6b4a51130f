"""No table shows a score that seems to contradict the verdict beside it."""

import pytest
from reports import candidate, regression, score, significance, small_report

from pytest_mmbench.gates.verdicts import ConditionScore, Measure, VisionVerdict
from pytest_mmbench.records import Interval, Outcome
from pytest_mmbench.report.html import render_html
from pytest_mmbench.report.markdown import markdown
from pytest_mmbench.report.tables import Line, regression_table, vision_table
from pytest_mmbench.report.terminal import score_table
from pytest_mmbench.report.text import MINUS

BELOW = score("shapes", 2999, 5000, "0.6")
"""Rounded to three decimals it would be what is required."""
FEW = regression(
    "shapes",
    -5 / 24_371,
    Outcome.FAIL,
    total=24_371,
    baseline=0.6,
    candidate=0.6 - 5 / 24_371,
    regressed=5,
    test=significance(0.016),
    interval=Interval(low=-0.0005, high=-0.00003),
)
"""Five of 24,371 samples, and none fixed."""
LITTLE = VisionVerdict(
    dimension="shapes",
    conditions=(ConditionScore(name="image", accuracy=0.5, total=5000),),
    chance=0.25,
    measures=(
        Measure(name="gain", value=0.0496, limit="0.05"),
        Measure(name="leakage", value=0.0504, limit="0.05"),
    ),
    outcome=Outcome.FAIL,
    explanation="",
)
REPORT = small_report(models=(candidate(BELOW),), regression=(FEW,), vision=(LITTLE,))


def text(lines: list[Line]) -> str:
    return "\n".join("".join(segment.text for segment in line) for line in lines)


def test_the_tree_of_a_terminal() -> None:
    """As in the sentence."""
    assert "0.5998" in BELOW.explanation
    assert "  0.5998  2999/5000" in text(score_table([BELOW], width=100))


def test_changes_in_a_terminal() -> None:
    """With as many decimals as it takes to see one sample."""
    table = text(regression_table([FEW], "old", width=110))

    assert "0.60000    0.59979" in table
    assert f"{MINUS}0.021" in table
    assert f"{MINUS}0.050 to {MINUS}0.003" in table


def test_vision_in_a_terminal() -> None:
    """A gain that is too little, and a leakage that is too much."""
    table = text(vision_table([LITTLE], width=100))

    assert "0.0496" in table
    assert "0.0504" in table


@pytest.mark.parametrize("number", ["0.5998", f"{MINUS}0.021", "0.0496", "0.0504"])
def test_reports(number: str) -> None:
    """The same numbers in Markdown and HTML."""
    assert number in markdown(REPORT)
    assert number in render_html(REPORT, lambda _benchmark, _sample: b"")
