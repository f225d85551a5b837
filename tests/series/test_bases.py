import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.series.series_tables import prices, weather

from likewise.series.bases import LAST, LEVEL, SAME, SLOPE, Before, history, residuals
from likewise.series.choice import choose, digits_of


def chosen(x: np.ndarray, own: float = 0.7):
    first = np.zeros(len(x), dtype=int)
    return choose(x, first, tuple(map(digits_of, x.T)), own=own)


def rebuilt(x: np.ndarray, bases) -> np.ndarray:
    """The series drawn from its own residuals, each row after the one before."""
    before = history(x, np.zeros(len(x), dtype=int))
    left = residuals(x, bases, before)
    rows = [x[1]]
    now = Before(before.last[2:3], before.slope[2:3])
    for t in range(2, len(x)):
        row = np.full((1, x.shape[1]), np.nan)
        for j, base in enumerate(bases):
            row[:, j] = now.value(j, base, left[t : t + 1, j], row)
        rows.append(row[0])
        now = now.after(row)
    return np.array(rows)


@pytest.mark.parametrize("name", ["prices", "weather"])
def test_a_series_is_the_sum_of_its_residuals(name):
    frame = prices(300) if name == "prices" else weather(300, gaps=False)
    x = frame.select_dtypes("number").to_numpy(float)
    made = rebuilt(x, chosen(x))
    inside = np.abs(made - x[1:]) < 1e-9  # a few extremes lie beyond the limits of what comes out
    assert inside.mean() > 0.99
    assert np.abs(made - x[1:]).max() < 0.1 * np.ptp(x, axis=0).max()


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([0, 2]))
def test_any_walk_comes_back_to_its_last_digit(seed, digits):
    rng = np.random.default_rng(seed)
    x = np.round(np.cumsum(rng.normal(0, 3, (60, 2)), axis=0), digits)
    bases = chosen(x)
    away = np.abs(rebuilt(x, bases) - x[1:]) > 1e-6
    low, high = np.array([(base.low, base.high) for base in bases]).T
    beyond = (x < low) | (x > high)
    assert not away[~np.logical_or.accumulate(beyond.any(axis=1))[1:]].any()


def test_a_walk_is_told_from_the_row_before_and_noise_from_nothing():
    rng = np.random.default_rng(0)
    x = np.stack([np.cumsum(rng.normal(size=2_000)), rng.normal(size=2_000)], axis=1)
    walk, noise = chosen(x)
    assert (walk.how, walk.reverts) == (LAST, False)
    assert (noise.how, noise.reverts) == (LEVEL, True)


def test_prices_are_ratios_and_the_highest_is_told_from_the_first():
    x = prices(3_000).select_dtypes("number").to_numpy(float)
    opened, high, low, _, volume = chosen(x)
    assert (opened.how, opened.other, opened.ratio) == (LAST, 3, True)
    assert (high.how, low.how) == (SAME, SAME)
    assert volume.how in (LAST, LEVEL)
    assert volume.low >= 0


def test_interpolated_values_go_on_along_their_slope_and_flat_ones_stay_exactly_flat():
    rng = np.random.default_rng(0)
    knots = np.round(20 + np.cumsum(rng.choice([-0.5, 0.0, 0.4], 400)), 1)
    x = np.interp(np.arange(6 * 399 + 1), 6 * np.arange(400), knots)[:, None]
    [base] = chosen(x)
    assert base.how == SLOPE
    assert base.lattice == pytest.approx(0.1 / 6)
    before = Before(np.array([[20.0]]), np.array([[0.05]]))
    drawn = before.value(0, base, np.array([-0.0499]), np.full((1, 1), np.nan))
    assert drawn[0] == 20.0


def test_what_returns_stays_in_its_range():
    x = weather(2_000, gaps=False)["heat"].to_numpy(float)[:, None]
    [base] = chosen(x)
    assert base.reverts
    assert base.value(np.array([500.0]), np.array([15.0]))[0] <= x.max() + 0.1 * np.ptp(x)


def test_missing_values_leave_the_last_known_one_standing():
    x = np.array([[1.0], [np.nan], [3.0], [np.nan]])
    before = history(x, np.zeros(4, dtype=int))
    assert np.isnan(before.last[0, 0])
    assert before.last[1:, 0].tolist() == [1.0, 1.0, 3.0]


def test_nothing_is_known_before_the_first_row_of_each_series():
    before = history(np.arange(6.0)[:, None], np.array([0, 0, 0, 3, 3, 3]))
    assert np.isnan(before.last[[0, 3], 0]).all()
    assert before.last[4, 0] == 3.0


def test_no_extreme_of_a_single_row_is_kept():
    x = np.random.default_rng(0).normal(0, 1, (2_000, 1)).cumsum(axis=0)
    x[1_000] += 1e6
    [base] = chosen(x)
    assert abs(base.high - 1e6) > 1e5
    assert abs(base.steepest - 1e6) > 1e5
