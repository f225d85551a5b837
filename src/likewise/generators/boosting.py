"""Boosted histogram trees on small integer predictors, as compiled kernels.

Two learners share one tree grower: a hierarchy of boosted yes-or-no questions, which gives the
conditional distribution of a block's levels, and a cross-fitted boosted regression, which gives
the location of a smooth one. All kernels release the interpreter lock, use no global random
state and do the same arithmetic whatever the number of threads.

Shapes: N rows, P predictors of at most 256 values, M questions, T trees of depth D with I = 2^D - 1
splits and L = 2^D leaves. A tree is ``feature`` (T, I) uint8, ``threshold`` (T, I) uint8 and
``value`` (T, L) float32: go right when the predictor is above the threshold.

Papers: Friedman, "Greedy function approximation: a gradient boosting machine", 2001; Friedman,
"Stochastic gradient boosting", 2002 (the rows left out of each tree tell when to stop).
"""

import numba as nb
import numpy as np

Array = np.ndarray
_jit = nb.njit(cache=True, nogil=True, fastmath={"contract", "arcp", "nsz"})
_SCALE = 2.0**-24


@_jit
def _mixed(state: np.uint64) -> np.uint64:
    """The next state of a counter-based generator (SplitMix64)."""
    z = state + np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@_jit
def _leaf_of(x: Array, feature: Array, threshold: Array) -> int:
    """The leaf, counted from 0, that predictors ``x`` (P,) fall in."""
    splits = feature.shape[0]
    node = 0
    while node < splits:
        node = 2 * node + 1 + (x[feature[node]] > threshold[node])
    return node - splits


@_jit
def _best_split(
    hist: Array, sizes: Array, use: Array, rows: int, grad: float, hess: float, ridge: float,
    leaf: int,
) -> tuple[float, int, int]:  # fmt: skip
    """Gain, predictor and threshold of the best split of one node; gain 0 when there is none."""
    best, feature, threshold = 1e-7, 0, 255
    whole = grad * grad / (hess + ridge)
    for j in range(sizes.shape[0]):
        if not use[j]:
            continue
        left_grad = left_hess = left_rows = 0.0
        for q in range(sizes[j] - 1):
            if hist[j, q, 2] == 0:
                continue
            left_grad += hist[j, q, 0]
            left_hess += hist[j, q, 1]
            left_rows += hist[j, q, 2]
            if rows - left_rows < leaf:
                break
            if left_rows < leaf:
                continue
            right_grad, right_hess = grad - left_grad, hess - left_hess
            gain = left_grad * left_grad / (left_hess + ridge)
            gain += right_grad * right_grad / (right_hess + ridge) - whole
            if gain > best:
                best, feature, threshold = gain, j, q
    return (0.0 if threshold == 255 else best), feature, threshold


@_jit
def _grow(
    x: Array, sizes: Array, rows: Array, count: int, grad: Array, hess: Array, use: Array,
    depth: int, ridge: float, leaf: int, hist: Array, spare: Array,
    feature: Array, threshold: Array, value: Array,
) -> float:  # fmt: skip
    """Grow one tree on ``rows[:count]`` level by level into the last three arrays; its gain."""
    edges = np.zeros((2, (1 << depth) + 1), dtype=np.int64)
    edges[0, 1] = count
    total, nodes, now = 0.0, 1, 0
    for _ in range(depth):
        for k in range(nodes):
            start, stop = edges[now, k], edges[now, k + 1]
            node, mid = nodes - 1 + k, edges[now, k + 1]
            feature[node], threshold[node] = 0, 255
            if stop - start >= 2 * leaf:
                sum_grad = sum_hess = 0.0
                for j in range(sizes.shape[0]):
                    hist[j, : sizes[j]] = 0
                for i in range(start, stop):
                    r = rows[i]
                    g, h = grad[r], hess[r]
                    sum_grad += g
                    sum_hess += h
                    for j in range(sizes.shape[0]):
                        if use[j]:
                            q = x[r, j]
                            hist[j, q, 0] += g
                            hist[j, q, 1] += h
                            hist[j, q, 2] += np.float32(1)
                gain, f, t = _best_split(
                    hist, sizes, use, stop - start, sum_grad, sum_hess, ridge, leaf
                )
                if gain > 0:
                    total += gain
                    feature[node], threshold[node] = f, t
                    mid, out = start, 0
                    for i in range(start, stop):
                        r = rows[i]
                        if x[r, f] <= t:
                            rows[mid] = r
                            mid += 1
                        else:
                            spare[out] = r
                            out += 1
                    rows[mid:stop] = spare[:out]
            edges[1 - now, 2 * k + 1], edges[1 - now, 2 * k + 2] = mid, stop
        nodes, now = 2 * nodes, 1 - now
    for k in range(nodes):
        sum_grad = sum_hess = 0.0
        for i in range(edges[now, k], edges[now, k + 1]):
            sum_grad += grad[rows[i]]
            sum_hess += hess[rows[i]]
        value[k] = sum_grad / (sum_hess + ridge)
    return total


