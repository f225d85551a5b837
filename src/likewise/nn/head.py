"""The head for the mixed view: one likelihood and one draw for choices and reals together.

Shapes: B rows, C blocks, W options of all blocks, R reals, M parts of a mixture.
"""

import math

import jax
import jax.numpy as jnp

from likewise.nn import segments
from likewise.nn.mixed import Geometry
from likewise.nn.module import module, seen

Array = jax.Array

SMALLEST = -7.0  # log of the smallest scale of a part, so that no density can run away

seen(Geometry)


@module
class Parts:
    """What a network says about a row: a distribution for every block and real.

    Attributes:
        logits: (B, W) of the options.
        weight: (B, R, M) log weights of a Gaussian mixture, up to a constant.
        mean: (B, R, M) its means.
        log_scale: (B, R, M) logs of its standard deviations.
    """

    logits: Array
    weight: Array
    mean: Array
    log_scale: Array


def outputs(geometry: Geometry, mixtures: int = 1) -> int:
    """Numbers that a network must give for ``parts``."""
    return geometry.options.width + 3 * mixtures * geometry.reals


def parts(geometry: Geometry, x: Array, mixtures: int = 1) -> Parts:
    """A network's outputs (B, ``outputs``) as distributions."""
    width = geometry.options.width
    mixture = x[:, width:].reshape(len(x), 3, geometry.reals, mixtures)
    log_scale = jnp.maximum(mixture[:, 2], jnp.float32(SMALLEST))
    return Parts(x[:, :width], mixture[:, 0], mixture[:, 1], log_scale)


def present(geometry: Geometry, options: Array) -> Array:
    """Whether each real is there under these options, as 0 or 1; (B, C) -> (B, R)."""
    chosen = options[:, jnp.asarray(geometry.block)]
    return (chosen == geometry.option).astype(jnp.float32) * geometry.live


def log_prob(geometry: Geometry, parts: Parts, options: Array, reals: Array) -> tuple[Array, Array]:
    """Log likelihood by block (B, C) and by real (B, R); 0 for padding and absent reals."""
    choice = segments.log_prob(geometry.options, parts.logits, options)
    z = (reals[:, :, None] - parts.mean) * jnp.exp(-parts.log_scale)
    density = -0.5 * z * z - parts.log_scale - jnp.float32(0.5 * math.log(2 * math.pi))
    mixed = jax.nn.logsumexp(jax.nn.log_softmax(parts.weight) + density, axis=-1)
    return choice, mixed * present(geometry, options)


def draw(geometry: Geometry, parts: Parts, key: Array) -> tuple[Array, Array]:
    """Options (B, C) int32 and reals (B, R), 0 where absent: a row from each distribution."""
    first, second, third = jax.random.split(key, 3)
    rows = len(parts.logits)
    uniform = jax.random.uniform(first, (rows, geometry.options.count), jnp.float32)
    probs = segments.softmax(geometry.options, parts.logits)
    options = segments.draw(geometry.options, probs, uniform)
    below = jnp.cumsum(jax.nn.softmax(parts.weight), axis=-1)[..., :-1]  # (B, R, M - 1)
    which = jax.random.uniform(second, (rows, geometry.reals, 1), jnp.float32)
    part = (below <= which).sum(-1, keepdims=True, dtype=jnp.int32)
    mean, log_scale = (
        jnp.take_along_axis(x, part, axis=-1)[..., 0] for x in (parts.mean, parts.log_scale)
    )
    noise = jax.random.normal(third, (rows, geometry.reals), jnp.float32)
    reals = mean + jnp.exp(log_scale) * noise
    return options, reals * present(geometry, options)


def flat(geometry: Geometry, options: Array, reals: Array) -> Array:
    """A row as one vector: ones at the options, then the reals; -> (B, W + R)."""
    chosen = segments.one_hot(geometry.options, options) * geometry.options.valid
    return jnp.concatenate([chosen, reals * present(geometry, options)], axis=1)
