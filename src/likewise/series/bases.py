"""What each number of a row is told from: nothing, the row before, its slope, or another column.

A price is told by its ratio to the price before, a temperature by its difference, the highest price
of a day by its distance from the first one: what is left, the *residual*, has one scale throughout,
and adding residuals up gives the number back. ``choice`` says which is which.

Shapes: T rows, C numbers, N stretches drawn side by side.
"""

from dataclasses import dataclass

import numpy as np

from likewise.core.artifact import storable
from likewise.core.checks import agree

Array = np.ndarray

LEVEL, LAST, SLOPE, SAME = "level", "last", "slope", "same"
FINEST = 1e-6  # of a residual's size, below which differences are rounding errors
LARGEST = 50.0  # log of a ratio, either way


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
        lattice: of which slopes are whole multiples; 0 if they are not.
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
    lattice: float
    reverts: bool

    def __post_init__(self) -> None:
        agree(self.how in (LEVEL, LAST, SLOPE, SAME), "kinds of bases")

    def residual(self, value: Array, base: Array) -> Array:
        """What is left of values; (N,), (N,) -> (N,), NaN where either is missing."""
        if self.how == LEVEL:
            return value
        if self.ratio:
            return np.asarray(np.log(value / base))
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
        return np.asarray(np.nan_to_num(np.clip(z, -4, 4)), dtype=np.float32)

    def slope(self, step: Array) -> Array:
        """The step to a row in units of its mean size, squeezed; 0 where it tells nothing."""
        if self.how != SLOPE:
            return np.zeros(len(step), dtype=np.float32)
        return np.asarray(np.arcsinh(np.nan_to_num(step) / self.pace), dtype=np.float32)

    def move(self, residual: Array) -> Array:
        """A residual in units of its size, squeezed into about -4 to 4; 0 if missing."""
        if self.how == LEVEL:
            return self.level(residual)
        z = np.arcsinh(residual / self.size)
        return np.asarray(np.nan_to_num(np.clip(z, -5, 5)), dtype=np.float32)


@dataclass(frozen=True)
class Before:
    """What is known before a row.

    Attributes:
        last: (N, C) the latest value of each column.
        slope: (N, C) the step that led to it.
    """

    last: Array
    slope: Array

    def value(self, column: int, base: Base, residual: Array, now: Array) -> Array:
        """The value of a column of the next row, from its residual and the columns before it."""
        found = base.value(residual, self.base(column, base, now))
        if base.how != SLOPE or not base.lattice:
            return found
        step = np.rint((found - self.last[:, column]) / base.lattice) * base.lattice
        return np.asarray(np.clip(self.last[:, column] + step, base.low, base.high))

    def base(self, column: int, base: Base, now: Array) -> Array:
        """What a column of the next row is told from; ``now`` (N, C) holds the earlier columns."""
        if base.how == SAME:
            return now[:, base.other]
        if base.how == LAST:
            return self.last[:, base.other]
        if base.how == SLOPE:
            steep = base.steepest
            step = np.clip(self.slope[:, column], -steep, steep)
            return np.asarray(self.last[:, column] + step)
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


def _take(values: Array, rows: Array) -> Array:
    return np.take_along_axis(values, np.maximum(rows, 0), axis=0)


def _shifted(filled: Array, first: Array, by: int) -> Array:
    """The values ``by`` rows earlier, NaN beyond the beginning of a series."""
    at = np.arange(len(filled)) - by
    return np.where((at >= first)[:, None], filled[np.maximum(at, 0)], np.nan)
