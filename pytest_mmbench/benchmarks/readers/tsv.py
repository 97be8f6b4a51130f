"""Tab-separated files with pictures in base64, as VLMEvalKit publishes them, read line by line.

Of a picture only its place in the file is remembered. Quotes are pandas': a field that holds a tab,
a line break or a quote stands in quotes, and a quote in it is doubled. A picture of at most 64
characters is the `index` of the row that has it, as in the circular copies of MMBench; such a
reference is among the fields too, for it says which rows show the same picture.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from pytest_mmbench.benchmarks.readers.folders import DataFolder
from pytest_mmbench.benchmarks.readers.pictures import picture_count
from pytest_mmbench.benchmarks.readers.rows import Row, index_text, row_label
from pytest_mmbench.benchmarks.readers.tables import Table
from pytest_mmbench.errors import DataError
from pytest_mmbench.files import file_stamp
from pytest_mmbench.records import BadRows

LONGEST_REFERENCE: Final = 64
"""Characters of a reference to another row's picture."""
INDEX: Final = "index"
MAX_LINES: Final = 200
"""Of one row: a quote that is still open after them was never meant to be closed."""
BUFFER_BYTES: Final = 1 << 20
"""Read at once: pictures make long lines."""
_QUOTE: Final = b'"'
_BOM: Final = b"\xef\xbb\xbf"


class FieldSpan(NamedTuple):
    """Which bytes of a row, or of the file, are those of a field, without its quotes."""

    start: int
    length: int
    quoted: bool

    def text(self, stored: bytes) -> str:
        """The text of the field, out of the bytes of its row."""
        text = stored[self.start : self.start + self.length].decode()
        return text.replace('""', '"') if self.quoted else text


class RawRow(NamedTuple):
    """The bytes of a row, its offset in the file, and its first line, counted from 1."""

    offset: int
    line: int
    stored: bytes
    spans: tuple[FieldSpan, ...] | None
    """None if a quote does not close at the end of a field."""


class TsvFile:
    """Rows of one file: a `RowSource`."""

    def __init__(self, path: Path) -> None:
        self.files = DataFolder(path.parent)
        self._path = path
        self._stamp = file_stamp(path)
        self._numbers: list[int] = []
        self._spans: list[dict[str, FieldSpan]] = []
        self._by_index: dict[str, int] = {}

    def add(
        self, number: int, fields: Mapping[str, object], pictures: Mapping[str, FieldSpan]
    ) -> Row:
        """The next row, which is the file's row of that number."""
        row = len(self._spans)
        self._by_index.setdefault(index_text(str(fields.get(INDEX, ""))), row)
        self._numbers.append(number)
        self._spans.append(dict(pictures))
        return Row(number=row, fields=fields, source=self)

    def location(self, row: int) -> tuple[str, int]:
        """The file, and the number of the row in it."""
        return self._path.name, self._numbers[row]

    def cell(self, row: int, column: str) -> object:
        """The base64 text of a picture, in this row or in the one that it refers to."""
        stored = self._stored(row, column)
        if len(stored) > LONGEST_REFERENCE or not index_text(stored).isdecimal():
            return stored
        index = index_text(stored)
        if index not in self._by_index:
            raise ValueError(f"it refers to the row of index {index}, which is not there")
        return self._stored(self._by_index[index], column)

    def count(self, row: int, column: str) -> int:
        """How many pictures a cell holds; only references and lists are read for it."""
        beginning = self._stored(row, column, most=1)
        is_short = self._spans[row][column].length <= LONGEST_REFERENCE
        return picture_count(self.cell(row, column) if is_short or beginning == "[" else beginning)

    def identity(self, row: int, column: str, at: int) -> str:
        """Which row of the file it is, and the file's stamp before it was read."""
        return f"{self._stamp}|{row}|{column!a}|{at}" if self._stamp else ""

    def group(self, row: int) -> int:  # noqa: ARG002 - any place of a file is as quick to reach
        """0: the order of reading does not matter."""
        return 0

    def _stored(self, row: int, column: str, *, most: int = -1) -> str:
        if column not in self._spans[row]:
            raise ValueError(f"there is no column {column!r}")
        span = self._spans[row][column]
        length = min(span.length, most) if most >= 0 else span.length
        with self._path.open("rb") as file:
            file.seek(span.start)
            return FieldSpan(0, length, span.quoted).text(file.read(length))


