"""Where a smooth block's value is to be expected: cross-fitted boosted regression on normal scores.

Of few rows a linear guess may come first, whose few weights tell much, and trees learn what it
misses.

Each fold's model predicts rows it has not seen, so residuals are as large as they will be for new
rows: the spread is honest and no row is reproduced by its own prediction. When drawing, each row
picks one of the folds' models at random.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from likewise.core.artifact import storable
from likewise.core.checks import agree, bounded, rising, shaped
from likewise.generators import sound
from likewise.generators.boosting import SCALE, mixed
from likewise.generators.compiled import compiled
from likewise.generators.descent import add_trees
from likewise.generators.symmetric import START, find_leaves, grow, scratch

Array = np.ndarray
RIDGE = 5.0  # of squared slopes, in rows
CODES = 255  # values of the predicted location as a predictor
MOST_FOLDS = 127  # a row's fold is a signed byte


@storable
@dataclass(frozen=True)
class Location:
    """F boosted regressions and the grid that turns their prediction into a predictor.

    Attributes:
        intercept: (F,) float32, mean normal score outside each fold.
        span: (F, 2) int32, first and last tree of each fold.
        feature: (T, D) uint8, threshold: (T, D) uint8, value: (T, L) float32: the trees.
        edges: (E,) float32, E <= 254, where the code of the prediction changes.
        marks: (P, 256) float32, normal score of each value of a predictor; no rows without a
            linear guess.
        slopes: (F, P) float32, of the linear guess of each fold.
    """

    intercept: Array
    span: Array
    feature: Array
    threshold: Array
    value: Array
    edges: Array
    marks: Array
    slopes: Array

    def __post_init__(self) -> None:
        sound.boosted(self.intercept, self.span, self.feature, self.threshold, self.value)
        agree(1 <= self.folds <= MOST_FOLDS, "folds")
        shaped("edges", self.edges, np.float32, None)
        agree(len(self.edges) < CODES, "codes of the location")
        bounded("edges", self.edges)
        rising("edges", self.edges)
        linear = len(self.marks)
        agree(self.marks.shape == (linear, 256) and self.marks.dtype == np.float32, "marks")
        agree(self.slopes.shape == (self.folds, linear), "slopes of marks")
        agree(self.slopes.dtype == np.float32, "slopes")
        bounded("marks", self.marks)
        bounded("slopes", self.slopes)

    @property
    def predictors(self) -> int:
        """How many predictors the guess and the trees need to be given."""
        return max(sound.predictors_read(self.feature, self.threshold), len(self.marks))

    def predict(self, x: Array, fold: Array) -> Array:
        """Expected normal score by the model of each row's fold; (P, N), (N,) -> (N,)."""
        found = _predict(
            x, fold, self.intercept, self.span, self.feature, self.threshold, self.value
        )
        for j, marks in enumerate(self.marks):
            found += self.slopes[fold, j] * marks[x[j]]
        return np.asarray(found)

    def code(self, location: Array) -> Array:
        """The prediction as a predictor; (N,) float32 -> (N,) uint8."""
        return np.searchsorted(self.edges, location).astype(np.uint8)

    @property
    def folds(self) -> int:
        """Number of folds F."""
        return len(self.intercept)


def fit_location(
    x: Array, score: Array, *, folds: int, trees: int, depth: int, rate: float, leaf: int,
    most: int, seed: int, linear: bool = False,
) -> tuple[Location, Array]:  # fmt: skip
    """Boosted regressions of ``score`` (N,) on ``x`` (P, N), and the out-of-fold predictions (N,).

    With ``linear`` they learn what a ridge regression misses. Each tree learns 0.7 of the rows
    outside its fold, or about ``most`` of them if those are fewer. Cost: O(F T min(N, most) P D)
    time; each model stops when its own fold gets no better.
    """
    bag = min(0.7, most / max(len(score) * (1 - 1 / folds), 1))
    sizes = x.max(axis=1).astype(np.int64) + 1
    mixed_up = np.random.Generator(np.random.Philox(seed)).permutation(x.shape[1])
    fold = (mixed_up % folds).astype(np.int8)
    score = score.astype(np.float32)
    marks = _marks(x) if linear else np.empty((0, 256), dtype=np.float32)
    slopes = _slopes(x, marks, score, fold, folds)
    guess = np.zeros((folds, len(score)), dtype=np.float32)
    for j, mark in enumerate(marks):
        guess += slopes[:, j, None] * mark[x[j]]
    intercept, span, feature, threshold, value, unseen = _cross_fit(
        x, sizes, score, guess, fold, folds, trees, depth, rate, 2.0, leaf, bag, 6, seed
    )
    edges = np.unique(np.quantile(unseen, np.arange(1, CODES) / CODES).astype(np.float32))
    return Location(intercept, span, feature, threshold, value, edges, marks, slopes), unseen


