"""Datasets of the hub, through `datasets`: kept in its cache, offline if told so."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import BinaryIO

import datasets
import datasets.exceptions

from pytest_mmbench.benchmarks.readers.arrow import counts, holds_bytes
from pytest_mmbench.benchmarks.readers.rows import Row
from pytest_mmbench.benchmarks.readers.tables import Table
from pytest_mmbench.errors import DataError
from pytest_mmbench.files import file_stamp


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One configuration of a dataset."""

    name: str
    """The dataset, and the configuration if one was asked for."""
    rows: datasets.Dataset
    stamp: str
    """Of the files of the cache that hold it; empty if it lies in none."""


class NoFiles:
    """A dataset of the hub holds its pictures: a path in it leads to its author's machine."""

    def __init__(self, name: str) -> None:
        self.name = name

    def names(self, pattern: str) -> Sequence[str]:  # noqa: ARG002 - none whatever it is
        """None."""
        return ()

    def open(self, *paths: str) -> BinaryIO:
        """Nothing."""
        raise FileNotFoundError(f"{self.name} names {paths[0]}, and does not hold it")

    def identity(self, *paths: str) -> str:  # noqa: ARG002 - nothing is known of any
        """Nothing."""
        return ""


class HubDataset:
    """Rows of one split, of one configuration after the other."""

    def __init__(self, id: str, parts: Sequence[Part]) -> None:
        self.files = NoFiles(id)
        self._parts = tuple(parts)
        self._starts = [0, *accumulate(each.rows.num_rows for each in parts)]
        # Arrow's own view holds encoded pictures as they lie on the disk, also those in lists.
        self._arrow = [each.rows.with_format("arrow") for each in parts]
        self._counts: dict[str, list[int]] = {}

    def location(self, row: int) -> tuple[str, int]:
        """The configuration, and the row in it."""
        at = self._at(row)
        return self._parts[at].name, row - self._starts[at]

    def cell(self, row: int, column: str) -> object:
        """What is stored for a picture; nothing is decoded."""
        at = self._at(row)
        inside = row - self._starts[at]
        return self._arrow[at][inside : inside + 1].column(column)[0].as_py()

    def count(self, row: int, column: str) -> int:
        """How many pictures that is: known for all rows once it was asked for one."""
        if column not in self._counts:
            columns = [each.select_columns([column])[:].column(0) for each in self._arrow]
            self._counts[column] = [count for column in columns for count in counts(column)]
        return self._counts[column][row]

    def identity(self, row: int, column: str, at: int) -> str:
        """Where it lies in the files of the cache, as they were when they were opened."""
        part = self._parts[self._at(row)]
        inside = row - self._starts[self._at(row)]
        return f"{part.stamp}|{inside}|{column!a}|{at}" if part.stamp else ""

    def group(self, row: int) -> int:  # noqa: ARG002 - the cache may be read in any order
        """Any order is as good."""
        return 0

    def _at(self, row: int) -> int:
        return bisect_right(self._starts, row) - 1


def read(id: str, pictures: Sequence[str], *, configs: Sequence[str], split: str) -> Table:
    """The rows of one split of these configurations, in their order.

    A copy with one configuration only, whatever it is called, is read without being told.

    Raises:
        DataError: there is no such dataset, configuration or split, or it cannot be downloaded.
    """
    parts = _parts(id, configs, split)
    source = HubDataset(id, parts)
    fields = [record for part in parts for record in _fields(part.rows, pictures)]
    return Table(
        name=id,
        columns=tuple(parts[0].rows.column_names),
        rows=tuple(Row(number=at, fields=each, source=source) for at, each in enumerate(fields)),
        size=sum(part.rows.data.nbytes for part in parts),
    )


def _fields(rows: datasets.Dataset, pictures: Sequence[str]) -> list[dict[str, object]]:
    kinds = {each.name: each.type for each in rows.data.schema}
    named = [
        name for name in rows.column_names if name not in pictures and not holds_bytes(kinds[name])
    ]
    fields: list[dict[str, object]] = rows.select_columns(named).with_format("arrow")[:].to_pylist()
    return fields


def _parts(id: str, configs: Sequence[str], split: str) -> list[Part]:
    try:
        named = [_part(f"{id}, {config}", _load(id, config, split)) for config in configs]
        return named or [_part(id, _load(id, "", split))]
    except ValueError as error:
        if not configs:
            raise _refused(id, configs, split, error) from error
        return _whole(id, configs, split, error)
    except (datasets.exceptions.DatasetsError, OSError) as error:
        raise _refused(id, configs, split, error) from error


def _whole(id: str, configs: Sequence[str], split: str, first: Exception) -> list[Part]:
    """The only configuration of a dataset that has none of those that were asked for."""
    try:
        return [_part(id, _load(id, "", split))]
    except (datasets.exceptions.DatasetsError, OSError, ValueError):
        raise _refused(id, configs, split, first) from first


def _part(name: str, rows: datasets.Dataset) -> Part:
    stamps = [file_stamp(Path(each["filename"])) for each in rows.cache_files]
    # One number for all: a dataset may have hundreds of files.
    known = hashlib.sha256("\n".join(stamps).encode()).hexdigest()
    return Part(name=name, rows=rows, stamp=known if stamps and all(stamps) else "")


def _load(id: str, config: str, split: str) -> datasets.Dataset:
    return datasets.load_dataset(id, config or None, split=split)


def _refused(id: str, configs: Sequence[str], split: str, error: Exception) -> DataError:
    return DataError(
        f"{id} is no local file or folder, and cannot be loaded from the hub.",
        configuration=", ".join(configs),
        split=split,
        reason=" ".join(str(error).split()),
        what_to_do="check the name and the connection, or download it and name the folder",
    )
