"""Conditions on columns that an attacker makes up from synthetic rows.

Shapes: N rows, C columns, Q conditions of W tests each.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from likewise.attacks.cells import cells, is_ordered
from likewise.data.table import Table
from likewise.metrics.views import Array

WIDTH = 3  # columns of a condition on several
BATCH, BATCHES = 10_000, 20  # conditions proposed at a time, and how often at most
SOME = (256, 2_048, 16_384)  # rows on which most conditions prove to be met by several
BLOCK = 100_000  # comparisons at a time, few enough to stay in the cache


@dataclass(frozen=True)
class Cells:
    """Rows by column.

    Attributes:
        values: values or codes, (C, N) float64; NaN is missing.
        ordered: whose values have an order, (C,) bool.
    """

    values: Array
    ordered: Array

    def first(self, count: int) -> "Cells":
        """The first rows."""
        return Cells(self.values[:, :count], self.ordered)


@dataclass(frozen=True)
class Conditions:
    """Tests of columns; a row meets a condition when it passes all tests of it.

    Attributes:
        column: which column is tested, (Q, W) int64.
        sign: 1 for at least, -1 for at most, 0 for equal to the value, (Q, W) int64.
        value: (Q, W) float64; equal to NaN means missing.
    """

    column: Array
    sign: Array
    value: Array

    def __len__(self) -> int:
        return len(self.column)

    def take(self, which: Array) -> "Conditions":
        """Some of them."""
        return Conditions(self.column[which], self.sign[which], self.value[which])

    def met(self, rows: Cells) -> list[Array]:
        """The rows that meet each condition, as positions; Q arrays."""
        found: list[Array] = []
        step = max(BLOCK // max(rows.values.shape[1], 1), 1)
        for start in range(0, len(self), step):
            passed = self.take(np.arange(start, min(start + step, len(self))))._passed(rows)
            found += [np.flatnonzero(row) for row in passed]
        return found

    def counts(self, rows: Cells) -> Array:
        """How many rows meet each condition; (Q,) int64."""
        step = max(BLOCK // max(rows.values.shape[1], 1), 1)
        parts = [
            np.count_nonzero(self.take(np.arange(i, min(i + step, len(self))))._passed(rows), 1)
            for i in range(0, len(self), step)
        ]
        return np.concatenate([np.zeros(0, dtype=np.int64), *parts])

    def _passed(self, rows: Cells) -> Array:
        """Which row meets which condition; (Q, N) bool."""
        passed = np.ones((len(self), rows.values.shape[1]), dtype=bool)
        for test in range(self.column.shape[1]):
            column, sign, value = (a[:, test] for a in (self.column, self.sign, self.value))
            for kind in (-1, 0, 1):
                of_kind = np.flatnonzero(sign == kind)
                cell, wanted = rows.values[column[of_kind]], value[of_kind, None]
                if kind:
                    passed[of_kind] &= kind * cell >= kind * wanted
                else:
                    passed[of_kind] &= (cell == wanted) | (np.isnan(cell) & np.isnan(wanted))
        return passed


def by_cell(tables: Sequence[Table], names: Sequence[str]) -> list[Cells]:
    """The named columns of all tables in shared codes."""
    ordered = np.array([is_ordered(tables[0], name) for name in names])
    columns = [cells(tables, name) for name in names]
    return [Cells(np.stack([c[i] for c in columns]), ordered) for i in range(len(tables))]


def on_one_column(rows: Cells, count: int, rng: np.random.Generator) -> Conditions:
    """Conditions on one column that exactly one row meets; at most ``count``, at random.

    A value that occurs once, the smallest and the largest value, the only missing one.
    """
    found: list[tuple[int, int, float]] = []
    for i, column in enumerate(rows.values):
        present = column[~np.isnan(column)]
        if len(column) - len(present) == 1:
            found.append((i, 0, np.nan))
        values, counts = np.unique(present, return_counts=True)
        found += [(i, 0, float(value)) for value in values[counts == 1]]
        if rows.ordered[i] and len(values):
            ends = ((0, -1), (-1, 1))
            found += [(i, sign, float(values[e])) for e, sign in ends if counts[e] == 1]
    picked = [found[i] for i in rng.permutation(len(found))[:count]]
    column, sign, value = np.array(picked, dtype=np.float64).reshape(-1, 3, 1).swapaxes(0, 1)
    return Conditions(column.astype(np.int64), sign.astype(np.int64), value)


def on_several_columns(rows: Cells, count: int, rng: np.random.Generator) -> Conditions:
    """Conditions on three columns that exactly one row meets; at most ``count``.

    Of a random row three cells at random: labels must be equal, numbers at least as far from the
    median on their side of it. 200,000 are tried at most.
    """
    found: list[Conditions] = []
    while sum(map(len, found)) < count and len(found) < BATCHES:
        left = proposed(rows, BATCH, WIDTH, rng)
        for some in SOME:  # it takes few rows to see that most are met by several
            left = left.take(left.counts(rows.first(some)) <= 1)
        found.append(left.take(left.counts(rows) == 1))
    parts = ([getattr(part, name) for part in found] for name in ("column", "sign", "value"))
    return Conditions(*(np.concatenate(part)[:count] for part in parts))


def proposed(rows: Cells, count: int, width: int, rng: np.random.Generator) -> Conditions:
    """Conditions on ``width`` cells of random rows, whatever number of rows meets them."""
    width = min(width, len(rows.values))
    medians = np.array([_median(column) for column in rows.values])
    row = rng.integers(rows.values.shape[1], size=count)
    column = np.argsort(rng.random((count, len(rows.values))), axis=1)[:, :width]
    value = rows.values[column, row[:, None]]
    side = np.where(value >= medians[column], 1, -1)
    return Conditions(column, np.where(rows.ordered[column] & ~np.isnan(value), side, 0), value)


def mixed(rows: Cells, rng: np.random.Generator) -> Cells:
    """The same columns, each in an order of its own: what is known without knowing any row."""
    return Cells(rng.permuted(rows.values, axis=1), rows.ordered)


def _median(column: Array) -> float:
    present = column[~np.isnan(column)]
    return float(np.median(present)) if len(present) else 0.0
