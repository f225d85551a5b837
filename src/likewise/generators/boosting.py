"""Boosted symmetric trees on small integer predictors, as compiled kernels.

A symmetric tree asks the same question of all nodes of a level, so a row's leaf is the bits of D
comparisons, which the processor does for dozens of rows at once. A hierarchy of boosted yes-or-no
questions gives the conditional distribution of a block's levels. All kernels release the
interpreter lock, use no global random state and do the same arithmetic whatever the number of
threads.

Shapes: N rows, P predictors of at most 256 values, M questions, T trees of depth D with L = 2^D
leaves. A tree is ``feature`` (D,) uint8, ``threshold`` (D,) uint8 and ``value`` (L,) float32: a bit
is set when the predictor is above the threshold, the first comparison being the highest bit.

Papers: Friedman, "Stochastic gradient boosting", 2002 (rows left out of a tree tell when to stop);
Prokhorenkova et al., "CatBoost: unbiased boosting with categorical features", 2018 (symmetric
trees).
"""

from typing import Any

import numpy as np

from likewise.generators.compiled import reordered

Array = np.ndarray
SCALE = 2.0**-24
UNSPLIT = 255  # a threshold no predictor is above
MANY = 2_000  # rows from which on histograms are as fine as the predictors
START: Any = np.int64(0)  # typed, lest a literal have kernels compiled twice
FINE = 64  # most values of a predictor below that


@reordered
def mixed(state: np.uint64) -> np.uint64:
    """The next state of a counter-based generator (SplitMix64)."""
    z = state + np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


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
def grow(
    x: Array, sizes: Array, rows: Array, count: int, grad: Array, hess: Array, use: Array,
    ridge: float, least: int, hist: Array, node: Array,
    feature: Array, threshold: Array, value: Array,
) -> float:  # fmt: skip
    """Grow one tree on ``rows[:count]`` into the last three arrays; returns its gain.

    Args:
        x: (N, P) uint8. sizes: (P,) values of each predictor. use: (P,) bool.
        grad, hess: (N,) float32, first and second derivative.
        ridge: added to the second derivative. least: fewest rows a side.
        hist: (P, 256, L, 3) float32 and node: (N,) uint8, scratch.
    """
    depth, total = feature.shape[0], 0.0
    node[:count] = 0
    left = np.zeros((3, 1 << depth))
    whole = np.zeros((3, 1 << depth))
    for d in range(depth):
        nodes = 1 << d
        whole[:] = 0
        for j in range(sizes.shape[0]):
            if use[j]:
                hist[j, : sizes[j], :nodes] = 0
        for i in range(count):
            r, k = rows[i], node[i]
            g, h = grad[r], hess[r]
            whole[0, k] += g
            whole[1, k] += h
            whole[2, k] += 1
            for j in range(sizes.shape[0]):
                if use[j]:
                    q = x[r, j]
                    hist[j, q, k, 0] += g
                    hist[j, q, k, 1] += h
                    hist[j, q, k, 2] += np.float32(1)
        best, f, t = 1e-7, 0, UNSPLIT
        for j in range(sizes.shape[0]):
            if not use[j]:
                continue
            left[:] = 0
            for q in range(sizes[j] - 1):
                gain, seen = 0.0, False
                for k in range(nodes):
                    here = hist[j, q, k, 2]
                    if here > 0:
                        seen = True
                        left[0, k] += hist[j, q, k, 0]
                        left[1, k] += hist[j, q, k, 1]
                        left[2, k] += here
                if not seen:
                    continue
                for k in range(nodes):
                    if left[2, k] >= least and whole[2, k] - left[2, k] >= least:
                        lg, lh = left[0, k], left[1, k] + ridge
                        wg, wh = whole[0, k], whole[1, k] + ridge
                        rg, rh = wg - lg, whole[1, k] - left[1, k] + ridge
                        gain += lg * lg / lh + rg * rg / rh - wg * wg / wh
                if gain > best:
                    best, f, t = gain, j, q
        feature[d], threshold[d] = f, t
        for i in range(count):
            right = t != UNSPLIT and x[rows[i], f] > t
            node[i] = np.uint8(node[i] << np.uint8(1)) | np.uint8(right)
        if t != UNSPLIT:
            total += best
    _set_values(rows, count, grad, hess, node, ridge, least, value)
    return total


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


