"""Mixtures of Gaussians: what EM finds, and that draws and densities agree with it."""

import numpy as np
from scipy.stats import multivariate_normal

from likewise.generators.gaussmix import GaussianMixture

MEANS = np.array([[-2.0, 0.0], [2.0, 1.0]])
COVARIANCES = np.array([[[0.5, 0.3], [0.3, 0.5]], [[0.2, 0.0], [0.0, 1.0]]])
TRUE = GaussianMixture(np.array([0.3, 0.7]), MEANS, np.linalg.cholesky(COVARIANCES))


def test_em_finds_the_mixture_that_rows_came_from() -> None:
    rng = np.random.default_rng(0)
    found = GaussianMixture.fit(TRUE.draw(20_000, rng), 2, rng)
    order = np.argsort(found.means[:, 0])
    assert np.abs(found.shares[order] - TRUE.shares).max() < 0.02
    assert np.abs(found.means[order] - MEANS).max() < 0.05
    covariance = found.roots[order] @ np.swapaxes(found.roots[order], 1, 2)
    assert np.abs(covariance - COVARIANCES).max() < 0.05


def test_the_density_is_that_of_the_parts() -> None:
    x = np.random.default_rng(1).normal(size=(50, 2))
    parts = [multivariate_normal(m, c).pdf(x) for m, c in zip(MEANS, COVARIANCES, strict=True)]
    assert np.allclose(TRUE.log_prob(x), np.log(TRUE.shares @ np.array(parts)))


def test_more_parts_than_rows_and_equal_rows_are_no_trouble() -> None:
    rng = np.random.default_rng(2)
    for rows in (np.zeros((1, 3)), np.ones((40, 3)), rng.normal(size=(5, 3))):
        found = GaussianMixture.fit(rows, 8, rng)
        assert np.isfinite(found.draw(100, rng)).all()
        assert abs(found.shares.sum() - 1) < 1e-9


def test_the_floor_keeps_parts_from_sitting_on_single_rows() -> None:
    rng = np.random.default_rng(3)
    found = GaussianMixture.fit(rng.normal(size=(30, 2)), 30, rng, floor=0.01)
    assert np.diagonal(found.roots, axis1=1, axis2=2).min() ** 2 > 0.0099
