"""Can a classifier tell synthetic rows from real ones?

Paper: Lopez-Paz and Oquab, "Revisiting classifier two-sample tests", ICLR 2017.
"""

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from likewise.core.errors import DataError
from likewise.core.seeds import Seed
from likewise.data.table import Table
from likewise.metrics.intervals import around, auc
from likewise.metrics.learners import boosted, features, single_threaded, some_columns, some_rows
from likewise.metrics.score import SEED, Score, worst_first
from likewise.metrics.views import Array, measured

FOLDS = 3
ROWS = 8_000  # a side
FEWEST = 20  # rows a side
TREES, RATE, LEAVES, LEAF = 150, 0.08, 31, 50
PERMUTED = 2_000  # rows on which a column's part in the detection is measured


@dataclass(frozen=True)
class _Fold:
    """One fitted detector and the rows it has not seen."""

    model: Any
    rows: Array
    scores: Array


def detector_auc(
    real: Table,
    synth: Table,
    *,
    holdout: Table | None = None,
    seed: Seed = SEED,
    rows: int = ROWS,
    explain: bool = True,
) -> Score:
    """AUC of boosted trees that tell synthetic rows from real ones; 0.5 is best, 1 is worst.

    Three-fold out-of-fold, 150 trees of 31 leaves, with at least 50 rows a leaf (fewer in tables
    under 8,000 rows). The real side is ``holdout`` when given: rows the generator has learned from
    flatter a generator that copies. Values clearly under 0.5 are a sign of copied rows. The AUC
    grows with the number of rows; the note says how many. The interval is DeLong's. ``by`` is how
    much the AUC drops when a column is permuted among unseen rows.

    Raises:
        DataError: fewer than 20 rows on a side, or no column to look at.
    """
    against = real if holdout is None else holdout
    rng = seed.stream("detector")
    names = some_columns(measured(real.schema), rng)
    count = min(rows, against.rows, synth.rows)
    if not names or count < FEWEST:
        found = "only keys" if not names else f"fewer than {FEWEST} rows on a side"
        raise DataError("detector_auc", found, "Compare larger tables")
    sides = features([some_rows(t, count, rng) for t in (against, synth)], names)
    x = np.concatenate([side.x for side in sides])
    fake = np.repeat([False, True], count)
    fold = np.concatenate([rng.permutation(count) % FOLDS for _ in sides])
    tasks = [partial(_fit, x, fake, fold != k, sides[0].labelled) for k in range(FOLDS)]
    folds = single_threaded(tasks)

    scores = np.empty(len(x))
    for part in folds:
        scores[part.rows] = part.scores
    value, influence = auc(scores, fake)
    names = sides[0].names
    drops = np.zeros(len(names))
    if explain:
        [drops] = single_threaded([partial(_drops, folds[0], x, fake, rng)])
    side = "training" if holdout is None else "untouched"
    return Score(
        "detector_auc",
        value,
        around(value, influence, 0, 1),
        better="target",
        by=worst_first(names, np.where(drops > 0, drops, np.nan), count=10),
        note=f"{count:,} rows a side, {side} real rows, {len(names)} columns, {FOLDS} folds",
    )


def _fit(x: Array, fake: Array, train: Array, labelled: Array) -> _Fold:
    """Train on some rows, score the others."""
    leaf = min(LEAF, max(2, int(train.sum()) // 200))
    shape = {"max_iter": TREES, "learning_rate": RATE, "max_leaf_nodes": LEAVES}
    model = boosted("classify", x[train], fake[train], labelled, min_samples_leaf=leaf, **shape)
    rows = np.flatnonzero(~train)
    return _Fold(model, rows, model.decision_function(x[rows]))


def _drops(fold: _Fold, x: Array, fake: Array, rng: np.random.Generator) -> Array:
    """By how much the AUC on unseen rows falls when each column is permuted; (C,).

    Paper: Breiman, "Random forests", 2001, section 10.
    """
    picked = rng.permutation(len(fold.rows))[:PERMUTED]
    seen, truth = x[fold.rows[picked]], fake[fold.rows[picked]]
    whole, _ = auc(fold.scores[picked], truth)
    drops = np.zeros(x.shape[1])
    for column in range(x.shape[1]):
        mixed = seen.copy()
        mixed[:, column] = rng.permutation(mixed[:, column])
        drops[column] = whole - auc(fold.model.decision_function(mixed), truth)[0]
    return drops
