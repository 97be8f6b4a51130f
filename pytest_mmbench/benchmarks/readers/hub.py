"""Datasets of the hub, through `datasets`: kept in its cache, offline where that is asked for."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Sequence
from contextlib import suppress
from itertools import accumulate
from pathlib import Path
from typing import BinaryIO, NamedTuple

import datasets

from pytest_mmbench.benchmarks.readers.parquet import holds_bytes, picture_counts
from pytest_mmbench.benchmarks.readers.rows import Row
from pytest_mmbench.benchmarks.readers.tables import Table
from pytest_mmbench.errors import DataError
from pytest_mmbench.files import file_stamp


class HubConfig(NamedTuple):
    """The rows of a dataset, or of its configuration if one is named."""

    name: str
    rows: datasets.Dataset
    stamp: str
    """Of the cache files that hold it; empty if there are none, or one may still change."""


class NoLocalFiles:
    """The files of a dataset that holds its pictures: its paths lead to its author's machine."""

    def __init__(self, name: str) -> None:
        self.name = name

    def names(self, pattern: str) -> Sequence[str]:  # noqa: ARG002 - none whatever it is
        """None."""
        return ()

    def open(self, *paths: str) -> BinaryIO:
        """Raises FileNotFoundError."""
        raise FileNotFoundError(f"{self.name} names {paths[0]}, and does not hold it")

    def identity(self, *paths: str) -> str:  # noqa: ARG002 - nothing is known of any
        """Empty: unknown."""
        return ""


class HubDataset:
    """Rows of one split, of one configuration after the other: a `RowSource`."""

    def __init__(self, id: str, configs: Sequence[HubConfig]) -> None:
        self.files = NoLocalFiles(id)
        self._configs = tuple(configs)
        self._starts = [0, *accumulate(config.rows.num_rows for config in configs)]
        # Arrow's own view holds encoded pictures as they lie on the disk, also those in lists.
        self._arrow = [config.rows.with_format("arrow") for config in configs]
        self._counts: dict[str, list[int]] = {}

    def location(self, row: int) -> tuple[str, int]:
        """The configuration's name, and the number of the row in it."""
        config, row_in_config = self._position(row)
        return self._configs[config].name, row_in_config

    def cell(self, row: int, column: str) -> object:
        """The value of a picture column; nothing is decoded."""
        config, row_in_config = self._position(row)
        rows = self._arrow[config][row_in_config : row_in_config + 1]
        return rows.column(column)[0].as_py()

    def count(self, row: int, column: str) -> int:
        """How many pictures a cell holds; the first call counts those of all rows."""
        if column not in self._counts:
            columns = [rows.select_columns([column])[:].column(0) for rows in self._arrow]
            self._counts[column] = [count for part in columns for count in picture_counts(part)]
        return self._counts[column][row]

    def identity(self, row: int, column: str, at: int) -> str:
        """Where the picture lies in the cache files, and their stamp when they were opened."""
        config, row_in_config = self._position(row)
        stamp = self._configs[config].stamp
        return f"{stamp}|{row_in_config}|{column!a}|{at}" if stamp else ""

    def group(self, row: int) -> int:  # noqa: ARG002 - the cache may be read in any order
        """0: the order of reading does not matter."""
        return 0

    def _position(self, row: int) -> tuple[int, int]:
        config = bisect_right(self._starts, row) - 1
        return config, row - self._starts[config]


def read_hub_dataset(
    id: str, pictures: Sequence[str], *, configs: Sequence[str], split: str
) -> Table:
    """The rows of one split of these configurations; also of a copy that has one configuration."""
    parts = _load_configs(id, configs, split)
    source = HubDataset(id, parts)
    fields: list[dict[str, object]] = []
    for part in parts:
        columns = [
            column.name
            for column in part.rows.data.schema
            if column.name not in pictures and not holds_bytes(column.type)
        ]
        fields += part.rows.select_columns(columns).with_format("arrow")[:].to_pylist()
    names = tuple(parts[0].rows.column_names)
    return Table(
        name=id,
        columns=names,
        rows=tuple(
            Row(number=at, fields=row, source=source, columns=names)
            for at, row in enumerate(fields)
        ),
        size=sum(part.rows.data.nbytes for part in parts),
    )


def _load_configs(id: str, configs: Sequence[str], split: str) -> list[HubConfig]:
    def load(config: str) -> HubConfig:
        rows = datasets.load_dataset(id, config or None, split=split)
        stamps = [file_stamp(Path(file["filename"])) for file in rows.cache_files]
        # One number for all: a dataset may have hundreds of files.
        stamp = hashlib.sha256("\n".join(stamps).encode()).hexdigest()
        name = f"{id}, {config}" if config else id
        return HubConfig(name, rows, stamp if stamps and all(stamps) else "")

    try:
        return [load(config) for config in configs] or [load("")]
    except Exception as error:
        # `datasets` refuses an unknown configuration with a plain ValueError, and damaged files
        # with whatever the library that reads them raises.
        if configs and isinstance(error, ValueError):
            with suppress(Exception):
                return [load("")]
        raise DataError(
            f"{id} is no local file or folder, and cannot be loaded from the hub.",
            configuration=", ".join(configs),
            split=split,
            reason=" ".join(str(error).split()),
            what_to_do="check the name and the connection, or download it and name the folder",
        ) from error
