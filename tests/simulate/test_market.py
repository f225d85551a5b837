"""A daily market against theory where there is one; facts of returns against others' code."""

import datetime
import math
import re
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from likewise.core.errors import ConfigError, DataError
from likewise.core.params import build
from likewise.simulate.facts import measured
from likewise.simulate.market import Market
from likewise.simulate.market_returns import facts_of_returns, volume_volatility
from likewise.simulate.market_switching import SHARE, STATE, trade_days
from likewise.simulate.order_book import OrderBook
from likewise.simulate.philox import normal

PAGE = Path(__file__).parents[2] / "docs" / "simulators" / "market.md"
QUIET = {"news": 0.0, "panic": 0.0, "losses": 0.0, "misalignment": 0.0, "herding": 0.0}


def _prices(returns):
    return pa.table({"close": 100 * np.exp(np.cumsum(np.r_[0.0, returns]))})


def test_facts_of_returns_are_those_of_other_code():
    r = np.random.default_rng(1).standard_t(4, 4000) / 100
    facts, z, a = facts_of_returns(r), r - r.mean(), np.abs(r) - np.abs(r).mean()
    assert facts["volatility"] == pytest.approx(100 * r.std())
    assert facts["skew"] == pytest.approx(stats.skew(r))
    assert facts["kurtosis"] == pytest.approx(stats.kurtosis(r))
    assert facts["acf_1"] == pytest.approx(z[1:] @ z[:-1] / (z @ z))
    assert facts["abs_acf_50"] == pytest.approx(a[50:] @ a[:-50] / (a @ a))
    assert facts["leverage"] == pytest.approx(z[:-1] @ a[1:] / math.sqrt((z @ z) * (a @ a)))
    sums = np.convolve(z, np.ones(20), "valid")
    assert facts["kurtosis_20"] == pytest.approx(np.mean(sums**4) / np.mean(sums**2) ** 2 - 3)


@pytest.mark.parametrize("index", [2.0, 3.0, 5.0])
def test_the_hill_index_of_a_power_law_is_its_exponent(index):
    rng = np.random.default_rng(2)
    r = rng.choice([-1, 1], 200_000) * (1 + rng.pareto(index, 200_000))
    assert facts_of_returns(r)["hill"] == pytest.approx(index, rel=5 / math.sqrt(10_000))


def test_fundamentalists_alone_bring_the_price_back_as_an_autoregression():
    alone = Market(**QUIET, bias=50.0, pull=10.0, value_noise=0.8, growth=0.0)
    bars = alone.run(200, seed=3).table("bars")
    gap = np.log(bars["close"].to_numpy() / bars["value"].to_numpy())
    keep = 1 - 0.01 * 10
    assert np.corrcoef(gap[1:], gap[:-1])[0, 1] == pytest.approx(keep, abs=0.01)
    assert gap.std() == pytest.approx(0.01 * 0.8 / math.sqrt(1 - keep**2), rel=0.05)


def test_chartists_alone_make_returns_an_autoregression():
    for trend in (-30.0, 30.0):
        alone = Market(**QUIET, bias=-50.0, trend=trend, pull=0.0, growth=0.0, trend_noise=1.0)
        facts = alone.facts({"bars": alone.run(100, seed=4).table("bars")})
        assert facts["acf_1"] == pytest.approx(0.01 * trend, abs=4 / math.sqrt(25_200))
        assert facts["volatility"] == pytest.approx(1 / math.sqrt(1 - 0.09), rel=0.03)


def test_panic_sharpens_falls_and_leaves_the_mean_where_it_was():
    means, skews = [], []
    for panic in (0.0, 0.6):
        quiet = {**QUIET, "panic": panic}
        alone = Market(**quiet, bias=-50.0, trend=0.0, pull=0.0, growth=0.0, trend_noise=1.0)
        returns = np.diff(np.log(alone.run(100, seed=5).table("bars")["close"].to_numpy()))
        means.append(returns.mean())
        skews.append(stats.skew(returns))
    assert abs(means[1] - means[0]) < 4 * 0.01 / math.sqrt(25_200)
    assert skews[1] < skews[0] - 0.3


def test_losses_drive_traders_from_value_so_that_falls_are_followed_by_larger_moves():
    leverage = []
    for losses in (0.0, 3.0):
        market = Market(losses=losses)
        leverage.append(market.facts({"bars": market.run(60, seed=6).table("bars")})["leverage"])
    assert abs(leverage[0]) < 0.06
    assert leverage[1] < -0.1


def test_the_plain_kernel_gives_what_the_compiled_one_gives():
    rules = np.array([0.0002, 0.004, 0.1, -10, 0.6, 2, -3, 2, 70, 1.6, 0.3, 0.15, 0.5])
    key, results = np.array([7, 1], np.uint64), []
    for run in (trade_days, trade_days.py_func):
        state, out = np.zeros(STATE), np.empty((4, 200))
        state[SHARE] = 0.5
        run(key, 10, state, rules, out)
        results.append((state, out))
    for one, other in zip(*results, strict=True):
        assert np.allclose(one, other, rtol=1e-12, atol=1e-14)
    assert normal(key, 10, 1) == pytest.approx(normal.py_func(key, 10, 1))


def test_the_same_seed_gives_the_same_days_and_a_longer_run_only_adds_some():
    short, long = (Market().run(years, seed=8).table("bars") for years in (3, 5))
    assert short.equals(long.slice(0, 3 * 252))
    assert not Market().run(3, seed=9).table("bars").equals(short)
    assert Market(price=7.0).run(0, seed=8).series["price"][0].as_py() == pytest.approx(7)


