"""Six models of different kinds and sizes, to see which one a table would make us choose.

Shapes: N rows, C columns, D encoded dimensions.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from likewise.metrics.learners import boosted
from likewise.metrics.tasks import TESTED, Result, Task, macro_auc, r_squared
from likewise.metrics.views import Array

LEVELS = 20  # of a column with a dummy each
FARTHEST = 5.0  # standard deviations at which numbers are cut off
NEAREST = 15
TREES, LEAF = 60, 5  # of the forest
MODELS = ("linear", "nearest", "tree", "forest", "boosted", "boosted long")


def scores(task: Task, side: int) -> dict[str, Result]:
    """Each model's score on the tested rows when it learns from one side, by its name."""
    return {name: judged(task, fit) for name, fit in fitted(task, side).items()}


def fitted(
    task: Task, side: int, names: Sequence[str] = MODELS
) -> dict[str, Callable[[Array], Array]]:
    """Functions from features (N, C) to guesses: (N,) numbers, or (N, K) chances of classes."""
    x, y = task.sides[side]
    encode = _encoder(task)
    dense = encode(x)
    found: dict[str, Callable[[Array], Array]] = {}
    for name in names:
        if task.classes and len(np.unique(y)) < 2:
            found[name] = partial(_constant, task.classes)
        elif name.startswith("boosted"):
            found[name] = partial(_guess, task, _boosted(task, x, y, long=name.endswith("long")))
        else:
            model = _plain(name, task.classes > 0).fit(dense, y)
            found[name] = partial(_guess, task, model, encode=encode)
    return found


def judged(task: Task, guess: Callable[[Array], Array], x: Array | None = None) -> Result:
    """AUC or R² of a model on the tested rows, or on other features of them, (N, C)."""
    own, y = task.sides[TESTED]
    found = guess(own if x is None else x)
    return macro_auc(found, y, task.classes) if task.classes else r_squared(found, y)


def _plain(name: str, classify: bool) -> Any:
    """A model of scikit-learn, not fitted."""
    from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
    from sklearn.linear_model import LogisticRegression, Ridge
    from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    if name == "linear":
        return LogisticRegression(max_iter=300) if classify else Ridge(1.0)
    if name == "nearest":
        return (KNeighborsClassifier if classify else KNeighborsRegressor)(NEAREST)
    if name == "tree":
        kind = DecisionTreeClassifier if classify else DecisionTreeRegressor
        return kind(max_depth=5, min_samples_leaf=LEAF, random_state=0)
    forest = RandomForestClassifier if classify else RandomForestRegressor
    return forest(TREES, min_samples_leaf=LEAF, max_features="sqrt", random_state=0)


def _boosted(task: Task, x: Array, y: Array, *, long: bool) -> Any:
    shape = {"max_iter": 150, "max_leaf_nodes": 31} if long else {"max_iter": 25}
    shape = {"max_leaf_nodes": 6, "min_samples_leaf": min(20, max(2, len(x) // 100)), **shape}
    return boosted("classify" if task.classes else "regress", x, y, task.labelled, **shape)


def _guess(
    task: Task, model: Any, x: Array, encode: Callable[[Array], Array] | None = None
) -> Array:
    """Numbers, or chances with a column for every class of the task."""
    x = x if encode is None else encode(x)
    if not task.classes:
        return np.asarray(model.predict(x))
    chances = np.zeros((len(x), task.classes))
    chances[:, model.classes_.astype(np.int64)] = model.predict_proba(x)
    return chances


def _constant(classes: int, x: Array) -> Array:
    """Of a single class nothing is learned."""
    return np.zeros((len(x), classes))


def _encoder(task: Task) -> Callable[[Array], Array]:
    """Numbers in real standard deviations, dummies of labels and of missing values."""
    real = task.sides[0][0]
    known = ~np.isnan(real)
    count = np.maximum(known.sum(axis=0), 1)
    peak = np.abs(np.where(known, real, 0)).max(axis=0, initial=0)
    peak[peak == 0] = 1.0  # so that squares of huge numbers stay finite
    scaled = np.where(known, real / peak, 0)
    mean = scaled.sum(axis=0) / count
    spread = np.sqrt((np.where(known, scaled - mean, 0) ** 2).sum(axis=0) / count)
    spread[spread <= 1e-12] = 1.0

    def encode(x: Array) -> Array:
        z = np.clip((x / peak - mean) / spread, -FARTHEST, FARTHEST)
        parts = [np.nan_to_num(z[:, ~task.labelled]), np.isnan(x).astype(np.float64)]
        parts += [x[:, [c]] == np.arange(LEVELS) for c in np.flatnonzero(task.labelled)]
        return np.concatenate(parts, axis=1)

    return encode
