"""The names that the templates of the HTML report use."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil, floor
from typing import Any, Final, TypeVar

from pytest_mmbench.gates.verdicts import (
    ConditionScore,
    Measure,
    RegressionVerdict,
    SnapshotVerdict,
    VisionVerdict,
)
from pytest_mmbench.report import text
from pytest_mmbench.report.causes import causes
from pytest_mmbench.report.document import Release, Report
from pytest_mmbench.report.html import cards
from pytest_mmbench.report.tree import Place, heatmap_rows, places

MEASURES: Final = ("gain", "vision share", "leakage")
"""What has a column wherever it was measured."""
REASONS: Final = 6
"""Reasons that are not folded away."""
TONES: Final = {
    Release.SHIP: "pass",
    Release.STOP: "fail",
    Release.UNDECIDED: "inconclusive",
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
    # For the heads of columns: the last parts of paths, where they tell them apart.
    names = [model.name for model in report.models]
    last = {name: name.rstrip("/").rpartition("/")[2] or name for name in names}
    return {
        "report": report,
        "tones": TONES,
        "kinds": cards.CATEGORIES,
        "causes": causes(report.decision),
        "shown_reasons": REASONS,
        "short": last if len({*last.values()}) == len(last) else {name: name for name in last},
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
        "differences": difference_scale(report.regression),
        "fractions": FRACTIONS,
        "in_points": text.tick,
        "as_written": "{:g}".format,
        "conditions": _names(each for one in report.vision for each in one.conditions),
        "measures": _measure_columns(report.vision),
    }


def _with_places(verdicts: Sequence[AnyVerdict]) -> list[tuple[Place, AnyVerdict]]:
    return list(zip(places(each.dimension for each in verdicts), verdicts, strict=True))


def _measure_columns(verdicts: Sequence[VisionVerdict]) -> dict[str, str]:
    """The measures that are compared row by row, each with its limit if all rows have the same."""
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


_STEPS: Final = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
"""Distances of ticks that people like to read."""
_TICKS: Final = 7
"""The most that a narrow axis has room for."""
_PADDING: Final = 0.03
"""Of the axis, on either side: whiskers do not touch the edge."""
_NARROWEST: Final = 0.05
"""An axis of differences reaches so far on either side, however small they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """A straight axis from `low` to `high`."""

    low: float
    high: float

    def at(self, value: float) -> str:
        """Where a value lies, such as `37.5%`; what lies beyond an end lies at it."""
        share = (value - self.low) / (self.high - self.low)
        return f"{100 * min(max(share, 0.0), 1.0):.2f}%"

    def between(self, one: float, other: float) -> str:
        """How wide it is from one value to another one, such as `12.5%`."""
        least, most = sorted((one, other))
        room = (min(most, self.high) - max(least, self.low)) / (self.high - self.low)
        return f"{100 * max(room, 0.0):.2f}%"

    @property
    def ticks(self) -> tuple[float, ...]:
        """A few round values between the ends."""
        width = self.high - self.low
        step = next((each for each in _STEPS if width / each <= _TICKS), _STEPS[-1])
        return tuple(
            round(at * step, 6) for at in range(ceil(self.low / step), floor(self.high / step) + 1)
        )


FRACTIONS: Final = Scale(low=0.0, high=1.0)
"""The axis of accuracies."""


def difference_scale(verdicts: Sequence[RegressionVerdict]) -> Scale:
    """An axis that has zero, every interval, and every margin on it."""
    margins = [-float(each.margin) for each in verdicts if each.margin]
    low = min((-_NARROWEST, *margins, *(each.interval.low for each in verdicts)))
    high = max((_NARROWEST, *(each.interval.high for each in verdicts)))
    padding = _PADDING * (high - low)
    return Scale(low=low - padding, high=high + padding)
