"""An order for labels that have none: by what they go with in the other blocks.

Paper: Gifi, "Nonlinear Multivariate Analysis", 1990 (optimal scaling).
"""

import numpy as np

from likewise.encode.layout import Encoded, Layout

Array = np.ndarray


def label_orders(
    rows: Encoded, layout: Layout, shares: tuple[Array, ...], target: list[int], rounds: int = 8
) -> dict[int, Array]:
    """For each block of labels, its levels from low to high on what the other blocks share.

    Alternates between the first principal score of all blocks and the means of each label on it;
    with an ordered target, the means of the target are used instead. Rare labels are drawn towards
    the middle.
    """
    free = [i for i, block in enumerate(layout.blocks) if not block.ordered and block.size > 2]
    if not free or rows.rows < 2:
        return {}
    z = np.zeros((rows.rows, layout.width), dtype=np.float32)
    for i, block in enumerate(layout.blocks):
        by_share = np.argsort(np.argsort(-shares[i])) if i in free else np.arange(block.size)
        z[:, i] = by_share[rows.codes[:, i]] + rows.detail[:, i]
    z = _standardised(z)
    means: dict[int, Array] = {}
    fixed = target[0] if target and (target[0] not in free) else None
    for _ in range(rounds if fixed is None else 1):
        direction = _principal_direction(z)
        lead = z[:, fixed] if fixed is not None else z @ direction
        for i in free:
            codes = rows.codes[:, i]
            counts = np.bincount(codes, minlength=layout.blocks[i].size)
            rest = lead - z[:, i] * direction[i] if fixed is None else lead
            total = np.bincount(codes, weights=rest, minlength=layout.blocks[i].size)
            means[i] = total / (counts + 10)
            z[:, i] = _standardised(means[i][codes][:, None])[:, 0]
    return {i: np.argsort(mean, kind="stable") for i, mean in means.items()}


def _principal_direction(z: Array) -> Array:
    """First principal direction of standardised columns, by power iteration; (N, C) -> (C,)."""
    direction = np.ones(z.shape[1], dtype=np.float32)
    for _ in range(20):
        direction = z.T @ (z @ direction)
        direction /= max(float(np.linalg.norm(direction)), 1e-12)
    return direction


def _standardised(z: Array) -> Array:
    """Columns with mean 0 and variance 1; constant columns become 0."""
    centred = z - z.mean(axis=0)
    spread = centred.std(axis=0)
    return np.asarray(centred / np.where(spread > 1e-9, spread, np.inf), dtype=np.float32)
