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
    """The rows of a benchmark's data, or a selection of them."""

    name: str
    """Of the file, the folder or the dataset of the hub."""
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    size: int
    """Bytes of the files that it was read from; 0 if they are many."""
    bad_rows: BadRows = BadRows.ERROR
    bad_row_errors: tuple[DataError, ...] = ()
    """Of rows that could not be read; none unless bad rows are skipped."""

    @property
    def digest(self) -> str:
        """SHA-256 of all fields and of the size, in hexadecimal; pictures are not read."""
        content = hashlib.sha256(str(self.size).encode())
        for row in self.rows:
            content.update(repr(sorted(row.fields.items())).encode("utf-8", "surrogatepass"))
        return content.hexdigest()

    def require(self, *columns: str) -> None:
        """Refuses a table that lacks one of these columns."""
        for column in columns:
            if column not in self.columns:
                problem = f"{self.name} has no column {column!r}."
                raise DataError(problem, **near(column, self.columns, label="columns"))

    def where(self, matches: Callable[[Row], bool]) -> Table:
        """The rows that match: those of one split, or those with a picture."""
        return self._replace_rows(lambda row: [row] if matches(row) else [], self.columns)

    def extended(self, make_fields: Callable[[Row], Mapping[str, object]]) -> Table:
        """The same rows with further fields: an id for rows without one."""
        return self._replace_rows(
            lambda row: [replace(row, fields={**row.fields, **make_fields(row)})], self.columns
        )

    def unfolded(self, column: str, *, key: str) -> Table:
        """A row for each entry of a column of objects, as AI2D's questions of one diagram.

        The column holds an object of records, or a list of them; `key` is the new column for each
        record's name in the object, or its place in the list. Further fields are those of the row.
        """

        def entries(row: Row) -> list[Row]:
            value = row.fields.get(column)
            outer = {name: field for name, field in row.fields.items() if name != column}
            if isinstance(value, Mapping):
                records = list(value.items())
            else:
                records = list(enumerate(value if isinstance(value, list | tuple) else [value]))
            if not all(isinstance(record, Mapping) for _, record in records):
                raise row.error(column, "holds no records.")
            return [replace(row, fields={**outer, key: name, **record}) for name, record in records]

        return self._replace_rows(entries, [name for name in self.columns if name != column])

    def _replace_rows(
        self, expand_row: Callable[[Row], Sequence[Row]], columns: Sequence[str]
    ) -> Table:
        """The table with other rows; its columns are these, then those that only rows have."""
        rows: list[Row] = []
        errors = list(self.bad_row_errors)
        for row in self.rows:
            try:
                rows += expand_row(row)
            except DataError as error:
                errors.append(self.keep_or_raise(error))
        names = dict.fromkeys([*columns, *(name for row in rows for name in row.fields)])
        return replace(self, columns=tuple(names), rows=tuple(rows), bad_row_errors=tuple(errors))

    def keep_or_raise(self, error: DataError) -> DataError:
        """The same error, if bad rows are skipped."""
        if self.bad_rows is BadRows.ERROR:
            raise error
        return error
