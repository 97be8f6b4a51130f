"""Parquet files, one or the shards of a split: fields at once, pictures by row group."""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from typing import Final, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from pytest_mmbench.benchmarks.readers.arrow import counts, holds_bytes, whole
from pytest_mmbench.benchmarks.readers.folders import Folder
from pytest_mmbench.benchmarks.readers.rows import Row
from pytest_mmbench.benchmarks.readers.tables import Table
from pytest_mmbench.errors import DataError
from pytest_mmbench.files import file_stamp

KEPT: Final = 256 * 1024 * 1024
"""Bytes of pictures' columns that stay in memory, so that neighbours are read once."""


class RowPosition(NamedTuple):
    """Where a row lies."""

    file: int
    group: int
    """Number of the row group in the file."""
    offset: int
    """Rows before it in the group."""


class ParquetFiles:
    """Rows of one or several files of the same columns.

    Args:
        paths: in the order of their rows.
        folder: where relative paths of pictures start.
        kept: bytes of pictures' columns that stay in memory; one row group always does.
    """

    def __init__(self, paths: Sequence[Path], *, folder: Path, kept: int = KEPT) -> None:
        self.files = Folder(folder)
        self._paths = tuple(paths)
        self._kept = kept
        self._groups: OrderedDict[tuple[int, int, str], pa.ChunkedArray] = OrderedDict()
        self._counts: dict[str, list[int]] = {}
        self._stamps = [file_stamp(path) for path in paths]
        self._footers: list[pq.FileMetaData] = []
        self._starts: list[int] = []
        """Number of the first row of each file."""
        self._group_starts: list[list[int]] = []
        """For each file, the number in it of the first row of each row group."""

    def fields(self, pictures: Sequence[str]) -> Iterator[dict[str, object]]:
        """The fields of every row; pictures are left out, and so are all other bytes."""
        first = 0
        for path in self._paths:
            with _errors_as_data_error(path), pq.ParquetFile(path) as file:
                self._starts.append(first)
                self._footers.append(file.metadata)
                self._group_starts.append(_group_starts(file.metadata))
                first += file.metadata.num_rows
                columns = [
                    each.name
                    for each in file.schema_arrow
                    if each.name not in pictures and not holds_bytes(each.type)
                ]
                table = file.read(columns=columns)
                rows = table.to_pylist() if columns else [{} for _ in range(table.num_rows)]
            yield from rows

    def columns(self) -> tuple[str, ...]:
        """Those of the first file, pictures among them."""
        with _errors_as_data_error(self._paths[0]):
            return tuple(pq.read_schema(self._paths[0]).names)

    def location(self, row: int) -> tuple[str, int]:
        """The file that holds a row, and the row's number there."""
        at = bisect_right(self._starts, row) - 1
        return self._paths[at].relative_to(self.files.path).as_posix(), row - self._starts[at]

    def cell(self, row: int, column: str) -> object:
        """What is stored for a picture."""
        spot = self._spot(row)
        return self._group(spot.file, spot.group, column)[spot.offset].as_py()

    def count(self, row: int, column: str) -> int:
        """How many pictures that is: known for all rows once it was asked for one."""
        if column not in self._counts:
            self._counts[column] = list(self._all_counts(column))
        return self._counts[column][row]

    def identity(self, row: int, column: str, at: int) -> str:
        """Where it lies in its file, as that was before it was read."""
        file = self._spot(row).file
        known = self._stamps[file]
        return f"{known}|{row - self._starts[file]}|{column!a}|{at}" if known else ""

    def group(self, row: int) -> int:
        """The number of the first row of its row group, counted from 1; 0 if all stay in memory."""
        return 0 if self._stays else row - self._spot(row).offset + 1

    @cached_property
    def _stays(self) -> bool:
        return sum(path.stat().st_size for path in self._paths) <= self._kept

    def _spot(self, row: int) -> RowPosition:
        file = bisect_right(self._starts, row) - 1
        inside = row - self._starts[file]
        group = bisect_right(self._group_starts[file], inside) - 1
        return RowPosition(file, group, inside - self._group_starts[file][group])

    def _all_counts(self, column: str) -> Iterator[int]:
        for path, footer in zip(self._paths, self._footers, strict=True):
            with _errors_as_data_error(path), pq.ParquetFile(path, metadata=footer) as opened:
                _require(path, opened, column)
                for group in range(footer.num_row_groups):
                    yield from _counts(opened, group, column)

    def _group(self, file: int, group: int, column: str) -> pa.ChunkedArray:
        key = (file, group, column)
        if key not in self._groups:
            self._groups[key] = self._read(file, group, column)
            while len(self._groups) > 1 and self._held() > self._kept:
                self._groups.popitem(last=False)
        self._groups.move_to_end(key)
        return self._groups[key]

    def _held(self) -> int:
        return sum(each.nbytes for each in self._groups.values())

    def _read(self, file: int, group: int, column: str) -> pa.ChunkedArray:
        path = self._paths[file]
        with (
            _errors_as_data_error(path),
            pq.ParquetFile(path, metadata=self._footers[file]) as opened,
        ):
            _require(path, opened, column)
            return opened.read_row_group(group, columns=[column]).column(0)


