"""One block's conditional distribution given the blocks drawn before it, as boosted trees.

Most blocks are drawn level by level down a hierarchy of questions. A smooth block that the others
predict well is drawn as *location plus residual* instead: a cross-fitted regression gives where the
value lies, and the hierarchy draws the residual. A block that a label block of very many levels all
but determines is drawn as a rank in the list of what is common there.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import ndtri

from likewise.core.artifact import storable
from likewise.core.checks import agree, shaped, within
from likewise.encode.layout import Block
from likewise.generators.descent import predictors
from likewise.generators.hierarchy import hierarchy
from likewise.generators.location import Location, fit_location
from likewise.generators.questions import Growth, Questions
from likewise.generators.ranked import RANKS, Ranked, best_lists, fit_ranked
from likewise.generators.recode import predictor_maps
from likewise.generators.residual import KNOTS, RESIDUAL_LEVELS, Residual, fit_residual

Array = np.ndarray


@storable
@dataclass(frozen=True)
class BlockTrees:
    """The questions of one block and the trees that answer them.

    Attributes:
        block: position in the layout.
        parents: (P,) int32 positions of the blocks it looks at.
        offsets: (P,) int64 and maps: uint8, from the parents' codes to predictors.
        questions: about its levels, or its residual levels.
        atoms: (K,) bool of the block.
        location: how the location is predicted, if it is.
        residual: set when the block is drawn as location plus residual.
        ranked: set when the block is drawn by rank; the questions are then about all other values.
    """

    block: int
    parents: Array
    offsets: Array
    maps: Array
    questions: Questions
    atoms: Array
    location: Location | None
    residual: Residual | None
    ranked: Ranked | None

    def __post_init__(self) -> None:
        count, size, places = len(self.parents), len(self.atoms), len(self.questions.tree.level)
        shaped("parents", self.parents, np.int32, count)
        shaped("offsets", self.offsets, np.int64, count)
        shaped("maps", self.maps, np.uint8, None)
        within("offsets", self.offsets, 0, len(self.maps) + 1)
        shaped("atoms", self.atoms, np.bool_, size)
        if self.residual is None:
            agree(places == size > 0, "places and levels")
        else:
            agree(self.location is not None, "a residual without a location")
            agree(places == RESIDUAL_LEVELS, "places and residual levels")
            agree(len(self.residual.ranks) == size + 1 > 1, "ranks and levels")
        if self.location is not None:
            agree(self.location.predictors <= count, "predictors of the location")
            count += 1
        agree(self.questions.predictors <= count, "predictors of the questions")
        if self.ranked is not None:
            agree(self.ranked.questions.predictors <= count + RANKS, "predictors of ranks")
            within("ranked values", self.ranked.values, -1, size)

    def check(self, sizes: Array) -> None:
        """Raise ValueError unless it can look at blocks of so many levels (C,)."""
        within("parents", self.parents, 0, len(sizes))
        agree((self.offsets + sizes[self.parents] <= len(self.maps)).all(), "maps of parents")
        if self.ranked is not None:
            agree(0 <= self.ranked.parent < len(sizes), "block with the lists")
            agree(len(self.ranked.values) == sizes[self.ranked.parent], "lists of its levels")

    @property
    def free(self) -> bool:
        """Whether the block does not depend on any other."""
        plain = self.residual is None and self.ranked is None
        return plain and len(self.questions.value) == 0

    def draw(
        self, codes: Array, rng: np.random.Generator, allowed: Array | None, log_weight: Array
    ) -> tuple[Array, Array]:
        """Code and detail for rows whose earlier blocks are drawn; adds to ``log_weight``."""
        x, location = self._predictors(codes, rng)
        if self.residual is not None and location is not None:
            place, detail = self.questions.descend(x, rng, log_weight)
            code, detail = self.residual.levels(location + self.residual.value(place, detail))
            if allowed is not None:
                log_weight[~allowed[code]] = -np.inf
        elif self.ranked is not None:
            code = self.ranked.draw(codes, x, rng, allowed, log_weight)
            detail = rng.random((len(code),), dtype=np.float32)
            rest = np.flatnonzero(code < 0)
            weight = log_weight[rest]
            code[rest], detail[rest] = self._level(x[:, rest], rng, allowed, weight)
            log_weight[rest] = weight
        else:
            code, detail = self._level(x, rng, allowed, log_weight)
        return code, self._inside(code, detail)

    def _level(
        self, x: Array, rng: np.random.Generator, allowed: Array | None, log_weight: Array
    ) -> tuple[Array, Array]:
        """Code and detail by the questions about levels."""
        questions = self.questions
        if allowed is None:
            place, detail = questions.descend(x, rng, log_weight)
        elif self.free:
            kept = replace(questions, intercept=_restricted(questions, allowed))
            place, detail = kept.descend(x, rng, np.zeros(x.shape[1]))
        else:
            sides = questions.open_sides(allowed)
            place, detail = questions.descend(x, rng, log_weight, open_sides=sides)
        return questions.tree.level[place], detail

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
        if self.residual is not None and location is not None:
            error = self.residual.totals(*fixed) - location
            edges = self.residual.knots[::KNOTS]
            place = np.clip(np.searchsorted(edges, error, side="right") - 1, 0, RESIDUAL_LEVELS - 1)
            self.questions.descend(x, rng, log_weight, fixed=place.astype(np.int32))
            log_weight -= np.log(np.maximum(np.diff(edges)[place], 1e-9))
            return
        place = self.questions.tree.place[fixed[0]]
        if self.ranked is None:
            self.questions.descend(x, rng, log_weight, fixed=place)
            return
        listed, other = self.ranked.weigh(codes, x, fixed[0])
        unlisted = np.zeros(len(place))
        self.questions.descend(x, rng, unlisted, fixed=place)
        log_weight += np.log(np.maximum(listed + other * np.exp(unlisted), 1e-300))

    def total(self, codes: Array, rng: np.random.Generator) -> Array:
        """Location plus residual of newly drawn rows, before the curve; (N,) float64."""
        x, location = self._predictors(codes, rng)
        place, detail = self.questions.descend(x, rng, np.zeros(x.shape[1]))
        assert self.residual is not None and location is not None
        return np.asarray(location + self.residual.value(place, detail))

    def predictors(self, codes: Array, rng: np.random.Generator) -> Array:
        """The predictors of rows whose earlier blocks are drawn; (P, N) uint8."""
        return self._predictors(codes, rng)[0]

    def _predictors(self, codes: Array, rng: np.random.Generator) -> tuple[Array, Array | None]:
        x = predictors(codes, self.parents, self.offsets, self.maps)
        if self.location is None:
            return x, None
        fold: Array = rng.integers(0, self.location.folds, (x.shape[1],), dtype=np.int8)
        location = self.location.predict(x, fold)
        return np.vstack([x, self.location.code(location)]), location


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
    location = residual = ranked = None
    rows = np.arange(len(code))
    inside = counts[~block.atoms].sum() / max(len(code), 1)
    if inside >= 0.5:
        if growth.location and block.ordered and len(parents) and len(code) >= 200:
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
    elif (found := best_lists(codes, blocks, me, parents)) is not None:
        parent, lists = found
        ranked = fit_ranked(codes, lists, parent, x, growth, seed)
        rows = np.flatnonzero(lists.rank == RANKS)
        tree = hierarchy(np.bincount(code[rows], minlength=block.size).astype(float), block.ordered)
        place = tree.place[code]
    questions = Questions.fit(x, place, tree, rows, growth, seed)
    return BlockTrees(
        me, parents, offsets, maps, questions, block.atoms, location, residual, ranked
    )


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
        most=growth.rows, seed=seed, linear=growth.linear,
    )  # fmt: skip
    return location, unseen, score


def with_curve(block: BlockTrees, total: Array) -> BlockTrees:
    """The block with its curve set so that drawn rows have the block's own distribution."""
    assert block.residual is not None
    return replace(block, residual=block.residual.with_curve(total))


def _restricted(questions: Questions, allowed: Array) -> Array:
    """Intercepts of a block without trees, given that the level is allowed; (M,) float32."""
    nodes = questions.tree.nodes
    mass = np.ones(len(questions.tree.level))
    right = 1 / (1 + np.exp(-questions.intercept.astype(float)))
    for m in range(len(nodes)):
        low, mid, high = nodes[m, :3]
        mass[low:mid] *= 1 - right[m]
        mass[mid:high] *= right[m]
    total = np.concatenate([[0.0], np.cumsum(mass * allowed[questions.tree.level])])
    low, mid, high = nodes[:, :3].T
    left_mass, right_mass = total[mid] - total[low], total[high] - total[mid]
    with np.errstate(divide="ignore"):
        odds = np.log(np.maximum(right_mass, 0)) - np.log(np.maximum(left_mass, 0))
    finite = np.nan_to_num(odds, nan=0.0, posinf=60.0, neginf=-60.0)
    return np.asarray(finite.astype(np.float32))
