"""Diffusion: dependence of labels, heaps, gaps and numbers is learned; any part can be given."""

from pathlib import Path

import numpy as np
import pytest
from scipy.special import ndtr
from tests.generators.made_levels import block, encoded, learn, number, rng
from tests.nn.tiny_learners import Interrupting

from likewise.core.artifact import load, save
from likewise.core.run import Run
from likewise.core.seeds import Seed
from likewise.encode.layout import Block, Encoded, Evidence, Layout
from likewise.generators.diffusion import Diffusion
from likewise.generators.diffusion_levels import DiffusionLevels
from likewise.generators.levels import Levels
from likewise.generators.refined import Refined

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("diffusion levels")]  # one model for all

ROWS, LEVELS = 6_000, 40
LABEL, X, Y = 0, 1, 2
SHARES = (0.6, 0.37, 0.03)
MISSING, HEAP, INSIDE = 0, 1, 2  # levels of y; the rest of it is smooth
RECIPE = Diffusion(width=48, depth=2, epochs=60, candidates=1)


def blocks() -> tuple[Block, ...]:
    y = block("y", LEVELS + INSIDE, missing=True, inside=True)
    y.atoms[HEAP] = True
    return block("label", 3, ordered=False), block("x", LEVELS, inside=True), y


def made() -> Encoded:
    """Scores u and v with correlation .8; y is missing for label 2 and a heap for half of 1."""
    stream = np.random.default_rng(0)
    label = stream.choice(3, ROWS, p=SHARES)
    u = stream.standard_normal(ROWS)
    v = 0.8 * u + 0.6 * stream.standard_normal(ROWS)
    positions = ndtr(np.stack([u, v], axis=1)) * LEVELS
    rows = encoded(np.zeros((ROWS, 3), dtype=np.int32))
    rows.codes[:, LABEL] = label
    rows.codes[:, X:] = positions
    rows.codes[:, Y] += INSIDE
    rows.detail[:, X:] = positions % 1
    heap = (label == 1) & (stream.random(ROWS) < 0.5)
    for which, level in ((heap, HEAP), (label == 2, MISSING)):
        rows.codes[which, Y], rows.detail[which, Y] = level, 0
    return rows


@pytest.fixture(scope="module")
def model() -> DiffusionLevels:
    found = learn(RECIPE, made(), *blocks())
    assert isinstance(found, DiffusionLevels)
    return found


def places(drawn: Encoded) -> np.ndarray:
    """Positions of x and y in [0, 1] where y is smooth."""
    smooth = drawn.codes[:, Y] >= INSIDE
    part = drawn.take(np.flatnonzero(smooth))
    whole = part.codes[:, X:] + part.detail[:, X:] - (0, INSIDE)
    return np.asarray(whole / LEVELS)


def given(block: int, code: int, rows: int, detail: float = 0.0) -> Evidence:
    codes = np.full(rows, code, dtype=np.int32)
    return Evidence({block: (codes, np.full(rows, detail, dtype=np.float32))}, {})


def test_labels_rare_ones_too_have_their_shares(model: DiffusionLevels) -> None:
    drawn, weights = model.draw(20_000, rng())
    assert weights is None
    shares = np.bincount(drawn.codes[:, LABEL], minlength=3) / 20_000
    np.testing.assert_allclose(shares, SHARES, atol=0.02)
    assert 0.02 < shares[2] < 0.04


def test_heaps_and_gaps_follow_their_label(model: DiffusionLevels) -> None:
    drawn, _ = model.draw(20_000, rng())
    y = [drawn.codes[drawn.codes[:, LABEL] == one, Y] for one in range(3)]
    assert (y[0] >= INSIDE).mean() > 0.98
    assert abs((y[1] == HEAP).mean() - 0.5) < 0.04
    assert (y[2] == MISSING).mean() > 0.95


def test_numbers_keep_their_margins_and_their_correlation(model: DiffusionLevels) -> None:
    drawn, _ = model.draw(20_000, rng())
    x, y = places(drawn).T
    assert abs(np.corrcoef(x, y)[0, 1] - 6 / np.pi * np.arcsin(0.4)) < 0.03
    shares = np.bincount((x * 10).astype(int), minlength=10) / len(x)
    np.testing.assert_allclose(shares, 0.1, atol=0.02)


def test_a_given_number_gives_the_conditional_of_another(model: DiffusionLevels) -> None:
    evidence = given(X, LEVELS - 4, 4_000)  # u near its .9 quantile, 1.28
    assert model.exact(evidence)
    drawn, weights = model.draw(4_000, rng(), evidence)
    assert weights is None
    assert (drawn.codes[:, X] == LEVELS - 4).all()
    assert (drawn.detail[:, X] == 0).all()
    wanted = ndtr(0.8 * 1.28)
    assert abs(np.median(places(drawn)[:, 1]) - wanted) < 0.03


def test_a_given_gap_gives_the_label_it_comes_from(model: DiffusionLevels) -> None:
    drawn, _ = model.draw(2_000, rng(), given(Y, MISSING, 2_000))
    assert (drawn.codes[:, LABEL] == 2).mean() > 0.9


