"""Conditions on columns that an attacker makes up from synthetic rows.

Shapes: N rows, C columns, Q conditions.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from likewise.attacks.cells import cells, is_ordered
from likewise.data.table import Table
from likewise.metrics.views import Array

WIDTH = 3  # columns of a condition on several
TRIES = 10  # conditions proposed for each one wanted


@dataclass(frozen=True)
class Cells:
    """Rows by column.

    Attributes:
        columns: C arrays (N,) float64 of values or codes; NaN is missing.
        ordered: whose values have an order, (C,) bool.
    """

    columns: tuple[Array, ...]
    ordered: Array

    @property
    def rows(self) -> int:
        """N."""
        return len(self.columns[0])


@dataclass(frozen=True)
class Condition:
    """One or more tests that a row must all pass.

    Attributes:
        tests: (column, sign, value); "=" of NaN asks for a missing value.
    """

    tests: tuple[tuple[int, str, float], ...]

    def holds(self, rows: Cells) -> Array:
        """Which rows pass; (N,) bool."""
        passed = np.ones(rows.rows, dtype=bool)
        for column, sign, value in self.tests:
            cell = rows.columns[column]
            if np.isnan(value):
                passed &= np.isnan(cell)
            elif sign == "=":
                passed &= cell == value
            else:
                passed &= (cell >= value) if sign == "≥" else (cell <= value)
        return passed


def by_cell(tables: Sequence[Table], names: Sequence[str]) -> list[Cells]:
    """The named columns of all tables in shared codes."""
    ordered = np.array([is_ordered(tables[0], name) for name in names])
    columns = [cells(tables, name) for name in names]
    return [Cells(tuple(c[i] for c in columns), ordered) for i in range(len(tables))]


def on_one_column(rows: Cells, count: int, rng: np.random.Generator) -> list[Condition]:
    """Conditions on one column that exactly one row passes; at most ``count``, at random.

    A value that occurs once, the smallest and the largest value, the only missing one.
    """
    found = []
    for i, column in enumerate(rows.columns):
        present = column[~np.isnan(column)]
        if len(column) - len(present) == 1:
            found.append(Condition(((i, "=", np.nan),)))
        values, counts = np.unique(present, return_counts=True)
        found += [Condition(((i, "=", float(v)),)) for v in values[counts == 1]]
        if rows.ordered[i] and len(values):
            ends = ((0, "≤"), (-1, "≥"))
            found += [Condition(((i, s, float(values[e])),)) for e, s in ends if counts[e] == 1]
    return [found[i] for i in rng.permutation(len(found))[:count]]


def on_several_columns(rows: Cells, count: int, rng: np.random.Generator) -> list[Condition]:
    """Conditions on three columns that exactly one row passes; at most ``count``.

    Of a random row three cells at random: labels must be equal, numbers at least as far from the
    median.
    """
    found = []
    for condition in proposed(rows, count * TRIES, WIDTH, rng):
        if np.count_nonzero(condition.holds(rows)) == 1:
            found.append(condition)
        if len(found) == count:
            break
    return found


def proposed(rows: Cells, count: int, width: int, rng: np.random.Generator) -> Iterator[Condition]:
    """Conditions on ``width`` cells of random rows, whatever number of rows passes them."""
    medians = [_median(column) for column in rows.columns]
    width = min(width, len(rows.columns))
    for _ in range(count):
        row = int(rng.integers(rows.rows))
        tests = []
        for i in map(int, rng.permutation(len(rows.columns))[:width]):
            value = float(rows.columns[i][row])
            sign = ("≥" if value >= medians[i] else "≤") if rows.ordered[i] else "="
            tests.append((i, sign, value))
        yield Condition(tuple(tests))


def mixed(rows: Cells, rng: np.random.Generator) -> Cells:
    """The same columns, each in an order of its own: what is known without knowing any row."""
    return Cells(tuple(rng.permutation(column) for column in rows.columns), rows.ordered)


def _median(column: Array) -> float:
    present = column[~np.isnan(column)]
    return float(np.median(present)) if len(present) else 0.0
