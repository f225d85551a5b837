"""How much blocks of few rows may learn: leaves of forests, depths of boosted trees, in steps."""

from dataclasses import dataclass

import numpy as np

LEAVES = (10, 20, 40, 80)  # tried in turn by the copy check
LARGEST = 0.04  # share of the rows in the largest leaf that is tried, beyond the first three
ROWS = (500, 2_500)  # of the table, from which on boosted trees are one deeper


@dataclass(frozen=True)
class Size:
    """Fewest rows in a leaf of a forest, and the depth of boosted trees."""

    leaf: int
    depth: int


def sizes(rows: int, boosted: float, leaf: int | None, depth: int | None) -> list[Size]:
    """What is tried in turn, from what learns most to what learns least; 1 to 4 sizes.

    Args:
        rows: that are learned.
        boosted: share of rows that come from boosted trees; leaves do not matter to 1, nor do
            depths to 0.
        leaf, depth: the only one, where not None.
    """
    leaves = [some for some in LEAVES if some <= max(LARGEST * rows, LEAVES[2])]
    leaves = [leaf] if leaf is not None else leaves[: None if boosted < 1 else 1]
    deepest = 1 + int(np.searchsorted(ROWS, rows, side="right"))
    depths = [depth] if depth is not None else list(range(deepest, 0, -1))
    if boosted == 0:
        depths = depths[:1]
    steps = range(max(len(leaves), len(depths)))
    return [Size(leaves[min(i, len(leaves) - 1)], depths[min(i, len(depths) - 1)]) for i in steps]
