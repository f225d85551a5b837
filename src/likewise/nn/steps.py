"""The compiled parts of the training loop: the beginning, a chunk of steps, a judgement.

They are functions of the module, and learners are compared by value, so that everything that is
learned in one process by equal learners on tables of one bucket shares three programs.
"""

import functools
from typing import Any

import jax
import jax.numpy as jnp

from likewise.nn.learner import Learner, Tree
from likewise.nn.runtime import compiling

Array = jax.Array

ONCE = {"xla_backend_optimization_level": "0"}  # for what runs once: compile fast, not well


def first(learner: Learner, world: Tree, key: Array) -> tuple[Tree, Tree]:
    """The first state and the kept part of it."""
    state = learner.init(world, key)
    return state, learner.kept(state)


start = jax.jit(first, static_argnums=0, compiler_options=compiling() | ONCE)


@functools.partial(jax.jit, static_argnames="learner", compiler_options=compiling())
def scan(
    learner: Learner,
    world: Tree,
    data: Tree,
    carry: tuple[Tree, Tree],
    feed: tuple[Array, Array],
    key: Array,
    total: Array,
    memory: Array,
) -> tuple[Tree, Tree, dict[str, Array], Array]:
    """A chunk of steps. The old state is not donated: if Ctrl-C comes, it is what remains."""

    def one(carry: tuple[Tree, Tree], which: tuple[Array, Array]) -> tuple[Any, Any]:
        (state, average), (number, rows) = carry, which
        batch = jax.tree.map(lambda x: x[rows], data)
        own = jax.random.fold_in(key, number)
        step = number.astype(jnp.float32)
        state, metrics = learner.step(world, state, batch, step / total, own)
        weight = jnp.minimum(memory, (1 + step) / (10 + step))
        return (state, _blend(average, learner.kept(state), weight)), metrics

    (state, average), metrics = jax.lax.scan(one, carry, feed)
    means = jax.tree.map(lambda x: x.astype(jnp.float32).mean(), metrics)
    leaves = [jnp.isfinite(x).all() for x in jax.tree.leaves((average, means))]
    return state, average, means, jnp.stack(leaves).all()


@functools.partial(jax.jit, static_argnames="learner", compiler_options=compiling())
def judge(
    learner: Learner, world: Tree, data: Tree, params: Tree, rows: Array, key: Array
) -> Array:
    """The judgement of the kept parameters on these rows of the data."""
    return learner.judge(world, params, jax.tree.map(lambda x: x[rows], data), key)


def _blend(old: Tree, new: Tree, weight: Array) -> Tree:
    """Running average of what is real; the newest of what is not, such as counters."""
    return jax.tree.map(
        lambda a, b: a * weight + b * (1 - weight) if jnp.issubdtype(b.dtype, jnp.floating) else b,
        old,
        new,
    )
