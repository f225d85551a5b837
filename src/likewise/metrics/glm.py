"""Linear and logistic regression with standard errors, small and robust.

Papers: Nelder and Wedderburn, "Generalized linear models", 1972; White, "Maximum likelihood
estimation of misspecified models", 1982, for the covariance that needs no true model.

Shapes: N rows, K columns of the design.
"""

from dataclasses import dataclass

import numpy as np

from likewise.metrics.views import Array

STEPS, CLOSE = 50, 1e-8
PRIOR = 10.0  # standard deviation of a logistic coefficient's prior, which ends separation
RIDGE = 1e-9  # of the information, so that equal columns share their effect


@dataclass(frozen=True)
class Fit:
    """A fitted model.

    Attributes:
        coefficients: (K,).
        errors: their standard errors if the model is true, (K,).
        covariance: of the coefficients whether the model is true or not, (K, K).
    """

    coefficients: Array
    errors: Array
    covariance: Array

    def without_first(self) -> "Fit":
        """The model's other coefficients, where the first is the constant."""
        return Fit(self.coefficients[1:], self.errors[1:], self.covariance[1:, 1:])


def fit_linear(x: Array, y: Array) -> Fit:
    """Ordinary least squares; (N, K) and (N,)."""
    n, k = x.shape
    cross = x.T @ x
    inverse = np.linalg.inv(cross + np.eye(k) * (RIDGE * max(float(np.trace(cross)) / k, 1e-300)))
    beta = inverse @ (x.T @ y)
    rest = y - x @ beta
    least = np.maximum(float(rest @ rest) / max(n - k, 1) * np.diag(inverse), 1e-30)
    return Fit(beta, np.sqrt(least), _sandwich(x, rest, inverse, least))


def fit_logistic(x: Array, y: Array) -> Fit:
    """Logistic regression of (N,) truths in {0, 1}, by reweighted least squares with halved steps.

    Coefficients have a wide normal prior, so that they stay finite where a column tells all.
    """
    beta = np.zeros(x.shape[1])
    penalty = np.eye(x.shape[1]) / PRIOR**2
    value = _objective(x, y, beta)
    for _ in range(STEPS):
        chance = _chance(x @ beta)
        gradient = x.T @ (y - chance) - beta / PRIOR**2
        step = np.linalg.solve(x.T * (chance * (1 - chance)) @ x + penalty, gradient)
        while _objective(x, y, beta + step) < value - CLOSE and np.abs(step).max() > CLOSE:
            step = step / 2
        beta = beta + step
        value = _objective(x, y, beta)
        if np.abs(step).max() < CLOSE:
            break
    chance = _chance(x @ beta)
    inverse = np.linalg.inv(x.T * (chance * (1 - chance)) @ x + penalty)
    least = np.diag(inverse)
    return Fit(beta, np.sqrt(least), _sandwich(x, y - chance, inverse, least))


def _chance(score: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-np.clip(score, -35, 35))))


def _objective(x: Array, y: Array, beta: Array) -> float:
    """Logarithm of likelihood times prior."""
    score = x @ beta
    fit = y @ score - np.logaddexp(0, score).sum()
    return float(fit - beta @ beta / (2 * PRIOR**2))


def _sandwich(x: Array, rest: Array, inverse: Array, least: Array) -> Array:
    """The covariance that residuals show, with variances of at least ``least``, (K,).

    Where a column tells all there are hardly residuals, but nothing is certain.
    """
    pulled = (x * rest[:, None]) @ inverse
    shown = pulled.T @ pulled
    stretch = np.sqrt(np.maximum(least / np.maximum(np.diag(shown), 1e-300), 1.0))
    return np.asarray(shown * stretch * stretch[:, None])
