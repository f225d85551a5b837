"""One block's conditional distribution given the blocks drawn before it, as a random forest.

A row falls into one leaf of each tree; its distribution is the mean of those leaves' distributions.
A leaf holds levels and places of the block alone, sorted, so it is a histogram and not a set of
rows. Where a linear guess helps, places are kept relative to it and move with the row's own guess.
Beside it there may be boosted trees that have learned the same; rows are then drawn from either.

Shapes: N rows, P parents, Q outputs of the linear guess, T trees, K levels.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from likewise.core.artifact import storable
from likewise.core.checks import agree, bounded, shaped, within
from likewise.encode.layout import Encoded
from likewise.generators.block_trees import BlockTrees
from likewise.generators.draws import draw_codes, draw_detail, restricted
from likewise.generators.forest_choice import guess_helps, kept_trees
from likewise.generators.forest_features import joined, label_features, split_features
from likewise.generators.forest_linear import Linear, check_parents, fit_linear
from likewise.generators.forest_mean import MeanTrees, fit_mean
from likewise.generators.forest_scale import STRAY, Scale
from likewise.generators.forest_trees import Grown, TreeSet, flattened, grow

Array = np.ndarray
Rng = np.random.Generator
LABELS = 12  # labels told apart when trees are grown
WAVES = (2, 3, 4)  # half waves over the ranks of a block
RARE = 0.01  # share of the rows that a single level must have, and leave, to be told apart


@storable
@dataclass(frozen=True)
class BlockForest:
    """What was learned of one block.

    Attributes:
        block: position in the layout.
        parents: (P,) int64 positions of the blocks it looks at.
        labels: (sum of K of the parents,) float32, the feature that each level of a label is.
        linear: the guess; None without parents.
        mean: a forest's guess at what the linear one misses; None where it does not help.
        moves: whether places are relative to the guess.
        trees: the trees; None without parents, and where all rows come from boosted trees.
        boosted: boosted trees of the same block, and
        share: of rows that are drawn from them; where there are other trees, these draw all rows
            whose levels are allowed or fixed.
    """

    block: int
    parents: Array
    labels: Array
    linear: Linear | None
    mean: MeanTrees | None
    moves: bool
    trees: TreeSet | None
    boosted: BlockTrees | None = None
    share: float = 0.0

    def __post_init__(self) -> None:
        shaped("parents", self.parents, np.int64, None)
        shaped("labels", self.labels, np.float32, None)
        bounded("labels", self.labels)
        agree(0 <= self.share <= 1, "share of rows")
        agree(self.boosted is None or self.boosted.block == self.block, "blocks of both kinds")
        if self.trees is None:
            agree(self.boosted is None or self.share == 1, "rows that no tree draws")
            return
        agree(self.linear is not None, "trees without a guess")
        assert self.linear is not None
        features = len(self.parents) + len(self.linear.base)
        if self.mean is not None:
            agree(self.mean.features <= features, "features of means")
            features += 1
        agree(self.trees.features <= features, "features of trees")

    def check(self, scales: tuple[Scale, ...]) -> None:
        """Raise ValueError unless it can look at, and be drawn on, these scales."""
        scale = scales[self.block]
        if self.boosted is not None:
            agree(len(self.boosted.atoms) == len(scale.shares), "levels of both kinds")
            self.boosted.check(np.array([len(one.shares) for one in scales], dtype=np.int64))
        if self.trees is None or self.linear is None:
            return
        check_parents(self.parents, self.labels, self.linear, scales)
        within("level", self.trees.level, -1, len(scale.shares))
        smooth = scale.shares[~scale.single].sum() > 0
        agree(smooth or (self.trees.level >= 0).all(), "places where there are only levels")

    @property
    def free(self) -> bool:
        """Whether the block does not depend on any other."""
        return self.trees is None and (self.boosted is None or self.boosted.free)

    def draw(
        self, codes: Array, scores: Array, scales: tuple[Scale, ...], rng: Rng,
        allowed: Array | None, log_weight: Array,
    ) -> tuple[Array, Array]:  # fmt: skip
        """Code and detail for rows whose earlier blocks are drawn; adds to ``log_weight``."""
        scale, rows = scales[self.block], len(codes)
        if self.trees is None and self.boosted is not None:
            return self.boosted.draw(np.asfortranarray(codes), rng, allowed, log_weight)
        if self.trees is None:
            code = draw_codes(restricted(scale.shares, allowed), rng.random(rows))
            return code, draw_detail(scale.atoms[code], rng)
        x, shift = self._features(codes, scores, scales)
        if allowed is not None:
            found = self.trees.draw_allowed(x, shift, scale.edges, allowed, rng)
            code = _among(*found, scale, allowed, rng, log_weight)
            return code, draw_detail(scale.atoms[code], rng)
        code, place = self.trees.draw(x, rng)
        detail = draw_detail(scale.atoms[code], rng)
        inside = code < 0
        if inside.any():
            code[inside], detail[inside] = scale.levels((place + shift)[inside])
        if self.boosted is not None:
            some = np.flatnonzero(rng.random(rows) < self.share)
            known = np.asfortranarray(codes[some])
            code[some], detail[some] = self.boosted.draw(known, rng, None, np.zeros(len(some)))
        return code, detail

    def weigh(
        self, codes: Array, scores: Array, scales: tuple[Scale, ...], rng: Rng,
        fixed: tuple[Array, Array], log_weight: Array,
    ) -> None:  # fmt: skip
        """Add the log probability of fixed levels, or the log density of fixed places."""
        if self.trees is None and self.boosted is not None:
            self.boosted.weigh(np.asfortranarray(codes), fixed, rng, log_weight)
            return
        scale = scales[self.block]
        at, level = scale.places(*fixed), fixed[0].astype(np.int32)
        inside = ~np.isnan(at)
        usual = scale.shares[level]
        if inside.any():
            density = np.exp(-0.5 * at[inside] ** 2) / np.sqrt(2 * np.pi)
            usual[inside] = density * scale.shares[~scale.single].sum()
            level[inside] = -1
        if self.trees is not None:
            x, shift = self._features(codes, scores, scales)
            usual = (1 - STRAY) * self.trees.mass(x, shift, level, at) + STRAY * usual
        log_weight += np.log(np.maximum(usual, 1e-300))

    def _features(
        self, codes: Array, scores: Array, scales: tuple[Scale, ...]
    ) -> tuple[Array, Array]:
        """What trees split on, (N, P + Q) float32, and what is added to places, (N,)."""
        assert self.linear is not None
        known, own = codes[:, self.parents], scores[:, self.parents]
        guess = self.linear.predict(own, known)
        parts = [scales[p] for p in self.parents.tolist()]
        x = joined(split_features(known, own, parts, self.labels), guess)
        place = guess[:, 0]
        if self.mean is not None:
            place = place + self.mean.predict(x)[:, 0]
            x = joined(x, place[:, None])
        return x, place if self.moves else np.zeros(len(codes))


def _among(
    code: Array, mass: Array, scale: Scale, allowed: Array, rng: Rng, log_weight: Array
) -> Array:
    """Codes among the allowed levels, a few from the margin; adds the log mass of each row."""
    margin = restricted(scale.shares, allowed)
    total = (1 - STRAY) * mass + STRAY * float(scale.shares[allowed].sum())
    stray = (rng.random(len(code)) * total >= (1 - STRAY) * mass) | (code < 0)
    code[stray] = draw_codes(margin, rng.random(int(stray.sum())))
    with np.errstate(divide="ignore"):
        log_weight += np.log(total)
    return code


def alone(me: int) -> BlockForest:
    """A block that looks at no other."""
    nothing = np.empty(0, dtype=np.int64)
    return BlockForest(me, nothing, nothing.astype(np.float32), None, None, False, None)


def fit_block(
    rows: Encoded, scores: Array, scales: tuple[Scale, ...], me: int, parents: Array,
    grown: Grown, rng: Rng,
) -> BlockForest:  # fmt: skip
    """Learn block ``me`` given ``parents``.

    Guesses at places of the learned rows are halfway between those of models that saw the row and
    that did not: the ones miss by less than the relation's own spread, the others by as much more
    (Mallows 1973), and what is drawn should be neither tighter nor looser than what is real.
    Cost: O(T P N log² N) for trees, and O(N D² + D³) for a guess from D scores and labels.
    """
    if not len(parents) or rows.rows < 2:
        return alone(me)
    codes, scale = rows.codes[:, me], scales[me]
    known, own = rows.codes[:, parents], scores[:, parents]
    parts = [scales[p] for p in parents.tolist()]
    wanted = _wanted(codes, scores[:, me], scale)
    labels = label_features(known, parts, wanted)
    linear, unseen = fit_linear(own, known, parts, wanted, rng)
    if scale.continuous:
        unseen = (unseen + linear.predict(own, known)) / 2
    x = joined(split_features(known, own, parts, labels), unseen)
    mean, guess = None, unseen[:, 0]
    if scale.continuous:
        mean, more = fit_mean(x, wanted - guess[:, None], grown, rng)
        if mean is not None:
            guess = guess + (more + mean.predict(x))[:, 0] / 2
            x = joined(x, guess[:, None])
    aspects = _aspects(codes, scores[:, me], scale) if scale.ordered else wanted
    trees = grow(x, aspects, grown, rng)
    if not scale.continuous:
        plain = grow(x, aspects, grown, rng, first=len(parents))
        trees = kept_trees(trees, plain, x, codes, scale)
    place = scale.places(codes, rows.detail[:, me])
    moves = scale.continuous and guess_helps(trees, x, place, guess, rng)
    held = place - guess if moves else place
    level, held = np.where(np.isnan(place), codes, -1), np.where(np.isnan(held), np.inf, held)
    return BlockForest(me, parents, labels, linear, mean, moves, flattened(trees, x, level, held))


def _aspects(codes: Array, scores: Array, scale: Scale) -> Array:
    """What the trees of an ordered block tell apart, (N, Q): places, waves and single levels.

    Trees that split by the mean alone do not see where spread, or the share of a single value,
    changes and the mean does not. Means of waves of a value's rank tell of its distribution.
    """
    known = codes > 0 if scale.missing else np.ones(len(codes), dtype=bool)
    rank = ndtr(scores.astype(float))
    parts = [scores.astype(float), *(np.sqrt(2) * np.cos(k * np.pi * rank) for k in WAVES)]
    parts = [np.where(known, part, 0.0) for part in parts]
    for level in np.flatnonzero(scale.single):
        if RARE < scale.shares[level] < 1 - RARE:
            parts.append((codes == level) / np.sqrt(scale.shares[level] + 0.02))
    return np.stack(parts, axis=1)


def _wanted(codes: Array, scores: Array, scale: Scale) -> Array:
    """What the guess, and trees of labels, predict, (N, Q): the score, or frequent labels."""
    if scale.ordered:
        known = scores.astype(float)
        return np.where(codes == 0, -3.0, known)[:, None] if scale.missing else known[:, None]
    counts = np.bincount(codes, minlength=len(scale.shares))
    frequent = np.argsort(-counts, kind="stable")[: 1 if len(counts) == 2 else LABELS]
    hot = (codes[:, None] == frequent).astype(float)
    return np.asarray(hot / np.sqrt(hot.mean(axis=0) + 0.02))  # rare labels count for more