def _marks(x: Array) -> Array:
    """Normal score of each value of each predictor, by its rank; (P, N) -> (P, 256) float32."""
    out = np.zeros((len(x), 256), dtype=np.float32)
    for j, values in enumerate(x):
        share = np.bincount(values, minlength=256) / len(values)
        middle = np.cumsum(share) - share / 2
        out[j] = ndtri(np.clip(middle, 0.25 / len(values), 1 - 0.25 / len(values)))
    return out


def _slopes(x: Array, marks: Array, score: Array, fold: Array, folds: int) -> Array:
    """Ridge regressions of the score on the marks, outside each fold; (F, P) float32."""
    known = np.empty((len(score), len(marks)))
    for j, mark in enumerate(marks):
        known[:, j] = mark[x[j]]
    out = np.zeros((folds, len(marks)), dtype=np.float32)
    for k in range(folds):
        some, wanted = known[fold != k], score[fold != k]
        some, wanted = some - some.mean(axis=0), wanted - wanted.mean()
        out[k] = np.linalg.solve(some.T @ some + RIDGE * np.eye(len(marks)), some.T @ wanted)
    return out


@compiled
def _cross_fit(
    x: Array, sizes: Array, score: Array, guess: Array, fold: Array, folds: int, trees: int,
    depth: int, rate: float, ridge: float, least: int, bag: float, patience: int, seed: int,
) -> tuple[Array, Array, Array, Array, Array, Array]:  # fmt: skip
    count = x.shape[1]
    feature = np.zeros((folds * trees, depth), dtype=np.uint8)
    threshold = np.zeros((folds * trees, depth), dtype=np.uint8)
    value = np.zeros((folds * trees, 1 << depth), dtype=np.float32)
    intercept, span = np.zeros(folds, np.float32), np.zeros((folds, 2), np.int32)
    unseen, hess = np.zeros(count, np.float32), np.ones(count, np.float32)
    grad, now, kept = np.empty(count, np.float32), np.empty(count, np.float32), 0
    rows, leaf = np.empty(count, np.int32), np.empty(count, np.uint8)
    hist = scratch(sizes, depth)
    use, state = np.ones(sizes.shape[0], dtype=np.bool_), np.uint64(seed)
    for k in range(folds):
        mean, others = 0.0, 0
        for i in range(count):
            if fold[i] != k:
                mean += score[i] - guess[k, i]
                others += 1
        intercept[k] = mean / max(others, 1)
        now[:] = guess[k] + intercept[k]
        held = now.copy()
        best, waited, used = np.inf, 0, kept
        span[k] = kept
        for _ in range(trees):
            taken = START
            for i in range(count):
                grad[i] = score[i] - now[i]
                if fold[i] != k:
                    state = mixed(state)
                    if (state >> np.uint64(40)) * SCALE < bag:
                        rows[taken] = i
                        taken += 1
            grow(x, sizes, rows, taken, grad, hess, use, ridge, least, hist, leaf,
                 feature[used], threshold[used], value[used])  # fmt: skip
            value[used] *= np.float32(rate)
            find_leaves(x, START, feature[used], threshold[used], leaf)
            error = 0.0
            for i in range(count):
                now[i] += value[used, leaf[i]]
                if fold[i] == k:
                    error += (score[i] - now[i]) ** 2
            used += 1
            waited += 1
            if error < best * (1 - 1e-5):
                best, waited, kept = error, 0, used
                held[:] = now
            elif waited >= patience:
                break
        span[k, 1] = kept
        for i in range(count):
            if fold[i] == k:
                unseen[i] = held[i]
    trees_of = feature[:kept].copy(), threshold[:kept].copy(), value[:kept].copy()
    return intercept, span, trees_of[0], trees_of[1], trees_of[2], unseen


@compiled
def _predict(
    x: Array, fold: Array, intercept: Array, span: Array, feature: Array, threshold: Array,
    value: Array,
) -> Array:  # fmt: skip
    """Predictions fold by fold, so that all rows of a fold go through its trees together."""
    count, folds = x.shape[1], intercept.shape[0]
    out, rows = np.empty(count, dtype=np.float32), np.empty(count, dtype=np.int32)
    mine = np.empty((x.shape[0], count), dtype=np.uint8)
    leaf, score = np.empty(count, dtype=np.uint8), np.empty(count, dtype=np.float32)
    for k in range(folds):
        n = 0
        for i in range(count):
            if fold[i] == k:
                rows[n] = i
                n += 1
        for j in range(x.shape[0]):
            for i in range(n):
                mine[j, i] = x[j, rows[i]]
        score[:n] = intercept[k]
        add_trees(
            mine, START, span[k, 0], span[k, 1], feature, threshold, value, leaf[:n], score[:n]
        )
        for i in range(n):
            out[rows[i]] = score[i]
    return out
