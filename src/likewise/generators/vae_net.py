"""The networks of the variational autoencoder: encoder, decoder, and the bound they are taught by.

Shapes: B rows, C blocks, R reals, D latent dimensions, M parts of a real's density.
"""

import functools
from dataclasses import dataclass

import jax
import jax.numpy as jnp

from likewise.nn import head, segments
from likewise.nn.layers import Dense, Embedding, ResidualMLP
from likewise.nn.mixed import Geometry
from likewise.nn.module import module
from likewise.nn.optimise import LossLearner
from likewise.nn.runtime import compiling

Array = jax.Array
Pair = tuple[Array, Array]

FIRST = 0.3  # gain of the last layers: clouds begin near the origin, rows near any row
SMALLEST, LARGEST = -8.0, 4.0  # logs of deviations of latents, so that no step runs away


@module
class Networks:
    """Encoder and decoder."""

    labels: Embedding
    reals: Dense
    encoder: ResidualMLP
    decoder: ResidualMLP

    def encode(self, geometry: Geometry, options: Array, reals: Array) -> Pair:
        """Mean and log deviation of the latents of rows; (B, C), (B, R) -> (B, D) each."""
        x = self.labels.total(options + jnp.asarray(geometry.options.offset))
        x = x + self.reals(reals * head.present(geometry, options))
        mean, log_scale = jnp.split(self.encoder(x), 2, axis=-1)
        return mean, jnp.clip(log_scale, SMALLEST, LARGEST)

    def decode(self, geometry: Geometry, z: Array, mixtures: int) -> head.Parts:
        """What rows are like given their latents; (B, D)."""
        return head.parts(geometry, self.decoder(z), mixtures)


@dataclass(frozen=True)
class Autoencoder(LossLearner):
    """Learns to tell rows by few numbers; the loss is a bound on their negative log likelihood.

    Attributes:
        latent: dimensions D.
        width: of both networks.
        depth: residual blocks of each.
        mixtures: Gaussian parts M of the density of a real.
        beta: weight of what the latents tell, in nats; 1 gives the bound itself.
    """

    latent: int
    width: int
    depth: int
    mixtures: int
    beta: float

    def network(self, world: Geometry, key: Array) -> Networks:
        """Fresh parameters."""
        return self.of_sizes(world.options.width, world.reals, key)

    def of_sizes(self, width: int, reals: int, key: Array) -> Networks:
        """Fresh parameters for so many options and reals."""
        first, second, third, fourth = jax.random.split(key, 4)
        sizes = {"width": self.width, "depth": self.depth}
        outputs = width + 3 * self.mixtures * reals
        return Networks(
            Embedding.init(first, width, self.width),
            Dense.init(second, reals, self.width),
            ResidualMLP.init(third, self.width, 2 * self.latent, last=FIRST, **sizes),
            ResidualMLP.init(fourth, self.latent, outputs, last=FIRST, **sizes),
        )

    def loss(self, world: Geometry, params: Networks, batch: Pair, key: Array) -> Array:
        """Negative bound in nats a row."""
        mean, log_scale = params.encode(world, *batch)
        z = mean + jnp.exp(log_scale) * jax.random.normal(key, mean.shape, jnp.float32)
        choice, density = head.log_prob(world, params.decode(world, z, self.mixtures), *batch)
        told = 0.5 * (mean * mean + jnp.exp(2 * log_scale) - 1) - log_scale
        return (self.beta * told.sum(1) - choice.sum(1) - density.sum(1)).mean()


@functools.lru_cache(maxsize=64)
def form(learner: Autoencoder, width: int, reals: int) -> Networks:
    """Shapes of the networks for so many options and reals."""
    key = jax.eval_shape(lambda: jax.random.key(0))
    shapes: Networks = jax.eval_shape(lambda k: learner.of_sizes(width, reals, k), key)
    return shapes


@functools.partial(jax.jit, compiler_options=compiling())
def encoded(params: Networks, world: Geometry, options: Array, reals: Array) -> Pair:
    """Mean and deviation of the latents; (B, D) each."""
    mean, log_scale = params.encode(world, options, reals)
    return mean, jnp.exp(log_scale)


@functools.partial(jax.jit, static_argnames="mixtures", compiler_options=compiling())
def drawn(
    params: Networks, world: Geometry, z: Array, key: Array, number: Array, mixtures: int
) -> Pair:
    """A row for each latent point of a numbered batch: options (B, C) and reals (B, R)."""
    own = jax.random.fold_in(key, number)
    return head.draw(world, params.decode(world, z, mixtures), own)


@functools.partial(jax.jit, static_argnames="mixtures", compiler_options=compiling())
def decoded(params: Networks, world: Geometry, z: Array, mixtures: int) -> head.Parts:
    """The distribution of rows at each latent point, its logits and weights normalised."""
    parts = params.decode(world, z, mixtures)
    logits = segments.log_softmax(world.options, parts.logits)
    weight = jax.nn.log_softmax(parts.weight)
    return head.Parts(logits, weight, parts.mean, parts.log_scale)
