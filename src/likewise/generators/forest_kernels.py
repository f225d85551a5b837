"""Walking rows through the trees of a forest, as compiled kernels.

Shapes: N rows, F features, T trees, M nodes and E entries of all trees. An *entry* is what a leaf
holds of one training row: a level, or -1 and a place in the continuous part. A leaf's entries lie
side by side, places first and rising.

The forest is (roots (T,) int32, left, right, feature (M,) int32, threshold (M,) float32,
start, stop (M,) int32, level (E,) int16, place (E,) float32); ``left`` is -1 in a leaf.
"""

import numpy as np

from likewise.generators.compiled import compiled

Array = np.ndarray


@compiled
def leaf_of(
    x: Array, node: int, left: Array, right: Array, feature: Array, threshold: Array
) -> int:
    """The leaf below ``node`` that a row of features reaches; x is (F,) float32."""
    while left[node] >= 0:
        node = left[node] if x[feature[node]] <= threshold[node] else right[node]
    return node


@compiled
def draw_entries(
    x: Array, roots: Array, left: Array, right: Array, feature: Array, threshold: Array,
    start: Array, stop: Array, level: Array, place: Array, uniform: Array,
    out_level: Array, out_place: Array,
) -> None:  # fmt: skip
    """One entry of a random tree's leaf for each row; places are spread up to half way to the next.

    Args:
        x: (N, F) float32.
        uniform: (N, 3), for the tree, the entry, and the way to its neighbour.
        out_level, out_place: (N,) int32 and float64, filled.
    """
    for i in range(x.shape[0]):
        t = min(int(uniform[i, 0] * roots.shape[0]), roots.shape[0] - 1)
        node = leaf_of(x[i], roots[t], left, right, feature, threshold)
        low, high = start[node], stop[node]
        k = min(low + int(uniform[i, 1] * (high - low)), high - 1)
        out_level[i] = level[k]
        if level[k] >= 0:
            continue
        up = place[k + 1] - place[k] if k + 1 < high and level[k + 1] < 0 else np.float32(-1)
        down = place[k] - place[k - 1] if k > low else np.float32(-1)
        if up < 0:
            up = max(down, np.float32(0))  # beyond the outermost entry as far as before it
        if down < 0:
            down = up
        way = uniform[i, 2] - 0.5
        out_place[i] = place[k] + way * (up if way > 0 else down)


@compiled
def draw_allowed(
    x: Array, roots: Array, left: Array, right: Array, feature: Array, threshold: Array,
    start: Array, stop: Array, level: Array, place: Array, shift: Array, edges: Array,
    allowed: Array, uniform: Array, out_level: Array, mass: Array,
) -> None:  # fmt: skip
    """A level among the allowed ones from all trees together, and the mass these have.

    Args:
        shift: (N,) what is added to places. edges: (K,) upper ends of levels, rising to infinity.
        allowed: (K,) bool. uniform: (N,).
        out_level, mass: (N,) int32 and float64, filled; the level is -1 where the mass is 0.
    """
    trees, inner = roots.shape[0], edges[:-1]  # whatever lies above all of these is the last level
    leaves = np.empty(trees, dtype=np.int32)
    for i in range(x.shape[0]):
        total = 0.0
        for t in range(trees):
            leaves[t] = leaf_of(x[i], roots[t], left, right, feature, threshold)
        for last in range(2):
            aim, seen, found = uniform[i] * total, 0.0, -1
            for t in range(trees):
                low, high = start[leaves[t]], stop[leaves[t]]
                for k in range(low, high):
                    code = int(level[k])
                    if code < 0:
                        code = np.searchsorted(inner, place[k] + shift[i], side="right")
                    if allowed[code]:
                        seen += 1.0 / (high - low)
                        if last == 1 and seen > aim and found < 0:
                            found = code
            total = seen
            out_level[i] = found
        mass[i] = total / trees


@compiled
def mass_at(
    x: Array, roots: Array, left: Array, right: Array, feature: Array, threshold: Array,
    start: Array, stop: Array, level: Array, place: Array, shift: Array,
    code: Array, at: Array, width: float, mass: Array,
) -> None:  # fmt: skip
    """The mass of given levels, and the density of given places, smoothed by a normal kernel.

    Args:
        code: (N,) int32, the level, or -1 where ``at`` (N,) is the place.
        width: of the kernel.
        mass: (N,) float64, filled.
    """
    trees, scale = roots.shape[0], 1 / (width * np.sqrt(2 * np.pi))
    for i in range(x.shape[0]):
        total = 0.0
        for t in range(trees):
            node = leaf_of(x[i], roots[t], left, right, feature, threshold)
            low, high = start[node], stop[node]
            here = 0.0
            for k in range(low, high):
                if level[k] != code[i]:
                    continue
                if code[i] >= 0:
                    here += 1.0
                else:
                    gap = (at[i] - place[k] - shift[i]) / width
                    here += scale * np.exp(-0.5 * gap * gap)
            total += here / (high - low)
        mass[i] = total / trees


@compiled
def add_means(
    x: Array, roots: Array, left: Array, right: Array, feature: Array, threshold: Array,
    value: Array, out: Array,
) -> None:  # fmt: skip
    """Add the mean over trees of the values (M, Q) of each row's leaf to ``out`` (N, Q)."""
    for i in range(x.shape[0]):
        for t in range(roots.shape[0]):
            node = leaf_of(x[i], roots[t], left, right, feature, threshold)
            for q in range(value.shape[1]):
                out[i, q] += value[node, q] / roots.shape[0]
