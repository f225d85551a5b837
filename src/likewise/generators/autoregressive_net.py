"""The network of ``autoregressive``: for each block a small one that reads the blocks it knows.

All blocks of all rows are learned in one pass: which blocks a block may see is a mask, drawn anew
for every row. Papers: Germain et al., "MADE", ICML 2015; Uria, Murray and Larochelle, "A deep and
tractable density estimator", ICML 2014 (any order); Tiwald et al., "TabularARGN", 2025 (a network
for each column); Bishop, "Mixture density networks", 1994; Srivastava et al., "Dropout", 2014.

Shapes: B rows, C blocks, P blocks that one looks at, E features of a block, H hidden units, M parts
of a mixture; T tiles of S options; F functions of a real.
"""

import math
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp

from likewise.generators.column_nets import HARMONICS, SCALES
from likewise.generators.tiles import Tiles
from likewise.nn.layers import spread_evenly
from likewise.nn.module import module, seen
from likewise.nn.optimise import LossLearner
from likewise.nn.segments import CAP

Array = jax.Array

seen(Tiles)


@module
class Network:
    """Parameters of all blocks side by side."""

    smooth: Array  # (C, F, E) features of a real
    single: Array  # (T, S, E) features of an option
    absent: Array  # (C, E) features of a block that is not known
    enter: Array  # (C, P * E, H)
    enter_bias: Array  # (C, H)
    inner: Array  # (C, H, H)
    inner_bias: Array  # (C, H)
    mixture: Array  # (C, H, 3 M)
    mixture_bias: Array  # (C, 3 M)
    leave: Array  # (T, H, S)
    leave_bias: Array  # (T, S), begins with the log shares


@dataclass(frozen=True)
class ColumnLearner(LossLearner):
    """Sizes and rates.

    Attributes:
        features: E.
        hidden: H.
        parts: M.
        any_order: share of rows that are learned with some blocks known first.
        dropout: share of hidden units that are left out.
    """

    features: int
    hidden: int
    parts: int
    any_order: float
    dropout: float

    def network(self, world: Tiles, key: Array) -> Network:
        """Fresh parameters: margins as they are, and next to no dependence."""
        count, near = world.parents.shape
        tiles, size = world.valid.shape
        e, h, m = self.features, self.hidden, self.parts
        keys = jax.random.split(key, 7)
        middle = jnp.linspace(-1.5, 1.5, m, dtype=jnp.float32)
        mixture = jnp.concatenate([jnp.zeros(m), middle, jnp.full(m, -0.5)]).astype(jnp.float32)
        none = jnp.zeros((count, h), jnp.float32)
        return Network(
            smooth=spread_evenly(keys[0], (count, HARMONICS + 3, e), 0.5),
            single=spread_evenly(keys[1], (tiles, size, e), 0.5),
            absent=spread_evenly(keys[2], (count, e), 0.5),
            enter=spread_evenly(keys[3], (count, near * e, h), math.sqrt(2 / (near * e))),
            enter_bias=none,
            inner=spread_evenly(keys[4], (count, h, h), math.sqrt(2 / h)),
            inner_bias=none,
            mixture=spread_evenly(keys[5], (count, h, 3 * m), 0.1 / math.sqrt(h)),
            mixture_bias=jnp.tile(mixture, (count, 1)),
            leave=spread_evenly(keys[6], (tiles, h, size), 0.1 / math.sqrt(h)),
            leave_bias=jnp.asarray(world.bias),
        )

    def loss(self, world: Tiles, params: Network, batch: Any, key: Array) -> Array:
        """Negative log likelihood of a row in nats, with dropout."""
        return self._loss(world, params, batch, key, self.dropout)

    def judge(self, world: Tiles, params: Network, batch: Any, key: Array) -> Array:
        """The same without dropout."""
        return self._loss(world, params, batch, key, 0.0)

    def _loss(self, world: Tiles, params: Network, batch: Any, key: Array, dropout: float) -> Array:
        options, reals = batch[0].T, batch[1].T  # (C, B)
        first, second = jax.random.split(key)
        rank = _ranks(world, options.shape, self.any_order, first)
        found = _log_prob(world, params, options, reals, rank, dropout, second)
        return jnp.negative((found * world.live[:, None]).sum() / options.shape[1])


