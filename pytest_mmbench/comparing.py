"""Two models' rows of one dimension, brought together as it counts them."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from pytest_mmbench.compare import Comparison, Judged, compare
from pytest_mmbench.errors import DataError
from pytest_mmbench.noise import margin
from pytest_mmbench.records import Average, Dimension, Mark, Unit
from pytest_mmbench.sheets import Exam, Row


def compared(
    dimension: Dimension, old: Sequence[Row], new: Sequence[Row], *, tolerance: float
) -> Comparison:
    """The changed answers of a dimension. The old model may have been asked more.

    Samples count the same, also where the benchmark's own score is a mean of dimensions or made of
    pairs; then the comparison says so.

    Where all answers of a unit have to be right, units are compared: one is known by the first
    sample whose answer changed, and its margin is the largest of the changed answers'. So a unit
    changed in a near tie if each of them did; that other answers are close excuses nothing.

    Raises:
        DataError: the old model was asked less. A comparison on what is left could pass by leaving
            out.
    """
    known = {row.sample: row for row in old}
    _check_asked([row.sample for row in new if row.sample not in known], len(new), dimension)
    units = [
        _Twice(old=[known[row.sample] for row in rows], new=rows) for rows in _units(dimension, new)
    ]
    before = [_judged(each.old, each.changed) for each in units]
    after = [_judged(each.new, each.changed) for each in units]
    found = compare(dimension.path, before, after, tolerance=tolerance)
    return replace(found, published=_published(dimension))


def near_ties(exams: Collection[Exam], benchmarks: Iterable[str]) -> str:
    """How close answers are that count as near ties; one number if it is the same everywhere."""
    widest = {name: max(exam.tolerance_of(name) for exam in exams) for name in benchmarks}
    told = [f"{tolerance:.2g} nats in {name}" for name, tolerance in widest.items()]
    if len({f"{tolerance:.2g}" for tolerance in widest.values()}) <= 1:
        told = [f"{tolerance:.2g} nats" for tolerance in widest.values()][:1]
    return f"near ties are answers whose margins are at most {', '.join(told)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Twice:
    """What two models said to the samples of one unit, in the same order."""

    old: Sequence[Row]
    new: Sequence[Row]

    @property
    def changed(self) -> list[int]:
        """The places of the answers that differ."""
        both = enumerate(zip(self.old, self.new, strict=True))
        return [at for at, (was, now) in both if (was.mark, was.chosen) != (now.mark, now.chosen)]


def _check_asked(missing: Sequence[str], asked: int, dimension: Dimension) -> None:
    if missing:
        raise DataError(
            f"the baseline has no answer to {len(missing)} of {asked} samples.",
            dimension=dimension.path,
            first_missing=min(missing),
            what_to_do="compare with a run of all of them, or limit this run as that one was",
        )


def _published(dimension: Dimension) -> str:
    """What else the benchmark's own score is than a share of what is compared."""
    if dimension.average is Average.MACRO and len(dimension.leaves) > 1:
        return f"a mean of {len(dimension.leaves)} dimensions"
    return "one of pairs" if dimension.unit is Unit.PAIR else ""


def _units(dimension: Dimension, rows: Sequence[Row]) -> list[list[Row]]:
    """The rows that count together: single ones, where not all of a unit have to be right."""
    together: dict[str, list[Row]] = {}
    for row in rows:
        joined = dimension.unit is Unit.ALL and row.unit
        together.setdefault(joined or row.sample, []).append(row)
    return list(together.values())


def _judged(rows: Sequence[Row], changed: Sequence[int]) -> Judged:
    marks = {row.mark for row in rows}
    # One wrong answer settles a unit, whatever the others said.
    mark = next(each for each in (Mark.WRONG, Mark.UNREADABLE, Mark.RIGHT) if each in marks)
    return Judged(
        sample=rows[next(iter(changed), 0)].sample,
        mark=mark,
        chosen=" ".join(row.chosen for row in rows),
        margin=max((margin(rows[at].worths) for at in changed), default=math.inf),
        # A pair about a picture succeeds or fails together too.
        cluster=rows[0].cluster or (rows[0].unit if len(rows) == 1 else ""),
    )
