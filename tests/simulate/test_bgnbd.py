"""The BG/NBD model against published numbers, integrals, and customers drawn by its own story."""

import numpy as np
import pytest
from scipy import stats
from scipy.optimize import check_grad

from likewise.core.errors import DataError
from likewise.simulate import bgnbd
from likewise.simulate.bgnbd import Purchases, RepeatModel, fit_repeats, likelihoods, timing

# Estimates of Fader, Hardie and Lee (2005) for 2,357 customers of CDNOW, in weeks.
CDNOW = RepeatModel(r=0.243, alpha=4.414, a=0.793, b=2.426)


def one(repeats: float, last: float, seen: float) -> Purchases:
    return Purchases(np.array([repeats]), np.array([last]), np.array([seen]))


def drawn(model: RepeatModel, customers: int, days: float, seed: int) -> Purchases:
    """Customers drawn one after the other, event by event."""
    rng = np.random.default_rng(seed)
    rows = []
    for _ in range(customers):
        rate, leaves = rng.gamma(model.r) / model.alpha, rng.beta(model.a, model.b)
        until = rng.uniform(days / 2, days)
        time, last, repeats = 0.0, 0.0, 0
        while True:
            time += rng.gamma(model.regularity) / (model.regularity * rate)
            if not time < until:
                break
            last, repeats = time, repeats + 1
            if rng.random() < leaves:
                break
        rows.append((repeats, last, until))
    return Purchases(*np.array(rows).T)


def test_expectations_at_the_published_parameters_are_the_published_ones() -> None:
    # Customer 1 of CDNOW in the authors' spreadsheet note: 1.226 purchases in the next 39 weeks.
    assert CDNOW.expected_later(one(2, 30.43, 38.86), 39)[0] == pytest.approx(1.226, abs=5e-4)
    # The vignette of the R package BTYD: 26 repeats, the last in week 30.86 of 31, 52 weeks ahead.
    assert CDNOW.expected_later(one(26, 30.86, 31), 52)[0] == pytest.approx(25.76, abs=5e-3)


@pytest.mark.parametrize("regularity", [1, 2, 3])
def test_the_likelihood_is_the_integral_over_rates_and_chances_to_leave(regularity: int) -> None:
    model = RepeatModel(1.4, 5.0, 1.5, 2.2, regularity)
    times, until = np.array([2.0, 3.5, 1.0]), 11.0
    place, weight = np.polynomial.legendre.leggauss(300)
    leaves, rate = (place + 1) / 2, 2.5 * (place + 1)  # of (0, 1) and (0, 5)
    wait = stats.gamma(regularity, scale=1 / (regularity * rate[:, None]))
    bought = np.prod(wait.pdf(times), axis=1)
    after = wait.sf(until - times.sum())[:, 0]
    active = (bought * after)[:, None] * (1 - leaves) ** 3
    left = bought[:, None] * leaves * (1 - leaves) ** 2
    rates = stats.gamma(model.r, scale=1 / model.alpha).pdf(rate) * weight * 2.5
    chances = stats.beta(model.a, model.b).pdf(leaves) * weight / 2
    whole = rates @ (active + left) @ chances
    found = model.log_likelihood(one(3, 6.5, until)) + timing(times, regularity)
    assert found == pytest.approx(np.log(whole), abs=1e-3)
    nothing = model.log_likelihood(one(0, 0, until))
    assert np.exp(nothing) == pytest.approx(float(model.share(0, until)), rel=1e-9)


@pytest.mark.parametrize("regularity", [1, 3])
def test_the_slope_is_that_of_the_likelihood(regularity: int) -> None:
    known = bgnbd.Known(drawn(CDNOW, 300, 80, seed=1), regularity)
    place = np.log([0.5, 6.0, 0.7, 1.8])
    off = check_grad(
        lambda at: likelihoods(at, known)[0].sum(),
        lambda at: likelihoods(at, known)[1].sum(axis=1),
        place,
    )
    assert off < 1e-3 * np.abs(likelihoods(place, known)[1].sum(axis=1)).max()


@pytest.mark.parametrize("regularity", [1, 2, 4])
def test_shares_sum_to_one_and_their_mean_is_the_expectation(regularity: int) -> None:
    model = RepeatModel(0.8, 30.0, 0.8, 2.5, regularity)
    times = np.array([0.0, 40.0, 300.0])
    x = np.arange(2000)[:, None]
    shares = model.share(x, times[None, :])
    assert shares.sum(axis=0) == pytest.approx([1, 1, 1], abs=1e-9)
    assert model.expected(times) == pytest.approx((x * shares).sum(axis=0), rel=1e-3, abs=1e-9)


def test_what_is_expected_is_what_customers_do() -> None:
    model = RepeatModel(0.8, 30.0, 0.8, 2.5)
    seen = drawn(model, 6000, 300, seed=2)
    expected = model.expected(seen.seen)
    error = np.std(seen.repeats - expected) / np.sqrt(6000)
    assert seen.repeats.mean() == pytest.approx(expected.mean(), abs=4 * error)


@pytest.mark.parametrize("regularity", [1, 2])
def test_parameters_are_found_again(regularity: int) -> None:
    model = RepeatModel(0.8, 30.0, 0.8, 2.5, regularity)
    found = fit_repeats(drawn(model, 8000, 600, seed=3), regularity=regularity)
    for name, off in (("r", 0.08), ("alpha", 0.12), ("a", 0.2), ("b", 0.25)):
        assert getattr(found, name) == pytest.approx(getattr(model, name), rel=off), name


def test_nobody_is_thought_to_have_left_who_has_just_bought_or_never_again() -> None:
    many = Purchases(np.array([0.0, 5, 5]), np.array([0.0, 39, 10]), np.array([39.0, 39, 39]))
    alive = CDNOW.alive(many)
    assert alive[0] == 1
    assert alive[1] > 0.8
    assert alive[2] < 0.2


def test_long_histories_do_not_overflow() -> None:
    seen = Purchases(np.array([0.0, 5000]), np.array([0.0, 900]), np.array([1000.0, 1000]))
    assert np.isfinite(CDNOW.log_likelihood(seen))
    assert np.isfinite(CDNOW.alive(seen)).all()


def test_customers_who_never_come_back_say_nothing() -> None:
    with pytest.raises(DataError, match="no customer bought on a second day"):
        fit_repeats(Purchases(np.zeros(3), np.zeros(3), np.full(3, 9.0)))
