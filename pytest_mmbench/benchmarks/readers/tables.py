"""All rows of a benchmark's data, and what benchmarks do with tables before they use them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from pytest_mmbench.benchmarks.readers.rows import Row
from pytest_mmbench.errors import DataError, near
from pytest_mmbench.records import BadRows


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """All rows of a benchmark's data, or those that were chosen of them."""

    name: str
    """What people call it: a file, a folder, a hub id."""
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    size: int
    """Bytes of the files that it was read from; 0 if they are many."""
    bad_rows: BadRows = BadRows.ERROR
    """What becomes of a row that cannot be used."""
    bad_row_errors: tuple[DataError, ...] = ()
    """Rows that could not even be read; none unless bad rows are skipped."""

    @property
    def digest(self) -> str:
        """Changes with every field, and with the size of the whole; pictures are not read."""
        content = hashlib.sha256(str(self.size).encode())
        for row in self.rows:
            content.update(repr(sorted(row.fields.items())).encode("utf-8", "surrogatepass"))
        return content.hexdigest()

    def require(self, *columns: str) -> None:
        """Accepts a table that has these columns.

        Raises:
            DataError: one is missing.
        """
        for column in columns:
            if column not in self.columns:
                problem = f"{self.name} has no column {column!r}."
                raise DataError(problem, **near(column, self.columns, label="columns"))

    def where(self, wanted: Callable[[Row], bool]) -> Table:
        """The rows that a benchmark asks about: of one split, or with a picture.

        Raises:
            DataError: it cannot be said of a row, and bad rows are errors.
        """
        return self._with(lambda row: [row] if wanted(row) else [])

    def extended(self, made: Callable[[Row], Mapping[str, object]]) -> Table:
        """The same rows with further fields, made of what they have: an id for those without one.

        Raises:
            DataError: they cannot be made of a row, and bad rows are errors.
        """
        found = self._with(lambda row: [replace(row, fields={**row.fields, **made(row)})])
        inner = [name for row in found.rows for name in row.fields]
        return replace(found, columns=tuple(dict.fromkeys([*self.columns, *inner])))

    def unfolded(self, column: str, *, key: str) -> Table:
        """Each entry of an object becomes a row of its own, as AI2D's questions of one diagram.

        Args:
            column: holds an object of records, or a list of them.
            key: the new column for each record's name in the object, or its place in the list.

        Returns:
            Rows with their record's fields, and those of the row in which it stood.

        Raises:
            DataError: it holds something else, and bad rows are errors.
        """
        found = self._with(lambda row: _entries(row, column, key))
        outer = [name for name in self.columns if name != column]
        inner = [name for row in found.rows for name in row.fields]
        return replace(found, columns=tuple(dict.fromkeys([*outer, *inner])))

    def _with(self, rows_of: Callable[[Row], Sequence[Row]]) -> Table:
        rows: list[Row] = []
        broken = list(self.bad_row_errors)
        for row in self.rows:
            try:
                rows += rows_of(row)
            except DataError as error:
                broken.append(self.keep_or_raise(error))
        return replace(self, rows=tuple(rows), bad_row_errors=tuple(broken))

    def keep_or_raise(self, error: DataError) -> DataError:
        """The same error, if bad rows are skipped.

        Raises:
            DataError: they are not.
        """
        if self.bad_rows is BadRows.ERROR:
            raise error
        return error


def _entries(row: Row, column: str, key: str) -> list[Row]:
    found = row.fields.get(column)
    outer = {name: value for name, value in row.fields.items() if name != column}
    listed = enumerate(found) if isinstance(found, list | tuple) else [(0, found)]
    entries = list(found.items() if isinstance(found, Mapping) else listed)
    if not all(isinstance(record, Mapping) for _, record in entries):
        raise row.error(column, "holds no records.")
    return [replace(row, fields={**outer, key: name, **record}) for name, record in entries]
