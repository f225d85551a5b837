"""The networks of ``vae_series``: a window of rows told by few numbers, and told back.

Both see the row before the window, which says where numbers stand; the latents say what happens.

Papers: Desai et al., "TimeVAE", 2021; Sohn, Lee and Yan, "Learning structured output representation
using deep conditional generative models", NeurIPS 2015 (what is known goes into both networks).

Shapes: N windows of L rows, F features of a row, D latents, W width, B blocks, R reals, M parts of
a mixture.
"""

from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp

from likewise.nn import head
from likewise.nn.layers import Dense, ResidualMLP
from likewise.nn.mixed import Geometry
from likewise.nn.module import module
from likewise.nn.optimise import LossLearner

Array = jax.Array

NARROW = 16  # numbers that stand for a row before all rows meet
SPREADS = 6.0  # largest log of a latent's deviation, either way


@module
class World:
    """A whole series.

    Attributes:
        features: (rows, F) float32.
        options: (rows, B) int32.
        reals: (rows, R) float32.
        geometry: of options and reals.
    """

    features: Any
    options: Any
    reals: Any
    geometry: Geometry


@module
class Networks:
    """Encoder and decoder."""

    enter: Dense
    encoder: ResidualMLP
    decoder: ResidualMLP
    row: ResidualMLP


@dataclass(frozen=True)
class WindowAutoencoder(LossLearner):
    """Sizes and rates.

    Attributes:
        rows: L.
        latent: D.
        width: W.
        parts: M.
        beta: price of what latents tell.
    """

    rows: int
    latent: int
    width: int
    parts: int
    beta: float

    def network(self, world: World, key: Array) -> Networks:
        """Fresh parameters."""
        return networks(self, world.features.shape[1], world.geometry, key)

    def loss(self, world: World, params: Networks, batch: Any, key: Array) -> Array:
        """Negative evidence bound of a window, in nats a row."""
        at = batch[:, None] + jnp.arange(self.rows)
        known, window = world.features[batch - 1], world.features[at]
        mean, log_scale = encode(params, known, window)
        z = mean + jnp.exp(log_scale) * jax.random.normal(key, mean.shape, jnp.float32)
        told = decode(params, known, z, self.rows)
        found = head.parts(world.geometry, told, self.parts)
        options, reals = (x[at].reshape(len(told), -1) for x in (world.options, world.reals))
        choice, real = head.log_prob(world.geometry, found, options, reals)
        price = (jnp.exp(2 * log_scale) + mean * mean - 1 - 2 * log_scale).sum(-1).mean() / 2
        bound = (choice.sum() + real.sum()) / len(batch) - self.beta * price
        return jnp.negative(bound) / self.rows


def networks(learner: WindowAutoencoder, features: int, geometry: Geometry, key: Array) -> Networks:
    """Fresh parameters for rows of so many features."""
    keys = jax.random.split(key, 4)
    rows, width = learner.rows, learner.width
    out = head.outputs(geometry, learner.parts)
    return Networks(
        Dense.init(keys[0], features, NARROW),
        ResidualMLP.init(
            keys[1], rows * NARROW + features, 2 * learner.latent, width=width, depth=2
        ),
        ResidualMLP.init(
            keys[2], learner.latent + features, rows * 2 * NARROW, width=width, depth=2
        ),
        ResidualMLP.init(keys[3], 2 * NARROW, out, width=2 * NARROW, depth=1, last=0.1),
    )


def encode(params: Networks, known: Array, window: Array) -> tuple[Array, Array]:
    """Mean and log deviation of latents; (N, F), (N, L, F) -> (N, D) each."""
    rows = jax.nn.silu(params.enter(window)).reshape(len(window), -1)
    mean, log_scale = jnp.split(params.encoder(jnp.concatenate([rows, known], axis=1)), 2, axis=-1)
    return mean, jnp.clip(log_scale, -SPREADS, SPREADS)


def decode(params: Networks, known: Array, z: Array, rows: int) -> Array:
    """What a network says of each row; (N, F), (N, D) -> (N L, outputs)."""
    flat = params.decoder(jnp.concatenate([z, known], axis=1))
    out: Array = params.row(flat.reshape(len(z) * rows, -1))
    return out


@partial(jax.jit, static_argnames="learner")
def drawn(
    learner: WindowAutoencoder,
    params: Networks,
    geometry: Geometry,
    known: Array,
    z: Array,
    key: Array,
) -> tuple[Array, Array]:
    """Rows from latents: options (N L, B) and reals (N L, R)."""
    told = decode(params, known, z, learner.rows)
    return head.draw(geometry, head.parts(geometry, told, learner.parts), key)


@jax.jit
def encoded(params: Networks, known: Array, window: Array) -> tuple[Array, Array]:
    """As ``encode``."""
    return encode(params, known, window)


def form(learner: WindowAutoencoder, features: int, geometry: Geometry) -> Any:
    """The parameters as shapes."""
    make = partial(networks, learner, features, geometry)
    return jax.eval_shape(make, jax.random.key(0))
