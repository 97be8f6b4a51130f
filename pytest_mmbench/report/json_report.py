"""The JSON form of a report, written and read back.

    {"decision": {"release": "do not ship", ...}, "models": [...], "schema": 2, ...}

Its fields are those of `document.Report`; `schema.json` beside this file is the contract in JSON
Schema 2020-12, made by `json_schema`. Fields may be added within one version: readers should pass
over what they do not know. Schema 1, which version 0.1 wrote, is read too: almost all of it has
only other names, and the rest follows from what stands beside it.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import msgspec

from pytest_mmbench import files, records
from pytest_mmbench.errors import DataError
from pytest_mmbench.gates import verdicts
from pytest_mmbench.gates.comparison import Flip
from pytest_mmbench.gates.stats import paired
from pytest_mmbench.gates.verdicts import (
    FlipKind,
    RegressionVerdict,
    SnapshotAnswer,
    SnapshotChange,
    SnapshotVerdict,
)
from pytest_mmbench.records import Mark
from pytest_mmbench.report import document
from pytest_mmbench.report.document import SCHEMA, ChangedAnswer, ModelAnswer, Report
from pytest_mmbench.results.rows import ScoredAnswer

SCHEMA_FILE: Final = Path(__file__).with_name("schema.json")
_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Version:
    schema: int


def to_json(report: Report) -> str:
    """The report as JSON in UTF-8, indented by two blanks.

    Raises:
        DataError: a number in it is not finite, or a text is not Unicode: JSON has neither.
    """
    try:
        text = msgspec.json.encode(report)
        # What is not finite was written as null, and null is read nowhere.
        msgspec.json.decode(text, type=Report)
    except (msgspec.ValidationError, UnicodeEncodeError) as error:
        raise DataError(
            "the report cannot be written as JSON.",
            reason=str(error),
            what_to_do="report it as a fault of the benchmark or the model that the value is from",
        ) from error
    return msgspec.json.format(text, indent=2).decode() + "\n"


def write_json(report: Report, path: Path) -> None:
    """Writes the JSON form, whole or not at all."""
    files.write_report(path, to_json(report))


def from_json(text: str | bytes, *, name: str = "report") -> Report:
    """The report that `to_json` wrote, also that of an earlier version.

    Errors call it by its `name`, such as that of its file.

    Raises:
        DataError: it is no JSON, no report, or one of a later version.
    """
    try:
        version = msgspec.json.decode(text, type=_Version).schema
        if version > SCHEMA:
            raise DataError(
                f"{name} was written by a later version of pytest-mmbench.",
                schema=f"{version}, known up to {SCHEMA}",
                what_to_do="pip install --upgrade pytest-mmbench",
            )
        if version == 1:
            fields = _rename(msgspec.json.decode(text), "") | {"schema": 2}
            return _complete(msgspec.convert(fields, type=Report))
        return msgspec.json.decode(text, type=Report)
    except (msgspec.DecodeError, RecursionError) as error:
        raise DataError(
            f"{name} is not a report of pytest-mmbench.",
            reason=str(error),
            what_to_do="name a report that was written as JSON",
        ) from error


def json_schema() -> dict[str, Any]:
    """The contract of the JSON form, each field described by the text beneath it."""
    schema = msgspec.json.schema(Report)
    descriptions = _docstrings(document) | _docstrings(verdicts) | _docstrings(records)
    for record, definition in schema["$defs"].items():
        for field, property in definition.get("properties", {}).items():
            if (record, field) in descriptions:
                property["description"] = descriptions[record, field]
    return {"$schema": _DIALECT, "title": "pytest-mmbench report", **schema}


def _docstrings(module: ModuleType) -> dict[tuple[str, str], str]:
    """What the literal beneath each field of each class of a module says."""
    classes = [
        node for node in ast.parse(inspect.getsource(module)).body if isinstance(node, ast.ClassDef)
    ]
    return {
        (each.name, field.target.id): " ".join(text.value.value.split())
        for each in classes
        for field, text in zip(each.body, each.body[1:], strict=False)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
        and isinstance(text.value.value, str)
    }


NAMES: Final[Mapping[str, Mapping[str, str]]] = {
    "": {
        "ruling": "decision",
        "checkpoints": "models",
        "asked": "benchmarks",
        "changes": "regression",
        "sights": "vision",
        "flips": "changed_answers",
    },
    "ruling": {"decision": "release"},
    "ruling.reasons": {"because": "explanation"},
    "checkpoints": {"standings": "scores"},
    "checkpoints.standings": {
        "right": "correct",
        "asked": "total",
        "unreadable": "unparseable",
        "because": "explanation",
    },
    "run": {"answers": "new_answers", "kept": "cached_answers"},
    "asked": {"samples": "total", "size": "published_total"},
    "dimensions": {"skip": "skip_reason"},
    "changes": {
        "asked": "total",
        "old": "baseline",
        "new": "candidate",
        "lost": "regressed",
        "gained": "fixed",
        "tests": "test",
        "because": "explanation",
    },
    "changes.tests": {"p": "p_value"},
    "sights.conditions": {"asked": "total"},
    "sights": {"because": "explanation"},
    "snapshots": {
        "asked": "total",
        "lost": "regressed",
        "gained": "fixed",
        "because": "explanation",
    },
    "flips": {"old": "baseline", "new": "candidate"},
    "flips.old": {"chosen": "answer", "mark": "correctness", "logs": "option_logprobs"},
    "flips.new": {"chosen": "answer", "mark": "correctness", "logs": "option_logprobs"},
    "shortcuts": {"because": "explanations"},
}
"""Fields by the path of their record, lists passed over, and what they are called now."""
OUTCOMES: Final = {"measured": "not gated"}
MARKS: Final = {"right": "correct", "wrong": "incorrect", "unreadable": "unparseable"}
NEAR_TIE: Final = "near tie"
WORDS: Final = {
    "ruling.reasons.gate": {"answers": "snapshot"},
    "ruling.reasons.outcome": OUTCOMES,
    "checkpoints.standings.outcome": OUTCOMES,
    "changes.outcome": OUTCOMES,
    "sights.outcome": OUTCOMES,
    "sights.measures.name": {
        "share": "vision share",
        "leak": "leakage",
        "leak above chance": "leakage above chance",
        "still right with another picture": "still correct with another picture",
    },
    "snapshots.outcome": OUTCOMES,
    "flips.old.mark": MARKS,
    "flips.new.mark": MARKS,
    "flips.kind": {
        "regressed": FlipKind.REGRESSED.value,
        "unreadable": FlipKind.BECAME_UNPARSEABLE.value,
        "both wrong": FlipKind.STILL_WRONG.value,
        "fixed": FlipKind.FIXED.value,
        "both right": FlipKind.STILL_CORRECT.value,
        NEAR_TIE: FlipKind.STILL_WRONG.value,
    },
}
"""Words by the path of their field, and what stands for them now."""


def _complete(report: Report) -> Report:
    """The report with what verdicts and changed answers did not say in schema 1."""
    changed = tuple(replace(each, kind=_flip_kind(each)) for each in report.changed_answers)
    snapshots = report.snapshots
    if not report.regression:
        # Without a baseline, changed answers were those beside the snapshot.
        snapshots = tuple(_snapshot(each, changed) for each in snapshots)
    return replace(
        report,
        changed_answers=changed,
        snapshots=snapshots,
        regression=tuple(map(_regression, report.regression)),
    )


def _rename(value: Any, path: str) -> Any:  # noqa: ANN401 - JSON of any form
    if isinstance(value, list):
        return [_rename(each, path) for each in value]
    if isinstance(value, str):
        return WORDS.get(path, {}).get(value, value)
    if not isinstance(value, dict):
        return value
    fields = {}
    for name, field in value.items():
        below = f"{path}.{name}" if path else name
        fields[NAMES.get(path, {}).get(name, name)] = _reshape(_rename(field, below), below)
    if path == "flips":
        fields["near_tie"] = value.get("kind") == NEAR_TIE
    if path == "changes":
        fields["detectable_drop"] = 0.0
    if path == "changes.tests":
        fields["family"] = 1
    return fields


def _reshape(field: Any, path: str) -> Any:  # noqa: ANN401 - JSON of any form
    match path, field:
        case ("sights.measures.interval", []):
            return None
        case ("sights.measures.interval" | "changes.tests", [first, *_]):
            return first
        case ("asked.scoring", str(rule)):
            return rule.removesuffix(" scoring")
        case ("shortcuts.because", str(sentences)):
            return [each for each in sentences.split("; ") if each]
        case ("checkpoints", list(models)):
            # Others than these two were never written.
            return [
                each
                for each in models
                if not (isinstance(each, dict) and each.get("role") == "other")
            ]
    return field


def _flip_kind(changed: ChangedAnswer) -> FlipKind:
    """By the marks of both answers: schema 1 had fewer kinds."""
    if changed.baseline.correctness is changed.candidate.correctness is Mark.UNPARSEABLE:
        return changed.kind
    baseline, candidate = (
        ScoredAnswer(sample=changed.sample, mark=each.correctness, answer=each.answer)
        for each in (changed.baseline, changed.candidate)
    )
    return Flip(baseline=baseline, candidate=candidate, near_tie=changed.near_tie).kind


def _regression(verdict: RegressionVerdict) -> RegressionVerdict:
    """With the size of the family and the detectable drop, which stood in the sentence alone.

    The drop was not in each of them; then it is that of samples without common pictures.
    """
    family = int(_number(r"by Holm among ([1-9]\d*)", verdict.explanation) or 1)
    drop = float(_number(r"a fall by (\d+\.\d+) would be noticed", verdict.explanation) or 0)
    if not drop and verdict.total > 0 and 0 < verdict.confidence < 1:
        rate = (verdict.regressed + verdict.fixed) / verdict.total
        level = (1 - verdict.confidence) / 2 / family
        drop = paired.detectable_drop(rate, verdict.total, level=level)
    return replace(verdict, test=replace(verdict.test, family=family), detectable_drop=drop)


def _snapshot(verdict: SnapshotVerdict, changed: Sequence[ChangedAnswer]) -> SnapshotVerdict:
    """With the answers that changed, and the number of new samples, which its sentence says."""
    changes = [
        SnapshotChange(
            sample=each.sample,
            kind=each.kind,
            near_tie=each.near_tie,
            expected=_snapshot_answer(each.baseline),
            actual=_snapshot_answer(each.candidate),
        )
        for each in changed
        if each.dimension == verdict.dimension
    ]
    missing = _number(r"no accepted answer to (\d+)", verdict.explanation) or _number(
        r"(\d+) of \d+ samples have none", verdict.explanation
    )
    return replace(
        verdict,
        missing=int(missing or 0),
        changes=tuple(sorted(changes, key=attrgetter("near_tie"))),
    )


def _snapshot_answer(answer: ModelAnswer) -> SnapshotAnswer:
    return SnapshotAnswer(answer=answer.answer, correctness=answer.correctness)


def _number(pattern: str, sentence: str) -> str:
    match = re.search(pattern, sentence)
    return match[1] if match else ""
