"""Rows as points, column by column, so that an attacker can look at any of the columns.

Squared distances are sums over columns: of squared differences of ranks for numbers (0 to 1 in
the range of the attacker's own rows, a little more beyond it) or of their values, of mismatches
for labels, and of whether a value is missing. Unlike a plain rank, a place is never shared by two
different values, so that distance 0 means equal.

Shapes: M queries, N known rows, D dimensions, K neighbours.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from likewise.data.table import Table
from likewise.metrics.points import BLOCK, DUMMIES, PRECISE, Points
from likewise.metrics.views import Array, codes, is_number, values


@dataclass(frozen=True)
class Space:
    """The rows of one table by column.

    Attributes:
        dense: places of numbers and dummies of labels, (N, d) for each column.
        coded: codes of columns with many labels, (N, 1) for each.
    """

    dense: dict[str, Array]
    coded: dict[str, Array]
    rows: int

    def points(self, names: Sequence[str]) -> Points:
        """All rows, seen through the named columns."""
        dense = [self.dense[name] for name in names if name in self.dense]
        coded = [self.coded[name] for name in names if name in self.coded]
        width = sum(part.shape[1] for part in dense)
        precision = np.float64 if width <= PRECISE else np.float32
        return Points(
            np.concatenate([np.empty((self.rows, 0)), *dense], axis=1, dtype=precision),
            np.concatenate([np.empty((self.rows, 0), dtype=np.int32), *coded], axis=1),
        )


@dataclass(frozen=True)
class Near:
    """What lies around each query.

    Attributes:
        square: squared distances to the K nearest known rows, (M, K) float64, ascending.
        density: log of the mean Gaussian kernel over all known rows, up to a constant; (M,).
    """

    square: Array
    density: Array


def spaces(tables: Sequence[Table], names: Sequence[str], *, by_value: bool = False) -> list[Space]:
    """All tables in one space, whose ranks are those of the first table.

    Ranks bring in who is far above all others; ``by_value`` leaves him there: numbers are then in
    standard deviations of the first table.
    """
    place = _scaled if by_value else _ranked
    made = [Space({}, {}, table.rows) for table in tables]
    for name in names:
        if is_number(tables[0].schema[name].kind):
            parts = _places([values(table, name) for table in tables], place)
            for space, part in zip(made, parts, strict=True):
                space.dense[name] = part
            continue
        found, labels = codes(tables, name)
        for space, code in zip(made, found, strict=True):
            if len(labels) > DUMMIES:
                space.coded[name] = code.astype(np.int32)[:, None]
            else:
                dummies = np.arange(-1, len(labels)) == code[:, None]
                space.dense[name] = (dummies * np.sqrt(0.5)).astype(np.float32)
    return made


def width_of(table: Table, names: Sequence[str]) -> int:
    """About how many dimensions the named columns take."""
    sizes = (len(table.labels(n)[1]) for n in names if not is_number(table.schema[n].kind))
    return len(names) + sum(size for size in sizes if size <= DUMMIES)


def neighbours(queries: Points, known: Points, count: int, bandwidth: float = 1.0) -> Near:
    """The nearest known rows of each query, and how densely known rows lie around it.

    ``bandwidth`` is the squared standard deviation of the kernel. Cost: O(M N D), by blocks.
    """
    count = min(count, len(known.dense))
    half = 0.5 * (known.dense**2).sum(axis=1, keepdims=True)
    turned = np.ascontiguousarray(np.concatenate([known.dense, -half], axis=1).T)
    dense = np.pad(queries.dense, ((0, 0), (0, 1)), constant_values=1)
    position = np.empty((len(dense), count), dtype=np.int64)
    density = np.empty(len(dense))
    own = 0.5 * (queries.dense.astype(np.float64) ** 2).sum(axis=1)
    for start in range(0, len(dense), BLOCK):
        rows = slice(start, start + BLOCK)
        near = dense[rows] @ turned  # -squared distance / 2 + |query|² / 2
        for mine, theirs in zip(queries.coded[rows].T, known.coded.T, strict=True):
            near -= half.dtype.type(0.5) * (mine[:, None] != theirs)
        top = near.max(axis=1, keepdims=True)
        kernel = np.exp((near - top) / near.dtype.type(bandwidth)).mean(axis=1, dtype=np.float64)
        density[rows] = np.log(kernel) + (top[:, 0] - own[rows]) / bandwidth
        each = np.arange(len(near))
        for k in range(count):  # a few passes of argmax are much faster than a partition
            position[rows, k] = near.argmax(axis=1)
            near[each, position[rows, k]] = -np.inf
    # the products above are too coarse to tell a copy from a near one
    square = np.empty(position.shape)
    for k in range(count):
        at = position[:, k]
        apart = (queries.dense - known.dense[at]).astype(np.float64)
        square[:, k] = (apart**2).sum(axis=1) + (queries.coded != known.coded[at]).sum(axis=1)
    return Near(np.sort(square, axis=1), density)


def _places(columns: list[Array], place: Callable[[Array, Array], Array]) -> list[Array]:
    """Where present values lie, and whether a value is missing; (N_i, 1 or 2)."""
    known = columns[0][~np.isnan(columns[0])]
    some_missing = any(np.isnan(column).any() for column in columns)
    parts = []
    for column in columns:
        missing = np.isnan(column)
        at = np.zeros(len(column))
        if len(known):
            at[~missing] = place(known, column[~missing])
        flag = [missing.astype(np.float64)] if some_missing else []
        parts.append(np.stack([at, *flag], axis=1))
    return parts


def _ranked(known: Array, column: Array) -> Array:
    """Interpolated ranks in ``known``, from -½ to ½; up to ½ more beyond its range."""
    distinct, counts = np.unique(known, return_counts=True)
    ranks = (np.cumsum(counts) - counts / 2) / counts.sum() - 0.5
    low, high = distinct[0], distinct[-1]
    unit = (high - low) or max(abs(low), 1.0)
    beyond = (np.clip(low - column, 0, None) + np.clip(column - high, 0, None)) / unit
    side = np.where(column < low, -0.5, 0.5)
    return np.asarray(np.interp(column, distinct, ranks) + side * beyond / (1 + beyond))


def _scaled(known: Array, column: Array) -> Array:
    """Standard deviations of ``known`` from its mean."""
    middle = known.mean()
    return np.asarray((column - middle) / (known.std() or max(abs(middle), 1.0)))
