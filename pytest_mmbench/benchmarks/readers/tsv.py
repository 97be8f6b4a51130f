"""Tab-separated files with pictures in base64, as VLMEvalKit publishes them.

They are read line by line. Of a picture only its place in the file is remembered: a file of some
gigabytes costs the memory of its texts. Quotes are pandas': a field that holds a tab, a line break
or a quote stands in quotes, and a quote in it is doubled.

A picture of at most 64 characters is no picture but the `index` of the row that has it: so the
circular copies of MMBench share one. Such a reference is among the fields too: it says which rows
show the same picture, without reading any.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from pytest_mmbench.benchmarks.readers.folders import Folder
from pytest_mmbench.benchmarks.readers.pictures import count
from pytest_mmbench.benchmarks.readers.rows import Row, counted, numbered
from pytest_mmbench.benchmarks.readers.tables import Table
from pytest_mmbench.errors import DataError
from pytest_mmbench.files import file_stamp
from pytest_mmbench.records import BadRows

REFERENCE: Final = 64
"""Characters."""


INDEX: Final = "index"


MOST_LINES: Final = 200
"""Of one row: a quote that is still open after them was never meant to be closed."""


BUFFER: Final = 1 << 20
"""Bytes that are read at once: pictures make long lines."""


_QUOTE: Final = b'"'


_BOM: Final = b"\xef\xbb\xbf"


class Span(NamedTuple):
    """Where a field lies, without its quotes: in its row, later in its file."""

    start: int
    length: int
    quoted: bool

    def of(self, stored: bytes) -> str:
        """The text of the field, out of the bytes of its row.

        Raises:
            UnicodeDecodeError: it is not UTF-8.
        """
        text = stored[self.start : self.start + self.length].decode()
        return text.replace('""', '"') if self.quoted else text


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One row as it lies in the file; it may hold line breaks in quotes."""

    offset: int
    """Bytes before it."""
    number: int
    """Of its first line, counted from 1."""
    stored: bytes
    spans: tuple[Span, ...]
    """None if a quote does not close at the end of a field."""


class TsvFile:
    """Rows of one file."""

    def __init__(self, path: Path) -> None:
        self.files = Folder(path.parent)
        self._path = path
        self._stamp = file_stamp(path)
        self._numbers: list[int] = []
        self._spans: list[dict[str, Span]] = []
        self._by_index: dict[str, int] = {}

    def add(self, number: int, fields: Mapping[str, object], pictures: Mapping[str, Span]) -> Row:
        """The next row, which is the file's row of that number."""
        row = len(self._spans)
        self._by_index.setdefault(numbered(str(fields.get(INDEX, ""))), row)
        self._numbers.append(number)
        self._spans.append(dict(pictures))
        return Row(number=row, fields=fields, source=self)

    def location(self, row: int) -> tuple[str, int]:
        """The file, and the row."""
        return self._path.name, self._numbers[row]

    def cell(self, row: int, column: str) -> object:
        """The base64 text of a picture, in this row or in the one that it refers to."""
        stored = self._stored(row, column)
        if len(stored) > REFERENCE or not numbered(stored).isdecimal():
            return stored
        stored = numbered(stored)
        if stored not in self._by_index:
            raise ValueError(f"it refers to the row of index {stored}, which is not there")
        return self._stored(self._by_index[stored], column)

    def count(self, row: int, column: str) -> int:
        """How many pictures that is; only a list is read for it."""
        start = self._stored(row, column, most=1)
        short = self._spans[row][column].length <= REFERENCE
        return count(self.cell(row, column) if short or start == "[" else start)

    def identity(self, row: int, column: str, at: int) -> str:
        """Where it lies in the file, as that was before it was read."""
        return f"{self._stamp}|{row}|{column!a}|{at}" if self._stamp else ""

    def group(self, row: int) -> int:  # noqa: ARG002 - any place of a file is as quick to reach
        """Any order is as good."""
        return 0

    def _stored(self, row: int, column: str, *, most: int = -1) -> str:
        if column not in self._spans[row]:
            raise ValueError(f"there is no column {column!r}")
        span = self._spans[row][column]
        length = min(span.length, most) if most >= 0 else span.length
        with self._path.open("rb") as file:
            file.seek(span.start)
            return Span(0, length, span.quoted).of(file.read(length))


