"""Samples built from the rows of a table; bad rows are errors, or are skipped and counted."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from pytest_mmbench.benchmarks.readers.rows import Row, index_text
from pytest_mmbench.benchmarks.readers.tables import Table
from pytest_mmbench.errors import DataError, MMBenchWarning, SkippedRows
from pytest_mmbench.records import Sample, letters

MAX_ID: Final = 1000
"""Characters of an id, which every report and every row of a store repeats."""
MAX_SHOWN: Final = 3
"""Bad rows that a warning describes."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltSamples(Generic[T]):
    """What was built from a table, by id in the order of the data, and skipped rows' errors."""

    items: Mapping[str, T]
    errors: tuple[DataError, ...]


def build_samples(table: Table, make: Callable[[str, Row], T], *, id: str) -> BuiltSamples[T]:
    """What `make` gives for the id and the row of each row, by id.

    A row is bad if it has no id, or one that an earlier row has; if `make` raises a DataError
    (`Row.error` names the field); or if its reader could not make sense of it. The table says
    whether such a row ends the reading, or is skipped, counted and warned of.

    Raises:
        DataError: a row is bad and bad rows are errors; or no row is left.
    """
    items: dict[str, T] = {}
    rows: dict[str, Row] = {}
    errors = list(table.bad_row_errors)
    for row in table.rows:
        try:
            key = index_text(row.text(id))
            if len(key) > MAX_ID:
                raise row.error(id, f"has {len(key):,} characters, and ids have {MAX_ID} at most.")
            if key in rows:
                file, number = rows[key].source.location(rows[key].number)
                problem = f"{key} stands in two rows."
                raise row.error(id, problem, first_in=f"{file}, row {number}")
            item = make(key, row)
            _check_options(item, row)
            items[key], rows[key] = item, row
        except DataError as error:
            errors.append(table.keep_or_raise(error))
    _warn_of_skipped_rows(table, errors, used=len(items), skipped=len(errors))
    return BuiltSamples(items=items, errors=tuple(errors))


def _check_options(item: object, row: Row) -> None:
    """Refuses a question that nobody can answer: an option without text, or no right one."""
    sample = getattr(item, "sample", item)
    if not isinstance(sample, Sample) or not sample.options:
        return
    known = letters(sample.options)
    if len(known) < len(sample.options):
        problem = f"are {len(sample.options)}, and there are {len(known)} letters for them."
        raise row.error("options", problem)
    empty = [at for at, text in zip(known, sample.options, strict=False) if not text.strip()]
    if empty:
        raise row.error(empty[0], "is the letter of an option without text.")
    if sample.target not in known:
        problem = f"is {sample.target!r}, which is the letter of none of {len(known)} options."
        raise row.error("target", problem)


def build_grouped_samples(
    table: Table, make: Callable[[str, Sequence[Row]], T], *, by: Callable[[Row], str]
) -> BuiltSamples[T]:
    """What `make` gives for rows that belong together, as MME's two questions about a picture.

    `by` gives the id of a row's group; groups stand in the order of their first rows. If one row is
    bad then its group is: what is left of it would count as a whole.

    Raises:
        DataError: a row is bad and bad rows are errors; or no row is left.
    """
    groups: dict[str, list[Row]] = {}
    errors = list(table.bad_row_errors)
    for row in table.rows:
        try:
            groups.setdefault(by(row), []).append(row)
        except DataError as error:
            errors.append(table.keep_or_raise(error))
    skipped = len(errors)
    items: dict[str, T] = {}
    for id, rows in groups.items():
        try:
            items[id] = make(id, rows)
        except DataError as error:
            errors.append(table.keep_or_raise(error))
            skipped += len(rows)
    used = sum(len(groups[id]) for id in items)
    _warn_of_skipped_rows(table, errors, used=used, skipped=skipped)
    return BuiltSamples(items=items, errors=tuple(errors))


def _warn_of_skipped_rows(
    table: Table, errors: Sequence[DataError], *, used: int, skipped: int
) -> None:
    if not errors:
        return
    if not used:
        problem = f"not one of the {skipped} rows of {table.name} can be used."
        raise DataError(problem, first_row=errors[0].problem, **errors[0].facts) from errors[0]
    summary = (
        f"{skipped} of {used + skipped} rows of {table.name} cannot be used and are "
        "left out, as bad rows are skipped. Scores are of the others."
    )
    lines = [summary]
    for error in errors[:MAX_SHOWN]:
        row = error.facts.get("row", "").split(" ")[0]
        place = ", ".join(filter(None, [error.facts.get("file", ""), row and f"row {row}"]))
        lines.append(f"  {place}: {error.problem}")
    if len(errors) > MAX_SHOWN:
        lines.append(f"  and {len(errors) - MAX_SHOWN} more")
    total = used + skipped
    rows = SkippedRows(table=table.name, count=skipped, total=total, errors=tuple(errors))
    warnings.warn(MMBenchWarning("\n".join(lines), rows=rows), stacklevel=3)
