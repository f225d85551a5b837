"""Cutting a smoothed distribution function into levels, in value order."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from likewise.encode.curve import Curve

Array = np.ndarray

ATOM_SHARE = 0.001  # of the rows that a value must have to be a level of its own among many
ATOM_PEAK = 2.0  # and how many times the rows of its neighbours
NEIGHBOURS = 5  # shared values on either side that are looked at


@dataclass(frozen=True)
class Cut:
    """K levels as intervals of a curve.

    Attributes:
        low: (K,) lower ends, in units.
        high: (K,) upper ends.
        below: (K,) rows below the level.
        above: (K,) rows below its upper end.
        atom: (K,) bool, a single value.
        closed: (K,) bool, whether the lower end belongs to the level (matters off a grid).
        starts: (K,) where each level takes over from the one before.
    """

    low: Array
    high: Array
    below: Array
    above: Array
    atom: Array
    closed: Array
    starts: Array


def cut_levels(curve: Curve, *, units: Array, rows: Array, k: int, cell: float, levels: int) -> Cut:
    """At most ``levels`` levels of k rows or more: atoms, and bins of about equal size between.

    Args:
        curve: the smoothed column.
        units: (V,) its distinct positions.
        rows: (V,) rows of each.
        k: rows a level must hold; only a column of fewer rows has smaller ones.
        cell: 1 on a grid, else 0.
        levels: at most so many.

    Cost: O(levels^2) at worst.
    """
    atoms = _atoms(curve, levels, len(units))
    at, mass = curve.heavy[atoms], curve.mass[atoms].astype(float)
    half = cell / 2
    below = _below(curve, at, cell)
    top = max(float(curve.x[-1]), float(units[-1])) + half
    bottom = min(float(curve.x[0]), float(units[0])) - half
    gaps_low = np.concatenate([[bottom], at + half])  # gaps between atoms
    gaps_high = np.concatenate([at - half, [top]])
    gap_below = np.concatenate([[0.0], below + mass])
    gap_above = np.concatenate([below, [curve.rows]])
    edges, ranks = _edges(curve, gap_below, gap_above, budget=levels - len(at), k=k, cell=cell)
    bins = _bins(gaps_low, gaps_high, gap_below, gap_above, edges=edges, ranks=ranks)
    low = np.concatenate([at - half, bins[0]])
    high = np.concatenate([at + half, bins[1]])
    start = np.concatenate([below, bins[2]])
    stop = np.concatenate([below + mass, bins[3]])
    atom = np.arange(len(low)) < len(at)
    order = np.lexsort((stop, start))
    atom = atom[order]
    whole = _cut(low[order], high[order], start[order], stop[order], atom=atom, closed=atom)
    return _merged(whole, units, rows, k)


def _atoms(curve: Curve, levels: int, distinct: int) -> Array:
    """Which heavy values become levels of their own; (H,) bool."""
    count = len(curve.heavy)
    light = curve.rows - curve.mass.sum()
    if count + min(count + 1, light) <= levels and distinct <= 2 * levels:
        return np.ones(count, dtype=bool)
    if not count:
        return np.zeros(0, dtype=bool)
    mode: Any = "reflect" if count > NEIGHBOURS else "edge"
    pad = np.pad(curve.mass.astype(float), NEIGHBOURS, mode=mode)
    windows = np.lib.stride_tricks.sliding_window_view(pad, 2 * NEIGHBOURS + 1)
    around = np.median(windows, axis=1)
    peak = (curve.mass >= ATOM_SHARE * curve.rows) & (curve.mass >= ATOM_PEAK * around)
    peak |= curve.mass >= 2 * curve.rows / levels
    keep = np.argsort(-(curve.mass * peak), kind="stable")[: levels // 2]
    chosen = np.zeros(count, dtype=bool)
    chosen[keep] = True
    return np.asarray(chosen & peak)


def _below(curve: Curve, at: Array, cell: float) -> Array:
    """Rows below each atom."""
    if cell:
        return np.asarray(np.rint(curve.below(at - cell / 2)))
    return np.asarray(-np.interp(-at, -curve.x[::-1], -curve.rank[::-1]))


def _edges(
    curve: Curve, low: Array, high: Array, *, budget: int, k: int, cell: float
) -> tuple[Array, Array]:
    """Inner edges of the bins of all gaps, and the rows below them."""
    mass = high - low
    spare = max(budget - int((mass > 0).sum()), 0)
    share = mass / max(float(mass.sum()), 1.0)
    parts = 1 + np.minimum(np.floor(share * spare), np.floor(mass / max(2 * k, 1)))
    parts = parts.astype(int)
    inner = parts - 1
    gap = np.repeat(np.arange(len(mass)), inner)
    step = np.arange(len(gap)) - np.repeat(np.cumsum(inner) - inner, inner) + 1
    edges = curve.start(low[gap] + mass[gap] * step / parts[gap])
    if cell:
        edges = np.floor(edges) + 0.5
    edges = np.unique(edges)
    return edges, curve.below(edges)


def _bins(
    low: Array, high: Array, below: Array, above: Array, *, edges: Array, ranks: Array
) -> tuple[Array, Array, Array, Array]:
    """Bins of all gaps: lower and upper end, rows below either."""
    gap = np.searchsorted(below, ranks, side="right") - 1
    inside = (ranks > below[gap]) & (ranks < above[gap])
    inside &= (edges > low[gap]) & (edges < high[gap])
    edges, ranks, gap = edges[inside], ranks[inside], gap[inside]
    used = np.flatnonzero(above > below)
    group = np.concatenate([used, gap])
    lows, belows = np.concatenate([low[used], edges]), np.concatenate([below[used], ranks])
    highs, aboves = np.concatenate([edges, high[used]]), np.concatenate([ranks, above[used]])
    first = np.lexsort((belows, group))
    second = np.lexsort((aboves, np.concatenate([gap, used])))
    return lows[first], highs[second], belows[first], aboves[second]


def _merged(cut: Cut, units: Array, rows: Array, k: int) -> Cut:
    """Levels joined with the lighter neighbour until each holds k rows, in data and curve."""
    place = np.searchsorted(cut.starts[1:], units, side="right")
    held = np.bincount(place, weights=rows, minlength=len(cut.low))
    mass = list(np.minimum(held, np.rint(cut.above - cut.below)))
    first, last, alone = list(range(len(mass))), list(range(len(mass))), list(cut.atom)
    while len(mass) > 1 and min(mass) < k:
        small = mass.index(min(mass))
        left = small > 0 and (small == len(mass) - 1 or mass[small - 1] <= mass[small + 1])
        i = small - 1 if left else small
        mass[i : i + 2] = [mass[i] + mass[i + 1]]
        first[i : i + 2], last[i : i + 2] = [first[i]], [last[i + 1]]
        alone[i : i + 2] = [False]
    atom = np.array(alone, dtype=bool)
    return _cut(
        cut.low[first],
        cut.high[last],
        cut.below[first],
        cut.above[last],
        atom=atom,
        closed=cut.closed[first],
    )


def _cut(low: Array, high: Array, below: Array, above: Array, *, atom: Array, closed: Array) -> Cut:
    """A cut whose levels meet: half-way between neighbours that leave space between them."""
    starts = np.where(closed, low, np.nextafter(low, np.inf))
    apart = np.flatnonzero(high[:-1] < low[1:])
    middle = (high[apart] + low[apart + 1]) / 2
    starts[apart + 1] = np.where(middle > high[apart], middle, low[apart + 1])
    return Cut(low, high, below, above, atom, closed, starts)
