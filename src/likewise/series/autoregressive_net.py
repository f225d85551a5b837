"""The networks of ``autoregressive_series``: one reads the rows so far, small ones draw the next.

The reader joins neighbouring rows two by two, then the pairs, and so on: causal convolutions whose
reach doubles with every layer, looked at from one row. What it makes of the past is known to the
small networks, one for each block, beside the blocks of the row that were drawn before.

Papers: van den Oord et al., "WaveNet", 2016 (dilated causal convolutions); Germain et al., "MADE",
ICML 2015; Bishop, "Mixture density networks", 1994; Salinas et al., "DeepAR", 2020 (networks over
time with a distribution as output).

Shapes: N rows of a batch, R rows of the past, F features of a row, S features of the moment, W
width, B blocks (padded), E features of a block, X * E numbers that the reader gives, H hidden
units, M parts of a mixture; T tiles of options.
"""

import math
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp

from likewise.generators.autoregressive_net import kept_units, sums, waves
from likewise.generators.column_nets import HARMONICS, SCALES
from likewise.generators.tiles import Tiles
from likewise.nn.layers import spread_evenly
from likewise.nn.module import module
from likewise.nn.optimise import LossLearner
from likewise.nn.segments import CAP
from likewise.series.drawers import HEAD
from likewise.series.reader import Reader

Array = jax.Array

OWN = 9  # features of a column's own last two rows, and whether the earlier one is known
OFFSET = 0.25  # deviation by which levels are moved for the reader while learning: with all their
# digits they would say which moment of the training series it is, and what came next
SHORT = 0.5  # share of rows that are learned from a past cut short


@module
class World:
    """A whole series, padded with rows that are never looked at.

    Attributes:
        features: (rows, F) float32.
        steady: (F,) float32, 0 for what is not known of a row without the one before it.
        levels: (F,) float32, 1 for levels of numbers.
        moment: (rows, S) float32, what is known of a row's place in time.
        options: (rows, B) int32.
        reals: (rows, B) float32, by block.
        column: (B,) int32, the number of each block, -1 for none.
        first: (rows,) int32, the row with which each row's series begins.
        tiles: the options of all blocks.
    """

    features: Any
    steady: Any
    levels: Any
    moment: Any
    options: Any
    reals: Any
    column: Any
    first: Any
    tiles: Tiles


@module
class Drawers:
    """The small networks of all blocks side by side."""

    smooth: Array  # (B, functions, E)
    single: Array  # (T, S, E)
    enter: Array  # ((X + B) * E, B, H), of which blocks use what comes before them
    own: Array  # (B, OWN, H), for a number's own last rows
    enter_bias: Array  # (B, H)
    inner: Array  # (B, H, H)
    inner_bias: Array  # (B, H)
    mixture: Array  # (B, H, 3 M)
    mixture_bias: Array  # (B, 3 M)
    leave: Array  # (T, H, S)
    leave_bias: Array  # (T, S)


@module
class Network:
    """Both."""

    reader: Reader
    drawers: Drawers


@dataclass(frozen=True)
class SeriesLearner(LossLearner):
    """Sizes and rates.

    Attributes:
        memory: R, a power of two.
        width: W.
        features: E.
        hidden: H.
        parts: M.
        dropout: share of hidden units that are left out.
        noise: deviation of noise on features while learning.
    """

    memory: int
    width: int
    features: int
    hidden: int
    parts: int
    dropout: float
    noise: float

    def network(self, world: World, key: Array) -> Network:
        """Fresh parameters."""
        blocks = world.options.shape[1]
        tiles, size = world.tiles.valid.shape
        e, h, m = self.features, self.hidden, self.parts
        keys = jax.random.split(key, 8)
        reader = Reader.init(
            keys[0],
            world.features.shape[1],
            world.moment.shape[1],
            self.width,
            self.memory,
            HEAD * e,
        )
        middle = jnp.linspace(-1.5, 1.5, m, dtype=jnp.float32)
        mixture = jnp.concatenate([jnp.zeros(m), middle, jnp.full(m, -0.5)]).astype(jnp.float32)
        inputs = (HEAD + blocks) * e
        none = jnp.zeros((blocks, h), jnp.float32)
        drawers = Drawers(
            smooth=spread_evenly(keys[1], (blocks, HARMONICS + 3, e), 0.5),
            single=spread_evenly(keys[2], (tiles, size, e), 0.5),
            enter=spread_evenly(keys[3], (inputs, blocks, h), math.sqrt(2 / inputs)),
            own=spread_evenly(keys[7], (blocks, OWN, h), math.sqrt(1 / OWN)),
            enter_bias=none,
            inner=spread_evenly(keys[4], (blocks, h, h), math.sqrt(2 / h)),
            inner_bias=none,
            mixture=spread_evenly(keys[5], (blocks, h, 3 * m), 0.1 / math.sqrt(h)),
            mixture_bias=jnp.tile(mixture, (blocks, 1)),
            leave=spread_evenly(keys[6], (tiles, h, size), 0.1 / math.sqrt(h)),
            leave_bias=jnp.asarray(world.tiles.bias),
        )
        return Network(reader, drawers)

    def loss(self, world: World, params: Network, batch: Any, key: Array) -> Array:
        """Negative log likelihood of a row given those before it, in nats."""
        return self._loss(world, params, batch, key, self.dropout, self.noise)

    def judge(self, world: World, params: Network, batch: Any, key: Array) -> Array:
        """The same without dropout and noise."""
        return self._loss(world, params, batch, key, 0.0, 0.0)

    def _loss(
        self, world: World, params: Network, batch: Any, key: Array, dropout: float, noise: float
    ) -> Array:
        at = batch
        keys = jax.random.split(key, 6)
        past = _past(world, at, self.memory, keys[0])
        mine = own_rows(_noisy(past, noise, keys[1]), world.column)
        seen = _noisy(_moved(past, world, OFFSET if noise else 0.0, keys[4]), noise, keys[5])
        told = params.reader(seen, world.moment[at])
        told = told * kept_units(dropout / 2, told.shape, keys[3])
        found = log_prob(
            world.tiles,
            params.drawers,
            (told, mine),
            world.options[at].T,
            world.reals[at].T,
            dropout,
            keys[2],
        )
        return jnp.negative((found * jnp.asarray(world.tiles.live)[:, None]).sum() / len(at))


