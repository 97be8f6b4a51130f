"""Rows made into what a benchmark needs of them, one bad row at a time."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from pytest_mmbench.benchmarks.readers.rows import Row, numbered
from pytest_mmbench.benchmarks.readers.tables import Table
from pytest_mmbench.errors import DataError, MMBenchWarning

SHOWN: Final = 3
"""Bad rows that a warning describes."""


T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltSamples(Generic[T]):
    """What was made of a table."""

    items: Mapping[str, T]
    """By id, in the order of the data."""
    skipped: tuple[DataError, ...]
    """What was wrong with each row that was left out; none if bad rows are errors."""


def build_samples(table: Table, make: Callable[[str, Row], T], *, id: str) -> BuiltSamples[T]:
    """What `make` gives for the id and the row of each row, by id.

    A row is bad if it has no id, or one that an earlier row has; if `make` raises a DataError; or
    if its reader could not make sense of it. The table says what becomes of such a row: it ends
    the reading, or it is left out, counted and warned of.

    Args:
        table: its rows, and what becomes of bad ones.
        make: turns an id and a row into anything. What it raises names the field: `Row.wrong`.
        id: the column of the ids.

    Raises:
        DataError: a row is bad and bad rows are errors; or no row is left.
    """
    found: dict[str, T] = {}
    rows: dict[str, Row] = {}
    skipped = list(table.bad_row_errors)
    for row in table.rows:
        try:
            value = _new(row, id, rows)
            found[value] = make(value, row)
            rows[value] = row
        except DataError as error:
            skipped.append(table.keep_or_raise(error))
    _check(table, skipped, kept=len(found), lost=len(skipped))
    return BuiltSamples(items=found, skipped=tuple(skipped))


def build_grouped_samples(
    table: Table, make: Callable[[str, Sequence[Row]], T], *, by: Callable[[Row], str]
) -> BuiltSamples[T]:
    """What `make` gives for rows that belong together, as MME's two questions about a picture.

    If one of them is bad then all of them are: what is left of them would count as a whole. Groups
    stand in the order of their first rows.

    Args:
        table: its rows, and what becomes of bad ones.
        make: turns the id of a group and its rows into anything.
        by: the id of the group that a row belongs to; it may raise a DataError too.

    Raises:
        DataError: a row is bad and bad rows are errors; or no row is left.
    """
    groups: dict[str, list[Row]] = {}
    skipped = list(table.bad_row_errors)
    for row in table.rows:
        try:
            groups.setdefault(by(row), []).append(row)
        except DataError as error:
            skipped.append(table.keep_or_raise(error))
    lost = len(skipped)
    found: dict[str, T] = {}
    for id, rows in groups.items():
        try:
            found[id] = make(id, rows)
        except DataError as error:
            skipped.append(table.keep_or_raise(error))
            lost += len(rows)
    _check(table, skipped, kept=sum(len(groups[id]) for id in found), lost=lost)
    return BuiltSamples(items=found, skipped=tuple(skipped))


def _new(row: Row, column: str, known: Mapping[str, Row]) -> str:
    value = numbered(row.text(column))
    if value in known:
        file, number = known[value].source.location(known[value].number)
        problem = f"{value} stands in two rows."
        raise row.error(column, problem, first_in=f"{file}, row {number}")
    return value


def _check(table: Table, skipped: Sequence[DataError], *, kept: int, lost: int) -> None:
    if not skipped:
        return
    if not kept:
        first = skipped[0]
        problem = f"not one of the {lost} rows of {table.name} can be used."
        raise DataError(problem, first_row=first.problem, **first.facts) from first
    more = f"\n  and {len(skipped) - SHOWN} more" if len(skipped) > SHOWN else ""
    lines = [f"  {_place(error)}: {error.problem}" for error in skipped[:SHOWN]]
    told = (
        f"{lost} of {kept + lost} rows of {table.name} cannot be used and are "
        "left out, as bad rows are skipped. Scores are of the others."
    )
    warnings.warn(MMBenchWarning("\n".join([told, *lines]) + more), stacklevel=3)


def _place(error: DataError) -> str:
    row = error.facts.get("row", "").split(" ")[0]
    return ", ".join(filter(None, [error.facts.get("file", ""), row and f"row {row}"]))
