"""Parquet files, one or the shards of a split: fields at once, pictures by row group."""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import reduce
from itertools import accumulate
from pathlib import Path
from typing import Final, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pytest_mmbench.benchmarks.readers.folders import DataFolder
from pytest_mmbench.benchmarks.readers.pictures import picture_count
from pytest_mmbench.benchmarks.readers.regular_files import MAX_FILE_BYTES, MEGABYTE, check_size
from pytest_mmbench.benchmarks.readers.rows import Row, row_error
from pytest_mmbench.benchmarks.readers.tables import Table
from pytest_mmbench.errors import DataError, MMBenchError, shorten
from pytest_mmbench.files import file_stamp
from pytest_mmbench.records import BadRows

MAX_GROUP_BYTES: Final = 4096 * MEGABYTE
"""Of the pictures of one row group, unpacked: they are read together."""
BATCH_ROWS: Final = 128
"""Read at once; no more than that many rows are unpacked before they are counted."""
MAX_REASON: Final = 300
"""Characters of pyarrow's words that an error repeats."""
CACHE_BYTES: Final = 256 * MEGABYTE
"""Bytes of picture columns that stay in memory, so that neighbours are read once."""


class RowPosition(NamedTuple):
    """Numbers of a row's file, of the row group in it, and of the row in the group."""

    file: int
    group: int
    offset: int


class ParquetFiles:
    """Rows of one or several files with the same columns: a `RowSource`."""

    def __init__(
        self,
        paths: Sequence[Path],
        *,
        folder: Path,
        cache_bytes: int = CACHE_BYTES,
        allowed: Sequence[Path] = (),
    ) -> None:
        self.files = DataFolder(folder, allowed=allowed)
        self._paths = tuple(paths)
        self._cache_bytes = cache_bytes
        self._groups: OrderedDict[tuple[int, int, str], pa.ChunkedArray] = OrderedDict()
        self._counts: dict[str, list[int]] = {}
        self.columns: tuple[str, ...] = ()
        """Of the first file, picture columns among them; known once the fields are read."""
        self._file_bytes = 0
        self._stamps = [file_stamp(path) for path in paths]
        self._footers: list[pq.FileMetaData] = []
        self._file_starts: list[int] = []
        self._group_starts: list[list[int]] = []
        """For each file, the number in it of the first row of each row group."""

    def fields(self, pictures: Sequence[str]) -> Iterator[dict[str, object] | None]:
        """The fields of every row; pictures are left out, and so are all other bytes.

        None for a row whose fields have no value.
        """
        first_row = 0
        for path in self._paths:
            with _errors_as_data_error(path), pq.ParquetFile(path) as file:
                names = tuple(file.schema_arrow.names)
                if twice := [name for name in names if names.count(name) > 1]:
                    raise ValueError(f"it has two columns {shorten(twice[0])!r}")
                self.columns = self.columns or names
                footer = file.metadata
                sizes = [footer.row_group(at).num_rows for at in range(footer.num_row_groups)]
                self._file_starts.append(first_row)
                self._footers.append(footer)
                self._group_starts.append([0, *accumulate(sizes)][: len(sizes)])
                self._file_bytes += path.stat().st_size
                first_row += footer.num_rows
                columns = [
                    column.name
                    for column in file.schema_arrow
                    if column.name not in pictures and not holds_bytes(column.type)
                ]
                if columns:
                    groups = range(len(sizes))
                    rows = _plain_rows(_read_columns(file, groups, columns, most=MAX_FILE_BYTES))
                else:
                    rows = [{} for _ in range(footer.num_rows)]
            yield from rows

    def location(self, row: int) -> tuple[str, int]:
        """The file that holds a row, and the row's number in it."""
        file = bisect_right(self._file_starts, row) - 1
        path = self._paths[file].relative_to(self.files.path)
        return path.as_posix(), row - self._file_starts[file]

    def cell(self, row: int, column: str) -> object:
        """The value of a picture column; its row group is read, and kept for a while."""
        position = self._position(row)
        key = (position.file, position.group, column)
        if key not in self._groups:
            with self._open(position.file, column) as file:
                group = _read_columns(file, [position.group], [column], most=MAX_GROUP_BYTES)
                self._groups[key] = group.column(0)
            while (
                len(self._groups) > 1
                and sum(group.nbytes for group in self._groups.values()) > self._cache_bytes
            ):
                self._groups.popitem(last=False)
        self._groups.move_to_end(key)
        return self._groups[key][position.offset].as_py()

    def count(self, row: int, column: str) -> int:
        """How many pictures a cell holds; the first call counts those of all rows."""
        if column not in self._counts:
            counts: list[int] = []
            for number in range(len(self._paths)):
                with self._open(number, column) as file:
                    for group in range(file.metadata.num_row_groups):
                        counts += _counts_in_group(file, group, column)
            if len(counts) != sum(footer.num_rows for footer in self._footers):
                raise ValueError(f"{column} has another number of rows than the other columns")
            self._counts[column] = counts
        return self._counts[column][row]

    def identity(self, row: int, column: str, at: int) -> str:
        """Where the picture lies in its file, and the file's stamp before it was read."""
        file = self._position(row).file
        stamp = self._stamps[file]
        return f"{stamp}|{row - self._file_starts[file]}|{column!a}|{at}" if stamp else ""

    def group(self, row: int) -> int:
        """The number of the first row of its row group, counted from 1; 0 if all stay in memory."""
        all_fit_in_memory = self._file_bytes <= self._cache_bytes
        return 0 if all_fit_in_memory else row - self._position(row).offset + 1

    def _position(self, row: int) -> RowPosition:
        file = bisect_right(self._file_starts, row) - 1
        row_in_file = row - self._file_starts[file]
        group = bisect_right(self._group_starts[file], row_in_file) - 1
        return RowPosition(file, group, row_in_file - self._group_starts[file][group])

    @contextmanager
    def _open(self, number: int, column: str) -> Iterator[pq.ParquetFile]:
        path, footer = self._paths[number], self._footers[number]
        with _errors_as_data_error(path), pq.ParquetFile(path, metadata=footer) as file:
            if column not in file.schema_arrow.names:
                raise DataError(f"{path.name} has no column {column!r}.", file=str(path))
            yield file


