"""How much boosted trees may do in a budget of seconds, judged by a table's shape.

The rates fit total times, copy check included, within a factor of two on tables of 15 to 42
columns; where trees stop early, as in noise, less time is taken than expected.
"""

from dataclasses import replace

import numpy as np

from likewise.encode.layout import Layout
from likewise.generators.block_trees import Growth
from likewise.generators.boosting import FINE

FEWEST_TREES, FEWEST_ROWS, FEWEST_PARENTS = 5, 2_000, 16  # however small the budget
NANOSECONDS = 3.0  # a row or split, predictor, depth and tree; measured on one core


def within(
    growth: Growth, rows: int, layout: Layout, parents: int, seconds: float
) -> tuple[Growth, int]:
    """Growth and parents that fit the budget: no location, fewer trees, rows, parents at need.

    The work is estimated from the table's shape, not from the clock, so that the same budget gives
    the same model on any machine.
    """
    if growth.location and _location_seconds(growth, rows, layout, parents) > seconds / 2:
        growth = replace(growth, location=False)
    while (likely := expected(growth, rows, layout, parents)) > seconds:
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


def expected(growth: Growth, rows: int, layout: Layout, parents: int) -> float:
    """Seconds that learning takes on one core of the kind ``NANOSECONDS`` was measured on."""
    work = 0.0
    for step, size in enumerate(sorted(block.size for block in layout.blocks)):
        seen = min(rows, growth.rows) * growth.bag * np.log2(max(size, 2)) * growth.depth
        asked = min(size - 1, rows / (4 * growth.leaf))
        tried = asked * FINE * 2**growth.depth  # splits that are compared
        work += min(step, parents) * growth.share * (seen + tried) * growth.trees
    location = _location_seconds(growth, rows, layout, parents) if growth.location else 0.0
    return work * NANOSECONDS * 1e-9 + location


def _location_seconds(growth: Growth, rows: int, layout: Layout, parents: int) -> float:
    """The part of ``expected`` that goes into locations."""
    smooth = [
        min(step, parents)
        for step, block in enumerate(sorted(layout.blocks, key=lambda block: block.size))
        if block.ordered and block.counts[~block.atoms].sum() >= block.counts.sum() / 2
    ]
    values = np.mean([min(block.size, 256) for block in layout.blocks]) if smooth else 0.0
    seen = min(rows / 2, growth.rows) * 5
    trees = growth.folds * min(80, 4 * growth.trees)
    return float(sum(smooth) * trees * (seen + values * 2**5) * NANOSECONDS * 1e-9)
