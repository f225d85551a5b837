"""What the table of a population or of a log looks like: labels, references, hidden columns."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from likewise.core.artifact import storable
from likewise.data.database_schema import ForeignKey, TableSchema
from likewise.data.schema import Column, Format, Kind, Schema
from likewise.data.table import CANONICAL, Table

Array = np.ndarray


@storable
@dataclass(frozen=True)
class Form:
    """How columns of numbers become a table.

    Attributes:
        key: the name of the id column in the table.
        labels: words for the codes 0, 1, … of a column; a negative code is a missing cell.
        refers: columns that hold ids of a population: column to name of the population.
        hidden: columns that stay out of the table.
    """

    key: str = "id"
    labels: dict[str, tuple[str, ...]] = field(default_factory=dict)
    refers: dict[str, str] = field(default_factory=dict)
    hidden: tuple[str, ...] = ()

    def arrow(self, columns: Mapping[str, Array]) -> pa.Table:
        """The columns as an Arrow table; one of several numbers a row becomes as many columns."""
        made: dict[str, pa.Array] = {}
        for name, values in columns.items():
            if name in self.hidden:
                continue
            if values.ndim > 1:
                parts = values.reshape(len(values), -1).T
                made |= {f"{name}_{i}": pa.array(part) for i, part in enumerate(parts)}
                continue
            called = self.key if name == "id" else name
            made[called] = self._cells(name, np.ascontiguousarray(values))
        return pa.table(made)

    def _cells(self, name: str, values: Array) -> pa.Array:
        if name in self.labels:
            words = pa.array(self.labels[name], pa.string())
            codes = pa.array(values.astype(np.int32), mask=values < 0)
            return pa.DictionaryArray.from_arrays(codes, words)
        if name in self.refers:
            return pa.array(values, mask=values < 0)
        return pa.array(values, from_pandas=True)  # NaN is a missing cell


def table_of(arrow: pa.Table, form: Form) -> Table:
    """An Arrow table of ``Form.arrow`` with its schema, in canonical types."""
    columns, arrays = [], []
    for name in arrow.column_names:
        column = arrow.column(name).combine_chunks()
        kind = _kind(name, column.type, form)
        levels = form.labels.get(name)
        shape = Format(arrow="string" if kind is Kind.CATEGORY else str(column.type))
        gaps = name in form.labels or name in form.refers or kind is Kind.NUMERIC
        columns.append(Column(name=name, kind=kind, nullable=gaps, format=shape, levels=levels))
        arrays.append(column.cast(CANONICAL[kind]))
    schema = Schema(columns=tuple(columns))
    fields = pa.schema([(c.name, CANONICAL[c.kind]) for c in columns])
    return Table(pa.Table.from_arrays(arrays, schema=fields), schema)


def schema_of(name: str, table: Table, form: Form, keys: Mapping[str, str]) -> TableSchema:
    """The table's schema with its key and references; ``keys`` are those of the populations."""
    refers = tuple(
        ForeignKey(columns=(column,), table=other, to=(keys[other],))
        for column, other in form.refers.items()
        if other in keys and column in table.names
    )
    key = (form.key,) if form.key in table.names else ()
    return TableSchema(name=name, primary_key=key, foreign_keys=refers, schema=table.schema)


def _kind(name: str, arrow: pa.DataType, form: Form) -> Kind:
    if name in form.labels:
        return Kind.CATEGORY
    if pa.types.is_boolean(arrow):
        return Kind.BOOLEAN
    return Kind.INTEGER if pa.types.is_integer(arrow) else Kind.NUMERIC
