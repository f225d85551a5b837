"""The autoencoder: what it must learn of a small table, and what conditions do to it."""

import numpy as np
import pytest
from tests.generators.made_levels import block, encoded, learn, rng

from likewise.core.artifact import load, save
from likewise.encode.layout import Block, Encoded, Evidence
from likewise.generators.vae import VAE, VaeLevels

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("vae levels")]  # one model for all

ROWS = 4_000
CELLS = 40  # levels of the smooth blocks


def rows() -> Encoded:
    """A smooth block, one that follows it, its half as a label, and a heap in a third."""
    own = np.random.default_rng(0)
    x = own.normal(size=ROWS)
    y = 0.95 * x + np.sqrt(1 - 0.95**2) * own.normal(size=ROWS)
    codes = np.zeros((ROWS, 4), dtype=np.int32)
    detail = np.zeros((ROWS, 4), dtype=np.float32)
    for i, value in enumerate((x, y)):
        position = np.argsort(np.argsort(value)) / ROWS * CELLS
        codes[:, i], detail[:, i] = position.astype(int), position % 1
    codes[:, 2] = np.where(own.random(ROWS) < 0.01, 2, x > 0)
    codes[:, 3] = np.where(own.random(ROWS) < 0.4, 7, own.integers(0, CELLS, ROWS))
    return encoded(codes, detail)


def blocks(data: Encoded) -> tuple[Block, ...]:
    made = (
        block("x", CELLS, inside=True),
        block("y", CELLS, inside=True),
        block("half", 3, ordered=False),
        block("heap", CELLS),
    )
    return tuple(
        Block(b.name, b.column, b.ordered, b.missing, b.atoms, b.centers, counts)
        for i, b in enumerate(made)
        for counts in [np.bincount(data.codes[:, i], minlength=b.size).astype(float)]
    )


def position(drawn: Encoded, i: int) -> np.ndarray:
    return drawn.codes[:, i] + drawn.detail[:, i]


@pytest.fixture(scope="module")
def levels() -> VaeLevels:
    data = rows()
    found = learn(VAE(width=32, candidates=1), data, *blocks(data))
    assert isinstance(found, VaeLevels)
    return found


def test_smooth_dependence_is_kept(levels: VaeLevels) -> None:
    drawn, weight = levels.draw(20_000, rng())
    assert weight is None
    assert np.corrcoef(position(drawn, 0), position(drawn, 1))[0, 1] > 0.9
    agrees = (drawn.codes[:, 0] >= CELLS / 2) == (drawn.codes[:, 2] == 1)
    assert agrees[drawn.codes[:, 2] < 2].mean() > 0.8


def test_margins_rare_levels_and_heaps_are_kept(levels: VaeLevels) -> None:
    drawn, _ = levels.draw(20_000, rng())
    real = rows()
    for i in range(4):
        shares = [np.bincount(part.codes[:, i], minlength=CELLS) for part in (drawn, real)]
        apart = np.abs(shares[0] / 20_000 - shares[1] / ROWS).sum() / 2
        assert apart < 0.05
    assert 0.004 < (drawn.codes[:, 2] == 2).mean() < 0.02
    assert abs((drawn.codes[:, 3] == 7).mean() - (real.codes[:, 3] == 7).mean()) < 0.03


def test_a_given_value_moves_what_depends_on_it(levels: VaeLevels) -> None:
    codes = np.repeat([4, 35], 1_000).astype(np.int32)
    given = Evidence({0: (codes, np.full(2_000, 0.5, dtype=np.float32))}, {})
    drawn, weight = levels.draw(2_000, rng(), given)
    assert weight is None
    assert levels.exact(given)
    assert (drawn.codes[:, 0] == codes).all()
    low, high = np.split(position(drawn, 1), 2)
    real = rows()
    near = [position(real, 1)[np.abs(position(real, 0) - at - 0.5) < 2] for at in (4, 35)]
    for part, wanted in zip((low, high), near, strict=True):
        assert abs(part.mean() - wanted.mean()) < 1.5
        assert 0.6 < part.std() / wanted.std() < 1.6


def test_allowed_levels_hold_and_weigh_the_rows(levels: VaeLevels) -> None:
    allowed = np.zeros(CELLS, dtype=bool)
    allowed[[3, 4, 30]] = True
    evidence = Evidence({}, {1: allowed, 3: np.arange(CELLS) == 7})
    drawn, weight = levels.draw(5_000, rng(), evidence)
    assert weight is not None
    assert not levels.exact(evidence)
    assert allowed[drawn.codes[:, 1]].all()
    assert (drawn.codes[:, 3] == 7).all()
    free, _ = levels.draw(50_000, rng())
    meets = allowed[free.codes[:, 1]] & (free.codes[:, 3] == 7)
    assert abs(np.exp(weight).mean() / meets.mean() - 1) < 0.2
    assert abs(position(drawn, 0).mean() - position(free, 0)[meets].mean()) < 1.5


def test_curves_have_an_inverse(levels: VaeLevels) -> None:
    reals = np.linspace(-6, 6, 1_001)[:, None].repeat(levels.view.geometry.reals, axis=1)
    assert np.allclose(levels.raw(levels.corrected(reals)), reals, atol=1e-6)


def test_a_stored_model_draws_the_same_rows(levels: VaeLevels, tmp_path) -> None:
    save(levels, tmp_path / "levels")
    one, two = (x.draw(300, rng())[0] for x in (levels, load(tmp_path / "levels")))
    assert (one.codes == two.codes).all()
    assert (one.detail == two.detail).all()


def test_a_table_without_blocks_has_rows_all_the_same() -> None:
    levels = learn(VAE(), Encoded.empty(10, 0))
    assert levels.draw(7, rng())[0].rows == 7
