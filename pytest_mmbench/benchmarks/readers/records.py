"""Rows that were read whole: their fields, and what they say of where their pictures lie."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pytest_mmbench.benchmarks.readers.folders import Files
from pytest_mmbench.benchmarks.readers.pictures import chosen, count, located
from pytest_mmbench.benchmarks.readers.rows import Row
from pytest_mmbench.benchmarks.readers.tables import Table
from pytest_mmbench.errors import DataError
from pytest_mmbench.records import BadRows


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What one row of a file holds."""

    file: str
    number: int
    """Of the row in its file, counted from 0."""
    fields: Mapping[str, object]


class InMemoryRows:
    """Remembers where each row stood, and its pictures' paths."""

    def __init__(self, files: Files) -> None:
        self.files = files
        self._records: list[Record] = []

    def add(self, record: Record, pictures: Sequence[str]) -> Row:
        """The row of a record; what it says of its pictures stays here."""
        held = {name: record.fields[name] for name in pictures if name in record.fields}
        self._records.append(Record(file=record.file, number=record.number, fields=held))
        fields = {name: value for name, value in record.fields.items() if name not in held}
        return Row(number=len(self._records) - 1, fields=fields, source=self)

    def location(self, row: int) -> tuple[str, int]:
        """The file, and the row in it."""
        return self._records[row].file, self._records[row].number

    def cell(self, row: int, column: str) -> object:
        """What the record says of a picture."""
        return self._records[row].fields.get(column)

    def count(self, row: int, column: str) -> int:
        """How many pictures it speaks of."""
        return count(self.cell(row, column))

    def identity(self, row: int, column: str, at: int) -> str:
        """That of the file that it speaks of, or the picture itself, which is in memory."""
        try:
            stored = chosen(self.cell(row, column), at)
        except ValueError:
            return ""
        if path := located(stored):
            return self.files.identity(path)
        return hashlib.sha256(repr(stored).encode("utf-8", "surrogatepass")).hexdigest()

    def group(self, row: int) -> int:  # noqa: ARG002 - files may be read in any order
        """Any order is as good."""
        return 0


def table_of(
    name: str,
    records: Iterable[Record | DataError],
    *,
    files: Files,
    pictures: Sequence[str],
    size: int,
    bad_rows: BadRows,
) -> Table:
    """A table of records, with an error in place of each that could not be read.

    Raises:
        DataError: the first of them, if bad rows are errors.
    """
    source = InMemoryRows(files)
    rows: list[Row] = []
    broken: list[DataError] = []
    columns: dict[str, None] = {}
    for record in records:
        if isinstance(record, Record):
            columns |= dict.fromkeys(record.fields)
            rows.append(source.add(record, pictures))
        elif bad_rows is BadRows.ERROR:
            raise record
        else:
            broken.append(record)
    return Table(
        name=name,
        columns=tuple(columns),
        rows=tuple(rows),
        size=size,
        bad_rows=bad_rows,
        bad_row_errors=tuple(broken),
    )
