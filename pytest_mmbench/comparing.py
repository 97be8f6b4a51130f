"""Two models' rows of one dimension, brought together as it counts them."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_mmbench.compare import Comparison, Judged, compare
from pytest_mmbench.errors import DataError
from pytest_mmbench.noise import margin
from pytest_mmbench.records import Dimension, Mark, Unit
from pytest_mmbench.sheets import Row


def compared(
    dimension: Dimension, old: Sequence[Row], new: Sequence[Row], *, tolerance: float
) -> Comparison:
    """The changed answers of a dimension. The old model may have been asked more.

    Where all answers of a unit have to be right, units are compared: one is known by its first
    sample, and its margin is the smallest of its answers'.

    Raises:
        DataError: the old model was asked less. A comparison on what is left could pass by leaving
            out.
    """
    kept = _of_samples(old, new, dimension)
    before, after = (_judged(dimension.unit, rows) for rows in (kept, new))
    return compare(dimension.path, before, after, tolerance=tolerance)


def _of_samples(old: Sequence[Row], new: Sequence[Row], dimension: Dimension) -> list[Row]:
    wanted = {each.sample for each in new}
    kept = [each for each in old if each.sample in wanted]
    missing = sorted(wanted - {each.sample for each in kept})
    if missing:
        raise DataError(
            f"the baseline has no answer to {len(missing)} of {len(new)} samples.",
            dimension=dimension.path,
            first_missing=missing[0],
            what_to_do="compare with a run of all of them, or limit this run as that one was",
        )
    return kept


def _judged(unit: Unit, rows: Sequence[Row]) -> list[Judged]:
    together: dict[str, list[Row]] = {}
    for row in rows:
        together.setdefault((row.unit if unit is Unit.ALL else "") or row.sample, []).append(row)
    return [_one(each) for each in together.values()]


def _one(rows: Sequence[Row]) -> Judged:
    marks = {row.mark for row in rows}
    # One wrong answer settles a unit, whatever the others said.
    mark = next(each for each in (Mark.WRONG, Mark.UNREADABLE, Mark.RIGHT) if each in marks)
    return Judged(
        sample=rows[0].sample,
        mark=mark,
        chosen=" ".join(row.chosen for row in rows),
        margin=min(margin(row.worths) for row in rows),
        # A pair about a picture succeeds or fails together too.
        cluster=rows[0].cluster or (rows[0].unit if len(rows) == 1 else ""),
    )
