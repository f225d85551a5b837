"""Smooth blocks: the location is learned, its error is honest, and the margin is kept."""

import numpy as np
import pytest
from scipy.special import ndtri
from tests.generators.made_levels import block

from likewise.core.run import Run
from likewise.core.seeds import Seed
from likewise.encode.layout import Encoded, Evidence, Layout
from likewise.generators.location import fit_location
from likewise.generators.residual import fit_residual
from likewise.generators.trees import Trees, TreesLevels

Array = np.ndarray
LEVELS = 50
SPREAD = 0.3


def smooth(rows: int, seed: int) -> tuple[Array, Array]:
    """y = sin(3 x) + noise: 200 values of x, and y."""
    rng = np.random.default_rng(seed)
    x = rng.integers(0, 200, rows)
    return x.astype(np.uint8), np.sin(3 * x / 200) * 2 + rng.normal(0, SPREAD, rows)


def located(x: Array, y: Array, most: int = 40_000) -> tuple[Array, Array]:
    """Out-of-fold predictions, and predictions of the same rows by all folds in turn."""
    location, unseen = fit_location(
        x[None], y, folds=3, trees=80, depth=5, rate=0.15, leaf=20, most=most, seed=1
    )
    fold = (np.arange(len(y)) % 3).astype(np.int8)
    return unseen, location.predict(x[None], fold)


@pytest.mark.parametrize("most", [40_000, 800])
def test_a_smooth_relation_is_learned_and_its_error_is_honest(most: int) -> None:
    x, y = smooth(6_000, 0)
    unseen, _ = located(x, y, most)
    honest = (y - unseen).std()
    assert SPREAD * 0.97 < honest < SPREAD * 1.15


def test_seen_and_unseen_rows_are_predicted_alike() -> None:
    x, y = smooth(6_000, 0)
    unseen, mixed = located(x, y)
    assert abs((y - mixed).std() / (y - unseen).std() - 1) < 0.03


def sloped(rows: int, slope: float) -> tuple[Array, Array]:
    """Five predictors of 40 values; the sum of their scores times a slope, and noise."""
    rng = np.random.default_rng(0)
    x = rng.integers(0, 40, (5, rows)).astype(np.uint8)
    score = ndtri((x + 0.5) / 40)
    return x, slope * score.sum(axis=0) + rng.normal(0, SPREAD, rows)


@pytest.mark.parametrize("slope", [1.0, 0.0])
def test_a_linear_guess_finds_slopes_in_few_rows_and_none_in_noise(slope: float) -> None:
    x, y = sloped(300, slope)
    options = {"folds": 3, "trees": 80, "depth": 5, "rate": 0.15, "leaf": 20, "most": 40_000}
    location, unseen = fit_location(x, y, **options, seed=1, linear=True)
    np.testing.assert_allclose(location.slopes, slope, atol=0.1)
    assert SPREAD * 0.9 < (y - unseen).std() < SPREAD * 1.2
    fold = np.random.default_rng(1).integers(0, 3, len(y)).astype(np.int8)
    assert (y - location.predict(x, fold)).std() < SPREAD * 1.2
    _, alone = fit_location(x, y, **options, seed=1)
    if slope:
        assert (y - alone).std() > 2 * (y - unseen).std()


def test_residual_values_and_levels_are_inverses() -> None:
    rng = np.random.default_rng(1)
    error, counts = rng.normal(size=5_000), np.full(LEVELS, 100.0)
    residual, place = fit_residual(error, counts)
    assert np.bincount(place).tolist() == [20] * 250
    code, detail = residual.levels(error)
    np.testing.assert_allclose(residual.totals(code, detail), error, atol=0.02)
    drawn = residual.value(rng.integers(0, 250, 50_000), rng.random(50_000))
    np.testing.assert_allclose(np.quantile(drawn, [0.1, 0.9]), [-1.28, 1.28], atol=0.08)


@pytest.fixture(scope="module")
def levels() -> tuple[TreesLevels, Encoded]:
    """x of 20 levels, and smooth y of 50 levels given x, drawn as location plus residual."""
    x, y = smooth(8_000, 2)
    rank = np.argsort(np.argsort(y)) / len(y) * LEVELS
    rows = Encoded.empty(8_000, 2)
    rows.codes[:, 0], rows.codes[:, 1] = x // 10, rank
    rows.detail[:, 1] = rank % 1
    blocks = block("x", 20), block("y", LEVELS, inside=True)
    found = Trees(leaf=20).fit_levels(
        rows,
        Layout(blocks),
        target="y",
        seed=Seed(1),
        run=Run(workers=1),
    )
    assert found.blocks[1].residual is not None
    return found, rows


def test_drawn_margins_match(levels: tuple[TreesLevels, Encoded]) -> None:
    drawn, _ = levels[0].draw(20_000, np.random.default_rng(1))
    rank = np.sort((drawn.codes[:, 1] + drawn.detail[:, 1]) / LEVELS)
    assert np.abs(rank - (np.arange(20_000) + 0.5) / 20_000).max() < 0.02


def test_the_spread_around_the_location_is_that_of_the_data(
    levels: tuple[TreesLevels, Encoded],
) -> None:
    model, rows = levels
    drawn, _ = model.draw(20_000, np.random.default_rng(1))
    for x in (1, 10, 18):
        spreads = [side.codes[side.codes[:, 0] == x, 1].std() for side in (rows, drawn)]
        means = [side.codes[side.codes[:, 0] == x, 1].mean() for side in (rows, drawn)]
        assert abs(spreads[1] / spreads[0] - 1) < 0.15
        assert abs(means[1] - means[0]) < 1.5


def test_forbidden_levels_of_a_smooth_block_weigh_nothing(
    levels: tuple[TreesLevels, Encoded],
) -> None:
    allowed = np.arange(LEVELS) >= 40
    drawn, weight = levels[0].draw(5_000, np.random.default_rng(2), Evidence({}, {1: allowed}))
    assert weight is not None
    assert not np.isnan(weight).any()
    np.testing.assert_array_equal(np.isfinite(weight), allowed[drawn.codes[:, 1]])


def test_fixed_values_of_a_smooth_block_lead_to_where_they_come_from(
    levels: tuple[TreesLevels, Encoded],
) -> None:
    model, rows = levels
    fixed = np.full(20_000, 45, dtype=np.int32), np.full(20_000, 0.5, dtype=np.float32)
    drawn, weight = model.draw(20_000, np.random.default_rng(3), Evidence({1: fixed}, {}))
    assert weight is not None
    mass = np.exp(weight - weight.max())
    wanted = rows.codes[rows.codes[:, 1] == 45, 0].mean()
    assert abs(np.average(drawn.codes[:, 0], weights=mass) - wanted) < 0.8
