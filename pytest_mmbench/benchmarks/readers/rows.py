"""What every reader gives: rows whose fields are read, and whose pictures are not yet.

A field is *absent* if it is missing, empty, or the `nan` that spreadsheet libraries leave behind:
three ways in which published files say the same thing.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Final, Protocol

from pytest_mmbench.benchmarks.readers.folders import Files
from pytest_mmbench.benchmarks.readers.pictures import chosen, encoded, located
from pytest_mmbench.errors import DataError
from pytest_mmbench.records import Picture

ABSENT: Final = frozenset({"nan", "NaN", "NAN", "Nan"})


class Source(Protocol):
    """Where rows come from, and where their pictures still lie."""

    @property
    def files(self) -> Files:
        """Where the paths of pictures lead."""

    def location(self, row: int) -> tuple[str, int]:
        """The file that holds a row, and the row's number there, counted from 0."""

    def cell(self, row: int, column: str) -> object:
        """What is stored in a picture's column: bytes, a struct, base64 text, a list of these.

        Raises:
            ValueError: there is no such thing.
            DataError: it cannot be read.
        """

    def count(self, row: int, column: str) -> int:
        """How many pictures that is, found out as cheaply as the format allows."""

    def identity(self, row: int, column: str, at: int) -> str:
        """What `Picture.identity` says of a picture, if it lies in the column itself.

        It was found out no later than what `cell` reads.
        """

    def group(self, row: int) -> int:
        """What `Picture.group` says of the pictures of a row."""


def written(value: object) -> str:
    """A field as text, with its white space stripped; empty if it says that there is nothing."""
    text = "" if value is None else str(value).strip()
    return "" if text in ABSENT else text


def numbered(text: str) -> str:
    """An index as it was meant: `17` for the `17.0` of a column that some program read as floats.

    An id that changes with the program that copied a file would not be known to a baseline.
    """
    digits = text.removesuffix(".0")
    return digits if digits.isdecimal() else text


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One record of a published file."""

    number: int
    """By which its source knows it, counted from 0."""
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
            raise self.error(names[0], "is empty.")
        return found

    def optional(self, *names: str) -> str:
        """The same; an empty text if all of them are absent."""
        for name in names:
            if found := written(self.fields.get(name)):
                return found
        return ""

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
        digits = numbered(found)
        if not digits.isdecimal():
            raise self.error(name, f"is {found!r}, which is not a whole number.")
        return int(digits)

    def texts(self, name: str) -> tuple[str, ...]:
        """Several texts: a list, or a list that is written as text; none if it is absent.

        Raises:
            DataError: it is neither.
        """
        found = self.fields.get(name)
        if not written(found):
            return ()
        if isinstance(found, str):
            try:
                found = ast.literal_eval(found)
            except (ValueError, SyntaxError) as error:
                raise self.error(name, "is no list.", reason=str(error)) from error
        if not isinstance(found, list | tuple):
            raise self.error(name, f"is {found!r}, which is no list.")
        return tuple(map(str, found))

    def several(self, name: str) -> tuple[str, ...]:
        """One text or a list of them, as SEED-Bench-2 names pictures; none if it is absent."""
        found = self.optional(name)
        listed = found.startswith("[") or isinstance(self.fields.get(name), list | tuple)
        return self.texts(name) if listed else (found,) if found else ()

    def count(self, column: str) -> int:
        """How many pictures a column holds: 0 if it is null or empty, or the length of its list.

        Costs little: in parquet the pictures themselves stay unread.

        Raises:
            DataError: it cannot be read.
        """
        with self.data_errors(column):
            return self.source.count(self.number, column)

    def picture(self, column: str, *, name: str, at: int = 0) -> Picture:
        """A picture of this row, which is read when somebody asks for its bytes.

        Args:
            column: where it lies.
            name: what the picture is called in messages and when it is written to a folder.
            at: which one, if the column holds several.
        """
        cell = PictureCell(self, column, at)
        group = self.source.group(self.number)
        place = partial(self.place, column)
        return Picture(
            name=name, read=cell.read, identity=cell.identity, group=group, location=place
        )

    def pictures(self, column: str, *, name: str) -> tuple[Picture, ...]:
        """All pictures of a column; if they are several, their numbers follow the name.

        Raises:
            DataError: it cannot be read how many there are.
        """
        count = self.count(column)
        names = [name] if count == 1 else [f"{name}-{at + 1}" for at in range(count)]
        return tuple(self.picture(column, name=each, at=at) for at, each in enumerate(names))

    def file(self, *paths: str, field: str, name: str) -> Picture:
        """A picture in a file of its own, which a field names: SEED-Bench gives no suffix.

        Nothing is looked for before somebody asks for its bytes: a benchmark names thousands.

        Args:
            paths: where it may lie, from the folder of the data; the first that is there is read.
            field: where its name was read, for messages.
            name: what the picture is called.
        """
        identity = partial(self.source.files.identity, *paths)
        place = partial(self.place, field)
        return Picture(
            name=name, read=lambda: self._beside(paths, field), identity=identity, location=place
        )

    def _beside(self, paths: tuple[str, ...], field: str) -> bytes:
        with self.data_errors(field), self.source.files.open(*paths) as file:
            return file.read()

    @contextmanager
    def data_errors(self, field: str, *, what: str = "picture") -> Iterator[None]:
        """Turns what goes wrong while a picture is read into an error that names the row."""
        try:
            yield
        except (ValueError, OSError) as error:
            raise self.error(field, f"holds no {what}.", reason=str(error)) from error
        except DataError as error:
            raise self.error(field, f"holds no {what}.", **_facts(error)) from error

    def error(self, field: str, problem: str, **facts: str) -> DataError:
        """The error that says what is wrong with a field, and where it stands."""
        return DataError(f"{field} {problem}", **self.place(field), **facts)

    def place(self, field: str) -> dict[str, str]:
        """The facts of an error that say where a field stands."""
        file, number = self.source.location(self.number)
        return location_of(file, number, field)


class PictureCell:
    """A picture that lies in a column of a row, or whose path does."""

    __slots__ = ("_at", "_column", "_path", "_row")

    def __init__(self, row: Row, column: str, at: int) -> None:
        self._row = row
        self._column = column
        self._at = at
        self._path = ""

    def read(self) -> bytes:
        """Its encoded bytes."""
        source = self._row.source
        with self._row.data_errors(self._column):
            stored = chosen(source.cell(self._row.number, self._column), self._at)
            self._path = located(stored)
            return encoded(stored, source.files)

    def identity(self) -> str:
        """What its source says; nothing once that has turned out to miss the file of a path.

        A picture is remembered only if its identity is the same before and after it is read.
        """
        source = self._row.source
        found = source.identity(self._row.number, self._column, self._at)
        if self._path and found != source.files.identity(self._path):
            return ""
        return found


def row_error(file: str, row: int, field: str, problem: str, **facts: str) -> DataError:
    """The error that names file, row and field."""
    return DataError(problem, **location_of(file, row, field), **facts)


def location_of(file: str, row: int, field: str) -> dict[str, str]:
    """The facts that say where a field stands."""
    return {"file": file, "row": counted(row), "field": field}


def counted(row: int) -> str:
    """How messages name a row."""
    return f"{row} (counted from 0)"


def _facts(error: DataError) -> dict[str, str]:
    """What an error knows, beside the place that it cannot know."""
    kept = {label: fact for label, fact in error.facts.items() if label not in ("file", "row")}
    return {"reason": " ".join([error.problem, kept.pop("reason", "")]).strip(), **kept}
