"""Which base each number of a series is told from: whatever leaves the smallest residuals.

What is simpler is preferred, and the choice is made from the data alone. Shapes: T rows, C numbers.

Paper: Dickey and Fuller, "Distribution of the estimators for autoregressive time series with a unit
root", JASA, 1979.
"""

import math
import warnings

import numpy as np

from likewise.data.cells import shared_by
from likewise.series.bases import LAST, LEVEL, SAME, SLOPE, Base, Before, history

Array = np.ndarray

OWN, FOREIGN, BESIDE = 0.7, 0.75, 0.6  # of the simpler residuals' size, to be chosen;
# a column that is never below, or never above, another of its row may be 1 / BESIDE times as large
STRAIGHT, MOSTLY = 0.01, 0.5  # of a step's size, and share of rows that differ by less from it
NEARLY, NEARLY_ALL = 0.01, 0.98  # of a lattice's step, and of the slopes that lie so near it
UNEVEN = 0.2  # rank correlation of a residual's size with the level from which ratios are tried
REVERTING = -3.0  # Dickey-Fuller statistic below which a column stays in its range
BEYOND = 2.0  # times the gap of extremes
ROOM = 0.02  # of the range beyond it, for columns that stay in it,
WANDER, FAR = 0.5, 20.0  # for others, and for those told by ratios
MOST_DIGITS = 9
ROWS = 20_000  # on which the choice is made


