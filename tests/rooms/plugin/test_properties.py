import pytest
from accepted_answers import drawn
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_mmbench.gates.snapshot import judge_snapshot
from pytest_mmbench.gates.verdicts import (
    CapabilityVerdict,
    RegressionVerdict,
    SnapshotVerdict,
    Verdict,
    VisionVerdict,
)
from pytest_mmbench.plugin.properties import RECORDS, properties, verdicts_in
from pytest_mmbench.records import Gate
from pytest_mmbench.results.snapshots import SnapshotAnswers

VERDICTS = st.one_of(
    *(
        st.builds(record)
        for record in (CapabilityVerdict, RegressionVerdict, SnapshotVerdict, VisionVerdict)
    )
).filter(lambda verdict: "nan" not in repr(verdict))
"""Any verdict at all; not-a-number is equal to nothing, itself included."""


@given(VERDICTS)
def test_a_verdict_survives_the_journey(verdict: Verdict) -> None:
    """What a worker writes, the controller reads: digits and all."""
    assert verdicts_in(properties(verdict, "tiny")) == [verdict]


@given(VERDICTS)
def test_only_exact_built_in_types_travel(verdict: Verdict) -> None:
    """A subclass, such as an enum's member, would not pass between processes."""
    kinds = {type(value) for _, value in properties(verdict, "tiny")}

    assert kinds <= {str, int, float, bool}


def test_a_report_without_a_verdict() -> None:
    """Other tests have other properties."""
    assert verdicts_in([("seconds", 3)]) == []


@given(drawn(), drawn())
def test_a_snapshot_verdict_survives_the_journey(
    expected: SnapshotAnswers, actual: SnapshotAnswers
) -> None:
    """Changed answers travel with their margins, infinite ones too."""
    verdict = judge_snapshot(expected, actual)

    assert verdicts_in(properties(verdict, "tiny")) == [verdict]


@given(st.lists(VERDICTS, max_size=3))
def test_a_test_may_ask_for_several_verdicts(verdicts: list[Verdict]) -> None:
    """Each is read, in its order."""
    found = [pair for verdict in verdicts for pair in properties(verdict, "tiny")]

    assert verdicts_in(found) == verdicts


@pytest.mark.parametrize(("gate", "record"), RECORDS.items())
def test_every_gate_has_a_record(gate: Gate, record: type[Verdict]) -> None:
    """A gate without one could not be sent by a worker."""

    @settings(max_examples=10)
    @given(st.builds(record))
    def plain_values_stand_beside_it(verdict: Verdict) -> None:
        assert dict(properties(verdict, "tiny"))["mm_gate"] == gate.value

    assert set(RECORDS) == set(Gate)
    plain_values_stand_beside_it()
