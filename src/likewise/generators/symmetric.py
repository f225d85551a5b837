"""One symmetric tree on small integer predictors, grown and applied by compiled kernels.

A symmetric tree asks the same question of all nodes of a level, so a row's leaf is the bits of D
comparisons, which the processor does for dozens of rows at once.

Shapes: N rows, P predictors of at most 256 values, L = 2^D leaves. A tree is ``feature`` (D,)
uint8, ``threshold`` (D,) uint8 and ``value`` (L,) float32: a bit is set when the predictor is above
the threshold, the first comparison being the highest bit.

Paper: Prokhorenkova et al., "CatBoost: unbiased boosting with categorical features", NeurIPS 2018
(symmetric trees).
"""

from typing import Any

import numpy as np

from likewise.generators.compiled import reordered

Array = np.ndarray
MOST_ROWS = 65_535  # that one tree may learn
UNSPLIT = 255  # a threshold no predictor is above
COUNT, SUM = 0xFFFF, 0xFFFFFF  # a word: 16 bits of count, then 24 and 23 bits of derivatives
H_BITS, G_BITS = 16, 40
START: Any = np.int64(0)  # typed, lest a literal have kernels compiled twice


@reordered
def find_leaves(x: Array, start: int, feature: Array, threshold: Array, leaf: Array) -> None:
    """The leaf of rows ``start`` and on, for as many rows as ``leaf`` has; x is (P, N)."""
    leaf[:] = 0
    for d in range(feature.shape[0]):
        t = threshold[d]
        if t == UNSPLIT:
            leaf <<= np.uint8(1)
            continue
        values = x[feature[d], start : start + leaf.shape[0]]
        for i in range(leaf.shape[0]):
            leaf[i] = np.uint8(leaf[i] << np.uint8(1)) | np.uint8(values[i] > t)


@reordered
def scratch(sizes: Array, depth: int) -> Array:
    """Room for the sums of ``grow``: (3, S) int64."""
    return np.zeros((3, max(sizes.sum(), 1) << (depth - 1)), dtype=np.int64)


@reordered
def grow(
    x: Array, sizes: Array, rows: Array, count: int, grad: Array, hess: Array, use: Array,
    ridge: float, least: int, sums: Array, node: Array,
    feature: Array, threshold: Array, value: Array,
) -> float:  # fmt: skip
    """Grow one tree on ``rows[:count]`` into the last three arrays; returns its gain.

    Args:
        x: (P, N) uint8. sizes: (P,) values of each predictor. use: (P,) bool.
        rows: at most ``MOST_ROWS`` of them.
        grad, hess: (N,) float32, first and second derivative.
        ridge: added to the second derivative. least: fewest rows a side.
        sums: of ``scratch``, and node: (N,) uint8; both are overwritten.
    """
    depth, total = feature.shape[0], 0.0
    node[:count] = 0
    used, begin = np.flatnonzero(use), np.cumsum(sizes) - sizes
    word, unit, g_unit, h_unit = _words(rows, count, grad, hess)
    whole, left = np.zeros(1 << depth, dtype=np.int64), np.zeros(1 << depth, dtype=np.int64)
    g, h, n, alone = np.zeros((4, 1 << depth))
    for d in range(depth):
        nodes = 1 << d
        hist = sums[d & 1]
        _sum_nodes(
            x, sizes, begin, rows, count, word, used, nodes, sums[1 - (d & 1)], sums[2], hist,
            node, whole,
        )  # fmt: skip
        for k in range(nodes):
            n[k] = whole[k] & COUNT
            g[k] = (whole[k] >> G_BITS) * g_unit - n[k] * unit
            h[k] = (whole[k] >> H_BITS & SUM) * h_unit + ridge
            alone[k] = g[k] * g[k] / h[k]
        best, f, t = 1e-7, START, UNSPLIT
        for j in used:
            left[:nodes] = 0
            for q in range(sizes[j] - 1):
                at, here = (begin[j] + q) * nodes, START
                for k in range(nodes):
                    here |= hist[at + k]
                    left[k] += hist[at + k]
                if here == 0:
                    continue
                gain = 0.0
                for k in range(nodes):
                    ln = left[k] & COUNT
                    if ln >= least and n[k] - ln >= least:
                        lg = (left[k] >> G_BITS) * g_unit - ln * unit
                        lh = (left[k] >> H_BITS & SUM) * h_unit + ridge
                        rg, rh = g[k] - lg, h[k] - lh + ridge
                        gain += (lg * lg * rh + rg * rg * lh) / (lh * rh) - alone[k]
                if gain > best:
                    best, f, t = gain, j, q
        feature[d], threshold[d] = f, t
        for i in range(count):
            right = t != UNSPLIT and x[f, rows[i]] > t
            node[i] = np.uint8(node[i] << np.uint8(1)) | np.uint8(right)
        if t != UNSPLIT:
            total += best
    _set_values(rows, count, grad, hess, node, ridge, least, value)
    return total


