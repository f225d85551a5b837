"""Trees that kernels can walk without leaving their arrays; checked when a model is built.

Shapes: M questions or nodes, T trees of depth D with L = 2^D leaves.
"""

import numpy as np

from likewise.core.checks import agree, bounded, shaped, within
from likewise.generators.symmetric import UNSPLIT

Array = np.ndarray
DEEPEST = 8  # a leaf's number is a byte


def boosted(intercept: Array, span: Array, feature: Array, threshold: Array, value: Array) -> None:
    """Symmetric trees (T, D), and for each question its intercept (M,) and its trees (M, 2)."""
    shaped("feature", feature, np.uint8, None, None)
    trees, depth = feature.shape
    agree(1 <= depth <= DEEPEST, "depth of trees")
    shaped("threshold", threshold, np.uint8, trees, depth)
    shaped("value", value, np.float32, trees, 1 << depth)
    shaped("intercept", intercept, np.float32, None)
    shaped("span", span, np.int32, len(intercept), 2)
    within("span", span, 0, trees + 1)
    agree((span[:, 0] <= span[:, 1]).all(), "first and last trees")
    bounded("intercept", intercept)
    bounded("value", value)


def predictors_read(feature: Array, threshold: Array) -> int:
    """How many predictors symmetric trees need to be given."""
    asked = feature[threshold != UNSPLIT]
    return int(asked.max()) + 1 if len(asked) else 0


def walkable(roots: Array, left: Array, right: Array, feature: Array, threshold: Array) -> None:
    """Trees of nodes (M,), in which every way down ends: children come after their parents."""
    shaped("roots", roots, np.int32, None)
    shaped("left", left, np.int32, None)
    nodes = len(left)
    shaped("right", right, np.int32, nodes)
    shaped("feature", feature, np.int32, nodes)
    shaped("threshold", threshold, np.float32, nodes)
    agree(len(roots) > 0, "no trees")
    within("roots", roots, 0, nodes)
    inner = np.flatnonzero(left >= 0)
    for child in (left[inner], right[inner]):
        within("children", child, 0, nodes)
        agree((child > inner).all(), "children before their parents")
    within("feature", feature[inner], 0, np.inf)


def features_read(left: Array, feature: Array) -> int:
    """How many features trees of nodes need to be given."""
    asked = feature[left >= 0]
    return int(asked.max()) + 1 if len(asked) else 0
