"""Does a method copy? Share of drawn rows that lie nearer to learned than to unseen real rows.

Paper: Platzer and Reutterer, "Holdout-based empirical assessment of mixed-type synthetic data",
Frontiers in Big Data 2021.
"""

from collections.abc import Sequence

import numpy as np

from likewise.core.seeds import Seed
from likewise.encode.layout import Encoded, Layout
from likewise.generators.compiled import compiled

Array = np.ndarray
CHECK_BLOCKS = 64  # blocks that take part, at most


def nearer_share(drawn: Encoded, learned: Encoded, unseen: Encoded, layout: Layout) -> float:
    """Share of ``drawn`` rows whose nearest real row is a learned one; 0.5 is fair, ties half.

    Both real sides must have the same number of rows. Ordered blocks differ by rank, unordered
    ones by 1 when their levels differ. Cost: O(rows drawn × rows real × blocks) at worst.
    """
    ordered = np.array([block.ordered for block in layout.blocks])
    points = [_points(rows, layout) for rows in (drawn, learned, unseen)]
    near, far = (_nearest(points[0], side, ordered) for side in points[1:])
    return float((near < far).mean() + (near == far).mean() / 2)


def _points(rows: Encoded, layout: Layout) -> Array:
    """Rows as (N, C) float32: ranks in [0, 1] for ordered blocks, codes for the others."""
    out = np.empty((rows.rows, layout.width), dtype=np.float32)
    for i, block in enumerate(layout.blocks):
        code = rows.codes[:, i]
        if block.ordered:
            share = block.counts / max(block.counts.sum(), 1)
            below = np.cumsum(share) - share
            inside = np.where(block.atoms[code], 0.5, rows.detail[:, i])
            out[:, i] = below[code] + inside * share[code]
        else:
            out[:, i] = code
    return out


def narrowed(
    rows: Encoded, layout: Layout, order: Sequence[int], seed: Seed
) -> tuple[Encoded, Layout, list[int]]:
    """Rows, layout and drawing order with at most 64 blocks, chosen at random."""
    if layout.width <= CHECK_BLOCKS:
        return rows, layout, list(order)
    some = np.sort(seed.stream("checked blocks").permutation(layout.width)[:CHECK_BLOCKS])
    codes, detail = rows.codes[:, some], rows.detail[:, some]
    rows = Encoded(np.asfortranarray(codes), np.asfortranarray(detail))
    kept = set(some.tolist())
    order = [int(np.searchsorted(some, i)) for i in order if i in kept]
    return rows, Layout(tuple(layout.blocks[i] for i in some)), order


@compiled
def _nearest(points: Array, real: Array, ordered: Array) -> Array:
    """Distance of each point to the nearest real one; gives up on a row once it is farther."""
    out = np.empty(points.shape[0], dtype=np.float32)
    for i in range(points.shape[0]):
        best = np.float32(np.inf)
        for k in range(real.shape[0]):
            total = np.float32(0)
            for j in range(points.shape[1]):
                gap = abs(points[i, j] - real[k, j])
                total += gap if ordered[j] else np.float32(gap > 0)
                if total >= best:
                    break
            best = min(best, total)
        out[i] = best
    return out
