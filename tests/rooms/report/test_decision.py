from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reports import regression, score, snapshot

from pytest_mmbench.gates.verdicts import ConditionScore, Verdict, VisionVerdict
from pytest_mmbench.records import Outcome
from pytest_mmbench.report.decision import decide
from pytest_mmbench.report.document import ReasonGate, Release

FINE = score("shapes", 30, 40, "0.6")
LOW = score("shapes.math", 10, 40, "0.6")
UNGATED = score("shapes.colour", 10, 40)


def vision(outcome: Outcome) -> VisionVerdict:
    image = ConditionScore(name="image", accuracy=0.9, total=40)
    return VisionVerdict(
        dimension="shapes", conditions=(image,), chance=0.25, outcome=outcome, explanation="b"
    )


def test_everything_passed() -> None:
    """Ship, and the reason is what the top of the tree says."""
    decision = decide([FINE, score("shapes.math", 39, 40, "0.6")])

    assert decision.release is Release.SHIP
    assert [each.dimension for each in decision.reasons] == ["shapes"]
    assert (decision.gates, decision.passed) == (2, 2)


def test_one_gate_failed() -> None:
    """Do not ship, and only what failed is a reason."""
    decision = decide([FINE, LOW, UNGATED])

    assert decision.release is Release.STOP
    assert [each.explanation for each in decision.reasons] == [LOW.explanation]
    assert (decision.gates, decision.passed) == (2, 1)


def test_a_gate_that_is_invalid() -> None:
    """Unparseable answers stop a release as a failure does, and come first."""
    invalid = regression("shapes.a", outcome=Outcome.INVALID)

    decision = decide([LOW, invalid])

    assert decision.release is Release.STOP
    gates = [each.gate for each in decision.reasons]
    assert gates == [ReasonGate.REGRESSION, ReasonGate.CAPABILITY]
    assert decide([FINE, invalid]).release is Release.STOP


@pytest.mark.parametrize("strict", [False, True])
def test_something_is_open(strict: bool) -> None:  # noqa: FBT001 - what the test is about
    """Inconclusive, which is no release where the run is strict."""
    decision = decide([FINE, regression("x", outcome=Outcome.INCONCLUSIVE)], strict=strict)

    assert decision.release is (Release.STOP if strict else Release.INCONCLUSIVE)


def test_nothing_was_gated() -> None:
    """Numbers alone are no pass, whatever they are; unparseable answers gate nothing either."""
    invalid = replace(UNGATED, outcome=Outcome.INVALID)

    decision = decide([UNGATED, invalid, vision(Outcome.NOT_GATED)])

    assert decision.release is Release.NOTHING_GATED
    assert (decision.gates, decision.reasons) == (0, ())


def test_a_run_that_ended_early() -> None:
    """What passed is no release as long as the rest is not known; a failure stays one."""
    assert decide([FINE], unfinished="ended").release is Release.INCONCLUSIVE
    assert decide([UNGATED], unfinished="ended").release is Release.INCONCLUSIVE
    assert decide([LOW], unfinished="ended").release is Release.STOP
    assert decide([FINE], unfinished="ended").reasons[0].gate is ReasonGate.RUN


@pytest.mark.parametrize(
    ("verdict", "gate"),
    [
        (regression("shapes", outcome=Outcome.FAIL), ReasonGate.REGRESSION),
        (vision(Outcome.FAIL), ReasonGate.VISION),
        (snapshot("shapes", Outcome.FAIL), ReasonGate.SNAPSHOT),
    ],
)
def test_every_gate_can_stop_a_release(verdict: Verdict, gate: ReasonGate) -> None:
    """Thresholds passed, and still one other gate says no."""
    decision = decide([FINE, verdict])

    assert decision.release is Release.STOP
    assert [each.gate for each in decision.reasons] == [gate]


@given(st.lists(st.sampled_from(Outcome)), st.booleans())
def test_one_more_gate_never_makes_a_release_easier(outcomes: list[Outcome], strict: bool) -> None:  # noqa: FBT001 - drawn
    """A decision only moves from ship over inconclusive to stop as verdicts are added."""
    order = [Release.NOTHING_GATED, Release.SHIP, Release.INCONCLUSIVE, Release.STOP]
    verdicts = [regression(f"d{at}", outcome=each) for at, each in enumerate(outcomes)]

    releases = [
        decide(verdicts[:count], strict=strict).release for count in range(len(verdicts) + 1)
    ]

    assert releases == sorted(releases, key=order.index)
    assert releases[0] is Release.NOTHING_GATED


@given(st.lists(st.sampled_from(Outcome), min_size=1))
def test_reasons_are_sorted(outcomes: list[Outcome]) -> None:
    """The gravest reasons come first, then those about the most, then the order of the tree."""
    verdicts = [
        regression(f"d{at:03}" + ".x" * (at % 3), outcome=each) for at, each in enumerate(outcomes)
    ]

    reasons = decide(verdicts).reasons

    keys = [(each.outcome.severity, each.dimension.count("."), each.dimension) for each in reasons]
    assert keys == sorted(keys)
