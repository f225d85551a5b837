"""What each number of a row is told from: nothing, the row before, its slope, or another column.

A price is told by its ratio to the price before, a temperature by its difference, the highest price
of a day by its distance from the first one: what is left, the *residual*, has one scale throughout,
and adding residuals up gives the number back. The choice is made from the data: whatever leaves the
smallest residuals, with a bias towards what is simpler.

Shapes: T rows, C numbers, N stretches drawn side by side.
"""

import warnings
from dataclasses import dataclass

import numpy as np

from likewise.core.artifact import storable
from likewise.core.checks import agree

Array = np.ndarray

LEVEL, LAST, SLOPE, SAME = "level", "last", "slope", "same"
OWN, FOREIGN, BESIDE = 0.7, 0.75, 0.6  # of the simpler residuals' size, to be chosen;
# a column that is never below, or never above, another of its row may be 1 / BESIDE times as large
STRAIGHT, MOSTLY = 0.01, 0.5  # of a step's size, and share of rows that differ by less from it
UNEVEN = 0.2  # rank correlation of a residual's size with the level from which ratios are tried
REVERTING = -3.0  # Dickey-Fuller statistic below which a column stays in its range
ROOM = 0.02  # of the range beyond it, for columns that stay in it,
WANDER, FAR = 0.5, 20.0  # for others, and for those told by ratios
FINEST = 1e-6  # of a residual's size, below which differences are rounding errors
LARGEST = 50.0  # log of a ratio, either way
MOST_DIGITS = 9
ROWS = 20_000  # on which the choice is made


@storable
@dataclass(frozen=True)
class Base:
    """What one column is told from.

    Attributes:
        how: "level" (nothing), "last" (a value of the row before), "slope" (the row before and the
            step to it go on), "same" (an earlier column of the same row).
        other: position of the column that is looked at; its own for "last" and "slope" mostly.
        ratio: residuals are logs of ratios, else differences.
        digits: after the point; -1 for unrounded values.
        low: smallest value that may come out.
        high: largest.
        size: mean size of a residual.
        centre: mean level, of logs where ``ratio``.
        spread: standard deviation of the level.
        pace: mean size of a step from row to row.
        steepest: the largest one.
        reverts: whether the column stays in its range.
    """

    how: str
    other: int
    ratio: bool
    digits: int
    low: float
    high: float
    size: float
    centre: float
    spread: float
    pace: float
    steepest: float
    reverts: bool

    def __post_init__(self) -> None:
        agree(self.how in (LEVEL, LAST, SLOPE, SAME), "kinds of bases")

    def residual(self, value: Array, base: Array) -> Array:
        """What is left of values; (N,), (N,) -> (N,), NaN where either is missing."""
        if self.how == LEVEL:
            return value
        if self.ratio:
            return np.log(value / base)
        found = value - base
        if self.digits >= 0:
            return np.asarray(np.round(found, self.digits))
        step = 10.0 ** np.floor(np.log10(max(self.size * FINEST, 1e-300)))
        return np.asarray(np.rint(found / step) * step)

    def value(self, residual: Array, base: Array) -> Array:
        """The inverse of ``residual``, within the limits and rounded as the column is."""
        if self.how == LEVEL:
            found = residual
        elif self.ratio:
            found = base * np.exp(np.clip(residual, -LARGEST, LARGEST))
        else:
            found = base + residual
        found = np.clip(found, self.low, self.high)
        return np.asarray(np.round(found, self.digits) if self.digits >= 0 else found)

    def level(self, value: Array) -> Array:
        """A value in standard deviations from the mean, at most 4 either way; 0 if missing."""
        known = np.log(np.maximum(value, 1e-300)) if self.ratio else value
        z = (known - self.centre) / self.spread
        return np.nan_to_num(np.clip(z, -4, 4)).astype(np.float32)

    def slope(self, step: Array) -> Array:
        """The step to a row in units of its mean size, squeezed; 0 where it tells nothing."""
        if self.how != SLOPE:
            return np.zeros(len(step), dtype=np.float32)
        return np.arcsinh(np.nan_to_num(step) / self.pace).astype(np.float32)

    def move(self, residual: Array) -> Array:
        """A residual in units of its size, squeezed into about -4 to 4; 0 if missing."""
        if self.how == LEVEL:
            return self.level(residual)
        z = np.arcsinh(residual / self.size)
        return np.nan_to_num(np.clip(z, -5, 5)).astype(np.float32)


@dataclass(frozen=True)
class Before:
    """What is known before a row.

    Attributes:
        last: (N, C) the latest value of each column.
        slope: (N, C) the step that led to it.
    """

    last: Array
    slope: Array

    def base(self, column: int, base: Base, now: Array) -> Array:
        """What a column of the next row is told from; ``now`` (N, C) holds the earlier columns."""
        if base.how == SAME:
            return now[:, base.other]
        if base.how == LAST:
            return self.last[:, base.other]
        if base.how == SLOPE:
            steep = base.steepest
            return self.last[:, column] + np.clip(self.slope[:, column], -steep, steep)
        return np.zeros(len(now))

    def after(self, now: Array) -> "Before":
        """What is known before the row that follows ``now``; missing values change nothing."""
        known = ~np.isnan(now)
        last = np.where(known, now, self.last)
        slope = np.where(known, now - self.last, self.slope)
        return Before(last, np.nan_to_num(slope))


