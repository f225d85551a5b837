"""In which order blocks are drawn one after the other, and which blocks go together.

Paper: Miller, "Note on the bias of information estimates", 1955 (correction of the information).
"""

import numpy as np

from likewise.core.seeds import Seed
from likewise.encode.layout import Encoded, Layout

Array = np.ndarray
CLASSES = 20  # an ordered target of more levels counts as a number
ORDER_ROWS = 20_000  # rows on which the order is chosen


def drawing_order(rows: Encoded, layout: Layout, target: str | None, seed: Seed) -> list[int]:
    """The order in which blocks are drawn.

    A class target comes first and what tells most about it next, so that little is lost on the
    way; a numeric target comes last, so that it can lean on all others. Without a target, blocks
    rise in number of levels, which leaves the hard ones to be told by the easy ones.
    """
    order = sorted(range(layout.width), key=lambda i: (layout.blocks[i].size, i))
    mine = layout.of(target) if target is not None else []
    rest = [i for i in order if i not in mine]
    if len(mine) != 1:
        return [*mine, *rest]
    if layout.blocks[mine[0]].ordered and layout.blocks[mine[0]].size > CLASSES:
        return [*rest, *mine]
    chosen = seed.stream("order").permutation(rows.rows)[:ORDER_ROWS]
    codes = rows.codes[chosen]
    told = {i: _mutual_information(codes[:, i], codes[:, mine[0]]) for i in rest}
    return [*mine, *sorted(rest, key=lambda i: -told[i])]


def _mutual_information(a: Array, b: Array) -> float:
    """Mutual information of two code columns in nats, less its bias (Miller 1955)."""
    width = int(b.max(initial=0)) + 1
    table = np.bincount(a.astype(np.int64) * width + b).astype(float)
    table = np.pad(table, (0, -len(table) % width)).reshape(-1, width) / max(len(a), 1)
    apart = table.sum(axis=1, keepdims=True) * table.sum(axis=0, keepdims=True)
    seen = table > 0
    known = float((table[seen] * np.log(table[seen] / apart[seen])).sum())
    cells = seen.sum() - (table.sum(axis=1) > 0).sum() - (table.sum(axis=0) > 0).sum() + 1
    return float(known - cells / (2 * max(len(a), 1)))


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
