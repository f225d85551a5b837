"""Does the synthetic table lead to the same choices: of a model, and of the columns that matter?

Models and columns that are nearly tied swap places between two real samples too, which ruins
rank correlations. So pairs weigh as much as the real table tells the two apart.

Papers: Jordon et al., "Measuring the quality of synthetic data for use in competitions", 2018,
on orders of models; Breiman, "Random forests", 2001, on importance by permutation.

Shapes: K things ranked (models or columns), N tested rows.
"""

import math
from collections.abc import Callable
from functools import partial

import numpy as np

from likewise.core.errors import DataError
from likewise.core.seeds import Seed
from likewise.data.table import Table
from likewise.metrics.learners import single_threaded, some_columns, some_rows
from likewise.metrics.models import fitted, judged, scores
from likewise.metrics.score import SEED, Score
from likewise.metrics.tasks import TESTED, Task, task_of
from likewise.metrics.views import Array, measured

ROWS, TEST_ROWS = 5_000, 5_000
FEWEST, FEWEST_TESTED = 200, 100  # with fewer not even two real samples agree
WIDEST = 60  # columns
DRAWS = 2_000
LISTED = 10


def model_choice(
    real: Table, synth: Table, *, holdout: Table, target: str, seed: Seed = SEED
) -> Score:
    """Agreement of the order of six models, by what they score on real rows; -1 to 1, 1 is best.

    A linear model, nearest neighbours, a tree, a forest and two boosted ones learn to predict the
    target from synthetic and from real rows, and are tested on the same real rows (AUC, or R² of
    ranks). A pair of models counts for the synthetic table when both orders agree and against it
    when they do not, weighed by how far apart they are when learned from real rows. The floor is
    the agreement of two samples of real rows. ``by`` has the score that is lost by the choice
    ("score lost": of the best model learned from real rows, less that of the model which the
    synthetic rows choose), Spearman's correlation, and each model's score.

    Cost: about 4 s for 5,000 rows a sample, of up to 60 columns.

    Raises:
        DataError: too few rows, or the target cannot be learned.
    """
    task = _task("model_choice", (real, synth, holdout), target, seed)
    one, made, other = single_threaded([partial(scores, task, side) for side in (0, 1, 3)])
    found = [np.array([result.value for result in side.values()]) for side in (one, made, other)]
    lost = {"score lost": float(found[0].max() - found[0][found[1].argmax()])}
    rank = {"Spearman": spearman(found[0], found[1])}
    models = {name: result.value for name, result in made.items()}
    models |= {f"{name} (real)": result.value for name, result in one.items()}
    return _score("model_choice", task, found, seed, lost | rank | models)


def feature_ranking(
    real: Table, synth: Table, *, holdout: Table, target: str, seed: Seed = SEED
) -> Score:
    """Agreement of the order of columns by their importance for a target; -1 to 1, 1 is best.

    Importance is what a random forest loses on real rows when a column is permuted: among columns
    that tell the same, boosted trees choose one by chance, and their order hardly repeats. As in
    ``model_choice``, pairs weigh as much as they are apart for a forest learned from real rows, and
    the floor is the agreement of two samples of real rows. ``by`` has Spearman's correlation and
    the importance of the ten most important columns, as the synthetic rows tell it.

    Cost: about 1 s for 5,000 rows a sample of 15 columns.

    Raises:
        DataError: too few rows, a single other column, or the target cannot be learned.
    """
    task = _task("feature_ranking", (real, synth, holdout), target, seed)
    if len(task.names) < 2:
        raise DataError("feature_ranking", "a single column to predict from", "Give more columns")
    found = single_threaded([partial(_importance, task, side, seed) for side in (0, 1, 3)])
    order = np.argsort(-found[1], kind="stable")[:LISTED]
    rank = {"Spearman": spearman(found[0], found[1])}
    columns = {task.names[i]: float(found[1][i]) for i in order}
    return _score("feature_ranking", task, found, seed, rank | columns)


