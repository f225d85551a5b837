"""The laws of the number codec: exact where values are shared, close and smooth elsewhere."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from likewise.encode.number import Number

Array = np.ndarray


def learn(values: Any, k: int = 10, **more: Any) -> Number:
    values = np.asarray(values)
    return Number.fit(values, np.zeros(len(values), dtype=bool), k=k, **more)


def there_and_back(number: Number, values: Any, seed: int = 0) -> tuple[Array, Array, Array]:
    values = np.asarray(values)
    codes, detail = number.encode(
        values, np.zeros(len(values), dtype=bool), np.random.default_rng(seed)
    )
    return codes, detail, number.decode(codes, detail)[0]


def redraw(number: Number, codes: Array, seed: int = 1) -> Array:
    """Values of the same levels with details anew, as a generator draws them."""
    detail = np.random.default_rng(seed).random(len(codes), dtype=np.float32)
    detail[number.atoms[codes]] = 0
    return number.decode(codes, detail)[0]


def distance(a: Array, b: Array) -> float:
    """Kolmogorov-Smirnov distance of two samples."""
    x = np.unique(np.concatenate([a, b]))
    low, high = (np.searchsorted(np.sort(v), x, "right") / len(v) for v in (a, b))
    return float(np.abs(low - high).max())


SHAPES = {
    "normal": lambda rng: rng.normal(50, 10, 20_000),
    "cents": lambda rng: np.round(rng.lognormal(3, 1, 20_000), 2),
    "heavy tail": lambda rng: rng.pareto(1.5, 20_000),
    "counts": lambda rng: rng.geometric(0.01, 20_000),
    "ages": lambda rng: rng.integers(18, 90, 20_000),
    "heaped": lambda rng: np.where(
        rng.random(20_000) < 0.5, 1_000 * rng.integers(1, 9, 20_000), rng.integers(1, 9_000, 20_000)
    ),
    "big": lambda rng: 10**15 + rng.integers(0, 10**9, 20_000),
    "negative": lambda rng: -rng.gamma(2, 300, 20_000),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_the_distribution_survives_and_details_are_uniform(shape: str) -> None:
    values = SHAPES[shape](np.random.default_rng(0))
    number = learn(values)
    codes, detail, back = there_and_back(number, values)
    assert distance(back, values) < 0.002
    assert distance(redraw(number, codes), values) < 0.004
    assert number.counts.min() >= 10
    assert len(number.atoms) <= 255
    inside = detail[~number.atoms[codes]]
    if len(inside) > 1_000:
        assert abs(inside.mean() - 0.5) < 0.02
        assert distance(inside, np.random.default_rng(9).random(len(inside))) < 0.03


@pytest.mark.parametrize("shape", SHAPES)
def test_levels_rise_in_value_and_a_decoded_value_stays_in_its_level(shape: str) -> None:
    values = SHAPES[shape](np.random.default_rng(2))
    number = learn(values)
    codes, _, _ = there_and_back(number, values)
    drawn = redraw(number, codes)
    assert (there_and_back(number, drawn)[0] == codes).all()
    assert (np.diff(number.centers) > 0).all()
    order = np.argsort(values, kind="stable")
    assert (np.diff(codes[order]) >= 0).all()


def test_shared_values_come_back_exactly_and_in_the_same_numbers() -> None:
    rng = np.random.default_rng(0)
    values = np.concatenate([np.zeros(9_000), np.full(200, 99_999), rng.integers(1, 60_000, 800)])
    number = learn(values.astype(np.int64))
    codes, _, back = there_and_back(number, values.astype(np.int64))
    for drawn in (back, redraw(number, codes)):
        assert (drawn == 0).sum() == 9_000
        assert (drawn == 99_999).sum() == 200


def test_a_bin_never_rounds_into_a_neighbouring_atom() -> None:
    rng = np.random.default_rng(0)
    values = np.concatenate([np.full(5_000, 10), np.full(5_000, 20), rng.integers(11, 20, 60)])
    number = learn(values)
    bins = np.flatnonzero(~number.atoms)
    codes = np.repeat(bins, 20_000).astype(np.int32)
    drawn = redraw(number, codes)
    assert drawn.min() >= 11
    assert drawn.max() <= 19


@pytest.mark.parametrize(
    ("values", "step"),
    [
        (np.arange(5_000) * 5, 5),
        (np.arange(5_000) * 100 + 99, 100),
        (np.arange(5_000) / 8, 125 / 1_000),
        (np.arange(5_000) * 0.25, 25 / 100),
        (np.arange(5_000) / 100, 1 / 100),
    ],
)
def test_the_step_of_rounded_values_is_learned(values: Array, step: float) -> None:
    number = learn(values)
    assert number.grid.step / number.grid.divisor == step
    drawn = redraw(number, there_and_back(number, values)[0])
    ratio = (drawn - values[0]) / step
    assert np.allclose(ratio, np.rint(ratio), atol=1e-6)


def test_decimals_are_written_as_the_nearest_float() -> None:
    values = np.round(np.random.default_rng(0).uniform(0, 100, 5_000), 2)
    drawn = redraw(learn(values), there_and_back(learn(values), values)[0])
    assert (np.round(drawn, 2) == drawn).all()
    single = values.astype(np.float32).astype(np.float64)
    back = there_and_back(learn(single), single)[2]
    assert (back.astype(np.float32).astype(np.float64) == back).all()


def test_large_integers_are_exact_where_they_are_shared() -> None:
    shared = np.array([2**62 + 1, -(2**62) - 7, 12_345_678_901_234_567])
    values = np.concatenate([np.repeat(shared, 50), np.arange(500) + 2**61])
    back = there_and_back(learn(values), values)[2]
    assert (back[:150] == values[:150]).all()
    near = 2**61 + np.random.default_rng(0).integers(0, 10**6, 5_000)
    codes, _, again = there_and_back(learn(near), near)
    assert (again == near).mean() > 0.9
    assert np.abs(again - near).max() < 10**5
    assert redraw(learn(near), codes).dtype == np.int64


def test_natural_and_declared_bounds_are_kept() -> None:
    rng = np.random.default_rng(0)
    positive = rng.exponential(1, 5_000)
    number = learn(positive)
    assert redraw(number, np.zeros(10_000, dtype=np.int32)).min() >= 0
    counts = rng.geometric(0.001, 5_000)
    assert redraw(learn(counts), np.zeros(10_000, dtype=np.int32)).min() >= 1
    bounded = learn(rng.normal(0, 1, 5_000), low=-4.0, high=3.5)
    last = np.full(10_000, len(bounded.atoms) - 1, dtype=np.int32)
    assert redraw(bounded, last).max() <= 3.5
    assert redraw(bounded, 0 * last).min() >= -4.0


def test_extremes_are_drawn_from_a_tail_and_are_nobodys_value() -> None:
    values = np.random.default_rng(0).lognormal(10, 1, 20_000)
    number = learn(values)
    drawn = redraw(number, there_and_back(number, values)[0])
    assert not np.isin(values, number.x).any()
    assert 0.3 < drawn.max() / values.max() < 3
    assert abs(drawn.mean() / values.mean() - 1) < 0.01
    assert abs(drawn.std() / values.std() - 1) < 0.05


def test_missing_values_are_level_zero() -> None:
    values = np.random.default_rng(0).normal(size=1_000)
    gaps = np.arange(1_000) % 3 == 0
    number = Number.fit(values, gaps, k=10)
    codes, detail = number.encode(values, gaps, np.random.default_rng(0))
    assert ((codes == 0) == gaps).all()
    assert (number.decode(codes, detail)[1] == gaps).all()
    assert number.counts[0] == gaps.sum()


@given(
    st.lists(st.integers(-(2**63), 2**63 - 1), max_size=60),
    st.integers(1, 30),
    st.integers(2, 5),
)
@settings(max_examples=150, deadline=None)
def test_any_whole_numbers_come_back_if_shared(values: list[int], copies: int, k: int) -> None:
    column = np.repeat(np.array(values, dtype=np.int64), copies)
    number = learn(column, k=k)
    codes, detail, back = there_and_back(number, column)
    assert ((detail >= 0) & (detail < 1)).all()
    assert (codes < len(number.atoms)).all()
    assert back.dtype == np.int64
    if copies >= k and len(set(values)) <= 100 and max(map(abs, values), default=0) < 2**52:
        assert (back == column).all()


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=80))
@settings(max_examples=150, deadline=None)
def test_any_floats_keep_their_order_and_stay_finite(values: list[float]) -> None:
    column = np.array(values, dtype=np.float64)
    number = learn(column, k=2)
    codes, _, back = there_and_back(number, column)
    assert np.isfinite(back).all()
    assert (np.diff(codes[np.argsort(column, kind="stable")]) >= 0).all()
    assert (np.bincount(codes, minlength=len(number.atoms)) == number.counts).all()
