"""Datasets of the hub, through `datasets`: kept in its cache, offline if told so."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import datasets
import datasets.exceptions

from pytest_mmbench.benchmarks.reading.rows import Row, Table
from pytest_mmbench.errors import DataError


class HubDataset:
    """Rows of one split of a dataset."""

    def __init__(self, id: str, rows: datasets.Dataset) -> None:
        self.folder = Path()
        self._id = id
        # Arrow's own view holds encoded pictures as they lie on the disk, also those in lists.
        self._arrow = rows.with_format("arrow")

    def place(self, row: int) -> tuple[str, int]:
        """The dataset, and the row."""
        return self._id, row

    def cell(self, row: int, column: str) -> object:
        """What is stored for a picture; nothing is decoded."""
        return self._arrow[row : row + 1].column(column)[0].as_py()


def read(id: str, pictures: Sequence[str], *, config: str, split: str) -> Table:
    """The rows of one split.

    Raises:
        DataError: there is no such dataset, configuration or split, or it cannot be downloaded.
    """
    rows = _load(id, config, split)
    source = HubDataset(id, rows)
    named = [name for name in rows.column_names if name not in pictures]
    fields = rows.select_columns(named).with_format("arrow")[:].to_pylist()
    return Table(
        name=id,
        columns=tuple(rows.column_names),
        rows=tuple(Row(number=at, fields=each, source=source) for at, each in enumerate(fields)),
        size=rows.data.nbytes,
    )


def _load(id: str, config: str, split: str) -> datasets.Dataset:
    try:
        return datasets.load_dataset(id, config or None, split=split)
    except (datasets.exceptions.DatasetsError, OSError, ValueError) as error:
        raise DataError(
            f"{id} is no local file or folder, and cannot be loaded from the hub.",
            configuration=config,
            split=split,
            reason=" ".join(str(error).split()),
            what_to_do="check the name and the connection, or download it and name the folder",
        ) from error
