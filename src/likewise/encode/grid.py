"""Learned rounding: the values of a column as whole multiples of a step, where they are."""

from dataclasses import dataclass

import numpy as np

from likewise.core.artifact import storable

Array = np.ndarray

FINE = 2**46  # up to here float64 tells the edges of a cell from its middle with room to spare
LARGEST = 1e300  # beyond it sums of values would overflow
DECIMALS = 12  # digits after the point that are tried before a column counts as unrounded
STEPS = (100_000, 10_000, 1_000, 500, 250, 100, 60, 50, 25, 20, 10, 5, 2)
SHARE = 0.995  # of the rows that must be multiples of a step which some rows do not keep


@storable
@dataclass(frozen=True)
class Grid:
    """Values x = (base + step * t) / divisor with whole units t, or any x when ``step`` is 0.

    Attributes:
        base: offset in units of 1 / divisor.
        step: distance of neighbouring values in units of 1 / divisor; 0 for unrounded values.
        divisor: a power of ten: 100 for two decimals.
        whole: the column is int64, else float64.
        single: values are float32 inside float64, and come back so.
        wide: whole values spread too far for float64 to tell neighbours apart.
    """

    base: int
    step: int
    divisor: int
    whole: bool
    single: bool = False
    wide: bool = False

    @property
    def cell(self) -> float:
        """Width of the cell around a value, in units: 1 on a grid, else 0."""
        return float(self.step > 0 and not self.wide)

    def units(self, x: Array) -> Array:
        """Positions in units, float64; values off the grid go to the nearest of it."""
        if not self.step:
            return np.clip(np.asarray(x, dtype=np.float64), -LARGEST, LARGEST)
        if not self.whole:
            return np.asarray(np.rint((np.rint(x * self.divisor) - self.base) / self.step))
        if x.dtype != np.int64 or self._overflows(x):
            return np.asarray(np.rint((x.astype(np.float64) - self.base) / self.step))
        shifted = x - self.base
        if self.step > 1:
            shifted = (shifted + self.step // 2) // self.step
        return np.asarray(shifted, dtype=np.float64)

    def position(self, x: float) -> float:
        """Where a bound lies in units, without rounding."""
        return (x * self.divisor - self.base) / self.step if self.step else float(x)

    def values(self, t: Array) -> Array:
        """Values at positions in units; on a grid positions are rounded to whole units."""
        if not self.step:
            return t
        units = np.rint(t)
        if not self.whole:
            x = np.asarray((units * self.step + self.base) / self.divisor)
            return x.astype(np.float32).astype(np.float64) if self.single else x
        limit = 2.0**63
        if len(t) and float(np.abs(units).max()) * self.step + abs(self.base) >= limit:
            wide = np.clip(units * self.step + self.base, -limit, np.nextafter(limit, 0))
            return np.asarray(wide, dtype=np.int64)
        whole = np.asarray(units, dtype=np.int64)
        if self.step > 1:
            whole *= self.step
        if self.base:
            whole += self.base
        return whole

    def _overflows(self, x: Array) -> bool:
        if not len(x) or not self.base:
            return False
        low, high = int(x.min()) - self.base, int(x.max()) - self.base
        return low < -(2**62) or high > 2**62


def learn_grid(values: Array, counts: Array, k: int, decimals: int | None = None) -> Grid:
    """The coarsest grid that holds the column.

    Args:
        values: distinct values in rising order; (V,) float64 or int64.
        counts: rows of each; (V,).
        k: a value shared by at least k rows must lie on the grid.
        decimals: digits after the point if declared; learned when None.

    Cost: O(V).
    """
    if values.dtype.kind == "i":
        return _whole(values, counts, k)
    with np.errstate(over="ignore"):
        single = bool((values.astype(np.float32) == values).all())
    digits = _digits(values, single) if decimals is None else decimals
    if digits is None or not _fits(values, 10.0**digits):
        return Grid(0, 0, 1, whole=False)
    scaled = np.rint(values * 10.0**digits).astype(np.int64)
    base, step = _step(scaled, counts, k)
    rough = single and not bool((np.rint(values * 10.0**digits) / 10.0**digits == values).all())
    return Grid(base, step, 10**digits, whole=False, single=rough)


def _whole(values: Array, counts: Array, k: int) -> Grid:
    if not len(values):
        return Grid(0, 1, 1, whole=True)
    low, high = int(values[0]), int(values[-1])
    if high - low >= 2**62:
        return Grid(0, 1, 1, whole=True, wide=True)
    base, step = _step(values, counts, k)
    if max(abs(low - base), abs(high - base)) // step >= FINE:
        middle = int(int(values[len(values) // 2]) / 10**6) * 10**6  # round, so nobody's own
        base += int((middle - base) / step) * step
    wide = max(abs(low - base), abs(high - base)) // step >= FINE
    return Grid(base, step, 1, whole=True, wide=wide)


def _digits(values: Array, single: bool) -> int | None:
    """Digits after the point that all values share; None when there are too many."""
    probe = values[:: max(1, len(values) // 1000)]
    for digits in range(DECIMALS + 1):
        if not _fits(values, 10.0**digits):
            return None
        if _rounded(probe, digits, single) and _rounded(values, digits, single):
            return digits
    return None


def _rounded(values: Array, digits: int, single: bool) -> bool:
    scale = 10.0**digits
    near = np.rint(values * scale) / scale
    if single and digits <= 6:
        return bool((near.astype(np.float32) == values.astype(np.float32)).all())
    return bool((near == values).all())


def _fits(values: Array, scale: float) -> bool:
    return not len(values) or float(np.abs(values).max()) * scale < FINE


def _step(scaled: Array, counts: Array, k: int) -> tuple[int, int]:
    """Base and step of whole values: their common divisor, or one nearly all rows keep."""
    if counts.sum() < k or not len(scaled):  # a divisor of so few values could be one of them
        return 0, 1
    if len(scaled) < 3:
        return 0, max(1, int(np.gcd.reduce(scaled)))
    step = int(np.gcd.reduce(scaled - scaled[0]))
    base = int(scaled[0]) % step
    other = counts.copy()
    other[np.argmax(counts)] = 0
    for wider in STEPS:
        if wider <= step or wider % step or base or len(scaled) < 20:
            continue
        off = scaled % wider != 0
        if other[off].sum() <= (1 - SHARE) * other.sum() and counts[off].max(initial=0) < k:
            return 0, wider
    return base, step
