"""One method on trial: fitted on some rows, judged by others it has not seen."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from likewise.core.errors import DataError
from likewise.core.run import Run
from likewise.core.seeds import Seed
from likewise.data.split import holdout_split
from likewise.data.table import Table
from likewise.generators.tabular import TableModel, Tabular
from likewise.metrics.intervals import auc
from likewise.metrics.learners import boosted, features, single_threaded, some_columns
from likewise.metrics.pairs import pair_error
from likewise.metrics.proximity import near_copies
from likewise.metrics.utility import utility
from likewise.metrics.views import is_number, measured

JUDGED = 1 / 3  # share of the contest's rows that judge
SMALL, FOLDS = 2_000, 3  # below so many rows each third judges in turn, as one says little
RARE = 0.05  # share of a class below which a detector hardly sees whether it is right
DETECTOR_TREES = 60
COPIES = 0.02  # share of rows as near to training rows as 1 % of fresh ones, tolerated at most


@dataclass(frozen=True)
class Fold:
    """Rows to learn and rows to judge by.

    Attributes:
        learn, judge: the rows.
        utility: whether the target's model is judged too.
        given: columns whose values the judged rows are drawn from.
    """

    learn: Table
    judge: Table
    utility: bool
    given: tuple[str, ...] = ()


@dataclass(frozen=True)
class Found:
    """How a method did on one fold.

    Attributes:
        auc: of the detector, on rows that it has not seen; 0.5 is best.
        pairs: the pair error; 0 is best.
        loss: utility lost against real rows, 0 at least; None without a target.
        near, usual: share of near copies, and what fresh rows show.
        copies: whether there are more of them than fresh rows show.
    """

    auc: float
    pairs: float
    loss: float | None
    near: float
    usual: float
    copies: bool

    @property
    def score(self) -> float:
        """1 at best."""
        return 1 - max(2 * self.auc - 1, 0.0) - self.pairs - (self.loss or 0.0)


def folds_of(table: Table, seed: Seed, given: tuple[str, ...] = ()) -> list[Fold]:
    """One third judges, each in turn where rows are few.

    The target's model is judged as well where rows are few or one of its classes is rare.
    """
    if table.rows >= SMALL:
        learn, judge = holdout_split(table, JUDGED, seed)
        return [Fold(learn, judge, _rare_class(table), given)]
    part = seed.stream("folds").permutation(table.rows) % FOLDS
    target = table.schema.target is not None
    sides = (
        [table.take(np.flatnonzero(side)) for side in (part != i, part == i)] for i in range(FOLDS)
    )
    return [Fold(learn, judge, target, given) for learn, judge in sides]


def _rare_class(table: Table) -> bool:
    """Whether the target has a class of fewer than 5 % of the rows that have one."""
    target = table.schema.target
    if target is None or is_number(table.schema[target].kind):
        return False
    codes, labels = table.labels(target)
    counts = np.bincount(codes[codes >= 0], minlength=len(labels))
    return len(labels) > 1 and bool(counts.min() < RARE * counts.sum())


def tried(recipe: Tabular, fold: Fold, *, own: Seed, seed: Seed, run: Run) -> Found:
    """Fit on the learning rows, draw as many rows, and judge them; ``own`` seeds the method.

    Where columns will be given, the detector and the pairs judge rows drawn given the judging rows'
    own values of them.
    """
    model = recipe.fit(fold.learn, seed=own, run=run)
    drawn = model.sample(max(fold.learn.rows, fold.judge.rows), seed=own, workers=run.workers)
    some = drawn.slice(0, fold.judge.rows)
    judge, met = _asked(fold, model, own, run) if fold.given else (fold.judge, some)
    near = near_copies(fold.learn, some, holdout=fold.judge, seed=seed, queries=1_000)
    usual = max(COPIES, near.floor_interval[1] if near.floor_interval else COPIES)
    return Found(
        auc=_detected(judge, met, seed),
        pairs=pair_error(judge, met, seed=seed).value,
        loss=_lost(fold, drawn.slice(0, fold.learn.rows), seed) if fold.utility else None,
        near=near.value,
        usual=near.floor or 0.0,
        copies=near.interval is not None and near.interval[0] > usual,
    )


def _asked(fold: Fold, model: TableModel, own: Seed, run: Run) -> tuple[Table, Table]:
    """The judging rows whose given values were learned, and rows drawn given those."""
    judge = fold.judge.take(np.flatnonzero(model.codec.learned(fold.judge.select(fold.given))))
    known = judge.select(fold.given)
    seed = own.child("given")
    return judge, model.sample(judge.rows, seed=seed, given=known, workers=run.workers)


def outcome(found: Sequence[Found], copies: bool) -> str:
    """What was found, averaged over folds, in a few words."""

    def mean(values: list[float]) -> float:
        return float(np.mean(values))

    if copies:
        near, usual = mean([one.near for one in found]), mean([one.usual for one in found])
        return f"out: {near:.1%} near copies where fresh rows show {usual:.1%}"
    pairs = mean([one.pairs for one in found])
    words = f"detector AUC {mean([one.auc for one in found]):.3f}, pair error {pairs:.3f}"
    lost = [one.loss for one in found if one.loss is not None]
    return f"{words}, utility lost {mean(lost):.3f}" if lost else words


def _lost(fold: Fold, drawn: Table, seed: Seed) -> float | None:
    """Utility that is lost when the target's model learns drawn rows; None if it has none."""
    try:
        target = fold.learn.schema.target
        found = utility(fold.learn, drawn, holdout=fold.judge, target=target, seed=seed)
    except DataError:
        return None
    return max((found.floor or 0.0) - found.value, 0.0)


def _detected(judge: Table, drawn: Table, seed: Seed) -> float:
    """AUC of a small detector, trained on one half of the rows and measured on the other.

    Smaller than ``metrics.detection``, because it need only rank methods.
    """
    rng = seed.stream("detector")
    names = some_columns(measured(judge.schema), rng)
    if not names:
        raise DataError("contest", "only keys", "Give columns that can be compared")
    sides = features([judge, drawn], names)
    x = np.concatenate([side.x for side in sides])
    fake = np.repeat([False, True], [judge.rows, drawn.rows])
    train = rng.permutation(len(x)) % 2 == 0
    shape = {"max_iter": DETECTOR_TREES, "learning_rate": 0.15, "max_leaf_nodes": 15}
    leaf = max(5, len(x) // 200)

    def scores() -> np.ndarray:
        model = boosted(
            "classify", x[train], fake[train], sides[0].labelled, min_samples_leaf=leaf, **shape
        )
        return np.asarray(model.decision_function(x[~train]))

    value, _ = auc(single_threaded([scores])[0], fake[~train])
    return float(value)
