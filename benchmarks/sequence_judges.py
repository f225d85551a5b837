"""The judges of the published protocol for windows of series: two small recurrent networks.

As in Yoon, Jarrett and van der Schaar, "Time-series generative adversarial networks", NeurIPS 2019,
and the papers after it: windows of 24 rows, every column scaled to 0 to 1 by its real extremes; a
one-layer GRU of int(columns / 2) units, Adam at 1e-3, 128 windows of a side a step.

* discriminative: 2,000 steps, a random 80 % of the windows of either side to learn from, the rest
  to test; |accuracy - 0.5|, 0 is best.
* predictive: 5,000 steps on synthetic windows to tell the last column of the next row from the
  other columns so far; mean absolute error on real windows.
"""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import optax

STEPS, FORECAST_STEPS, BATCH, RATE = 2_000, 5_000, 128, 1e-3


def scaled(real: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Windows (N, L, C) in units of the real range."""
    low, high = real.min((0, 1)), real.max((0, 1))
    return ((other - low) / (high - low + 1e-7)).astype(np.float32)


def discriminative(real: np.ndarray, fake: np.ndarray, seed: int) -> float:
    """|accuracy - 0.5| of the classifier on windows it has not seen."""
    rng = np.random.default_rng(seed)
    count = min(len(real), len(fake))
    sides = [scaled(real, x)[rng.permutation(len(x))[:count]] for x in (real, fake)]
    cut = int(0.8 * count)
    hidden = max(real.shape[2] // 2, 1)
    params = _detector(jax.random.key(seed), sides[0][:cut], sides[1][:cut], hidden)
    right = [np.asarray(_last(params, x[cut:])) for x in sides]
    accuracy = ((right[0] > 0).mean() + (right[1] <= 0).mean()) / 2
    return float(abs(accuracy - 0.5))


def predictive(real: np.ndarray, fake: np.ndarray, seed: int) -> float:
    """Mean absolute error on real windows of a forecaster that learned from synthetic ones."""
    hidden = max(real.shape[2] // 2, 1)
    params = _forecaster(jax.random.key(seed), scaled(real, fake), hidden)
    x = scaled(real, real)
    told = np.concatenate(
        [np.asarray(_each(params, x[i : i + 4_096, :-1, :-1])) for i in range(0, len(x), 4_096)]
    )
    return float(np.abs(told - x[:, 1:, -1]).mean())


def _fresh(key: jax.Array, inputs: int, hidden: int) -> dict[str, jax.Array]:
    keys = jax.random.split(key, 5)

    def even(k: jax.Array, a: int, b: int) -> jax.Array:
        return jax.random.uniform(k, (a, b), minval=-1, maxval=1) * np.sqrt(6 / (a + b))

    return {
        "gates_x": even(keys[0], inputs, 2 * hidden),
        "gates_h": even(keys[1], hidden, 2 * hidden),
        "gates": jnp.ones(2 * hidden),
        "new_x": even(keys[2], inputs, hidden),
        "new_h": even(keys[3], hidden, hidden),
        "new": jnp.zeros(hidden),
        "out": even(keys[4], hidden, 1)[:, 0],
        "bias": jnp.zeros(()),
    }


def _cell(p: dict, h: jax.Array, x: jax.Array) -> jax.Array:
    keep, reset = jnp.split(
        jax.nn.sigmoid(x @ p["gates_x"] + h @ p["gates_h"] + p["gates"]), 2, axis=-1
    )
    return (1 - keep) * jnp.tanh(x @ p["new_x"] + p["new"] + (reset * h) @ p["new_h"]) + keep * h


def _states(p: dict, x: jax.Array) -> jax.Array:
    start = jnp.zeros((len(x), p["new_h"].shape[0]))

    def step(h: jax.Array, row: jax.Array) -> tuple[jax.Array, jax.Array]:
        h = _cell(p, h, row)
        return h, h

    return jax.lax.scan(step, start, x.transpose(1, 0, 2))[1]  # (L, N, H)


@jax.jit
def _last(p: dict, x: jax.Array) -> jax.Array:
    return _states(p, x)[-1] @ p["out"] + p["bias"]


@jax.jit
def _each(p: dict, x: jax.Array) -> jax.Array:
    return jax.nn.sigmoid(_states(p, x) @ p["out"] + p["bias"]).T


@functools.partial(jax.jit, static_argnames="hidden")
def _detector(key: jax.Array, real: jax.Array, fake: jax.Array, hidden: int) -> dict:
    def loss(p: dict, a: jax.Array, b: jax.Array) -> jax.Array:
        return jax.nn.softplus(-_last(p, a)).mean() + jax.nn.softplus(_last(p, b)).mean()

    def batch(key: jax.Array) -> tuple[jax.Array, jax.Array]:
        one, two = jax.random.split(key)
        return tuple(
            x[jax.random.randint(k, (BATCH,), 0, len(x))] for k, x in ((one, real), (two, fake))
        )

    return _learned(key, _fresh(key, real.shape[2], hidden), loss, batch, STEPS)


@functools.partial(jax.jit, static_argnames="hidden")
def _forecaster(key: jax.Array, fake: jax.Array, hidden: int) -> dict:
    def loss(p: dict, x: jax.Array) -> jax.Array:
        return jnp.abs(_each(p, x[:, :-1, :-1]) - x[:, 1:, -1]).mean()

    def batch(key: jax.Array) -> tuple[jax.Array]:
        return (fake[jax.random.randint(key, (BATCH,), 0, len(fake))],)

    return _learned(key, _fresh(key, fake.shape[2] - 1, hidden), loss, batch, FORECAST_STEPS)


def _learned(key, params, loss, batch, steps: int):  # noqa: ANN001, ANN202
    adam = optax.adam(RATE)

    def step(carry, key):  # noqa: ANN001, ANN202
        params, state = carry
        slope = jax.grad(loss)(params, *batch(key))
        moved, state = adam.update(slope, state, params)
        return (optax.apply_updates(params, moved), state), None

    (params, _), _ = jax.lax.scan(step, (params, adam.init(params)), jax.random.split(key, steps))
    return params
