"""A hierarchy of yes-or-no questions, each answered by boosted trees on the same predictors."""

from dataclasses import dataclass

import numpy as np

from likewise.core.artifact import storable
from likewise.core.checks import shaped
from likewise.generators import sound
from likewise.generators.boosting import fit_questions
from likewise.generators.descent import add_trees, descend
from likewise.generators.hierarchy import Hierarchy

Array = np.ndarray
NOWHERE = np.empty(0, dtype=np.int32)


@dataclass(frozen=True)
class Growth:
    """How trees are grown; the recipe's settings in the form the kernels take."""

    trees: int
    depth: int
    rate: float
    leaf: int
    rows: int
    patience: int
    location: bool
    ridge: float = 2.0
    bag: float = 0.6
    share: float = 0.7
    stretch: float = 2.0
    folds: int = 3
    linear: bool = False  # whether a linear guess comes before the location's trees
    location_gain: float = 0.02  # least R² for the location to become a predictor
    smooth_gain: float = 0.5  # least R² to draw location plus residual


@storable
@dataclass(frozen=True)
class Questions:
    """M questions about the places of a hierarchy, and the T trees that answer them.

    Attributes:
        tree: the hierarchy.
        intercept: (M,) float32, log odds of the right side.
        span: (M, 2) int32, first and last tree of each question.
        feature: (T, D) uint8, threshold: (T, D) uint8, value: (T, L) float32: the trees.
    """

    tree: Hierarchy
    intercept: Array
    span: Array
    feature: Array
    threshold: Array
    value: Array

    def __post_init__(self) -> None:
        shaped("intercept", self.intercept, np.float32, len(self.tree.nodes))
        sound.boosted(self.intercept, self.span, self.feature, self.threshold, self.value)

    @property
    def predictors(self) -> int:
        """How many predictors the trees need to be given."""
        return sound.predictors_read(self.feature, self.threshold)

    @classmethod
    def fit(
        cls, x: Array, place: Array, tree: Hierarchy, rows: Array, growth: Growth, seed: int
    ) -> "Questions":
        """Learn from ``rows`` of the predictors (P, N) where in the hierarchy ``place`` (N,) lies.

        Cost: O(min(N, rows) P D T log K) time for K places and up to T trees a question.
        """
        sizes = x.max(axis=1, initial=0).astype(np.int64) + 1
        order = np.random.Generator(np.random.Philox(seed)).permutation(rows).astype(np.int32)
        trees = growth.trees if len(x) else 0
        answers = fit_questions(
            x, sizes, place, tree.nodes, order, trees, growth.depth, growth.rate, growth.ridge,
            growth.leaf, growth.bag, growth.share, growth.patience, growth.stretch, growth.rows,
            seed,
        )  # fmt: skip
        return cls(tree, *answers)

    def descend(
        self,
        x: Array,
        rng: np.random.Generator,
        log_weight: Array,
        fixed: Array = NOWHERE,
        open_sides: Array | None = None,
    ) -> tuple[Array, Array]:
        """A place for every row and where inside it; see ``descent.descend``."""
        rows = x.shape[1]
        place = np.zeros(rows, dtype=np.int32)
        detail: Array = rng.random((rows,), dtype=np.float32)
        if len(self.tree.nodes):
            sides = np.empty((0, 2), dtype=np.bool_) if open_sides is None else open_sides
            order = rng.permutation(np.arange(rows, dtype=np.int32))
            descend(
                x, self.tree.nodes, self.intercept, self.span, self.feature, self.threshold,
                self.value, order, rng.random(), fixed, sides, place, detail, log_weight,
            )  # fmt: skip
        return place, detail

    def right(self, x: Array) -> Array:
        """The chance that each question is answered by its right side; (P, N) -> (N, M)."""
        rows, leaf = x.shape[1], np.empty(x.shape[1], dtype=np.uint8)
        chance = np.empty((rows, len(self.intercept)))
        for m, (first, last) in enumerate(self.span.tolist()):
            score = np.full(rows, self.intercept[m], dtype=np.float32)
            add_trees(x, 0, first, last, self.feature, self.threshold, self.value, leaf, score)
            chance[:, m] = 1 / (1 + np.exp(-score.astype(np.float64)))
        return chance

    def open_sides(self, allowed: Array) -> Array:
        """(M, 2) bool: under which side of each question an allowed level lies."""
        total = np.concatenate([[0], np.cumsum(allowed[self.tree.level])])
        low, mid, high = self.tree.nodes[:, :3].T
        return np.stack([total[mid] > total[low], total[high] > total[mid]], axis=1)
