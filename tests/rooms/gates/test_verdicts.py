import json
from dataclasses import asdict
from typing import get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_mmbench.gates.verdicts import (
    CapabilityVerdict,
    RegressionVerdict,
    SnapshotVerdict,
    Verdict,
    VisionVerdict,
)
from pytest_mmbench.records import Interval, Outcome

fractions = st.floats(-1, 1)
VERDICTS = st.one_of(
    *(
        st.builds(
            record,
            **{
                name: fractions
                for name in ("accuracy", "baseline", "candidate", "difference", "confidence")
                if name in record.__dataclass_fields__
            },
        )
        for record in get_args(Verdict)
    )
).filter(lambda verdict: "nan" not in repr(verdict) and "inf" not in repr(verdict))
"""Any verdict; numbers that JSON cannot hold are never in one."""


@given(VERDICTS)
def test_a_verdict_survives_json(verdict: Verdict) -> None:
    """Every digit, every text and every enumeration."""
    record: type[Verdict] = type(verdict)

    assert msgspec.json.decode(msgspec.json.encode(verdict), type=record) == verdict


@given(VERDICTS)
def test_the_standard_library_can_write_a_verdict(verdict: Verdict) -> None:
    """Numbers, texts and enumerations only: what it writes is the same record."""
    text = json.dumps(asdict(verdict), allow_nan=False)

    assert msgspec.convert(json.loads(text), type(verdict)) == verdict


def test_the_four_gates_have_a_record_each() -> None:
    """Nothing else is a verdict."""
    assert set(get_args(Verdict)) == {
        CapabilityVerdict,
        RegressionVerdict,
        SnapshotVerdict,
        VisionVerdict,
    }


@pytest.mark.parametrize("record", get_args(Verdict))
def test_every_verdict_says_what_it_is_about(record: type[Verdict]) -> None:
    """A dimension, an outcome and an explanation come first, in every record."""
    assert list(record.__dataclass_fields__)[:3] == ["dimension", "outcome", "explanation"]


def test_a_verdict_cannot_be_changed() -> None:
    """It is written once, and shown everywhere."""
    verdict = CapabilityVerdict(
        dimension="b",
        outcome=Outcome.PASS,
        explanation="",
        accuracy=1.0,
        correct=4,
        total=4,
        unparseable=0,
        scale=1,
        interval=Interval(low=0.5, high=1.0),
    )

    with pytest.raises(AttributeError):
        verdict.outcome = Outcome.FAIL  # type: ignore[misc]
