"""Numbers as levels: single values that many rows share, and bins of about equal size between.

A column is first put on its grid (learned rounding), then described by a smoothed distribution
function (``curve``), and that function is cut into levels. A code says which level a value is in,
the detail says how far up the level's own rows it lies, so detail is uniform inside every bin.
Nothing of a single row is kept: every level holds k rows or more, and every number stored is a
value shared by k rows, an average of about k neighbours, or a fitted tail.
"""

from dataclasses import dataclass

import numpy as np

from likewise.core.artifact import storable
from likewise.core.checks import agree, shaped, within
from likewise.encode.curve import Curve, fit_curve
from likewise.encode.cut import Cut, cut_levels
from likewise.encode.grid import Grid, learn_grid
from likewise.encode.layout import Block

Array = np.ndarray

LEVELS = 255  # levels of a block, missing included
NUDGE = 1e-6  # units by which bins stay inside their edges, so that rounding never leaves them
BELOW_ONE = np.float32(1 - 2**-24)


@storable
@dataclass(frozen=True)
class Number:
    """Codec of numbers, in one block; floats or int64 as they were.

    Attributes:
        grid: learned rounding.
        missing: whether level 0 stands for a missing value.
        starts: lowest unit of each level that is a value; the first takes all below it too.
        x: (P,) knots in units, rising through all levels.
        u: (P,) level + detail at the knots, rising.
        atoms: (K,) bool.
        exact: (K,) int64, values of atoms too large for float64; else empty.
        centers: (K,) mean of the rows in each level.
        counts: (K,) rows in each level.
        dropped: rows at an end whose values were too rare to describe; they go to the next level.
    """

    grid: Grid
    missing: bool
    starts: Array
    x: Array
    u: Array
    atoms: Array
    exact: Array
    centers: Array
    counts: Array
    dropped: int

    def __post_init__(self) -> None:
        size, first = len(self.atoms), int(self.missing)
        shaped("atoms", self.atoms, np.bool_, size)
        shaped("starts", self.starts, np.float64, size - first)
        shaped("x", self.x, np.float64, None)
        shaped("u", self.u, np.float64, len(self.x))
        shaped("centers", self.centers, np.float64, size)
        shaped("counts", self.counts, np.float64, size)
        within("counts", self.counts, 0, np.inf)
        agree(len(self.x) > 0 or not len(self.starts), "levels without knots")
        agree(not (np.isnan(self.x).any() or np.isnan(self.u).any()), "knots")
        shaped("exact", self.exact, np.int64, size if len(self.exact) else 0)

    @classmethod
    def fit(
        cls,
        values: Array,
        missing: Array,
        *,
        k: int,
        levels: int = LEVELS,
        decimals: int | None = None,
        low: float = -np.inf,
        high: float = np.inf,
    ) -> "Number":
        """Learn a column.

        Args:
            values: (N,) float64 or int64; what stands at missing places is not read.
            missing: (N,) bool.
            k: rows a level must hold, and a stored value must be shared by.
            levels: at most so many levels, missing included.
            decimals: digits after the point if declared.
            low: smallest value that may come out.
            high: largest value that may come out.

        Cost: O(N log N) for the sort.
        """
        first = int(missing.any())
        distinct, counts = np.unique(values[~missing] if first else values, return_counts=True)
        if counts.sum() < k:  # nothing of so few rows but their size
            distinct, counts = _sizes(distinct, counts, low, high)
        grid = learn_grid(distinct, counts, k, decimals)
        if not len(distinct):
            return cls._empty(grid, len(missing))
        units, where = np.unique(grid.units(distinct), return_inverse=True)
        rows = np.bincount(where, weights=counts).astype(np.int64)
        low, high = _bounds(distinct, grid, low, high)
        curve = fit_curve(units, rows, k=k, cell=grid.cell, low=low, high=high)
        cut = cut_levels(curve, units=units, rows=rows, k=k, cell=grid.cell, levels=levels - first)
        x, u = _knots(curve, cut, grid.cell, first)
        size = first + len(cut.low)
        atoms = np.concatenate([np.ones(first, dtype=bool), cut.atom])
        codes = first + _place(cut.starts, units)
        held = np.bincount(codes, weights=rows, minlength=size)
        total = np.bincount(codes, weights=rows * grid.values(units).astype(float), minlength=size)
        centers = total / np.maximum(held, 1)
        held[:first] = missing.sum()
        exact = np.empty(0, dtype=np.int64)
        if grid.wide:
            exact, shared = np.rint(centers).astype(np.int64), counts >= k
            exact[(first + _place(cut.starts, grid.units(distinct)))[shared]] = distinct[shared]
        return cls(grid, bool(first), cut.starts, x, u, atoms, exact, centers, held, curve.dropped)

    @classmethod
    def _empty(cls, grid: Grid, rows: int) -> "Number":
        """A column of which nothing but missing values is known."""
        none, missing = np.empty(0), np.zeros(1)
        whole = np.empty(0, dtype=np.int64)
        atoms = np.ones(1, dtype=bool)
        return cls(grid, True, none, none, none, atoms, whole, missing, missing + rows, 0)

    def block(self, name: str, column: str) -> Block:
        """The block of this column."""
        return Block(name, column, True, self.missing, self.atoms, self.centers, self.counts)

    def encode(
        self, values: Array, missing: Array, rng: np.random.Generator
    ) -> tuple[Array, Array]:
        """Codes and details; (N,), (N,) -> (N,) int32, (N,) float32.

        Values of one cell or atom share a piece of the unit interval; their place in it is drawn.
        """
        if not len(self.starts):
            return np.zeros(len(values), np.int32), np.zeros(len(values), np.float32)
        first = int(self.missing)
        t = self.grid.units(values)
        codes = first + _place(self.starts, t)
        if self.atoms.all():
            detail = np.zeros(len(t), dtype=np.float32)
        else:
            half = self.grid.cell / 2
            below = _rise(t - half, self.x, self.u, half > 0)
            above = np.interp(t + half, self.x, self.u)
            below, above = np.maximum(below, codes), np.minimum(above, codes + 1)
            share = rng.random(len(t)) * (1 - 2 * NUDGE) + NUDGE
            inside = below + share * np.maximum(above - below, 0) - codes
            detail = np.clip(inside, 0, BELOW_ONE).astype(np.float32)
            detail[self.atoms[codes]] = 0
        if first:
            codes[missing], detail[missing] = 0, 0
        return codes.astype(np.int32), detail

    def decode(self, codes: Array, detail: Array) -> tuple[Array, Array]:
        """Values and missing flags; no randomness is left."""
        if not len(self.starts):
            kind = np.int64 if self.grid.whole else np.float64
            return np.zeros(len(codes), kind), np.ones(len(codes), dtype=bool)
        values = self.grid.values(np.interp(codes + detail.astype(np.float64), self.u, self.x))
        if len(self.exact):
            values = np.where(self.atoms[codes], self.exact[codes], values)
        missing = codes == 0 if self.missing else np.zeros(len(codes), dtype=bool)
        return values, missing

    def within(self, low: float, high: float, open_low: bool, open_high: bool) -> Array:
        """Levels that can hold a value of the interval; (K,) bool, missing excluded."""
        first = int(self.missing)
        levels = np.arange(first, len(self.atoms))
        edges = np.nextafter(levels + 1.0, 0)
        lows = self.grid.values(np.interp(levels, self.u, self.x)).astype(float)
        highs = self.grid.values(np.interp(edges, self.u, self.x)).astype(float)
        above = highs > low if open_low else highs >= low
        below = lows < high if open_high else lows <= high
        return np.concatenate([np.zeros(first, dtype=bool), above & below])


