"""Boosted trees that learn slowly, and a forest for the target, for few rows.

Blocks are drawn one after the other, each from the sum of many shallow boosted trees that look at
those before it. Such sums learn little that holds for single rows only, so that few rows give good
tables which lie little nearer to them than to others. How deep trees are depends on the number of
rows and on a copy check.
A target comes last and is left to a random forest, the mean over the leaves of many randomised
trees, and a linear guess; one of classes is drawn as strongly told by the other columns as in the
rows learned. A share of the rows of all blocks may be drawn from such forests too.

In a forest, trees also split on a linear guess, and where that guess helps on rows that a tree was
not grown on, the values in its leaves move with it: linear relations, which trees can only approach
by steps, are then kept.

Papers: Friedman, "Greedy function approximation: a gradient boosting machine", 2001; Breiman,
"Random forests", 2001; Meinshausen, "Quantile regression forests", 2006 (leaves as
a distribution); Reiter, "Using CART to generate partially synthetic public use microdata", 2005
(one column after another); Cevid et al., "Distributional random forests", JMLR 2022 (splits by the
whole distribution); Friedberg et al., "Local linear forests", 2020, and Beaumont et al.,
"Approximate Bayesian computation in population genetics", 2002 (values that move with a linear
guess); Stone, "The opinion pool", 1961 (a mixture of two models).
Limits: learns at most ``rows`` rows; no differential privacy; conditions on late columns need
weights.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field

from likewise.core.artifact import storable
from likewise.core.checks import agree, arranged
from likewise.core.run import Run
from likewise.core.seeds import Seed
from likewise.encode.layout import NOTHING, Encoded, Evidence, Layout
from likewise.execution.threads import ordered_map
from likewise.generators.association import association, closest
from likewise.generators.copycheck import narrowed, nearer_share
from likewise.generators.draws import level_shares
from likewise.generators.forest_block import BlockForest, alone, fit_block
from likewise.generators.forest_boosted import growth_of, with_boosted, with_curves
from likewise.generators.forest_classes import REPEATS, ClassForest, strengthened
from likewise.generators.forest_scale import Scale, all_scores
from likewise.generators.forest_size import Size, sizes
from likewise.generators.forest_target import fit_target
from likewise.generators.forest_trees import Grown
from likewise.generators.labelorder import label_orders
from likewise.generators.order import drawing_order
from likewise.generators.tabular import Tabular

Array = np.ndarray
CHECKED = 100  # rows below which a copy check says nothing
CHECK_TREES = 20
CHECK_DRAWS = 3_000
FAIR = 0.53  # largest share of drawn rows nearer to learned than to unseen ones, of many rows
SHALLOW = 0.55  # likewise of boosted trees, whose depth the table's size already confines
SECONDS = 60.0  # budget when none is given
BOOSTING = 0.5  # share of it for boosted trees
SPLIT_SECONDS = 3e-8  # a row, feature and halving of one tree; measured on one core
TREE_SECONDS = 1e-3  # a tree however small
FEWEST_TREES, FEWEST_PARENTS = 6, 16  # however small the budget, or wide the table
WIDE = 500  # blocks from which on fewer are looked at
ELEMENTS = 2**22  # features of rows held at once while drawing


@storable
class Forest(Tabular):
    """Sequential random forests over levels."""

    summary: ClassVar[str] = "shallow boosted trees, and a forest for the target; for small tables"

    leaf: (
        Annotated[int, Field(ge=1, description="fewest rows in a leaf; unset: by a copy check")]
        | None
    ) = None
    trees: Annotated[int, Field(ge=1, le=1000, description="trees a column")] = 50
    rows: Annotated[int, Field(ge=100, le=20_000, description="most rows to learn")] = 5_000
    share: Annotated[float, Field(gt=0, le=1, description="share of rows a tree grows on")] = 0.7
    features: Annotated[float, Field(gt=0, le=1, description="share of features a split sees")] = (
        0.6
    )
    parents: Annotated[int, Field(ge=1, le=250, description="most blocks a block looks at")] = 64
    boosted: Annotated[
        float, Field(ge=0, le=1, description="share of rows drawn from boosted trees")
    ] = 1.0
    depth: (
        Annotated[int, Field(ge=1, le=8, description="of boosted trees; unset: by the rows")] | None
    ) = None

    def fit_levels(
        self,
        rows: Encoded,
        layout: Layout,
        *,
        target: str | None,
        seed: Seed,
        run: Run,
    ) -> "ForestLevels":
        """Choose how much to learn, then learn all blocks side by side."""
        if rows.rows > self.rows:
            rows = rows.take(np.sort(seed.stream("rows").permutation(rows.rows)[: self.rows]))
        mine = layout.of(target) if target is not None else []
        others = drawing_order(rows, layout, None, seed)
        order = [*(i for i in others if i not in mine), *mine]
        forests = layout.width if self.boosted < 1 else len(mine)
        trees = self._affordable(rows.rows, layout.width, forests, _seconds(run))
        grown = Grown(trees, 1, self.share, self.features)
        size = self._checked(rows, layout, order, target, grown, seed, run)
        return self._fit(rows, layout, order, target, grown, size, seed, run)

    def _affordable(self, rows: int, width: int, forests: int, seconds: float) -> int:
        """Trees a forest for half of the budget, by the shape of the table and not by the clock."""
        seen = min(width, self._near(width)) * self.features
        splits = rows * max(np.log2(max(rows, 2)), 1) * seen
        each = max(forests, 1) * (TREE_SECONDS + SPLIT_SECONDS * splits)
        return int(np.clip(seconds / 2 / each, min(FEWEST_TREES, self.trees), self.trees))

    def _near(self, width: int) -> int:
        """Blocks a block looks at, fewer in tables of more than 500 columns."""
        return min(self.parents, max(self.parents * WIDE // max(width, WIDE), FEWEST_PARENTS))

    def _fit(
        self,
        rows: Encoded,
        layout: Layout,
        order: Sequence[int],
        target: str | None,
        grown: Grown,
        size: Size,
        seed: Seed,
        run: Run,
    ) -> "ForestLevels":
        """Every block given those before it, in parallel."""
        blocks = layout.blocks
        shares = tuple(level_shares(rows.codes[:, i], b.size) for i, b in enumerate(blocks))
        orders = label_orders(rows, layout, shares, layout.of(target) if target else [])
        scales = tuple(Scale.of(b, rows.codes[:, i], orders.get(i)) for i, b in enumerate(blocks))
        scores = all_scores(rows, scales)
        most = self._near(layout.width)
        near = association(rows, layout, seed) if layout.width > most else None
        seconds = BOOSTING * _seconds(run)
        leaf = self.leaf or 0
        growth, fewer = growth_of(size.depth, leaf, rows.rows, layout, most, seconds)
        last = layout.of(target) if target else []
        grown = replace(grown, leaf=size.leaf)

        def fit(step: int) -> BlockForest | ClassForest:
            me, before = order[step], np.array(order[:step], dtype=np.int64)
            before = closest(near, me, before, most)
            if me in last:
                return fit_target(rows, scores, scales, me, before, grown, seed, only=last == [me])
            forest = self.boosted < 1
            rng = seed.stream("block", me)
            block = fit_block(rows, scores, scales, me, before, grown, rng) if forest else alone(me)
            if not self.boosted or not step or rows.rows < 2:
                return block
            state = int(seed.stream("boosted", me).integers(2**62))
            some = closest(near, me, before, fewer)
            return with_boosted(block, rows, layout, some, growth, self.boosted, state)

        done: list[BlockForest | ClassForest] = []
        for block in ordered_map(fit, range(layout.width), workers=run.workers):
            done.append(block)
            run.progress("learning", len(done), layout.width)
        done = with_curves(done, scales, rows.rows, seed.stream("curves"))
        levels = ForestLevels(tuple(done), scales, size.leaf, size.depth)
        if not done or not isinstance(done[-1], ClassForest):
            return levels
        rng = seed.stream("strength")
        drawn = [levels.draw(rows.rows, rng)[0] for _ in range(REPEATS)]
        done[-1] = strengthened(done[-1], rows, scores, scales, drawn, rng)
        return replace(levels, blocks=tuple(done))

    def _checked(
        self,
        rows: Encoded,
        layout: Layout,
        order: Sequence[int],
        target: str | None,
        grown: Grown,
        seed: Seed,
        run: Run,
    ) -> Size:
        """The size that learns most while drawn rows are not told to be nearer to learned rows.

        One half is learned, the other unseen; of all rows less will be learned by heart than of a
        half. With few rows that share is uncertain, by about ``0.5 / sqrt(rows a side)``, which is
        granted; a fixed limit would end at the last size by chance alone.
        """
        tried = sizes(rows.rows, self.boosted, self.leaf, self.depth)
        if len(tried) == 1 or rows.rows < CHECKED:
            return tried[-1]
        rows, layout, order = narrowed(rows, layout, order, seed)
        target = target if target is not None and layout.of(target) else None
        side = rows.rows // 2
        mixed = seed.stream("copy check").permutation(rows.rows)
        learned, unseen = rows.take(mixed[:side]), rows.take(mixed[side : 2 * side])
        chance = 0.5 / np.sqrt(side)
        limit = max(FAIR, 0.5 + chance) if self.boosted < 1 else SHALLOW + chance
        small = replace(grown, trees=min(grown.trees, CHECK_TREES))
        quiet = Run(workers=run.workers, deadline=run.deadline)
        for i, size in enumerate(tried[:-1]):
            run.progress("choosing how much to learn", i, len(tried) - 1)
            child = seed.child("check")
            found = self._fit(learned, layout, order, target, small, size, child, quiet)
            drawn, _ = found.draw(CHECK_DRAWS, seed.stream("check", i))
            if nearer_share(drawn, learned, unseen, layout) <= limit:
                return size
        return tried[-1]


def _seconds(run: Run) -> float:
    return run.deadline.seconds if np.isfinite(run.deadline.seconds) else SECONDS


@storable
@dataclass(frozen=True)
class ForestLevels:
    """The blocks in drawing order.

    Attributes:
        blocks: what was learned of each block.
        scales: of all blocks, in layout order.
        leaf: the leaf size used in forests.
        depth: of boosted trees.
    """

    notes: ClassVar[tuple[str, ...]] = ()

    blocks: tuple[BlockForest | ClassForest, ...]
    scales: tuple[Scale, ...]
    leaf: int
    depth: int

    def __post_init__(self) -> None:
        agree(len(self.blocks) == len(self.scales), "blocks and scales")
        arranged("blocks", np.array([block.block for block in self.blocks], dtype=np.int64))
        for block in self.blocks:
            block.check(self.scales)

    @property
    def block_sizes(self) -> tuple[int, ...]:
        """Levels of each block, in layout order."""
        return tuple(len(scale.shares) for scale in self.scales)

    def draw(
        self, rows: int, rng: np.random.Generator, evidence: Evidence = NOTHING
    ) -> tuple[Encoded, Array | None]:
        """Rows block by block; see ``generators.tabular.Levels``."""
        out, log_weight = Encoded.empty(rows, len(self.blocks)), np.zeros(rows)
        chunk = max(ELEMENTS // max(len(self.blocks), 1), 256)
        for start in range(0, rows, chunk):
            stop = min(start + chunk, rows)
            part = evidence.take(np.arange(start, stop)) if evidence.fixed else evidence
            window = Encoded.empty(stop - start, len(self.blocks))
            self._draw(window, rng, part, log_weight[start:stop])
            out.codes[start:stop], out.detail[start:stop] = window.codes, window.detail
        return out, None if self.exact(evidence) else log_weight

    def exact(self, evidence: Evidence) -> bool:
        """Whether what is known comes first in the order, or depends on nothing else."""
        known = True
        for block in self.blocks:
            fixed = block.block in evidence.fixed
            if block.block in evidence.blocks and not block.free and not (fixed and known):
                return False
            known &= fixed
        return True

    def _draw(
        self, out: Encoded, rng: np.random.Generator, evidence: Evidence, log_weight: Array
    ) -> None:
        scores = np.zeros(out.codes.shape, dtype=np.float32, order="F")
        exact = self.exact(evidence)
        for block in self.blocks:
            me = block.block
            if me in evidence.fixed:
                if not exact:
                    given = evidence.fixed[me]
                    block.weigh(out.codes, scores, self.scales, rng, given, log_weight)
                out.codes[:, me], out.detail[:, me] = evidence.fixed[me]
            else:
                allowed = evidence.allowed.get(me)
                drawn = block.draw(out.codes, scores, self.scales, rng, allowed, log_weight)
                out.codes[:, me], out.detail[:, me] = drawn
            scores[:, me] = self.scales[me].scores(out.codes[:, me], out.detail[:, me])
