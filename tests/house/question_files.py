"""A team's own questions that are invented, in every form of file that they may have."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
from publishing.pictures import as_text, disc

from pytest_mmbench import registry
from pytest_mmbench.protocols import Benchmark

Rows = Sequence[Mapping[str, Any]]


def separated(path: Path, rows: Rows, separator: str) -> None:
    """A table as text; lists are written as JSON."""
    file = io.StringIO()
    writer = csv.writer(file, delimiter=separator, lineterminator="\n")
    writer.writerow(rows[0])
    for row in rows:
        writer.writerow(
            json.dumps(value, ensure_ascii=False) if isinstance(value, list) else value
            for value in row.values()
        )
    path.write_text(file.getvalue(), encoding="utf-8")


def write_csv(folder: Path, rows: Rows) -> Path:
    """Between commas."""
    separated(folder / "q.csv", rows, ",")
    return folder / "q.csv"


def write_tsv(folder: Path, rows: Rows) -> Path:
    """Between tabs."""
    separated(folder / "q.tsv", rows, "\t")
    return folder / "q.tsv"


def write_json(folder: Path, rows: Rows) -> Path:
    """A list of records."""
    (folder / "q.json").write_text(json.dumps(rows), encoding="utf-8")
    return folder / "q.json"


def write_jsonl(folder: Path, rows: Rows) -> Path:
    """A record in each line."""
    lines = "".join(f"{json.dumps(row)}\n" for row in rows)
    (folder / "q.jsonl").write_text(lines, encoding="utf-8")
    return folder / "q.jsonl"


def write_parquet(folder: Path, rows: Rows) -> Path:
    """As pyarrow writes records."""
    pq.write_table(pa.Table.from_pylist([dict(row) for row in rows]), folder / "q.parquet")
    return folder / "q.parquet"


def write_folder(folder: Path, rows: Rows) -> Path:
    """A folder of pictures with its table beside them, as `datasets` has it."""
    write_jsonl(folder, rows).rename(folder / "metadata.jsonl")
    return folder


FORMS: Final[Mapping[str, Callable[[Path, Rows], Path]]] = {
    "csv": write_csv,
    "tsv": write_tsv,
    "json": write_json,
    "jsonl": write_jsonl,
    "parquet": write_parquet,
    "folder": write_folder,
}


def draw(folder: Path, count: int = 4) -> None:
    """Small pictures, `0.png` and so on."""
    for number in range(count):
        (folder / f"{number}.png").write_bytes(disc(number))


def choices(count: int = 6) -> list[dict[str, Any]]:
    """Questions with three options, two about each picture, in plain columns."""
    return [
        {
            "id": f"q{number}",
            "picture": f"{number // 2}.png",
            "question": f"Which of {number}?",
            "options": [f"one {number}", f"two {number}", f"three {number}"],
            "target": "ABC"[number % 3],
            "capability": ["reading", "counting"][number % 2],
        }
        for number in range(count)
    ]


def embedded(rows: Rows, *, url: bool = False) -> list[dict[str, Any]]:
    """The same rows with their pictures as texts in them."""
    start = "data:image/png;base64," if url else ""
    return [{**row, "picture": start + as_text(disc(number))} for number, row in enumerate(rows)]


def load(path: Path, **settings: object) -> Benchmark:
    """The benchmark `acme` of a file."""
    return registry.benchmark("acme", {"questions": str(path), **settings})
