"""Does a model trained on synthetic rows do the real job as well as one trained on real rows?

Paper: Esteban, Hyland and Rätsch, "Real-valued (medical) time series generation with recurrent
conditional GANs", 2017, which named train on synthetic, test on real (TSTR).
"""

from functools import partial

import numpy as np

from likewise.core.errors import DataError
from likewise.core.seeds import Seed
from likewise.data.table import Table
from likewise.metrics.intervals import around
from likewise.metrics.learners import boosted, single_threaded, some_columns, some_rows
from likewise.metrics.score import SEED, Score
from likewise.metrics.tasks import FEWEST, Result, Task, macro_auc, r_squared, task_of
from likewise.metrics.views import measured

TRAIN_ROWS, TEST_ROWS = 50_000, 20_000
TARGETS = 3  # when none is declared
CHOSEN_ROWS = 10_000  # to train on, for each of those
PROBED, PROBE_ROWS, PROBE_TREES, PROBE_RATE = 12, 2_000, 15, 0.3  # small models that choose them
PERFECT = 0.995  # a target known so well only repeats another column
TREES, RATE, LEAVES, LEAF = 100, 0.1, 31, 20


def utility(
    real: Table,
    synth: Table,
    *,
    holdout: Table,
    target: str | None = None,
    seed: Seed = SEED,
    rows: int = TRAIN_ROWS,
) -> Score:
    """Score on the holdout of boosted trees trained on synthetic rows; the higher the better.

    AUC for labels (mean over the ten most frequent classes, each against the rest), R² for
    numbers. The floor is the same model trained on as many real rows, tested on the same rows.
    Without a target, up to three columns that the others predict best, though not perfectly, are
    used and the scores averaged; numbers are then replaced by their ranks, because a few extremes
    decide the R² of heavy tails. ``by`` holds each target's score, and "target (real)" its floor.
    The intervals cover the sampling of the test rows.

    Raises:
        DataError: too few rows, or nothing that can be predicted.
        SchemaError: no such target.
    """
    rng = seed.stream("utility")
    count = min(rows if target is not None else min(rows, CHOSEN_ROWS), real.rows, synth.rows)
    if min(count, holdout.rows) < FEWEST:
        raise DataError("utility", f"fewer than {FEWEST} rows to learn or test", "Give more rows")
    names = some_columns(measured(real.schema), rng)
    if target is not None:
        real.schema[target]
        names = (*(name for name in names if name != target), target)
    parts = [some_rows(t, k, rng) for t, k in ((real, count), (synth, count), (holdout, TEST_ROWS))]
    targets = [target] if target is not None else _predictable(parts[0], parts[2], names)
    tasks = [
        task
        for name in targets
        if (task := task_of(parts, names, name, ranked=target is None)) is not None
    ]
    if not tasks:
        found = "no column that others predict" if target is None else "target cannot be judged"
        raise DataError("utility", found, "Declare a target with two classes or varying numbers")
    fits = [partial(_score, task, side) for task in tasks for side in (1, 0)]
    results = single_threaded(fits)
    return _summary(
        tasks,
        results[::2],
        results[1::2],
        trained=count,
        tested=parts[2].rows,
        chosen=target is None,
    )


def _summary(
    tasks: list[Task],
    synthetic: list[Result],
    real: list[Result],
    *,
    trained: int,
    tested: int,
    chosen: bool,
) -> Score:
    value, floor = (float(np.mean([r.value for r in side])) for side in (synthetic, real))
    by = {t.name: r.value for t, r in zip(tasks, synthetic, strict=True)}
    by |= {f"{t.name} (real)": r.value for t, r in zip(tasks, real, strict=True)}
    numbers = "R² of ranks" if chosen else "R²"
    kinds = [f"{t.name} by {'AUC' if t.classes else numbers}" for t in tasks]
    why = ", the columns others predict best" if chosen else ""
    return Score(
        "utility",
        value,
        _interval(value, synthetic),
        floor,
        _interval(floor, real),
        better="higher",
        by=by,
        note=f"{', '.join(kinds)}{why}; {trained:,} rows to learn, {tested:,} to test",
    )


def _interval(value: float, results: list[Result]) -> tuple[float, float] | None:
    """All targets are tested on the same rows, save those of classes too rare to be judged."""
    if len(results) == 1:
        return around(value, results[0].influence, high=1)
    halves = [around(r.value, r.influence) or (r.value, r.value) for r in results]
    half = float(np.mean([(high - low) / 2 for low, high in halves]))  # as if fully dependent
    return value - half, min(value + half, 1.0)


def _predictable(real: Table, test: Table, names: tuple[str, ...]) -> list[str]:
    """Up to TARGETS columns that small models of the others predict best, yet not perfectly."""
    probed = names[-1:] + names[:-1]  # tables often end with what they are about
    learn, judge = real.slice(0, PROBE_ROWS), test.slice(0, PROBE_ROWS)
    small = [learn, learn, judge]
    tasks = [task_of(small, names, name, ranked=True) for name in probed[:PROBED]]
    able = [task for task in tasks if task is not None]
    results = single_threaded([partial(_score, task, 0, PROBE_TREES, PROBE_RATE) for task in able])
    skill = {
        task.name: 2 * result.value - 1 if task.classes else result.value
        for task, result in zip(able, results, strict=True)
    }
    order = sorted(skill, key=lambda name: -skill[name])
    open_ones = [name for name in order if 0.05 < skill[name] < PERFECT]
    return (open_ones or [name for name in order if skill[name] > 0.05])[:TARGETS]


def _score(task: Task, side: int, trees: int = TREES, rate: float = RATE) -> Result:
    """Learn from one side, judge on the test rows; what cannot be told apart scores 0.5 or 0."""
    (x, y), (test_x, test_y) = task.sides[side], task.sides[2]
    known = np.unique(y)
    leaf = min(LEAF, max(2, len(x) // 100))
    if task.classes > 2:
        trees = max(trees // 2, 10)  # one tree per class and round
    shape = {"max_iter": trees, "learning_rate": rate, "max_leaf_nodes": LEAVES}
    if not task.classes:
        model = boosted("regress", x, y, task.labelled, min_samples_leaf=leaf, **shape)
        return r_squared(model.predict(test_x), test_y)
    score = np.zeros((len(test_x), task.classes))
    if len(known) > 1:
        model = boosted("classify", x, y, task.labelled, min_samples_leaf=leaf, **shape)
        score[:, known] = model.predict_proba(test_x)
    return macro_auc(score, test_y, task.classes)
