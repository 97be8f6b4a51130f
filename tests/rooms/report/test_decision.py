from typing import Any

import pytest
from documents import change, verdict
from hypothesis import given
from hypothesis import strategies as st

from pytest_mmbench.records import CapabilityVerdict, Outcome
from pytest_mmbench.report.decision import BY_SEVERITY, decide
from pytest_mmbench.report.document import Condition, ReasonGate, ReleaseDecision, Sight, Snapshot

FINE = verdict("shapes", 30, 40, "0.6")
LOW = verdict("shapes.math", 10, 40, "0.6")
UNGATED = verdict("shapes.colour", 10, 40)


def sight(outcome: Outcome) -> Sight:
    seen = Condition(name="image", accuracy=0.9, asked=40)
    return Sight(dimension="shapes", conditions=(seen,), chance=0.25, outcome=outcome, because="b")


def snapshot(outcome: Outcome) -> Snapshot:
    return Snapshot(
        dimension="shapes", asked=40, lost=1, gained=0, other=0, outcome=outcome, because="b"
    )


def test_everything_passed() -> None:
    """Ship, and the reason is what the top of the tree says."""
    ruling = decide(verdicts=[FINE, verdict("shapes.math", 39, 40, "0.6")])

    assert ruling.decision is ReleaseDecision.SHIP
    assert [each.dimension for each in ruling.reasons] == ["shapes"]
    assert (ruling.gates, ruling.passed) == (2, 2)


def test_one_gate_failed() -> None:
    """Do not ship, and only what failed is a reason."""
    ruling = decide(verdicts=[FINE, LOW, UNGATED])

    assert ruling.decision is ReleaseDecision.STOP
    assert [each.because for each in ruling.reasons] == [LOW.explanation]
    assert (ruling.gates, ruling.passed) == (2, 1)


def test_a_gate_that_could_not_be_judged() -> None:
    """Unreadable answers stop a release as a failure does, and are told first."""
    unreadable = change("shapes.a", outcome=Outcome.INVALID)

    ruling = decide(verdicts=[LOW], changes=[unreadable])

    assert ruling.decision is ReleaseDecision.STOP
    assert [each.gate for each in ruling.reasons] == [ReasonGate.REGRESSION, ReasonGate.CAPABILITY]
    assert decide(verdicts=[FINE], changes=[unreadable]).decision is ReleaseDecision.STOP


@pytest.mark.parametrize("strict", [False, True])
def test_something_is_open(strict: bool) -> None:  # noqa: FBT001 - what the test is about
    """Inconclusive, which is no release where the run is strict."""
    ruling = decide(
        verdicts=[FINE], changes=[change("x", outcome=Outcome.INCONCLUSIVE)], strict=strict
    )

    assert ruling.decision is (ReleaseDecision.STOP if strict else ReleaseDecision.INCONCLUSIVE)


def test_nothing_was_gated() -> None:
    """Numbers alone are no pass, whatever they are; unreadable ones gate nothing either."""
    ruling = decide(verdicts=[UNGATED], sights=[sight(Outcome.NOT_GATED)])

    assert ruling.decision is ReleaseDecision.NOTHING
    assert (ruling.gates, ruling.reasons) == (0, ())


def test_a_run_that_ended_early() -> None:
    """What passed is no release as long as the rest is not known; a failure stays one."""
    assert decide(verdicts=[FINE], unfinished="ended").decision is ReleaseDecision.INCONCLUSIVE
    assert decide(verdicts=[UNGATED], unfinished="ended").decision is ReleaseDecision.INCONCLUSIVE
    assert decide(verdicts=[LOW], unfinished="ended").decision is ReleaseDecision.STOP
    assert decide(verdicts=[FINE], unfinished="ended").reasons[0].gate is ReasonGate.RUN


@pytest.mark.parametrize(
    ("told", "gate"),
    [
        ({"changes": [change("shapes", outcome=Outcome.FAIL)]}, ReasonGate.REGRESSION),
        ({"sights": [sight(Outcome.FAIL)]}, ReasonGate.VISION),
        ({"snapshots": [snapshot(Outcome.FAIL)]}, ReasonGate.ANSWERS),
    ],
)
def test_every_gate_can_stop_a_release(told: dict[str, Any], gate: ReasonGate) -> None:
    """Thresholds passed, and still one other gate says no."""
    ruling = decide(verdicts=[FINE], **told)

    assert ruling.decision is ReleaseDecision.STOP
    assert [each.gate for each in ruling.reasons] == [gate]


@given(st.lists(st.sampled_from(Outcome)), st.booleans())
def test_one_more_gate_never_makes_a_release_easier(outcomes: list[Outcome], strict: bool) -> None:  # noqa: FBT001 - drawn
    """A decision only moves from ship over inconclusive to stop as findings are added."""
    order = [
        ReleaseDecision.NOTHING,
        ReleaseDecision.SHIP,
        ReleaseDecision.INCONCLUSIVE,
        ReleaseDecision.STOP,
    ]
    none: list[CapabilityVerdict] = []
    decisions = [
        decide(
            verdicts=none,
            changes=[change(f"d{at}", outcome=each) for at, each in enumerate(outcomes[:count])],
            strict=strict,
        ).decision
        for count in range(len(outcomes) + 1)
    ]

    assert decisions == sorted(decisions, key=order.index)
    assert decisions[0] is ReleaseDecision.NOTHING


@given(st.lists(st.sampled_from(Outcome), min_size=1))
def test_reasons_are_sorted(outcomes: list[Outcome]) -> None:
    """The gravest reasons come first, then those about the most, then the order of the tree."""
    changes = [
        change(f"d{at:03}" + ".x" * (at % 3), outcome=each) for at, each in enumerate(outcomes)
    ]

    told = decide(verdicts=[], changes=changes).reasons

    keys = [
        (BY_SEVERITY.index(each.outcome), each.dimension.count("."), each.dimension)
        for each in told
    ]
    assert keys == sorted(keys)
