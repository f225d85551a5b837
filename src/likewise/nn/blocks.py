"""The blocks of a layout laid end to end on one level axis, padded so that programs are shared.

Only NumPy: the arrays travel into compiled programs as arguments, so a program depends on the
padded sizes alone and serves every table whose sizes fall into the same buckets.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from likewise.core.artifact import storable
from likewise.encode.layout import Layout

Array = np.ndarray

TILE = 32  # widths are multiples of it, because cumulative sums go tile by tile


@storable
@dataclass(frozen=True)
class Blocks:
    """C blocks with K levels each on a level axis of width W; both C and W are padded.

    Attributes:
        offset: (C,) int32, where the levels of each block begin.
        size: (C,) int32, its levels K; 1 in padding.
        live: (C,) float32, 1 for blocks of the table, 0 for padding.
        segment: (W,) int32, the block of each level, rising; C - 1 or less.
        valid: (W,) float32, 1 for levels of the table, 0 for padding.
        last: (W,) float32, 1 at the last level of each block.
    """

    offset: Array
    size: Array
    live: Array
    segment: Array
    valid: Array
    last: Array

    @classmethod
    def of_sizes(cls, sizes: Sequence[int]) -> "Blocks":
        """Blocks of these sizes; O(W)."""
        count = len(sizes)
        padded = bucket(count + 1)  # the last block takes the padding of the level axis
        size = np.ones(padded, dtype=np.int32)
        size[:count] = sizes
        offset = np.concatenate([[0], np.cumsum(size)[:-1]]).astype(np.int32)
        width = tiled(int(size.sum()))
        segment = np.full(width, padded - 1, dtype=np.int32)
        segment[: size.sum()] = np.repeat(np.arange(padded), size)
        valid = (np.arange(width) < int(size[:count].sum())).astype(np.float32)
        valid[offset[count:]] = 1.0  # padding draws its only level
        last = np.zeros(width, dtype=np.float32)
        last[offset + size - 1] = 1.0
        live = (np.arange(padded) < count).astype(np.float32)
        return cls(offset, size, live, segment, valid, last)

    @classmethod
    def of(cls, layout: Layout) -> "Blocks":
        """The blocks of ``layout``, level by level."""
        return cls.of_sizes([block.size for block in layout.blocks])

    @property
    def count(self) -> int:
        """Padded number of blocks C."""
        return int(self.offset.shape[0])

    @property
    def width(self) -> int:
        """Padded number of levels W."""
        return int(self.segment.shape[0])

    def pad(self, codes: Array) -> Array:
        """Codes of the table with columns of zeros for padding; (N, blocks) -> (N, C) int32."""
        padded = np.zeros((len(codes), self.count), dtype=np.int32)
        padded[:, : codes.shape[1]] = codes
        return padded


def bucket(count: int, least: int = 4) -> int:
    """The next of 4, 5, 6, 7, 8, 10, 12, 14, 16, 20 …: at most a quarter more than asked for."""
    size = least
    while size < count:
        size += max(1 << size.bit_length() >> 3, 1)
    return size


def tiled(width: int) -> int:
    """The bucket of a level axis: a multiple of ``TILE``, at most a quarter more and a tile."""
    return TILE * bucket(-(-width // TILE), 1)


def rows_at_once(width: int, floats: int = 2**23) -> int:
    """Rows whose level axes hold about ``floats`` numbers: 256 to 8,192, a power of two."""
    return int(min(max(1 << max((floats // max(width, 1)).bit_length() - 1, 0), 256), 8_192))
