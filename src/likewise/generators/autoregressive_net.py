"""The network of ``autoregressive``: a small network for each block that reads the blocks it knows."""

import math
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp

from likewise.generators.tiles import Tiles
from likewise.nn.layers import spread_evenly
from likewise.nn.module import module, seen
from likewise.nn.optimise import LossLearner

Array = jax.Array

seen(Tiles)
CAP = 60.0
WAVES = 12


@module
class Network:
    """Parameters of all blocks side by side."""

    smooth: Array  # (C, F, E)
    single: Array  # (T, S, E)
    absent: Array  # (C, E)
    enter: Array  # (C, P * E, H)
    enter_bias: Array  # (C, H)
    inner: Array  # (C, H, H)
    inner_bias: Array  # (C, H)
    mix: Array  # (C, H, 3M)
    mix_bias: Array  # (C, 3M)
    leave: Array  # (T, H, S)
    leave_bias: Array  # (T, S)


@dataclass(frozen=True)
class ColumnNetwork(LossLearner):
    features: int = 8
    hidden: int = 64
    parts: int = 8
    any_order: float = 0.25
    drop: float = 0.0

    def network(self, world: Tiles, key: Array) -> Network:
        keys = jax.random.split(key, 7)
        count, near = world.parents.shape
        tiles, size = world.valid.shape
        e, h, m = self.features, self.hidden, self.parts
        zeros = lambda *shape: jnp.zeros(shape, jnp.float32)
        middle = jnp.linspace(-1.5, 1.5, m, dtype=jnp.float32)
        bias = jnp.concatenate([jnp.zeros(m), middle, jnp.full(m, -0.5)]).astype(jnp.float32)
        return Network(
            smooth=spread_evenly(keys[0], (count, WAVES + 3, e), 0.5),
            single=spread_evenly(keys[1], (tiles, size, e), 0.5),
            absent=spread_evenly(keys[2], (count, e), 0.5),
            enter=spread_evenly(keys[3], (count, near * e, h), (2.0 / (near * e)) ** 0.5),
            enter_bias=zeros(count, h),
            inner=spread_evenly(keys[4], (count, h, h), (2.0 / h) ** 0.5),
            inner_bias=zeros(count, h),
            mix=spread_evenly(keys[5], (count, h, 3 * m), 0.1 / h**0.5),
            mix_bias=jnp.tile(bias, (count, 1)),
            leave=spread_evenly(keys[6], (tiles, h, size), 0.1 / h**0.5),
            leave_bias=zeros(tiles, size),
        )

    def loss(self, world: Tiles, params: Network, batch: Any, key: Array) -> Array:
        options, reals = batch[0].T, batch[1].T  # (C, B)
        rank = order(world, options.shape, self.any_order, key)
        nll = -log_prob(world, params, options, reals, rank, self.drop, key)
        return (nll * world.live[:, None]).sum() / options.shape[1]

    def judge(self, world: Tiles, params: Network, batch: Any, key: Array) -> Array:
        options, reals = batch[0].T, batch[1].T  # (C, B)
        rank = order(world, options.shape, self.any_order, key)
        nll = -log_prob(world, params, options, reals, rank, 0.0, key)
        return (nll * world.live[:, None]).sum() / options.shape[1]


def order(world: Tiles, shape: Any, share: float, key: Array) -> Array:
    """Place of each block in the order of drawing; (C, B)."""
    mixed, chance, chosen, place = jax.random.split(key, 4)
    rows = shape[1]
    free = jax.random.uniform(mixed, (rows,)) < share
    p = jax.random.uniform(chance, (rows,))
    given = (jax.random.uniform(chosen, shape) < p) & free
    return jnp.where(given, jax.random.uniform(place, shape) - 1.0, world.rank[:, None])


def waves(z: Array) -> Array:
    """(C, B) -> (C, B, F)."""
    u = jax.scipy.special.ndtr(z)
    f = jnp.arange(1, WAVES + 1, dtype=jnp.float32)
    w = jnp.cos(jnp.pi * f * u[..., None])
    return jnp.concatenate([jnp.ones_like(z)[..., None], z[..., None], (z * z - 1)[..., None] * 0.7, w], axis=-1)


def features(world, params, options, reals):
    block = jnp.asarray(world.block)
    local = options[block] - world.first[:, None]  # (T, B)
    hot = (local[:, :, None] == jnp.arange(world.valid.shape[1])).astype(jnp.float32)  # (T, B, S)
    x = sums(hot @ params.single, block, options.shape[0])  # (C, B, E)
    there = (options == world.real[:, None]).astype(jnp.float32)
    return x + (waves(reals) * there[..., None]) @ params.smooth, hot, there


def log_prob(world, params, options, reals, rank, drop, key) -> Array:
    """Log probability of each block given the blocks before it; (C, B) -> (C, B)."""
    block = jnp.asarray(world.block)
    count = options.shape[0]
    x, hot, there = features(world, params, options, reals)
    logits, mix = outputs(world, params, x, rank, drop, key)
    cut = logits + jax.lax.stop_gradient(jnp.clip(logits, -CAP, CAP) - logits)
    total = sums((jnp.exp(cut) * world.valid[:, None, :]).sum(-1), block, count)
    choice = sums((cut * hot).sum(-1), block, count) - jnp.log(total)
    weight, mean, scale = jnp.split(mix, 3, axis=-1)
    scale = jnp.maximum(scale, -7.0)
    z = (reals[..., None] - mean) * jnp.exp(-scale)
    density = jax.nn.log_softmax(weight) - 0.5 * z * z - scale
    return choice + there * (jax.nn.logsumexp(density, -1) - 0.5 * math.log(2 * math.pi))


def outputs(world: Tiles, params: Network, x: Array, rank: Array, drop=0.0, key=None):
    count, near = world.parents.shape
    rows, e = x.shape[1], x.shape[2]
    if near == count:
        xs, ranks, absent = x[None], rank[None], params.absent[None]
    else:
        parents = jnp.asarray(world.parents)
        xs, ranks, absent = x[parents], rank[parents], params.absent[parents]
    known = ranks < rank[:, None, :]  # (C, P, B)
    seen = jnp.where(known[..., None], xs, absent[:, :, None, :])  # (C, P, B, E)
    seen = seen.transpose(0, 2, 1, 3).reshape(count, rows, near * e)
    h = jax.nn.silu(seen @ params.enter + params.enter_bias[:, None])
    if drop:
        h = h * jax.random.bernoulli(key, 1 - drop, h.shape) / (1 - drop)
    h = h + jax.nn.silu(h @ params.inner + params.inner_bias[:, None])
    if drop:
        h = h * jax.random.bernoulli(jax.random.fold_in(key, 1), 1 - drop, h.shape) / (1 - drop)
    block = jnp.asarray(world.block)
    return h[block] @ params.leave + (world.bias + params.leave_bias)[:, None], h @ params.mix + params.mix_bias[:, None]


def sums(x: Array, block: Array, count: int) -> Array:
    """Sum over the tiles of each block; (T, ...) -> (C, ...)."""
    return jax.ops.segment_sum(x, block, num_segments=count, indices_are_sorted=True)
