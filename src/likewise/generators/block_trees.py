"""One block's conditional distribution given the blocks drawn before it, as boosted trees.

Most blocks are drawn level by level down a hierarchy of questions. A smooth block that the others
predict well is drawn as *location plus residual* instead: a cross-fitted regression gives where the
value lies, and the hierarchy draws the residual.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import ndtri

from likewise.core.artifact import storable
from likewise.encode.layout import Block
from likewise.generators.boosting import fit_questions
from likewise.generators.descent import descend, predictors
from likewise.generators.hierarchy import Hierarchy, hierarchy
from likewise.generators.location import Location, fit_location
from likewise.generators.recode import predictor_maps
from likewise.generators.residual import KNOTS, RESIDUAL_LEVELS, Residual, fit_residual

Array = np.ndarray


@dataclass(frozen=True)
class Growth:
    """How trees are grown; the recipe's settings in the form the kernels take."""

    trees: int
    depth: int
    rate: float
    leaf: int
    rows: int
    patience: int
    location: bool
    ridge: float = 2.0
    bag: float = 0.6
    share: float = 0.7
    stretch: float = 2.0
    folds: int = 3
    location_gain: float = 0.02  # least R² for the location to become a predictor
    smooth_gain: float = 0.5  # least R² to draw location plus residual


@storable
@dataclass(frozen=True)
class BlockTrees:
    """The questions of one block and the trees that answer them.

    Attributes:
        block: position in the layout.
        parents: (P,) int32 positions of the blocks it looks at.
        offsets: (P,) int64 and maps: uint8, from the parents' codes to predictors.
        tree: the hierarchy over levels, or over residual levels.
        intercept, span, feature, threshold, value: the answers (see ``boosting``).
        atoms: (K,) bool of the block.
        location: how the location is predicted, if it is.
        residual: set when the block is drawn as location plus residual.
    """

    block: int
    parents: Array
    offsets: Array
    maps: Array
    tree: Hierarchy
    intercept: Array
    span: Array
    feature: Array
    threshold: Array
    value: Array
    atoms: Array
    location: Location | None
    residual: Residual | None

    @property
    def free(self) -> bool:
        """Whether the block does not depend on any other."""
        return len(self.value) == 0 and self.residual is None

    def draw(
        self, codes: Array, rng: np.random.Generator, allowed: Array | None, log_weight: Array
    ) -> tuple[Array, Array]:
        """Code and detail for rows whose earlier blocks are drawn; adds to ``log_weight``."""
        x, location = self._predictors(codes, rng)
        none = np.empty(0, dtype=np.int32)
        if allowed is None or self.residual is not None:
            place, detail = self._descend(x, rng, none, None, log_weight)
        elif self.free:
            kept = replace(self, intercept=_restricted(self, allowed))
            place, detail = kept._descend(x, rng, none, None, np.zeros(x.shape[1]))
        else:
            place, detail = self._descend(x, rng, none, _open_sides(self, allowed), log_weight)
        if self.residual is None or location is None:
            code = self.tree.level[place]
            return code, self._inside(code, detail)
        code, detail = self.residual.levels(location + self.residual.value(place, detail))
        if allowed is not None:
            log_weight[~allowed[code]] = -np.inf
        return code, self._inside(code, detail)

    def _inside(self, code: Array, detail: Array) -> Array:
        """Details of drawn codes: 0 at levels without inside."""
        return np.where(self.atoms[code], np.zeros_like(detail), detail)

    def weigh(
        self,
        codes: Array,
        fixed: tuple[Array, Array],
        rng: np.random.Generator,
        log_weight: Array,
    ) -> None:
        """Add the log probability of the fixed codes (log density of location plus residual)."""
        x, location = self._predictors(codes, rng)
        if self.residual is None or location is None:
            self._descend(x, rng, self.tree.place[fixed[0]], None, log_weight)
            return
        error = self.residual.totals(*fixed) - location
        edges = self.residual.knots[::KNOTS]
        place = np.clip(np.searchsorted(edges, error, side="right") - 1, 0, RESIDUAL_LEVELS - 1)
        self._descend(x, rng, place.astype(np.int32), None, log_weight)
        log_weight -= np.log(np.maximum(np.diff(edges)[place], 1e-9))

    def total(self, codes: Array, rng: np.random.Generator) -> Array:
        """Location plus residual of newly drawn rows, before the curve; (N,) float64."""
        x, location = self._predictors(codes, rng)
        none = np.empty(0, dtype=np.int32)
        place, detail = self._descend(x, rng, none, None, np.zeros(x.shape[1]))
        assert self.residual is not None and location is not None
        return np.asarray(location + self.residual.value(place, detail))

    def _predictors(self, codes: Array, rng: np.random.Generator) -> tuple[Array, Array | None]:
        x = predictors(codes, self.parents, self.offsets, self.maps)
        if self.location is None:
            return x, None
        fold: Array = rng.integers(0, self.location.folds, (x.shape[1],), dtype=np.int8)
        location = self.location.predict(x, fold)
        return np.vstack([x, self.location.code(location)]), location

    def _descend(
        self,
        x: Array,
        rng: np.random.Generator,
        fixed: Array,
        open_sides: Array | None,
        log_weight: Array,
    ) -> tuple[Array, Array]:
        rows = x.shape[1]
        place = np.zeros(rows, dtype=np.int32)
        detail: Array = rng.random((rows,), dtype=np.float32)
        if len(self.tree.nodes):
            sides = np.empty((0, 2), dtype=np.bool_) if open_sides is None else open_sides
            order = rng.permutation(np.arange(rows, dtype=np.int32))
            descend(
                x, self.tree.nodes, self.intercept, self.span, self.feature, self.threshold,
                self.value, order, rng.random(), fixed, sides, place, detail, log_weight,
            )  # fmt: skip
        return place, detail


