"""An immutable table: Arrow columns in one canonical type per kind, and the schema beside them.

| kind | Arrow type inside |
|---|---|
| numeric | float64 |
| integer | int64 |
| boolean | bool |
| date | date32 |
| datetime | timestamp[us], UTC when the schema names a time zone, else naive |
| time | time64[us] |
| duration | duration[us] |
| category, ordinal, text, key, constant | string |

The caller's own types and spellings live in ``Column.format``; ``data.convert`` goes between.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from likewise.data.schema import Kind, Schema

Array = np.ndarray

CANONICAL: dict[Kind, pa.DataType] = {
    Kind.NUMERIC: pa.float64(),
    Kind.INTEGER: pa.int64(),
    Kind.BOOLEAN: pa.bool_(),
    Kind.DATE: pa.date32(),
    Kind.DATETIME: pa.timestamp("us"),
    Kind.TIME: pa.time64("us"),
    Kind.DURATION: pa.duration("us"),
    Kind.CATEGORY: pa.string(),
    Kind.ORDINAL: pa.string(),
    Kind.TEXT: pa.string(),
    Kind.KEY: pa.string(),
    Kind.CONSTANT: pa.string(),
}


@dataclass(frozen=True)
class Table:
    """Rows of one schema; columns are in schema order and of canonical type.

    Attributes:
        arrow: the data, N rows by C columns.
        schema: what the columns are.
    """

    arrow: pa.Table
    schema: Schema

    def __post_init__(self) -> None:
        expected = pa.schema([(c.name, CANONICAL[c.kind]) for c in self.schema.columns])
        if self.arrow.schema.names != expected.names or self.arrow.schema.types != expected.types:
            raise ValueError("a Table needs the schema's columns in canonical types")

    def __repr__(self) -> str:
        """Its size and kinds; no cell, as it may end in a log."""
        kinds = ", ".join(f"{column.name} ({column.kind})" for column in self.schema.columns[:20])
        more = ", …" if len(self.schema.columns) > 20 else ""
        return f"<Table: {self.rows:,} rows; {kinds}{more}>"

    @property
    def rows(self) -> int:
        """Number of rows N."""
        return int(self.arrow.num_rows)

    @property
    def names(self) -> tuple[str, ...]:
        """Column names in order."""
        return self.schema.names

    def missing(self, name: str) -> Array:
        """Where the column is missing; (N,) bool."""
        return np.asarray(self._array(name).is_null().to_numpy(zero_copy_only=False))

    def numbers(self, name: str) -> Array:
        """Values of a numeric, boolean or temporal column; (N,) float64 or int64, 0 if missing.

        Integers stay int64. Dates are days, other temporal kinds microseconds, since 1970 or
        since midnight, as int64. Booleans are 0 and 1.
        """
        array = self._array(name)
        kind = self.schema[name].kind
        if kind is Kind.DATE:
            array = array.cast(pa.int32()).cast(pa.int64())
        elif kind is not Kind.NUMERIC and kind is not Kind.INTEGER:
            array = array.cast(pa.int64())
        return np.asarray(array.fill_null(0).to_numpy(zero_copy_only=False))

    def labels(self, name: str) -> tuple[Array, list[str]]:
        """Codes into sorted distinct labels, -1 where missing; (N,) int32, and the K labels."""
        encoded = self._array(name).cast(pa.string()).dictionary_encode()
        found = encoded.dictionary.to_pylist()
        order = sorted(range(len(found)), key=found.__getitem__)
        rank = np.empty(len(found) + 1, dtype=np.int32)
        rank[order] = np.arange(len(found), dtype=np.int32)
        rank[-1] = -1  # index -1 means missing
        codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
        return rank[codes], [found[i] for i in order]

    def take(self, rows: Array) -> "Table":
        """The rows at the given positions; (M,) int."""
        return Table(self.arrow.take(pa.array(rows)), self.schema)

    def slice(self, start: int, length: int | None = None) -> "Table":
        """Consecutive rows, without copying."""
        return Table(self.arrow.slice(start, length), self.schema)

    def select(self, names: Sequence[str]) -> "Table":
        """Some of the columns, in the given order."""
        return Table(self.arrow.select(list(names)), self.schema.select(tuple(names)))

    def with_schema(self, schema: Schema) -> "Table":
        """The same data under a schema with the same names and kinds."""
        return Table(self.arrow, schema)

    def _array(self, name: str) -> pa.Array:
        self.schema[name]
        column = self.arrow.column(name)
        if column.num_chunks == 1:
            return column.chunk(0)
        return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)


def concat(tables: Sequence[Table]) -> Table:
    """The rows of all tables, which share one schema; at least one table."""
    return Table(pa.concat_tables([table.arrow for table in tables]), tables[0].schema)


def numbers_to_arrow(values: Array, missing: Array, kind: Kind) -> pa.Array:
    """The inverse of ``Table.numbers``: (N,) values and (N,) missing flags to canonical Arrow."""
    if kind is Kind.NUMERIC:
        return pa.array(values.astype(np.float64), mask=missing)
    if kind is Kind.DATE:
        return pa.array(values.astype(np.int32), mask=missing).cast(CANONICAL[kind])
    whole = pa.array(values.astype(np.int64), mask=missing)
    return pc.cast(whole, CANONICAL[kind])


def labels_to_arrow(codes: Array, labels: Sequence[str]) -> pa.Array:
    """The inverse of ``Table.labels``: codes, negative where missing, to strings."""
    indices = pa.array(codes.astype(np.int32), mask=codes < 0)
    dictionary = pa.array(list(labels), type=pa.string())
    return pa.DictionaryArray.from_arrays(indices, dictionary).cast(pa.string())
