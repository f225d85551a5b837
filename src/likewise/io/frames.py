"""Tables from the caller's own frames, and back to the same kind with the same column types."""

from pathlib import Path
from typing import Any

import narwhals as nw
import pyarrow as pa
import pyarrow.compute as pc

from likewise.core.errors import DataError
from likewise.io.names import distinct_names


def from_frame(obj: Any) -> pa.Table:
    """A raw table from pandas, polars, Arrow, DuckDB, a path, or any frame narwhals knows.

    A pandas index becomes a column only when it has a name. Anything else raises DataError.
    """
    if isinstance(obj, str | Path):
        from likewise.io.read import read_raw

        return read_raw(obj).table
    if isinstance(obj, pa.Table):
        return _renamed(obj)
    if isinstance(obj, pa.RecordBatch):
        return _renamed(pa.Table.from_batches([obj]))
    if isinstance(obj, pa.RecordBatchReader):
        return _renamed(obj.read_all())
    if nw.dependencies.is_pandas_dataframe(obj):
        return _from_pandas(obj)
    try:
        frame = nw.from_native(obj)
        frame = frame.collect() if isinstance(frame, nw.LazyFrame) else frame
        return _renamed(frame.to_arrow())
    except pa.ArrowInvalid:
        hint = "Convert its columns to common types, such as Int64 or text"
        raise DataError("data", "holds a type that Arrow does not know", hint) from None
    except TypeError:
        found = f"a {type(obj).__name__} is no table"
        hint = "Give a path, or a pandas, polars, Arrow or DuckDB table"
        raise DataError("data", found, hint) from None


def to_frame(table: pa.Table, like: Any) -> Any:
    """The table as the kind of frame ``like`` is, with its column types; a path gives Arrow.

    Args:
        table: N rows, of some or all columns of ``like``.
        like: what ``from_frame`` was given.
    """
    if nw.dependencies.is_pandas_dataframe(like):
        return _to_pandas(table, like)
    if nw.dependencies.is_polars_dataframe(like) or nw.dependencies.is_polars_lazyframe(like):
        return _to_polars(table, like)
    if isinstance(like, pa.RecordBatch):
        batches = table.combine_chunks().to_batches()
        return batches[0] if batches else pa.RecordBatch.from_pylist([], schema=table.schema)
    if nw.dependencies.is_duckdb_relation(like):
        import duckdb

        return duckdb.from_arrow(table)
    return table


def _renamed(table: pa.Table) -> pa.Table:
    """The table with names that are all different, and runs written out."""
    names, _ = distinct_names(table.column_names)
    columns = [_written_out(column) for column in table.columns]
    return pa.Table.from_arrays(columns, names=names) if columns else table


def _written_out(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if not pa.types.is_run_end_encoded(column.type):
        return column
    chunks = [pc.run_end_decode(chunk) for chunk in column.chunks]
    return pa.chunked_array(chunks, column.type.value_type)


def _from_pandas(frame: Any) -> pa.Table:
    if any(name is not None for name in frame.index.names):
        frame = frame.reset_index()
    names, _ = distinct_names([str(name) for name in frame.columns])
    arrays = []
    for position, name in enumerate(names):
        cells = _plain(frame.iloc[:, position])
        try:
            name.encode()  # raises for what Arrow would not take as a name either
            arrays.append(pa.Array.from_pandas(cells))
        except UnicodeError:
            hint = "Replace lone surrogates, which no file can hold"
            found = "holds text that is not Unicode, in its name or a cell"
            raise DataError(f"column {name!r}", found, hint) from None
        except (TypeError, ValueError, OverflowError, NotImplementedError):  # Arrow's among them
            found = "holds values of different types, or that no one type can hold"
            hint = "Give the column one type, for example with .astype(str)"
            raise DataError(f"column {name!r}", found, hint) from None
    return pa.Table.from_arrays(arrays, names=names)


def _plain(series: Any) -> Any:
    """A pandas column with intervals, which Arrow does not know, as texts."""
    import pandas as pd

    dtype = series.dtype
    if isinstance(dtype, pd.IntervalDtype):
        return series.astype("string")
    if isinstance(dtype, pd.CategoricalDtype) and isinstance(
        dtype.categories.dtype, pd.IntervalDtype
    ):
        return series.cat.rename_categories(dtype.categories.astype(str))
    return series


def _to_pandas(table: pa.Table, like: Any) -> Any:
    import pandas as pd

    if any(name is not None for name in like.index.names):
        like = like.reset_index()
    names, _ = distinct_names([str(name) for name in like.columns])
    dtypes = dict(zip(names, like.dtypes, strict=True))
    labels = dict(zip(names, like.columns, strict=True))
    series = {}
    for name in table.column_names:
        dtype = dtypes.get(name)
        values = table.column(name).to_pandas()
        series[name] = values if dtype is None else _astype(values, dtype)
    frame = pd.DataFrame(series)
    return frame.set_axis([labels.get(name, name) for name in table.column_names], axis=1)


def _astype(values: Any, dtype: Any) -> Any:
    """Values in the dtype that came in; as Arrow gives them where it cannot hold them.

    So it is with missing cells in a column of plain integers or truth values.
    """
    import pandas as pd

    if isinstance(dtype, pd.CategoricalDtype):
        if dtype.categories.dtype != values.dtype:  # intervals as texts, or no categories any more
            return values.astype("category") if values.dtype == object else values
        known = dtype.categories.union(values.dropna().unique(), sort=False)
        wider = dtype if len(known) == len(dtype.categories) else pd.CategoricalDtype(known)
        return values.astype(wider)
    try:
        return values.astype(dtype)
    except (TypeError, ValueError, NotImplementedError):
        return values


def _to_polars(table: pa.Table, like: Any) -> Any:
    import polars as pl

    frame = pl.from_arrow(table)
    lazy = isinstance(like, pl.LazyFrame)
    schema = like.collect_schema() if lazy else like.schema
    wanted = {n: t for n, t in schema.items() if n in table.column_names}
    plain = {name: kind for name, kind in wanted.items() if not kind.is_nested()}
    frame = frame.with_columns([pl.col(name).cast(kind) for name, kind in plain.items()])
    return frame.lazy() if lazy else frame