def fit_block(
    codes: Array,
    detail: Array,
    blocks: tuple[Block, ...],
    me: int,
    parents: Array,
    growth: Growth,
    seed: int,
) -> BlockTrees:
    """Learn block ``me`` given ``parents``; (N, C) codes, (N,) detail of the block.

    Cost: O(min(N, rows) P D T log K) time for K levels and up to T trees a question.
    """
    block, code = blocks[me], codes[:, me]
    counts = np.bincount(code, minlength=block.size).astype(float)
    tree = hierarchy(counts, block.ordered)
    place = tree.place[code]
    maps, offsets = predictor_maps(codes, blocks, parents, place, block.size)
    x = predictors(codes, parents, offsets, maps)
    location = residual = None
    inside = counts[~block.atoms].sum() / max(len(code), 1)
    if growth.location and block.ordered and inside >= 0.5 and len(parents) and len(code) >= 200:
        location, unseen, score = _location(x, code, detail, block, counts, growth, seed)
        gain = 1 - np.mean((score - unseen) ** 2) / max(np.var(score), 1e-12)
        if gain < growth.location_gain:
            location = None
        else:
            x = np.vstack([x, location.code(unseen)])
        if location is not None and inside > 0.98 and gain > growth.smooth_gain:
            residual, place = fit_residual(score - unseen, counts)
            size = np.bincount(place, minlength=RESIDUAL_LEVELS).astype(float)
            tree = hierarchy(size, ordered=True)
    sizes = x.max(axis=1, initial=0).astype(np.int64) + 1
    order = np.random.Generator(np.random.Philox(seed)).permutation(len(code)).astype(np.int32)
    trees = growth.trees if len(x) else 0
    intercept, span, feature, threshold, value = fit_questions(
        x, sizes, place, tree.nodes, order, trees, growth.depth,
        growth.rate, growth.ridge, growth.leaf, growth.bag, growth.share, growth.patience,
        growth.stretch, growth.rows, seed,
    )  # fmt: skip
    return BlockTrees(
        me, parents, offsets, maps, tree, intercept, span, feature, threshold, value,
        block.atoms, location, residual,
    )  # fmt: skip


def _location(
    x: Array, code: Array, detail: Array, block: Block, counts: Array, growth: Growth, seed: int
) -> tuple[Location, Array, Array]:
    """The location of a block's normal scores, its out-of-fold values, and the scores."""
    below = np.concatenate([[0.0], np.cumsum(counts)])
    inside = np.where(block.atoms[code], 0.5, detail)
    rank = (below[code] + inside * counts[code]) / len(code)
    score = ndtri(np.clip(rank, 0.25 / len(code), 1 - 0.25 / len(code)))
    location, unseen = fit_location(
        x, score, folds=growth.folds, trees=min(80, 4 * growth.trees), depth=5, rate=0.15, leaf=20,
        most=growth.rows, seed=seed,
    )  # fmt: skip
    return location, unseen, score


def with_curve(block: BlockTrees, total: Array) -> BlockTrees:
    """The block with its curve set so that drawn rows have the block's own distribution."""
    assert block.residual is not None
    return replace(block, residual=block.residual.with_curve(total))


def _open_sides(block: BlockTrees, allowed: Array) -> Array:
    """(M, 2) bool: under which side of each question an allowed level lies."""
    total = np.concatenate([[0], np.cumsum(allowed[block.tree.level])])
    low, mid, high = block.tree.nodes[:, :3].T
    return np.stack([total[mid] > total[low], total[high] > total[mid]], axis=1)


def _restricted(block: BlockTrees, allowed: Array) -> Array:
    """Intercepts of a block without trees, given that the level is allowed; (M,) float32."""
    nodes = block.tree.nodes
    mass = np.ones(len(block.tree.level))
    right = 1 / (1 + np.exp(-block.intercept.astype(float)))
    for m in range(len(nodes)):
        low, mid, high = nodes[m, :3]
        mass[low:mid] *= 1 - right[m]
        mass[mid:high] *= right[m]
    total = np.concatenate([[0.0], np.cumsum(mass * allowed[block.tree.level])])
    low, mid, high = nodes[:, :3].T
    left_mass, right_mass = total[mid] - total[low], total[high] - total[mid]
    with np.errstate(divide="ignore"):
        odds = np.log(np.maximum(right_mass, 0)) - np.log(np.maximum(left_mass, 0))
    finite = np.nan_to_num(odds, nan=0.0, posinf=60.0, neginf=-60.0)
    return np.asarray(finite.astype(np.float32))
