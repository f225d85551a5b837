"""Keys of several columns that no two drawn rows share.

Rows that repeat a key are drawn again, or given another parent; where a number counts the rows of
an owner, it is moved to the next that is free.

Shapes: N rows.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa

from likewise.compose.codes import codes_of
from likewise.compose.free_places import freed
from likewise.compose.made import Made
from likewise.compose.part import Part
from likewise.compose.steps import replaced
from likewise.data.database_schema import DatabaseSchema, Key
from likewise.data.schema import Kind
from likewise.data.table import numbers_to_arrow

Array = np.ndarray


def repeated(arrays: Sequence[pa.Array]) -> Array:
    """Rows that repeat an earlier one in all columns; a missing part repeats nothing; (N,) bool."""
    whole = np.logical_and.reduce([np.asarray(array.is_valid()) for array in arrays])
    rows = np.flatnonzero(whole)
    codes = codes_of(arrays)[rows]
    _, first = np.unique(codes, return_index=True)
    again = np.zeros(len(whole), dtype=bool)
    again[rows] = True
    again[rows[first]] = False
    return again


def moved_apart(values: Array, group: Array, unit: int) -> Array:
    """Whole numbers that rise strictly within each group, moved up as little as that takes; (N,).

    Args:
        values: (N,) int64.
        group: (N,) int64, a number for all else in the key.
        unit: the least distance of two values of a group.
    """
    order = np.lexsort((values, group))
    sorted_values, sorted_group = values[order], group[order]
    new = np.append(True, sorted_group[1:] != sorted_group[:-1]) if len(order) else np.empty(0)
    start = np.maximum.accumulate(np.where(new, np.arange(len(order)), 0)) if len(order) else order
    place = np.arange(len(order)) - start  # position in the group
    level = sorted_values - unit * place
    # a running maximum of each group: offsets keep groups apart
    spread = int(np.ptp(level)) + 1 if len(level) else 1
    _, dense = np.unique(sorted_group, return_inverse=True)
    lifted = np.maximum.accumulate(level + dense * spread * 2) - dense * spread * 2
    moved = np.empty_like(values)
    moved[order] = lifted + unit * place
    return moved


def counted_on(part: Part, made: Made, key: Key, refers: set[str]) -> Made:
    """The table with a number of its key moved up where the key repeats, if it has one to move.

    Args:
        part: what was learned of the table.
        made: its rows.
        key: the columns that must not repeat.
        refers: columns that refer to other tables, and so must stay.
    """
    free = [
        name
        for name in key
        if name in part.roles.learned
        and name not in refers
        and part.schema[name].kind in (Kind.INTEGER, Kind.DATE)
    ]
    if not free or made.own.missing(free[-1]).any():
        return made
    name, clock = free[-1], part.siblings.clock
    rest = [made.array(n) for n in key if n != name]
    group = codes_of(rest) if rest else np.zeros(made.rows, dtype=np.int64)
    unit = clock.unit if clock is not None and clock.column.name == name else 1
    values = moved_apart(made.own.numbers(name), group, unit)
    array = numbers_to_arrow(values, np.zeros(made.rows, dtype=bool), part.schema[name].kind)
    return replace(made, own=replaced(made.own, {name: array}))


def distinct_rows(schema: DatabaseSchema, part: Part, made: Made) -> Made:
    """Rows that repeat no key: moved up, or to where there is room; those with no room go."""
    relations = schema.by_child[part.roles.table]
    late = {c for ref in part.chosen if ref.relation in part.roles.late for c in ref.columns}
    refers = {c for r in relations for c in r.columns}
    again = np.zeros(made.rows, dtype=bool)
    for key in schema[part.roles.table].keys:
        if set(key) & (late | set(part.roles.keys)):
            continue
        if repeated([made.array(name) for name in key]).any():
            made = counted_on(part, made, key, refers)
            made = freed(part, made, key, repeated([made.array(n) for n in key]), refers)
        again |= repeated([made.array(name) for name in key])
    return made.take(np.flatnonzero(~again)) if again.any() else made
