"""In which order sequential methods draw blocks.

Shapes: N rows, K levels of a block.
"""

import numpy as np

from likewise.core.seeds import Seed
from likewise.encode.layout import Encoded, Layout
from likewise.generators.ranked import TOLD, common_values, wide

Array = np.ndarray
CLASSES = 20  # an ordered target of more levels counts as a number
ORDER_ROWS = 20_000  # rows on which the order is chosen
MOST_WIDE, MOST_TOLD = 8, 64  # wide blocks, and blocks before each, that are looked at


def drawing_order(rows: Encoded, layout: Layout, target: str | None, seed: Seed) -> list[int]:
    """The order in which blocks are drawn; positions in the layout.

    A class target comes first and what tells most about it next, so that little is lost on the
    way; a numeric target comes last, so that it can lean on all others. Without a target, blocks
    rise in number of levels, which leaves the hard ones to be told by the easy ones. Label blocks
    of very many levels come before the blocks that they all but determine.
    """
    order = sorted(range(layout.width), key=lambda i: (layout.blocks[i].size, i))
    mine = layout.of(target) if target is not None else []
    rest = [i for i in order if i not in mine]
    if len(mine) != 1:
        return [*mine, *_told_after(rest, rows, layout)]
    if layout.blocks[mine[0]].ordered and layout.blocks[mine[0]].size > CLASSES:
        return [*_told_after(rest, rows, layout), *mine]
    chosen = seed.stream("order").permutation(rows.rows)[:ORDER_ROWS]
    codes = rows.codes[chosen]
    told = {i: _mutual_information(codes[:, i], codes[:, mine[0]]) for i in rest}
    return [*mine, *_told_after(sorted(rest, key=lambda i: -told[i]), rows, layout)]


def _told_after(order: list[int], rows: Encoded, layout: Layout) -> list[int]:
    """The order with wide label blocks moved before the first block that they all but determine."""
    blocks, order, told = layout.blocks, list(order), set[int]()
    for parent in [i for i in order if wide(blocks[i])][:MOST_WIDE]:
        before = [i for i in order[: order.index(parent)] if not wide(blocks[i])][:MOST_TOLD]
        mine = [i for i in before if i not in told and _tells(rows, layout, parent, i)]
        if mine:
            order.remove(parent)
            order.insert(order.index(mine[0]), parent)
            told.update(mine)
    return order


def _tells(rows: Encoded, layout: Layout, parent: int, child: int) -> bool:
    """Whether the child can be drawn by rank in the lists of the parent."""
    block = layout.blocks[child]
    if block.size <= 2 or not block.atoms.any():
        return False
    sizes = layout.blocks[parent].size, block.size
    return common_values(rows.codes[:, parent], rows.codes[:, child], *sizes).saved > TOLD


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
