"""Tab-separated files with pictures in base64, as VLMEvalKit publishes them.

They are read line by line. Of a picture only its place in the file is remembered: a file of some
gigabytes costs the memory of its texts. Quotes are pandas': a field that holds a tab, a line break
or a quote stands in quotes, and a quote in it is doubled.

A picture of at most 64 characters is no picture but the `index` of the row that has it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from pytest_mmbench.benchmarks.reading.rows import Row, Table
from pytest_mmbench.errors import DataError

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


class TsvFile:
    """Rows of one file."""

    def __init__(self, path: Path) -> None:
        self.folder = path.parent
        self._path = path
        self._spans: list[dict[str, Span]] = []
        self._by_index: dict[str, int] = {}

    def add(self, pictures: Mapping[str, Span], index: str) -> None:
        """Remembers where the pictures of the next row lie."""
        self._by_index.setdefault(index, len(self._spans))
        self._spans.append(dict(pictures))

    def place(self, row: int) -> tuple[str, int]:
        """The file, and the row."""
        return self._path.name, row

    def cell(self, row: int, column: str) -> object:
        """The base64 text of a picture, in this row or in the one that it refers to."""
        stored = self._stored(row, column)
        if len(stored) > REFERENCE or not stored.isdecimal():
            return stored
        if stored not in self._by_index:
            raise ValueError(f"it refers to the row of index {stored}, which is not there")
        return self._stored(self._by_index[stored], column)

    def _stored(self, row: int, column: str) -> str:
        span = self._spans[row][column]
        with self._path.open("rb") as file:
            file.seek(span.start)
            return Span(0, span.length, span.quoted).of(file.read(span.length))


def read(path: Path, pictures: Sequence[str]) -> Table:
    """The rows of a file.

    Raises:
        DataError: a row is not as wide as the header, holds a NUL byte, or is not UTF-8.
    """
    source = TsvFile(path)
    lines = _lines(path)
    header = next(lines, None)
    columns = _header(path, header) if header else ()
    rows = []
    for number, line in enumerate(lines):
        fields, spans = _fields(path, columns, line, pictures)
        source.add(spans, str(fields.get(INDEX, "")))
        rows.append(Row(number=number, fields=fields, source=source))
    return Table(name=path.name, columns=columns, rows=tuple(rows), size=path.stat().st_size)


def _header(path: Path, line: Line) -> tuple[str, ...]:
    return tuple(_text(path, line, span, "header").strip("\ufeff ") for span in line.spans)


def _fields(
    path: Path, columns: Sequence[str], line: Line, pictures: Sequence[str]
) -> tuple[dict[str, object], dict[str, Span]]:
    if len(line.spans) != len(columns):
        found = f"has {len(line.spans)} fields, and the header has {len(columns)}"
        raise _damaged(path, line, f"{found}.")
    fields: dict[str, object] = {}
    places: dict[str, Span] = {}
    for column, span in zip(columns, line.spans, strict=True):
        if column in pictures:
            places[column] = span._replace(start=line.offset + span.start)
        else:
            fields[column] = _text(path, line, span, column)
    return fields, places


def _text(path: Path, line: Line, span: Span, column: str) -> str:
    try:
        return span.of(line.stored)
    except UnicodeDecodeError as error:
        raise _damaged(path, line, "is not UTF-8 text.", field=column) from error


def _lines(path: Path) -> Iterator[Line]:
    offset = number = 0
    with path.open("rb", buffering=BUFFER) as file:
        while stored := file.readline():
            first, count = number + 1, 1
            # What stands in quotes may run over several lines.
            while (spans := _spans(stored)) is None and count < MOST_LINES:
                more = file.readline()
                if not more:
                    break
                stored, count = stored + more, count + 1
            line = Line(offset=offset, number=first, stored=stored, spans=tuple(spans or ()))
            _check(path, line)
            offset, number = offset + len(stored), number + count
            if stored.strip():
                yield line


def _check(path: Path, line: Line) -> None:
    if b"\0" in line.stored:
        raise _damaged(path, line, "holds a NUL byte.")
    if not line.spans:
        raise _damaged(path, line, "has a quote that does not close at the end of a field.")


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
