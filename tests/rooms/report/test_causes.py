from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from reports import regression, score, snapshot

from pytest_mmbench.gates.verdicts import (
    ConditionScore,
    Measure,
    RegressionVerdict,
    Verdict,
    VisionVerdict,
)
from pytest_mmbench.records import Outcome
from pytest_mmbench.report.build import decide
from pytest_mmbench.report.causes import causes

AXIS, PART, WHOLE = "b.math.addition", "b.math", "b"


def fell(path: str, lost: int, outcome: Outcome = Outcome.FAIL, **more: Any) -> RegressionVerdict:
    return regression(path, outcome=outcome, regressed=lost, explanation=f"{path} fell", **more)


def vision(path: str, gain: float, total: int) -> VisionVerdict:
    return VisionVerdict(
        dimension=path,
        outcome=Outcome.FAIL,
        explanation=f"{path} gains little",
        conditions=(ConditionScore(name="image", accuracy=0.5, total=total),),
        chance=0.25,
        measures=(Measure(name="gain", value=gain, limit="0.1"),),
    )


def told(*verdicts: Any) -> list[str]:
    return [each.sentence for each in causes(decide(verdicts))]


def test_one_cause_is_told_once() -> None:
    """Axis, capability, whole and threshold: the deepest, and where else it shows."""
    verdicts: list[Verdict] = [
        score(WHOLE, 680, 720, "0.97"),
        score(AXIS, 0, 40, "0.6"),
        fell(WHOLE, 40),
        fell(PART, 40),
        fell(AXIS, 40),
    ]
    decision = decide(verdicts)

    assert told(*verdicts) == [f"{AXIS} fell; also: {AXIS} (capability), {PART}, b, b (capability)"]
    assert len(decision.reasons) == len(verdicts)
    assert {each.explained_by for each in decision.reasons} == {"", AXIS}


def test_what_is_lost_elsewhere_is_told_beside_it() -> None:
    """A fall of the whole of which one axis has a small part has another cause too."""
    assert told(fell(WHOLE, 100), fell(AXIS, 40)) == [f"{AXIS} fell", "b fell"]


def test_several_axes_explain_a_whole_together() -> None:
    """It stands under the one that lost most."""
    other = "b.charts.dials"

    assert told(fell(WHOLE, 100), fell(AXIS, 25), fell(other, 35)) == [
        f"{AXIS} fell",
        f"{other} fell; also: b",
    ]


def test_samples_below_a_node_count_once() -> None:
    """A capability that stands for itself already holds what its axis lost."""
    assert told(fell(WHOLE, 90), fell(PART, 45), fell(AXIS, 20)) == [
        f"{AXIS} fell",
        f"{PART} fell",
        "b fell",
    ]


def test_a_graver_outcome_is_not_folded() -> None:
    """What failed is told; what is only open below it explains no failure."""
    open_axis = score(AXIS, 10, 40, "0.6")
    assert told(
        score(WHOLE, 0, 40, "0.6"),
        fell(AXIS, 40, outcome=Outcome.INCONCLUSIVE),
    )[0].startswith("b 0.000")
    assert told(fell(WHOLE, 3, outcome=Outcome.INCONCLUSIVE), open_axis) == [
        f"{open_axis.explanation}; also: b (regression, inconclusive)"
    ]


def test_other_gates_are_other_causes() -> None:
    """Vision folds its own ancestors; a snapshot has none."""
    assert told(vision(WHOLE, 0.05, 80), vision(AXIS, 0.0, 40), fell(AXIS, 9)) == [
        f"{AXIS} fell",
        f"{AXIS} gains little; also: b",
    ] or told(vision(WHOLE, 0.05, 80), vision(AXIS, 0.0, 40), fell(AXIS, 9)) == [
        f"{AXIS} gains little; also: b",
        f"{AXIS} fell",
    ]
    assert len(told(snapshot(AXIS, Outcome.FAIL), fell(AXIS, 9))) == 2


def test_a_name_that_only_begins_the_same_is_another() -> None:
    """`b.math` explains nothing of `b.maths` or `bb`."""
    assert len(told(fell("b.math", 9), fell("b.maths", 9), fell("bb", 9))) == 3


def test_what_is_invalid_is_folded_under_what_is_invalid() -> None:
    """Unparseable answers of a comparison are not counted in it."""
    verdicts = [fell(path, 0, outcome=Outcome.INVALID) for path in (WHOLE, PART, AXIS)]

    assert told(*verdicts) == [f"{AXIS} fell; also: {PART}, b"]


paths = st.lists(st.sampled_from("ab"), min_size=1, max_size=3).map(".".join)
judged = st.builds(fell, paths, st.integers(-5, 50), st.sampled_from(Outcome))
scored = st.builds(lambda path, correct: score(path, correct, 40, "0.6"), paths, st.integers(0, 40))


@given(st.lists(judged | scored, max_size=8, unique_by=lambda each: (type(each), each.dimension)))
def test_no_reason_is_left_out(verdicts: list[Any]) -> None:
    """Each is told or named once, and none is graver than the one that it stands under."""
    decision = decide(verdicts)
    found = causes(decision)

    shown = [each.reason for each in found] + [other for each in found for other in each.also]
    assert sorted(map(repr, shown)) == sorted(map(repr, decision.reasons))
    for cause in found:
        for other in cause.also:
            assert cause.reason.outcome.severity <= other.outcome.severity
            assert f"{cause.reason.dimension}.".startswith(f"{other.dimension}.")
