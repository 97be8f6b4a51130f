"""Documents for tests: any that can be made, and small ones that say what a test is about."""

from __future__ import annotations

import dataclasses
import enum
import typing
from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from pytest_mmbench.gates import capability
from pytest_mmbench.records import (
    CapabilityVerdict,
    Dimension,
    Interval,
    Mark,
    Outcome,
    Tally,
    Threshold,
)
from pytest_mmbench.report.document import (
    AnswerChange,
    Change,
    Decision,
    Flip,
    ModelAnswer,
    ModelRole,
    ModelScores,
    Reason,
    ReasonGate,
    ReleaseDecision,
    Report,
    RunInfo,
    Shortcut,
    standing,
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


def documents(text: st.SearchStrategy[str] = texts) -> st.SearchStrategy[Report]:
    """Any document whose numbers are those that a run can give."""
    return _record(Report, text)


def _record(record: Any, text: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    hints = typing.get_type_hints(record)
    names = [each.name for each in dataclasses.fields(record)]
    return st.builds(record, **{name: _field(record, name, hints, text) for name in names})


def _field(
    record: type, name: str, hints: dict[str, Any], text: st.SearchStrategy[str]
) -> st.SearchStrategy[Any]:
    own: dict[tuple[str, str], st.SearchStrategy[Any]] = {
        ("Document", "schema"): st.just(1),
        ("Standing", "threshold"): st.sampled_from(["", "0.6", "1"]),
        ("Standing", "accuracy"): st.floats(0, 1),
        ("Measure", "limit"): st.sampled_from(["", "0.05"]),
        ("Change", "margin"): st.sampled_from(["", "0.02"]),
        ("Interval", "high"): st.floats(0, 1),
        ("Interval", "low"): st.floats(-1, 0),
    }
    if name == "dimension" or (record is Dimension and name == "path"):
        words = st.one_of(st.sampled_from(["shapes", "math", "addition"]), text)
        return st.lists(words, min_size=1, max_size=3).map(".".join)
    known = (record.__name__, name)
    return own[known] if known in own else _of(hints[name], text, least=name == "checkpoints")


def _of(hint: Any, text: st.SearchStrategy[str], *, least: int = 0) -> st.SearchStrategy[Any]:
    if typing.get_origin(hint) is tuple:
        each = _of(typing.get_args(hint)[0], text)
        return st.lists(each, min_size=least, max_size=3).map(tuple)
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


def verdict(path: str, right: int, asked: int, at_least: str = "") -> CapabilityVerdict:
    limits = {path: Threshold(at_least=at_least)} if at_least else {}
    tally = Tally(dimension=path, correct=right, total=asked)
    (only,) = capability.judge_capability([tally], limits, alpha=0.05, unparseable_limit=0.05)
    return only


def change(
    path: str, difference: float = 0.0, outcome: Outcome = Outcome.PASS, **told: Any
) -> Change:
    """A comparison whose interval reaches five points to either side."""
    facts: dict[str, Any] = {
        "asked": 100,
        "old": 0.5,
        "new": 0.5 + difference,
        "interval": Interval(low=difference - 0.05, high=difference + 0.05),
        "confidence": 0.9,
        "lost": 0,
        "gained": 0,
        "near_ties": 0,
        "because": f"{path} moved",
    }
    return Change(dimension=path, difference=difference, outcome=outcome, **(facts | told))


def said(
    chosen: str, *, right: bool = False, logs: Sequence[float] = (), text: str = ""
) -> ModelAnswer:
    mark = (Mark.CORRECT if right else Mark.INCORRECT) if chosen else Mark.UNPARSEABLE
    return ModelAnswer(chosen=chosen, mark=mark, logs=tuple(logs), text=text)


def flip(sample: str = "one", kind: AnswerChange = AnswerChange.REGRESSED, **told: Any) -> Flip:
    """An answer that was A, which is right, and is B now."""
    facts: dict[str, Any] = {
        "dimension": "shapes.math.addition",
        "question": "What is 1 + 1?",
        "options": ("two", "three"),
        "target": "A",
        "old": said("A", right=True),
        "new": said("B"),
    }
    return Flip(sample=sample, kind=kind, **(facts | told))


def shortcut(sample: str = "one", **told: Any) -> Shortcut:
    facts: dict[str, Any] = {
        "dimension": "shapes.math.addition",
        "question": "What is 1 + 1?",
        "options": ("two", "three"),
        "target": "A",
        "rules": ("right under every ablation",),
    }
    return Shortcut(sample=sample, **(facts | told))


def document(**told: Any) -> Report:
    """A run that ships; what a test is about is told by name."""
    facts: dict[str, Any] = {
        "ruling": Decision(decision=ReleaseDecision.SHIP, reasons=(), gates=1, passed=1),
        "checkpoints": (candidate(verdict("shapes", 30, 40, "0.6")),),
        "run": RunInfo(
            started="2026-04-19T14:03:22+00:00",
            seconds=8.2,
            answers=720,
            kept=0,
            seed=0,
            command="pytest --mm-model=x",
        ),
    }
    return Report(**(facts | told))


def candidate(
    *verdicts: CapabilityVerdict, name: str = "new", role: ModelRole = ModelRole.CANDIDATE
) -> ModelScores:
    return ModelScores(name=name, role=role, standings=tuple(map(standing, verdicts)))


def stopped(*because: str, outcome: Outcome = Outcome.FAIL) -> Decision:
    reasons = tuple(
        Reason(gate=ReasonGate.CAPABILITY, dimension="shapes.math", outcome=outcome, because=each)
        for each in because
    )
    return Decision(decision=ReleaseDecision.STOP, reasons=reasons, gates=len(reasons), passed=0)
