"""One block's conditional distribution given the blocks drawn before it, as a random forest.

A row falls into one leaf of each tree; its distribution is the mean of those leaves' distributions.
A leaf holds levels and places of the block alone, sorted, so it is a histogram and not a set of
rows. Where a linear guess helps, places are kept relative to it and move with the row's own guess.

Shapes: N rows, P parents, Q outputs of the linear guess, T trees, K levels.
"""

from dataclasses import dataclass

import numpy as np
from sklearn.tree import DecisionTreeRegressor

from likewise.core.artifact import storable
from likewise.encode.layout import Encoded
from likewise.generators.draws import draw_codes, draw_detail, restricted
from likewise.generators.forest_kernels import draw_allowed, draw_entries, mass_at
from likewise.generators.forest_linear import Linear, fit_linear
from likewise.generators.forest_scale import Scale

Array = np.ndarray
Rng = np.random.Generator
ABSENT = np.float32(-6)  # where a missing value stands among scores, for splits
LABELS = 12  # labels told apart when trees are grown
STRAY = 0.01  # share of the margin mixed in where a row is weighed, so that nothing is impossible
WIDTH = 0.2  # of the kernel through which the density at a given place is seen, in scores
PULL = 10.0  # rows by which a label's mean is drawn to the mean of all


@dataclass(frozen=True)
class Grown:
    """How trees are grown: how many, fewest rows a leaf, shares of rows and features each sees."""

    trees: int
    leaf: int
    share: float
    features: float


@storable
@dataclass(frozen=True)
class BlockForest:
    """What was learned of one block.

    Attributes:
        block: position in the layout.
        parents: (P,) int64 positions of the blocks it looks at.
        labels: (sum of K of the parents,) float32, the feature that each level of a label is.
        linear: the guess; None without parents.
        moves: whether places are relative to the guess.
        roots, left, right, feature, threshold, start, stop, level, place: the trees (see
            ``forest_kernels``); empty without parents.
    """

    block: int
    parents: Array
    labels: Array
    linear: Linear | None
    moves: bool
    roots: Array
    left: Array
    right: Array
    feature: Array
    threshold: Array
    start: Array
    stop: Array
    level: Array
    place: Array

    @property
    def free(self) -> bool:
        """Whether the block does not depend on any other."""
        return self.linear is None

    def draw(
        self, codes: Array, scores: Array, scales: tuple[Scale, ...], rng: Rng,
        allowed: Array | None, log_weight: Array,
    ) -> tuple[Array, Array]:  # fmt: skip
        """Code and detail for rows whose earlier blocks are drawn; adds to ``log_weight``."""
        scale, rows = scales[self.block], len(codes)
        if self.free:
            code = draw_codes(restricted(scale.shares, allowed), rng.random(rows))
            return code, draw_detail(scale.atoms[code], rng)
        x, shift = self._features(codes, scores, scales)
        if allowed is not None:
            code = self._draw_allowed(x, shift, scale, rng, allowed, log_weight)
            return code, draw_detail(scale.atoms[code], rng)
        code, place = np.empty(rows, dtype=np.int32), np.zeros(rows)
        draw_entries(x, *self._forest, rng.random((rows, 3)), code, place)
        detail = draw_detail(scale.atoms[code], rng)
        inside = code < 0
        if inside.any():
            code[inside], detail[inside] = scale.levels((place + shift)[inside])
        return code, detail

    def weigh(
        self, codes: Array, scores: Array, scales: tuple[Scale, ...],
        fixed: tuple[Array, Array], log_weight: Array,
    ) -> None:  # fmt: skip
        """Add the log probability of fixed levels, or the log density of fixed places."""
        scale = scales[self.block]
        at, level = scale.places(*fixed), fixed[0].astype(np.int32)
        inside = ~np.isnan(at)
        usual = scale.shares[level]
        if inside.any():
            density = np.exp(-0.5 * at[inside] ** 2) / np.sqrt(2 * np.pi)
            usual[inside] = density * scale.shares[~scale.single].sum()
            level[inside] = -1
        if not self.free:
            x, shift = self._features(codes, scores, scales)
            mass = np.empty(len(codes))
            mass_at(x, *self._forest, shift, level, at, WIDTH, mass)
            usual = (1 - STRAY) * mass + STRAY * usual
        log_weight += np.log(np.maximum(usual, 1e-300))

    @property
    def _forest(self) -> tuple[Array, ...]:
        return (
            self.roots, self.left, self.right, self.feature, self.threshold,
            self.start, self.stop, self.level, self.place,
        )  # fmt: skip

    def _features(
        self, codes: Array, scores: Array, scales: tuple[Scale, ...]
    ) -> tuple[Array, Array]:
        """What trees split on, (N, P + Q) float32, and what is added to places, (N,)."""
        assert self.linear is not None
        known, own = codes[:, self.parents], scores[:, self.parents]
        guess = self.linear.predict(own, known)
        parts = [scales[p] for p in self.parents.tolist()]
        x = np.column_stack([split_features(known, own, parts, self.labels), guess])
        shift = guess[:, 0] if self.moves else np.zeros(len(codes))
        return np.ascontiguousarray(x, dtype=np.float32), shift

    def _draw_allowed(
        self, x: Array, shift: Array, scale: Scale, rng: Rng, allowed: Array, log_weight: Array
    ) -> Array:
        """Codes among the allowed levels; adds the log mass these have in each row."""
        code, mass = np.empty(len(x), dtype=np.int32), np.empty(len(x))
        uniform = rng.random(len(x))
        draw_allowed(x, *self._forest, shift, scale.edges, allowed, uniform, code, mass)
        usual = float(scale.shares[allowed].sum())
        total = (1 - STRAY) * mass + STRAY * usual
        stray = rng.random(len(x)) * total >= (1 - STRAY) * mass
        stray |= code < 0
        margin = restricted(scale.shares, allowed)
        code[stray] = draw_codes(margin, rng.random(int(stray.sum())))
        with np.errstate(divide="ignore"):
            log_weight += np.log(total)
        return code


