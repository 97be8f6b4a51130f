"""Columns of Arrow: which hold bytes, and how many pictures each row has."""

from __future__ import annotations

from functools import reduce

import pyarrow as pa
import pyarrow.compute as pc

from pytest_mmbench.benchmarks.readers.pictures import count


def holds_bytes(kind: pa.DataType) -> bool:
    """Whether values of a column are bytes, or hold any: it is not read before it is asked for."""
    if pa.types.is_struct(kind):
        return any(holds_bytes(kind.field(at).type) for at in range(kind.num_fields))
    if _lists(kind) or pa.types.is_dictionary(kind):
        return holds_bytes(kind.value_type)
    return _bytes(kind)


def _lists(kind: pa.DataType) -> bool:
    types = pa.types
    return bool(types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind))


def _bytes(kind: pa.DataType) -> bool:
    types = pa.types
    return bool(
        types.is_binary(kind) or types.is_large_binary(kind) or types.is_fixed_size_binary(kind)
    )


def counts(column: pa.ChunkedArray) -> list[int]:
    """How many pictures each row has: the length of a list, or whether there is anything.

    Structs of nothing but nulls, empty bytes and empty texts are nothing.
    """
    kind = column.type
    if pa.types.is_dictionary(kind):
        return counts(column.cast(kind.value_type))
    if _lists(kind):
        lengths: list[int] = pc.fill_null(pc.list_value_length(column), 0).to_pylist()
        return lengths
    if pa.types.is_struct(kind):
        fields = [pc.is_valid(pc.struct_field(column, at)) for at in range(kind.num_fields)]
        return whole(reduce(pc.or_, fields))
    if _bytes(kind):
        return whole(pc.fill_null(pc.greater(pc.binary_length(column), 0), False))
    return [count(each.as_py()) for each in column]


def whole(there: pa.ChunkedArray) -> list[int]:
    """1 for true, 0 for false."""
    return [int(each) for each in there.to_pylist()]