def agreement(real: Array, other: Array) -> Array:
    """Share of real differences whose sign agrees less that of others, weighed by their size.

    (..., K) twice -> (...) in [-1, 1]; 1 where nothing differs.
    """
    first, second = np.triu_indices(real.shape[-1], 1)
    wanted = real[..., first] - real[..., second]
    told = other[..., first] - other[..., second]
    total = np.abs(wanted).sum(axis=-1)
    net = (wanted * np.sign(told)).sum(axis=-1)
    return np.where(total > 0, net / np.where(total > 0, total, 1), 1.0)


def spearman(one: Array, other: Array) -> float:
    """Rank correlation of two vectors; 1 where either is constant and so tells no order."""
    ranks = [(x[:, None] > x).sum(axis=1) + (x[:, None] == x).sum(axis=1) / 2 for x in (one, other)]
    if any(np.ptp(rank) == 0 for rank in ranks):
        return 1.0
    return float(np.corrcoef(*ranks)[0, 1])


def _score(name: str, task: Task, found: list[Array], seed: Seed, by: dict[str, float]) -> Score:
    """Agreement of real and synthetic values, beside that of two real samples.

    Values err by how the two real samples differ, apart from a difference of all alike, and half
    as much again, because few values tell that error; drawing such errors gives the intervals.
    """
    one, made, other = found
    error = 1.5 * float(np.std(one - other, ddof=1)) / math.sqrt(2)
    noise = error * seed.stream(name, "noise").standard_normal((3, DRAWS, len(one)))
    drawn = agreement(one + noise[0], made + noise[1])
    second = agreement(one + noise[0], one + noise[2])
    value, floor = float(agreement(one, made)), float(agreement(one, other))
    low, high = (float(end) for end in np.quantile(drawn, [0.025, 0.975]))
    learned, tested = len(task.sides[0][1]), len(task.sides[TESTED][1])
    return Score(
        name,
        value,
        (min(low, value), max(high, value)),
        floor,
        (min(float(np.quantile(second, 0.0025)), floor), 1.0),
        better="higher",
        by=by,
        note=f"{task.name} from {len(task.names)} columns, {learned:,} rows to learn, "
        f"{tested:,} to test",
    )


def _importance(task: Task, side: int, seed: Seed) -> Array:
    """What a forest learned from one side loses when each column is permuted; (C,)."""
    guess: Callable[[Array], Array] = fitted(task, side, ("forest",))["forest"]
    whole = judged(task, guess).value
    x, y = task.sides[TESTED]
    order = seed.stream("permuted").permutation(len(y))
    lost = np.empty(len(task.names))
    for column in range(len(lost)):
        mixed = x.copy()
        mixed[:, column] = mixed[order, column]
        lost[column] = whole - judged(task, guess, mixed).value
    return lost


def _task(who: str, tables: tuple[Table, Table, Table], target: str, seed: Seed) -> Task:
    """The task on two samples of real rows, one of synthetic ones, and the tested rows."""
    real, synth, holdout = tables
    rng = seed.stream("ranking")
    real.schema[target]
    names = [name for name in some_columns(measured(real.schema), rng) if name != target]
    picked = np.sort(rng.permutation(len(names))[:WIDEST])
    count = min(ROWS, real.rows // 2, synth.rows)
    if count < FEWEST or holdout.rows < FEWEST_TESTED:
        found = f"fewer than {2 * FEWEST} real, {FEWEST} synthetic or {FEWEST_TESTED} fresh rows"
        raise DataError(who, found, "Give more rows")
    twice = some_rows(real, 2 * count, rng)
    parts = [
        twice.slice(0, count),
        some_rows(synth, count, rng),
        some_rows(holdout, TEST_ROWS, rng),
        twice.slice(count),
    ]
    task = task_of(parts, [*(names[i] for i in picked), target], target, ranked=True)
    if task is None:
        hint = "Declare a target with two classes or varying numbers"
        raise DataError(who, "the target cannot be learned", hint)
    return task
