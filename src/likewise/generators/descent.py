"""Drawing levels: down the questions of a hierarchy, with what is known taken into account."""

import numba as nb
import numpy as np

from likewise.generators.boosting import _leaf_of

Array = np.ndarray
_jit = nb.njit(cache=True, nogil=True)


@_jit
def predictors(codes: Array, parents: Array, offsets: Array, maps: Array) -> Array:
    """The predictors of rows: the mapped codes of the parent blocks.

    Args:
        codes: (N, C) int32.
        parents: (P,) int32 block positions.
        offsets: (P,) int64, where each parent's map begins.
        maps: uint8, the predictor value of each level of each parent.

    Returns:
        (N, P) uint8.
    """
    x = np.empty((codes.shape[0], parents.shape[0]), dtype=np.uint8)
    for j in range(parents.shape[0]):
        for i in range(codes.shape[0]):
            x[i, j] = maps[offsets[j] + codes[i, parents[j]]]
    return x


@_jit
def descend(
    x: Array, nodes: Array, intercept: Array, span: Array, feature: Array, threshold: Array,
    value: Array, uniform: Array, fixed: Array, open_sides: Array, place: Array, detail: Array,
    log_weight: Array,
) -> None:  # fmt: skip
    """Draw a place for every row and add the log probability of every forced turn.

    Args:
        x: (N, P) uint8 predictors; P may be 0.
        uniform: (N,) float64 in [0, 1): one number decides the whole way down; what is left of
            it is uniform in [0, 1) and becomes the detail.
        fixed: (N,) int32 places to go to, or empty.
        open_sides: (M, 2) bool, the sides under which an allowed place lies, or empty.
        place: (N,) int32, out.
        detail: (N,) float32, out.
        log_weight: (N,) float64, added to.
    """
    for i in range(x.shape[0]):
        u, m = uniform[i], 0
        while True:
            score = intercept[m]
            for t in range(span[m, 0], span[m, 1]):
                score += value[t, _leaf_of(x[i], feature[t], threshold[t])]
            left = 1 / (1 + np.exp(np.float64(score)))
            forced = -1
            if fixed.shape[0]:
                forced = 1 if fixed[i] >= nodes[m, 1] else 0
            elif open_sides.shape[0] and open_sides[m, 0] != open_sides[m, 1]:
                forced = 1 if open_sides[m, 1] else 0
            if forced < 0:
                right = u >= left
                u = (u - left) / (1 - left) if right else u / left
            else:
                right = forced == 1
                log_weight[i] += np.log(max(1 - left if right else left, 1e-300))
            child = nodes[m, 4] if right else nodes[m, 3]
            if child < 0:
                place[i] = nodes[m, 1] if right else nodes[m, 0]
                break
            m = child
        detail[i] = min(max(u, 0.0), 0.9999999)
