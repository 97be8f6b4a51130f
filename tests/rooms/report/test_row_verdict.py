import pytest
from hypothesis import given
from hypothesis import strategies as st
from reports import regression, score, snapshot

from pytest_mmbench.gates.verdicts import ConditionScore, Verdict, VisionVerdict
from pytest_mmbench.records import Outcome
from pytest_mmbench.report.row_verdict import row_verdicts

LOW, FINE, FREE = score("b", 1, 9, "0.5"), score("b", 9, 9, "0.5"), score("b", 9, 9)
FELL = regression("b", outcome=Outcome.FAIL)
SAME = regression("b")
OPEN = regression("b", outcome=Outcome.INCONCLUSIVE)
BLIND = VisionVerdict(
    dimension="b",
    outcome=Outcome.FAIL,
    explanation="b gains nothing",
    conditions=(ConditionScore(name="image", accuracy=0.5, total=9),),
    chance=0.25,
)


@pytest.mark.parametrize(
    ("verdicts", "text"),
    [
        ([LOW], "fail"),
        ([FREE], "not gated"),
        ([FREE, SAME], "pass (regression)"),
        ([FREE, FELL], "fail (regression)"),
        ([FINE, FELL], "fail (regression)"),
        ([FINE, SAME], "pass"),
        ([LOW, FELL], "fail"),
        ([FINE, OPEN], "inconclusive (regression)"),
        ([FINE, FELL, BLIND], "fail (regression, vision)"),
        ([FINE, SAME, BLIND], "fail (vision)"),
        ([FREE, snapshot("b", Outcome.FAIL)], "fail (snapshot)"),
        ([FREE, snapshot("b", Outcome.NOT_GATED)], "not gated"),
        ([FREE, regression("b", outcome=Outcome.INVALID)], "invalid (regression)"),
    ],
)
def test_the_gravest_outcome_with_its_gate(verdicts: list[Verdict], text: str) -> None:
    """The gate of the score itself needs no name."""
    assert row_verdicts(verdicts)["b"].text == text


@given(st.permutations([FINE, FELL, BLIND, score("c", 1, 9, "0.5")]))
def test_every_gate_is_explained_whatever_the_order(verdicts: list[Verdict]) -> None:
    """The gravest first, and other dimensions apart."""
    rows = row_verdicts(verdicts)

    assert rows["b"].outcome is Outcome.FAIL
    assert rows["b"].explanations[-1] == FINE.explanation
    assert {*rows["b"].explanations} == {each.explanation for each in (FINE, FELL, BLIND)}
    assert rows["c"].text == "fail"
