"""How far each column's distribution is from the real one.

Shapes: N real rows, M synthetic rows, C measured columns.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc, kolmogorov

from likewise.data.table import Table
from likewise.metrics.intervals import around, slope_of_total_variation
from likewise.metrics.score import Score, worst_first
from likewise.metrics.views import Array, codes, is_number, measured, values

LEAST = 20  # rows of a level in both tables together, to be tested on its own
GRID = 1_000  # quantiles per table on which the Wasserstein distance is summed


@dataclass(frozen=True)
class ColumnErrors:
    """Every column's distances, and how much each synthetic row has to do with their means.

    Attributes:
        names: the C measured columns.
        error: total variation (labels) or Kolmogorov-Smirnov distance (numbers), (C,) in [0, 1].
        wasserstein: Wasserstein distance in units of the real spread, (C,); NaN for labels.
        error_influence: of each synthetic row on the mean error, (M,).
        wasserstein_influence: likewise on the mean Wasserstein distance, (M,).
    """

    names: tuple[str, ...]
    error: Array
    wasserstein: Array
    error_influence: Array
    wasserstein_influence: Array


def shape_error(real: Table, synth: Table) -> Score:
    """Mean distance between the distributions of single columns; in [0, 1], 0 is best.

    Total variation for labels, Kolmogorov-Smirnov for numbers, over values that are not missing:
    one minus the column shapes score of SDMetrics. A column with values on one side only counts 1.
    The interval covers the sampling of the synthetic rows.
    """
    return shape_score(column_errors(real, synth))


def wasserstein(real: Table, synth: Table) -> Score:
    """Mean Wasserstein distance of columns of numbers, in real interquartile ranges; 0 is best.

    The unit is the standard deviation where the interquartile range is zero. Tables without
    numbers score 0. Measured on a grid of 1,000 quantiles of either table.

    Paper: Vallender, "Calculation of the Wasserstein distance between probability distributions
    on the line", 1974.
    """
    return wasserstein_score(column_errors(real, synth))


def shape_score(errors: ColumnErrors) -> Score:
    """``shape_error`` from distances already measured."""
    value = float(errors.error.mean()) if len(errors.error) else 0.0
    return Score(
        "shape_error",
        value,
        around(value, errors.error_influence, 0, 1),
        better="lower",
        by=worst_first(errors.names, errors.error),
        note=f"{len(errors.names)} columns, {len(errors.error_influence):,} rows",
    )


def wasserstein_score(errors: ColumnErrors) -> Score:
    """``wasserstein`` from distances already measured."""
    numbers = ~np.isnan(errors.wasserstein)
    value = float(errors.wasserstein[numbers].mean()) if numbers.any() else 0.0
    return Score(
        "wasserstein",
        value,
        around(value, errors.wasserstein_influence, 0),
        better="lower",
        by=worst_first(errors.names, errors.wasserstein),
        note=f"{int(numbers.sum())} columns of numbers, in interquartile ranges",
    )


def column_errors(real: Table, synth: Table) -> ColumnErrors:
    """Distances of all columns. Cost: one sort per column of numbers and table."""
    names = measured(real.schema)
    numbers = [is_number(real.schema[name].kind) for name in names]
    error, distance = np.zeros(len(names)), np.full(len(names), np.nan)
    by_row, distance_by_row = np.zeros(synth.rows), np.zeros(synth.rows)
    for i, name in enumerate(names):
        if numbers[i]:
            x, y = values(real, name), values(synth, name)
            error[i], row = kolmogorov_smirnov(x, y)
            distance[i], far = _wasserstein(x, y)
            distance_by_row += far / sum(numbers)
        else:
            (x, y), labels = codes((real, synth), name)
            error[i], row = _total_variation(x, y, len(labels))
        by_row += row / len(names)
    return ColumnErrors(names, error, distance, by_row, distance_by_row)


def column_chances(real: Table, synth: Table) -> dict[str, float]:
    """How likely two samples of one source differ as much in a column, by name; in [0, 1].

    By the Kolmogorov-Smirnov test for numbers (too large where values repeat) and the chi-squared
    test for labels, levels of few rows taken together.
    """
    chances = {}
    for name in measured(real.schema):
        if is_number(real.schema[name].kind):
            x, y = values(real, name), values(synth, name)
            chances[name] = _chance_of_gap(kolmogorov_smirnov(x, y)[0], x, y)
        else:
            (x, y), labels = codes((real, synth), name)
            chances[name] = _chance_of_shares(x, y, len(labels))
    return chances


def _total_variation(x: Array, y: Array, levels: int) -> tuple[float, Array]:
    """Distance of (N,) and (M,) codes, -1 missing, and the influence of each y; (M,)."""
    seen, kept = x[x >= 0], y >= 0
    if not len(seen) or not kept.any():
        return float(bool(len(seen)) != bool(kept.any())), np.zeros(len(y))
    p = np.bincount(seen, minlength=levels) / len(seen)
    q = np.bincount(y[kept], minlength=levels) / kept.sum()
    slope = np.append(slope_of_total_variation(p, q, len(seen), int(kept.sum())), 0.0)
    # code -1 reads the slope's last entry
    influence = (slope[y] - slope[:-1] @ q) * kept / kept.mean()
    return float(np.abs(p - q).sum() / 2), influence


def kolmogorov_smirnov(x: Array, y: Array) -> tuple[float, Array]:
    """Largest gap between the distribution functions of (N,) and (M,) numbers, in [0, 1].

    NaN is left out; a side without numbers counts 1. Also the influence of each y, (M,).
    """
    seen, kept = np.sort(x[~np.isnan(x)]), ~np.isnan(y)
    if not len(seen) or not kept.any():
        return float(bool(len(seen)) != bool(kept.any())), np.zeros(len(y))
    points, counts = np.unique(y[kept], return_counts=True)
    n, m = len(seen), int(kept.sum())
    upto = np.cumsum(counts)
    at = (upto * n - np.searchsorted(seen, points, "right") * m) / (n * m)
    before = ((upto - counts) * n - np.searchsorted(seen, points, "left") * m) / (n * m)
    i, j = int(np.abs(at).argmax()), int(np.abs(before).argmax())
    if abs(at[i]) >= abs(before[j]):
        gap, inside = at[i], y <= points[i]
    else:
        gap, inside = before[j], y < points[j]
    influence = np.sign(gap) * (inside - inside[kept].mean()) * kept / kept.mean()
    return float(abs(gap)), influence


def _chance_of_gap(gap: float, x: Array, y: Array) -> float:
    """Chance of a gap at least so large between the distribution functions of two samples."""
    n, m = (int((~np.isnan(side)).sum()) for side in (x, y))
    return float(kolmogorov(math.sqrt(n * m / (n + m)) * gap)) if n and m else 1.0


def _chance_of_shares(x: Array, y: Array, levels: int) -> float:
    """Chance of shares at least so different, by the chi-squared test of homogeneity."""
    counts = np.stack([np.bincount(side[side >= 0], minlength=levels) for side in (x, y)])
    few = counts.sum(axis=0) < LEAST
    counts = np.concatenate([counts[:, ~few], counts[:, few].sum(axis=1, keepdims=True)], axis=1)
    counts = counts[:, counts.sum(axis=0) > 0]
    if counts.shape[1] < 2 or not counts.sum(axis=1).all():
        return 1.0
    expected = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / counts.sum()
    return float(chdtrc(counts.shape[1] - 1, ((counts - expected) ** 2 / expected).sum()))


def _wasserstein(x: Array, y: Array) -> tuple[float, Array]:
    """Area between the distribution functions over the spread of x, and influences of y; (M,)."""
    seen, kept = np.sort(x[~np.isnan(x)]), ~np.isnan(y)
    if not len(seen) or not kept.any():
        return np.nan, np.zeros(len(y))
    other = np.sort(y[kept])
    knots = np.unique(np.concatenate([_grid(seen), _grid(other)]))
    below = np.searchsorted(other, knots, "right") / len(other)
    gap = (below - np.searchsorted(seen, knots, "right") / len(seen))[:-1]
    width = np.diff(knots) / _spread(seen)
    # a y at knot k is counted by the distribution function from there on
    slope = np.append(np.cumsum((np.sign(gap) * width)[::-1])[::-1], 0.0)
    influence = np.zeros(len(y))
    influence[kept] = np.interp(y[kept], knots, slope)
    influence[kept] -= influence[kept].mean()
    return float(np.abs(gap) @ width), influence / kept.mean()


def _grid(ordered: Array) -> Array:
    """At most GRID evenly spaced order statistics, both ends included."""
    if len(ordered) <= GRID:
        return ordered
    return ordered[np.linspace(0, len(ordered) - 1, GRID).astype(np.int64)]


def _spread(ordered: Array) -> float:
    """Interquartile range, else standard deviation, else 1."""
    low, high = np.quantile(ordered, [0.25, 0.75])
    return float(high - low) or float(ordered.std()) or 1.0
