"""Cells in another Arrow type, and rows in an order in which none comes before its parent."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

Array = np.ndarray


def fit(cells: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    """Cells, an array or a chunked one, in another type; numbers that become decimal are rounded."""
    source = cells.type
    if pa.types.is_dictionary(source):
        cells, source = cells.cast(source.value_type), source.value_type
    if source == kind:
        return cells
    if pa.types.is_null(source):
        return pa.nulls(len(cells), kind)
    if pa.types.is_decimal(kind) and pa.types.is_floating(source):
        rounded = pc.round(cells, kind.scale)
        return pc.if_else(pc.is_finite(rounded), rounded, None).cast(kind)
    if pa.types.is_decimal(kind) and pa.types.is_decimal(source) and source.scale > kind.scale:
        return pc.round(cells, kind.scale).cast(kind)
    if pa.types.is_decimal(kind) and pa.types.is_integer(source):
        return cells.cast(pa.decimal128(38, kind.scale) if kind.scale < 19 else kind).cast(kind)
    if pa.types.is_integer(kind) and pa.types.is_duration(source):
        return cells.cast(pa.duration("us")).cast(pa.int64()).cast(kind)
    if pa.types.is_duration(kind) and pa.types.is_string(source):
        return cells.cast(pa.int64()).cast(kind)
    if pa.types.is_string(kind) and pa.types.is_duration(source):
        return cells.cast(pa.duration("us")).cast(pa.int64()).cast(kind)
    if pa.types.is_time(kind) and pa.types.is_string(source):
        moments = pc.binary_join_element_wise("1970-01-01", cells, " ")
        return moments.cast(pa.timestamp("us")).cast(kind)
    if pa.types.is_boolean(source) and not pa.types.is_string(kind):
        return cells.cast(pa.int8()).cast(kind)
    if pa.types.is_temporal(source) and pa.types.is_string(kind):
        return pc.replace_substring_regex(cells.cast(kind), r"\.0+(Z?)$", r"\1")
    return cells.cast(kind)


def waves(table: pa.Table, key: tuple[str, ...], refers: tuple[str, ...]) -> list[pa.Table] | None:
    """The rows in groups, each of which refers to rows of earlier groups only; None in a circle.

    Args:
        table: N rows.
        key: columns that tell rows apart.
        refers: columns that hold the key of another row, or are missing.

    Cost: O(N) Python objects for the keys, and a pass over the rows for each group.
    """
    keys = list(zip(*(table.column(name).to_pylist() for name in key), strict=True))
    place = {row: i for i, row in enumerate(keys)}
    parents = zip(*(table.column(name).to_pylist() for name in refers), strict=True)
    parent = np.array([place.get(row, -1) for row in parents], np.int64)  # (N,)
    depth = np.where(parent < 0, 0, -1)  # (N,), -1 where it is not known yet
    groups = [table.take(pa.array(np.flatnonzero(depth == 0)))]
    while (depth < 0).any():
        ready = (depth < 0) & (depth[parent] == len(groups) - 1)
        if not ready.any():
            return None
        depth[ready] = len(groups)
        groups.append(table.take(pa.array(np.flatnonzero(ready))))
    return groups
