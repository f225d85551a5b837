"""Small networks side by side, one for each block, as ``autoregressive`` keeps and runs them.

Only NumPy and a kernel: drawing needs no JAX, and a chunk of rows stays in the processor's cache.
What the parameters mean, and how they are learned, stands in ``autoregressive_net``.

Shapes: N rows, C blocks, P blocks that one looks at, E features, H hidden units, K options, M parts
of a mixture, F functions of a real.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from likewise.core.artifact import storable
from likewise.generators.activation import silu

Array = np.ndarray

HARMONICS = 12  # cosines of a real's position that are features of it
SCALES = 7.0  # largest log of a part's scale, either way, so that no density can run away
FARTHEST = 6.0  # normal score of what is drawn, either way: beyond it nothing was learned


@dataclass(frozen=True)
class Step:
    """A block's network given which blocks are known: the first layer cut down to those.

    Attributes:
        block: which one.
        columns: of the features of the blocks drawn so far: a slice, or positions.
        enter: (known * E, H).
        bias: (H,), with what unknown blocks contribute.
    """

    block: int
    columns: slice | Array
    enter: Array
    bias: Array


@storable
@dataclass(frozen=True)
class ColumnNets:
    """Parameters; C is the padded number of blocks where it stands for what is looked at.

    Attributes:
        parents: (blocks, P) int32, which blocks each looks at.
        real: (blocks,) int32, the option with a real, -1 for none.
        smooth: (blocks, F, E).
        single: for each block (K, E).
        absent: (C, E).
        enter: (blocks, P * E, H).
        enter_bias: (blocks, H).
        inner: (blocks, H, H).
        inner_bias: (blocks, H).
        mixture: (blocks, H, 3 M).
        mixture_bias: (blocks, 3 M).
        leave: for each block (H, K).
        leave_bias: for each block (K,).
    """

    parents: Array
    real: Array
    smooth: Array
    single: tuple[Array, ...]
    absent: Array
    enter: Array
    enter_bias: Array
    inner: Array
    inner_bias: Array
    mixture: Array
    mixture_bias: Array
    leave: tuple[Array, ...]
    leave_bias: tuple[Array, ...]

    @classmethod
    def of_nothing(cls) -> "ColumnNets":
        """The networks of a table in which no column has a choice."""
        flat, cube = np.zeros((0, 0), np.float32), np.zeros((0, 0, 0), np.float32)
        return cls(
            parents=flat.astype(np.int32),
            real=np.zeros(0, dtype=np.int32),
            smooth=cube,
            single=(),
            absent=np.zeros((0, 1), dtype=np.float32),
            enter=cube,
            enter_bias=flat,
            inner=cube,
            inner_bias=flat,
            mixture=cube,
            mixture_bias=flat,
            leave=(),
            leave_bias=(),
        )

    @property
    def features(self) -> int:
        """Features of a block E."""
        return int(self.absent.shape[1])

    def steps(self, order: Sequence[int], count: int) -> list[Step]:
        """The networks of the blocks from place ``count`` of ``order`` on, each given all before.

        ``order`` names all blocks; the first ``count`` are known.
        """
        slot = np.full(len(self.absent), len(self.absent), dtype=np.int64)
        slot[list(order)] = np.arange(len(order))
        return [self._step(order[at], at, slot) for at in range(count, len(order))]

    def whole(self, block: int) -> Step:
        """The network of a block on features (N, C * E) of all blocks in their own places."""
        near, e = self.parents[block], self.features
        columns: slice | Array = slice(None)
        if len(near) < len(self.absent):
            columns = (near[:, None].astype(np.int64) * e + np.arange(e)).ravel()
        return Step(block, columns, self.enter[block], self.enter_bias[block])

    def _step(self, block: int, at: int, slot: Array) -> Step:
        near, e = self.parents[block], self.features
        enter = self.enter[block].reshape(len(near), e, -1)
        known = np.flatnonzero(slot[near] < at)
        known = known[np.argsort(slot[near[known]], kind="stable")]
        unknown = np.flatnonzero(slot[near] >= at)
        missing = np.einsum("pe,peh->h", self.absent[near[unknown]], enter[unknown])
        place = slot[near[known]]
        columns: slice | Array = slice(0, len(place) * e)
        if len(place) < at:
            columns = (place[:, None] * e + np.arange(e)).ravel()
        weight = np.ascontiguousarray(enter[known].reshape(len(known) * e, enter.shape[2]))
        return Step(block, columns, weight, self.enter_bias[block] + missing)

    def read(self, block: int, options: Array, reals: Array) -> Array:
        """Features of a block's values; (N,), (N,) -> (N, E)."""
        found = self.single[block][options]
        if self.real[block] >= 0:
            here = np.flatnonzero(options == self.real[block])
            found[here] += waves(reals[here]) @ self.smooth[block]
        return np.asarray(found)

    def hidden(self, step: Step, x: Array) -> Array:
        """What a block makes of the features (N, C * E) of those drawn before; (N, H)."""
        h: Array = x[:, step.columns] @ step.enter
        h += step.bias
        return activated(h, self.inner[step.block], self.inner_bias[step.block])

    def logits(self, block: int, h: Array) -> Array:
        """Of the block's options; (N, K)."""
        return np.asarray(h @ self.leave[block] + self.leave_bias[block])

    def mixtures(self, block: int, h: Array) -> Array:
        """Outputs that describe the block's real; (N, 3 M)."""
        return np.asarray(h @ self.mixture[block] + self.mixture_bias[block])


def activated(h: Array, inner: Array, bias: Array) -> Array:
    """silu(h) and what a residual layer adds to it; (N, H), which is overwritten."""
    silu(h)
    more = h @ inner
    more += bias
    silu(more)
    h += more
    return h


def waves(z: Array) -> Array:
    """1, z, z^2 and cosines of the position of z; (N,) float32 -> (N, F).

    The cosines follow from the first one: cos(k + 1)a = 2 cos(a) cos(ka) - cos(k - 1)a.
    """
    found = np.empty((HARMONICS + 3, len(z)), dtype=np.float32)
    found[0], found[1], found[2] = 1.0, z, 0.7 * (z * z - 1.0)
    cosine = np.cos(np.pi * ndtr(z))
    before, now = np.ones_like(cosine), cosine
    for k in range(HARMONICS):
        found[3 + k] = now
        before, now = now, 2.0 * cosine * now - before
    return found.T
