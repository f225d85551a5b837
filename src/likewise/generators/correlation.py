"""Correlation of latent normal variables of which only levels or scores are seen.

Shapes: N rows, L latent variables, P points, H Hermite coefficients.
"""

import numpy as np
from scipy.linalg import eigh
from scipy.special import ndtri

Array = np.ndarray

TERMS = 12  # Hermite coefficients H; more matter only beyond a correlation of about 0.95
LARGEST = 0.99
BENT = 0.02  # share of a score's variance beyond its linear part that matters


def latent_correlation(scores: Array, seen: Array, steps: Array, *, shrink: float) -> Array:
    """The correlation matrix of the latents, positive definite, ones on the diagonal.

    The mean product of two scores f(x) and g(y) of normals with correlation r is, by Mehler's
    formula, the sum over h of r^h f_h g_h with their normalised Hermite coefficients; this is
    solved for r. For continuous scores it is the correlation of normal scores, for levels the
    polyserial and polychoric correlations by moments. Each is pulled towards 0 by its own sampling
    error, and all together as Schäfer and Strimmer (2005) pull.

    Args:
        scores: (N, L), 0 where unknown.
        seen: (N, L) bool, where the score is known.
        steps: (L, P), each score as a function of its latent, at equally likely points.
        shrink: the least common pull towards the identity matrix, in [0, 1].

    Cost: O(N L^2 + H L^2), and O(L^3) where the matrix must be mended.
    """
    width = scores.shape[1]
    if width == 0 or len(scores) == 0:
        return np.eye(width)
    known = seen.astype(np.float32)
    pairs = (known.T @ known).astype(float) if not seen.all() else np.full((1, 1), len(scores))
    pairs = np.maximum(pairs, 1)
    products = (scores.T @ scores).astype(float) / pairs  # (L, L)
    coefficients = _hermite(steps)  # (L, H)
    first = np.outer(coefficients[:, 0], coefficients[:, 0])  # slope at r = 0
    correlation = _solve(products, coefficients, first)
    with np.errstate(divide="ignore"):
        error = (1 - correlation**2) ** 2 / (pairs * np.maximum(np.abs(first), 1e-12))
    np.fill_diagonal(correlation, 0)
    square = correlation**2
    correlation *= square / (square + error)
    np.fill_diagonal(error, 0)
    chance = ((1 - correlation**2) ** 2 / pairs).sum() - width
    common = np.clip(chance / max(float(square.sum()), 1e-12), shrink, 1)
    correlation *= 1 - common
    np.fill_diagonal(correlation, 1)
    return _positive(correlation)


def _hermite(steps: Array) -> Array:
    """Normalised Hermite coefficients 1..H of functions of a normal; (L, P) -> (L, H)."""
    points = steps.shape[1]
    z = ndtri((np.arange(points) + 0.5) / points)
    before, now = np.ones(points), z
    columns = []
    for order in range(1, TERMS + 1):
        columns.append(steps @ now / points)
        before, now = now, (z * now - np.sqrt(order) * before) / np.sqrt(order + 1)
    return np.stack(columns, axis=1)


def _solve(products: Array, coefficients: Array, first: Array) -> Array:
    """The r for which the Mehler sum gives each mean product; (L, L).

    The sum is linear where either score is (all but) a linear function of its latent; pairs of
    levels take Newton steps.
    """
    usable = np.abs(first) > 1e-6
    r = np.where(usable, products / np.where(usable, first, 1), 0)
    r = np.clip(r, -LARGEST, LARGEST)
    bent = (coefficients[:, 1:] ** 2).sum(axis=1) > BENT * coefficients[:, 0] ** 2
    some = np.flatnonzero(bent)
    pairs = np.ix_(some, some)
    r[pairs] = _newton(r[pairs], products[pairs], coefficients[some], usable[pairs])
    return r


def _newton(r: Array, products: Array, coefficients: Array, usable: Array) -> Array:
    """Roots of the Mehler sums less the products, from a first guess; all (D, D)."""
    for _ in range(6):
        value, slope = np.zeros_like(r), np.zeros_like(r)
        for h in range(TERMS, 0, -1):  # Horner's rule, for the sum and its derivative
            term = np.outer(coefficients[:, h - 1], coefficients[:, h - 1])
            slope = slope * r + h * term
            value = (value + term) * r
        move = np.where(usable, (value - products) / np.where(slope > 1e-9, slope, np.inf), 0)
        r = np.clip(r - move, -LARGEST, LARGEST)
    return r


def _positive(correlation: Array, least: float = 1e-3) -> Array:
    """The matrix itself if it is safely positive definite, else with its spectrum lifted."""
    try:
        np.linalg.cholesky(correlation - least * np.eye(len(correlation)))
        return correlation
    except np.linalg.LinAlgError:
        values, vectors = eigh(correlation)
        lifted = (vectors * np.maximum(values, 2 * least)) @ vectors.T
        scale = 1 / np.sqrt(np.diag(lifted))
        mended = lifted * np.outer(scale, scale)
        np.fill_diagonal(mended, 1)
        return np.asarray((mended + mended.T) / 2)
