"""Boosted trees for a block of few rows: alone, or beside a forest, rows being drawn from either.

What is drawn lies nearer to learned than to fresh rows by as much as a model has learned that only
holds for its rows, and that grows with the number of its free parameters. Sums of shallow trees
that learn slowly have few for what they tell.

Papers: Friedman, "Greedy function approximation: a gradient boosting machine", Annals of Statistics
2001 (small steps); Efron, "The estimation of prediction error", JASA 2004 (what a fit owes to its
own rows); Stone, "The opinion pool", Annals of Mathematical Statistics, 1961 (mixtures).
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from likewise.encode.layout import Encoded, Layout
from likewise.generators.block_trees import fit_block, with_curve
from likewise.generators.budget import within
from likewise.generators.forest_block import BlockForest
from likewise.generators.forest_classes import ClassForest
from likewise.generators.forest_scale import Scale
from likewise.generators.questions import Growth

Array = np.ndarray
SMALLER, LEAST = 4, 10  # how much smaller leaves are than those of the forest; fewest rows in one
TREES, RATE, PATIENCE, ROWS = 100, 0.1, 6, 40_000
CURVE_ROWS = (4_000, 16_384)  # rows drawn to set the curves of smooth blocks


def growth_of(
    depth: int, leaf: int, rows: int, layout: Layout, parents: int, seconds: float
) -> tuple[Growth, int]:
    """How boosted trees of this depth grow, and how many blocks they look at.

    A leaf of a forest is a distribution, one of boosted trees a number that many trees correct, so
    theirs may hold fewer rows.
    """
    small = max(LEAST, leaf // SMALLER)
    growth = Growth(TREES, depth, RATE, small, ROWS, PATIENCE, location=True, linear=True)
    return within(growth, rows, layout, parents, seconds)


def with_boosted(
    block: BlockForest, rows: Encoded, layout: Layout, parents: Array, growth: Growth,
    share: float, seed: int,
) -> BlockForest:  # fmt: skip
    """The block with boosted trees, from which a share of its rows will be drawn."""
    me = block.block
    near = parents.astype(np.int32)
    trees = fit_block(rows.codes, rows.detail[:, me], layout.blocks, me, near, growth, seed)
    return replace(block, boosted=trees, share=share)


def with_curves(
    blocks: Sequence[BlockForest | ClassForest],
    scales: tuple[Scale, ...],
    rows: int,
    rng: np.random.Generator,
) -> list[BlockForest | ClassForest]:
    """The blocks in drawing order, curves of boosted trees set from drawn rows."""
    smooth = [isinstance(b, BlockForest) and b.boosted and b.boosted.residual for b in blocks]
    if not any(smooth):
        return list(blocks)
    drawn = Encoded.empty(int(np.clip(4 * rows, *CURVE_ROWS)), len(blocks))
    scores = np.zeros(drawn.codes.shape, dtype=np.float32, order="F")
    weight, done = np.zeros(drawn.rows), []
    for block in blocks:
        me = block.block
        if isinstance(block, BlockForest) and block.boosted and block.boosted.residual:
            total = block.boosted.total(drawn.codes, rng)
            block = replace(block, boosted=with_curve(block.boosted, total))  # noqa: PLW2901
        code, detail = block.draw(drawn.codes, scores, scales, rng, None, weight)
        drawn.codes[:, me], drawn.detail[:, me] = code, detail
        scores[:, me] = scales[me].scores(code, detail)
        done.append(block)
    return done
