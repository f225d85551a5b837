"""What tells about stretches of rows: numbers for boosted trees.

Shapes: W windows of L rows, F features.
"""

import warnings

import numpy as np

from likewise.metrics.sequences import LEVELS, Sequences
from likewise.metrics.views import Array

TOP = 5  # labels whose shares are features


def features(side: Sequences, rows: Array) -> tuple[Array, list[str]]:
    """What tells about windows: (W, L) rows -> (W, F), and the column each feature is of."""
    there = rows >= 0
    found, names = [], []
    if side.ended:
        found.append(there.sum(axis=1).astype(float))
        names.append("rows")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        for name, column in side.numbers.items():
            x = np.where(there, column[rows], np.nan)
            told = _of_numbers(x)
            found += told
            names += [name] * len(told)
        for name, column in side.labels.items():
            told = _of_labels(np.where(there, column[rows], -1))
            found += told
            names += [name] * len(told)
    return np.stack(found, axis=1), names


def _of_numbers(x: Array) -> list[Array]:
    step = np.diff(x, axis=1)
    turn = np.diff(step, axis=1) if step.shape[1] > 1 else np.full((len(x), 1), np.nan)
    size = np.abs(step)
    spread = np.nanstd(step, axis=1)
    follow = np.nanmean(step[:, 1:] * step[:, :-1], axis=1) / np.maximum(spread**2, 1e-300)
    return [
        x[:, 0], x[:, -1], np.nanmean(x, axis=1), np.nanstd(x, axis=1), spread,
        np.nanmean(size, axis=1), np.nanmax(size, axis=1), np.nanmean(np.abs(turn), axis=1),
        np.nanmean(np.where(np.isnan(step), np.nan, step == 0), axis=1), follow,
        np.isnan(x).mean(axis=1),
    ]  # fmt: skip


def _of_labels(codes: Array) -> list[Array]:
    there = codes >= 0
    count = np.maximum(there.sum(axis=1), 1)
    both = there[:, 1:] & there[:, :-1]
    changes = ((codes[:, 1:] != codes[:, :-1]) & both).sum(axis=1) / np.maximum(both.sum(axis=1), 1)
    shares = [((codes == k).sum(axis=1)) / count for k in (*range(TOP), LEVELS + 1)]
    return [changes, codes[:, 0].astype(float), *shares]