def test_by_default_all_facts_lie_in_their_bands_on_nearly_all_seeds():
    market, inside = Market(), {}
    for seed in range(12):
        for fact in measured(market, {"bars": market.run(20, seed=seed).table("bars")}):
            if fact.inside is not None:
                inside.setdefault(fact.name, []).append(fact.inside)
    assert len(inside) == 12
    for name, held in inside.items():
        assert np.mean(held) >= 0.75, name


def test_facts_and_estimates_read_prices_however_they_are_called():
    rng = np.random.default_rng(10)
    returns = 0.001 + rng.standard_t(4, 800) / 100
    close = _prices(returns)["close"].to_numpy()
    day = np.datetime64("2020-01-01") + np.arange(801)
    shuffled = rng.permutation(801)
    table = pa.table({
        "Date": day[shuffled], "Close": close[shuffled] * 2, "Adj_Close": close[shuffled],
        "Volume": rng.integers(1000, 2000, 801)[shuffled],
    })  # fmt: skip
    market = Market()
    plain = market.facts({"x": _prices(returns)})
    assert market.facts({"anything": table}) == pytest.approx({
        **plain, "volume_volatility": market.facts({"anything": table})["volume_volatility"],
    })  # fmt: skip
    found = market.estimate({"anything": table})
    assert found["price"] == pytest.approx(100)
    assert found["growth"] == pytest.approx(returns.mean())
    assert 1400 < found["volume"] < 1600
    assert Market().facts({"trades": _prices(returns)}) == {}


@pytest.mark.parametrize("form", ["%Y-%m-%d", "%m/%d/%Y"])
def test_dates_that_are_texts_are_read_as_dates(form):
    returns = np.random.default_rng(15).normal(size=900) / 100
    days = [str(d) for d in (np.datetime64("2019-06-01") + np.arange(901))]
    texts = [datetime.date.fromisoformat(d).strftime(form) for d in days]
    dated = _prices(returns).append_column("date", pa.array(texts))
    backwards = dated.take(pa.array(np.arange(901)[::-1]))
    wanted = Market().facts({"x": _prices(returns)})
    assert Market().facts({"x": dated}) == wanted
    assert Market().facts({"x": backwards}) == pytest.approx(wanted)


def test_volume_goes_with_the_size_of_returns_and_its_growth_does_not_count():
    rng = np.random.default_rng(11)
    returns = rng.normal(size=5000)
    alike = np.exp(np.abs(returns)) * np.exp(np.arange(5000) / 500)
    assert volume_volatility(returns, alike) > 0.9
    assert abs(volume_volatility(returns, rng.permutation(alike[:100].repeat(50)))) < 0.1


def test_how_closely_volume_follows_returns_is_estimated():
    loose = Market(volume_noise=1.2, volume=5000.0)
    bars = loose.run(40, seed=14).table("bars")
    found = Market().estimate({"bars": bars})
    assert found["volume_noise"] == pytest.approx(1.2, abs=0.3)
    assert found["volume"] == pytest.approx(bars["volume"].to_numpy().mean())


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (pa.table({"open": [1.0, 2.0]}), "no table with a column of prices"),
        (pa.table({"close": np.full(500, 3.0)}), "all the same"),
        (pa.table({"close": np.arange(1.0, 50)}), "49 of them"),
        (pa.table({"close": np.arange(0.0, 500)}), "1 cells are no price"),
        (pa.table({"close": ["high", "low"] * 300}), "not all are numbers"),
        (pa.table({"close": np.arange(1.0, 401), "date": [1, 2] * 200}), "several rows of one"),
        (pa.table({"close": np.arange(1.0, 401), "date": ["first", "next"] * 200}), "no times"),
    ],
)
def test_data_that_cannot_be_used_are_refused(table, said):
    with pytest.raises(DataError, match=said):
        Market().fit({"prices": table}, evaluations=1)


def test_a_run_that_is_too_short_for_facts_has_none():
    market = Market()
    assert market.facts({"bars": market.run(1, seed=1).table("bars")}) == {}
    with pytest.raises(ConfigError, match="the simulation gives none"):
        market.fit(facts={"kurtosis": 5.0}, steps=1, evaluations=1)


def test_an_impossible_target_is_told_and_what_it_missed_is_listed():
    with pytest.raises(ConfigError, match="fact 'bid'"):
        Market().fit(facts={"bid": 1.0}, steps=2, evaluations=2)
    model = Market().fit(facts={"kurtosis": -1.9}, steps=2, evaluations=10, seed=1)
    assert model.calibration.missed == ("kurtosis",)


def test_calibration_brings_the_facts_of_a_strange_market_nearer():
    strange = Market(trend_noise=4.0, trend=5.0, losses=0.2)
    wanted = {"bars": strange.run(20, seed=12).table("bars").select(["close"])}
    fits = [Market().fit(wanted, steps=10, evaluations=n, seed=13).calibration for n in (1, 250)]
    assert fits[1].misfit < 0.3 * fits[0].misfit
    assert fits[1].target == fits[0].target


@pytest.mark.parametrize("setting", [{"price": 0.0}, {"memory": 1.0}, {"news": -1.0}, {"x": 1}])
def test_settings_that_cannot_be_are_refused(setting):
    with pytest.raises(ConfigError):
        build(Market, setting)


def test_the_page_tells_every_setting_and_within_which_bounds_it_is_searched():
    told = dict(re.findall(r"^\| `(\w+)` \|.*\| ([^|]+) \|$", PAGE.read_text(), re.MULTILINE))
    assert set(Market.model_fields) <= set(told)
    for name, (low, high) in Market.bounds.items():
        assert told[name].replace("−", "-") == f"{low:g} … {high:g}"
    calibrated = PAGE.read_text().partition("calibrated when facts")[2].partition(".")[0]
    assert set(re.findall(r"`(\w+)`", calibrated)) == set(OrderBook.bounds)