def choose(
    values: Array, first: Array, digits: tuple[int, ...], *, own: float = OWN
) -> tuple[Base, ...]:
    """The base of each column, in column order.

    Args:
        values: (T, C), NaN where missing.
        first: (T,) the row with which each row's series begins.
        digits: after the point, by column; -1 for unrounded.
        own: size of what is left of the row before, as a share of what is left without it, below
            which a number is told from it; 0 lets each row stand alone.

    Cost: O(T C^2), on 20,000 rows at most.
    """
    before = history(values, first)
    rows = np.flatnonzero(np.arange(len(values)) >= first + 2)
    if len(rows) < 8:
        rows = np.arange(len(values))
    rows = rows[:: max(1, len(rows) // ROWS)]
    x = values[rows]
    near = Before(before.last[rows], before.slope[rows])
    return tuple(_chosen(j, x, near, values[:, j], digits[j], own) for j in range(x.shape[1]))


def _chosen(j: int, x: Array, near: Before, whole: Array, digits: int, most: float) -> Base:
    value = x[:, j]
    how, other, best = LEVEL, j, _size(value - _median(value))
    complete = ~np.isnan(x).any(axis=0)
    if most:
        own = _size(value - near.last[:, j])
        if own < most * best:
            how, best = LAST, own
            if _straight(value, near, j):
                how, best = SLOPE, 0.0
        sizes = _sizes(value[:, None] - near.last)
        sizes[~complete] = np.inf
        sizes[j] = np.inf
        k = int(np.argmin(sizes))
        if sizes[k] < FOREIGN * best:
            how, other, best = LAST, k, float(sizes[k])
    if j:
        apart = value[:, None] - x[:, :j]
        sizes = _sizes(apart)
        sizes[~complete[:j]] = np.inf
        ordered = (np.nanmin(apart, axis=0) >= 0) | (np.nanmax(apart, axis=0) <= 0)
        sizes = np.where(ordered, BESIDE * BESIDE * sizes, sizes)
        k = int(np.argmin(sizes))
        if sizes[k] < BESIDE * best:
            how, other = SAME, k
    return _made(j, how, other, x, near, whole, digits)


def _straight(value: Array, near: Before, j: int) -> bool:
    """Whether most rows lie on a line with the two before, as where values were interpolated."""
    step = value - near.last[:, j]
    bent = np.abs(step - near.slope[:, j])
    moving = (np.abs(step) > 0) & ~np.isnan(bent)
    if not moving.any():
        return False
    return bool((bent[moving] < STRAIGHT * np.abs(step[moving]).mean()).mean() > MOSTLY)


def _made(j: int, how: str, other: int, x: Array, near: Before, whole: Array, digits: int) -> Base:
    value = x[:, j]
    plain = Base(how, other, False, digits, -np.inf, np.inf, 1.0, 0.0, 1.0, 1.0, np.inf, 0.0, False)
    base = near.base(j, plain, x)
    both = ~np.isnan(value) & ~np.isnan(base)
    value, base = value[both], base[both]
    known = whole[~np.isnan(whole)]
    known = known if len(known) else np.zeros(1)
    ratio = how in (LAST, SAME) and known.min() > 0 and _uneven(value, base)
    left = np.log(value / base) if ratio else value - base
    told = np.log(known) if ratio else known
    low, high = map(math.exp, _ends(told)) if ratio else _ends(told)
    low = max(low, 0.0) if known.min() >= 0 else low
    steps = np.abs(x[:, j] - near.last[:, j])
    steps = steps[~np.isnan(steps)] if (~np.isnan(steps)).any() else np.ones(1)
    reverts = how in (LEVEL, SAME, SLOPE) or _reverts(near.last[:, j], x[:, j])
    if how != LEVEL:
        low, high = _limits(low, high, bool(reverts) and how != SAME, bool(ratio))
    return Base(
        how, other, bool(ratio), digits, low, high,
        size=max(_size(left) if how != LEVEL else float(np.std(known)), 1e-12),
        centre=float(told.mean()),
        spread=float(told.std()) or 1.0,
        pace=max(float(steps.mean()), 1e-12),
        steepest=_ends(steps)[1],
        lattice=_lattice(steps) if how == SLOPE else 0.0,
        reverts=bool(reverts),
    )  # fmt: skip


def _lattice(steps: Array) -> float:
    """The coarsest step of which slopes are whole multiples: 10^-d / m; 0 if there is none.

    Where values were interpolated between measurements of d digits, m rows apart, their slopes are
    so; and a value that stays as it is has a slope of exactly 0.
    """
    for size in sorted((10.0**-d / m for d in range(4) for m in range(1, 25)), reverse=True):
        away = np.abs(steps / size - np.rint(steps / size))
        if size < steps.max() and (away < NEARLY).mean() > NEARLY_ALL:
            return float(size)
    return 0.0


def _ends(known: Array) -> tuple[float, float]:
    """About where the lowest and the highest value lie.

    Told by means of so many extremes that they are nobody's own: twice as far beyond the mean of
    the outermost ones as that lies beyond the mean of the next.
    """
    k = min(shared_by(len(known)), max(len(known) // 2, 1))
    ordered = np.sort(known)
    low, high = float(ordered[:k].mean()), float(ordered[-k:].mean())
    above_low = float(ordered[k : 2 * k].mean()) if len(known) > k else low
    below_high = float(ordered[-2 * k : -k].mean()) if len(known) > k else high
    return low - BEYOND * (above_low - low), high + BEYOND * (high - below_high)


def _limits(low: float, high: float, reverts: bool, ratio: bool) -> tuple[float, float]:
    """What may come out of a column with these extremes; numbers keep their sign."""
    if ratio:
        return (low * (1 - ROOM), high * (1 + ROOM)) if reverts else (low / FAR, high * FAR)
    room = (ROOM if reverts else WANDER) * (high - low)
    least = max(low - room, 0.0) if low >= 0 else low - room
    return least, min(high + room, 0.0) if high <= 0 else high + room


def _uneven(value: Array, base: Array) -> bool:
    """Whether ratios have a more even size than differences have."""
    if not len(value) or value.min() <= 0 or base.min() <= 0:
        return False
    rank = np.argsort(np.argsort(base))
    sizes = (np.abs(value - base), np.abs(np.log(value / base)))
    plain, logs = (abs(_correlation(rank, np.argsort(np.argsort(s)))) for s in sizes)
    return plain > UNEVEN and logs < plain


def _correlation(a: Array, b: Array) -> float:
    spread = float(a.std() * b.std())
    return float(((a - a.mean()) * (b - b.mean())).mean() / spread) if spread else 0.0


def _reverts(last: Array, value: Array) -> bool:
    """Whether a column moves back from its extremes (Dickey and Fuller, JASA 1979)."""
    both = ~np.isnan(last) & ~np.isnan(value)
    a, step = last[both], (value - last)[both]
    spread = float(a.std())
    if len(a) < 20 or not spread:
        return True
    z = (a - a.mean()) / spread
    slope = float((z * step).mean())
    error = float((step - step.mean() - slope * z).std()) / np.sqrt(len(a))
    return bool(slope / max(error, 1e-300) < REVERTING)


def _size(x: Array) -> float:
    """Mean absolute value; infinite if nothing is known."""
    known = np.abs(x[~np.isnan(x)])
    return float(known.mean()) if len(known) else np.inf


def _sizes(x: Array) -> Array:
    """``_size`` of every column; (T, C) -> (C,)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return np.asarray(np.nan_to_num(np.nanmean(np.abs(x), axis=0), nan=np.inf))


def _median(x: Array) -> float:
    known = x[~np.isnan(x)]
    return float(np.median(known)) if len(known) else 0.0


def digits_of(values: Array) -> int:
    """Digits after the point that all values share, at most nine; -1 for unrounded ones."""
    known = values[~np.isnan(values)]
    for digits in range(MOST_DIGITS + 1):
        if np.array_equal(np.round(known, digits), known):
            return digits
    return -1
