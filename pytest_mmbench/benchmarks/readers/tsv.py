"""Tables as text, between tabs as VLMEvalKit publishes them or commas, read line by line.

Pictures are in base64. Of a picture only its place in the file is remembered. Quotes are
pandas': a field that holds a tab, a line break or a quote stands in quotes, and a quote in it is
doubled. A picture of at most 64 characters is the `index` of the row that has it, as in the
circular copies of MMBench; such a reference is among the fields too, for it says which rows show
the same picture. What a spreadsheet saved in UTF-16 is read whole, and made UTF-8.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from pytest_mmbench.benchmarks.readers.folders import DataFolder
from pytest_mmbench.benchmarks.readers.foreign_text import decode_text, wide_encoding
from pytest_mmbench.benchmarks.readers.pictures import picture_count
from pytest_mmbench.benchmarks.readers.regular_files import MEGABYTE, read_file
from pytest_mmbench.benchmarks.readers.rows import Row, index_text, row_label
from pytest_mmbench.benchmarks.readers.tables import Table
from pytest_mmbench.errors import DataError
from pytest_mmbench.files import file_stamp, open_regular
from pytest_mmbench.records import BadRows

LONGEST_REFERENCE: Final = 64
"""Characters of a reference to another row's picture."""
LONGEST_PATH: Final = 1000
"""Bytes of a cell of pictures that stays in memory: a list of paths, and no picture."""
INDEX: Final = "index"
MAX_LINES: Final = 200
"""Of one row: a quote that is still open after them was never meant to be closed."""
MAX_ROW_BYTES: Final = 512 * MEGABYTE
"""Of one row, which is in memory as a whole; the largest picture in base64 has 341 MB."""
BUFFER_BYTES: Final = MEGABYTE
"""Read at once: pictures make long lines."""
_SEPARATORS: Final = (b",", b";", b"\t")
"""Of a CSV file: spreadsheets write semicolons where a comma is the decimal point."""
_ENCODING_HINT: Final = {"what_to_do": "save it as UTF-8 (in a spreadsheet: CSV UTF-8)"}
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
    """None if a quote does not close at the end of a field, or the row is too long."""


class TsvFile:
    """Rows of one file: a `RowSource`."""

    def __init__(self, path: Path, *, allowed: Sequence[Path] = ()) -> None:
        self.files = DataFolder(path.parent, allowed=allowed)
        self._path = path
        self._stamp = file_stamp(path)
        self._utf8: bytes | None = None
        """What the file holds, if it is in another encoding."""
        with open_regular(path) as file:
            if wide_encoding(file.read(4)):
                self._utf8 = decode_text(read_file(path)).encode()
        self.columns: tuple[str, ...] = ()
        self._numbers: list[int] = []
        self._spans: list[dict[str, FieldSpan]] = []
        self._paths: list[dict[str, str]] = []
        """Cells of pictures that are short, such as paths: they stay in memory."""
        self._by_index: dict[str, int] = {}

    def add(
        self,
        number: int,
        fields: Mapping[str, object],
        pictures: Mapping[str, FieldSpan],
        raw: RawRow,
    ) -> Row:
        """The next row, which is the file's row of that number."""
        paths: dict[str, str] = {}
        for column, span in pictures.items():
            if span.length <= LONGEST_PATH:
                # What cannot be read is an error when the picture is.
                with suppress(UnicodeDecodeError):
                    paths[column] = span._replace(start=span.start - raw.offset).text(raw.stored)
        self._paths.append(paths)
        row = len(self._spans)
        self._by_index.setdefault(index_text(str(fields.get(INDEX, ""))), row)
        self._numbers.append(number)
        self._spans.append(dict(pictures))
        return Row(number=row, fields=fields, source=self, columns=self.columns)

    def open(self) -> BinaryIO:
        """The file in UTF-8."""
        if self._utf8 is not None:
            return io.BytesIO(self._utf8)
        return open_regular(self._path, buffering=BUFFER_BYTES)

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
        if column in self._paths[row]:
            stored = self._paths[row][column]
            return stored[:most] if most >= 0 else stored
        span = self._spans[row][column]
        length = min(span.length, most) if most >= 0 else span.length
        with self.open() as file:
            file.seek(span.start)
            return FieldSpan(0, length, span.quoted).text(file.read(length))


