"""What the network of ``autoregressive`` knows of a table: options on tiles of equal size.

The options of a block lie on one or more tiles of ``SIZE`` places, so that blocks of two and of
two thousand options are one batch of matrix products. Shapes: C blocks, P blocks that one looks
at, T tiles, S places of a tile; C and T are padded to buckets.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from likewise.nn.blocks import bucket
from likewise.nn.mixed import Mixed

Array = np.ndarray

SIZE = 16  # places of a tile
NOWHERE = 2**30  # an option that no block has


@dataclass(frozen=True)
class Tiles:
    """Geometry, order and margins; arrays only, so that equal shapes share compiled programs.

    Attributes:
        block: (T,) int32, the block of each tile, rising.
        first: (T,) int32, the option at its first place.
        valid: (T, S) float32, 1 where there is an option.
        bias: (T, S) float32, log share of each option.
        live: (C,) float32, 1 for blocks of the table, 0 for padding.
        rank: (C,) float32, place in the order of drawing; padding comes last.
        real: (C,) int32, the option under which a block has a real; -1 for none.
        parents: (C, P) int32, the blocks that each block looks at; all of them when P = C.
    """

    block: Array
    first: Array
    valid: Array
    bias: Array
    live: Array
    rank: Array
    real: Array
    parents: Array

    @classmethod
    def of(
        cls, mixed: Mixed, options: Array, order: Sequence[int], near: Array | None, parents: int
    ) -> "Tiles":
        """The tiles of a table.

        Args:
            mixed: its view.
            options: (N, >= C) options of its rows.
            order: blocks as they are drawn.
            near: (C, C) association of blocks, or None when each looks at all.
            parents: how many each looks at otherwise.
        """
        width = len(mixed.level)
        count = bucket(width + 1)
        sizes = [len(level) for level in mixed.level] + [1] * (count - width)
        used = [-(-size // SIZE) for size in sizes]
        tiles, start = bucket(sum(used)), np.cumsum([0, *used])
        block = np.full(tiles, count - 1, dtype=np.int32)
        first = np.full(tiles, NOWHERE, dtype=np.int32)
        block[: start[-1]] = np.repeat(np.arange(count), used)
        first[: start[-1]] = SIZE * (np.arange(start[-1]) - start[block[: start[-1]]])
        valid, bias = np.zeros((2, tiles * SIZE), dtype=np.float32)
        for i, size in enumerate(sizes):
            at = slice(start[i] * SIZE, start[i] * SIZE + size)
            valid[at] = 1.0
            held = np.bincount(options[:, i], minlength=size) + 0.5
            bias[at] = np.log(held / held.sum())
        rank = np.arange(count, dtype=np.float32)
        rank[list(order)] = np.arange(width)
        real = np.full(count, -1, dtype=np.int32)
        real[mixed.real_blocks] = [sizes[i] - 1 for i in mixed.real_blocks]
        return cls(
            block,
            first,
            valid.reshape(tiles, SIZE),
            bias.reshape(tiles, SIZE),
            (np.arange(count) < width).astype(np.float32),
            rank,
            real,
            _closest(near, rank[:width], count, parents),
        )

    def options(self, x: Array, block: int) -> Array:
        """The places of a block's options out of (T, S, ...): (K, ...)."""
        mine = self.block == block
        return np.asarray(x[mine].reshape(-1, *x.shape[2:])[self.valid[mine].ravel() > 0])

    def across(self, x: Array, block: int) -> Array:
        """The same out of (T, H, S): (H, K)."""
        return np.ascontiguousarray(self.options(x.transpose(0, 2, 1), block).T)


def _closest(near: Array | None, rank: Array, count: int, parents: int) -> Array:
    """Half of the closest blocks drawn before, the other half from all; (C, P) int32."""
    if near is None:
        return np.tile(np.arange(count, dtype=np.int32), (count, 1))
    found = np.full((count, parents), count - 1, dtype=np.int32)  # padding is never known
    for i in range(len(rank)):
        strength = near[i].astype(float)
        strength[i] = -1.0
        earlier = np.flatnonzero(rank < rank[i])
        half = earlier[np.argsort(-strength[earlier], kind="stable")[: parents // 2]]
        strength[half] = 2.0
        chosen = np.argsort(-strength, kind="stable")[:parents]
        chosen = chosen[chosen != i]
        found[i, : len(chosen)] = np.sort(chosen)
    return found
