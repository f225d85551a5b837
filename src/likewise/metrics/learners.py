"""Tables as matrices for boosted trees, and the trees themselves.

Every model is fitted by one thread, so that its result does not depend on the machine.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from likewise.data.table import Table
from likewise.metrics.views import Array, codes, is_number, values

LEVELS = 255  # categories a histogram tree can tell apart; rarer labels share the last
WIDEST = 150  # columns given to a model; of wider tables a sample

T = TypeVar("T")


@dataclass(frozen=True)
class Features:
    """Rows of one or more tables as numbers.

    Attributes:
        x: (N, C) float64; labels are codes, most frequent first; NaN is missing.
        labelled: which columns hold codes, (C,) bool.
        names: the C column names.
    """

    x: Array
    labelled: Array
    names: tuple[str, ...]


def features(tables: Sequence[Table], names: Sequence[str]) -> list[Features]:
    """The named columns of all tables, in the same codes."""
    labelled = np.array([not is_number(tables[0].schema[n].kind) for n in names], dtype=bool)
    columns: list[list[Array]] = [[] for _ in tables]
    for name, labels in zip(names, labelled, strict=True):
        for i, column in enumerate(_label_column(tables, name) if labels else ()):
            columns[i].append(column)
        if not labels:
            for i, table in enumerate(tables):
                columns[i].append(values(table, name))
    return [
        Features(np.stack(c, axis=1) if c else np.empty((t.rows, 0)), labelled, tuple(names))
        for c, t in zip(columns, tables, strict=True)
    ]


def _label_column(tables: Sequence[Table], name: str) -> list[Array]:
    """Codes by falling frequency over all tables, the last one shared, NaN for missing."""
    coded, labels = codes(tables, name)
    pooled = np.concatenate(coded)
    counts = np.bincount(pooled[pooled >= 0], minlength=len(labels))
    rank = np.empty(len(labels) + 1)
    rank[np.argsort(-counts, kind="stable")] = np.minimum(np.arange(len(labels)), LEVELS - 1)
    rank[-1] = np.nan
    return [rank[code] for code in coded]


def some_columns(names: Sequence[str], rng: np.random.Generator) -> tuple[str, ...]:
    """All columns, or a sample of WIDEST in order when there are more."""
    if len(names) <= WIDEST:
        return tuple(names)
    picked = np.sort(rng.choice(len(names), WIDEST, replace=False))
    return tuple(names[i] for i in picked)


def some_rows(table: Table, count: int, rng: np.random.Generator) -> Table:
    """``count`` rows without replacement in random order, or all of them when there are fewer."""
    picked = rng.permutation(table.rows)[:count]
    return table.take(picked)


def boosted(task: str, x: Array, y: Array, labelled: Array, **settings: Any) -> Any:
    """Histogram gradient boosting with native categories, fitted; ``task`` as in scikit-learn."""
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    kind = HistGradientBoostingClassifier if task == "classify" else HistGradientBoostingRegressor
    fixed = {"early_stopping": False, "random_state": 0, "categorical_features": labelled}
    empty = np.isnan(x).all(axis=0)  # scikit-learn cannot bin a column without a value
    return kind(**fixed, **settings).fit(np.where(empty, 0.0, x), y)


def single_threaded(tasks: Sequence[Callable[[], T]]) -> list[T]:
    """The tasks' results, computed one after the other by one thread.

    At these sizes two threads fit no faster than one, together or side by side, and on a busy
    machine OpenMP's waiting threads make a fit ten times slower (measured).
    """
    import sklearn.ensemble  # noqa: F401  a library that is loaded later would not be limited
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    with threadpool_limits(1):
        return [task() for task in tasks]