def read(path: Path, pictures: Sequence[str], *, bad_rows: BadRows = BadRows.ERROR) -> Table:
    """The rows of a file.

    A row is bad if it is not as wide as the header, holds a NUL byte, is not UTF-8, or opens a
    quote that does not close; what follows a bad row is read from its next line.

    Raises:
        DataError: the header is bad; or a row is, and bad rows are errors.
    """
    source = TsvFile(path)
    lines = _lines(path)
    header = next(lines, None)
    columns = _header(path, header) if header else ()
    rows: list[Row] = []
    broken: list[DataError] = []
    for number, line in enumerate(lines):
        try:
            _check(path, line, columns, number)
            fields, spans = _fields(path, line, columns, pictures, number)
            rows.append(source.add(number, fields, spans))
        except DataError as error:
            if bad_rows is BadRows.ERROR:
                raise
            broken.append(error)
    return Table(
        name=path.name,
        columns=columns,
        rows=tuple(rows),
        size=path.stat().st_size,
        bad_rows=bad_rows,
        bad_row_errors=tuple(broken),
    )


def _header(path: Path, line: Line) -> tuple[str, ...]:
    if not line.spans or b"\0" in line.stored:
        raise _damaged(path, line, "is no header.")
    try:
        return tuple(span.of(line.stored).strip("\ufeff ") for span in line.spans)
    except UnicodeDecodeError as error:
        raise _damaged(path, line, "is not UTF-8 text.") from error


def _check(path: Path, line: Line, columns: Sequence[str], number: int) -> None:
    if not line.spans:
        problem = "has a quote that does not close at the end of a field."
        raise _damaged(path, line, problem, row=counted(number))
    if len(line.spans) != len(columns):
        problem = f"has {len(line.spans)} fields, and the header has {len(columns)}."
        raise _damaged(path, line, problem, row=counted(number))
    for column, span in zip(columns, line.spans, strict=True):
        if b"\0" in line.stored[span.start : span.start + span.length]:
            raise _damaged(path, line, "holds a NUL byte.", row=counted(number), field=column)


def _fields(
    path: Path, line: Line, columns: Sequence[str], pictures: Sequence[str], number: int
) -> tuple[dict[str, object], dict[str, Span]]:
    fields: dict[str, object] = {}
    places: dict[str, Span] = {}
    for column, span in zip(columns, line.spans, strict=True):
        if column in pictures:
            places[column] = span._replace(start=line.offset + span.start)
            if not _refers(span, line.stored):
                continue
        try:
            fields[column] = span.of(line.stored)
        except UnicodeDecodeError as error:
            where = {"row": counted(number), "field": column}
            raise _damaged(path, line, "is not UTF-8 text.", **where) from error
    return fields, places


def _refers(span: Span, stored: bytes) -> bool:
    field = stored[span.start : span.start + span.length] if span.length <= REFERENCE else b""
    return field.removesuffix(b".0").isdigit()


def _lines(path: Path) -> Iterator[Line]:
    offset = number = 0
    with path.open("rb", buffering=BUFFER) as file:
        while first := file.readline():
            stored, spans = _whole(file, first)
            if not spans:
                # A quote that does not close is one bad line, and not all that it would swallow.
                stored = first
                file.seek(offset + len(first))
            if stored.strip():
                yield Line(offset=offset, number=number + 1, stored=stored, spans=tuple(spans))
            offset, number = offset + len(stored), number + max(stored.count(b"\n"), 1)


def _whole(file: BinaryIO, first: bytes) -> tuple[bytes, list[Span]]:
    """A row that may run over several lines, as what stands in quotes does."""
    stored = first
    for _ in range(MOST_LINES):
        spans = _spans(stored)
        if spans is not None:
            return stored, spans
        more = file.readline()
        if not more:
            break
        stored += more
    return stored, []


def _spans(stored: bytes) -> list[Span] | None:
    """Where the fields of a row lie; None while a quote is open, none if one closes too early."""
    row = stored.rstrip(b"\r\n")
    found: list[Span] = []
    at = len(_BOM) if row.startswith(_BOM) else 0
    while at <= len(row):
        quoted = row.startswith(_QUOTE, at)
        end = _closing(row, at + 1) if quoted else row.find(b"\t", at)
        if quoted and end < 0:
            return None
        end = len(row) if end < 0 else end
        if quoted and row[end + 1 : end + 2] not in (b"", b"\t"):
            return []
        found.append(Span(at + quoted, end - at - quoted, quoted))
        at = end + quoted + 1
    return found


def _closing(row: bytes, at: int) -> int:
    """Where the quote closes that was opened before `at`; -1 if it does not."""
    while (end := row.find(_QUOTE, at)) >= 0 and row.startswith(_QUOTE, end + 1):
        at = end + 2
    return end


def _damaged(path: Path, line: Line, problem: str, **facts: str) -> DataError:
    return DataError(
        f"line {line.number} of {path.name} {problem}",
        file=str(path),
        **facts,
        what_to_do="copy or download it again: it may be cut short",
    )
