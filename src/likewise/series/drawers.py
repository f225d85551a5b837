"""Small networks that draw a row block by block, as ``autoregressive_series`` keeps and runs them.

Only NumPy and kernels. What the parameters mean stands in ``autoregressive_net``. Shapes: N rows,
B blocks, E features of a block, H hidden units, K options, M parts of a mixture.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from likewise.core.artifact import storable
from likewise.generators import mixture
from likewise.generators.column_nets import FARTHEST, SCALES, activated, waves
from likewise.generators.tiles import Tiles

Array = np.ndarray

HEAD = 8  # the reader gives as many numbers as so many blocks have features


@storable
@dataclass(frozen=True)
class RowNets:
    """Parameters by block, cut down to what each looks at.

    Attributes:
        real: (B,) int32, the option with a real, -1 for none.
        smooth: (B, functions, E).
        single: for each block (K, E).
        enter: for each block (what is known before it, H).
        own: (B, features of a number's own last rows, H).
        enter_bias: (B, H).
        inner: (B, H, H).
        inner_bias: (B, H).
        mixture: (B, H, 3 M).
        mixture_bias: (B, 3 M).
        leave: for each block (H, K).
        leave_bias: for each block (K,).
    """

    real: Array
    smooth: Array
    single: tuple[Array, ...]
    enter: tuple[Array, ...]
    own: Array
    enter_bias: Array
    inner: Array
    inner_bias: Array
    mixture: Array
    mixture_bias: Array
    leave: tuple[Array, ...]
    leave_bias: tuple[Array, ...]

    def draw(
        self, i: int, known: Array, mine: Array, rng: np.random.Generator
    ) -> tuple[Array, Array]:
        """Options and reals of block i given features (N, :) of all before it; (N,) each.

        ``mine`` (N, :) are features of its number's own last rows.
        """
        width = len(self.enter[i])
        h = known[:, :width] @ self.enter[i] + mine @ self.own[i] + self.enter_bias[i]
        h = activated(h, self.inner[i], self.inner_bias[i])
        count = len(h)
        if len(self.leave_bias[i]) > 1:
            logits = h @ self.leave[i] + self.leave_bias[i]
            mass = np.exp(logits - logits.max(axis=1, keepdims=True))
            options = mixture.pick(mass, rng.random(count, dtype=np.float32)).astype(np.int32)
        else:
            options = np.zeros(count, dtype=np.int32)
        reals = np.zeros(count, dtype=np.float32)
        here = np.flatnonzero(options == self.real[i])
        if len(here):
            found = h[here] @ self.mixture[i] + self.mixture_bias[i]
            drawn = mixture.draw(*mixture.split(found, SCALES), rng)
            reals[here] = np.clip(drawn, -FARTHEST, FARTHEST)
        return options, reals

    def read(self, i: int, options: Array, reals: Array) -> Array:
        """Features of the values of block i; (N,), (N,) -> (N, E)."""
        found = self.single[i][options]
        if self.real[i] >= 0:
            here = np.flatnonzero(options == self.real[i])
            found[here] += waves(reals[here]) @ self.smooth[i]
        return np.asarray(found)


def kept(params: Any, tiles: Tiles, blocks: int) -> RowNets:
    """Learned parameters (``Drawers``) as they are stored: cut down to what each block looks at."""
    arrays = {name: np.asarray(value) for name, value in vars(params).items()}
    e = arrays["smooth"].shape[2]
    return RowNets(
        real=tiles.real[:blocks],
        single=tuple(tiles.options(arrays["single"], i) for i in range(blocks)),
        enter=tuple(
            np.ascontiguousarray(arrays["enter"][: (HEAD + i) * e, i]) for i in range(blocks)
        ),
        leave=tuple(tiles.across(arrays["leave"], i) for i in range(blocks)),
        leave_bias=tuple(tiles.options(arrays["leave_bias"], i) for i in range(blocks)),
        **{
            name: arrays[name][:blocks]
            for name in (
                "smooth",
                "own",
                "enter_bias",
                "inner",
                "inner_bias",
                "mixture",
                "mixture_bias",
            )
        },
    )