def read_tsv(path: Path, pictures: Sequence[str], *, bad_rows: BadRows = BadRows.ERROR) -> Table:
    """The rows of a file; what follows a bad row is read from its next line.

    A row is bad if it is not as wide as the header, holds a NUL byte, is not UTF-8, or opens a
    quote that does not close.
    """
    source = TsvFile(path)
    raw_rows = _raw_rows(path)
    header = next(raw_rows, None)
    columns = _header(path, header) if header else ()
    rows: list[Row] = []
    errors: list[DataError] = []
    for number, raw in enumerate(raw_rows):
        try:
            fields, spans = _fields(path, raw, columns, pictures, number)
        except DataError as error:
            if bad_rows is BadRows.ERROR:
                raise
            errors.append(error)
        else:
            rows.append(source.add(number, fields, spans))
    return Table(
        name=path.name,
        columns=columns,
        rows=tuple(rows),
        size=path.stat().st_size,
        bad_rows=bad_rows,
        bad_row_errors=tuple(errors),
    )


def _header(path: Path, raw: RawRow) -> tuple[str, ...]:
    if not raw.spans or b"\0" in raw.stored:
        raise _row_error(path, raw, "is no header.")
    try:
        return tuple(span.text(raw.stored).strip("\ufeff ") for span in raw.spans)
    except UnicodeDecodeError as error:
        raise _row_error(path, raw, "is not UTF-8 text.") from error


def _fields(
    path: Path, raw: RawRow, columns: Sequence[str], pictures: Sequence[str], number: int
) -> tuple[dict[str, object], dict[str, FieldSpan]]:
    row = row_label(number)
    if raw.spans is None:
        problem = "has a quote that does not close at the end of a field."
        raise _row_error(path, raw, problem, row=row)
    if len(raw.spans) != len(columns):
        problem = f"has {len(raw.spans)} fields, and the header has {len(columns)}."
        raise _row_error(path, raw, problem, row=row)
    named = list(zip(columns, raw.spans, strict=True))
    for column, span in named:
        if b"\0" in raw.stored[span.start : span.start + span.length]:
            raise _row_error(path, raw, "holds a NUL byte.", row=row, field=column)
    fields: dict[str, object] = {}
    spans: dict[str, FieldSpan] = {}
    for column, span in named:
        if column in pictures:
            spans[column] = span._replace(start=raw.offset + span.start)
            if span.length > LONGEST_REFERENCE:
                continue
            stored = raw.stored[span.start : span.start + span.length]
            if not stored.removesuffix(b".0").isdigit():
                continue
        try:
            fields[column] = span.text(raw.stored)
        except UnicodeDecodeError as error:
            raise _row_error(path, raw, "is not UTF-8 text.", row=row, field=column) from error
    return fields, spans


def _raw_rows(path: Path) -> Iterator[RawRow]:
    offset = lines = 0
    with path.open("rb", buffering=BUFFER_BYTES) as file:
        while first := file.readline():
            # What stands in quotes may run over several lines.
            stored, spans = first, _spans(first)
            for _ in range(MAX_LINES - 1):
                if spans is not None or not (more := file.readline()):
                    break
                stored += more
                spans = _spans(stored)
            if not spans:
                # A quote that does not close is one bad line, and not all that it would swallow.
                stored = first
                file.seek(offset + len(first))
            if stored.strip():
                yield RawRow(offset, lines + 1, stored, tuple(spans) if spans else None)
            offset, lines = offset + len(stored), lines + max(stored.count(b"\n"), 1)


def _spans(stored: bytes) -> list[FieldSpan] | None:
    """Where the fields of a row lie; None while a quote is open, none if one closes too early."""
    row = stored.rstrip(b"\r\n")
    spans: list[FieldSpan] = []
    start = len(_BOM) if row.startswith(_BOM) else 0
    while start <= len(row):
        quoted = row.startswith(_QUOTE, start)
        if quoted:
            end = row.find(_QUOTE, start + 1)
            while end >= 0 and row.startswith(_QUOTE, end + 1):
                end = row.find(_QUOTE, end + 2)
            if end < 0:
                return None
            if row[end + 1 : end + 2] not in (b"", b"\t"):
                return []
        else:
            end = row.find(b"\t", start)
            end = len(row) if end < 0 else end
        spans.append(FieldSpan(start + quoted, end - start - quoted, quoted))
        start = end + quoted + 1
    return spans


def _row_error(path: Path, raw: RawRow, problem: str, **facts: str) -> DataError:
    return DataError(
        f"line {raw.line} of {path.name} {problem}",
        file=str(path),
        **facts,
        what_to_do="copy or download it again: it may be cut short",
    )
