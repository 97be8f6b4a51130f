"""What every reader gives: rows whose fields are read, and whose pictures are not yet.

A field is *absent* if it is missing, empty, or the `nan` that spreadsheet libraries leave behind:
three ways in which published files say the same thing.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from pytest_mmbench.benchmarks.reading.pictures import encoded
from pytest_mmbench.errors import DataError, near
from pytest_mmbench.records import Picture


class Source(Protocol):
    """Where rows come from, and where their pictures still lie."""

    @property
    def folder(self) -> Path:
        """Where relative paths of pictures start."""

    def place(self, row: int) -> tuple[str, int]:
        """The file that holds a row, and the row's number there, counted from 0."""

    def cell(self, row: int, column: str) -> object:
        """What is stored in a picture's column: bytes, a struct, base64 text, a list of these.

        Raises:
            DataError: it cannot be read.
        """


def absent(value: object) -> bool:
    """Whether a field says that there is nothing."""
    return value is None or str(value).strip().lower() in ("", "nan")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One record of a published file."""

    number: int
    """Counted from 0 over all files."""
    fields: Mapping[str, object]
    """What was read at once: everything but pictures."""
    source: Source = field(compare=False, repr=False)

    def text(self, *names: str) -> str:
        """The first of these fields that is not absent, with its white space stripped.

        Raises:
            DataError: all of them are absent.
        """
        found = self.optional(*names)
        if not found:
            raise self.wrong(names[0], "is empty.")
        return found

    def optional(self, *names: str) -> str:
        """The same; an empty text if all of them are absent."""
        found = (self.fields.get(name) for name in names)
        return next((str(value).strip() for value in found if not absent(value)), "")

    def verbatim(self, name: str) -> str:
        """A text with every blank that it was published with.

        Raises:
            DataError: it is absent.
        """
        self.text(name)
        return str(self.fields[name])

    def integer(self, name: str) -> int:
        """A whole number, also where the file writes it as text or as 17.0.

        Raises:
            DataError: it is not.
        """
        found = self.text(name)
        digits = found.removesuffix(".0")
        if not digits.isdecimal():
            raise self.wrong(name, f"is {found!r}, which is not a whole number.")
        return int(digits)

    def texts(self, name: str) -> tuple[str, ...]:
        """Several texts: a list, or a list that is written as text; none if it is absent.

        Raises:
            DataError: it is neither.
        """
        found = self.fields.get(name)
        if isinstance(found, str) and not absent(found):
            try:
                found = ast.literal_eval(found)
            except (ValueError, SyntaxError) as error:
                raise self.wrong(name, "is no list.", reason=str(error)) from error
        if absent(found):
            return ()
        if not isinstance(found, list | tuple):
            raise self.wrong(name, f"is {found!r}, which is no list.")
        return tuple(map(str, found))

    def picture(self, column: str, *, name: str, at: int = 0) -> Picture:
        """A picture of this row, which is read when somebody asks for its bytes.

        Args:
            column: where it lies.
            name: what the picture is called in messages and when it is written to a folder.
            at: which one, if the column holds several.
        """
        return Picture(name=name, read=lambda: self._bytes(column, at))

    def file(self, path: str, *, field: str, name: str) -> Picture:
        """A picture in a file of its own, which a field names: SEED-Bench gives no suffix.

        Args:
            path: from the folder of the data.
            field: where the path was read, for messages.
            name: what the picture is called.
        """
        return Picture(name=name, read=lambda: self._beside(path, field))

    def _bytes(self, column: str, at: int) -> bytes:
        with self._told(column):
            return encoded(self.source.cell(self.number, column), self.source.folder, at=at)

    def _beside(self, path: str, field: str) -> bytes:
        with self._told(field):
            return (self.source.folder / path).read_bytes()

    @contextmanager
    def _told(self, field: str) -> Iterator[None]:
        try:
            yield
        except (ValueError, OSError) as error:
            raise self.wrong(field, "holds no picture.", reason=str(error)) from error

    def wrong(self, field: str, problem: str, **facts: str) -> DataError:
        """The error that says what is wrong with a field, and where it stands."""
        file, number = self.source.place(self.number)
        where = f"{number} (counted from 0)"
        return DataError(f"{field} {problem}", file=file, row=where, field=field, **facts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """All rows of a benchmark's data."""

    name: str
    """What people call it: a file, a folder, a hub id."""
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    size: int
    """Bytes that its pictures and fields take where they are stored."""

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

    def by(self, column: str) -> dict[str, Row]:
        """Rows by a field in which each has its own value, in the order of the data.

        Raises:
            DataError: two rows have the same, or one has none.
        """
        found: dict[str, Row] = {}
        for row in self.rows:
            value = row.text(column)
            if value in found:
                file, number = found[value].source.place(found[value].number)
                first = f"{file}, row {number}"
                raise row.wrong(column, f"{value} stands in two rows.", first_in=first)
            found[value] = row
        return found
