"""Distances between two samples of pairs of values, and what each row of the second adds to them.

Shapes: N real rows, M synthetic rows, C columns, P pairs.
"""

import numpy as np

from likewise.metrics.intervals import certain_sign, slope_of_total_variation

Array = np.ndarray


def contingency(x: Array, y: Array) -> tuple[float, Array]:
    """Total variation of (N,) and (M,) joint codes, and the influence of each y; (M,)."""
    cells = int(max(x.max(initial=0), y.max(initial=0))) + 1
    p, q = (np.bincount(code, minlength=cells) / max(len(code), 1) for code in (x, y))
    slope = slope_of_total_variation(p, q, max(len(x), 1), max(len(y), 1))
    return float(np.abs(q - p).sum() / 2), slope[y] - slope @ q


def correlations(x: Array, y: Array, at: Array) -> tuple[Array, Array]:
    """Half the differences of Pearson's correlations, and each row's part in their sum.

    Args:
        x: (N, C) real numbers, NaN where missing.
        y: (M, C) synthetic ones.
        at: (P, 2) the pairs of columns.

    Returns:
        (P,) in [0, 1], NaN where the real correlation is undefined (a constant synthetic column
        correlates 0), and (M,).
    """
    before, after = _pearson(x), _pearson(y)
    constant = np.isnan(after) & ~np.isnan(before)
    gap = np.where(constant, 0.0, after) - before  # (C, C)
    wanted = np.zeros_like(gap)
    wanted[at[:, 0], at[:, 1]] = 1
    z, _ = _standardised(y)
    noise = (1 - np.nan_to_num(after) ** 2) * np.sqrt(1 / len(x) + 1 / len(y))
    slope = certain_sign(np.nan_to_num(gap), noise) * wanted * ~constant / 2
    # the influence of a row on Pearson's r is z_a z_b - r (z_a² + z_b²) / 2
    pull = slope * np.nan_to_num(after) / 2
    square = z**2
    row = ((z @ slope) * z).sum(axis=1) - square @ (pull.sum(axis=0) + pull.sum(axis=1))
    return np.abs(gap[at[:, 0], at[:, 1]]) / 2, row - row.mean()


def cramer(counts: Array) -> Array:
    """Bias-corrected Cramér's V of contingency tables; (..., R, K) -> (...) in [0, 1].

    Paper: Bergsma, "A bias-correction for Cramér's V and Tschuprow's T", 2013.
    """
    n = counts.sum(axis=(-2, -1)).astype(np.float64)
    down, across = counts.sum(axis=-1), counts.sum(axis=-2)  # (..., R) and (..., K)
    rows, columns = (down > 0).sum(axis=-1), (across > 0).sum(axis=-1)
    expected = down[..., :, None] * (across / np.maximum(n, 1)[..., None])[..., None, :]
    square = (counts - expected) ** 2 / np.where(expected > 0, expected, 1)
    rest = np.maximum(n - 1, 1)
    phi2 = square.sum(axis=(-2, -1)) / np.maximum(n, 1) - (rows - 1) * (columns - 1) / rest
    least = np.minimum(rows - (rows - 1) ** 2 / rest, columns - (columns - 1) ** 2 / rest) - 1
    known = (n >= 2) & (np.minimum(rows, columns) >= 2) & (least > 0)
    strength = np.sqrt(np.maximum(phi2, 0) / np.where(known, least, 1))
    return np.where(known, np.minimum(strength, 1.0), 0.0)


def _pearson(x: Array) -> Array:
    """Correlations over the rows present in both columns; (N, C) -> (C, C), NaN if undefined."""
    filled, present = _standardised(x)
    n = present.T @ present
    total, square, cross = filled.T @ present, (filled**2).T @ present, filled.T @ filled
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = square - total**2 / n  # (C, C): of the row's column where both are present
        r = (cross - total * total.T / n) / np.sqrt(spread * spread.T)
    flat = spread <= 1e-12 * np.maximum(square, 1e-300)  # constant where both are present
    return np.where(flat | flat.T | ~np.isfinite(r), np.nan, np.clip(r, -1, 1))


def _standardised(x: Array) -> tuple[Array, Array]:
    """Columns at mean 0 and SD 1 with 0 for missing, and where they are present; (N, C) each."""
    missing = np.isnan(x)
    count = np.maximum((~missing).sum(axis=0), 1)
    peak = np.abs(np.where(missing, 0, x)).max(axis=0, initial=0)
    x = x / np.where(peak > 0, peak, 1)  # so that squares of huge numbers stay finite
    mean = np.where(missing, 0, x).sum(axis=0) / count
    filled = np.where(missing, 0, x - mean)
    scale = np.sqrt((filled**2).sum(axis=0) / count)
    constant = scale <= 1e-12 * np.abs(mean)  # a rounding residue must not pass for variance
    filled[:, constant] = 0
    return filled / np.where(constant | (scale == 0), 1.0, scale), (~missing).astype(np.float64)
