"""The two networks of diffusion: which options a row takes, then its numbers given the options.

Shapes: B rows, C blocks, W options of all blocks, R reals, D width of the networks; see
``likewise.nn.mixed``. Known is 1 where a network may look, 0 where it has to find out.
"""

import math
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp

from likewise.nn import head, segments
from likewise.nn.layers import Dense, Embedding, LayerNorm, ResidualBlock, time_features
from likewise.nn.mixed import Geometry
from likewise.nn.module import module
from likewise.nn.optimise import Adam, LossLearner
from likewise.nn.weights import Weights

Array = jax.Array

BARE = 0.5  # share of rows that are learned without given values
LOG_NOISE, LOG_NOISE_SPREAD = -0.8, 0.9  # of noise to signal as it is learned, logistic
LEAST = 1e-3  # noise to signal that the network can tell from none
TIMES = 32  # features of the noise level
WAVES = (0.5, 1.0, 2.0, 4.0)  # features of a real: radians by standard deviation


@module
class Trunk:
    """Residual layers on the sum of what is known of options, reals and the noise."""

    choices: Embedding
    numbers: Dense
    time: Dense
    blocks: tuple[ResidualBlock, ...]
    norm: LayerNorm
    leave: Dense

    @classmethod
    def init(
        cls, key: Array, geometry: Geometry, outputs: int, *, width: int, depth: int
    ) -> "Trunk":
        """``depth`` residual blocks of ``width``."""
        one, two, three, four, *inner = jax.random.split(key, depth + 4)
        features = geometry.reals * (2 + 2 * len(WAVES))
        return cls(
            Embedding.init(one, geometry.options.width, width, 4.0),
            Dense.init(two, features, width),
            Dense.init(three, TIMES, width),
            tuple(ResidualBlock.init(k, width, width) for k in inner),
            LayerNorm.init(width),
            Dense.init(four, width, outputs, 0.1),
        )

    def __call__(
        self,
        geometry: Geometry,
        options: tuple[Array, Array],
        reals: tuple[Array, Array],
        time: Array | None = None,
    ) -> Array:
        """Options (B, C) and reals (B, R), each with what is known of it, and (B,) times."""
        values, known = reals
        waves = [wave(rate * values) for rate in WAVES for wave in (jnp.sin, jnp.cos)]
        seen = jnp.concatenate([values, known, *waves], axis=1)
        codes, certain = options
        places = jnp.asarray(geometry.options.offset) + codes
        x = self.choices.total(places, certain) + self.numbers(seen)
        extra = None if time is None else self.time(time_features(time, TIMES, 100.0))
        for block in self.blocks:
            x = block(x, extra)
        return self.leave(self.norm(x))


def given_subset(key: Array, geometry: Geometry, rows: int) -> tuple[Array, Array]:
    """Blocks (B, C) and reals (B, R) given: none in half the rows, else a random share of them."""
    first, second, third = jax.random.split(key, 3)
    share = jax.random.uniform(first, (rows, 1), jnp.float32)
    bare = jax.random.uniform(second, (rows, 1), jnp.float32) < BARE
    lot = jax.random.uniform(third, (rows, geometry.options.count), jnp.float32)
    blocks = jnp.where(bare, 0.0, lot < share)
    return blocks, blocks[:, jnp.asarray(geometry.block)]


def evenly(key: Array, rows: int) -> Array:
    """Uniform numbers in (0, 1), one in each of ``rows`` equal parts of the interval; (B,)."""
    offset = jax.random.uniform(key, (rows,), jnp.float32, 0.001, 0.999)
    return (jnp.arange(rows, dtype=jnp.float32) + offset) / rows


