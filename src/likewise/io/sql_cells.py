"""Cells in another Arrow type, and rows in an order in which none comes before its parent."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

Array = np.ndarray


def fit(cells: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    """Cells, chunked or not, in another type; numbers that become decimal are rounded.

    Raises:
        pa.ArrowInvalid, pa.ArrowNotImplementedError: some cell does not fit.
    """
    source, t = cells.type, pa.types
    if t.is_dictionary(source):
        cells, source = cells.cast(source.value_type), source.value_type
    if source == kind:
        return cells
    if t.is_null(source):
        return pa.nulls(len(cells), kind)
    if t.is_decimal(kind):
        return _decimal(cells, kind)
    if t.is_string(source):
        return _read(cells, kind)
    if t.is_duration(source) and (t.is_integer(kind) or t.is_string(kind)):
        return cells.cast(pa.duration("us")).cast(pa.int64()).cast(kind)
    if t.is_boolean(source) and not t.is_string(kind):
        return cells.cast(pa.int8()).cast(kind)
    if t.is_temporal(source) and t.is_string(kind):
        return pc.replace_substring_regex(cells.cast(kind), r"\.0+(Z?)$", r"\1")
    return cells.cast(kind)


def _decimal(cells: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    """Numbers, or texts of them, with as many digits as there is room for."""
    source = cells.type
    if pa.types.is_floating(source):
        rounded = pc.round(cells, kind.scale)
        return pc.if_else(pc.is_finite(rounded), rounded, None).cast(kind)
    if pa.types.is_decimal(source) and source.scale > kind.scale:
        return pc.round(cells, kind.scale).cast(kind)
    if pa.types.is_integer(source) and kind.scale < 19:
        return cells.cast(pa.decimal128(38, kind.scale)).cast(kind)
    return cells.cast(kind)


def _read(texts: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    """Texts as csv files of ours spell cells."""
    if pa.types.is_duration(kind):
        return texts.cast(pa.int64()).cast(kind)
    if pa.types.is_time(kind):
        moments = pc.binary_join_element_wise("1970-01-01", texts, " ")
        return moments.cast(pa.timestamp("us")).cast(kind)
    if pa.types.is_timestamp(kind) and kind.tz is None:
        zoned = pc.match_substring_regex(texts, r":.*(Z|[+-]\d\d(:?\d\d)?)$")
        if pc.any(zoned, min_count=0).as_py():
            return texts.cast(pa.timestamp("us", "UTC")).cast(pa.timestamp("us")).cast(kind)
    return texts.cast(kind)


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
