"""Telling two sides apart by boosted trees when rows are not independent: groups share a fold.

Papers: Lopez-Paz and Oquab, "Revisiting classifier two-sample tests", ICLR 2017; Roberts et al.,
"Cross-validation strategies for data with temporal, spatial, hierarchical, or phylogenetic
structure", Ecography 40(8), 2017 (blocks of dependent rows).

Shapes: M rows a side, F features.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from likewise.core.errors import DataError
from likewise.metrics.intervals import around, auc
from likewise.metrics.learners import boosted, single_threaded
from likewise.metrics.score import Score, worst_first

Array = np.ndarray

FEWEST = 50  # rows a side without which nothing is detected
FOLDS = 3
TREES, RATE, LEAVES, LEAF = 60, 0.1, 16, 25
PERMUTED = 500  # rows on which a feature's part in the detection is measured


@dataclass(frozen=True)
class Grouped:
    """What a classifier sees of either side: (M, F) matrices, and a group for each row, (M,)."""

    x: Sequence[Array]
    labelled: Array
    group: Sequence[Array]
    names: Sequence[str]


def detect(name: str, rows: Grouped, rng: np.random.Generator, explain: bool) -> Score:
    """The out-of-fold AUC of the second side against the first; rows of a group share a fold."""
    count = len(rows.x[0])
    if count < FEWEST or not rows.names:
        found = f"fewer than {FEWEST} rows on a side" if rows.names else "no column"
        raise DataError(name, found, "Compare larger tables")
    x, group = np.concatenate(rows.x), np.concatenate(rows.group)
    fake, fold = np.repeat([False, True], count), _folds(group, rng)
    if len(np.unique(fold)) < FOLDS:
        raise DataError(name, f"fewer than {FOLDS} rows that differ", "Compare larger tables")
    done = single_threaded([partial(_fit, x, fake, fold != k, rows.labelled) for k in range(FOLDS)])
    scores = np.empty(len(x))
    for part in done:
        scores[part.rows] = part.scores
    value, influence = auc(scores, fake)
    drops = np.full(len(rows.names), np.nan)
    if explain:
        [drops] = single_threaded([partial(_drops, done[0], x, fake, rng)])
    note = f"{count:,} rows a side, {len(rows.names)} features, {FOLDS} folds"
    by = worst_first(rows.names, np.where(drops > 0, drops, np.nan), count=10)
    interval = around(value, _by_group(influence, group), 0, 1)
    return Score(name, value, interval, better="target", by=by, note=note)


def _by_group(influence: Array, group: Array) -> Array:
    """Influences summed over groups, scaled so that ``around`` gives the interval of their mean."""
    _, place = np.unique(group, return_inverse=True)
    total = np.bincount(place, weights=influence)
    return np.asarray(total * len(total) / len(influence))


def _folds(group: Array, rng: np.random.Generator) -> Array:
    """A fold for each row, the same for rows of a group; (M,)."""
    known, place = np.unique(group, return_inverse=True)
    return np.asarray((rng.permutation(len(known)) % FOLDS)[place])


@dataclass(frozen=True)
class _Fold:
    """One fitted detector and the rows it has not seen."""

    model: Any
    rows: Array
    scores: Array


def _fit(x: Array, fake: Array, train: Array, labelled: Array) -> _Fold:
    """Train on some rows, score the others."""
    leaf = min(LEAF, max(2, int(train.sum()) // 100))
    shape = {"max_iter": TREES, "learning_rate": RATE, "max_leaf_nodes": LEAVES}
    model = boosted("classify", x[train], fake[train], labelled, min_samples_leaf=leaf, **shape)
    rows = np.flatnonzero(~train)
    return _Fold(model, rows, model.decision_function(x[rows]))


def _drops(fold: _Fold, x: Array, fake: Array, rng: np.random.Generator) -> Array:
    """By how much the AUC on unseen rows falls when each feature is permuted; (F,)."""
    picked = rng.permutation(len(fold.rows))[:PERMUTED]
    seen, truth = x[fold.rows[picked]], fake[fold.rows[picked]]
    if truth.all() or not truth.any():
        return np.zeros(x.shape[1])
    whole, _ = auc(fold.scores[picked], truth)
    drops = np.zeros(x.shape[1])
    for column in range(x.shape[1]):
        mixed = seen.copy()
        mixed[:, column] = rng.permutation(mixed[:, column])
        drops[column] = whole - auc(fold.model.decision_function(mixed), truth)[0]
    return drops
