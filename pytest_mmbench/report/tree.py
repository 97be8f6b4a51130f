"""Dimensions in their tree, as far as it is shown, with a column for every model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from pytest_mmbench.gates.verdicts import CapabilityVerdict, RegressionVerdict
from pytest_mmbench.report.document import Report
from pytest_mmbench.report.row_verdict import RowVerdict, row_verdicts


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a dimension stands below the nearest one above it that is shown."""

    path: str
    above: str
    """Path of that one; empty if there is none."""
    depth: int

    @property
    def name(self) -> str:
        """Its path without that of the one above."""
        return self.path.removeprefix(f"{self.above}.")


def places(paths: Iterable[str]) -> Iterator[Place]:
    """Each path relative to the nearest one above it that came before."""
    depths: dict[str, int] = {}
    for path in paths:
        above = next((each for each in ancestors(path) if each in depths), "")
        depths[path] = depths[above] + 1 if above else 0
        yield Place(path=path, above=above, depth=depths[path])


def ancestors(path: str) -> Iterator[str]:
    """`a.b` and `a` for `a.b.c`."""
    while path := path.rpartition(".")[0]:
        yield path


LEVELS: Final = 20
"""Shades above the lightest one: one for every five points of accuracy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatmapRow:
    """One dimension with the scores of every model."""

    place: Place
    scores: tuple[CapabilityVerdict | None, ...]
    """One per model, the candidate's first; None if the model was not asked."""
    regression: RegressionVerdict | None
    """The comparison with the baseline, if there is one."""
    verdict: RowVerdict | None
    """Of all gates; None if only the baseline was asked."""
    changed: int
    """Answers that changed below it, near ties left out."""

    @property
    def score(self) -> CapabilityVerdict | None:
        """The candidate's."""
        return self.scores[0]

    @property
    def notable(self) -> bool:
        """Whether somebody has to look at it: such a row is shown unfolded."""
        return self.verdict is not None and not self.verdict.outcome.is_quiet


def level(score: CapabilityVerdict) -> int:
    """Shade of an accuracy: 0 to `LEVELS`."""
    return round(score.accuracy * LEVELS)


def heatmap_rows(report: Report) -> list[HeatmapRow]:
    """Every dimension in which a model was scored, in the order of the tree."""
    scores = [{each.dimension: each for each in model.scores} for model in report.models]
    regression = {each.dimension: each for each in report.regression}
    scored = dict.fromkeys(path for by_path in scores for path in by_path)
    known = [each.path for each in report.dimensions if each.path in scored]
    verdicts = row_verdicts(
        [*report.candidate.scores, *report.regression, *report.vision, *report.snapshots]
    )
    changed = _changed_counts(report)
    return [
        HeatmapRow(
            place=place,
            scores=tuple(by_path.get(place.path) for by_path in scores),
            regression=regression.get(place.path),
            verdict=verdicts.get(place.path),
            changed=changed[place.path],
        )
        for place in places(dict.fromkeys((*known, *scored)))
    ]


def _changed_counts(report: Report) -> Counter[str]:
    """Changed answers below each node, near ties left out."""
    counts = Counter(each.dimension for each in report.changed_answers if not each.near_tie)
    above: dict[str, set[str]] = {leaf: {leaf, *ancestors(leaf)} for leaf in counts}
    for node in report.dimensions:
        for leaf in counts.keys() & {*node.leaves}:
            above[leaf].add(node.path)
    total = Counter[str]()
    for leaf, count in counts.items():
        total.update(dict.fromkeys(above[leaf], count))
    return total
