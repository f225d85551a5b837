"""Are the extremes of numbers as frequent, and as far out, as in the real table?

Shapes: N real rows, M synthetic rows, E ends (two a column), T statistics of each.
"""

from dataclasses import dataclass

import numpy as np

from likewise.core.errors import DataError
from likewise.core.seeds import Seed
from likewise.data.table import Table
from likewise.metrics.intervals import GROUPS, HALVES, grouped, of_halves
from likewise.metrics.score import SEED, Score, worst_first
from likewise.metrics.views import Array, is_number, measured, values

SHARES = (0.01, 0.001)  # of rows beyond a real quantile, where so many are expected there
SMALL = 0.05  # in tables too small for either
EXPECTED = 10
FARTHEST = 4.0  # a row is as far beyond as so many typical ones at the most


@dataclass(frozen=True)
class _End:
    """One end of one real column, turned so that it points upwards.

    Attributes:
        shares: the shares of rows that are expected beyond the limits, (1 or 2,).
        limits: quantiles beyond which rows are counted, likewise.
        unit: the median distance of real rows beyond the first; 0 where there are too few.
    """

    shares: Array
    limits: Array
    unit: float

    def sums(self, x: Array, group: Array) -> Array:
        """Rows beyond each limit, and their distance beyond the first, by group; (G, T)."""
        size = int(group.max(initial=0)) + 1
        beyond = [np.bincount(group[x > limit], minlength=size) for limit in self.limits]
        if self.unit:
            outer = x > self.limits[0]
            far = np.minimum((x[outer] - self.limits[0]) / self.unit, FARTHEST)
            beyond.append(np.bincount(group[outer], weights=far, minlength=size))
        return np.stack(beyond, axis=1).astype(np.float64)

    def error(self, real: Array, synth: Array) -> Array:
        """How unlike two ends are, from sums over a row each; (T,) and (..., T) -> (...)."""
        counts = len(self.limits)
        p, q = real[:counts], synth[..., :counts]
        parts = np.abs(q - p) / np.maximum(np.maximum(p, q), self.shares)
        if self.unit:
            far = real[counts] / p[0]
            seen = q[..., 0] > 0
            near = synth[..., counts] / np.where(seen, q[..., 0], 1.0)
            apart = np.where(seen, np.abs(near - far) / np.maximum(near, far), 1.0)
            parts = np.concatenate([parts, apart[..., None]], axis=-1)
        return np.asarray(parts.mean(axis=-1))


def tail_error(real: Table, synth: Table, *, seed: Seed = SEED) -> Score:
    """How unlike the real ones the extremes of numbers are; in [0, 1], 0 is best.

    At either end of each column the mean of: the difference of the shares of rows beyond the real
    1 % quantile over the larger of the two shares, the same for the 0.1 % quantile where ten rows
    are expected there, and the difference of how far rows lie beyond the first of them, over the
    larger. Tables under 1,000 rows are judged by the 5 % quantile. An end that is cut off scores
    1, one that is half as populated about 0.5. No row counts as further out than four typical
    ones. Fewer rows give larger errors by chance alone, which the floor shows. ``by`` has each
    column's mean of both ends. The interval is from random halves of the synthetic rows.

    Cost: a sort per column of the real table, and a pass over the synthetic one.

    Raises:
        DataError: no column of numbers varies, or a table has fewer than 200 rows.
    """
    if min(real.rows, synth.rows) * SMALL < EXPECTED:
        found = f"a table has fewer than {EXPECTED / SMALL:.0f} rows"
        raise DataError("tail_error", found, "Compare larger tables")
    names = [name for name in measured(real.schema) if is_number(real.schema[name].kind)]
    group, half = grouped(synth.rows, seed.stream("tails"))
    taken = np.concatenate([np.ones((1, GROUPS), dtype=np.int64), half])
    ends: dict[str, Array] = {}
    for name in names:
        columns = values(real, name), values(synth, name)
        x, y = (column[~np.isnan(column)] for column in columns)
        if len(x) and x.min() < x.max():
            ends[name] = _errors(x, y, group[~np.isnan(columns[1])], taken)
    if not ends:
        raise DataError("tail_error", "no column of numbers varies", "Compare labels instead")
    errors = np.stack(list(ends.values()))  # (C, 1 + HALVES)
    means = errors.mean(axis=0)
    return Score(
        "tail_error",
        float(means[0]),
        of_halves(float(means[0]), means[1:], 0, 1),
        better="lower",
        by=worst_first(list(ends), errors[:, 0]),
        note=f"{len(ends)} columns of numbers, {synth.rows:,} rows",
    )


def _errors(x: Array, y: Array, group: Array, taken: Array) -> Array:
    """The mean error of both ends, of all rows and of each half; (1 + HALVES,)."""
    rows = taken @ np.bincount(group, minlength=GROUPS)  # (1 + HALVES,)
    total = np.zeros(1 + HALVES)
    for sign in (1, -1):
        end = _end(sign * x, len(y))
        own = end.sums(sign * x, np.zeros(len(x), dtype=np.int64))[0] / len(x)
        sums = np.zeros((GROUPS, len(own)))
        part = end.sums(sign * y, group) if len(y) else sums
        sums[: len(part)] = part
        total += end.error(own, taken @ sums / np.maximum(rows, 1)[:, None]) / 2
    return total


def _end(x: Array, count: int) -> _End:
    """The upper end of a column, to be compared with ``count`` values."""
    shares = np.array([s for s in SHARES if s * min(len(x), count) >= EXPECTED] or [SMALL])
    limits = np.quantile(x, 1 - shares)
    outer = x[x > limits[0]]
    unit = float(np.median(outer - limits[0])) if len(outer) >= EXPECTED else 0.0
    return _End(shares, limits, unit)
