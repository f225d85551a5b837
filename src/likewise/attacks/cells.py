"""Columns of several tables as numbers that are equal where the cells are equal.

Metrics see a text through its length; an attacker reads it, so here a text is a label.
"""

from collections.abc import Sequence

import numpy as np

from likewise.data.schema import Kind
from likewise.data.table import Table
from likewise.metrics.views import Array, codes, is_number, values


def is_ordered(table: Table, name: str) -> bool:
    """Whether the column's cells have an order that means something to an attacker."""
    kind = table.schema[name].kind
    return is_number(kind) and kind is not Kind.TEXT


def cells(tables: Sequence[Table], name: str) -> list[Array]:
    """One column of all tables, (N_i,) float64 each: values or shared codes; NaN is missing."""
    if is_ordered(tables[0], name):
        return [values(table, name) for table in tables]
    return [np.where(code < 0, np.nan, code) for code in codes(tables, name)[0]]


def occurrences(tables: Sequence[Table], names: Sequence[str]) -> Array:
    """In how many rows of all tables each row occurs, told by the named columns; (N,) from 1 on.

    Cost: a sort of all rows for each column.
    """
    alike = np.zeros(sum(table.rows for table in tables), dtype=np.int64)
    for name in names:
        _, place = np.unique(np.concatenate(cells(tables, name)), return_inverse=True)
        _, alike = np.unique(alike * (place.max() + 1) + place, return_inverse=True)
    return np.asarray(np.bincount(alike)[alike])
