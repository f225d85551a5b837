"""What is compared within slices: means of numbers and shares of labels, summed over slices.

Shapes: N_i rows of each table, S slices, A quantities, K of them means.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from likewise.data.table import Table
from likewise.metrics.conditions import word
from likewise.metrics.cuts import FEWEST
from likewise.metrics.views import Array, codes, is_number, values

LEVELS = 4  # of a column, the most frequent ones
EXTREME = 0.02  # numbers are cut off at these real quantiles: outliers decide the mean of few rows
COIN = 0.5  # standard deviation of a coin, the unit of shares: half the rows make one unit
PRIOR = 25  # rows' worth of the whole column's variance in that of a slice


@dataclass(frozen=True)
class Quantity:
    """A mean or a share.

    Attributes:
        column: its position among the columns.
        kind: a mean of numbers, the share of a label, or the share of missing values.
        label: the label.
        middle: with ``unit``, what turns means back: value = middle + unit * standardised.
        unit: the real standard deviation of the number.
    """

    column: int
    kind: Literal["mean", "share", "missing"]
    label: str = ""
    middle: float = 0.0
    unit: float = 1.0


@dataclass(frozen=True)
class Sums:
    """Sums over the rows of slices.

    Attributes:
        rows: (S,).
        known: rows with a value, (S, A).
        total: of standardised numbers, or of rows with the label, (S, A).
        square: of their squares, (S, A).
    """

    rows: Array
    known: Array
    total: Array
    square: Array

    @property
    def mean(self) -> Array:
        """Means and shares; (S, A)."""
        return np.asarray(self.total / np.maximum(self.known, 1))


def quantities(
    tables: Sequence[Table], names: Sequence[str]
) -> tuple[tuple[Quantity, ...], list[Array]]:
    """Everything that is compared, and each table's columns of it, means first; (N_i, A + 2 K).

    After the A quantities, where a missing number is 0, come the K numbers' squares and where
    they are known.
    """
    means: list[tuple[Quantity, list[Array]]] = []
    shares: list[tuple[Quantity, list[Array]]] = []
    for i, name in enumerate(names):
        if is_number(tables[0].schema[name].kind):
            means += _mean(tables, name, i)
        else:
            shares += _shares(tables, name, i)
        missing = [table.missing(name) for table in tables]
        if min(missing[0].sum(), (~missing[0]).sum()) >= FEWEST:
            shares.append((Quantity(i, "missing"), missing))
    found = []
    for t, table in enumerate(tables):
        numbers = np.array([parts[t] for _, parts in means]).reshape(len(means), table.rows)
        flags = np.array([parts[t] for _, parts in shares]).reshape(len(shares), table.rows)
        known, filled = ~np.isnan(numbers), np.nan_to_num(numbers)
        stack = np.concatenate([filled, flags.astype(np.float64), filled**2, known])
        found.append(np.ascontiguousarray(stack.T))
    return tuple(q for q, _ in [*means, *shares]), found


def sums_of(code: Array, size: int, columns: Array, means: int) -> Sums:
    """Sums by code, for codes below ``size``; ``columns`` as ``quantities`` made them."""
    from scipy.sparse import csc_matrix  # takes a while to import

    count = len(code)
    by_row = csc_matrix((np.ones(count), code, np.arange(count + 1)), shape=(size + 1, count))
    total = (by_row @ columns)[:size]  # (S, A + 2 K)
    rows = np.bincount(code, minlength=size + 1)[:size].astype(np.float64)
    width = columns.shape[1] - 2 * means
    shares = total[:, means:width]
    square = np.concatenate([total[:, width : width + means], shares], axis=1)
    everyone = np.broadcast_to(rows[:, None], shares.shape)
    known = np.concatenate([total[:, width + means :], everyone], axis=1)
    return Sums(rows, known, total[:, :width], square)


def gaps(sums: tuple[Sums, Sums], asked: Sequence[Quantity]) -> tuple[Array, Array]:
    """Differences in standard deviations, of a coin for shares, and in standard errors; (S, A).

    Of means by a t statistic. Its variance leans on the whole column's, because few rows may
    happen to be alike, and is the larger one of two, pooled or not, because of a skewed column
    either of them is too small at times. Of shares by the signed root of the likelihood ratio,
    which is close to normal for rare labels too.
    """
    one, other = sums
    gap = (other.mean - one.mean) / np.array([1.0 if q.kind == "mean" else COIN for q in asked])
    n, m = np.maximum(one.known, 1), np.maximum(other.known, 1)
    own, theirs = (np.maximum(s.square - s.total**2 / np.maximum(s.known, 1), 0) for s in sums)
    pooled = (own + theirs + PRIOR) / (n + m + PRIOR) * (1 / n + 1 / m)
    apart = (own + PRIOR) / (n + PRIOR) / n + (theirs + PRIOR) / (m + PRIOR) / m
    z = (other.mean - one.mean) / np.sqrt(np.maximum(pooled, apart))
    means = sum(q.kind == "mean" for q in asked)
    z[:, means:] = root_of_ratio(
        one.total[:, means:], n[:, means:], other.total[:, means:], m[:, means:]
    )
    return gap, z


def root_of_ratio(k: Array, n: Array, j: Array, m: Array) -> Array:
    """The signed root of the likelihood ratio of two shares, k of n and j of m; any shape.

    Paper: McCullagh and Nelder, "Generalized linear models", 1989, on deviances.
    """
    both = (k + j) / (n + m)
    deviance = (
        _entropy(k, n * both)
        + _entropy(n - k, n * (1 - both))
        + _entropy(j, m * both)
        + _entropy(m - j, m * (1 - both))
    )
    return np.asarray(np.sign(j / m - k / n) * np.sqrt(np.maximum(2 * deviance, 0)))


def _entropy(seen: Array, expected: Array) -> Array:
    """Seen times log of seen over expected, 0 where nothing was seen."""
    ratio = np.where(seen > 0, seen, 1) / np.where(seen > 0, expected, 1)
    return np.asarray(seen * np.log(ratio))


def _mean(tables: Sequence[Table], name: str, column: int) -> list[tuple[Quantity, list[Array]]]:
    """The mean of a number; none if it does not vary."""
    columns = [values(table, name) for table in tables]
    seen = columns[0][~np.isnan(columns[0])]
    low, high = np.quantile(seen, [EXTREME, 1 - EXTREME]) if len(seen) else (0.0, 0.0)
    peak = max(abs(low), abs(high))
    if not high > low or (high - low) < 1e-12 * peak:
        return []
    cut = [np.clip(part, low, high) / peak for part in columns]  # so that squares stay finite
    known = cut[0][~np.isnan(cut[0])]
    middle, unit = float(known.mean()), float(known.std())
    parts = [(part - middle) / unit for part in cut]
    return [(Quantity(column, "mean", middle=middle * peak, unit=unit * peak), parts)]


def _shares(tables: Sequence[Table], name: str, column: int) -> list[tuple[Quantity, list[Array]]]:
    """The shares of frequent labels; of two labels only the rarer, which tells of both."""
    coded, labels = codes(tables, name)
    counts = np.bincount(coded[0][coded[0] >= 0], minlength=len(labels))
    frequent = [k for k in range(min(len(labels), LEVELS)) if counts[k] >= FEWEST]
    kept = frequent if len(labels) > 2 else frequent[1:]
    return [(Quantity(column, "share", word(labels[k])), [c == k for c in coded]) for k in kept]
