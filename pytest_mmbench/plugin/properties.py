"""Verdicts as properties of a test report, and back.

A verdict travels from a worker to the process that writes the summary as JSON in one property.
pytest puts properties into JUnit files, so its numbers and texts stand beside it, one by one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Final

import msgspec

from pytest_mmbench.gates.verdicts import (
    CapabilityVerdict,
    RegressionVerdict,
    SnapshotVerdict,
    Verdict,
    VisionVerdict,
)
from pytest_mmbench.records import Gate

VERDICT: Final = "mm_verdict"
"""The property that holds a whole verdict."""
MODEL: Final = "mm_model"
"""The name of the model that was asked: an overridden fixture may give another than was typed."""
NOT_ASKED: Final = "mm_not_asked"
"""A dimension that this run cannot ask its models about, and why, as JSON."""
LEFT_OUT: Final = "mm_left_out"
"""A dimension, how many of its samples are left out as they cannot be read, and of how many, as
JSON."""
RECORDS: Final[Mapping[Gate, type[Verdict]]] = {
    Gate.CAPABILITY: CapabilityVerdict,
    Gate.REGRESSION: RegressionVerdict,
    Gate.SNAPSHOT: SnapshotVerdict,
    Gate.VISION: VisionVerdict,
}


def gate_of(verdict: Verdict) -> Gate:
    """The gate that a verdict is of."""
    return next(gate for gate, record in RECORDS.items() if isinstance(verdict, record))


def properties(verdict: Verdict, model: str) -> list[tuple[str, object]]:
    """Names and values of exact built-in types: no others pass between processes."""
    gate = gate_of(verdict).value
    whole = {"gate": gate, "verdict": msgspec.to_builtins(verdict)}
    plain: dict[str, object] = {"mm_gate": gate}
    for field in fields(verdict):
        value = getattr(verdict, field.name)
        if isinstance(value, str):
            plain[f"mm_{field.name}"] = "".join(value)
        elif isinstance(value, int | float):
            plain[f"mm_{field.name}"] = value
    if isinstance(verdict, VisionVerdict):
        plain |= {f"mm_{each.name.replace(' ', '_')}": each.value for each in verdict.measures}
    return [(VERDICT, json.dumps(whole)), (MODEL, str(model)), *plain.items()]


def verdicts_in(report_properties: Iterable[tuple[str, object]]) -> list[Verdict]:
    """The verdicts among the properties of a report: a test may ask for several."""
    found = []
    for name, value in report_properties:
        if name == VERDICT:
            whole = json.loads(str(value))
            found.append(msgspec.convert(whole["verdict"], RECORDS[Gate(whole["gate"])]))
    return found
