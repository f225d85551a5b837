"""How many steps fit a budget of seconds, judged by what a step computes, not by the clock.

So the same budget gives the same model on any machine; a slow one takes longer, a fast one less.
"""

import functools
from typing import Any

import jax

from likewise.nn.learner import Learner

FLOPS = 80e9  # a second on one core, in networks of the sizes used here; measured
BYTES = 100e9  # a second of what every operation reads and writes; measured


def planned_steps(
    learner: Learner,
    world: Any,
    data: Any,
    *,
    batch: int,
    seconds: float,
    least: int,
    most: int,
) -> int:
    """Steps that take about ``seconds`` on one core, at least ``least`` and at most ``most``."""
    return int(min(max(seconds / step_seconds(learner, world, data, batch), least), most))


def step_seconds(learner: Learner, world: Any, data: Any, batch: int) -> float:
    """Expected seconds of a step on one core; about 0.3 s to find out, once for each shape."""
    dtype = jax.dtypes.canonicalize_dtype  # what becomes of doubles on the device
    rows = jax.tree.map(lambda x: jax.ShapeDtypeStruct((batch, *x.shape[1:]), dtype(x.dtype)), data)
    shapes = jax.tree.map(lambda x: jax.ShapeDtypeStruct(x.shape, dtype(x.dtype)), world)
    leaves, form = jax.tree.flatten((shapes, rows))
    return _cost(learner, tuple(leaves), form)


@functools.lru_cache(maxsize=64)
def _cost(learner: Learner, leaves: tuple[Any, ...], form: Any) -> float:
    world, rows = jax.tree.unflatten(form, leaves)
    key = jax.eval_shape(lambda: jax.random.key(0))
    at = jax.ShapeDtypeStruct((), "float32")
    state = jax.eval_shape(learner.init, world, key)
    cost = jax.jit(learner.step).lower(world, state, rows, at, key).cost_analysis() or {}
    return float(cost.get("flops", 0.0) / FLOPS + cost.get("bytes accessed", 0.0) / BYTES + 1e-4)
