from dataclasses import replace

from accepted_answers import drawn
from hypothesis import given
from hypothesis import strategies as st

from pytest_mmbench.gates.snapshot import explanation, judge_snapshot
from pytest_mmbench.plugin.properties import (
    capability_properties,
    snapshot_properties,
    snapshots,
    verdicts,
)
from pytest_mmbench.records import CapabilityVerdict, Interval, Outcome, Rule, Stratum, Tally
from pytest_mmbench.report.document import Snapshot
from pytest_mmbench.results.snapshots import SnapshotAnswers

counts = st.integers(0, 10**6)
fractions = st.floats(0, 1)
strata = st.builds(
    Stratum,
    weight=st.fractions(0, 1),
    earned=st.fractions(0),
    squares=st.fractions(0),
    units=st.integers(1),
)
found = st.builds(
    CapabilityVerdict,
    tally=st.builds(
        Tally,
        dimension=st.text(),
        right=counts,
        asked=counts.map(lambda n: n + 1),
        strata=st.lists(strata, max_size=4).map(tuple),
        scale=st.integers(1),
    ),
    interval=st.builds(Interval, low=fractions, high=fractions),
    outcome=st.sampled_from(Outcome),
    threshold=st.sampled_from(["", "0.6"]),
    rule=st.sampled_from(["", *Rule]),
    because=st.text(),
)


@given(found)
def test_a_verdict_survives_the_journey(verdict: CapabilityVerdict) -> None:
    """What a worker writes, the controller reads: digits and all."""
    assert verdicts(capability_properties(verdict, "tiny")) == [verdict]


@given(found)
def test_only_exact_built_in_types_travel(verdict: CapabilityVerdict) -> None:
    """A subclass, such as an enum's member, would not pass between processes."""
    assert {type(value) for _, value in capability_properties(verdict, "tiny")} <= {str, int, float}


def test_a_report_without_a_verdict() -> None:
    """Other tests have other properties."""
    assert verdicts([("seconds", 3)]) == []


few = st.sampled_from([f"s{at}" for at in range(8)])


@given(held=drawn(few), now=drawn(few), updated=st.booleans())
def test_what_became_of_accepted_answers_survives_the_journey(
    *, held: SnapshotAnswers, now: SnapshotAnswers, updated: bool
) -> None:
    """Its counts, its outcome and its sentence, beside a verdict of the same test."""
    found = replace(judge_snapshot(held, now), updated=updated)
    travelled = snapshot_properties(found, "tiny")

    assert {type(value) for _, value in travelled} <= {str, int, float}
    assert snapshots([("mm_outcome", "pass"), *travelled]) == [
        Snapshot(
            dimension=found.dimension,
            asked=found.total,
            lost=found.regressed,
            gained=found.fixed,
            other=found.other,
            near_ties=len(found.near_ties),
            outcome=found.outcome,
            because=explanation(found),
        )
    ]
    assert snapshots([("mm_outcome", "pass")]) == []
