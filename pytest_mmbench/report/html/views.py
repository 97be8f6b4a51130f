"""The names that the templates of the HTML report use."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final, TypeVar

from pytest_mmbench.gates.verdicts import (
    ConditionScore,
    Measure,
    RegressionVerdict,
    SnapshotVerdict,
    VisionVerdict,
)
from pytest_mmbench.report import text
from pytest_mmbench.report.document import Release, Report
from pytest_mmbench.report.html import cards, charts
from pytest_mmbench.report.html.heatmap import heatmap_rows
from pytest_mmbench.report.tree import Place, places

MEASURES: Final = ("gain", "vision share", "leakage")
"""What has a column wherever it was measured."""
REASONS: Final = 6
"""Reasons that are not folded away."""
WORDS: Final = {
    Release.SHIP: "Ship",
    Release.STOP: "Do not ship",
    Release.INCONCLUSIVE: "Inconclusive",
    Release.NOTHING_GATED: "Nothing gated",
}
TONES: Final = {
    Release.SHIP: "pass",
    Release.STOP: "fail",
    Release.INCONCLUSIVE: "inconclusive",
    Release.NOTHING_GATED: "not-gated",
}
"""The outcome whose mark and colour a decision has."""
AnyVerdict = TypeVar("AnyVerdict", RegressionVerdict, VisionVerdict, SnapshotVerdict)


def sections(report: Report) -> list[tuple[str, str]]:
    """The parts of the page that have something to show: template and title."""
    every = (
        ("verdict", "Verdict", True),
        ("capabilities", "Capabilities", True),
        ("change", "Change", bool(report.regression)),
        ("answers", "Changed answers", bool(report.changed_answers)),
        ("snapshot", "Snapshot", bool(report.snapshots)),
        ("vision", "Vision", bool(report.vision)),
        ("shortcuts", "Shortcuts", bool(report.shortcuts)),
        ("run", "Run", True),
    )
    return [(id, title) for id, title, present in every if present]


def template_names(report: Report) -> dict[str, Any]:
    """The names that templates use, besides their filters."""
    rows = heatmap_rows(report)
    near_ties = sum(each.near_tie for each in report.changed_answers)
    confidences = {each.confidence for each in report.regression}
    explanations = (sentence for each in report.shortcuts for sentence in each.explanations)
    return {
        "report": report,
        "words": WORDS,
        "tones": TONES,
        "kinds": cards.CATEGORIES,
        "shown_reasons": REASONS,
        "short": _short([each.name for each in report.models]),
        "rows": rows,
        "parents": {row.place.above for row in rows},
        "roots": [row.score for row in rows if row.place.depth == 0 and row.score],
        "counts": {row.place.path: row.changed for row in rows},
        "changed": len(report.changed_answers) - near_ties,
        "near_ties": near_ties,
        "expected": list(dict.fromkeys(explanations)),
        "shown_benchmark": next((each.benchmark for each in report.benchmarks), "BENCHMARK"),
        "regression": _with_places(report.regression),
        "snapshots": _with_places(report.snapshots),
        "vision": _with_places(report.vision),
        "confidences": [f"{100 * each:g} %" for each in sorted(confidences)],
        "differences": charts.difference_scale(report.regression),
        "fractions": charts.FRACTIONS,
        "in_points": text.tick,
        "as_written": "{:g}".format,
        "conditions": _names(each for one in report.vision for each in one.conditions),
        "measures": _measure_columns(report.vision),
    }


def _short(names: Sequence[str]) -> dict[str, str]:
    """For the heads of columns: the last parts of paths, as long as they tell them apart."""
    last = {name: name.rstrip("/").rpartition("/")[2] or name for name in names}
    return last if len({*last.values()}) == len(last) else {name: name for name in names}


def _with_places(verdicts: Sequence[AnyVerdict]) -> list[tuple[Place, AnyVerdict]]:
    return list(zip(places(each.dimension for each in verdicts), verdicts, strict=True))


def _measure_columns(verdicts: Sequence[VisionVerdict]) -> dict[str, str]:
    """The measures that are compared row by row, each with its limit if all rows have the same.

    The others stand behind a row's verdict.
    """
    every = [each for verdict in verdicts for each in verdict.measures]
    limits = {name: {each.limit for each in every if each.name == name} for name in _names(every)}
    return {
        name: next(iter(written)) if len(written) == 1 else ""
        for name, written in limits.items()
        if name in MEASURES or any(written)
    }


def _names(named: Iterable[ConditionScore | Measure]) -> list[str]:
    """Every name once, in the order in which it appears."""
    return list(dict.fromkeys(each.name for each in named))
