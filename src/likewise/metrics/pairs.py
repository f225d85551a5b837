"""How far the joint distributions of pairs of columns are from the real ones.

Shapes: N real rows, M synthetic rows, C measured columns, P pairs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from likewise.core.seeds import Seed
from likewise.data.table import Table
from likewise.execution.threads import ordered_map
from likewise.metrics.bins import quantile_bins, width_bins
from likewise.metrics.intervals import GROUPS, HALVES, around, grouped, of_halves
from likewise.metrics.joint import contingency, correlations, cramer
from likewise.metrics.score import SEED, Score, worst_first
from likewise.metrics.views import Array, is_number, measured, values

ALL_PAIRS = 60  # up to so many columns every pair is measured
SAMPLED_PAIRS = ALL_PAIRS * (ALL_PAIRS - 1) // 2
CHUNK = 32  # pairs of one task
LISTED = 30  # pairs named in a score


Binned = Mapping[int, tuple[list[Array], int]]  # column: codes of both tables, number of bins


@dataclass(frozen=True)
class PairErrors:
    """Every measured pair's distance, and how much each synthetic row has to do with the mean.

    Attributes:
        names: the C measured columns.
        pairs: positions of the P measured pairs in ``names``, (P, 2), first below second.
        error: (P,) in [0, 1]; NaN where a correlation is undefined.
        influence: of each synthetic row on the mean error, (M,).
    """

    names: tuple[str, ...]
    pairs: Array
    error: Array
    influence: Array

    @property
    def matrix(self) -> Array:
        """The errors as a symmetric matrix, NaN where not measured; (C, C)."""
        square = np.full((len(self.names), len(self.names)), np.nan)
        first, second = self.pairs.T
        square[first, second] = square[second, first] = self.error
        return square


def pair_error(
    real: Table, synth: Table, *, seed: Seed = SEED, workers: int | None = None
) -> Score:
    """Mean distance between the joint distributions of column pairs; in [0, 1], 0 is best.

    Two columns of numbers: half the difference of Pearson's correlations. Other pairs: total
    variation of the contingency table, numbers cut into ten bins of equal width. This is one minus
    the column pair trends score of SDMetrics (thresholds 0), except that both tables are cut at
    the real edges, that missing numbers have a bin of their own, that a constant synthetic column
    correlates 0, and that labels beyond the 256 most frequent share a bin. Above 60 columns a
    sample of 1,770 pairs stands for all. The interval covers the sampling of the synthetic rows.
    """
    return pair_score(pair_errors(real, synth, seed=seed, workers=workers))


def association_error(
    real: Table, synth: Table, *, seed: Seed = SEED, workers: int | None = None
) -> Score:
    """Mean absolute difference of the strength of association of pairs; in [0, 1], 0 is best.

    Strength is Cramér's V, bias-corrected, of numbers in ten bins of equal share and the 20 most
    frequent labels: unlike ``pair_error`` it does not react to the single columns' shapes. The
    interval covers the sampling of the synthetic rows, by random halves of them: Cramér's V is cut
    off at zero, where it has no influence function.

    Paper: Bergsma, "A bias-correction for Cramér's V and Tschuprow's T", 2013.
    """
    names = measured(real.schema)
    pairs = chosen_pairs(len(names), seed)
    binned = {i: quantile_bins((real, synth), name) for i, name in enumerate(names)}
    groups = grouped(synth.rows, seed.stream("groups"))
    measure = partial(_association_gaps, binned, groups)
    parts = ordered_map(measure, _chunks(pairs), workers=workers)
    gaps = np.concatenate([np.zeros((1 + HALVES, 0)), *parts], axis=1)
    means = gaps.mean(axis=1) if len(pairs) else np.zeros(1 + HALVES)
    difference, value = gaps[0], float(means[0])
    return Score(
        "association_error",
        value,
        of_halves(value, means[1:], 0, 1) if synth.rows > 1 else None,
        better="lower",
        by=worst_first(_titles(names, pairs), difference, count=LISTED),
        note=_note(len(names), len(pairs), synth.rows),
    )


def pair_score(errors: PairErrors) -> Score:
    """``pair_error`` from distances already measured."""
    known = ~np.isnan(errors.error)
    value = float(errors.error[known].mean()) if known.any() else 0.0
    return Score(
        "pair_error",
        value,
        around(value, errors.influence, 0, 1),
        better="lower",
        by=worst_first(_titles(errors.names, errors.pairs), errors.error, count=LISTED),
        note=_note(len(errors.names), int(known.sum()), len(errors.influence)),
    )


def pair_errors(
    real: Table, synth: Table, *, seed: Seed = SEED, workers: int | None = None
) -> PairErrors:
    """Distances of all pairs, or of a sample. Cost: O(P (N + M)), about 5 ns a row and pair."""
    names = measured(real.schema)
    pairs = chosen_pairs(len(names), seed)
    numbers = np.array([is_number(real.schema[name].kind) for name in names], dtype=bool)
    error = np.full(len(pairs), np.nan)
    influence = np.zeros(synth.rows)
    both = numbers[pairs].all(axis=1) if len(pairs) else np.zeros(0, dtype=bool)

    used = np.unique(pairs[~both]).tolist()
    binned = {i: width_bins((real, synth), names[i]) for i in used}
    chunks = _chunks(pairs[~both])
    found = list(ordered_map(partial(_contingencies, binned), chunks, workers=workers))
    error[~both] = np.concatenate([np.empty(0), *(part for part, _ in found)])
    for _, row in found:
        influence += row

    columns = [name for name, number in zip(names, numbers, strict=True) if number]
    if both.any():
        place = (np.cumsum(numbers) - 1)[pairs[both]]  # among the numbers
        some, at = np.unique(place, return_inverse=True)  # few, where pairs are a sample
        columns = [columns[i] for i in some]
        x, y = (np.stack([values(t, name) for name in columns], axis=1) for t in (real, synth))
        error[both], row = correlations(x, y, at.reshape(place.shape))
        influence += row
    count = max(int((~np.isnan(error)).sum()), 1)
    return PairErrors(names, pairs, error, influence / count)


def chosen_pairs(columns: int, seed: Seed) -> Array:
    """All pairs of few columns, a sample of those of many; (P, 2), first below second."""
    if columns <= ALL_PAIRS:
        return np.stack(np.triu_indices(columns, 1), axis=1)
    total = columns * (columns - 1) // 2
    picked = np.sort(seed.stream("pairs").choice(total, SAMPLED_PAIRS, replace=False))
    second = ((1 + np.sqrt(1 + 8 * picked)) // 2).astype(np.int64)  # picked = s (s - 1) / 2 + f
    return np.stack([picked - second * (second - 1) // 2, second], axis=1)


def _chunks(pairs: Array) -> list[Array]:
    """The pairs in tasks whose size does not depend on the number of workers."""
    return [pairs[start : start + CHUNK] for start in range(0, len(pairs), CHUNK)]


def _association_gaps(binned: Binned, groups: tuple[Array, Array], pairs: Array) -> Array:
    """How much Cramér's V of the two tables differs; (1 + HALVES, P).

    The first line is of all synthetic rows, each other of the half of them in some groups.
    """
    group, half = groups
    taken = np.concatenate([np.ones((1, GROUPS), dtype=np.int64), half])
    gaps = np.empty((1 + HALVES, len(pairs)))
    for i, (a, b) in enumerate(pairs.tolist()):
        ((x, u), rows), ((y, v), width) = binned[a], binned[b]
        cells = rows * width
        real = np.bincount(x * width + y, minlength=cells)
        code = (group * rows + u) * width + v
        parts = np.bincount(code, minlength=GROUPS * cells).reshape(GROUPS, cells)
        counts = np.concatenate([real[None], taken @ parts])
        strength = cramer(counts.reshape(-1, rows, width))
        gaps[:, i] = np.abs(strength[1:] - strength[0])
    return gaps


def _contingencies(binned: Binned, pairs: Array) -> tuple[Array, Array]:
    """Distances of contingency tables, (P,), and the sum of their influences, (M,)."""
    error, total = np.empty(len(pairs)), np.zeros(len(next(iter(binned.values()))[0][1]))
    for i, (a, b) in enumerate(pairs.tolist()):
        ((x, u), _), ((y, v), width) = binned[a], binned[b]
        error[i], row = contingency(x * width + y, u * width + v)
        total += row
    return error, total


def _titles(names: tuple[str, ...], pairs: Array) -> list[str]:
    return [f"{names[a]} × {names[b]}" for a, b in pairs]


def _note(columns: int, pairs: int, rows: int) -> str:
    total = columns * (columns - 1) // 2
    part = f"{pairs:,} of {total:,} pairs" if pairs < total else f"{pairs:,} pairs"
    return f"{part}, {rows:,} rows"