def _group_starts(metadata: pq.FileMetaData) -> list[int]:
    sizes = [metadata.row_group(at).num_rows for at in range(metadata.num_row_groups)]
    return [0, *accumulate(sizes)][: len(sizes)]


def _require(path: Path, opened: pq.ParquetFile, column: str) -> None:
    if column not in opened.schema_arrow.names:
        raise DataError(f"{path.name} has no column {column!r}.", file=str(path))


def _counts(opened: pq.ParquetFile, group: int, column: str) -> list[int]:
    """How many pictures each row of a group has, taken from the smallest leaf of the column.

    A picture is stored as two leaves, `bytes` and `path`. Either says which rows are null and how
    long lists are, so that the bytes need not be read; unless the footer says that some of them
    are missing where the picture is not.
    """
    leaves = _leaves(opened.metadata.row_group(group), column)
    smallest = min(leaves, key=lambda path: leaves[path].total_compressed_size)
    part = opened.read_row_group(group, columns=[smallest]).column(0)
    if smallest == column or not pa.types.is_struct(part.type):
        return counts(part)
    found = whole(part.is_valid())
    statistics = leaves[f"{column}.bytes"].statistics if f"{column}.bytes" in leaves else None
    if statistics and statistics.null_count == found.count(0):
        return found
    return counts(opened.read_row_group(group, columns=[column]).column(0))


def _leaves(group: pq.RowGroupMetaData, column: str) -> dict[str, pq.ColumnChunkMetaData]:
    """What is stored of a column, by path: `image.bytes` and `image.path`."""
    chunks = [group.column(at) for at in range(group.num_columns)]
    return {
        chunk.path_in_schema: chunk
        for chunk in chunks
        if chunk.path_in_schema.partition(".")[0] == column
    }


@contextmanager
def _errors_as_data_error(path: Path) -> Iterator[None]:
    try:
        yield
    except (pa.ArrowException, OSError) as error:
        raise DataError(
            f"{path.name} cannot be read as parquet.",
            file=str(path),
            reason=" ".join(str(error).split()),
            what_to_do="copy or download it again: it may be cut short",
        ) from error


def read(paths: Sequence[Path], pictures: Sequence[str], *, folder: Path) -> Table:
    """The rows of parquet files.

    Raises:
        DataError: a file is damaged.
    """
    source = ParquetFiles(paths, folder=folder)
    fields = list(source.fields(pictures))
    return Table(
        name=paths[0].name if len(paths) == 1 else folder.name,
        columns=source.columns(),
        rows=tuple(Row(number=at, fields=each, source=source) for at, each in enumerate(fields)),
        size=sum(path.stat().st_size for path in paths),
    )