def split_features(codes: Array, scores: Array, scales: list[Scale], labels: Array) -> Array:
    """One feature a parent: its score, or what stands for its label; (N, P) float32."""
    x, offset = np.array(scores, dtype=np.float32), 0
    for p, scale in enumerate(scales):
        if not scale.ordered:
            x[:, p] = labels[offset + codes[:, p]]
        elif scale.missing:
            x[codes[:, p] == 0, p] = ABSENT
        offset += len(scale.shares)
    return x


def fit_block(
    rows: Encoded, scores: Array, scales: tuple[Scale, ...], me: int, parents: Array,
    grown: Grown, rng: Rng,
) -> BlockForest:  # fmt: skip
    """Learn block ``me`` given ``parents``.

    Cost: O(T P N log² N) for trees, and O(N D² + D³) for a guess from D scores and labels.
    """
    none = np.empty(0, dtype=np.int32)
    thin = np.empty(0, dtype=np.float32)
    if not len(parents) or rows.rows < 2:
        few = np.empty(0, dtype=np.int16)
        trees = (none, none, none, none, thin, none, none, few, thin)
        return BlockForest(me, parents, thin, None, False, *trees)
    codes, scale = rows.codes[:, me], scales[me]
    known, own = rows.codes[:, parents], scores[:, parents]
    parts = [scales[p] for p in parents.tolist()]
    wanted = _wanted(codes, scores[:, me], scale)
    labels = _label_features(known, parts, wanted)
    linear, unseen = fit_linear(own, known, parts, wanted, rng)
    x = np.column_stack([split_features(known, own, parts, labels), unseen]).astype(np.float32)
    trees = _trees(x, wanted, grown, rng)
    place = scale.places(codes, rows.detail[:, me])
    moves = scale.continuous and _guess_helps(trees, x, place, unseen[:, 0], rng)
    held = place - unseen[:, 0] if moves else place
    level = np.where(np.isnan(place), codes, -1).astype(np.int16)
    held = np.where(np.isnan(held), np.inf, held).astype(np.float32)
    return BlockForest(me, parents, labels, linear, moves, *_flat(trees, x, level, held))


def _wanted(codes: Array, scores: Array, scale: Scale) -> Array:
    """What trees and the guess predict, (N, Q): the score, or indicators of frequent labels."""
    if scale.ordered:
        known = scores.astype(float)
        return np.where(codes == 0, -3.0, known)[:, None] if scale.missing else known[:, None]
    counts = np.bincount(codes, minlength=len(scale.shares))
    frequent = np.argsort(-counts, kind="stable")[: 1 if len(counts) == 2 else LABELS]
    hot = (codes[:, None] == frequent).astype(float)
    return np.asarray(hot / np.sqrt(hot.mean(axis=0) + 0.02))  # rare labels count for more


