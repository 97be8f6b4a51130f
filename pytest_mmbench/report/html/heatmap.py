"""The tree of dimensions with a column for every checkpoint."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from pytest_mmbench.records import Outcome
from pytest_mmbench.report.document import AnswerChange, Change, ModelScores, Report, Standing
from pytest_mmbench.report.tree import Place, ancestors, places

LEVELS: Final = 20
"""Shades above the lightest one: one for every five points of accuracy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What one checkpoint scored in one dimension."""

    standings: tuple[Standing, ...]
    """One; none if the checkpoint was not asked."""

    @property
    def level(self) -> int:
        """Shade: 0 to `LEVELS`."""
        return round(self.standings[0].accuracy * LEVELS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One dimension."""

    place: Place
    cells: tuple[Cell, ...]
    """One per checkpoint, the candidate's first."""
    changes: tuple[Change, ...]
    """The comparison with the baseline, if there is one."""
    flips: int
    """Answers that changed below it, near ties left out."""

    @property
    def asked(self) -> tuple[Standing, ...]:
        """What the candidate scored; none if it was not asked."""
        return self.cells[0].standings

    @property
    def outcome(self) -> Outcome:
        """What the gate says of the candidate."""
        return self.asked[0].outcome if self.asked else Outcome.NOT_GATED

    @property
    def notable(self) -> bool:
        """Whether it failed, or moved beyond doubt: such a row is shown unfolded."""
        fine = {Outcome.PASS, Outcome.NOT_GATED}
        return self.outcome not in fine or any(each.outcome not in fine for each in self.changes)


def rows(document: Report) -> list[Row]:
    """Every dimension in which a checkpoint was scored, in the order of the tree."""
    scores = [_by_dimension(each) for each in document.checkpoints]
    changes = {each.dimension: each for each in document.changes}
    flips = _flips(document)
    placed = list(places(_order(document, scores)))
    return [
        Row(
            place=place,
            cells=tuple(Cell(standings=_found(score, place.path)) for score in scores),
            changes=(changes[place.path],) if place.path in changes else (),
            flips=flips[place.path],
        )
        for place in placed
    ]


def _order(document: Report, scores: list[dict[str, Standing]]) -> Iterator[str]:
    scored = dict.fromkeys(path for score in scores for path in score)
    known = [each.path for each in document.dimensions]
    yield from (path for path in known if path in scored)
    yield from (path for path in scored if path not in {*known})


def _by_dimension(checkpoint: ModelScores) -> dict[str, Standing]:
    return {each.dimension: each for each in checkpoint.standings}


def _found(score: Mapping[str, Standing], path: str) -> tuple[Standing, ...]:
    return (score[path],) if path in score else ()


def _flips(document: Report) -> Counter[str]:
    counts = Counter(
        each.dimension for each in document.flips if each.kind is not AnswerChange.NEAR_TIE
    )
    above: dict[str, set[str]] = {leaf: {leaf, *ancestors(leaf)} for leaf in counts}
    for node in document.dimensions:
        for leaf in counts.keys() & {*node.leaves}:
            above[leaf].add(node.path)
    total = Counter[str]()
    for leaf, count in counts.items():
        total.update(dict.fromkeys(above[leaf], count))
    return total
