"""Rows of published files: their fields are read at once, their pictures when they are needed.

A field is *absent* if it is missing, empty, or the `nan` that spreadsheet libraries leave behind.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Final, Protocol

from pytest_mmbench.benchmarks.readers.folders import Files
from pytest_mmbench.benchmarks.readers.foreign_text import parse_literal
from pytest_mmbench.benchmarks.readers.pictures import list_entry, picture_bytes, picture_path
from pytest_mmbench.benchmarks.readers.regular_files import MAX_PICTURE_BYTES, read_bounded
from pytest_mmbench.errors import DataError, near, shorten
from pytest_mmbench.records import Picture

ABSENT: Final = frozenset({"nan", "NaN", "NAN", "Nan", "<NA>"})
MOST_DIGITS: Final = 18
"""Of a whole number: an index with more is none, and Python reads no more than 4,300."""
MOST_SHOWN: Final = 300
"""Characters of a problem, or of a fact, that an error about a field repeats."""


class RowSource(Protocol):
    """An open file or dataset, which reads the picture columns of its rows on demand."""

    @property
    def files(self) -> Files:
        """Where the paths of pictures lead."""

    def location(self, row: int) -> tuple[str, int]:
        """The file that holds a row, and the row's number in it, counted from 0."""

    def cell(self, row: int, column: str) -> object:
        """The value of a picture column: bytes, a struct, base64, a list; else a ValueError."""

    def count(self, row: int, column: str) -> int:
        """How many pictures a cell holds, found out as cheaply as the format allows."""

    def identity(self, row: int, column: str, at: int) -> str:
        """`Picture.identity` of picture `at` of a cell, as it was before `cell` read it."""

    def group(self, row: int) -> int:
        """`Picture.group` of the pictures of a row."""


def field_text(value: object) -> str:
    """A field as text, its white space stripped; empty if the field is absent."""
    text = "" if value is None else str(value).strip()
    return "" if text in ABSENT else text


