"""Labels of very many levels for networks: the rarest share one level, and come back by chance.

Shapes: N rows, C blocks, K levels of a block, P levels that are left of it.
"""

from dataclasses import dataclass, replace

import numpy as np

from likewise.core.artifact import storable
from likewise.encode.layout import Block, Encoded, Evidence, Layout
from likewise.generators.draws import draw_codes, restricted

Array = np.ndarray
Rng = np.random.Generator

MOST = 1_000  # levels that an unordered block keeps: all of 0.1 % of the rows or more are kept


@storable
@dataclass(frozen=True)
class Pool:
    """Which levels share one; what goes with a single one of them is not learned.

    Attributes:
        maps: block position as text -> (K,) int32, the level that stands for each level; the
            last one, P - 1, for those that share it. Only blocks that have such.
        shares: the same blocks -> (K,) float64, shares of the levels that share one, 0 elsewhere.
    """

    maps: dict[str, Array]
    shares: dict[str, Array]

    @classmethod
    def of(cls, layout: Layout) -> "Pool":
        """Of the unordered blocks with more than ``MOST`` levels."""
        maps, shares = {}, {}
        for i, block in enumerate(layout.blocks):
            if block.ordered or block.size <= MOST:
                continue
            order = np.argsort(-block.counts, kind="stable")
            kept = np.sort(order[: MOST - 1])
            own = np.full(block.size, MOST - 1, dtype=np.int32)
            own[kept] = np.arange(MOST - 1)
            maps[str(i)] = own
            shares[str(i)] = restricted(block.counts, own == MOST - 1)
        return cls(maps, shares)

    def layout(self, layout: Layout) -> Layout:
        """The layout with pooled levels."""
        blocks = list(layout.blocks)
        for name, own in self.maps.items():
            blocks[int(name)] = _pooled(blocks[int(name)], own)
        return Layout(tuple(blocks))

    def encode(self, rows: Encoded) -> Encoded:
        """The same rows with pooled levels."""
        if not self.maps:
            return rows
        codes = rows.codes.copy(order="F")
        for name, own in self.maps.items():
            codes[:, int(name)] = own[codes[:, int(name)]]
        return Encoded(codes, rows.detail)

    def evidence(self, evidence: Evidence) -> Evidence:
        """What is known, in pooled levels."""
        fixed, allowed = dict(evidence.fixed), dict(evidence.allowed)
        for name, own in self.maps.items():
            i = int(name)
            if i in fixed:
                fixed[i] = own[fixed[i][0]], fixed[i][1]
            if i in allowed:
                allowed[i] = np.bincount(own, allowed[i], minlength=MOST) > 0
        return replace(evidence, fixed=fixed, allowed=allowed)

    def decode(self, drawn: Encoded, rng: Rng, allowed: dict[int, Array]) -> Array:
        """Put single levels for pooled ones, in place, and give the log weights for it; (N,).

        Where only some of the pooled levels are allowed, one of those is drawn, and the row's
        weight is their share among all pooled ones.
        """
        weight = np.zeros(drawn.rows)
        for name, own in self.maps.items():
            i = int(name)
            rest = np.flatnonzero(drawn.codes[:, i] == MOST - 1)
            inside = self.shares[name] * allowed.get(i, True)
            if inside.sum() <= 0:  # no such row will be kept
                inside = self.shares[name]
            single = np.append(np.flatnonzero(own < MOST - 1), 0)
            drawn.codes[:, i] = single[drawn.codes[:, i]]
            drawn.codes[rest, i] = draw_codes(inside, rng.random(len(rest)))
            weight[rest] += np.log(inside.sum())
        return weight


def _pooled(block: Block, own: Array) -> Block:
    counts = np.bincount(own, block.counts, minlength=MOST)
    return replace(
        block, atoms=np.ones(MOST, dtype=bool), centers=np.arange(float(MOST)), counts=counts
    )
