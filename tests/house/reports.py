"""Reports for tests: any that can be made, and small ones that say what a test is about."""

from __future__ import annotations

import dataclasses
import enum
import types
import typing
from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from pytest_mmbench.gates import capability
from pytest_mmbench.gates.verdicts import (
    CapabilityVerdict,
    FlipKind,
    RegressionVerdict,
    SignificanceTest,
    SnapshotAnswer,
    SnapshotChange,
    SnapshotVerdict,
)
from pytest_mmbench.records import Dimension, Interval, Mark, Outcome, Role, Tally, Threshold
from pytest_mmbench.report.document import (
    SCHEMA,
    ChangedAnswer,
    Decision,
    ModelAnswer,
    ModelScores,
    Reason,
    ReasonGate,
    Release,
    Report,
    RunInfo,
    Shortcut,
)

NASTY = (
    "</script><script>pwned()</script>",
    "<img src=x onerror=pwned()>",
    "\"'><svg onload=pwned()>",
    "<!--",
    "]]>",
    "{{ 7 * 7 }}{% raw %}",
    "javascript:pwned()",
    "\x1b[31mred\x1b[0m",
    "\u202egnp.exe",
    "a|b `c` **d** [e](http://f.example) @octocat #1 www.g.example",
    "| --- |\r\n\n# h\n1. x",
    "\ud800",
    "::error::x",
    "100%\r\n::stop-commands::t",
)
"""What a model or a data file may say."""

texts = st.one_of(st.text(max_size=30), st.sampled_from(NASTY))


def reports(text: st.SearchStrategy[str] = texts) -> st.SearchStrategy[Report]:
    """Any report whose numbers are those that a run can give."""
    return _record(Report, text)


