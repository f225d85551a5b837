"""Correlated normals given that some of them lie at points or inside intervals.

Shapes: n rows, L variables, D of them confined, R intervals.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

Array = np.ndarray

SWEEPS = 12  # Gibbs sweeps, fewer when many variables are confined in many rows
OPERATIONS = 4e10
FARTHEST = 8.2  # standard deviations at which a given point is cut off


@dataclass(frozen=True)
class Bounds:
    """Where one variable may lie: between ends of its own in each row, or in shared intervals.

    Attributes:
        low: (n,) lower ends; equal to ``high`` where the value itself is given. Empty if shared.
        high: (n,) upper ends, likewise.
        shared: (R, 2) disjoint intervals in which all rows may lie; empty if each row has its own.
    """

    low: Array
    high: Array
    shared: Array

    @property
    def point(self) -> bool:
        """Whether the value itself is given in every row."""
        return len(self.shared) == 0 and bool((self.low == self.high).all())


def conditional_draw(
    correlation: Array, bounds: dict[int, Bounds], rows: int, rng: np.random.Generator
) -> Array:
    """Draw all L variables given the bounds; (n, L).

    Given points enter exactly, by the conditional normal distribution. One confined variable is a
    truncated normal, exactly. Several start from sequential truncated draws (the GHK simulator) and
    are then improved by Gibbs sweeps; all others follow from them exactly.
    Papers: Geweke, "Efficient simulation from the multivariate normal subject to linear
    constraints", 1991; Hajivassiliou and McFadden, "The method of simulated scores", 1998 (GHK).
    Cost: O(L^3 + n L^2 + sweeps n D^2).
    """
    width = len(correlation)
    points = [j for j, bound in bounds.items() if bound.point]
    confined = [j for j in bounds if j not in set(points)]
    z = np.zeros((rows, width))
    for j in points:
        z[:, j] = np.clip(bounds[j].low, -FARTHEST, FARTHEST)
    if confined:
        mean, cover = _given(correlation, points, confined, z)
        boxes = [bounds[j] for j in confined]
        z[:, confined] = _truncated(mean, cover, boxes, rng)
    known = points + confined
    rest = [j for j in range(width) if j not in bounds]
    if rest:
        mean, cover = _given(correlation, known, rest, z)
        root = np.linalg.cholesky(cover)
        z[:, rest] = mean + rng.standard_normal((rows, len(rest))) @ root.T
    return z


def _given(
    correlation: Array, known: list[int], wanted: list[int], z: Array
) -> tuple[Array, Array]:
    """Mean (n, W) and covariance (W, W) of the wanted variables given the known ones."""
    own = correlation[np.ix_(wanted, wanted)]
    if not known:
        return np.zeros((len(z), len(wanted))), own
    across = correlation[np.ix_(known, wanted)]
    weights = np.linalg.solve(correlation[np.ix_(known, known)], across)  # (known, W)
    cover = own - across.T @ weights
    cover = (cover + cover.T) / 2 + 1e-9 * np.eye(len(wanted))
    return z[:, known] @ weights, cover


def _truncated(mean: Array, cover: Array, boxes: list[Bounds], rng: np.random.Generator) -> Array:
    """Draw D confined variables with these means and covariance; (n, D)."""
    rows, width = mean.shape
    root = np.linalg.cholesky(cover)
    noise = np.zeros((rows, width))
    z = np.zeros((rows, width))
    for d in range(width):
        middle = mean[:, d] + noise[:, :d] @ root[d, :d]
        z[:, d] = _inside(middle, root[d, d], boxes[d], rng)
        noise[:, d] = (z[:, d] - middle) / root[d, d]
    if width == 1:
        return z
    precision = np.linalg.inv(cover)
    sweeps = int(np.clip(OPERATIONS // max(rows * width * width, 1), 1, SWEEPS))
    for _ in range(sweeps):
        for d in range(width):
            own = precision[d, d]
            pull = (z - mean) @ precision[d] - own * (z[:, d] - mean[:, d])
            z[:, d] = _inside(mean[:, d] - pull / own, own**-0.5, boxes[d], rng)
    return z


def _inside(mean: Array, spread: float, box: Bounds, rng: np.random.Generator) -> Array:
    """Normals of these means (n,) and one standard deviation, inside their bounds; (n,)."""
    low, high = box.low, box.high
    if len(box.shared) == 1:
        low, high = box.shared[:, 0], box.shared[:, 1]
    elif len(box.shared) > 1:
        ends = (box.shared[None] - mean[:, None, None]) / spread  # (n, R, 2)
        mass = np.cumsum(_mass(ends[..., 0], ends[..., 1]), axis=1)  # (n, R)
        drawn = rng.random(len(mean)) * mass[:, -1]
        which = np.minimum((mass <= drawn[:, None]).sum(axis=1), len(box.shared) - 1)
        low, high = box.shared[which, 0], box.shared[which, 1]
    a, b = (low - mean) / spread, (high - mean) / spread
    flip = a > 0  # work in the lower tail, where probabilities keep their digits
    a, b = np.where(flip, -b, a), np.where(flip, -a, b)
    below = ndtr(a)
    x = ndtri(below + rng.random(len(mean)) * (ndtr(b) - below))
    x = np.clip(np.nan_to_num(x, neginf=-40, posinf=40), a, b)
    return np.asarray(np.clip(mean + spread * np.where(flip, -x, x), low, high))


def _mass(low: Array, high: Array) -> Array:
    """Normal probability of intervals, at least the smallest positive number."""
    flip = low > 0
    low, high = np.where(flip, -high, low), np.where(flip, -low, high)
    return np.asarray(np.maximum(ndtr(high) - ndtr(low), 1e-300))