@contextmanager
def _errors_as_data_error(path: Path) -> Iterator[None]:
    try:
        yield
    except MMBenchError:
        raise
    except Exception as error:
        # A file with one wrong bit makes pyarrow raise almost anything, a MemoryError too.
        raise DataError(
            f"{path.name} cannot be read as parquet.",
            file=str(path),
            reason=shorten(str(error), most=MAX_REASON) or type(error).__name__,
            what_to_do="copy or download it again: it may be cut short",
        ) from error


def _read_columns(
    file: pq.ParquetFile, groups: Sequence[int], columns: Sequence[str], *, most: int
) -> pa.Table:
    """Columns of row groups, if they have at most `most` bytes unpacked.

    The footer says how many, and need not say the truth; nor does it count what a dictionary
    repeats. So rows are read a few at a time, and counted as they come.
    """
    promised = [_unpacked_size(file.metadata.row_group(group), columns) for group in groups]
    check_size(sum(promised), most)
    batches: list[pa.RecordBatch] = []
    size = 0
    for batch in file.iter_batches(BATCH_ROWS, row_groups=list(groups), columns=list(columns)):
        size += batch.nbytes
        check_size(size, most)
        batches.append(batch)
    expected = sum(file.metadata.row_group(group).num_rows for group in groups)
    rows = sum(batch.num_rows for batch in batches)
    if rows != expected:
        raise ValueError(f"it holds {rows} rows where its footer says {expected}")
    known = pa.schema([field for field in file.schema_arrow if field.name in columns])
    return pa.Table.from_batches(batches, batches[0].schema if batches else known)


def _unpacked_size(group: pq.RowGroupMetaData, columns: Sequence[str]) -> int:
    chunks = map(group.column, range(group.num_columns))
    return sum(
        int(chunk.total_uncompressed_size)
        for chunk in chunks
        if chunk.path_in_schema.partition(".")[0] in columns
    )


def _plain_rows(table: pa.Table) -> list[dict[str, object] | None]:
    """The rows in plain Python; None for one that has no value there, such as text of wrong bytes.

    All rows are made at once, which is quick, and one by one where one of them cannot be.
    """
    try:
        return list(table.to_pylist())
    except (ValueError, OverflowError, pa.ArrowException):
        rows: list[dict[str, object] | None] = []
        for number in range(table.num_rows):
            try:
                rows += table.slice(number, 1).to_pylist()
            except (ValueError, OverflowError, pa.ArrowException):
                rows.append(None)
        return rows


