"""Ranks in lists: products keep their names and prices, whatever the number of products."""

from functools import cache

import numpy as np
import pytest
from tests.generators.made_levels import block, encoded, learn, rng

from likewise.core.seeds import Seed
from likewise.encode.layout import NOTHING, Encoded, Evidence, Layout
from likewise.generators.order import drawing_order
from likewise.generators.ranked import RANKS, common_values
from likewise.generators.trees import Trees, TreesLevels

Array = np.ndarray
PRODUCTS, ROWS = 400, 16_000
PRODUCT = block("product", PRODUCTS, ordered=False)
NAME = block("name", PRODUCTS + 1, ordered=False)
PRICE = block("price", 40)


def sales() -> Array:
    """Product, its name (one in fifty is the last name) and one of its two prices; (N, 3)."""
    draws = np.random.default_rng(2)
    codes = np.zeros((ROWS, 3), dtype=np.int32)
    codes[:, 0] = draws.permutation(np.arange(ROWS) % PRODUCTS)
    codes[:, 1] = np.where(draws.random(ROWS) < 0.02, PRODUCTS, codes[:, 0])
    codes[:, 2] = (codes[:, 0] * 7 + 11 * (draws.random(ROWS) < 0.5)) % 40
    return codes


@cache
def learned() -> TreesLevels:
    """The sales, learned."""
    found = learn(Trees(leaf=20, trees=30), encoded(sales()), PRODUCT, NAME, PRICE)
    assert isinstance(found, TreesLevels)
    return found


def drawn(rows: int = ROWS, evidence: Evidence = NOTHING) -> tuple[Encoded, Array | None]:
    """Rows of the model."""
    return learned().draw(rows, rng(), evidence)


def test_a_list_holds_what_is_common_by_falling_frequency() -> None:
    level = np.repeat([0, 0, 0, 1, 2], [30, 50, 9, 20, 9])
    code = np.repeat([4, 3, 2, 1, 0], [30, 50, 9, 20, 9])
    found = common_values(np.tile(level, 10), np.tile(code, 10), 3, 5)
    assert found.values[:, :4].tolist() == [[3, 4, 2, -1], [1, -1, -1, -1], [0, -1, -1, -1]]
    assert found.rank[:118].tolist() == np.repeat([1, 0, 2, 0, 0], [30, 50, 9, 20, 9]).tolist()


def test_no_list_holds_a_value_that_few_rows_share() -> None:
    level = np.repeat(np.arange(200), 30)
    code = np.where(np.arange(6_000) % 30 < 9, 1, 0)
    found = common_values(level, code, 200, 2)
    assert (found.values[:, 0] == 0).all()
    assert (found.values[:, 1:] == -1).all()
    assert (found.rank[code == 1] == RANKS).all()


def test_lists_save_all_of_a_copy_and_nothing_of_noise() -> None:
    draws = np.random.default_rng(1)
    level = draws.integers(0, 300, 30_000)
    assert common_values(level, level, 300, 300).saved == pytest.approx(1)
    assert common_values(level, draws.integers(0, 50, 30_000), 300, 50).saved < 0.05


def test_the_wide_block_comes_before_what_it_determines() -> None:
    order = drawing_order(encoded(sales()), Layout((PRODUCT, NAME, PRICE)), None, Seed(1))
    assert order == [0, 2, 1]


def test_names_and_prices_stay_with_their_products() -> None:
    real, (rows, weight) = sales(), drawn()
    assert weight is None
    codes = rows.codes
    named = codes[:, 1] == codes[:, 0]
    assert named.mean() == pytest.approx((real[:, 1] == real[:, 0]).mean(), abs=0.005)
    assert (codes[~named, 1] == PRODUCTS).mean() > 0.9
    dear = (codes[:, 2] - codes[:, 0] * 7) % 40
    assert np.isin(dear, [0, 11]).mean() > 0.995
    assert (dear == 11).mean() == pytest.approx(0.5, abs=0.02)


def test_a_given_price_brings_the_products_that_have_it() -> None:
    price = np.full(4_000, 8, dtype=np.int32)
    evidence = Evidence({2: (price, np.zeros(4_000, dtype=np.float32))}, {})
    rows, weight = drawn(4_000, evidence)
    assert weight is not None
    real = sales()
    share = np.exp(weight - weight.max())
    share /= share.sum()
    cheap = (rows.codes[:, 0] * 7) % 40 == 8
    expected = ((real[:, 0] * 7) % 40 == 8)[real[:, 2] == 8].mean()
    assert share[cheap].sum() == pytest.approx(expected, abs=0.05)


def test_allowed_prices_are_kept_and_weighed_by_their_chance() -> None:
    allowed = np.zeros(40, dtype=bool)
    allowed[8] = True
    rows, weight = drawn(20_000, Evidence({}, {2: allowed}))
    assert (rows.codes[:, 2] == 8).all()
    assert weight is not None
    real = sales()
    chance = np.exp(weight).mean()  # of the price, over products as they come
    assert chance == pytest.approx((real[:, 2] == 8).mean(), abs=0.005)


def test_draws_repeat_with_the_seed() -> None:
    first, again = (drawn()[0].codes for _ in range(2))
    np.testing.assert_array_equal(first, again)
