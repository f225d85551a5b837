"""Prediction tasks: one column to be told from the others, in tables that share its coding."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from likewise.data.schema import Kind
from likewise.data.table import Table
from likewise.metrics.intervals import auc
from likewise.metrics.learners import features
from likewise.metrics.views import Array, codes, is_number, values

FEWEST = 50  # rows to train on and to test on
CLASSES = 10  # most frequent ones; rows of others are left out
TESTED = 2  # the side that models are tested on


@dataclass(frozen=True)
class Task:
    """One target: features and truth of each table.

    Attributes:
        name: the target.
        names: the columns it is predicted from, C of them.
        labelled: which of them hold codes, (C,) bool.
        sides: (x, y) of each table, (N_i, C) and (N_i,).
        classes: 0 for a regression.
        used: which rows of each table these are, bool; others lack the target.
    """

    name: str
    names: tuple[str, ...]
    labelled: Array
    sides: tuple[tuple[Array, Array], ...]
    classes: int
    used: tuple[Array, ...]


@dataclass(frozen=True)
class Result:
    """A model's score on the tested rows and each row's influence on it, (N,)."""

    value: float
    influence: Array
    classes: int


def task_of(
    parts: Sequence[Table], names: Sequence[str], target: str, *, ranked: bool
) -> Task | None:
    """The task of one target, or None when it cannot be learned or judged.

    Args:
        parts: tables to learn from, the third one to test on; the first gives classes and ranks.
        names: the columns, the target among them.
        target: what is predicted.
        ranked: numbers are replaced by their ranks.
    """
    others = [name for name in names if name != target]
    kind = parts[0].schema[target].kind
    if not others or kind is Kind.KEY or kind is Kind.CONSTANT:
        return None
    matrices = features(parts, others)
    if is_number(kind) and len(parts[TESTED].labels(target)[1]) > 2:  # two numbers are two classes
        truths = [values(part, target) for part in parts]
        kept = [~np.isnan(y) for y in truths]
        if ranked:
            ordered = np.sort(truths[0][kept[0]])
            truths = [np.searchsorted(ordered, y) / max(len(ordered), 1) for y in truths]
        classes = 0
    else:
        truths, labels = codes(parts, target)
        classes = min(len(labels), CLASSES)
        kept = [(y >= 0) & (y < classes) for y in truths]
    if min(int(k.sum()) for k in kept) < FEWEST:
        return None
    sides = tuple((m.x[k], y[k]) for m, y, k in zip(matrices, truths, kept, strict=True))
    if any(len(np.unique(sides[i][1])) < 2 for i in (0, TESTED)):
        return None
    return Task(target, tuple(others), matrices[0].labelled, sides, classes, tuple(kept))


def macro_auc(score: Array, truth: Array, classes: int) -> Result:
    """Mean AUC of each class against the rest, over the classes the test rows hold."""
    present = np.unique(truth)
    if classes == 2:
        present = present[1:]  # the other class gives the same number
    parts = [auc(score[:, k], truth == k) for k in present]
    value = float(np.mean([value for value, _ in parts]))
    return Result(value, np.mean([influence for _, influence in parts], axis=0), classes)


def r_squared(guess: Array, truth: Array) -> Result:
    """Coefficient of determination and each row's influence on it."""
    square, spread = (truth - guess) ** 2, (truth - truth.mean()) ** 2
    ratio = square.mean() / spread.mean()
    return Result(float(1 - ratio), -(square - ratio * spread) / spread.mean(), 0)
