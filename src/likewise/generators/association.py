"""How strongly blocks go together, cheaply; shared by methods that look at the closest ones."""

import numpy as np

from likewise.core.seeds import Seed
from likewise.encode.layout import Encoded, Layout

Array = np.ndarray


def association(rows: Encoded, layout: Layout, seed: Seed) -> Array:
    """Squared correlation of level ranks between all blocks, on 5,000 rows; (C, C)."""
    chosen = seed.stream("association").permutation(rows.rows)[:5_000]
    scores = np.empty((len(chosen), layout.width), dtype=np.float32)
    for i, block in enumerate(layout.blocks):
        rank = np.cumsum(block.counts) - block.counts / 2
        scores[:, i] = rank[rows.codes[chosen, i]]
    scores -= scores.mean(axis=0)
    scores /= np.maximum(np.sqrt((scores**2).sum(axis=0)), 1e-12)
    return np.asarray((scores.T @ scores) ** 2)


def closest(near: Array | None, me: int, before: Array, most: int) -> Array:
    """The ``most`` of the blocks ``before`` that go with block ``me``, in their own order."""
    if near is None or len(before) <= most:
        return before
    return np.asarray(before[np.sort(np.argsort(-near[me, before], kind="stable")[:most])])