@_jit
def _boost(
    x: Array, sizes: Array, rows: Array, label: Array, intercept: float, trees: int, depth: int,
    rate: float, ridge: float, leaf: int, bag: float, share: float, patience: int,
    stretch: float, state: np.uint64, hist: Array,
) -> tuple[int, Array, Array, Array, np.uint64]:  # fmt: skip
    """One boosted yes-or-no question on the given rows, stopped by the rows out of each bag."""
    count, width = rows.shape[0], sizes.shape[0]
    splits, leaves = (1 << depth) - 1, 1 << depth
    room = min(trees, 16)
    feature = np.zeros((room, splits), dtype=np.uint8)
    threshold = np.zeros((room, splits), dtype=np.uint8)
    value = np.zeros((room, leaves), dtype=np.float32)
    score = np.full(count, np.float32(intercept))
    grad, hess = np.zeros(count, dtype=np.float32), np.zeros(count, dtype=np.float32)
    inside, spare = np.zeros(count, dtype=np.bool_), np.empty(count, dtype=np.int32)
    bagged, use = np.empty(count, dtype=np.int32), np.ones(width, dtype=np.bool_)
    mine = np.empty((count, width), dtype=np.uint8)
    for i in range(count):
        mine[i] = x[rows[i]]
    gained = best = 0.0
    kept = waited = done = 0
    while done < trees:
        if done == room:
            room *= 2
            feature = np.concatenate((feature, np.zeros_like(feature)))
            threshold = np.concatenate((threshold, np.zeros_like(threshold)))
            value = np.concatenate((value, np.zeros_like(value)))
        taken = 0
        for i in range(count):
            p = 1 / (1 + np.exp(-score[i]))
            grad[i], hess[i] = label[i] - p, p * (1 - p)
            state = _mixed(state)
            inside[i] = (state >> np.uint64(40)) * _SCALE < bag
            if inside[i]:
                bagged[taken] = i
                taken += 1
        some = False
        for j in range(width):
            state = _mixed(state)
            use[j] = (state >> np.uint64(40)) * _SCALE < share
            some |= use[j]
        if not some:
            use[int(state >> np.uint64(33)) % width] = True
        gain = _grow(mine, sizes, bagged, taken, grad, hess, use, depth, ridge, leaf, hist, spare,
                     feature[done], threshold[done], value[done])  # fmt: skip
        value[done] *= np.float32(rate)
        for i in range(count):
            step = value[done, _leaf_of(mine[i], feature[done], threshold[done])]
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
    return kept, feature[:kept], threshold[:kept], value[:kept], state


@_jit
def fit_questions(
    x: Array, sizes: Array, place: Array, nodes: Array, order: Array, trees: int, depth: int,
    rate: float, ridge: float, leaf: int, bag: float, share: float, patience: int,
    stretch: float, cap: int, seed: int,
) -> tuple[Array, Array, Array, Array, Array]:  # fmt: skip
    """Boosted yes-or-no questions down the hierarchy of one block.

    Args:
        x: (N, P) uint8 predictors. sizes: (P,) number of values of each.
        place: (N,) int32 place of each row. nodes: (M, 5) int32 of the hierarchy.
        order: (N,) int32 rows in random order; the first ``cap`` of each node train its trees.
        trees: most trees a question. leaf: fewest rows in a leaf of a tree.

    Returns:
        intercept (M,), first and last tree of each question (M, 2), and the trees.
    """
    questions, splits, leaves = nodes.shape[0], (1 << depth) - 1, 1 << depth
    intercept = np.zeros(questions, dtype=np.float32)
    span = np.zeros((questions, 2), dtype=np.int32)
    feature = np.zeros((64, splits), dtype=np.uint8)
    threshold = np.zeros((64, splits), dtype=np.uint8)
    value = np.zeros((64, leaves), dtype=np.float32)
    start, stop = np.zeros(questions, np.int64), np.zeros(questions, np.int64)
    rows, spare = order.copy(), np.empty_like(order)
    hist = np.zeros((sizes.shape[0], sizes.max() if sizes.shape[0] else 1, 3), dtype=np.float32)
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
        if trees == 0 or b - a < 4 * leaf or min(out, b - a - out) < leaf:
            continue
        kept, f, t, v, state = _boost(
            x, sizes, mine, label, intercept[m], trees, depth, rate, ridge, leaf, bag, share,
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
