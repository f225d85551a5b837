"""Levels of one block as a binary tree, so that drawing a level is a few yes-or-no questions.

Ordered levels are halved again and again where the rows divide most evenly; unordered ones are
joined from the rarest up (Huffman), so that frequent labels need few questions.

Papers: Huffman, "A method for the construction of minimum-redundancy codes", 1952; McCarter,
"Unmasking trees for tabular data", 2024 (balanced partition of a column's values).
"""

import heapq
from dataclasses import dataclass

import numpy as np

from likewise.core.artifact import storable
from likewise.core.checks import agree, arranged, shaped, within

Array = np.ndarray
LOW, MID, HIGH, LEFT, RIGHT = range(5)


@storable
@dataclass(frozen=True)
class Hierarchy:
    """A binary tree over K levels with M = K - 1 questions, parents before children.

    Attributes:
        level: (K,) int32, the level at each place; the tree's leaves are places in order.
        nodes: (M, 5) int32: places [low, mid) are the left side and [mid, high) the right; then
            the numbers of the left and right child, -1 when that side is a single place.
    """

    level: Array
    nodes: Array

    def __post_init__(self) -> None:
        size = len(self.level)
        shaped("level", self.level, np.int32, size)
        arranged("level", self.level)
        shaped("nodes", self.nodes, np.int32, max(size - 1, 0), 5)
        within("places", self.nodes[:, : HIGH + 1], 0, size + 1)
        low, mid, high, left, right = self.nodes.T
        agree(((low < mid) & (mid < high)).all(), "sides without a place")
        agree(size < 2 or (low[0] == 0 and high[0] == size), "places of the first question")
        self._check_side(left, low, mid)
        self._check_side(right, mid, high)

    def _check_side(self, child: Array, start: Array, stop: Array) -> None:
        """Each side of more than one place has a child, further on, about just these places."""
        inner = np.flatnonzero(stop - start > 1)
        agree(np.count_nonzero(child == -1) == len(child) - len(inner), "children of places")
        child = child[inner]
        within("children", child, 0, len(self.nodes))
        agree((child > inner).all(), "children before their parents")
        agree((self.nodes[child, LOW] == start[inner]).all(), "places of children")
        agree((self.nodes[child, HIGH] == stop[inner]).all(), "places of children")

    @property
    def place(self) -> Array:
        """The place of each level; (K,) int32."""
        place = np.empty(len(self.level), dtype=np.int32)
        place[self.level] = np.arange(len(self.level), dtype=np.int32)
        return place


def hierarchy(counts: Array, ordered: bool) -> Hierarchy:
    """The tree over levels with these row counts; (K,) -> K places, K - 1 questions."""
    if ordered or len(counts) <= 2:
        level = np.arange(len(counts), dtype=np.int32)
        return Hierarchy(level, _halved(counts))
    return _huffman(counts)


def _halved(counts: Array) -> Array:
    """Split places where the two sides hold most nearly the same number of rows."""
    total = np.concatenate([[0.0], np.cumsum(counts + 1e-9)])
    nodes: list[list[int]] = []
    waiting = [(0, len(counts), -1, LEFT)]
    while waiting:
        low, high, parent, side = waiting.pop()
        if high - low < 2:
            continue
        if parent >= 0:
            nodes[parent][side] = len(nodes)
        half = (total[low] + total[high]) / 2
        mid = min(max(int(np.searchsorted(total, half)), low + 1), high - 1)
        if mid - 1 > low and half - total[mid - 1] < total[mid] - half:
            mid -= 1
        me = len(nodes)
        nodes.append([low, mid, high, -1, -1])
        waiting += [(mid, high, me, RIGHT), (low, mid, me, LEFT)]
    return np.array(nodes, dtype=np.int32).reshape(-1, 5)


def _huffman(counts: Array) -> Hierarchy:
    """Join the two rarest sides until one tree is left, then number its leaves in order."""
    size = len(counts)
    heap = [(float(count), i) for i, count in enumerate(counts)]
    heapq.heapify(heap)
    sides: list[tuple[int, int]] = []  # of node size + i
    while len(heap) > 1:
        (rare, a), (next_rare, b) = heapq.heappop(heap), heapq.heappop(heap)
        heapq.heappush(heap, (rare + next_rare, size + len(sides)))
        sides.append((a, b))
    leaves = np.ones(size + len(sides), dtype=np.int32)
    for i, (a, b) in enumerate(sides):
        leaves[size + i] = leaves[a] + leaves[b]
    level = np.empty(size, dtype=np.int32)
    nodes: list[list[int]] = []
    waiting = [(size + len(sides) - 1, 0, -1, LEFT)]
    while waiting:
        node, low, parent, side = waiting.pop()
        if node < size:
            level[low] = node
            continue
        if parent >= 0:
            nodes[parent][side] = len(nodes)
        a, b = sides[node - size]
        mid, me = low + int(leaves[a]), len(nodes)
        nodes.append([low, mid, low + int(leaves[node]), -1, -1])
        waiting += [(b, mid, me, RIGHT), (a, low, me, LEFT)]
    return Hierarchy(level, np.array(nodes, dtype=np.int32).reshape(-1, 5))