@dataclass(frozen=True)
class Options(LossLearner):
    """Masked diffusion: any subset of blocks is hidden, and learned from the others.

    The loss is the likelihood of the options in a random order, an upper bound of their entropy.
    Papers: Austin et al., "Structured denoising diffusion models in discrete state-spaces",
    NeurIPS 2021; Sahoo et al., "Simple and effective masked diffusion language models", NeurIPS
    2024; Uria, Murray and Larochelle, "A deep and tractable density estimator", ICML 2014.
    """

    width: int = 256
    depth: int = 3

    def network(self, world: Geometry, key: Array) -> Trunk:
        """Fresh parameters."""
        outputs = world.options.width
        return Trunk.init(key, world, outputs, width=self.width, depth=self.depth)

    def loss(self, world: Geometry, params: Trunk, batch: Any, key: Array) -> Array:
        """Negative log likelihood by block."""
        options, reals = batch
        first, second, third = jax.random.split(key, 3)
        live = jnp.asarray(world.options.live * (world.options.size > 1))
        count = jnp.maximum(live.sum(), 1.0)
        hidden = jnp.ceil(evenly(first, len(options)) * count)[:, None]  # 1 to C of them
        lot = jax.random.uniform(second, options.shape, jnp.float32) + 2 * (1 - live)
        last = jnp.take_along_axis(jnp.sort(lot, axis=1), hidden.astype(jnp.int32) - 1, axis=1)
        known = (lot > last).astype(jnp.float32)
        _, given = given_subset(third, world, len(options))
        given = given * known[:, jnp.asarray(world.block)] * head.present(world, options)
        logits = params(world, (options, known), (reals * given, given))
        found = segments.log_prob(world.options, logits, options) * (1 - known)
        loss: Array = -(found / hidden).sum(axis=1).mean()
        return loss


@dataclass(frozen=True)
class Reals(LossLearner):
    """Flow from noise to reals along an arc, given all options and any subset of clean reals.

    At the angle a, a row is cos(a) x + sin(a) z for its reals x and standard normal z; the network
    learns the mean velocity cos(a) z - sin(a) x. Reals have standard normal margins, so that the
    velocity would be 0 if they were independent, and margins come out right with few steps.
    Papers: Lipman et al., "Flow matching for generative modeling", ICLR 2023; Albergo and
    Vanden-Eijnden, "Building normalizing flows with stochastic interpolants", ICLR 2023 (the arc);
    Karras et al., NeurIPS 2022 (noise levels, and preconditioning, which the arc contains).
    """

    width: int = 256
    depth: int = 3

    def network(self, world: Geometry, key: Array) -> Trunk:
        """Fresh parameters."""
        return Trunk.init(key, world, world.reals, width=self.width, depth=self.depth)

    def loss(self, world: Geometry, params: Trunk, batch: Any, key: Array) -> Array:
        """Squared error of the velocity; 1 is what ignorance gives."""
        options, reals = batch
        first, second, third = jax.random.split(key, 3)
        present = head.present(world, options)
        _, given = given_subset(first, world, len(options))
        sought = present * (1 - given)
        level = evenly(second, len(options))
        level = LOG_NOISE + LOG_NOISE_SPREAD * (jnp.log(level) - jnp.log(1 - level))
        angle = jnp.arctan(jnp.exp(level))
        noise = jax.random.normal(third, reals.shape, jnp.float32)
        near, far = jnp.cos(angle)[:, None], jnp.sin(angle)[:, None]
        said = velocity(world, params, options, near * reals + far * noise, (reals, given), angle)
        wrong = (said - (near * noise - far * reals)) ** 2
        loss: Array = (wrong * sought).sum() / jnp.maximum(sought.sum(), 1.0)
        return loss


def velocity(
    world: Geometry,
    params: Trunk,
    options: Array,
    noisy: Array,
    clean: tuple[Array, Array],
    angle: Array,
) -> Array:
    """The mean velocity of noisy reals (B, R) at angles (B,), given options and clean reals."""
    present = head.present(world, options)
    reals, given = clean
    known = given * present
    seen = jnp.where(known > 0, reals, noisy) * present
    tangent = jnp.sin(angle) / jnp.maximum(jnp.cos(angle), LEAST)
    time = jnp.log(tangent / LEAST) / (2 * math.log(1 / LEAST))  # within [0, 1] or a little below
    everything = options, jnp.ones(options.shape, jnp.float32)
    return params(world, everything, (seen, known), jnp.maximum(time, 0.0))


def filled(part: str, world: Geometry, width: int, depth: int, weights: Weights) -> Trunk:
    """The network of ``part`` that these weights belong to."""
    learner = PARTS[part](Adam(), width, depth)
    shapes: Trunk = jax.eval_shape(learner.network, world, jax.random.key(0))
    return weights.like(shapes)


PARTS: dict[str, type[Options] | type[Reals]] = {"options": Options, "reals": Reals}
