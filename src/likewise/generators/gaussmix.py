"""Mixtures of Gaussians with full covariances, fitted by EM.

Shapes: N rows, D dimensions, K parts, F = 1 + D + D (D + 1) / 2 products of dimensions.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp

from likewise.core.artifact import storable

Array = np.ndarray

LLOYD = 8  # sweeps of k-means before EM
ROWS = 2**14  # rows whose products are held at once


@storable
@dataclass(frozen=True)
class GaussianMixture:
    """A density of D numbers.

    Papers: Dempster, Laird and Rubin, "Maximum likelihood from incomplete data via the EM
    algorithm", JRSS B, 1977; Friedman, "Regularized discriminant analysis", JASA, 1989 (shrinkage).

    Attributes:
        shares: (K,), sum to 1.
        means: (K, D).
        roots: (K, D, D), lower Cholesky factors of the covariances.
    """

    shares: Array
    means: Array
    roots: Array

    @classmethod
    def fit(
        cls,
        x: Array,
        parts: int,
        rng: np.random.Generator,
        *,
        floor: float = 1e-4,
        shrink: float = 1.0,
        sweeps: int = 60,
        gain: float = 2e-3,
    ) -> "GaussianMixture":
        """The mixture of (N, D) rows; a sweep costs N F K multiplications, twice.

        Args:
            x: rows, of a scale near 1.
            parts: K, fewer when there are fewer rows.
            rng: chooses the first centres among the rows.
            floor: variance added to every part.
            shrink: rows' worth of the mean covariance within parts, added to every part.
            sweeps: at most.
            gain: in nats a row, below which to stop.
        """
        x = x.astype(float)
        own = _nearest(x, x[rng.permutation(len(x))[:parts]])
        mixture = cls._of(_moments(x, own), floor, shrink)
        before = -np.inf
        for _ in range(sweeps):
            moments, likelihood = _expected(x, mixture)
            if likelihood - before < gain:
                break
            before = likelihood
            mixture = cls._of(moments, floor, shrink)
        return mixture

    @classmethod
    def _of(cls, moments: Array, floor: float, shrink: float) -> "GaussianMixture":
        """The mixture with these sums of products, (K, F); empty parts are dropped."""
        moments = moments[moments[:, 0] > 1e-3]
        size = moments[:, 0]
        dims = int(np.sqrt(8 * moments.shape[1] + 1) - 3) // 2
        means = moments[:, 1 : dims + 1] / size[:, None]
        upper = np.triu_indices(dims)
        square = np.zeros((len(size), dims, dims))
        square[:, upper[0], upper[1]] = square[:, upper[1], upper[0]] = moments[:, dims + 1 :]
        scatter = square - size[:, None, None] * means[:, :, None] * means[:, None, :]
        mean = scatter.sum(0) / size.sum()
        covariance = (scatter + shrink * mean) / (size + shrink)[:, None, None]
        covariance += floor * np.eye(dims)
        return cls(size / size.sum(), means, np.linalg.cholesky(covariance))

    @property
    def dims(self) -> int:
        """D."""
        return int(self.means.shape[1])

    def draw(self, rows: int, rng: np.random.Generator) -> Array:
        """(rows, D) float32, in no order."""
        part = np.searchsorted(np.cumsum(self.shares)[:-1], rng.random(rows), side="right")
        z = rng.standard_normal((rows, self.dims))
        out = np.empty((rows, self.dims), dtype=np.float32)
        for k in np.unique(part):
            here = part == k
            out[here] = self.means[k] + z[here] @ self.roots[k].T
        return out

    def log_prob(self, x: Array) -> Array:
        """Log density; (N, D) -> (N,)."""
        return np.asarray(logsumexp(_products(x.astype(float)) @ self._form(), axis=1))

    def _form(self) -> Array:
        """Log shares and densities as a linear form of the products; (F, K)."""
        inverse = np.linalg.inv(self.roots)
        precision = np.swapaxes(inverse, 1, 2) @ inverse
        linear = (precision @ self.means[:, :, None])[:, :, 0]
        logs = np.log(np.diagonal(self.roots, axis1=1, axis2=2)).sum(1)
        level = np.log(self.shares) - logs - 0.5 * self.dims * np.log(2 * np.pi)
        level = level - 0.5 * (linear * self.means).sum(1)
        first, second = np.triu_indices(self.dims)
        twice = np.where(first == second, 0.5, 1.0)
        return np.concatenate([level[:, None], linear, -precision[:, first, second] * twice], 1).T


def _expected(x: Array, mixture: GaussianMixture) -> tuple[Array, float]:
    """Expected sums of products by part (K, F), and the mean log density."""
    form = mixture._form()
    moments, total = np.zeros(form.T.shape), 0.0
    for start in range(0, len(x), ROWS):
        products = _products(x[start : start + ROWS])
        joint = products @ form
        top = joint.max(1, keepdims=True)
        weight = np.exp(joint - top)
        mass = weight.sum(1, keepdims=True)
        total += float((top + np.log(mass)).sum())
        moments += (weight / mass).T @ products
    return moments, total / len(x)


def _products(x: Array) -> Array:
    """One, each dimension, and each product of two; (N, D) -> (N, F)."""
    first, second = np.triu_indices(x.shape[1])
    return np.concatenate([np.ones((len(x), 1)), x, x[:, first] * x[:, second]], axis=1)


def _nearest(x: Array, centres: Array) -> Array:
    """The part of each row after some sweeps of k-means from these centres; (N,)."""
    own = np.zeros(len(x), dtype=np.int64)
    for _ in range(LLOYD):
        own = np.argmax(x @ centres.T - 0.5 * (centres**2).sum(1), axis=1)
        size = np.bincount(own, minlength=len(centres))
        sums = np.stack([np.bincount(own, column, len(centres)) for column in x.T], axis=1)
        centres = np.where(size[:, None] > 0, sums / np.maximum(size, 1)[:, None], centres)
    return own


def _moments(x: Array, own: Array) -> Array:
    """Sums of products by part; (K, F)."""
    parts = int(own.max()) + 1
    products = _products(x)
    return np.stack([np.bincount(own, column, parts) for column in products.T], axis=1)