def _counts_in_group(file: pq.ParquetFile, group: int, column: str) -> list[int]:
    """How many pictures each row of a group has, taken from the smallest leaf of the column.

    Either leaf of a picture, `bytes` or `path`, says which rows are null and how long lists are, so
    that the bytes need not be read; unless the footer says that some are missing without a picture.
    """
    footer = file.metadata.row_group(group)
    chunks = [footer.column(at) for at in range(footer.num_columns)]
    leaves = {
        chunk.path_in_schema: chunk
        for chunk in chunks
        if chunk.path_in_schema.partition(".")[0] == column
    }
    smallest = min(leaves, key=lambda path: leaves[path].total_compressed_size)
    leaf = file.read_row_group(group, columns=[smallest]).column(0)
    if smallest == column or not pa.types.is_struct(leaf.type):
        return picture_counts(leaf)
    counts = _zeros_and_ones(leaf.is_valid())
    statistics = leaves[f"{column}.bytes"].statistics if f"{column}.bytes" in leaves else None
    if statistics and statistics.null_count == counts.count(0):
        return counts
    return picture_counts(file.read_row_group(group, columns=[column]).column(0))


def picture_counts(column: pa.ChunkedArray) -> list[int]:
    """How many pictures each row has: the length of a list, else 1, or 0 for nulls and no bytes."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return picture_counts(column.cast(kind.value_type))
    if _is_list(kind):
        lengths: list[int] = pc.fill_null(pc.list_value_length(column), 0).to_pylist()
        return lengths
    if pa.types.is_struct(kind):
        fields = [pc.is_valid(pc.struct_field(column, at)) for at in range(kind.num_fields)]
        return _zeros_and_ones(reduce(pc.or_, fields))
    if _is_binary(kind):
        return _zeros_and_ones(pc.fill_null(pc.greater(pc.binary_length(column), 0), False))
    return [picture_count(cell.as_py()) for cell in column]


def _zeros_and_ones(column: pa.ChunkedArray) -> list[int]:
    return [int(value) for value in column.to_pylist()]


def holds_bytes(kind: pa.DataType) -> bool:
    """Whether values of a column are bytes or hold any: they are read when they are needed."""
    if pa.types.is_struct(kind):
        return any(holds_bytes(kind.field(at).type) for at in range(kind.num_fields))
    if _is_list(kind) or pa.types.is_dictionary(kind):
        return holds_bytes(kind.value_type)
    return _is_binary(kind)


def _is_list(kind: pa.DataType) -> bool:
    types = pa.types
    return bool(types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind))


def _is_binary(kind: pa.DataType) -> bool:
    types = pa.types
    return bool(
        types.is_binary(kind) or types.is_large_binary(kind) or types.is_fixed_size_binary(kind)
    )


def read_parquet(
    paths: Sequence[Path],
    pictures: Sequence[str],
    *,
    folder: Path,
    bad_rows: BadRows = BadRows.ERROR,
    allowed: Sequence[Path] = (),
) -> Table:
    """The rows of parquet files, in the order of the files.

    A row is bad if one of its fields has no value, such as text that is not UTF-8.
    """
    source = ParquetFiles(paths, folder=folder, allowed=allowed)
    rows: list[Row] = []
    errors: list[DataError] = []
    for number, fields in enumerate(source.fields(pictures)):
        if fields is not None:
            row = Row(number=number, fields=fields, source=source, columns=source.columns)
            rows.append(row)
            continue
        file, row_in_file = source.location(number)
        problem = f"row {row_in_file} of {file} holds what cannot be read."
        error = row_error(file, row_in_file, "row", problem)
        if bad_rows is BadRows.ERROR:
            raise error
        errors.append(error)
    return Table(
        name=paths[0].name if len(paths) == 1 else folder.name,
        columns=source.columns,
        rows=tuple(rows),
        size=sum(path.stat().st_size for path in paths),
        bad_rows=bad_rows,
        bad_row_errors=tuple(errors),
    )
