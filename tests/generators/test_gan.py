"""The conditional GAN: what it must learn, what it may not lose, and how conditions come about."""

from pathlib import Path

import numpy as np
import pytest
from tests.generators.made_levels import block, encoded, learn, rng

from likewise.core.artifact import load, save
from likewise.core.run import Run
from likewise.core.seeds import Seed
from likewise.encode.layout import Block, Encoded, Evidence, Layout
from likewise.generators.gan import GAN, GanLevels
from likewise.generators.gan_world import world_of
from likewise.nn.mixed import Mixed

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("gan levels")]  # one model for all

ROWS = 4_000
RECIPE = GAN(width=48, batch=128, epochs=12)
RARE = 0.005  # share of the label that must not vanish
SHARES = (0.5, 0.3, 0.15, 0.05 - RARE, RARE)


def rows() -> Encoded:
    """A label, one that follows from it, an amount with a heap at 0 that depends on the label."""
    draws = np.random.default_rng(3)
    label = draws.choice(5, ROWS, p=SHARES)
    amount = np.where(draws.random(ROWS) < 0.4, 0, draws.integers(1, 9, ROWS) + 8 * (label == 0))
    codes = np.stack([label, (label + 1) % 5, amount], axis=1)
    return encoded(codes, np.where(codes[:, [2]] * [0, 0, 1] > 0, draws.random((ROWS, 1)), 0))


def blocks(found: Encoded) -> tuple[Block, Block, Block]:
    """Two labels; a number whose level 0 is a single value and the others have an inside."""
    counts = [
        np.bincount(found.codes[:, i], minlength=k).astype(float) for i, k in enumerate(SIZES)
    ]
    atoms = np.arange(SIZES[2]) == 0
    centers = np.arange(SIZES[2], dtype=float)
    return (
        Block("a", "a", False, False, np.ones(5, bool), np.arange(5.0), counts[0]),
        Block("b", "b", False, False, np.ones(5, bool), np.arange(5.0), counts[1]),
        Block("x", "x", True, False, atoms, centers, counts[2]),
    )


SIZES = (5, 5, 17)


@pytest.fixture(scope="module")
def model() -> GanLevels:
    found = learn(RECIPE, rows(), *blocks(rows()))
    assert isinstance(found, GanLevels)
    return found


@pytest.fixture(scope="module")
def drawn(model: GanLevels) -> Encoded:
    found, weights = model.draw(20_000, rng())
    assert weights is None
    return found


def test_a_rare_label_keeps_its_share(drawn: Encoded) -> None:
    shares = np.bincount(drawn.codes[:, 0], minlength=5) / drawn.rows
    assert abs(shares - np.array(SHARES)).max() < 0.02
    assert RARE / 2 < shares[-1] < RARE * 2


def test_a_label_that_follows_from_another_follows(drawn: Encoded) -> None:
    assert ((drawn.codes[:, 0] + 1) % 5 == drawn.codes[:, 1]).mean() > 0.95


def test_a_heap_keeps_its_share(drawn: Encoded) -> None:
    real = (rows().codes[:, 2] == 0).mean()
    assert abs((drawn.codes[:, 2] == 0).mean() - real) < 0.015


def test_a_number_depends_on_the_label_as_it_did(drawn: Encoded) -> None:
    for found in (rows(), drawn):
        above = found.codes[:, 2] > 8
        first = found.codes[:, 0] == 0
        assert above[first].mean() > 0.5
        assert above[~first].mean() < 0.06


def test_the_same_seed_learns_the_same_and_draws_the_same(model: GanLevels) -> None:
    again = learn(RECIPE, rows(), *blocks(rows()))
    first, second = (one.draw(300, rng())[0] for one in (model, again))
    assert (first.codes == second.codes).all()
    assert (first.detail == second.detail).all()


def test_a_loaded_model_draws_the_same_rows(model: GanLevels, tmp_path: Path) -> None:
    save(model, tmp_path / "model.likewise")
    first, second = (m.draw(50, rng())[0] for m in (model, load(tmp_path / "model.likewise")))
    assert (first.codes == second.codes).all()


def test_a_given_label_leads_every_row(model: GanLevels) -> None:
    given = np.full(200, 3)
    found, weights = model.draw(200, rng(), Evidence({0: (given, np.zeros(200))}, {}))
    assert weights is not None
    assert (found.codes[:, 0] == 3).all()
    assert (found.codes[:, 1] == 4).mean() > 0.8


def test_an_allowed_rare_label_is_drawn_at_once(model: GanLevels) -> None:
    found, weights = model.draw(200, rng(), Evidence({}, {0: np.arange(5) >= 3}))
    assert weights is not None
    assert (found.codes[:, 0] >= 3).all()
    assert set(found.codes[:, 0]) == {3, 4}


def test_weights_prefer_rows_near_a_given_number(model: GanLevels) -> None:
    codes, detail = np.full(2_000, 12), np.full(2_000, 0.5)
    found, weights = model.draw(2_000, rng(), Evidence({2: (codes, detail)}, {}))
    assert weights is not None
    assert (found.codes[:, 2] == 12).all()
    chance = np.exp(weights - weights.max())
    assert np.average(found.codes[:, 0] == 0, weights=chance) > 0.8


def test_only_free_rows_are_drawn_exactly(model: GanLevels) -> None:
    assert model.exact(Evidence({}, {}))
    assert not model.exact(Evidence({}, {0: np.arange(5) >= 3}))


def test_blocks_that_determine_each_other_are_drawn_in_different_turns() -> None:
    found = rows()
    mixed = Mixed.of(Layout(blocks(found)))
    world = world_of(mixed.geometry, *mixed.encode(found, rng()))
    assert world.turn[0] != world.turn[1]


def test_the_chance_to_be_revealed_sums_to_one_and_favours_rare_options() -> None:
    found = rows()
    mixed = Mixed.of(Layout(blocks(found)))
    hints = world_of(mixed.geometry, *mixed.encode(found, rng())).hints
    assert np.isclose(hints.chance.sum(), 1)
    assert hints.chance[4] / RARE > 1.2 * hints.chance[0] / SHARES[0]


@pytest.mark.long
def test_packed_rows_are_learned_as_well() -> None:
    recipe = RECIPE.model_copy(update={"pack": 3, "epochs": 1.0})
    found = recipe.fit_levels(
        rows(), Layout(blocks(rows())), target=None, seed=Seed(1), run=Run(workers=1)
    )
    drawn, _ = found.draw(1_000, rng())
    assert drawn.rows == 1_000
    shares = np.bincount(drawn.codes[:, 0], minlength=5) / drawn.rows
    assert abs(shares - np.array(SHARES)).max() < 0.1


@pytest.mark.long
@pytest.mark.parametrize(("count", "sizes"), [(1, (3,)), (5, (1, 2)), (300, (40, 2))])
def test_tiny_tables_are_learned(count: int, sizes: tuple[int, ...]) -> None:
    codes = np.stack([np.arange(count) % k for k in sizes], axis=1)
    found = learn(RECIPE, encoded(codes), *(block(str(i), k) for i, k in enumerate(sizes)))
    drawn, _ = found.draw(30, rng())
    assert (drawn.codes < np.array(sizes)).all()