def _noisy(past: Array, noise: float, key: Array) -> Array:
    """The past with noise on what is known."""
    if not noise:
        return past
    moved = past[..., :-1] + noise * jax.random.normal(key, past[..., :-1].shape, jnp.float32)
    return jnp.concatenate([moved * past[..., -1:], past[..., -1:]], axis=-1)


def _moved(past: Array, world: World, offset: float, key: Array) -> Array:
    """The past with the levels of each number moved by the same in all rows."""
    if not offset:
        return past
    by = offset * jax.random.normal(key, (len(past), 1, past.shape[2] - 1), jnp.float32)
    moved = past[..., :-1] + by * world.levels
    return jnp.concatenate([moved * past[..., -1:], past[..., -1:]], axis=-1)


def _past(world: World, at: Array, memory: int, key: Array) -> Array:
    """The rows before, some cut short, with a mark of what is known; (N, R, F + 1)."""
    first, second = jax.random.split(key)
    shape = (len(at),)
    cut = jax.random.uniform(first, shape, jnp.float32) < SHORT
    log = jax.random.uniform(second, shape, jnp.float32, 0.0, math.log(memory + 1))
    few = jnp.floor(jnp.exp(log)).astype(jnp.int32)  # each doubling as often
    start = jnp.maximum(world.first[at], at - jnp.where(cut, few, memory))
    place = at[:, None] - memory + jnp.arange(memory)
    known = (place >= start[:, None]).astype(jnp.float32)[..., None]
    rows = world.features[jnp.maximum(place, 0)]
    alone = (place == start[:, None])[..., None]
    rows = jnp.where(alone, rows * world.steady, rows)
    return jnp.concatenate([rows * known, known], axis=-1)


def own_rows(past: Array, column: Array) -> Array:
    """Features of the last two rows of each block's own number; (N, R, F + 1) -> (B, N, OWN)."""
    place = jnp.maximum(column, 0)[:, None] * 4 + jnp.arange(4)  # (B, 4)
    last, before = past[:, -1, place], past[:, -2, place]  # (N, B, 4)
    known = jnp.broadcast_to(past[:, -2, -1][:, None, None], (*last.shape[:2], 1))
    whole = jnp.concatenate([last, before, known], axis=-1).transpose(1, 0, 2)
    return whole * (column >= 0)[:, None, None]


def log_prob(
    tiles: Tiles,
    params: Drawers,
    given: tuple[Array, Array],
    options: Array,
    reals: Array,
    dropout: float,
    key: Array,
) -> Array:
    """Log density of each block given the past and the blocks before it; (B, N)."""
    told, mine = given
    block, count = jnp.asarray(tiles.block), len(options)
    place = options[block] - tiles.first[:, None]  # (T, N)
    hot = (place[:, :, None] == jnp.arange(tiles.valid.shape[1])).astype(jnp.float32)
    there = (options == tiles.real[:, None]).astype(jnp.float32)  # (B, N)
    x = sums(hot @ params.single, block, count)
    x = x + (waves(reals) * there[..., None]) @ params.smooth  # (B, N, E)
    e = x.shape[2]
    known = jnp.concatenate(
        [told.reshape(-1, HEAD * e), x.transpose(1, 0, 2).reshape(-1, count * e)], 1
    )
    mask = jnp.concatenate(
        [
            jnp.ones((HEAD, count), jnp.float32),
            (jnp.arange(count)[:, None] < jnp.arange(count)).astype(jnp.float32),
        ]
    )
    enter = params.enter * jnp.repeat(mask, e, axis=0)[..., None]
    h = known @ enter.reshape(len(enter), -1)
    h = h.reshape(len(known), count, -1).transpose(1, 0, 2) + params.enter_bias[:, None]
    h = h + mine @ params.own
    first, second = jax.random.split(key)
    h = jax.nn.silu(h) * kept_units(dropout, h.shape, first)
    h = h + jax.nn.silu(h @ params.inner + params.inner_bias[:, None])
    h = h * kept_units(dropout, h.shape, second)
    logits = h[block] @ params.leave + params.leave_bias[:, None]  # (T, N, S)
    cut = logits + jax.lax.stop_gradient(jnp.clip(logits, -CAP, CAP) - logits)
    total = sums((jnp.exp(cut) * tiles.valid[:, None]).sum(-1), block, count)
    choice = sums((cut * hot).sum(-1), block, count) - jnp.log(total)
    weight, mean, log_scale = jnp.split(
        h @ params.mixture + params.mixture_bias[:, None], 3, axis=-1
    )
    log_scale = jnp.clip(log_scale, -SCALES, SCALES)
    z = (reals[..., None] - mean) * jnp.exp(-log_scale)
    density = jax.nn.logsumexp(jax.nn.log_softmax(weight) - 0.5 * z * z - log_scale, axis=-1)
    found: Array = choice + there * (density - jnp.float32(0.5 * math.log(2 * math.pi)))
    return found
