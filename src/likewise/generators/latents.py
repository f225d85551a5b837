"""Levels as intervals of latent normal variables, and what rows tell about them.

Shapes: N rows, L latent variables, K levels of a block.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from likewise.core.artifact import storable
from likewise.core.checks import rising, shaped, within
from likewise.encode.layout import Encoded, Layout

Array = np.ndarray


@storable
@dataclass(frozen=True)
class Latent:
    """One latent variable and the levels it is cut into.

    Attributes:
        block: position of its block.
        missing: whether it says only if an ordered value is missing (below the cut) or not.
        order: (K,) int32, the levels from the lowest interval to the highest.
        edges: (K + 1,) float64, probabilities at the ends of the intervals, 0 first and 1 last.
        atoms: (K,) bool, by interval: whether the level has no inside.
    """

    block: int
    missing: bool
    order: Array
    edges: Array
    atoms: Array

    def __post_init__(self) -> None:
        size = len(self.order)
        shaped("order", self.order, np.int32, size)
        within("order", self.order, 0, np.inf)
        shaped("edges", self.edges, np.float64, size + 1)
        within("edges", self.edges, 0, 1 + 1e-6)
        rising("edges", self.edges)
        shaped("atoms", self.atoms, np.bool_, size)


def latents(layout: Layout, shares: tuple[Array, ...], orders: dict[int, Array]) -> list[Latent]:
    """The latent variables of all blocks, from the shares of their levels."""
    latents = []
    for i, block in enumerate(layout.blocks):
        split = block.ordered and block.missing
        order = orders.get(i, np.arange(block.first if split else 0, block.size))
        if split and len(order) == 0:
            order = np.array([0])
        latents.append(
            Latent(i, False, order.astype(np.int32), _edges(shares[i][order]), block.atoms[order])
        )
        if split:
            edges = _edges(np.array([shares[i][0], shares[i][1:].sum()]))
            cut = np.array([0, 1], dtype=np.int32)
            latents.append(Latent(i, True, cut, edges, np.ones(2, dtype=bool)))
    return latents


def _edges(shares: Array) -> Array:
    """Ends of intervals of these shares; equal intervals when all shares are zero."""
    if shares.sum() <= 0:
        shares = np.ones(len(shares))
    edges = np.concatenate([[0.0], np.cumsum(shares)])
    return np.asarray(edges / edges[-1])


def positions(latent: Latent, codes: Array) -> Array:
    """Interval of each level, -1 where the latent says nothing; (N,) -> (N,)."""
    if latent.missing:
        return np.asarray(np.minimum(codes, 1))
    place = np.full(max(int(codes.max(initial=0)), int(latent.order.max(initial=0))) + 1, -1)
    place[latent.order] = np.arange(len(latent.order))
    return np.asarray(place[codes])


def _interval_means(edges: Array) -> Array:
    """Mean of a standard normal inside each interval; (K + 1,) -> (K,), 0 where empty."""
    density = np.exp(-0.5 * ndtri(edges) ** 2) / np.sqrt(2 * np.pi)
    width = np.diff(edges)
    return np.asarray(np.where(width > 0, -np.diff(density) / np.where(width > 0, width, 1), 0.0))


def scores(rows: Encoded, latents: list[Latent]) -> tuple[Array, Array]:
    """Normal scores and where they are known; both (N, L).

    A value inside a level scores by its place there, a level without inside by the mean of its
    interval; 0 and unknown where an ordered value is missing.
    """
    scores = np.zeros((rows.rows, len(latents)), dtype=np.float32)
    seen = np.ones((rows.rows, len(latents)), dtype=bool)
    for j, latent in enumerate(latents):
        place = positions(latent, rows.codes[:, latent.block])
        known = place >= 0
        low, width = latent.edges[place], np.diff(latent.edges)[place]
        middle = np.where(latent.atoms[place], 0.5, rows.detail[:, latent.block])
        inside = ndtri(np.clip(low + middle * width, 1e-6, 1 - 1e-6))
        score = np.where(latent.atoms[place], _interval_means(latent.edges)[place], inside)
        scores[:, j] = np.where(known, score, 0)
        seen[:, j] = known
    return scores, seen


def step(latent: Latent, points: int = 2_048) -> Array:
    """The score as a function of the latent, at equally likely points; (points,)."""
    u = (np.arange(points) + 0.5) / points
    place = np.clip(np.searchsorted(latent.edges, u, side="right") - 1, 0, len(latent.order) - 1)
    return np.asarray(np.where(latent.atoms[place], _interval_means(latent.edges)[place], ndtri(u)))