@reordered
def _boost(
    x: Array, sizes: Array, rows: Array, label: Array, intercept: float, trees: int, depth: int,
    rate: float, ridge: float, least: int, bag: float, share: float, patience: int,
    stretch: float, state: np.uint64, hist: Array,
) -> tuple[int, Array, Array, Array, np.uint64]:  # fmt: skip
    """One boosted yes-or-no question on the given rows, stopped by the rows out of each bag."""
    count, width, room = rows.shape[0], sizes.shape[0], min(trees, 16)
    feature = np.zeros((room, depth), dtype=np.uint8)
    threshold = np.zeros((room, depth), dtype=np.uint8)
    value = np.zeros((room, 1 << depth), dtype=np.float32)
    score = np.full(count, np.float32(intercept))
    grad, hess = np.zeros(count, dtype=np.float32), np.zeros(count, dtype=np.float32)
    inside, use = np.zeros(count, dtype=np.bool_), np.ones(width, dtype=np.bool_)
    bagged, leaf = np.empty(count, dtype=np.int32), np.empty(count, dtype=np.uint8)
    mine, coarse, few = _own_rows(x, rows, sizes)
    across = mine.T.copy()
    gained = best = 0.0
    kept = waited = done = 0
    while done < trees:
        if done == room:
            room *= 2
            feature = np.concatenate((feature, np.zeros_like(feature)))
            threshold = np.concatenate((threshold, np.zeros_like(threshold)))
            value = np.concatenate((value, np.zeros_like(value)))
        taken = START
        for i in range(count):
            p = 1 / (1 + np.exp(-score[i]))
            grad[i], hess[i] = label[i] - p, p * (1 - p)
            state = mixed(state)
            inside[i] = (state >> np.uint64(40)) * SCALE < bag
            if inside[i]:
                bagged[taken] = i
                taken += 1
        some = False
        for j in range(width):
            state = mixed(state)
            use[j] = (state >> np.uint64(40)) * SCALE < share
            some |= use[j]
        use[0] = True
        if not some:
            use[int(state >> np.uint64(33)) % width] = True
        gain = grow(mine, few, bagged, taken, grad, hess, use, ridge, least, hist, leaf,
                    feature[done], threshold[done], value[done])  # fmt: skip
        value[done] *= np.float32(rate)
        find_leaves(across, START, feature[done], threshold[done], leaf)
        for i in range(count):
            step = value[done, leaf[i]]
            if not inside[i]:  # change of log-likelihood to second order
                gained += grad[i] * step - hess[i] * step * step / 2
            score[i] += step
        done += 1
        waited += 1
        if gained > best:
            best, kept, waited = gained, done, 0
        enough = best <= 0.5 or done >= stretch * kept  # out-of-bag gain stops a little early
        if gain <= 0 or (waited >= patience and enough):
            break
    kept = 0 if best <= 0.5 else min(done, int(stretch * kept))
    for t in range(kept):
        for d in range(depth):
            if threshold[t, d] != UNSPLIT:
                threshold[t, d] = ((threshold[t, d] + 1) << coarse[feature[t, d]]) - 1
    return kept, feature[:kept], threshold[:kept], value[:kept], state


@reordered
def _own_rows(x: Array, rows: Array, sizes: Array) -> tuple[Array, Array, Array]:
    """The predictors of these rows; coarser when the rows are too few to fill fine histograms.

    Returns:
        (n, P) uint8 predictors, (P,) bits dropped from each, and (P,) values left.
    """
    coarse, few = np.zeros_like(sizes), sizes.copy()
    for j in range(sizes.shape[0]):
        while few[j] > FINE and rows.shape[0] < MANY:
            coarse[j] += 1
            few[j] = ((sizes[j] - 1) >> coarse[j]) + 1
    mine = np.empty((rows.shape[0], sizes.shape[0]), dtype=np.uint8)
    for i in range(rows.shape[0]):
        for j in range(sizes.shape[0]):
            mine[i, j] = x[rows[i], j] >> coarse[j]
    return mine, coarse, few


@reordered
def fit_questions(
    x: Array, sizes: Array, place: Array, nodes: Array, order: Array, trees: int, depth: int,
    rate: float, ridge: float, least: int, bag: float, share: float, patience: int,
    stretch: float, cap: int, seed: int,
) -> tuple[Array, Array, Array, Array, Array]:  # fmt: skip
    """Boosted yes-or-no questions down the hierarchy of one block.

    Args:
        x: (N, P) uint8 predictors. sizes: (P,) number of values of each.
        place: (N,) int32 place of each row. nodes: (M, 5) int32 of the hierarchy.
        order: (N,) int32 rows in random order; the first ``cap`` of each node train its trees.
        trees: most trees a question. least: fewest rows in a leaf of a tree.

    Returns:
        intercept (M,), first and last tree of each question (M, 2), and the trees.
    """
    questions, width = nodes.shape[0], sizes.shape[0]
    intercept = np.zeros(questions, dtype=np.float32)
    span = np.zeros((questions, 2), dtype=np.int32)
    feature = np.zeros((64, depth), dtype=np.uint8)
    threshold = np.zeros((64, depth), dtype=np.uint8)
    value = np.zeros((64, 1 << depth), dtype=np.float32)
    start, stop = np.zeros(questions, np.int64), np.zeros(questions, np.int64)
    rows, spare = order.copy(), np.empty_like(order)
    longest = sizes.max() if width else 1
    hist = np.zeros((width, longest, 1 << (depth - 1), 3), dtype=np.float32)
    state, used = np.uint64(seed), 0
    for m in range(questions):
        if m == 0:
            stop[0] = rows.shape[0]
        a, b, mid = start[m], stop[m], nodes[m, 1]
        split, out = a, 0
        label = np.empty(min(b - a, cap), dtype=np.float32)
        mine = rows[a : a + label.shape[0]].copy()
        for i in range(a, b):
            r = rows[i]
            right = place[r] >= mid
            if i - a < label.shape[0]:
                label[i - a] = right
            if right:
                spare[out] = r
                out += 1
            else:
                rows[split] = r
                split += 1
        rows[split:b] = spare[:out]
        for side, low, high in ((3, a, split), (4, split, b)):
            if nodes[m, side] >= 0:
                start[nodes[m, side]], stop[nodes[m, side]] = low, high
        p = (out + 0.5) / (b - a + 1.0)
        intercept[m] = np.log(p / (1 - p))
        span[m] = used
        if trees == 0 or b - a < 4 * least or min(out, b - a - out) < least:
            continue
        kept, f, t, v, state = _boost(
            x, sizes, mine, label, intercept[m], trees, depth, rate, ridge, least, bag, share,
            patience, stretch, state, hist,
        )  # fmt: skip
        while used + kept > feature.shape[0]:
            feature = np.concatenate((feature, np.zeros_like(feature)))
            threshold = np.concatenate((threshold, np.zeros_like(threshold)))
            value = np.concatenate((value, np.zeros_like(value)))
        feature[used : used + kept], threshold[used : used + kept] = f, t
        value[used : used + kept] = v
        used += kept
        span[m, 1] = used
    return intercept, span, feature[:used].copy(), threshold[:used].copy(), value[:used].copy()