def index_text(text: str) -> str:
    """An index without the `.0` of a column that was copied as floats: ids must not change."""
    digits = text.removesuffix(".0")
    return digits if digits.isdecimal() else text


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One record of a published file. Each bad field is a DataError with file, row and field."""

    number: int
    """Of the row in its source, counted from 0."""
    fields: Mapping[str, object]
    """All columns but those of pictures."""
    source: RowSource = field(compare=False, repr=False)
    columns: Collection[str] = field(default=(), compare=False, repr=False)
    """All of the table that it is a row of, if they are known: a record may lack some of them."""

    def text(self, *names: str) -> str:
        """The first of these fields that is not absent, its white space stripped."""
        text = self.optional(*names)
        if not text:
            self._check_column(*names)
            raise self.error(names[0], "is empty.")
        return text

    def optional(self, *names: str) -> str:
        """The same; an empty text if all of them are absent."""
        for name in names:
            with self._value_errors(name, "is no text."):
                if text := field_text(self.fields.get(name)):
                    return text
        return ""

    def verbatim(self, name: str) -> str:
        """A text with all the white space that it was published with."""
        self.text(name)
        return str(self.fields[name])

    def integer(self, name: str) -> int:
        """A whole number, also where the file writes it as text or as 17.0."""
        text = self.text(name)
        digits = index_text(text)
        if not digits.isdecimal() or len(digits) > MOST_DIGITS:
            raise self.error(name, f"is {shorten(text)!r}, which is not a whole number.")
        return int(digits)

    def texts(self, name: str) -> tuple[str, ...]:
        """Several texts: a list, or a list that is written as text; none if the field is empty.

        An entry that is None or `nan` is an empty text.

        Raises:
            DataError: it is no list; or no row of the data has such a column, which
                `optional_texts` takes for an empty one.
        """
        # Whoever asks for a list may have a column for each of its entries.
        columns = "multiple_choice.options_of" if {"A", "B"} <= set(self.columns) else ""
        self._check_column(name, what_to_do=columns and f"read columns of options with {columns}")
        return self.optional_texts(name)

    def optional_texts(self, name: str) -> tuple[str, ...]:
        """The same; none also where the data have no such column."""
        value = self.fields.get(name)
        with self._value_errors(name, "is no list."):
            if not field_text(value):
                return ()
            if isinstance(value, str):
                value = parse_literal(value)
            if isinstance(value, list | tuple):
                texts = ("" if entry is None else str(entry) for entry in value)
                return tuple("" if text.strip() in ABSENT else text for text in texts)
            written = shorten(repr(value))
        raise self.error(name, f"is {written}, which is no list.")

    @contextmanager
    def _value_errors(self, name: str, problem: str) -> Iterator[None]:
        # An integer of more than 4,300 digits is a ValueError as soon as it becomes a text.
        try:
            yield
        except ValueError as error:
            raise self.error(name, problem, reason=str(error)) from error

    def _check_column(self, *names: str, what_to_do: str = "") -> None:
        if not self.columns or any(name in self.columns or name in self.fields for name in names):
            return
        location = self.location(names[0])
        raise DataError(
            f"{location['file']} has no column {names[0]!r}.",
            **location,
            **near(names[0], self.columns, label="columns"),
            what_to_do=what_to_do,
        )

    def several(self, name: str) -> tuple[str, ...]:
        """One text or a list of them, as SEED-Bench-2 names pictures; none if it is absent."""
        text = self.optional(name)
        if text.startswith("[") or isinstance(self.fields.get(name), list | tuple):
            return self.optional_texts(name)
        return (text,) if text else ()

    def count(self, column: str) -> int:
        """How many pictures a column holds; in parquet the pictures themselves stay unread."""
        with self.data_errors(column):
            return self.source.count(self.number, column)

    def picture(self, column: str, *, name: str, at: int = 0) -> Picture:
        """A picture of this row, which is read when its bytes are needed."""
        cell = PictureCell(self, column, at)
        return Picture(
            name=name,
            read=cell.read,
            identity=cell.identity,
            group=self.source.group(self.number),
            location=partial(self.location, column),
        )

    def pictures(self, column: str, *, name: str) -> tuple[Picture, ...]:
        """All pictures of a column; if they are several, their numbers follow the name."""
        count = self.count(column)
        names = [name] if count == 1 else [f"{name}-{at + 1}" for at in range(count)]
        return tuple(self.picture(column, name=name, at=at) for at, name in enumerate(names))

    def file(self, *paths: str, field: str, name: str) -> Picture:
        """A picture in a file that a field names, which is looked for when its bytes are needed."""

        def read() -> bytes:
            with self.data_errors(field), self.source.files.open(*paths) as file:
                return read_bounded(file, MAX_PICTURE_BYTES)

        return Picture(
            name=name,
            read=read,
            identity=partial(self.source.files.identity, *paths),
            location=partial(self.location, field),
        )

    @contextmanager
    def data_errors(self, field: str, *, what: str = "picture") -> Iterator[None]:
        """Turns errors of reading a picture into a DataError that names file, row and field."""
        try:
            yield
        except (ValueError, OSError) as error:
            raise self.error(field, f"holds no {what}.", reason=str(error)) from error
        except DataError as error:
            facts = dict(error.facts)
            reason = f"{error.problem} {facts.pop('reason', '')}".strip()
            # The row knows its own place better.
            own = {label: fact for label, fact in facts.items() if label not in ("file", "row")}
            raise self.error(field, f"holds no {what}.", reason=reason, **own) from error

    def error(self, field: str, problem: str, **facts: str) -> DataError:
        """An error about a field: the problem, then file, row, field and further facts."""
        # A field can be as long as its author likes, and names the file that it wants.
        short = {label: shorten(fact, most=MOST_SHOWN) for label, fact in facts.items()}
        problem = shorten(f"{field} {problem}", most=MOST_SHOWN)
        return DataError(problem, **self.location(field), **short)

    def location(self, field: str) -> dict[str, str]:
        """File, row and field, as facts of an error."""
        return location_facts(*self.source.location(self.number), field)


@dataclass(slots=True, eq=False)
class PictureCell:
    """A picture that lies in a column of a row, or whose path does."""

    row: Row
    column: str
    at: int
    path: str = ""
    """Of the file from which it was last read; empty if it lies in the column."""

    def read(self) -> bytes:
        """Its encoded bytes."""
        source = self.row.source
        with self.row.data_errors(self.column):
            stored = list_entry(source.cell(self.row.number, self.column), self.at)
            self.path = picture_path(stored)
            return picture_bytes(stored, source.files)

    def identity(self) -> str:
        """Its source's; empty once it was read from a file that this identity leaves out."""
        source = self.row.source
        identity = source.identity(self.row.number, self.column, self.at)
        is_left_out = self.path and identity != source.files.identity(self.path)
        return "" if is_left_out else identity


def row_error(file: str, row: int, field: str, problem: str, **facts: str) -> DataError:
    """An error with file, row, field and further facts."""
    return DataError(problem, **location_facts(file, row, field), **facts)


def location_facts(file: str, row: int, field: str) -> dict[str, str]:
    """File, row and field, as facts of an error."""
    return {"file": file, "row": row_label(row), "field": field}


def row_label(row: int) -> str:
    """A row's number, as messages give it."""
    return f"{row} (counted from 0)"
