"""The smoothed distribution function of one column, in which no single row shows.

Values shared by k rows or more keep their own mass. Between them the curve runs through knots
that are averages of about k neighbouring order statistics, so a knot is nobody's own value, and
at the two ends through the quantiles of a generalised Pareto tail fitted to the outermost rows.

Papers: Hosking and Wallis, "Parameter and quantile estimation for the generalized Pareto
distribution", Technometrics 1987 (probability-weighted moments); Pickands, "Statistical inference
using extreme order statistics", Annals of Statistics 1975.
"""

from dataclasses import dataclass

import numpy as np

Array = np.ndarray

HEAVY = 1_000  # shared values that keep their own mass
KNOTS = 1_500  # further knots, at most
FEW = 4  # an outermost shared value of up to FEW * k rows joins a tail further than FEW units
SURVIVAL = np.array([0.8, 0.62, 0.48, 0.36, 0.27, 0.2, 0.14, 0.1, 0.07])  # knots inside a tail


@dataclass(frozen=True)
class Curve:
    """A distribution function as knots: ``rank[j]`` rows lie at or below ``x[j]``.

    Attributes:
        x: (P,) positions, rising; equal neighbours are a single value with mass of its own.
        rank: (P,) rows below, rising; equal neighbours are a stretch without rows.
        heavy: (H,) values with mass of their own, rising.
        mass: (H,) rows of each heavy value.
        dropped: rows beyond the outermost heavy value, too few to be described.
    """

    x: Array
    rank: Array
    heavy: Array
    mass: Array
    dropped: int

    @property
    def rows(self) -> float:
        """Rows the curve stands for."""
        return float(self.rank[-1]) if len(self.rank) else 0.0

    def below(self, x: Array) -> Array:
        """Rows at or below ``x``."""
        return np.asarray(np.interp(x, self.x, self.rank))

    def start(self, rank: Array) -> Array:
        """The position just above ``rank`` rows."""
        return np.asarray(np.interp(rank, self.rank, self.x))

    def end(self, rank: Array) -> Array:
        """The position just below ``rank`` rows."""
        return np.asarray(-np.interp(-rank, -self.rank[::-1], -self.x[::-1]))


def fit_curve(
    values: Array, counts: Array, *, k: int, cell: float, low: float, high: float
) -> Curve:
    """The curve of a column.

    Args:
        values: (V,) distinct positions, rising.
        counts: (V,) rows of each.
        k: rows that must share a value, or be averaged in a knot.
        cell: width over which the rows of one value are spread: 1 on a grid, else 0.
        low: lowest position that may come out; -inf without a bound.
        high: highest position that may come out.

    Cost: O(N) for N rows, after the sort that made ``values``.
    """
    heavy = _shared(values, counts, k)
    mass, where = counts[heavy], values[heavy]
    rows = _spread(values[~heavy], counts[~heavy], cell)  # (L,) light rows, rising
    place = np.searchsorted(where, rows)  # stretch of each: number of heavy values below
    sizes = np.bincount(place, minlength=len(where) + 1)
    dropped = 0
    for outer in (0, len(where)) if len(where) else ():
        if 0 < sizes[outer] < k:
            dropped += int(sizes[outer])
            rows, place = rows[place != outer], place[place != outer]
            sizes[outer] = 0
    lows = np.concatenate([[low - cell / 2], where + cell / 2])
    highs = np.concatenate([where - cell / 2, [high + cell / 2]])
    light = _stretches(rows, sizes, lows, highs, k)
    before = np.concatenate([[0], np.cumsum(mass)])  # heavy rows below each stretch
    x = np.concatenate([light[0], where - cell / 2, where + cell / 2])
    first = before[:-1] + np.cumsum(sizes)[:-1]
    rank = np.concatenate([light[1] + before[light[2]], first, first + mass])
    stretch = np.arange(len(where))
    key = np.concatenate([2 * light[2], 2 * stretch + 1, 2 * stretch + 1])
    order = np.lexsort((rank, key))
    return Curve(np.maximum.accumulate(x[order]), rank[order].astype(float), where, mass, dropped)


def _shared(values: Array, counts: Array, k: int) -> Array:
    """Which values keep their own mass; not one that leaves too few rows far beyond it."""
    heavy = counts >= k
    if heavy.sum() > HEAVY:
        heavy[np.argsort(-counts, kind="stable")[HEAVY:]] = False
    for side in (slice(None), slice(None, None, -1)):
        mine, rows, at = heavy[side], counts[side], values[side]  # views from either end
        first = int(np.argmax(mine)) if mine.any() else 0
        beyond = int(rows[:first].sum())
        while 0 < beyond < k and rows[first] <= FEW * k and abs(at[0] - at[first]) > FEW:
            mine[first] = False
            beyond += int(rows[first])
            if not mine.any():
                break
            first = int(np.argmax(mine))
            beyond = int(rows[:first].sum())
    return heavy


