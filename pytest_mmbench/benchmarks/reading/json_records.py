"""Records in JSON or JSON lines, their pictures in a folder beside them.

Published files hold a list of records, an object with one list of them (SEED-Bench's `questions`),
or an object from ids to records (MathVista's `testmini.json`); an id becomes the field `id`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pytest_mmbench.benchmarks.reading.rows import Row, Table
from pytest_mmbench.errors import DataError


class JsonFile:
    """Records of one file."""

    def __init__(self, path: Path) -> None:
        self.folder = path.parent
        self._name = path.name
        self._pictures: list[Mapping[str, object]] = []

    def add(self, pictures: Mapping[str, object]) -> None:
        """Remembers what the next record says of its pictures: paths, as a rule."""
        self._pictures.append(pictures)

    def place(self, row: int) -> tuple[str, int]:
        """The file, and the record."""
        return self._name, row

    def cell(self, row: int, column: str) -> object:
        """What the record says of a picture."""
        return self._pictures[row].get(column)


def read(path: Path, pictures: Sequence[str]) -> Table:
    """The records of a file.

    Raises:
        DataError: it is not JSON, or holds something that is no record.
    """
    source = JsonFile(path)
    rows: list[Row] = []
    columns: dict[str, None] = {}
    for number, record in enumerate(_records(path)):
        if not isinstance(record, dict):
            raise DataError(f"record {number} of {path.name} is no object.", file=str(path))
        columns |= dict.fromkeys(record)
        source.add({name: record[name] for name in pictures if name in record})
        fields = {name: value for name, value in record.items() if name not in pictures}
        rows.append(Row(number=number, fields=fields, source=source))
    return Table(name=path.name, columns=tuple(columns), rows=tuple(rows), size=path.stat().st_size)


def _records(path: Path) -> Iterator[object]:
    try:
        text = path.read_text(encoding="utf-8-sig")
        if path.suffix.lower() == ".jsonl":
            yield from (json.loads(line) for line in text.split("\n") if line.strip())
        else:
            yield from _inside(json.loads(text))
    except ValueError as error:
        raise DataError(
            f"{path.name} is not JSON.",
            file=str(path),
            reason=str(error),
            what_to_do="copy or download it again: it may be cut short",
        ) from error


def _inside(content: Any) -> list[object]:  # noqa: ANN401 - whatever JSON may hold
    if not isinstance(content, dict):
        return list(content) if isinstance(content, list) else [content]
    lists = [value for value in content.values() if isinstance(value, list)]
    if len(lists) == 1:
        return lists[0]
    return [
        {"id": id, **record} if isinstance(record, dict) else record
        for id, record in content.items()
    ]