@reordered
def _words(rows: Array, count: int, grad: Array, hess: Array) -> tuple[Array, float, float, float]:
    """Both derivatives and a count of one in one number a row, so that one addition sums all.

    They are rounded up or down with a chance that keeps their sums right on average; the values of
    leaves are taken from the derivatives as they are.

    Paper: Shi et al., "Quantized training of gradient boosting decision trees", NeurIPS 2022.

    Returns:
        (count,) int64; what is added to each first derivative to make it positive; and the units
        of the first and the second derivative.
    """
    word = np.empty(count, dtype=np.int64)
    unit, high = np.float32(1e-30), np.float32(1e-30)
    for i in range(count):
        unit, high = max(unit, abs(grad[rows[i]])), max(high, hess[rows[i]])
    steps = (SUM >> 1) // max(count, 1)
    g_scale, h_scale = steps / (2.0 * unit), steps / np.float64(high)
    for i in range(count):
        g, h = grad[rows[i]], hess[rows[i]]
        chance = (i * np.int64(2654435769) & 0xFFFFFFFF) / 4294967296.0  # golden ratio sequence
        up = np.int64((g + unit) * g_scale + chance)
        word[i] = (up << G_BITS) | (np.int64(h * h_scale + chance) << H_BITS) | 1
    return word, float(unit), float(1 / g_scale), float(1 / h_scale)


@reordered
def _sum_nodes(
    x: Array, sizes: Array, begin: Array, rows: Array, count: int, word: Array, used: Array,
    nodes: int, above: Array, few: Array, hist: Array, node: Array, whole: Array,
) -> None:  # fmt: skip
    """Sums of the words of rows for each value and node, and for the nodes as a whole.

    Of two nodes with the same parent only the smaller is summed, the other is the difference.

    Paper: Ke et al., "LightGBM: a highly efficient gradient boosting decision tree", NeurIPS 2017.

    Args:
        above: the sums of the parents. few: room for those of the smaller children.
        hist: (sum of sizes, nodes) in one row, and whole: (nodes,), out.
    """
    parents = max(nodes >> 1, 1)
    whole[:nodes] = 0
    for i in range(count):
        whole[node[i]] += word[i]
    small = np.zeros(parents, dtype=np.uint8)
    for k in range(nodes >> 1):
        small[k] = whole[2 * k + 1] & COUNT < whole[2 * k] & COUNT
    picked, parent = np.empty(count, dtype=np.uint32), np.empty(count, dtype=np.uint32)
    words, taken = np.empty(count, dtype=np.int64), START
    for i in range(count):
        k = node[i]
        picked[taken], parent[taken], words[taken] = rows[i], k >> (nodes > 1), word[i]
        taken += nodes == 1 or k & np.uint8(1) == small[k >> np.uint8(1)]
    target, width = few if nodes > 1 else hist, np.uint32(parents)
    for j in used:
        mine, column = target[begin[j] * parents : (begin[j] + sizes[j]) * parents], x[j]
        mine[:] = 0
        for i in range(taken):
            mine[column[picked[i]] * width + parent[i]] += words[i]
    if nodes == 1:
        return
    for j in used:
        for q in range(begin[j], begin[j] + sizes[j]):
            for k in range(parents):
                at, side = q * parents + k, small[k]
                hist[2 * at + side] = few[at]
                hist[2 * at + 1 - side] = above[at] - few[at]


@reordered
def _set_values(
    rows: Array, count: int, grad: Array, hess: Array, node: Array, ridge: float, least: int,
    value: Array,
) -> None:  # fmt: skip
    """Newton steps of the leaves; a leaf of too few rows takes the step of its ancestor."""
    leaves = value.shape[0]
    sums = np.zeros((3, 2 * leaves))  # node 1 is the root, leaves come last
    for i in range(count):
        at = leaves + node[i]
        sums[0, at] += grad[rows[i]]
        sums[1, at] += hess[rows[i]]
        sums[2, at] += 1
    for at in range(leaves - 1, 0, -1):
        sums[:, at] = sums[:, 2 * at] + sums[:, 2 * at + 1]
    for k in range(leaves):
        at = leaves + k
        while at > 1 and sums[2, at] < least:
            at //= 2
        value[k] = sums[0, at] / (sums[1, at] + ridge)
