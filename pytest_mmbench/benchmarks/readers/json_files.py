"""Records in JSON or JSON lines, their pictures in folders or archives beside them.

Published files hold a list of records, an object with one list of them (SEED-Bench's `questions`),
or an object from ids to records (MathVista's `testmini.json`); an id becomes the field `id`. Some
benchmarks have a file for each picture (AI2D's `questions`), which `read_many` makes one table of.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from pytest_mmbench.benchmarks.readers.folders import Files, Folder, read_text
from pytest_mmbench.benchmarks.readers.records import Record, table_of
from pytest_mmbench.benchmarks.readers.rows import row_error
from pytest_mmbench.benchmarks.readers.tables import Table
from pytest_mmbench.errors import DataError
from pytest_mmbench.records import BadRows


def read(path: Path, pictures: Sequence[str], *, bad_rows: BadRows = BadRows.ERROR) -> Table:
    """The records of a file; paths in them start in its folder.

    Raises:
        DataError: it is not JSON; or a line of JSON lines is not, or something is no record, and
            bad rows are errors.
    """
    folder = Folder(path.parent)
    return table_of(
        path.name,
        _records(path.name, _values(path.name, read_text(folder, path.name))),
        files=folder,
        pictures=pictures,
        size=path.stat().st_size,
        bad_rows=bad_rows,
    )


def read_many(
    files: Files,
    pattern: str,
    *,
    pictures: Sequence[str] = (),
    bad_rows: BadRows = BadRows.ERROR,
) -> Table:
    """The records of all files whose paths end like the pattern, in the order of their paths.

    A file holds a record, or a list of them.

    Raises:
        DataError: no file does; or one is not JSON, and bad rows are errors.
    """
    names = files.names(pattern)
    if not names:
        raise DataError(f"{files.name} holds no file {pattern}.")
    records = (record for name in names for record in _records(name, _listed(files, name)))
    return table_of(files.name, records, files=files, pictures=pictures, size=0, bad_rows=bad_rows)


def _listed(files: Files, name: str) -> list[object]:
    """The records of one of many files; if it is damaged, the error in their place."""
    try:
        content = _parsed(name, read_text(files, name))
    except DataError as error:
        return [error]
    return content if isinstance(content, list) else [content]


def _records(file: str, values: Iterable[object]) -> Iterator[Record | DataError]:
    for number, value in enumerate(values):
        if isinstance(value, dict):
            yield Record(file=file, number=number, fields=value)
        elif isinstance(value, DataError):
            yield value
        else:
            problem = f"record {number} of {file} is no object."
            yield row_error(file, number, "record", problem)


def _values(file: str, text: str) -> Iterable[object]:
    return _lines(file, text) if file.lower().endswith(".jsonl") else _inside(_parsed(file, text))


def _lines(file: str, text: str) -> Iterator[object]:
    # Not splitlines: JSON lets line separators of Unicode stand in texts.
    for number, line in enumerate(each for each in text.split("\n") if each.strip()):
        try:
            yield json.loads(line)
        except ValueError as error:
            problem = f"record {number} of {file} is not JSON."
            yield row_error(file, number, "record", problem, reason=str(error))


def _parsed(file: str, text: str) -> object:
    try:
        return json.loads(text)
    except ValueError as error:
        raise DataError(
            f"{file} is not JSON.",
            file=file,
            reason=str(error),
            what_to_do="copy or download it again: it may be cut short",
        ) from error


def _inside(content: Any) -> list[object]:  # noqa: ANN401 - whatever JSON may hold
    if not isinstance(content, dict):
        return list(content) if isinstance(content, list) else [content]
    lists = [value for value in content.values() if isinstance(value, list)]
    if len(lists) == 1 and all(isinstance(first, dict) for first in lists[0][:1]):
        return lists[0]
    return [
        {"id": id, **record} if isinstance(record, dict) else record
        for id, record in content.items()
    ]
