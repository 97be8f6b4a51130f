"""Text files that are read at once: JSON, JSON lines, and lines of fields between tabs."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any

from pytest_mmbench.benchmarks.readers.folders import DataFolder, Files, read_text
from pytest_mmbench.benchmarks.readers.foreign_text import (
    check_text,
    check_value,
    decode_text,
    parse_json,
)
from pytest_mmbench.benchmarks.readers.pictures import list_entry, picture_count, picture_path
from pytest_mmbench.benchmarks.readers.regular_files import read_file
from pytest_mmbench.benchmarks.readers.rows import Row, row_error
from pytest_mmbench.benchmarks.readers.tables import Table
from pytest_mmbench.errors import DataError, shorten
from pytest_mmbench.records import BadRows


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """All fields of one row, and where it stands."""

    file: str
    number: int
    """Of the row in its file, counted from 0."""
    fields: Mapping[str, object]


class InMemoryRows:
    """The picture columns of rows in memory, and where each row stands: a `RowSource`."""

    def __init__(self, files: Files) -> None:
        self.files = files
        self._records: list[Record] = []

    def add(self, record: Record, pictures: Sequence[str], columns: Collection[str]) -> Row:
        """The row of a record of these columns; those of pictures stay with this source."""
        cells = {name: record.fields[name] for name in pictures if name in record.fields}
        self._records.append(replace(record, fields=cells))
        fields = {name: value for name, value in record.fields.items() if name not in cells}
        return Row(number=len(self._records) - 1, fields=fields, source=self, columns=columns)

    def location(self, row: int) -> tuple[str, int]:
        """The file, and the number of the row in it."""
        return self._records[row].file, self._records[row].number

    def cell(self, row: int, column: str) -> object:
        """The value of a picture column, as the file has it."""
        return self._records[row].fields.get(column)

    def count(self, row: int, column: str) -> int:
        """How many pictures the cell holds or names."""
        return picture_count(self.cell(row, column))

    def identity(self, row: int, column: str, at: int) -> str:
        """That of the file that the cell names, or a hash of the picture in it."""
        try:
            stored = list_entry(self.cell(row, column), at)
        except ValueError:
            return ""
        if path := picture_path(stored):
            return self.files.identity(path)
        return hashlib.sha256(repr(stored).encode("utf-8", "surrogatepass")).hexdigest()

    def group(self, row: int) -> int:  # noqa: ARG002 - files may be read in any order
        """0: the order of reading does not matter."""
        return 0


def table_of(
    name: str,
    records: Iterable[Record | DataError],
    *,
    files: Files,
    bad_rows: BadRows,
    pictures: Sequence[str] = (),
    size: int = 0,
) -> Table:
    """A table of records, with an error in place of each that could not be read."""
    source = InMemoryRows(files)
    rows: list[Row] = []
    errors: list[DataError] = []
    columns: dict[str, None] = {}
    for record in records:
        if isinstance(record, Record):
            columns |= dict.fromkeys(record.fields)
            rows.append(source.add(record, pictures, columns.keys()))
        elif bad_rows is BadRows.ERROR:
            raise record
        else:
            errors.append(record)
    return Table(
        name=name,
        columns=tuple(columns),
        rows=tuple(rows),
        size=size,
        bad_rows=bad_rows,
        bad_row_errors=tuple(errors),
    )


def read_json_file(
    path: Path,
    pictures: Sequence[str],
    *,
    bad_rows: BadRows = BadRows.ERROR,
    allowed: Sequence[Path] = (),
) -> Table:
    """The records of a JSON or JSON lines file; paths in them start in its folder.

    A file holds a list of records, an object with one list of them (SEED-Bench's `questions`), or
    an object from ids to records (MathVista's `testmini.json`), which become the field `id`.
    """
    folder = DataFolder(path.parent, allowed=allowed)
    try:
        text = decode_text(read_file(path))
    except (OSError, ValueError) as error:
        problem = f"{path.name} of {folder.name} cannot be read."
        raise DataError(problem, file=str(path), reason=str(error)) from error
    if path.name.lower().endswith(".jsonl") or _is_json_lines(text):
        entries: Iterable[object] = _json_lines(path.name, text)
    else:
        entries = _entries(_parse_json(path.name, text))
    return table_of(
        path.name,
        _json_records(path.name, entries),
        files=folder,
        pictures=pictures,
        size=path.stat().st_size,
        bad_rows=bad_rows,
    )


def read_json_files(
    files: Files, pattern: str, *, pictures: Sequence[str] = (), bad_rows: BadRows = BadRows.ERROR
) -> Table:
    """The records of all JSON files whose paths end like the pattern, in the order of their paths.

    A file holds a record or a list of them: AI2D's `questions` are a file for each picture.

    Raises:
        DataError: no file matches; or one is not JSON, and bad rows are errors.
    """
    names = files.names(pattern)
    if not names:
        raise DataError(f"{files.name} holds no file {pattern}.")

    def records() -> Iterator[Record | DataError]:
        for name in names:
            try:
                content = _parse_json(name, read_text(files, name))
            except DataError as error:
                yield error
            else:
                yield from _json_records(name, content if isinstance(content, list) else [content])

    return table_of(files.name, records(), files=files, bad_rows=bad_rows, pictures=pictures)


def read_line_files(
    files: Files,
    pattern: str,
    columns: Sequence[str],
    *,
    optional: Sequence[str] = (),
    select: Callable[[str], bool] = bool,
    bad_rows: BadRows = BadRows.ERROR,
) -> Table:
    """The lines of many files without a header, their fields between tabs, as MME is published.

    Nothing is quoted. `pattern` is how paths end, such as `*/questions_answers_YN/*.txt`; `select`
    says by its path whether a file is read; a line may have the `optional` fields or not.
    Each row also has the fields `file`, the path of its file, and `line`, the number of its line
    there, counted from 0 and without blank lines.

    Raises:
        DataError: no file matches; or a line is bad, and bad rows are errors.
    """
    names = [name for name in files.names(pattern) if select(name)]
    if not names:
        raise DataError(f"{files.name} holds no file {pattern}.")
    records = chain.from_iterable(
        _line_records(files, name, (*columns, *optional), len(columns)) for name in names
    )
    return table_of(files.name, records, files=files, bad_rows=bad_rows)


def _json_records(file: str, entries: Iterable[object]) -> Iterator[Record | DataError]:
    for number, entry in enumerate(entries):
        if isinstance(entry, dict):
            yield _checked_record(file, number, entry)
        elif isinstance(entry, DataError):
            yield entry
        else:
            problem = f"record {number} of {file} is no object."
            yield row_error(file, number, "record", problem)


def _checked_record(file: str, number: int, fields: Mapping[str, object]) -> Record | DataError:
    """The record, if all of it can be kept, hashed and shown."""
    name = "record"
    try:
        for name, value in fields.items():
            check_text(name)
            check_value(value)
    except ValueError as error:
        problem = f"record {number} of {file} holds what cannot be used."
        return row_error(file, number, shorten(ascii(name)[1:-1]), problem, reason=str(error))
    return Record(file=file, number=number, fields=fields)


def _json_lines(file: str, text: str) -> Iterator[object]:
    # Not splitlines: JSON lets line separators of Unicode stand in texts.
    for number, line in enumerate(line for line in text.split("\n") if line.strip()):
        try:
            yield parse_json(line)
        except ValueError as error:
            problem = f"record {number} of {file} is not JSON."
            yield row_error(file, number, "record", problem, reason=str(error))


def _is_json_lines(text: str) -> bool:
    """Whether the first two lines are a record each, as in POPE's files, which end in `.json`."""
    first, _, rest = text.lstrip().partition("\n")
    second = rest.lstrip().partition("\n")[0]
    try:
        return all(isinstance(parse_json(line), dict) for line in (first, second))
    except ValueError:
        return False


def _parse_json(file: str, text: str) -> object:
    try:
        return parse_json(text)
    except ValueError as error:
        raise DataError(
            f"{file} is not JSON.",
            file=file,
            reason=str(error),
            what_to_do="copy or download it again: it may be cut short",
        ) from error


def _entries(content: Any) -> list[object]:  # noqa: ANN401 - whatever JSON may hold
    if not isinstance(content, dict):
        return list(content) if isinstance(content, list) else [content]
    lists = [value for value in content.values() if isinstance(value, list)]
    if len(lists) == 1 and all(isinstance(first, dict) for first in lists[0][:1]):
        return lists[0]
    return [
        {"id": id, **record} if isinstance(record, dict) else record
        for id, record in content.items()
    ]


def _line_records(
    files: Files, file: str, columns: Sequence[str], fewest: int
) -> Iterator[Record | DataError]:
    try:
        lines = [line for line in read_text(files, file).split("\n") if line.strip()]
    except DataError as error:
        yield error
        return
    for number, line in enumerate(lines):
        fields = line.rstrip("\r").split("\t")
        if "\0" in line:
            yield row_error(file, number, columns[0], f"a line of {file} holds a NUL byte.")
        elif fewest <= len(fields) <= len(columns):
            named = dict(zip(columns, fields, strict=False))
            yield Record(file=file, number=number, fields={**named, "file": file, "line": number})
        else:
            problem = f"a line of {file} has {len(fields)} fields, and {len(columns)} are known."
            yield row_error(file, number, columns[-1], problem, known=", ".join(columns))