def test_numbers_that_are_often_equal_are_equal_as_often() -> None:
    stream = np.random.default_rng(0)
    values = stream.random((ROWS, 2))
    equal = stream.random(ROWS) < values[:, 0]  # mostly the large ones
    values[equal, 1] = values[equal, 0]
    places = values * LEVELS
    rows = encoded(places.astype(np.int32), (places % 1).astype(np.float32))
    drawn, _ = learn(RECIPE, rows, number("x", LEVELS), number("y", LEVELS)).draw(8_000, rng())
    x, y = (drawn.codes + drawn.detail).T / LEVELS
    equal = np.abs(x - y) < 1e-3
    assert abs(equal.mean() - 0.5) < 0.03
    assert abs(equal[x > 0.8].mean() - 0.9) < 0.05
    assert abs(equal[x < 0.2].mean() - 0.1) < 0.05


def test_levels_allowed_in_one_block_need_no_weights(model: DiffusionLevels) -> None:
    upper = np.arange(LEVELS) >= LEVELS // 2
    evidence = Evidence({}, {X: upper})
    drawn, weights = model.draw(4_000, rng(), evidence)
    assert model.exact(evidence)
    assert weights is None
    assert upper[drawn.codes[:, X]].all()
    shares = np.bincount(drawn.codes[:, LABEL], minlength=3) / 4_000
    np.testing.assert_allclose(shares, SHARES, atol=0.04)


def test_weights_say_how_likely_a_second_condition_is(model: DiffusionLevels) -> None:
    smooth = np.arange(LEVELS + INSIDE) >= INSIDE
    evidence = Evidence({}, {LABEL: np.array([True, False, True]), Y: ~smooth})
    drawn, weights = model.draw(4_000, rng(), evidence)
    assert weights is not None
    heap = drawn.codes[:, Y] == HEAP  # only label 1 has it
    assert np.exp(weights[heap]).mean() < 0.1
    assert np.exp(weights[~heap]).mean() > 0.9
    assert not (drawn.codes[:, LABEL] == 1).any()


def test_rows_outside_an_allowed_part_of_a_number_weigh_nothing(model: DiffusionLevels) -> None:
    low = np.arange(LEVELS + INSIDE) < INSIDE + LEVELS // 2
    low[:INSIDE] = False
    label = given(LABEL, 0, 1_000)
    evidence = Evidence(label.fixed, {Y: low})
    assert not model.exact(evidence)
    drawn, weights = model.draw(1_000, rng(), evidence)
    assert weights is not None
    assert (np.isfinite(weights) == low[drawn.codes[:, Y]]).all()


def test_a_loaded_model_draws_the_same_rows(model: DiffusionLevels, tmp_path: Path) -> None:
    save(model, tmp_path / "levels.likewise")
    one, two = (m.draw(300, rng())[0] for m in (model, load(tmp_path / "levels.likewise")))
    assert (one.codes == two.codes).all()
    assert (one.detail == two.detail).all()


def test_learning_that_is_cut_off_and_resumed_ends_as_if_it_had_not_been(tmp_path: Path) -> None:
    recipe = RECIPE.model_copy(update={"epochs": 6})  # three chunks for each network

    def fit(run: Run) -> Levels:
        layout = Layout(blocks())
        return recipe.fit_levels(made(), layout, target=None, seed=Seed(1), run=run)

    with pytest.raises(KeyboardInterrupt):
        fit(Run(progress=Interrupting(at=6), checkpoint=tmp_path))  # while numbers are learned
    whole, resumed = fit(Run()), fit(Run(checkpoint=tmp_path))
    for part in ("options", "reals"):
        pairs = zip(getattr(whole, part).leaves, getattr(resumed, part).leaves, strict=True)
        assert all((one == two).all() for one, two in pairs)


def test_candidates_keep_a_sum_that_the_network_blurs() -> None:
    stream = np.random.default_rng(0)
    parts = stream.random((ROWS, 3)) / 2
    parts[:, 2] = parts[:, 0] + parts[:, 1]
    rows = encoded((parts * LEVELS).astype(np.int32), (parts * LEVELS % 1).astype(np.float32))
    names = [number(name, LEVELS) for name in "xyz"]
    recipe = RECIPE.model_copy(update={"epochs": 3})

    def off(candidates: int) -> float:
        levels = learn(recipe.model_copy(update={"candidates": candidates}), rows, *names)
        assert isinstance(levels, Refined) == (candidates > 1)
        drawn, _ = levels.draw(4_000, rng())
        x, y, z = (drawn.codes + drawn.detail).T / LEVELS
        return float(np.abs(x + y - z).mean())

    assert off(8) < 0.7 * off(1)


@pytest.mark.long
def test_a_thousand_columns_of_two_levels_are_learned_in_few_jumps() -> None:
    width = 1_000
    stream = np.random.default_rng(0)
    codes = (stream.random((400, width)) < 0.3).astype(np.int32)
    recipe = Diffusion(width=16, depth=1, epochs=2, jumps=4)
    layout = Layout(tuple(block(str(i), 2, ordered=False) for i in range(width)))
    drawn, _ = learn(recipe, encoded(codes), *layout.blocks).draw(300, rng())
    assert 0.1 < drawn.codes.mean() < 0.5


@pytest.mark.long
def test_a_label_of_twenty_thousand_levels_is_learned() -> None:
    codes = np.random.default_rng(0).integers(0, 20_000, (500, 1)).astype(np.int32)
    recipe = Diffusion(width=16, depth=1, epochs=2)
    drawn, _ = learn(recipe, encoded(codes), block("x", 20_000, ordered=False)).draw(50, rng())
    assert drawn.codes.max() < 20_000
