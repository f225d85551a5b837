"""Rows of mixed columns as points, and the distances between them.

Shapes: N known rows, M queries, D dense dimensions, E columns compared by code.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from likewise.data.table import Table
from likewise.metrics.views import Array, codes, is_number, values

DUMMIES = 48  # labels of a column told apart by dummies; of more, by comparing codes
PRECISE = 24  # dimensions up to which distances are computed in float64
FARTHEST = 4.0  # interquartile ranges outside the range
BLOCK = 128  # queries at a time, few enough that their distances stay in the cache


@dataclass(frozen=True)
class Points:
    """Rows placed in a space where squared distances are sums over columns.

    Attributes:
        dense: ranks of numbers and dummies of labels, (N, D); float64 where D is small, because
            rows are then so near to each other that float32 confuses a copy with a neighbour.
        coded: codes of columns with many labels, (N, E) int32, compared as they are.
    """

    dense: Array
    coded: Array


def embedded(tables: Sequence[Table], *, beyond: bool = False) -> list[Points]:
    """All tables in one space, whose ranks are those of the first.

    Ranks end where the first table does; with ``beyond`` they go on, so that what lies far
    outside is far away, by half an interquartile range's rank for each, four at the most.
    """
    dense: list[list[Array]] = [[] for _ in tables]
    coded: list[list[Array]] = [[] for _ in tables]
    for column in tables[0].schema.columns:
        if is_number(column.kind):
            for i, part in enumerate(_ranks([values(t, column.name) for t in tables], beyond)):
                dense[i].append(part)
            continue
        found, labels = codes(tables, column.name)
        for i, code in enumerate(found):
            if len(labels) > DUMMIES:
                coded[i].append(code.astype(np.int32)[:, None])
            else:
                dummies = np.arange(-1, len(labels)) == code[:, None]
                dense[i].append(dummies * np.sqrt(0.5))
    width = sum(part.shape[1] for part in dense[0])
    precision = np.float64 if width <= PRECISE else np.float32
    return [
        Points(
            np.concatenate([np.empty((t.rows, 0)), *d], axis=1).astype(precision),
            np.concatenate([np.empty((t.rows, 0), dtype=np.int32), *c], axis=1),
        )
        for t, d, c in zip(tables, dense, coded, strict=True)
    ]


def distances(queries: Points, known: Points) -> Array:
    """Squared distances; (M, N) in the precision of the points, rounding cut off at zero."""
    mine, theirs = queries.dense, known.dense
    square = (mine**2).sum(axis=1)[:, None] + (theirs**2).sum(axis=1) - 2 * (mine @ theirs.T)
    for one, other in zip(queries.coded.T, known.coded.T, strict=True):
        square += one[:, None] != other
    return np.asarray(np.maximum(square, 0))


def _ranks(columns: list[Array], beyond: bool) -> list[Array]:
    """Middle ranks in the first column, less ½, and whether a value is missing; (N_i, 1 or 2)."""
    ordered = np.sort(columns[0][~np.isnan(columns[0])])
    some_missing = any(np.isnan(column).any() for column in columns)
    parts = []
    for column in columns:
        missing = np.isnan(column)
        rank = np.zeros(len(column))
        if len(ordered):
            low, high = (np.searchsorted(ordered, column, side) for side in ("left", "right"))
            rank = (low + high) / (2 * len(ordered)) - 0.5
            rank += _outside(column, ordered) if beyond else 0
        rank[missing] = 0
        flag = [missing.astype(np.float64)] if some_missing else []
        parts.append(np.stack([rank, *flag], axis=1))
    return parts


def _outside(column: Array, ordered: Array) -> Array:
    """How far values lie outside a range, half a point an interquartile range; (N,), NaN kept."""
    low, middle, high = ordered[0], np.quantile(ordered, [0.25, 0.75]), ordered[-1]
    spread = float(middle[1] - middle[0]) or float(ordered.std()) or 1.0
    outside = (column - np.clip(column, low, high)) / spread
    return np.asarray(np.clip(outside, -FARTHEST, FARTHEST) / 2)


def nearest(queries: Points, known: Points) -> tuple[Array, Array]:
    """Squared distance to, and position of, the nearest known row; (M,) float64 and (M,) int64.

    Cost: O(M N D), by blocks of 128 queries.
    """
    # the largest q·k - |k|²/2 belongs to the smallest distance |q - k|²
    half = 0.5 * (known.dense**2).sum(axis=1, keepdims=True)
    turned = np.ascontiguousarray(np.concatenate([known.dense, -half], axis=1).T)
    dense = np.pad(queries.dense, ((0, 0), (0, 1)), constant_values=1)
    position = np.empty(len(dense), dtype=np.int64)
    for start in range(0, len(position), BLOCK):
        rows = slice(start, start + BLOCK)
        near = dense[rows] @ turned
        for mine, theirs in zip(queries.coded[rows].T, known.coded.T, strict=True):
            near -= half.dtype.type(0.5) * (mine[:, None] != theirs)
        position[rows] = near.argmax(axis=1)
    apart = (queries.dense - known.dense[position]).astype(np.float64)
    square = (apart**2).sum(axis=1) + (queries.coded != known.coded[position]).sum(axis=1)
    return square, position
