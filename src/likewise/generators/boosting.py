"""Boosted symmetric trees on small integer predictors, as compiled kernels.

A hierarchy of boosted yes-or-no questions gives the conditional distribution of a block's levels.
All kernels release the interpreter lock, use no global random state and do the same arithmetic
whatever the number of threads.

Shapes: N rows, P predictors of at most 256 values, M questions, T trees of depth D with L = 2^D
leaves.

Paper: Friedman, "Stochastic gradient boosting", 2002 (rows left out of a tree tell when to stop).
"""

import numpy as np

from likewise.generators.compiled import reordered
from likewise.generators.symmetric import START, UNSPLIT, find_leaves, grow, scratch

Array = np.ndarray
SCALE = 2.0**-24
MANY = 2_000  # rows from which on histograms are as fine as the predictors
FINE = 64  # most values of a predictor below that


@reordered
def mixed(state: np.uint64) -> np.uint64:
    """The next state of a counter-based generator (SplitMix64)."""
    z = state + np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


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
        find_leaves(mine, START, feature[done], threshold[done], leaf)
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
        (P, n) uint8 predictors, (P,) bits dropped from each, and (P,) values left.
    """
    coarse, few = np.zeros_like(sizes), sizes.copy()
    for j in range(sizes.shape[0]):
        while few[j] > FINE and rows.shape[0] < MANY:
            coarse[j] += 1
            few[j] = ((sizes[j] - 1) >> coarse[j]) + 1
    mine = np.empty((sizes.shape[0], rows.shape[0]), dtype=np.uint8)
    for j in range(sizes.shape[0]):
        for i in range(rows.shape[0]):
            mine[j, i] = x[j, rows[i]] >> coarse[j]
    return mine, coarse, few


@reordered
def fit_questions(
    x: Array, sizes: Array, place: Array, nodes: Array, order: Array, trees: int, depth: int,
    rate: float, ridge: float, least: int, bag: float, share: float, patience: int,
    stretch: float, cap: int, seed: int,
) -> tuple[Array, Array, Array, Array, Array]:  # fmt: skip
    """Boosted yes-or-no questions down the hierarchy of one block.

    Args:
        x: (P, N) uint8 predictors. sizes: (P,) number of values of each.
        place: (N,) int32 place of each row. nodes: (M, 5) int32 of the hierarchy.
        order: (N,) int32 rows in random order; the first ``cap`` of each node train its trees.
        trees: most trees a question. least: fewest rows in a leaf of a tree.

    Returns:
        intercept (M,), first and last tree of each question (M, 2), and the trees.
    """
    questions = nodes.shape[0]
    intercept = np.zeros(questions, dtype=np.float32)
    span = np.zeros((questions, 2), dtype=np.int32)
    feature = np.zeros((64, depth), dtype=np.uint8)
    threshold = np.zeros((64, depth), dtype=np.uint8)
    value = np.zeros((64, 1 << depth), dtype=np.float32)
    start, stop = np.zeros(questions, np.int64), np.zeros(questions, np.int64)
    rows, spare = order.copy(), np.empty_like(order)
    hist = scratch(sizes, depth)
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