def _sizes(distinct: Array, counts: Array, low: float, high: float) -> tuple[Array, Array]:
    """Values rounded towards 0 to a power of ten, within the declared bounds, and their rows."""
    size = np.abs(distinct.astype(np.float64))
    power = 10.0 ** np.floor(np.log10(np.where(size > 0, size, 1.0)))
    rough = np.clip(np.sign(distinct) * np.where(size > 0, power, 0.0), low, high)
    found, where = np.unique(rough.astype(distinct.dtype), return_inverse=True)
    return found, np.bincount(where, weights=counts, minlength=len(found)).astype(np.int64)


def _place(starts: Array, t: Array) -> Array:
    """Position of the level each unit lies in."""
    return np.asarray(np.searchsorted(starts[1:], t, side="right"))


def _rise(t: Array, x: Array, u: Array, plain: bool) -> Array:
    """Level + detail just below ``t``; where a single value has mass, the lower end of it."""
    if plain:
        return np.asarray(np.interp(t, x, u))
    return np.asarray(-np.interp(-t, -x[::-1], -u[::-1]))


def _knots(curve: Curve, cut: Cut, cell: float, first: int) -> tuple[Array, Array]:
    """Knots of the curve, with rank replaced by level + detail."""
    count = len(cut.low)
    level = np.searchsorted(cut.below, curve.rank, side="right") - 1
    level = np.clip(level, 0, count - 1)
    inside = (curve.rank > cut.below[level]) & (curve.rank < cut.above[level])
    inside &= ~cut.atom[level]
    ends = np.arange(count)
    levels = np.concatenate([ends, level[inside], ends])
    ranks = np.concatenate([cut.below, curve.rank[inside], cut.above])
    x = np.concatenate([curve.start(cut.below), curve.x[inside], curve.end(cut.above)])
    order = np.lexsort((x, ranks, levels))
    levels, ranks, x = levels[order], ranks[order], x[order]
    if cell:
        nudge = np.maximum(NUDGE, 2 * np.spacing(np.abs(x)))
        x = np.clip(x, cut.low[levels] + nudge, cut.high[levels] - nudge)
        middle = (cut.low + cut.high)[levels] / 2
        x = np.where(cut.atom[levels], middle, x)
    else:
        starts = np.where(cut.closed, cut.low, np.nextafter(cut.low, np.inf))[levels]
        shut = np.append(~cut.closed[1:], True)  # whether a level holds its own upper end
        stops = np.where(shut, cut.high, np.nextafter(cut.high, -np.inf))[levels]
        x = np.clip(x, starts, np.maximum(stops, starts))
    height = np.maximum(cut.above - cut.below, 1e-12)[levels]
    return x, first + levels + (ranks - cut.below[levels]) / height


def _bounds(distinct: Array, grid: Grid, low: float, high: float) -> tuple[float, float]:
    """Bounds in units: the declared ones, and 0, 1 or 100 where the column respects them."""
    least, most = float(distinct[0]), float(distinct[-1])
    if least >= 0:
        low = max(low, 0.0)
        for top in (1.0, 100.0):
            if 0.9 * top < most <= top:
                high = min(high, top)
    if most <= 0:
        high = min(high, 0.0)
    below, above = grid.position(low), grid.position(high)
    if not grid.step:
        return below, above
    nil = grid.position(0.0)
    if least > 0 and below == nil:
        below += NUDGE  # positive stays positive
    if most < 0 and above == nil:
        above -= NUDGE
    return float(np.ceil(below - NUDGE / 2)), float(np.floor(above + NUDGE / 2))