def read_tsv(
    path: Path,
    pictures: Sequence[str],
    *,
    bad_rows: BadRows = BadRows.ERROR,
    allowed: Sequence[Path] = (),
) -> Table:
    """The rows of a file; what follows a bad row is read from its next line.

    A row is bad if it is not as wide as the header, holds a NUL byte, is not UTF-8, has more than
    512 MB, or opens a quote that does not close. Where the name ends with `.csv` the fields stand
    between commas, or what the header has between its fields instead.
    """
    try:
        source = TsvFile(path, allowed=allowed)
        with source.open() as file:
            header_line = file.readline(BUFFER_BYTES)
    except (OSError, ValueError) as error:
        problem = f"{path.name} cannot be read."
        raise DataError(problem, file=str(path), reason=str(error)) from error
    is_csv = path.suffix.lower() == ".csv"
    separator = max(_SEPARATORS, key=header_line.count) if is_csv else b"\t"
    rows: list[Row] = []
    errors: list[DataError] = []
    with source.open() as file:
        raw_rows = _raw_rows(file, separator)
        header = next(raw_rows, None)
        columns = source.columns = _header(path, header) if header else ()
        for number, raw in enumerate(raw_rows):
            try:
                fields, spans = _fields(path, raw, columns, pictures, number)
            except DataError as error:
                if bad_rows is BadRows.ERROR:
                    raise
                errors.append(error)
            else:
                rows.append(source.add(number, fields, spans, raw))
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
        names = tuple(span.text(raw.stored).strip("\ufeff ") for span in raw.spans)
    except UnicodeDecodeError as error:
        raise _row_error(path, raw, "is not UTF-8 text.", **_ENCODING_HINT) from error
    twice = [name for name, count in Counter(names).items() if name and count > 1]
    if twice:
        raise _row_error(path, raw, f"names the column {twice[0]!r} twice.")
    return names


def _fields(
    path: Path, raw: RawRow, columns: Sequence[str], pictures: Sequence[str], number: int
) -> tuple[dict[str, object], dict[str, FieldSpan]]:
    row = row_label(number)
    _check_row(path, raw, columns, row)
    named = list(zip(columns, raw.spans or (), strict=True))
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
            problem = "is not UTF-8 text."
            facts = {"row": row, "field": column, **_ENCODING_HINT}
            raise _row_error(path, raw, problem, **facts) from error
    return fields, spans


def _check_row(path: Path, raw: RawRow, columns: Sequence[str], row: str) -> None:
    if raw.spans is None and len(raw.stored) >= MAX_ROW_BYTES:
        problem = f"has more than {MAX_ROW_BYTES // MEGABYTE} MB."
        raise _row_error(path, raw, problem, row=row)
    if raw.spans is None:
        problem = "has a quote that does not close at the end of a field."
        raise _row_error(path, raw, problem, row=row)
    if len(raw.spans) != len(columns):
        problem = f"has {len(raw.spans)} fields, and the header has {len(columns)}."
        raise _row_error(path, raw, problem, row=row)


def _raw_rows(file: BinaryIO, separator: bytes) -> Iterator[RawRow]:
    offset = lines = 0
    while first := file.readline(MAX_ROW_BYTES):
        # What stands in quotes may run over several lines.
        stored, spans = first, _spans(first, separator)
        for _ in range(MAX_LINES - 1):
            if spans is not None or len(stored) >= MAX_ROW_BYTES:
                break
            if not (more := file.readline(MAX_ROW_BYTES)):
                break
            stored += more
            spans = _spans(stored, separator)
        if len(first) == MAX_ROW_BYTES:
            spans = None
        if not spans:
            # A quote that does not close is one bad line, and not all that it would swallow.
            stored = first
            file.seek(offset + len(first))
        if stored.strip():
            yield RawRow(offset, lines + 1, stored, tuple(spans) if spans else None)
        offset, lines = offset + len(stored), lines + max(stored.count(b"\n"), 1)
        while len(first) == MAX_ROW_BYTES and not stored.endswith(b"\n"):
            # The rest of a line that is too long.
            stored = file.readline(BUFFER_BYTES)
            offset += len(stored)
            if not stored:
                return


def _spans(stored: bytes, separator: bytes = b"\t") -> list[FieldSpan] | None:
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
            if row[end + 1 : end + 2] not in (b"", separator):
                return []
        else:
            end = row.find(separator, start)
            end = len(row) if end < 0 else end
        spans.append(FieldSpan(start + quoted, end - start - quoted, quoted))
        start = end + quoted + 1
    return spans


def _row_error(path: Path, raw: RawRow, problem: str, **facts: str) -> DataError:
    remedy = {"what_to_do": "copy or download it again: it may be cut short"}
    problem = f"line {raw.line} of {path.name} {problem}"
    return DataError(problem, file=str(path), **(remedy | facts))