def _record(record: Any, text: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    hints = typing.get_type_hints(record)
    names = [each.name for each in dataclasses.fields(record)]
    return st.builds(record, **{name: _field(record, name, hints, text) for name in names})


def _field(
    record: type, name: str, hints: dict[str, Any], text: st.SearchStrategy[str]
) -> st.SearchStrategy[Any]:
    own: dict[tuple[str, str], st.SearchStrategy[Any]] = {
        ("Report", "schema"): st.just(SCHEMA),
        ("CapabilityVerdict", "threshold"): st.sampled_from(["", "0.6", "1"]),
        ("CapabilityVerdict", "accuracy"): st.floats(0, 1),
        ("Measure", "limit"): st.sampled_from(["", "0.05"]),
        ("RegressionVerdict", "margin"): st.sampled_from(["", "0.02"]),
        ("Interval", "high"): st.floats(0, 1),
        ("Interval", "low"): st.floats(-1, 0),
    }
    if name == "dimension" or (record is Dimension and name == "path"):
        words = st.one_of(st.sampled_from(["shapes", "math", "addition"]), text)
        return st.lists(words, min_size=1, max_size=3).map(".".join)
    known = (record.__name__, name)
    return own[known] if known in own else _of(hints[name], text, least=name == "models")


def _of(hint: Any, text: st.SearchStrategy[str], *, least: int = 0) -> st.SearchStrategy[Any]:
    if typing.get_origin(hint) is tuple:
        each = _of(typing.get_args(hint)[0], text)
        return st.lists(each, min_size=least, max_size=3).map(tuple)
    if typing.get_origin(hint) is types.UnionType:
        (each,) = (each for each in typing.get_args(hint) if each is not types.NoneType)
        return st.none() | _of(each, text)
    if typing.get_origin(hint) is dict:
        return st.dictionaries(text, text, max_size=3)
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return st.sampled_from(hint)
    plain: dict[Any, st.SearchStrategy[Any]] = {
        str: text,
        int: st.integers(0, 10**6),
        float: st.floats(-1, 1),
        bool: st.booleans(),
    }
    return plain[hint] if hint in plain else _record(hint, text)


# Small ones.


def score(path: str, correct: int, total: int, at_least: str = "") -> CapabilityVerdict:
    limits = {path: Threshold(at_least=at_least)} if at_least else {}
    tally = Tally(dimension=path, correct=correct, total=total)
    (verdict,) = capability.judge_capability([tally], limits, alpha=0.05, unparseable_limit=0.05)
    return verdict


def regression(
    path: str, difference: float = 0.0, outcome: Outcome = Outcome.PASS, **fields: Any
) -> RegressionVerdict:
    """A comparison whose interval reaches five points to either side."""
    usual: dict[str, Any] = {
        "total": 100,
        "baseline": 0.5,
        "candidate": 0.5 + difference,
        "interval": Interval(low=difference - 0.05, high=difference + 0.05),
        "confidence": 0.9,
        "regressed": 0,
        "fixed": 0,
        "near_ties": 0,
        "test": significance(1.0),
        "detectable_drop": 0.1,
        "explanation": f"{path} changed",
    }
    return RegressionVerdict(
        dimension=path, difference=difference, outcome=outcome, **(usual | fields)
    )


def significance(p_value: float, adjusted: float | None = None) -> SignificanceTest:
    return SignificanceTest(
        name="mid-p McNemar",
        p_value=p_value,
        adjusted=p_value if adjusted is None else adjusted,
        family=1 if adjusted is None else 2,
    )


def snapshot(
    path: str, outcome: Outcome = Outcome.PASS, *, regressed: int = 0, near_ties: int = 0
) -> SnapshotVerdict:
    """A leaf of 40 samples; each of those that changed was A, which is correct, and is B now."""
    changes = [
        SnapshotChange(
            sample=f"s{at}",
            kind=FlipKind.REGRESSED,
            near_tie=at >= regressed,
            expected=SnapshotAnswer(answer="A", correctness=Mark.CORRECT),
            actual=SnapshotAnswer(answer="B", correctness=Mark.INCORRECT),
        )
        for at in range(regressed + near_ties)
    ]
    return SnapshotVerdict(
        dimension=path,
        outcome=outcome,
        explanation=f"{path} is compared",
        total=40,
        regressed=regressed,
        near_ties=near_ties,
        changes=tuple(changes),
    )


def model_answer(
    answer: str, *, correct: bool = False, logprobs: Sequence[float] = (), text: str = ""
) -> ModelAnswer:
    mark = (Mark.CORRECT if correct else Mark.INCORRECT) if answer else Mark.UNPARSEABLE
    return ModelAnswer(answer=answer, correctness=mark, option_logprobs=tuple(logprobs), text=text)


def changed_answer(
    sample: str = "one", kind: FlipKind = FlipKind.REGRESSED, **fields: Any
) -> ChangedAnswer:
    """An answer that was A, which is correct, and is B now."""
    usual: dict[str, Any] = {
        "dimension": "shapes.math.addition",
        "question": "What is 1 + 1?",
        "options": ("two", "three"),
        "target": "A",
        "baseline": model_answer("A", correct=True),
        "candidate": model_answer("B"),
        "near_tie": False,
    }
    return ChangedAnswer(sample=sample, kind=kind, **(usual | fields))


def shortcut(sample: str = "one", **fields: Any) -> Shortcut:
    usual: dict[str, Any] = {
        "dimension": "shapes.math.addition",
        "question": "What is 1 + 1?",
        "options": ("two", "three"),
        "target": "A",
        "rules": ("correct under every condition",),
    }
    return Shortcut(sample=sample, **(usual | fields))


def small_report(**fields: Any) -> Report:
    """A run that ships; a test names the fields that it is about."""
    usual: dict[str, Any] = {
        "decision": Decision(release=Release.SHIP, reasons=(), gates=1, passed=1),
        "models": (candidate(score("shapes", 30, 40, "0.6")),),
        "run": RunInfo(
            started="2026-04-19T14:03:22+00:00",
            seconds=8.2,
            new_answers=720,
            cached_answers=0,
            seed=0,
            command="pytest --mm-model=x",
        ),
    }
    return Report(**(usual | fields))


def candidate(
    *scores: CapabilityVerdict, name: str = "new", role: Role = Role.CANDIDATE
) -> ModelScores:
    return ModelScores(name=name, role=role, scores=scores)


def stopped(*explanations: str, outcome: Outcome = Outcome.FAIL) -> Decision:
    reasons = tuple(
        Reason(
            gate=ReasonGate.CAPABILITY,
            dimension="shapes.math",
            outcome=outcome,
            explanation=each,
        )
        for each in explanations
    )
    return Decision(release=Release.STOP, reasons=reasons, gates=len(reasons), passed=0)
