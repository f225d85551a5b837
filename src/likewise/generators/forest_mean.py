"""Forests that guess means: what a linear guess misses of a smooth block, or shares of classes.

Shapes: N rows, F features, Q outputs, M nodes.
"""

from dataclasses import dataclass, replace

import numpy as np

from likewise.core.artifact import storable
from likewise.core.checks import agree, bounded, shaped
from likewise.generators import sound
from likewise.generators.forest_kernels import add_means
from likewise.generators.forest_trees import Grown, grow

Array = np.ndarray
LEAF = 5  # rows: means over many trees tell nothing of a single one
GAIN = 0.02  # share of the squared error that the forest must take away to be kept


@storable
@dataclass(frozen=True)
class MeanTrees:
    """Trees whose leaves hold means.

    Attributes:
        roots, left, right, feature, threshold: as in ``TreeSet``.
        value: (M, Q) float32, the means of each leaf.
    """

    roots: Array
    left: Array
    right: Array
    feature: Array
    threshold: Array
    value: Array

    def __post_init__(self) -> None:
        sound.walkable(self.roots, self.left, self.right, self.feature, self.threshold)
        shaped("value", self.value, np.float32, len(self.left), None)
        agree(self.value.shape[1] > 0, "means of nothing")
        bounded("value", self.value)

    @property
    def features(self) -> int:
        """How many features the trees need to be given."""
        return sound.features_read(self.left, self.feature)

    def predict(self, x: Array) -> Array:
        """The means for rows of features (N, F) float32; (N, Q) float64."""
        out = np.zeros((len(x), self.value.shape[1]))
        add_means(
            x, self.roots, self.left, self.right, self.feature, self.threshold, self.value, out
        )
        return out


def fit_mean(
    x: Array, missed: Array, grown: Grown, rng: np.random.Generator
) -> tuple[MeanTrees | None, Array]:
    """Trees that guess ``missed`` (N, Q), and their guess from trees a row was left out of.

    None and zeros when they take away too little of the squared error.
    """
    none = np.zeros(missed.shape)
    if grown.share >= 1 or len(x) < 4 * LEAF:
        return None, none
    total, count = none.copy(), np.zeros(len(x))
    parts: list[list[Array]] = [[] for _ in range(6)]
    nodes = 0
    for one in grow(x, missed, replace(grown, leaf=LEAF), rng):
        shape = one.tree.tree_
        total[one.left_out] += shape.value[one.leaf(x[one.left_out]), :, 0]
        count[one.left_out] += 1
        inner = shape.children_left >= 0
        left, right = (
            np.where(inner, child + nodes, -1)
            for child in (shape.children_left, shape.children_right)
        )
        feature, value = np.where(inner, shape.feature, 0), shape.value[:, :, 0]
        found = (np.array([nodes]), left, right, feature, shape.threshold, value)
        for part, new in zip(parts, found, strict=True):
            part.append(new)
        nodes += shape.node_count
    unseen = total / np.maximum(count, 1)[:, None]
    if np.mean((missed - unseen) ** 2) > (1 - GAIN) * np.mean(missed**2):
        return None, none
    kinds = (*(np.int32,) * 4, np.float32, np.float32)
    joined = (np.concatenate(p).astype(k) for p, k in zip(parts, kinds, strict=True))
    return MeanTrees(*joined), unseen
