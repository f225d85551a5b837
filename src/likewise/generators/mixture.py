"""Gaussian mixtures, one for each row: draws, and draws from a few intervals only.

Shapes: N rows, M parts, R intervals.
"""

import numpy as np
from scipy.special import ndtr, ndtri

from likewise.generators.compiled import compiled

Array = np.ndarray
Rng = np.random.Generator

LEAST = 1e-30  # of probability: below it nothing is known of where in the intervals a value lies


def split(x: Array, bound: float) -> tuple[Array, Array, Array]:
    """Log weights, means and scales from a network's outputs; (N, 3 M) -> three of (N, M).

    ``bound`` is the largest log of a scale, either way.
    """
    weight, mean, log_scale = np.split(x, 3, axis=1)
    return weight, mean, np.exp(np.clip(log_scale, -bound, bound))


def shares(weight: Array) -> Array:
    """Weights that sum to 1 from logs; (N, M)."""
    mass = np.exp(weight - weight.max(axis=1, keepdims=True))
    return np.asarray(mass / mass.sum(axis=1, keepdims=True))


@compiled
def pick(mass: Array, uniform: Array) -> Array:
    """A column of each row with a chance in proportion to its mass; (N, K), (N,) -> (N,).

    One without mass is never picked, however the sums are rounded.
    """
    found = np.zeros(mass.shape[0], dtype=np.int64)
    for i in range(mass.shape[0]):
        aim = uniform[i] * mass[i].sum()
        running = mass.dtype.type(0)
        for k in range(mass.shape[1]):
            if mass[i, k] > 0:
                found[i] = k
                running += mass[i, k]
                if running > aim:
                    break
    return found


def draw(weight: Array, mean: Array, scale: Array, rng: Rng) -> Array:
    """One value for each row; (N,)."""
    row = np.arange(len(weight))
    part = pick(shares(weight), rng.random(len(row), dtype=np.float32))
    noise = rng.standard_normal(len(row), dtype=np.float32)
    return np.asarray(mean[row, part] + scale[row, part] * noise)


def log_density(weight: Array, mean: Array, scale: Array, z: Array) -> Array:
    """Log density at z; (N,)."""
    away = (z[:, None] - mean) / scale
    density = np.exp(-0.5 * away**2) / (scale * np.sqrt(2 * np.pi))
    return np.asarray(np.log(np.maximum((shares(weight) * density).sum(axis=1), LEAST)))


def masses(weight: Array, mean: Array, scale: Array, low: Array, high: Array) -> Array:
    """Probability of each interval under each part, weighted; (N, M), (R,) ends -> (N, M, R)."""
    below, above = (
        (end - mean[:, :, None].astype(float)) / scale[:, :, None] for end in (low, high)
    )
    swap = below > 0  # in the upper tail differences of small numbers, not of ones
    below, above = np.where(swap, -above, below), np.where(swap, -below, above)
    return np.asarray(shares(weight.astype(float))[:, :, None] * (ndtr(above) - ndtr(below)))


def draw_within(
    weight: Array, mean: Array, scale: Array, low: Array, high: Array, rng: Rng
) -> Array:
    """One value for each row inside the union of (R,) intervals; (N,)."""
    found = masses(weight, mean, scale, low, high)
    count, _, intervals = found.shape
    mass: Array = found.reshape(count, -1)
    lost = mass.sum(axis=1) < LEAST
    mass[lost] = np.tile(ndtr(high) - ndtr(low) + LEAST, found.shape[1])
    at = pick(mass, np.asarray(rng.random(count)))
    part, inside, row = at // intervals, at % intervals, np.arange(count)
    centre, spread = mean[row, part].astype(float), scale[row, part].astype(float)
    centre[lost], spread[lost] = 0.0, 1.0
    below, above = (low[inside] - centre) / spread, (high[inside] - centre) / spread
    flip = below > 0
    below, above = np.where(flip, -above, below), np.where(flip, -below, above)
    p, q = ndtr(below), ndtr(above)
    z = ndtri(np.clip(p + rng.random(count) * (q - p), 1e-300, 1 - 1e-16))
    return np.asarray(np.clip(centre + spread * np.where(flip, -z, z), low[inside], high[inside]))
