"""Reports that version 0.1 wrote: `fixtures/reports` holds two, with most of their rows cut out."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_mmbench.errors import DataError
from pytest_mmbench.gates.stats import paired
from pytest_mmbench.gates.verdicts import FlipKind
from pytest_mmbench.records import Mark, Outcome, Role
from pytest_mmbench.report.document import SCHEMA, ReasonGate, Release
from pytest_mmbench.report.json_report import from_json, to_json

FOLDER = Path(__file__).parents[3] / "fixtures" / "reports"
AGAINST_BASELINE = (FOLDER / "schema-1.json").read_text(encoding="utf-8")
AGAINST_SNAPSHOT = (FOLDER / "schema-1-snapshot.json").read_text(encoding="utf-8")

COUNTING = "shapes.fine-grained-perception.counting"


def edited(text: str, **fields: Any) -> str:
    return json.dumps(json.loads(text) | fields)


def numbers(data: object) -> list[float]:
    """Every number in JSON, in order of size."""
    if isinstance(data, dict):
        data = list(data.values())
    if isinstance(data, list):
        return sorted(number for each in data for number in numbers(each))
    return [data] if isinstance(data, int | float) and not isinstance(data, bool) else []


@pytest.mark.parametrize("text", [AGAINST_BASELINE, AGAINST_SNAPSHOT])
def test_no_number_is_lost(text: str) -> None:
    """Every number is in the report as it is written now, and every text that is for people."""
    old, new = json.loads(text), json.loads(to_json(from_json(text)))

    rest = numbers(new)
    for number in numbers({**old, "schema": SCHEMA}):
        rest.remove(number)
    assert new["schema"] == SCHEMA
    assert new["notes"] == old["notes"]
    assert [each["explanation"] for each in new["regression"]] == [
        each["because"] for each in old["changes"]
    ]


def test_the_decision() -> None:
    """With its reasons; the gate of accepted answers is that of the snapshot."""
    decision = from_json(AGAINST_BASELINE).decision

    assert (decision.release, decision.gates, decision.passed) == (Release.STOP, 30, 26)
    assert decision.reasons[2].gate is ReasonGate.CAPABILITY
    assert decision.reasons[2].explanation.startswith(f"{COUNTING} 0.300 (12/40")
    assert {each.gate for each in from_json(AGAINST_SNAPSHOT).decision.reasons} == {
        ReasonGate.SNAPSHOT
    }


def test_models_and_scores() -> None:
    """The verdicts of both models; what was only measured was not gated."""
    candidate, baseline = from_json(AGAINST_BASELINE).models

    assert (candidate.role, baseline.role) == (Role.CANDIDATE, Role.BASELINE)
    assert [each.outcome for each in candidate.scores] == [
        *(Outcome.PASS, Outcome.NOT_GATED, Outcome.PASS, Outcome.FAIL)
    ]
    counting = candidate.scores[-1]
    assert (counting.correct, counting.total, counting.threshold) == (12, 40, "0.60")


def test_a_model_that_was_neither() -> None:
    """The role `other` was never written by a run, and is passed over."""
    models = json.loads(AGAINST_BASELINE)["checkpoints"]
    other = {**models[0], "role": "other"}

    report = from_json(edited(AGAINST_BASELINE, checkpoints=[*models, other]))

    assert report == from_json(AGAINST_BASELINE)


def test_comparisons() -> None:
    """The family and the detectable drop stood in the sentence; else the drop is computed."""
    root, layout, *_ = from_json(AGAINST_BASELINE).regression

    assert (root.regressed, root.fixed, root.total, root.margin) == (33, 5, 720, "0.02")
    assert (root.test.name, root.test.family) == ("mid-p McNemar", 1)
    assert root.detectable_drop == pytest.approx(paired.detectable_drop(38 / 720, 720))
    assert (layout.test.p_value, layout.test.adjusted, layout.test.family) == (0.6875, 1.0, 24)
    assert layout.detectable_drop == 0.344


def test_vision() -> None:
    """Measures by their names of today, each with its interval if it has one."""
    root, _ = from_json(AGAINST_BASELINE).vision
    measures = {each.name: each for each in root.measures}

    assert [each.name for each in root.conditions] == [
        *("image", "no-image", "mismatched", "text model")
    ]
    assert {each.total for each in root.conditions} == {90}
    assert list(measures) == [
        *("gain", "gain above chance", "vision share", "leakage", "leakage above chance"),
        *("insensitivity", "still correct with another picture"),
    ]
    interval = measures["leakage"].interval
    assert interval is not None
    assert interval.low < measures["leakage"].value < interval.high
    assert measures["vision share"].interval is None


def test_changed_answers() -> None:
    """With the kind that follows from both marks; a near tie is one beside its kind."""
    flips = json.loads(AGAINST_BASELINE)["flips"]
    flips.append({**flips[0], "sample": "close", "kind": "near tie"})
    flips.append({**flips[0], "sample": "silent", "kind": "unreadable"})
    flips[-1]["new"] = {"chosen": "", "mark": "unreadable", "logs": [], "text": "hm"}

    changed = from_json(edited(AGAINST_BASELINE, flips=flips)).changed_answers

    assert [each.kind for each in changed] == [
        *(FlipKind.REGRESSED, FlipKind.FIXED, FlipKind.STILL_WRONG),
        *(FlipKind.REGRESSED, FlipKind.CORRECT_TO_UNPARSEABLE),
    ]
    assert [each.sample for each in changed if each.near_tie] == ["close"]
    first, silent = changed[0], changed[-1].candidate
    assert (first.baseline.answer, first.baseline.correctness) == ("B", Mark.CORRECT)
    assert len(first.candidate.option_logprobs) == len(first.options) == 4
    assert (silent.answer, silent.correctness, silent.text) == ("", Mark.UNPARSEABLE, "hm")


def test_shortcuts() -> None:
    """Their sentences stand one by one."""
    (shortcut,) = from_json(AGAINST_BASELINE).shortcuts

    assert len(shortcut.rules) == len(shortcut.explanations) == 3
    assert all(map(str.startswith, shortcut.explanations, shortcut.rules))


def test_snapshots() -> None:
    """Their changed answers are those that the report lists, where it has no baseline."""
    background, layout, digits = from_json(AGAINST_SNAPSHOT).snapshots

    assert (background.outcome, background.total, background.changes) == (Outcome.PASS, 4, ())
    assert [layout.regressed, digits.regressed] == [1, 1]
    assert [(each.sample, each.kind, each.near_tie) for each in layout.changes] == [
        ("layout-0000", FlipKind.REGRESSED, False)
    ]
    assert [each.actual.answer for each in digits.changes] == [""]
    assert layout.changes[0].expected.margin is None


@pytest.mark.parametrize(
    ("sentence", "missing"),
    [
        ("a keeps 4 accepted answers", 0),
        ("a has no accepted answer to 3 samples", 3),
        ("a keeps 3 accepted answers; 1 of 4 samples have none", 1),
    ],
)
def test_samples_that_a_snapshot_does_not_have(sentence: str, missing: int) -> None:
    """Their number stood in the sentence alone."""
    (first, *_) = json.loads(AGAINST_SNAPSHOT)["snapshots"]
    old = edited(AGAINST_SNAPSHOT, snapshots=[{**first, "because": sentence}])

    assert from_json(old).snapshots[0].missing == missing


def test_how_benchmarks_were_asked() -> None:
    """Method and scoring are words of their own."""
    (benchmark,) = from_json(AGAINST_SNAPSHOT).benchmarks

    assert (benchmark.method, benchmark.scoring) == ("generate", "strict")
    assert (benchmark.total, benchmark.published_total) == (72, 72)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=4,
)


@given(st.sampled_from(sorted(json.loads(AGAINST_BASELINE))), JSON)
def test_a_broken_report_is_refused(field: str, value: object) -> None:
    """Whatever stands in the place of a field, the error names the file."""
    problem = "mine "
    try:
        from_json(edited(AGAINST_BASELINE, **{field: value}), name="mine")
    except DataError as error:
        problem = error.problem
    assert problem.startswith("mine ")
