"""How the two networks of diffusion draw rows: options by unmasking, reals by denoising.

Shapes: B rows, C blocks, W options of all blocks, R reals.
"""

import functools
import math
from typing import Any

import jax
import jax.numpy as jnp

from likewise.generators.diffusion_net import Trunk, velocity
from likewise.nn import segments
from likewise.nn.mixed import Geometry
from likewise.nn.runtime import compiling

Array = jax.Array

FINER = 2.0  # how much shorter steps become towards the end
SMALL = 1e-9  # probability of a level that is allowed, at least


@functools.partial(jax.jit, compiler_options=compiling())
def draw_options(
    world: Geometry,
    params: Trunk,
    options: Array,
    reals: tuple[Array, Array],
    allowed: Array,
    turn: Array,
    uniform: Array,
    steps: Array,
) -> tuple[Array, Array]:
    """Options drawn step by step, and the log of how likely the allowed ones were.

    Args:
        world: the geometry.
        params: of ``Options``.
        options: (B, C), right where known.
        reals: values and given (B, R).
        allowed: (W,), options that may be drawn.
        turn: (B, C) int32, the step in which each option is drawn; below 0 where it is known.
            Options of one step are drawn as if independent.
        uniform: (B, C) in [0, 1).
        steps: network evaluations.

    Returns:
        Options (B, C) and log weights (B,).
    """
    bounded = segments.block_sums(world.options, (1 - allowed)[None] * world.options.valid) > 0

    def step(s: Array, state: tuple[Array, Array]) -> tuple[Array, Array]:
        options, weight = state
        now = (turn < s).astype(jnp.float32)
        logits = params(world, (options, now), reals)
        probs = (segments.softmax(world.options, logits) + SMALL) * allowed * world.options.valid
        total = segments.block_sums(world.options, probs)
        drawn = segments.draw(world.options, probs / segments.spread(world.options, total), uniform)
        here = turn == s
        weight = weight + jnp.where(here & bounded, jnp.log(total), 0.0).sum(axis=1)
        return jnp.where(here, drawn, options), weight

    begin = options, jnp.zeros(len(options), jnp.float32)
    found: tuple[Array, Array] = jax.lax.fori_loop(0, steps, step, begin)
    return found


@functools.partial(jax.jit, compiler_options=compiling())
def draw_reals(
    world: Geometry,
    params: Trunk,
    options: Array,
    clean: tuple[Array, Array],
    noise: Array,
    angles: Array,
) -> Array:
    """Reals (B, R) from standard normal ``noise``, given options and some clean reals.

    ``angles`` (S + 1,) fall to 0; one evaluation a step, of second order from the second step on
    (Adams and Bashforth's method with steps of any length).
    """

    def step(carry: tuple[Array, Array, Array], pair: Array) -> tuple[Any, None]:
        noisy, before, last = carry
        angle, length = pair
        now = velocity(world, params, options, noisy, clean, jnp.full(len(options), angle))
        mean = now + (now - before) * (length / last / 2)
        return (noisy - length * mean, now, length), None

    pairs = jnp.stack([angles[:-1], angles[:-1] - angles[1:]], axis=1)
    begin = noise, jnp.zeros_like(noise), jnp.float32(jnp.inf)  # the first step is of first order
    (found, _, _), _ = jax.lax.scan(step, begin, pairs)
    reals, given = clean
    return jnp.where(given > 0, reals, found)


def angles(steps: int) -> Array:
    """Falling angles from a right one to none, finer towards none; (steps + 1,) float32."""
    rest = jnp.linspace(1.0, 0.0, steps + 1, dtype=jnp.float32)
    falling: Array = jnp.float32(math.pi / 2) * rest**FINER
    return falling
