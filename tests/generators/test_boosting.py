"""Boosted questions: what is planted is learned, noise is not, and seeds decide."""

import numpy as np
import pytest

from likewise.generators.boosting import fit_questions
from likewise.generators.hierarchy import hierarchy
from likewise.generators.symmetric import UNSPLIT, find_leaves, grow, scratch

Array = np.ndarray


def fit(
    x: Array, place: Array, levels: int, *, least: int = 10, seed: int = 5, trees: int = 100
) -> tuple[Array, Array, Array, Array, Array]:
    tree = hierarchy(np.bincount(place, minlength=levels).astype(float), ordered=True)
    sizes = x.max(axis=1).astype(np.int64) + 1
    order = np.random.default_rng(1).permutation(x.shape[1]).astype(np.int32)
    return fit_questions(
        x, sizes, place.astype(np.int32), tree.nodes, order, trees, 3,
        0.2, 2.0, least, 0.6, 1.0, 6, 2.0, 40_000, seed,
    )  # fmt: skip


def score(x: Array, answers: tuple[Array, Array, Array, Array, Array]) -> Array:
    """Log odds of the first question for every row."""
    intercept, span, feature, threshold, value = answers
    total = np.full(x.shape[1], intercept[0])
    leaf = np.empty(x.shape[1], dtype=np.uint8)
    for t in range(span[0, 0], span[0, 1]):
        find_leaves(x, 0, feature[t], threshold[t], leaf)
        total += value[t][leaf]
    return total


def predictors(rows: int, width: int = 4, seed: int = 0) -> Array:
    return np.random.default_rng(seed).integers(0, 8, (width, rows), dtype=np.uint8)


def test_an_exclusive_or_of_two_predictors_is_learned() -> None:
    x = predictors(4_000)
    place = ((x[0] > 3) ^ (x[2] > 3)).astype(np.int32)
    fresh = predictors(2_000, seed=9)
    found = score(fresh, fit(x, place, 2)) > 0
    assert (found == ((fresh[0] > 3) ^ (fresh[2] > 3))).mean() > 0.99


def test_log_odds_match_the_probabilities_that_were_planted() -> None:
    x = predictors(40_000)
    chance = np.where(x[1] > 5, 0.8, 0.3)
    place = (np.random.default_rng(2).random(40_000) < chance).astype(np.int32)
    learned = 1 / (1 + np.exp(-score(x, fit(x, place, 2))))
    assert abs(learned[x[1] > 5].mean() - 0.8) < 0.02
    assert abs(learned[x[1] <= 5].mean() - 0.3) < 0.02
    assert np.abs(learned - chance).mean() < 0.02


def test_pure_noise_grows_almost_no_trees() -> None:
    grown = 0
    for seed in range(10):
        noise = np.random.default_rng(seed + 100).integers(0, 2, 2_000)
        grown += len(fit(predictors(2_000, seed=seed), noise, 2, seed=seed)[4])
    assert grown < 20  # of up to 1,000


def test_intercepts_are_smoothed_shares() -> None:
    place = np.repeat([0, 1], [30, 10])
    intercept, span, *_ = fit(predictors(40), place, 2, trees=0)
    assert intercept[0] == pytest.approx(np.log(10.5 / 30.5))
    assert span.tolist() == [[0, 0]]


def test_no_leaf_speaks_for_fewer_rows_than_the_minimum() -> None:
    x = predictors(500)
    grad = np.random.default_rng(3).normal(size=500).astype(np.float32)
    sizes, rows = np.full(4, 8, dtype=np.int64), np.arange(500, dtype=np.int32)
    hist, leaf = scratch(sizes, 3), np.empty(500, dtype=np.uint8)
    feature, threshold = np.zeros(3, dtype=np.uint8), np.zeros(3, dtype=np.uint8)
    value = np.zeros(8, dtype=np.float32)
    ones, use = np.ones(500, dtype=np.float32), np.ones(4, dtype=bool)
    grow(x, sizes, rows, 500, grad, ones, use, 2.0, 80, hist, leaf, feature, threshold, value)
    counts = np.bincount(leaf, minlength=8)
    assert (threshold != UNSPLIT).any()
    for k in range(8):
        if counts[k] >= 80:
            assert value[k] == pytest.approx(grad[leaf == k].sum() / (counts[k] + 2), abs=1e-5)
        else:  # the step of the smallest ancestor of enough rows
            up = 1
            while counts[(np.arange(8) >> up) == k >> up].sum() < 80:
                up += 1
            mine = leaf >> up == k >> up
            assert value[k] == pytest.approx(grad[mine].sum() / (mine.sum() + 2), abs=1e-5)


def test_the_same_seed_gives_the_same_trees_and_another_seed_others() -> None:
    x = predictors(2_000)
    place = (x[0].astype(int) + np.random.default_rng(4).integers(0, 4, 2_000)) // 3
    first, again, other = (fit(x, place, 4, seed=seed) for seed in (5, 5, 6))
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not np.array_equal(first[4], other[4])