def history(values: Array, first: Array) -> Before:
    """What is known before each row; (T, C), and (T,) the row with which its series begins.

    At the first row of a series nothing is known (NaN), at the second one the slope is 0.
    """
    rows = len(values)
    at = np.arange(rows)
    seen = np.where(np.isnan(values), -1, at[:, None])
    seen = np.maximum.accumulate(np.maximum(seen, -1), axis=0)
    filled = np.where(seen >= first[:, None], _take(values, seen), np.nan)
    last, before = _shifted(filled, first, 1), _shifted(filled, first, 2)
    return Before(last, np.nan_to_num(last - before))


def residuals(values: Array, bases: tuple[Base, ...], before: Before) -> Array:
    """The residuals of all rows; (T, C), NaN where a value or its base is missing."""
    found = np.empty(values.shape)
    with np.errstate(divide="ignore", invalid="ignore"):
        for j, base in enumerate(bases):
            found[:, j] = base.residual(values[:, j], before.base(j, base, values))
    return np.where(np.isfinite(found), found, np.nan)


def choose(values: Array, first: Array, digits: tuple[int, ...], *, past: bool) -> tuple[Base, ...]:
    """The base of each column, in column order.

    Args:
        values: (T, C), NaN where missing.
        first: (T,) the row with which each row's series begins.
        digits: after the point, by column; -1 for unrounded.
        past: whether rows before may be looked at; else each row stands alone.

    Cost: O(T C^2), on 20,000 rows at most.
    """
    before = history(values, first)
    rows = np.flatnonzero(np.arange(len(values)) >= first + 2)
    if len(rows) < 8:
        rows = np.arange(len(values))
    rows = rows[:: max(1, len(rows) // ROWS)]
    x = values[rows]
    near = Before(before.last[rows], before.slope[rows])
    return tuple(_chosen(j, x, near, values[:, j], digits[j], past) for j in range(x.shape[1]))


def _chosen(j: int, x: Array, near: Before, whole: Array, digits: int, past: bool) -> Base:
    value = x[:, j]
    how, other, best = LEVEL, j, _size(value - _median(value))
    complete = ~np.isnan(x).any(axis=0)
    if past:
        own = _size(value - near.last[:, j])
        if own < OWN * best:
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
    plain = Base(how, other, False, digits, -np.inf, np.inf, 1.0, 0.0, 1.0, 1.0, np.inf, False)
    base = near.base(j, plain, x)
    both = ~np.isnan(value) & ~np.isnan(base)
    value, base = value[both], base[both]
    ratio = how in (LAST, SAME) and _uneven(value, base)
    left = np.log(value / base) if ratio else value - base
    known = whole[~np.isnan(whole)]
    if not len(known):
        known = np.zeros(1)
    low, high = float(known.min()), float(known.max())
    told = np.log(known) if ratio else known
    steps = np.abs(x[:, j] - near.last[:, j])
    steps = steps[~np.isnan(steps)] if (~np.isnan(steps)).any() else np.ones(1)
    reverts = how in (LEVEL, SAME, SLOPE) or _reverts(near.last[:, j], x[:, j])
    if how != LEVEL:
        room = (ROOM if reverts and how != SAME else FAR if ratio else WANDER) * (high - low)
        low, high = (max(low - room, 0.0) if low >= 0 else low - room), high + room
    return Base(
        how, other, bool(ratio), digits, low, high,
        size=max(_size(left) if how != LEVEL else float(np.std(known)), 1e-12),
        centre=float(told.mean()),
        spread=float(told.std()) or 1.0,
        pace=max(float(steps.mean()), 1e-12),
        steepest=float(steps.max()),
        reverts=bool(reverts),
    )  # fmt: skip


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
    return slope / max(error, 1e-300) < REVERTING


def _size(x: Array) -> float:
    """Mean absolute value; infinite if nothing is known."""
    known = np.abs(x[~np.isnan(x)])
    return float(known.mean()) if len(known) else np.inf


def _sizes(x: Array) -> Array:
    """``_size`` of every column; (T, C) -> (C,)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return np.nan_to_num(np.nanmean(np.abs(x), axis=0), nan=np.inf)


def _median(x: Array) -> float:
    known = x[~np.isnan(x)]
    return float(np.median(known)) if len(known) else 0.0


def _take(values: Array, rows: Array) -> Array:
    return np.take_along_axis(values, np.maximum(rows, 0), axis=0)


def _shifted(filled: Array, first: Array, by: int) -> Array:
    """The values ``by`` rows earlier, NaN beyond the beginning of a series."""
    at = np.arange(len(filled)) - by
    return np.where((at >= first)[:, None], filled[np.maximum(at, 0)], np.nan)


def digits_of(values: Array) -> int:
    """Digits after the point that all values share, at most nine; -1 for unrounded ones."""
    known = values[~np.isnan(values)]
    for digits in range(MOST_DIGITS + 1):
        if np.array_equal(np.round(known, digits), known):
            return digits
    return -1
