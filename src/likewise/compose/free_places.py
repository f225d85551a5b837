"""Rows that repeat a key, put where nobody is: the nearest combination that no row has.

Where a key is a grid, such as stations and hours, nearly every combination is there, and rows drawn
one by one cannot fill it. A row that repeats a key keeps all of it but one learned column, which
goes to the nearest value that is free; columns that follow from this one come along. A row that
would break a rule there is left to be dropped.

Shapes: N rows.
"""

from dataclasses import replace

import numpy as np
import pyarrow as pa

from likewise.compose.codes import codes_of
from likewise.compose.gaps import Absent
from likewise.compose.made import Made
from likewise.compose.part import Part
from likewise.compose.steps import replaced
from likewise.data.database_schema import Key
from likewise.data.table import Table

Array = np.ndarray


def freed(part: Part, made: Made, key: Key, again: Array, refers: set[str]) -> Made:
    """The table with rows that repeat a key moved to where it is free, as far as there is room.

    Args:
        part: what was learned of the table.
        made: its rows.
        key: the columns that must not repeat.
        again: (N,) bool, rows that repeat an earlier one.
        refers: columns that refer to other tables, and so must stay.

    Cost: a pass over all combinations of the key's values, at most 20 million.
    """
    movable = [name for name in key if name in part.roles.learned and name not in refers]
    if not movable or not again.any():
        return made
    codes = {name: codes_of([made.array(name)]) for name in movable}
    moving = max(movable, key=lambda name: int(codes[name].max(initial=0)))
    rest = [name for name in key if name != moving]
    absent = Absent.of([made.array(name) for name in (*rest, moving)])
    if absent is None:
        return made
    rows = np.flatnonzero(again)
    target = nearest_free(absent.codes[rows], absent.free, len(absent.values[-1]))
    rows, target = rows[target >= 0], target[target >= 0]
    if not len(rows):
        return made
    donor = np.full(len(absent.values[-1]), -1)
    first = np.flatnonzero(~again)[::-1]
    donor[absent.codes[first] % len(donor)] = first  # a row that has each value of the column
    found = donor[target % len(donor)]
    rows, found = rows[found >= 0], found[found >= 0]
    follow = [n for n in part.own.names if n == moving or _follows(made, n, codes[moving], ~again)]
    own = _taken(made.own, follow, rows, found)
    broken = part.broken(own.take(rows), part.hard)
    return replace(made, own=_taken(made.own, follow, rows[~broken], found[~broken]))


def _taken(table: Table, names: list[str], rows: Array, source: Array) -> Table:
    """The table with some columns of some rows as they are in others."""
    index = np.arange(table.rows)
    index[rows] = source
    taken = pa.array(index)
    columns = {n: table.arrow.column(n).combine_chunks().take(taken) for n in names}
    return replaced(table, columns)


def nearest_free(codes: Array, free: Array, width: int) -> Array:
    """A free number near each code, of the same multiple of ``width``, none twice; (K,) int64.

    Args:
        codes: (K,) int64.
        free: rising int64.
        width: numbers with the same quotient belong together.

    Returns:
        -1 where a group has more codes than free numbers.
    """
    target = np.full(len(codes), -1, dtype=np.int64)
    order = np.argsort(codes, kind="stable")
    groups, start = np.unique(codes[order] // width, return_index=True)
    ends = np.append(start, len(codes))[1:]
    low, high = np.searchsorted(free, groups * width), np.searchsorted(free, (groups + 1) * width)
    for a, b, first, last in zip(start, ends, low, high, strict=True):
        members = order[a:b][: last - first]
        if not len(members):
            continue
        rank = np.arange(len(members))
        place = np.searchsorted(free[first:last], codes[members])
        place = np.maximum.accumulate(place - rank) + rank
        place = np.minimum(place, last - first - len(members) + rank)
        target[members] = free[first + place]
    return target


def _follows(made: Made, name: str, moving: Array, rows: Array) -> bool:
    """Whether a drawn column is the same wherever the moving one is, and is so more than once."""
    if name in made.columns:
        return False
    mine = codes_of([made.own.arrow.column(name).combine_chunks()])[rows]
    by = moving[rows]
    values = len(np.unique(by))
    return values < len(by) and len(np.unique(np.stack([by, mine]), axis=1).T) == values
