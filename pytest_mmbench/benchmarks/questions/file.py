"""The file of a team's own questions: where it lies, how it is read, and what it holds exactly."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from pytest_mmbench.benchmarks.questions.columns import QuestionColumns, picture_columns
from pytest_mmbench.benchmarks.readers import FORMATS, is_hub_dataset, open_table
from pytest_mmbench.benchmarks.readers.folders import walk
from pytest_mmbench.benchmarks.readers.regular_files import MEGABYTE
from pytest_mmbench.benchmarks.readers.rows import Row
from pytest_mmbench.benchmarks.readers.tables import Table
from pytest_mmbench.benchmarks.settings import DATA, SPLIT, BenchmarkOptions
from pytest_mmbench.errors import DataError
from pytest_mmbench.files import expand, open_regular

QUESTIONS: Final = "questions"
METADATA: Final = ("metadata.jsonl", "metadata.csv", "metadata.parquet")
"""Of a folder of pictures, what `datasets` takes for its table."""
HUB_SPLIT: Final = "test"
"""Of a dataset of the hub, unless the settings name another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionFile:
    """A table of questions, as it was opened."""

    table: Table
    pictures: tuple[str, ...]
    """Columns that were not read with the others; none where the format keeps bytes apart."""
    digest: str
    """SHA-256 of the files that it was read from; empty of a dataset of the hub."""

    @property
    def cells_are_cheap(self) -> bool:
        """Whether a picture column of one row can be read without its neighbours."""
        return bool(self.pictures)

    def with_texts(self, columns: QuestionColumns) -> Table:
        """The table with the texts of columns that were taken for pictures, and are ids as well."""
        needed = (columns.id, columns.question, columns.target, columns.accepted, columns.cluster)
        names = {*needed, *columns.options, *columns.capability}
        both = [name for name in self.pictures if name in names and name in self.table.columns]
        if not both:
            return self.table

        def texts_of(row: Row) -> dict[str, object]:
            texts = {}
            for name in both:
                with row.data_errors(name, what="text"):
                    texts[name] = row.source.cell(row.number, name)
            return texts

        return self.table.extended(texts_of)


def open_questions(options: BenchmarkOptions, *, key: str = QUESTIONS) -> QuestionFile:
    """The file, the folder or the dataset of the hub that the settings name under a key.

    Raises:
        SettingsError: they name none, or data beside it.
        DataError: it cannot be read.
    """
    typed = options.options.get(key)
    if not isinstance(typed, str) or not typed.strip() or DATA in options.options:
        remedy = f'write {key} = "FILE", and no {DATA}'
        raise options.error(f"{key} names a file, a folder or a hub id.", what_to_do=remedy)
    path = expand(typed.strip())
    inner = next((path / name for name in METADATA if (path / name).is_file()), path)
    data = typed.strip() if inner == path else str(inner)
    is_hub = is_hub_dataset(data)
    files = table_files(data)
    pictures = () if keeps_cells_apart(files) else picture_columns(options)
    table = open_table(
        data,
        pictures=pictures,
        split=str(options.options.get(SPLIT, HUB_SPLIT if is_hub else "")),
        bad_rows=options.bad_rows(),
        allowed=options.picture_folders(),
    )
    return QuestionFile(table=table, pictures=pictures, digest=_digest(files))


def table_files(data: str) -> list[Path]:
    """The files that a path leads to, and that may hold rows; none of a dataset of the hub."""
    path = expand(data)
    if path.is_dir():
        named = (file for file in walk(path) if file.suffix.lower() in FORMATS)
        return [file for file in named if file.is_file()]
    return [] if is_hub_dataset(data) else [path]


def keeps_cells_apart(files: Collection[Path]) -> bool:
    """Whether a cell is read with its neighbours: in parquet, and on the hub, without files."""
    return not files or any(file.suffix.lower() == ".parquet" for file in files)


def _digest(files: list[Path]) -> str:
    content = hashlib.sha256()
    for path in files:
        try:
            with open_regular(path) as file:
                for part in iter(partial(file.read, MEGABYTE), b""):
                    content.update(part)
        except OSError as error:
            problem = f"{path.name} cannot be read."
            raise DataError(problem, file=str(path), reason=str(error)) from error
    return content.hexdigest() if files else ""