def _label_features(codes: Array, scales: list[Scale], wanted: Array) -> Array:
    """Each label's first principal score by what is wanted in its rows; 0 for ordered levels."""
    parts = []
    middle = wanted.mean(axis=0)
    for p, scale in enumerate(scales):
        size = len(scale.shares)
        if scale.ordered:
            parts.append(np.zeros(size))
            continue
        counts = np.bincount(codes[:, p], minlength=size)[:, None]
        totals = np.stack([np.bincount(codes[:, p], w, minlength=size) for w in wanted.T], axis=1)
        profile = (totals + PULL * middle) / (counts + PULL) - middle
        scaled = profile * np.sqrt(counts)
        parts.append(profile @ np.linalg.eigh(scaled.T @ scaled)[1][:, -1])
    return np.concatenate(parts).astype(np.float32)


def _trees(
    x: Array, wanted: Array, grown: Grown, rng: Rng
) -> list[tuple[Array, DecisionTreeRegressor]]:
    """Trees, each with the rows it was not grown on."""
    trees, rows = [], len(x)
    for _ in range(grown.trees):
        mixed = rng.permutation(rows)
        seen = mixed[: max(int(np.ceil(grown.share * rows)), 1)]
        tree = DecisionTreeRegressor(
            min_samples_leaf=grown.leaf,
            max_features=grown.features,
            random_state=int(rng.integers(2**31)),
        )
        trees.append((mixed[len(seen) :], tree.fit(x[seen], wanted[seen])))
    return trees


def _guess_helps(
    trees: list[tuple[Array, DecisionTreeRegressor]], x: Array, place: Array, guess: Array, rng: Rng
) -> bool:
    """Whether places that move with the guess are nearer to left-out rows' own, by the CRPS.

    The continuous ranked probability score of a sample is the mean distance to the truth less half
    the mean distance within the sample (Gneiting and Raftery 2007). A row that was not used to
    grow a tree draws from its leaf there, itself excluded.
    """
    drawn = np.full((2, len(x), 2 * len(trees)), np.nan)
    for t, (left_out, tree) in enumerate(trees):
        leaf = tree.apply(x)
        order = np.argsort(leaf, kind="stable")
        low = np.searchsorted(leaf[order], leaf[left_out], side="left")
        size = np.searchsorted(leaf[order], leaf[left_out], side="right") - low
        for k in range(2):
            pick = order[low + (rng.random(len(left_out)) * size).astype(np.int64)]
            value = np.where(pick == left_out, np.nan, place[pick])
            drawn[0, left_out, 2 * t + k] = value
            drawn[1, left_out, 2 * t + k] = value - guess[pick] + guess[left_out]
    score = []
    for sample in drawn:
        off = np.abs(sample - place[:, None])
        apart = np.abs(sample - np.roll(sample, 3, axis=1))
        both = ~np.isnan(off) & ~np.isnan(apart)
        score.append(float(off[both].mean() - apart[both].mean() / 2) if both.any() else np.inf)
    return score[1] < score[0]


def _flat(
    trees: list[tuple[Array, DecisionTreeRegressor]], x: Array, level: Array, place: Array
) -> tuple[Array, ...]:
    """All trees in one set of arrays, with every training row as an entry of its leaf."""
    parts: list[list[Array]] = [[] for _ in range(9)]
    nodes = entries = 0
    for _, tree in trees:
        shape, leaf = tree.tree_, tree.apply(x)
        order = np.lexsort((level, place, leaf))
        numbers = np.arange(shape.node_count)
        start, stop = (np.searchsorted(leaf[order], numbers, side=s) for s in ("left", "right"))
        inner = shape.children_left >= 0
        children = [
            np.where(inner, c + nodes, -1) for c in (shape.children_left, shape.children_right)
        ]
        found = (
            np.array([nodes]), *children, np.where(inner, shape.feature, 0), shape.threshold,
            start + entries, stop + entries, level[order], place[order],
        )  # fmt: skip
        for part, new in zip(parts, found, strict=True):
            part.append(new)
        nodes, entries = nodes + shape.node_count, entries + len(x)
    kinds = (*(np.int32,) * 4, np.float32, np.int32, np.int32, np.int16, np.float32)
    return tuple(np.concatenate(p).astype(kind) for p, kind in zip(parts, kinds, strict=True))
