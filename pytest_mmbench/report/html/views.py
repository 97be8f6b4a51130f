"""What the templates of the HTML report show of a document."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final, TypeVar

from pytest_mmbench.report import text
from pytest_mmbench.report.document import (
    AnswerChange,
    Change,
    Condition,
    Measure,
    ReleaseDecision,
    Report,
    Sight,
    Snapshot,
)
from pytest_mmbench.report.html import cards, charts, heatmap
from pytest_mmbench.report.tree import Place, places

MEASURES: Final = ("gain", "share", "leak")
"""What has a column wherever it was measured."""


REASONS: Final = 6
"""Reasons that are not folded away."""


WORDS: Final = {
    ReleaseDecision.SHIP: "Ship",
    ReleaseDecision.STOP: "Do not ship",
    ReleaseDecision.INCONCLUSIVE: "Inconclusive",
    ReleaseDecision.NOTHING: "Nothing gated",
}


TONES: Final = {
    ReleaseDecision.SHIP: "pass",
    ReleaseDecision.STOP: "fail",
    ReleaseDecision.INCONCLUSIVE: "inconclusive",
    ReleaseDecision.NOTHING: "measured",
}
"""The outcome whose mark and colour a decision has."""


Judged = TypeVar("Judged", Change, Sight, Snapshot)


def sections(document: Report) -> list[tuple[str, str]]:
    """The parts of the page that have something to show: template and title."""
    every = (
        ("verdict", "Verdict", True),
        ("capabilities", "Capabilities", True),
        ("change", "Change", bool(document.changes)),
        ("answers", "Answers", bool(document.flips)),
        ("accepted", "Accepted", bool(document.snapshots)),
        ("vision", "Vision", bool(document.sights)),
        ("shortcuts", "Shortcuts", bool(document.shortcuts)),
        ("run", "Run", True),
    )
    return [(id, title) for id, title, wanted in every if wanted]


def about(document: Report) -> dict[str, Any]:
    """The names that templates use, besides their filters."""
    rows = heatmap.rows(document)
    near_ties = sum(flip.kind is AnswerChange.NEAR_TIE for flip in document.flips)
    return {
        "document": document,
        "words": WORDS,
        "tones": TONES,
        "kinds": cards.KINDS,
        "shown_reasons": REASONS,
        "short": _short([each.name for each in document.checkpoints]),
        "rows": rows,
        "parents": {row.place.above for row in rows},
        "roots": [row.asked[0] for row in rows if row.place.depth == 0 and row.asked],
        "counts": {row.place.path: row.flips for row in rows},
        "moved": len(document.flips) - near_ties,
        "near_ties": near_ties,
        "luck": _sentences(each.because for each in document.shortcuts),
        "shown_benchmark": next((each.benchmark for each in document.asked), "BENCHMARK"),
        **_plotted(document),
    }


def _plotted(document: Report) -> dict[str, Any]:
    confidences = {each.confidence for each in document.changes}
    return {
        "changes": _placed(document.changes),
        "snapshots": _placed(document.snapshots),
        "sights": _placed(document.sights),
        "confidences": [f"{100 * each:g} %" for each in sorted(confidences)],
        "differences": charts.differences(document.changes),
        "fractions": charts.FRACTIONS,
        "in_points": text.tick,
        "as_written": "{:g}".format,
        "conditions": _named(each for sight in document.sights for each in sight.conditions),
        "measures": _columns(document.sights),
    }


def _short(names: Sequence[str]) -> dict[str, str]:
    """For the heads of columns: the last parts of paths, as long as they tell them apart."""
    last = {name: name.rstrip("/").rpartition("/")[2] or name for name in names}
    return last if len({*last.values()}) == len(last) else {name: name for name in names}


def _sentences(because: Iterable[str]) -> list[str]:
    """Each sentence once."""
    return list(dict.fromkeys(part for each in because for part in each.split("; ") if part))


def _placed(judged: Sequence[Judged]) -> list[tuple[Place, Judged]]:
    return list(zip(places(each.dimension for each in judged), judged, strict=True))


def _columns(sights: Sequence[Sight]) -> dict[str, str]:
    """The measures that are compared row by row, each with its limit if all rows have the same.

    The others stand behind a row's verdict.
    """
    every = [each for sight in sights for each in sight.measures]
    limits = {name: {each.limit for each in every if each.name == name} for name in _named(every)}
    return {
        name: next(iter(found)) if len(found) == 1 else ""
        for name, found in limits.items()
        if name in MEASURES or any(found)
    }


def _named(measured: Iterable[Condition | Measure]) -> list[str]:
    """Every name once, in the order in which it appears."""
    return list(dict.fromkeys(each.name for each in measured))
