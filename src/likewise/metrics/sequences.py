"""Rows that follow each other: one series, several series, or the events of many entities.

Every function here takes any of them: a table, the column that names the entity or series of a row
if there are several, and the column of time if there is one. Rows are put in the order of time
within their entity; without a time column the order of the table stands.

Shapes: N rows, E entities.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from likewise.core.errors import DataError
from likewise.data.schema import Kind
from likewise.data.table import Table
from likewise.metrics.views import Array, codes, is_number, measured, values

GAP = "time since the row before"
MOST_COLUMNS = 40  # that are looked at; the first ones of wider tables
LEVELS = 20  # labels told apart; rarer ones share one code


@dataclass(frozen=True)
class Sequences:
    """A table's rows in the order of time within each entity.

    Attributes:
        numbers: (N,) float64 of each number, NaN where missing; the time since the row before is
            one of them where there is a time column.
        labels: (N,) int64 codes of each other column; the last code but one stands for rare labels,
            the last one for missing.
        first: (N,) int64, the row with which each row's entity begins.
        lengths: (E,) rows of each entity.
        timed: whether there is a column of time.
        ended: whether an entity column tells where sequences end.
    """

    numbers: dict[str, Array]
    labels: dict[str, Array]
    first: Array
    lengths: Array
    timed: bool
    ended: bool

    @property
    def rows(self) -> int:
        """Number of rows N."""
        return len(self.first)

    def pairs(self, lag: int = 1) -> tuple[Array, Array]:
        """Rows and the rows ``lag`` later of the same entity; (M,) each."""
        later = np.flatnonzero(np.arange(self.rows) - lag >= self.first)
        return later - lag, later


def sequences(
    tables: Sequence[Table], *, entity: str | None = None, time: str | None = None
) -> list[Sequences]:
    """The tables' rows in order, in the same codes.

    Raises:
        DataError: a table has no rows, or a moment is missing; SchemaError: no such column.
    """
    schema = tables[0].schema
    names = [n for n in measured(schema) if n not in (entity, time)]
    numbers = [n for n in names if is_number(schema[n].kind) and schema[n].kind is not Kind.TEXT]
    labels = [n for n in names if n not in numbers and schema[n].kind is not Kind.TEXT]
    ordered = [_ordered(table, entity, time) for table in tables]
    coded = {n: _codes(tables, n) for n in labels[:MOST_COLUMNS]}
    found = []
    for i, (table, (order, first)) in enumerate(zip(tables, ordered, strict=True)):
        held = {n: values(table, n)[order] for n in numbers[:MOST_COLUMNS]}
        if time is not None:
            held[GAP] = _gaps(values(table, time)[order], first)
        found.append(
            Sequences(
                held,
                {n: column[i][order] for n, column in coded.items()},
                first,
                np.unique(first, return_counts=True)[1],
                time is not None,
                entity is not None,
            )
        )
    return found


def _ordered(table: Table, entity: str | None, time: str | None) -> tuple[Array, Array]:
    """The order of rows, and where each one's entity begins in it."""
    if not table.rows:
        raise DataError("sequences", "a table without rows", "Give tables with rows")
    group = np.zeros(table.rows, dtype=np.int64) if entity is None else table.labels(entity)[0]
    if time is None:
        order = np.argsort(group, kind="stable")
    else:
        if table.missing(time).any():
            found = f"missing in {int(table.missing(time).sum()):,} rows"
            raise DataError(f"column {time!r}", found, "Leave out rows without a moment")
        order = np.lexsort((np.arange(table.rows), values(table, time), group))
    sorted_group = group[order]
    starts = np.flatnonzero(np.append(True, sorted_group[1:] != sorted_group[:-1]))
    return order, np.repeat(starts, np.diff(np.append(starts, table.rows)))


def _gaps(moments: Array, first: Array) -> Array:
    """Time since the row before; NaN at the first row of an entity."""
    found = np.append(np.nan, np.diff(moments))
    found[np.arange(len(first)) == first] = np.nan
    return np.asarray(found)


def _codes(tables: Sequence[Table], name: str) -> list[Array]:
    """Codes of a label by falling frequency in the first table; missing is the last code."""
    found, _ = codes(tables, name)
    return [np.where(c < 0, LEVELS + 1, np.minimum(c, LEVELS)) for c in found]
