"""The network that reads the rows so far.

It joins neighbouring rows two by two, then the pairs, and so on: causal convolutions whose reach
doubles with every layer, looked at from one row.

Paper: van den Oord et al., "WaveNet", 2016 (dilated causal convolutions).

Shapes: N rows of a batch, R rows of the past, F features of a row, S features of the moment.
"""

import math
from typing import Any

import jax
import jax.numpy as jnp

from likewise.nn.layers import Dense, LayerNorm, ResidualBlock
from likewise.nn.module import module

Array = jax.Array


@module
class Reader:
    """Reads up to R rows of the past."""

    enter: Dense
    joins: tuple[Dense, ...]
    latest: Dense
    moment: Dense
    inner: tuple[ResidualBlock, ...]
    norm: LayerNorm
    leave: Dense

    @classmethod
    def init(
        cls, key: Array, features: int, moment: int, width: int, rows: int, out: int
    ) -> "Reader":
        """For ``rows`` rows, a power of two."""
        depth = rows.bit_length() - 1
        keys = jax.random.split(key, depth + 6)
        joins = tuple(Dense.init(k, 2 * width, width, math.sqrt(2)) for k in keys[:depth])
        first, second, third, fourth, fifth, sixth = keys[depth:]
        return cls(
            Dense.init(first, features + 1, width),
            joins,
            Dense.init(second, 2 * (features + 1), width),
            Dense.init(third, moment + 1, width),
            tuple(ResidualBlock.init(k, width, width) for k in (fourth, fifth)),
            LayerNorm.init(width),
            Dense.init(sixth, width, out),
        )

    def __call__(self, past: Array, moment: Array) -> Array:
        """(N, R, F + 1) with a mark of what is known, (N, S) -> (N, out)."""
        x = jax.nn.silu(self.enter(past))
        for join in self.joins:
            x = jax.nn.silu(join(x.reshape(len(x), x.shape[1] // 2, -1)))
        latest = self.latest(past[:, -2:].reshape(len(past), -1))
        ones = jnp.ones((len(past), 1), jnp.float32)
        x = x[:, 0] + latest + self.moment(jnp.concatenate([moment, ones], axis=1))
        for block in self.inner:
            x = block(x)
        out: Array = self.leave(self.norm(x))
        return out


@jax.jit
def read(reader: Reader, past: Array, moment: Array) -> Array:
    """What the reader gives."""
    return reader(past, moment)


def shapes(memory: int, width: int, out: int, features: int, moment: int) -> Any:
    """The reader's parameters as shapes."""

    def make(key: Array) -> Reader:
        return Reader.init(key, features, moment, width, memory, out)

    return jax.eval_shape(make, jax.random.key(0))
