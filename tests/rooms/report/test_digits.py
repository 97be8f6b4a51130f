"""No table shows a score that seems to contradict the verdict beside it."""

import pytest
from documents import candidate, change, document, verdict

from pytest_mmbench.records import Interval, Outcome
from pytest_mmbench.report.document import Condition, Measure, Sight, Test
from pytest_mmbench.report.html import render_html
from pytest_mmbench.report.markdown import markdown
from pytest_mmbench.report.tables import Line, regression_table, vision_table
from pytest_mmbench.report.terminal import score_table
from pytest_mmbench.report.text import MINUS

BELOW = verdict("shapes", 2999, 5000, "0.6")
"""Rounded to three decimals it would be what is needed."""
FEW = change(
    "shapes",
    -5 / 24_371,
    Outcome.FAIL,
    asked=24_371,
    old=0.6,
    new=0.6 - 5 / 24_371,
    lost=5,
    tests=(Test(name="mid-p McNemar", p=0.016, adjusted=0.016),),
    interval=Interval(low=-0.0005, high=-0.00003),
)
"""Five of 24,371 samples, and none gained."""
LITTLE = Sight(
    dimension="shapes",
    conditions=(Condition(name="image", accuracy=0.5, asked=5000),),
    chance=0.25,
    measures=(
        Measure(name="gain", value=0.0496, limit="0.05"),
        Measure(name="leak", value=0.0504, limit="0.05"),
    ),
    outcome=Outcome.FAIL,
)
DOCUMENT = document(checkpoints=(candidate(BELOW),), changes=(FEW,), sights=(LITTLE,))


def text(found: list[Line]) -> str:
    return "\n".join("".join(segment.text for segment in line) for line in found)


def test_the_tree_of_a_terminal() -> None:
    """As in the sentence."""
    assert "0.5998" in BELOW.explanation
    assert "  0.5998  2999/5000" in text(score_table([BELOW], width=100))


def test_changes_in_a_terminal() -> None:
    """With as many decimals as it takes to see one sample."""
    shown = text(regression_table([FEW], "old", width=100))

    assert "0.60000  0.59979" in shown
    assert f"{MINUS}0.021" in shown
    assert f"{MINUS}0.050 to {MINUS}0.003" in shown


def test_looks_in_a_terminal() -> None:
    """A gain that is too little, and a leakage that is too much."""
    shown = text(vision_table([LITTLE], width=100))

    assert "0.0496" in shown
    assert "0.0504" in shown


@pytest.mark.parametrize("number", ["0.5998", f"{MINUS}0.021", "0.0496", "0.0504"])
def test_reports(number: str) -> None:
    """The same numbers in Markdown and HTML."""
    assert number in markdown(DOCUMENT)
    assert number in render_html(DOCUMENT, lambda _benchmark, _sample: b"")
