"""All slices of a table by conditions on one column or two, and how much they differ.

Shapes: N real rows, M rows of another table, S slices, A quantities compared in each.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from likewise.core.seeds import Seed
from likewise.data.table import Table
from likewise.metrics.conditions import Conditions, conditions
from likewise.metrics.cuts import FEWEST
from likewise.metrics.learners import some_rows
from likewise.metrics.quantities import Quantity, Sums, gaps, quantities, root_of_ratio, sums_of
from likewise.metrics.views import Array, measured

ROWS = 20_000  # of either table
COLUMNS = 40  # of wider tables a sample
PAIRED = 15  # columns whose pairs are looked at: those most wrong on their own
LEAST = 50  # rows of a slice in either table


@dataclass(frozen=True)
class Sliced:
    """Tables as slices see them.

    Attributes:
        names: the columns looked at.
        rows: of each table.
        columns: the conditions on each column.
        asked: what is compared besides the share of rows, means first.
        matrices: columns of it for each table, as ``quantities`` made them.
    """

    names: tuple[str, ...]
    rows: tuple[int, ...]
    columns: tuple[Conditions, ...]
    asked: tuple[Quantity, ...]
    matrices: tuple[Array, ...]


@dataclass(frozen=True)
class Cells:
    """The slices by the same columns.

    Attributes:
        columns: positions of one column or two.
        codes: the condition on each, (S, 1 or 2).
        sums: of the real table and the others.
        gap: by how much each other table differs from the real one, (S, 1 + A): first the share
            of rows, as part of the larger share, then means and shares in standard deviations.
        z: the same in standard errors; 0 where there are too few rows to compare.
    """

    columns: tuple[int, ...]
    codes: Array
    sums: tuple[Sums, ...]
    gap: tuple[Array, ...]
    z: tuple[Array, ...]


def sliced(tables: Sequence[Table], seed: Seed) -> Sliced:
    """The tables, real one first, with their conditions and what is to be compared."""
    names = measured(tables[0].schema)
    if len(names) > COLUMNS:
        picked = seed.stream("slices").choice(len(names), COLUMNS, replace=False)
        names = tuple(names[i] for i in np.sort(picked))
    tables = [some_rows(t, ROWS, seed.stream("rows", i)) for i, t in enumerate(tables)]
    asked, matrices = quantities(tables, names)
    columns = tuple(conditions(tables, name) for name in names)
    return Sliced(names, tuple(t.rows for t in tables), columns, asked, tuple(matrices))


def all_cells(case: Sliced) -> tuple[list[Cells], int]:
    """Slices by each column and by pairs of columns, and how many comparisons all would take.

    Of many columns only the pairs among those are looked at that differ most on their own.
    """
    usable = [i for i, column in enumerate(case.columns) if column.titles]
    single = [_cells(case, (i,)) for i in usable]
    most = {c.columns[0]: -float(np.abs(c.z[0]).max(initial=0)) for c in single}
    paired = sorted(sorted(usable, key=most.__getitem__)[:PAIRED])
    double = [_cells(case, pair) for pair in combinations(paired, 2)]
    compared = [sum(int((cells.z[0] != 0).sum()) for cells in part) for part in (single, double)]
    total = len(usable) * (len(usable) - 1) / 2
    return [*single, *double], compared[0] + round(compared[1] * total / max(len(double), 1))


def _cells(case: Sliced, columns: tuple[int, ...]) -> Cells:
    """The slices by some columns, without those that hardly any real row belongs to."""
    sizes = [len(case.columns[i].titles) for i in columns]
    means = sum(q.kind == "mean" for q in case.asked)
    found = []
    for t, matrix in enumerate(case.matrices):
        code = np.zeros(case.rows[t], dtype=np.int64)
        outside = np.zeros(case.rows[t], dtype=bool)
        for i, size in zip(columns, sizes, strict=True):
            mine = case.columns[i].codes[t]
            code = code * size + np.minimum(mine, size - 1)
            outside |= mine == size
        size = int(np.prod(sizes))
        found.append(sums_of(np.where(outside, size, code), size, matrix, means))
    kept = np.flatnonzero(found[0].rows >= FEWEST)
    sums = tuple(Sums(s.rows[kept], s.known[kept], s.total[kept], s.square[kept]) for s in found)
    inside = np.array([q.column in columns for q in case.asked], dtype=bool)
    compared = [_compared(case, sums[0], sums[t], t, inside) for t in range(1, len(sums))]
    codes = np.stack(np.unravel_index(kept, sizes), axis=1)
    return Cells(columns, codes, sums, tuple(g for g, _ in compared), tuple(z for _, z in compared))


def _compared(case: Sliced, real: Sums, other: Sums, t: int, inside: Array) -> tuple[Array, Array]:
    """``gap`` and ``z`` of one table; what the slices are made of is not compared in them."""
    n, m = case.rows[0], case.rows[t]
    gap, z = gaps((real, other), case.asked)
    enough = (np.minimum(real.known, other.known) >= LEAST) & ~inside
    p, q = real.rows / n, other.rows / m
    many = np.maximum(p, q) * min(n, m) >= LEAST
    rows_gap = (q - p) / np.maximum(p, q)
    rows_z = np.where(many, root_of_ratio(real.rows, np.array(n), other.rows, np.array(m)), 0)
    return (
        np.concatenate([rows_gap[:, None], gap], axis=1),
        np.concatenate([rows_z[:, None], np.where(enough, z, 0)], axis=1),
    )
