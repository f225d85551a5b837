"""Levels of a block on a normal scale: what trees split on, and what is drawn between levels.

Shapes: N rows, K levels of a block.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from likewise.core.artifact import storable
from likewise.core.checks import agree, bounded, rising, shaped, spread
from likewise.encode.layout import Block, Encoded
from likewise.generators.draws import level_shares

Array = np.ndarray
HEAVY = 0.04  # share of the rows from which on a single value is drawn as such, never as a place
LEAST = 1e-12  # of ``least``, so that scores are finite
STRAY = 0.01  # share of the margin in every guess at a level, so that nothing is impossible
BELOW_ONE = np.float32(1 - 2**-24)


@storable
@dataclass(frozen=True)
class Scale:
    """Normal scores of the levels of one block.

    An ordered block has *single* levels (missing, and values that many rows share), which are drawn
    as they are, and others that form a continuous part; a label has single levels only.

    Attributes:
        ordered: whether levels rise in value.
        missing: whether level 0 stands for a missing value.
        atoms: (K,) bool, levels without inside.
        shares: (K,) float64, share of the training rows in each level.
        single: (K,) bool, levels outside the continuous part.
        edges: (K,) float64, upper end of each level on the scale of the continuous part, rising.
        marks: (K,) float64, score of each label, from where it stands among all; 0 if ordered.
        least: probability kept from both ends of the scale.
    """

    ordered: bool
    missing: bool
    atoms: Array
    shares: Array
    single: Array
    edges: Array
    marks: Array
    least: float

    def __post_init__(self) -> None:
        size = len(self.atoms)
        for name in ("atoms", "single"):
            shaped(name, getattr(self, name), np.bool_, size)
        for name in ("shares", "edges", "marks"):
            shaped(name, getattr(self, name), np.float64, size)
        spread("shares", self.shares)
        bounded("marks", self.marks)
        rising("edges", self.edges)
        agree(self.edges[-1] == np.inf, "levels beyond the last edge")
        agree(LEAST <= self.least < 0.5, "probability at the ends")

    @classmethod
    def of(cls, block: Block, codes: Array, order: Array | None) -> "Scale":
        """The scale of a block with training codes (N,); ``order``: of labels, low to high."""
        shares = level_shares(codes, block.size)
        single = np.ones(block.size, dtype=bool)
        if block.ordered:
            single = block.atoms & (shares >= HEAVY)
            single[: block.first] = True
        with np.errstate(invalid="ignore", divide="ignore"):
            risen = np.cumsum(np.where(single, 0, shares))
            edges = np.where(risen >= risen[-1], np.inf, ndtri(risen / risen[-1]))
        least = 0.25 / max(len(codes), 1)
        marks = np.zeros(block.size)
        if not block.ordered:
            order = np.arange(block.size) if order is None else order
            middle = np.cumsum(shares[order]) - shares[order] / 2
            marks[order] = ndtri(np.clip(middle, least, 1 - least))
        return cls(
            block.ordered, block.missing, block.atoms, shares, single, edges, marks, least
        )  # fmt: skip

    @property
    def continuous(self) -> bool:
        """Whether there is a continuous part."""
        return not bool(self.single.all())

    def scores(self, codes: Array, detail: Array) -> Array:
        """Normal scores among all known values; (N,) float32, 0 where missing."""
        if not self.ordered:
            return np.asarray(self.marks[codes], dtype=np.float32)
        known = self.shares.copy()
        known[: int(self.missing)] = 0
        z = self._placed(known, codes, detail).astype(np.float32)
        return np.asarray(np.where(codes == 0, np.float32(0), z) if self.missing else z)

    def places(self, codes: Array, detail: Array) -> Array:
        """Normal scores within the continuous part; (N,) float64, NaN in single levels."""
        z = self._placed(np.where(self.single, 0, self.shares), codes, detail)
        return np.where(self.single[codes], np.nan, z)

    def levels(self, place: Array) -> tuple[Array, Array]:
        """Codes and details at places of the continuous part; (N,) -> (N,) int32, (N,) float32."""
        code = np.searchsorted(self.edges, np.minimum(place, 1e9), side="right")
        part = np.where(self.single, 0, self.shares)
        part /= part.sum()
        below = np.cumsum(part) - part
        inside = (ndtr(place) - below[code]) / np.maximum(part[code], 1e-12)
        detail = np.where(self.atoms[code], 0, np.clip(inside, 0, BELOW_ONE))
        return code.astype(np.int32), detail.astype(np.float32)

    def _placed(self, mass: Array, codes: Array, detail: Array) -> Array:
        total = max(float(mass.sum()), 1e-12)
        below = np.cumsum(mass) - mass
        inside = np.where(self.atoms[codes], 0.5, detail)
        rank = (below[codes] + inside * mass[codes]) / total
        return np.asarray(ndtri(np.clip(rank, self.least, 1 - self.least)))


def all_scores(rows: Encoded, scales: tuple[Scale, ...]) -> Array:
    """Normal scores of all blocks; (N, C) float32."""
    out = np.empty(rows.codes.shape, dtype=np.float32, order="F")
    for i, scale in enumerate(scales):
        out[:, i] = scale.scores(rows.codes[:, i], rows.detail[:, i])
    return out