def _ranks(world: Tiles, shape: tuple[int, ...], share: float, key: Array) -> Array:
    """What orders the blocks of a row, the first drawn lowest; (C, B) float32.

    In a share of the rows some blocks, each with a chance that differs from row to row, come first
    in random order, as evidence would; the rest keeps its order.

    Where each block looks at all others, places are counted, though any order would do: a sum is
    computed once, while the compiler would put the random numbers behind a comparison into each of
    the loops that look at it. Of many blocks, the C x C comparisons would take gigabytes.
    """
    keys = jax.random.split(key, 3)
    mixed, chance = jax.random.uniform(keys[0], (2, shape[1]), jnp.float32)
    chosen = jax.random.uniform(keys[1], shape, jnp.float32) < jnp.where(mixed < share, chance, 0)
    place = jax.random.uniform(keys[2], shape, jnp.float32) - 1.0
    score = jnp.where(chosen & (world.live[:, None] > 0), place, world.rank[:, None])
    if world.parents.shape[1] < shape[0]:
        return score
    return (score[:, None] < score).sum(0, dtype=jnp.float32)


def _log_prob(
    world: Tiles,
    params: Network,
    options: Array,
    reals: Array,
    rank: Array,
    dropout: float,
    key: Array,
) -> Array:
    """Log density of each block given the blocks of lower rank; (C, B)."""
    block, count = jnp.asarray(world.block), len(options)
    place = options[block] - world.first[:, None]  # (T, B)
    hot = (place[:, :, None] == jnp.arange(world.valid.shape[1])).astype(jnp.float32)  # (T, B, S)
    there = (options == world.real[:, None]).astype(jnp.float32)  # (C, B)
    x = sums(hot @ params.single, block, count)
    x = x + (waves(reals) * there[..., None]) @ params.smooth  # (C, B, E)
    h = _hidden(world, params, x, rank, dropout, key)
    logits = h[block] @ params.leave + params.leave_bias[:, None]  # (T, B, S)
    cut = logits + jax.lax.stop_gradient(jnp.clip(logits, -CAP, CAP) - logits)
    total = sums((jnp.exp(cut) * world.valid[:, None]).sum(-1), block, count)
    choice = sums((cut * hot).sum(-1), block, count) - jnp.log(total)
    mixture = h @ params.mixture + params.mixture_bias[:, None]
    weight, mean, log_scale = jnp.split(mixture, 3, axis=-1)  # (C, B, M)
    log_scale = jnp.clip(log_scale, -SCALES, SCALES)
    z = (reals[..., None] - mean) * jnp.exp(-log_scale)
    density = jax.nn.logsumexp(jax.nn.log_softmax(weight) - 0.5 * z * z - log_scale, axis=-1)
    found: Array = choice + there * (density - jnp.float32(0.5 * math.log(2 * math.pi)))
    return found


def _hidden(
    world: Tiles, params: Network, x: Array, rank: Array, dropout: float, key: Array
) -> Array:
    """What each block makes of the blocks it knows; (C, B, H)."""
    count, near = world.parents.shape
    rows, e = x.shape[1], x.shape[2]
    if near == count:
        given, ranks, absent = x[None], rank[None], params.absent[None]
    else:
        parents = jnp.asarray(world.parents)
        given, ranks, absent = x[parents], rank[parents], params.absent[parents]
    known = ranks < rank[:, None]  # (C, P, B)
    read = jnp.where(known[..., None], given, absent[:, :, None])  # (C, P, B, E)
    read = read.transpose(0, 2, 1, 3).reshape(count, rows, near * e)
    h: Array = jax.nn.silu(read @ params.enter + params.enter_bias[:, None])
    h = h * kept_units(dropout, h.shape, jax.random.fold_in(key, 0))
    h = h + jax.nn.silu(h @ params.inner + params.inner_bias[:, None])
    return h * kept_units(dropout, h.shape, jax.random.fold_in(key, 1))


def kept_units(dropout: float, shape: tuple[int, ...], key: Array) -> Array:
    """0 where a unit is left out, else what makes up for that; a byte of randomness for each."""
    if not dropout:
        return jnp.ones((), jnp.float32)
    size = math.prod(shape)
    words = jax.random.bits(key, (-(-size // 4),), jnp.uint32)  # asked for bytes, it takes longer
    drawn = jax.lax.bitcast_convert_type(words, jnp.uint8).reshape(-1)[:size].reshape(shape)
    kept = drawn >= round(256 * dropout)
    return jnp.where(kept, jnp.float32(1 / (1 - dropout)), jnp.float32(0))


def waves(z: Array) -> Array:
    """Functions of a real: 1, z, z^2 and cosines of its position; (...) -> (..., F)."""
    angle = jnp.pi * jax.scipy.special.ndtr(z)
    steps = jnp.arange(1, HARMONICS + 1, dtype=jnp.float32)
    powers = jnp.stack([jnp.ones_like(z), z, 0.7 * (z * z - 1)], axis=-1)
    return jnp.concatenate([powers, jnp.cos(angle[..., None] * steps)], axis=-1)


def sums(x: Array, block: Array, count: int) -> Array:
    """Sum over the tiles of each block; (T, ...) -> (C, ...)."""
    return jax.ops.segment_sum(x, block, num_segments=count, indices_are_sorted=True)
