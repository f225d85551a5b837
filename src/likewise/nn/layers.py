"""Layers: frozen trees of float32 arrays that are called; B rows, D features.

Every layer has ``init(key, ...)``, which draws it, and is called with arrays of shape (..., D).
"""

import math
from typing import Any

import jax
import jax.numpy as jnp

from likewise.nn.module import module

Array = jax.Array

ROWS_NS, LEVELS_NS = 500.0, 15.0  # cost of one added row, and of one level in a matrix product


@module
class Dense:
    """An affine map; weights uniform with variance gain^2 / inputs, bias 0."""

    kernel: Array  # (D, E)
    bias: Array  # (E,)

    @classmethod
    def init(cls, key: Array, inputs: int, outputs: int, gain: float = 1.0) -> "Dense":
        """``gain`` 0 gives a layer that begins as zero, as the last one of a residual branch."""
        kernel = spread_evenly(key, (inputs, outputs), gain / math.sqrt(max(inputs, 1)))
        return cls(kernel, jnp.zeros(outputs, jnp.float32))

    def __call__(self, x: Array) -> Array:
        """(..., D) -> (..., E)."""
        return x @ self.kernel + self.bias


@module
class LayerNorm:
    """Features brought to mean 0 and variance 1 within each row, then scaled and moved.

    Paper: Ba, Kiros and Hinton, "Layer normalization", 2016.
    """

    scale: Array  # (D,)
    shift: Array  # (D,)

    @classmethod
    def init(cls, width: int) -> "LayerNorm":
        """Scale 1, shift 0."""
        return cls(jnp.ones(width, jnp.float32), jnp.zeros(width, jnp.float32))

    def __call__(self, x: Array) -> Array:
        """(..., D) -> (..., D)."""
        mean = x.mean(-1, keepdims=True)
        centred = x - mean
        variance = (centred * centred).mean(-1, keepdims=True)
        return centred * jax.lax.rsqrt(variance + jnp.float32(1e-5)) * self.scale + self.shift


@module
class ResidualBlock:
    """x + up(silu(down(norm(x)) + extra)); begins as the identity.

    Paper: He et al., "Identity mappings in deep residual networks", ECCV 2016.
    """

    norm: LayerNorm
    down: Dense
    up: Dense

    @classmethod
    def init(cls, key: Array, width: int, hidden: int) -> "ResidualBlock":
        """``hidden`` is the width inside the branch."""
        first, second = jax.random.split(key)
        down = Dense.init(first, width, hidden, math.sqrt(2))
        return cls(LayerNorm.init(width), down, Dense.init(second, hidden, width, 0.0))

    def __call__(self, x: Array, extra: Array | None = None) -> Array:
        """(..., D), and (..., hidden) that is added inside, such as an embedded time."""
        inside = self.down(self.norm(x))
        return x + self.up(jax.nn.silu(inside if extra is None else inside + extra))


@module
class ResidualMLP:
    """Dense, then residual blocks, then a norm and Dense."""

    enter: Dense
    blocks: tuple[ResidualBlock, ...]
    norm: LayerNorm
    leave: Dense

    @classmethod
    def init(
        cls, key: Array, inputs: int, outputs: int, *, width: int, depth: int, last: float = 1.0
    ) -> "ResidualMLP":
        """``depth`` blocks of ``width``; ``last`` is the gain of the outputs."""
        first, final, *inner = jax.random.split(key, depth + 2)
        blocks = tuple(ResidualBlock.init(k, width, width) for k in inner)
        leave = Dense.init(final, width, outputs, last)
        return cls(Dense.init(first, inputs, width), blocks, LayerNorm.init(width), leave)

    def __call__(self, x: Array, extra: Array | None = None) -> Array:
        """(..., inputs) -> (..., outputs); ``extra`` (..., width) goes into every block."""
        x = self.enter(x)
        for block in self.blocks:
            x = block(x, extra)
        return self.leave(self.norm(x))


@module
class Embedding:
    """One row for each level of all blocks: a dense layer on concatenated one-hot columns."""

    table: Array  # (W, D)

    @classmethod
    def init(cls, key: Array, levels: int, width: int, gain: float = 1.0) -> "Embedding":
        """Uniform numbers with variance gain^2 / width."""
        return cls(spread_evenly(key, (levels, width), gain / math.sqrt(max(width, 1))))

    def __call__(self, places: Array) -> Array:
        """The rows at these places of the level axis; (..., C) -> (..., C, D)."""
        return self.table[places]

    def total(self, places: Array, weight: Array | None = None) -> Array:
        """Sum over blocks; (B, C) places, (B, C) weights -> (B, D).

        Gathers rows, or multiplies by a matrix of zeros and ones where that is cheaper: adding
        up gradients row by row is slow in layouts of many small blocks.
        """
        levels, blocks = len(self.table), places.shape[-1]
        if levels * LEVELS_NS > blocks * ROWS_NS:
            rows = self.table[places]  # (B, C, D)
            return rows.sum(-2) if weight is None else (rows * weight[..., None]).sum(-2)
        ones = jnp.ones(places.shape, jnp.float32) if weight is None else weight
        row = jnp.arange(len(places), dtype=jnp.int32)[:, None]
        seen = jnp.zeros((len(places), levels), jnp.float32).at[row, places].add(ones)
        return seen @ self.table


def time_features(t: Array, width: int, fastest: float = 1_000.0) -> Array:
    """Sines and cosines of a time in [0, 1]; (B,) -> (B, width), ``width`` even.

    Paper: Vaswani et al., "Attention is all you need", NeurIPS 2017.
    """
    rates = jnp.exp(jnp.linspace(0.0, math.log(fastest), width // 2, dtype=jnp.float32))
    angle = t[:, None] * rates
    return jnp.concatenate([jnp.sin(angle), jnp.cos(angle)], axis=-1)


def spread_evenly(key: Array, shape: tuple[int, ...], deviation: float) -> Array:
    """Uniform float32 numbers of mean 0; they compile in half the time that normal ones take."""
    reach = deviation * math.sqrt(3)
    even: Array = jax.random.uniform(key, shape, jnp.float32, -1.0, 1.0)
    return even * reach


def count(tree: Any) -> int:
    """Numbers in a tree of parameters."""
    return sum(int(leaf.size) for leaf in jax.tree.leaves(tree))
