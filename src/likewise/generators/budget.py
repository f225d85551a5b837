"""How much boosted trees may do in a budget of seconds, judged by a table's shape.

The rates fit total times, copy check included, within a factor of two on tables of 11 to 42
columns and 16,000 to 494,000 rows; where trees stop early, as in noise, less time is taken.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from likewise.encode.layout import Block, Layout
from likewise.generators.boosting import FINE
from likewise.generators.questions import Growth

CAREFUL = 0.65  # what must be cut is cut to this share of the budget: estimates err by a third
FEWEST_TREES, FEWEST_ROWS, FEWEST_PARENTS = 5, 2_000, 16  # however small the budget
NANOSECONDS = 1.2  # a row or split, predictor, depth and tree; measured on one core


def within(
    growth: Growth, rows: int, layout: Layout, parents: int, seconds: float, given: int = 0
) -> tuple[Growth, int]:
    """Growth and parents that fit the budget: no location, fewer trees, rows, parents at need.

    The first ``given`` blocks are only looked at, not learned. The work is estimated from the
    table's shape, not from the clock, so that the same budget gives the same model anywhere.
    """
    seconds = max(seconds, 0.0)  # a deadline may have passed
    if growth.location and _location_seconds(growth, rows, layout, parents, given) > seconds / 2:
        growth = replace(growth, location=False)
    if expected(growth, rows, layout, parents, given) <= seconds:
        return growth, parents
    seconds *= CAREFUL
    while (likely := expected(growth, rows, layout, parents, given)) > seconds:
        less = max(float(np.sqrt(seconds / likely)), 0.5)
        trees = min(growth.trees, max(int(growth.trees * less), FEWEST_TREES))
        cap = min(growth.rows, max(int(growth.rows * less), FEWEST_ROWS))
        near = parents
        if layout.width > parents:  # already a choice of the closest
            near = min(parents, max(int(parents * less), FEWEST_PARENTS))
        if (trees, cap, near) == (growth.trees, growth.rows, parents):
            break
        patience = min(growth.patience, 4)
        growth, parents = replace(growth, trees=trees, rows=cap, patience=patience), near
    return growth, parents


def expected(growth: Growth, rows: int, layout: Layout, parents: int, given: int = 0) -> float:
    """Seconds that learning takes on one core of the kind ``NANOSECONDS`` was measured on."""
    work = 0.0
    for step, block in _learned(layout, given):
        share = block.counts[block.counts > 0] / max(block.counts.sum(), 1)
        bits = float(-(share * np.log2(share)).sum())  # questions above a row, on average
        trained = np.minimum(rows, growth.rows * 2.0 ** np.arange(np.ceil(bits)))
        seen = trained.sum() * bits / max(np.ceil(bits), 1) * growth.bag * growth.depth
        asked = min(block.size - 1, rows / (4 * growth.leaf))
        tried = asked * FINE * 2**growth.depth  # splits that are compared
        work += min(step, parents) * growth.share * (seen + tried) * growth.trees
    location = _location_seconds(growth, rows, layout, parents, given) if growth.location else 0.0
    return work * NANOSECONDS * 1e-9 + location


def _learned(layout: Layout, given: int) -> Iterator[tuple[int, Block]]:
    """The blocks that are learned, small ones first, with how many come before each."""
    return enumerate(sorted(layout.blocks[given:], key=lambda block: block.size), start=given)


def _location_seconds(growth: Growth, rows: int, layout: Layout, parents: int, given: int) -> float:
    """The part of ``expected`` that goes into locations."""
    smooth = [
        min(step, parents)
        for step, block in _learned(layout, given)
        if block.ordered and block.counts[~block.atoms].sum() >= block.counts.sum() / 2
    ]
    values = np.mean([min(block.size, 256) for block in layout.blocks]) if smooth else 0.0
    seen = min(rows / 2, growth.rows) * 5
    trees = growth.folds * min(80, 4 * growth.trees)
    return float(sum(smooth) * trees * (seen + values * 2**5) * NANOSECONDS * 1e-9)
