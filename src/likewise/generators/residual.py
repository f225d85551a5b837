"""Smooth blocks as location plus residual: the residual's quantiles and the way back to levels.

The regression that gives the location has never seen the row it predicts, so the residuals keep
the spread that new rows will have. A rising curve from location plus residual to rank brings the
drawn values back to the block's own distribution.

Paper: Lei et al., "Distribution-free predictive inference for regression", JASA 2018.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import ndtri

from likewise.core.artifact import storable
from likewise.core.checks import bounded, rising, shaped, within

Array = np.ndarray
RESIDUAL_LEVELS = 250
KNOTS = 4  # residual quantiles stored per residual level
_EVEN = (np.arange(1_024) + 0.5) / 1_024
_TAIL = 0.5 ** np.arange(22, 11, -1)  # halved again and again, or rows beyond would share one value
RANKS = np.concatenate([_TAIL, _EVEN, 1 - _TAIL[::-1]])  # points of the curve from total to rank


@storable
@dataclass(frozen=True)
class Residual:
    """The residual's quantiles and the way back to levels.

    Attributes:
        knots: (4 R + 1,) quantiles of the residual of normal scores.
        curve: (G,) rising values of location plus residual at ``RANKS``.
        ranks: (K + 1,) share of rows below each level and in all.
    """

    knots: Array
    curve: Array
    ranks: Array

    def __post_init__(self) -> None:
        shaped("knots", self.knots, np.float64, KNOTS * RESIDUAL_LEVELS + 1)
        shaped("curve", self.curve, np.float64, len(RANKS))
        shaped("ranks", self.ranks, np.float64, None)
        bounded("knots", self.knots)
        bounded("curve", self.curve)
        within("ranks", self.ranks, 0, 1 + 1e-6)
        rising("ranks", self.ranks)

    def value(self, place: Array, detail: Array) -> Array:
        """The residual at a place and position in it; (N,), (N,) -> (N,)."""
        at = (place + detail.astype(np.float64)) * KNOTS
        return np.asarray(np.interp(at, np.arange(len(self.knots)), self.knots))

    def levels(self, total: Array) -> tuple[Array, Array]:
        """Code and detail of rows with this location plus residual."""
        rank = np.interp(total, self.curve, RANKS)
        code = np.searchsorted(self.ranks, rank, side="right") - 1
        code = np.clip(code, 0, len(self.ranks) - 2)
        width = self.ranks[code + 1] - self.ranks[code]
        inside = (rank - self.ranks[code]) / np.maximum(width, 1e-12)
        return code.astype(np.int32), np.clip(inside, 0, 0.9999999).astype(np.float32)

    def totals(self, code: Array, detail: Array) -> Array:
        """The inverse of ``levels``."""
        rank = self.ranks[code] + detail * (self.ranks[code + 1] - self.ranks[code])
        return np.asarray(np.interp(rank, RANKS, self.curve))

    def with_curve(self, total: Array) -> "Residual":
        """The residual with its curve set by drawn locations plus residuals; (N,)."""
        curve = np.quantile(total, RANKS) + np.arange(len(RANKS)) * 1e-12  # strictly rising
        return replace(self, curve=curve)


def fit_residual(error: Array, counts: Array) -> tuple[Residual, Array]:
    """Residual levels of equal share; the curve is a placeholder until the fit is complete."""
    rank = np.argsort(np.argsort(error, kind="stable"), kind="stable")
    place = (rank * RESIDUAL_LEVELS // len(error)).astype(np.int32)
    knots = np.quantile(error, np.linspace(0, 1, KNOTS * RESIDUAL_LEVELS + 1))
    ranks = np.concatenate([[0.0], np.cumsum(counts)]) / counts.sum()
    curve = ndtri(RANKS)
    return Residual(knots, curve, ranks), place
