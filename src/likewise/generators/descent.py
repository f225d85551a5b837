"""Drawing levels: all rows go down the questions of a hierarchy together, one question at a time.

Rows that are alike get evenly spread uniforms (a golden-ratio sequence along rows of equal first
answer, in random order): each row's own distribution is as it should be, and the shares of a sample
come out with less noise than independent draws would give.

Paper: Cranley and Patterson, "Randomization of number theoretic methods for multiple integration",
SIAM J. Numer. Anal. 1976.
"""

import numpy as np

from likewise.generators.compiled import compiled
from likewise.generators.symmetric import find_leaves

Array = np.ndarray


@compiled
def predictors(codes: Array, parents: Array, offsets: Array, maps: Array) -> Array:
    """The predictors of rows: the mapped codes of the parent blocks.

    Args:
        codes: (N, C) int32.
        parents: (P,) int32 block positions.
        offsets: (P,) int64, where each parent's map begins.
        maps: uint8, the predictor value of each level of each parent.

    Returns:
        (P, N) uint8.
    """
    x = np.empty((parents.shape[0], codes.shape[0]), dtype=np.uint8)
    for j in range(parents.shape[0]):
        column = codes[:, parents[j]]
        for i in range(codes.shape[0]):
            x[j, i] = maps[offsets[j] + column[i]]
    return x


@compiled
def add_trees(
    x: Array, start: int, first: int, last: int, feature: Array, threshold: Array, value: Array,
    leaf: Array, score: Array,
) -> None:  # fmt: skip
    """Add trees ``first`` to ``last`` to the scores of rows ``start`` and on."""
    for t in range(first, last):
        find_leaves(x, start, feature[t], threshold[t], leaf)
        steps = value[t]
        for i in range(leaf.shape[0]):
            score[i] += steps[leaf[i]]


@compiled
def descend(
    x: Array, nodes: Array, intercept: Array, span: Array, feature: Array, threshold: Array,
    value: Array, order: Array, shift: float, fixed: Array, open_sides: Array, place: Array,
    detail: Array, log_weight: Array,
) -> None:  # fmt: skip
    """Draw a place for every row and add the log probability of every forced turn.

    Args:
        x: (P, N) uint8 predictors, used up; P may be 0.
        order: (N,) int32, the rows in random order, used up.
        shift: in [0, 1), where the sequence of uniforms begins. One uniform decides the whole way
            down; what is left of it is uniform in [0, 1) and becomes the detail.
        fixed: (N,) int32 places to go to, or empty.
        open_sides: (M, 2) bool, the sides under which an allowed place lies, or empty.
        place: (N,) int32, out.
        detail: (N,) float32, out.
        log_weight: (N,) float64, added to.
    """
    count, questions = order.shape[0], nodes.shape[0]
    uniform = np.empty(count, np.float64)
    start, stop = np.zeros(questions, np.int64), np.zeros(questions, np.int64)
    stop[0] = count
    row = np.arange(count).astype(np.int32)
    turned = np.empty(count, np.bool_)
    spare_row, spare_uniform = np.empty(count, np.int32), np.empty(count, np.float64)
    spare_x, leaves = np.empty(count, np.uint8), np.empty(count, np.uint8)
    scores = np.empty(count, np.float32)
    for m in range(questions):
        a, b = start[m], stop[m]
        n = b - a
        if n == 0:
            continue
        score = scores[:n]
        score[:] = intercept[m]
        add_trees(x, a, span[m, 0], span[m, 1], feature, threshold, value, leaves[:n], score)
        if m == 0:
            _spread(score, order, shift, uniform)
        forced = -1
        if open_sides.shape[0] and open_sides[m, 0] != open_sides[m, 1]:
            forced = 1 if open_sides[m, 1] else 0
        _turn(score, row[a:b], uniform[a:b], fixed, nodes[m, 1], forced, turned, log_weight)
        mid = _left_first(turned, n, order)
        _reorder(row, spare_row, a, order, n)
        _reorder(uniform, spare_uniform, a, order, n)
        end = m + 1  # later questions below this one come right after it
        while end < questions and nodes[end, 0] >= nodes[m, 0] and nodes[end, 2] <= nodes[m, 2]:
            end += 1
        if span[end - 1, 1] > span[m, 1]:
            for j in range(x.shape[0]):
                _reorder(x[j], spare_x, a, order, n)
        for child, low, high, at in (
            (nodes[m, 3], a, a + mid, nodes[m, 0]),
            (nodes[m, 4], a + mid, b, nodes[m, 1]),
        ):
            if child >= 0:
                start[child], stop[child] = low, high
                continue
            for i in range(low, high):
                place[row[i]] = at
                detail[row[i]] = min(max(uniform[i], 0.0), 0.9999999)


@compiled
def _turn(
    score: Array, row: Array, uniform: Array, fixed: Array, mid: int, forced: int, turned: Array,
    log_weight: Array,
) -> None:  # fmt: skip
    """Left or right for each row: by its uniform, which is stretched again, or as it must."""
    for i in range(score.shape[0]):
        left = 1 / (1 + np.exp(np.float64(score[i])))
        u = uniform[i]
        if fixed.shape[0]:
            forced = 1 if fixed[row[i]] >= mid else 0
        if forced < 0:
            turned[i] = u >= left
            uniform[i] = (u - left) / (1 - left) if turned[i] else u / left
        else:
            turned[i] = forced == 1
            p = 1 - left if turned[i] else left
            log_weight[row[i]] += np.log(max(p, 1e-300))


@compiled
def _left_first(turned: Array, count: int, order: Array) -> int:
    """Set ``order`` to the rows that stay left, then those that turn; returns how many stay."""
    mid = 0
    for i in range(count):
        order[mid] = i
        mid += not turned[i]
    to = mid
    for i in range(count):
        if turned[i]:
            order[to] = i
            to += 1
    return mid


@compiled
def _spread(score: Array, order: Array, shift: float, uniform: Array) -> None:
    """A golden-ratio sequence of uniforms along rising scores, at random inside 256 steps."""
    low, high = score.min(), score.max()
    scale = np.float32(255.999) / max(high - low, np.float32(1e-9))
    next_in = np.zeros(257, np.int64)
    for i in range(score.shape[0]):
        next_in[int((score[i] - low) * scale) + 1] += 1
    for k in range(256):
        next_in[k + 1] += next_in[k]
    for i in order:
        k = int((score[i] - low) * scale)
        at = next_in[k] * 0.6180339887498949 + shift
        uniform[i] = at - np.floor(at)
        next_in[k] += 1


@compiled
def _reorder(values: Array, spare: Array, start: int, order: Array, count: int) -> None:
    """Put ``values[start : start + count]`` in the given order."""
    for i in range(count):
        spare[i] = values[start + order[i]]
    values[start : start + count] = spare[:count]
