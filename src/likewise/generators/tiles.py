"""The options of blocks on tiles of equal size."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from likewise.core.artifact import storable
from likewise.nn.blocks import bucket

Array = np.ndarray
SIZE = 16


@storable
@dataclass(frozen=True)
class Tiles:
    block: Array
    first: Array
    valid: Array
    bias: Array
    live: Array
    rank: Array
    real: Array  # (C,) option under which there is a real, -1
    parents: Array

    @classmethod
    def of(cls, sizes: Sequence[int], real, shares, order: list[int]) -> "Tiles":
        width = len(sizes)
        count = bucket(width + 1)
        used = [max(-(-k // SIZE), 1) for k in sizes] + [1] * (count - width)
        tiles = bucket(sum(used))
        block = np.full(tiles, count - 1, np.int32)
        block[: sum(used)] = np.repeat(np.arange(count), used)
        first = np.full(tiles, 2**20, np.int32)
        first[: sum(used)] = np.concatenate([np.arange(u) * SIZE for u in used])
        valid = np.zeros((tiles, SIZE), np.float32)
        bias = np.zeros((tiles, SIZE), np.float32)
        at = 0
        for u, k, share in zip(used, sizes, shares):
            valid[at : at + u].reshape(-1)[:k] = 1
            bias[at : at + u].reshape(-1)[:k] = np.log(share)
            at += u
        valid[at : at + count - width, 0] = 1
        rank = np.full(count, 1e6, np.float32)
        rank[order] = np.arange(len(order))
        rank[width :] += np.arange(count - width)
        live = (np.arange(count) < width).astype(np.float32)
        parents = np.tile(np.arange(count, dtype=np.int32), (count, 1))
        r = np.full(count, -1, np.int32); r[:width] = real
        return cls(block, first, valid, bias, live, rank, r, parents)