def _spread(values: Array, counts: Array, cell: float) -> Array:
    """Rows of each value, evenly spread over its cell; (V,) -> (L,)."""
    rows = np.repeat(values.astype(float), counts)
    if cell:
        first = np.repeat(np.cumsum(counts) - counts, counts)
        rows += ((np.arange(len(rows)) - first + 0.5) / np.repeat(counts, counts) - 0.5) * cell
    return rows


def _stretches(
    rows: Array, sizes: Array, lows: Array, highs: Array, k: int
) -> tuple[Array, Array, Array]:
    """Knots of all stretches between heavy values: position, light rows below, stretch."""
    per_knot = max(k, 2, -(-len(rows) // KNOTS))
    parts = np.maximum(sizes // per_knot, 1) * (sizes > 0)  # segments of each stretch
    starts = np.cumsum(sizes) - sizes
    inner = np.maximum(parts - 1, 0)
    stretch = np.repeat(np.arange(len(sizes)), inner)
    step = np.arange(len(stretch)) - np.repeat(np.cumsum(inner) - inner, inner) + 1
    rank = starts[stretch] + np.rint(sizes[stretch] * step / np.maximum(parts, 1)[stretch])
    half = max(1, k // 2)
    window = rank[:, None].astype(int) + np.arange(-half, half)  # (J, 2 half)
    x = rows[window].mean(axis=1) if len(rank) else np.empty(0)
    found = [(x, rank, stretch)]
    for s in np.flatnonzero(sizes):
        part = rows[starts[s] : starts[s] + sizes[s]]
        outer = (s == 0, s == len(sizes) - 1)
        for side in (0, 1):
            at, behind = _end(
                part, k, float(lows[s]), float(highs[s]), upper=side == 1, outer=outer[side]
            )
            place = starts[s] + (sizes[s] - behind if side else behind)
            found.append((at, place, np.full(len(at), s)))
            if len(at) > 1:  # a tail replaces the knots it covers
                x, rank, stretch = found[0]
                edge = place.min() if side else place.max()
                covered = (stretch == s) & ((rank > edge) if side else (rank < edge))
                found[0] = (x[~covered], rank[~covered], stretch[~covered])
    x, rank, stretch = (np.concatenate(column) for column in zip(*found, strict=True))
    return np.clip(x, lows[stretch], highs[stretch]), rank, stretch


def _end(
    rows: Array, k: int, low: float, high: float, *, upper: bool, outer: bool
) -> tuple[Array, Array]:
    """Knots at one end of a stretch: positions, and rows between them and the end."""
    if upper:
        at, behind = _end(-rows[::-1], k, -high, -low, upper=False, outer=outer)
        return -at, behind
    n = len(rows)
    if outer and n >= 4 * k:
        return _tail(rows, k, low)
    if n < k and not outer:
        return np.array([low]), np.zeros(1)
    if n < max(k, 2):
        middle = float(rows.mean())
        return np.array([middle - max(abs(middle) / 2, 1.0)]), np.zeros(1)
    near = min(k, n // 2)
    first, second = float(rows[:near].mean()), float(rows[near : 2 * near].mean())
    return np.array([first - (second - first) / 2]), np.zeros(1)


def _tail(rows: Array, k: int, low: float) -> tuple[Array, Array]:
    """Knots of the lower tail, from its threshold outwards."""
    m = 2 * k
    half = max(1, k // 2)
    threshold = float(rows[m - half : m + half].mean())
    excess = np.maximum(threshold - rows[:m], 0.0)
    wide = min(max(10 * k, len(rows) // 50), len(rows) // 3)
    shape = _shape(np.maximum(rows[wide] - rows[:wide], 0.0)[::-1])
    scale = float(excess.mean()) * (1 - shape)
    survival = np.concatenate([[1.0], SURVIVAL, [1 / m, 1 / (4 * m)]])
    depth = -np.log(survival) if abs(shape) < 1e-6 else (survival**-shape - 1) / shape
    reach = scale * depth
    if threshold - reach[-1] < low:
        reach *= max(threshold - low, 0.0) / reach[-1]
    survival[-1] = 0.0
    return threshold - reach, m * survival


def _shape(excess: Array) -> float:
    """Shape of a generalised Pareto tail by probability-weighted moments, in [-0.5, 0.6]."""
    n = len(excess)
    mean = float(excess.mean())
    weight = 1 - (np.arange(1, n + 1) - 0.35) / n
    moment = float((excess * weight).mean())
    if mean <= 0 or mean - 2 * moment <= 0:
        return 0.0
    return float(np.clip(2 - mean / (mean - 2 * moment), -0.5, 0.6))
