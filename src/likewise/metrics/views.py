"""One column of several tables in the same terms: numbers on one axis, labels in one code.

Metrics see three sorts of columns. Numbers are numeric, integer and temporal columns, and text,
which is seen through its length in characters. Labels are categories, ordinals, booleans and
constants. Keys carry no distribution and are left out of all comparisons.
"""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from likewise.core.errors import SchemaError
from likewise.data.schema import NUMBERS, TEMPORAL, Kind, Schema
from likewise.data.table import CANONICAL, Table

Array = np.ndarray
DISTINCT = 0.5  # texts of which more are distinct name a row


def is_number(kind: Kind) -> bool:
    """Whether a column of this kind is compared as numbers."""
    return kind in NUMBERS or kind in TEMPORAL or kind is Kind.TEXT


def measured(schema: Schema) -> tuple[str, ...]:
    """The columns that are compared: all but keys."""
    return tuple(column.name for column in schema.columns if column.kind is not Kind.KEY)


def identifying(table: Table) -> tuple[str, ...]:
    """The columns that name a row: keys, and texts that are mostly distinct."""
    return tuple(c.name for c in table.schema.columns if _names_rows(table, c.name, c.kind))


def _names_rows(table: Table, name: str, kind: Kind) -> bool:
    if kind is not Kind.TEXT:
        return kind is Kind.KEY
    present = table.rows - int(table.missing(name).sum())
    return len(table.labels(name)[1]) > DISTINCT * max(present, 1)


def values(table: Table, name: str) -> Array:
    """A column of numbers; (N,) float64, NaN where missing or not finite."""
    if table.schema[name].kind is Kind.TEXT:
        lengths = pc.utf8_length(table.arrow.column(name)).cast(pa.float64())
        return np.asarray(lengths.to_numpy(), dtype=np.float64)
    numbers = table.numbers(name).astype(np.float64)
    return np.where(table.missing(name) | ~np.isfinite(numbers), np.nan, numbers)


def standardised(tables: Sequence[Table], name: str, extreme: float) -> list[Array]:
    """A number in real standard deviations from the real mean; (N_i,) each, NaN where missing.

    Values beyond the real quantiles ``extreme`` and 1 - ``extreme`` are cut off there.
    """
    columns = [values(table, name) for table in tables]
    seen = columns[0][~np.isnan(columns[0])]
    low, high = np.quantile(seen, [extreme, 1 - extreme]) if len(seen) else (0.0, 0.0)
    scale = max(abs(low), abs(high)) or 1.0  # so that squares of huge numbers stay finite
    cut = [np.clip(column, low, high) / scale for column in columns]
    known = cut[0][~np.isnan(cut[0])]
    mean, spread = (known.mean(), known.std()) if len(known) else (0.0, 0.0)
    return [(column - mean) / (spread if spread > 1e-12 else 1.0) for column in cut]


def codes(tables: Sequence[Table], name: str) -> tuple[list[Array], list[str]]:
    """A column as codes into labels shared by all tables; (N_i,) int64 each, and K labels.

    The first table's labels come first, most frequent first; -1 is missing. Numbers are taken as
    labels by their text, so this serves any column.
    """
    found = [table.labels(name) for table in tables]
    first, words = found[0]
    counts = np.bincount(first[first >= 0], minlength=len(words))
    labels = [words[i] for i in np.argsort(-counts, kind="stable")]
    place = {label: i for i, label in enumerate(labels)}
    coded = []
    for raw, words in found:
        for word in words:
            place.setdefault(word, len(place))
        lookup = np.array([*(place[word] for word in words), -1], dtype=np.int64)
        coded.append(lookup[raw])
    return coded, list(place)


def aligned(real: Table, other: Table, who: str = "synthetic table") -> Table:
    """``other`` with the columns of ``real``, in its order and under its schema.

    Columns that ``real`` lacks are left out. Kinds may differ where the values are alike (an
    integer column for a numeric one, a text for a category).

    Raises:
        SchemaError: a column is missing, or holds another kind of values.
    """
    arrays, present = [], set(other.names)
    for column in real.schema.columns:
        if column.name not in present:
            hint = "Give two tables with the same columns"
            raise SchemaError(f"{who}, column {column.name!r}", "missing", hint)
        kind, array = other.schema[column.name].kind, other.arrow.column(column.name)
        wanted = CANONICAL[column.kind]
        if array.type != wanted:
            if not ({kind, column.kind} <= NUMBERS or array.null_count == len(array)):
                found = f"is {kind.value}, but {column.kind.value} in the real table"
                hint = "Read both tables with the same schema"
                raise SchemaError(f"{who}, column {column.name!r}", found, hint)
            array = _recast(array, wanted)
        arrays.append(array)
    return Table(pa.table(arrays, names=list(real.names)), real.schema)


def _recast(array: pa.ChunkedArray, wanted: pa.DataType) -> pa.ChunkedArray:
    """Numbers as the other type of number; a column without values as any type."""
    if array.null_count == len(array):
        return pa.chunked_array([pa.nulls(len(array), wanted)])
    if pa.types.is_integer(wanted):
        array = pc.if_else(pc.is_finite(array), pc.round(array), pa.scalar(None, array.type))
    return array.cast(wanted, safe=False)
