"""Ties: equal numbers in two columns are found, told apart from close ones, and made equal."""

import numpy as np
import pytest
from tests.generators.made_levels import encoded, number

from likewise.encode.layout import Encoded, Layout
from likewise.generators.ties import Scale, Ties

ROWS = 4_000
BILL, PAID = 0, 1
LAYOUT = Layout((number("bill", 50), number("paid", 25, missing=True)))
SMOOTH = [np.arange(one.size) >= one.first for one in LAYOUT.blocks]


def rows(bill: np.ndarray, paid: np.ndarray) -> Encoded:
    """Rows of values in [0, 1]."""
    places = np.stack([bill * 50, 1 + paid * 25], axis=1)
    return encoded(places.astype(np.int32), (places % 1).astype(np.float32))


@pytest.fixture(scope="module")
def often() -> Encoded:
    """A third is paid as billed, a third about so, a third anything."""
    rng = np.random.default_rng(0)
    bill, other = rng.uniform(0.05, 0.95, (2, ROWS))
    near = bill + rng.uniform(-0.05, 0.05, ROWS)
    return rows(bill, np.choose(np.arange(ROWS) % 3, [bill, near, other]))


def gaps(drawn: Encoded) -> np.ndarray:
    scales = [Scale.of(one) for one in LAYOUT.blocks]
    one, other = (scales[i].values(drawn.codes[:, i], drawn.detail[:, i]) for i in (BILL, PAID))
    return np.abs(one - other)


def test_equal_numbers_are_found_and_the_later_column_follows(often: Encoded) -> None:
    ties = Ties.of(often, LAYOUT, SMOOTH)
    assert (ties.followers, ties.leaders, ties.sizes) == ((PAID,), ((BILL,),), [2])
    options = ties.options(often)[:, 0]
    assert options[::3].all()
    assert options[2::3].mean() < 0.05


def test_numbers_that_are_only_close_are_no_tie() -> None:
    rng = np.random.default_rng(0)
    bill = rng.uniform(0.05, 0.95, ROWS)
    ties = Ties.of(rows(bill, bill + rng.uniform(-0.04, 0.04, ROWS)), LAYOUT, SMOOTH)
    assert ties.followers == ()
    assert ties.options(rows(bill, bill)).shape == (ROWS, 0)


@pytest.mark.parametrize("given", [BILL, PAID])
def test_tied_rows_become_equal_and_what_is_given_stays(often: Encoded, given: int) -> None:
    ties = Ties.of(often, LAYOUT, SMOOTH)
    rng = np.random.default_rng(1)
    drawn = rows(*rng.uniform(0.1, 0.9, (2, ROWS)))
    drawn.codes[:100, PAID], drawn.detail[:100, PAID] = 0, 0  # missing ones have no value
    before = drawn.take(np.arange(ROWS))
    tied = np.arange(ROWS) % 2
    ties.keep(drawn, tied[:, None], np.arange(2) == given)
    assert gaps(drawn)[101::2].max() < 1e-6
    for same in (drawn.codes == before.codes, drawn.detail == before.detail):
        assert same[:, given].all()
        assert same[::2].all()
        assert same[:100].all()


def test_both_given_stay_as_they_are(often: Encoded) -> None:
    ties = Ties.of(often, LAYOUT, SMOOTH)
    drawn = rows(np.full(10, 0.2), np.full(10, 0.7))
    ties.keep(drawn, np.ones((10, 1), dtype=np.int32), np.ones(2, dtype=bool))
    assert (drawn.codes == rows(np.full(10, 0.2), np.full(10, 0.7)).codes).all()


def test_a_value_of_its_own_is_met_exactly_and_its_neighbours_end_there() -> None:
    made = number("x", 5)
    made.atoms[2] = True
    scale = Scale.of(made)
    codes, detail = scale.places(np.array([0.5, 0.4999, 0.5001, -3.0, 3.0]))
    assert codes.tolist() == [2, 1, 3, 0, 4]
    assert detail[0] == 0
    np.testing.assert_allclose(detail[[1, 2]], [1, 0], atol=2e-3)
    values = np.linspace(0.01, 0.99, 99)
    np.testing.assert_allclose(scale.values(*scale.places(values)), values, atol=1e-6)
