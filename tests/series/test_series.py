"""The contract of series generators, over all of them."""

import numpy as np
import pandas as pd
import pytest
from tests.contracts.methods import by_method
from tests.series.series_tables import as_table, prices, weather

from likewise.core.artifact import load, save
from likewise.core.errors import ConfigError, DataError
from likewise.series import SERIES
from likewise.series.bootstrap import BootstrapSeries

FAST = {
    "autoregressive_series": {"budget": 4.0, "memory": 8, "width": 16, "hidden": 16},
    "vae_series": {"budget": 4.0, "width": 32, "latent": 8},
    "bootstrap_series": {},
}


@pytest.fixture(scope="module", params=by_method(SERIES))
def fitted(request):
    table = as_table(weather(500))
    return table, SERIES.load(request.param)(**FAST[request.param]).fit(table, time="at", seed=1)


def test_a_series_begins_when_the_real_one_does_and_goes_on_in_equal_steps(fitted):
    table, model = fitted
    made = model.sample(700, seed=2)
    assert made.schema == table.schema
    moments = made.numbers("at")
    assert moments[0] == table.numbers("at")[0]
    assert (np.diff(moments) == 3_600_000_000).all()


def test_the_same_seed_gives_the_same_rows_and_another_one_others(fitted):
    _, model = fitted
    assert model.sample(60, seed=3).arrow.equals(model.sample(60, seed=3).arrow)
    assert not model.sample(60, seed=3).arrow.equals(model.sample(60, seed=4).arrow)


@pytest.mark.parametrize("rows", [0, 1, 2])
def test_few_rows_are_as_good_as_many(fitted, rows):
    assert fitted[1].sample(rows, seed=1).rows == rows


def test_a_loaded_model_draws_the_same_rows(fitted, tmp_path):
    _, model = fitted
    save(model, tmp_path / "m.likewise")
    again = load(tmp_path / "m.likewise")
    assert model.sample(50, seed=5).arrow.equals(again.sample(50, seed=5).arrow)


def test_numbers_stay_on_their_grid_and_in_their_range_and_gaps_occur(fitted):
    table, model = fitted
    made = model.sample(1_500, seed=6)
    heat, real = made.numbers("heat"), table.numbers("heat")
    assert np.allclose(heat, np.round(heat, 1), atol=1e-9)
    assert real.min() - 1 <= heat.min() <= heat.max() <= real.max() + 1
    assert set(made.labels("sky")[1]) <= {"rain", "sun", "cloud"}
    assert 0.005 < made.missing("wind").mean() < 0.2


def test_a_past_is_gone_on_from_at_its_end(fitted):
    table, model = fitted
    past = table.slice(100, 50)
    made = model.sample(24, seed=7, given=past)
    assert made.numbers("at")[0] == table.numbers("at")[150]
    first = [model.sample(1, seed=s, given=past).numbers("heat")[0] for s in range(40)]
    away = abs(np.mean(first) - table.numbers("heat")[149])
    assert away < table.numbers("heat").std()


def test_a_negative_number_of_rows_is_refused(fitted):
    with pytest.raises(ConfigError):
        fitted[1].sample(-1)


def test_windows_come_from_anywhere_in_the_series(fitted):
    table, model = fitted
    made = model.windows(200, 6, seed=8)
    assert made.rows == 1_200
    first = made.numbers("heat")[::6]
    assert abs(first.mean() - table.numbers("heat").mean()) < 1.0
    assert first.std() > 0.5 * table.numbers("heat").std()


def test_several_series_keep_their_names_lengths_and_levels():
    one, two = weather(300, 1), weather(200, 2)
    two["heat"] += 100
    frame = pd.concat([one.assign(town="a"), two.assign(town="b")])
    model = BootstrapSeries().fit(as_table(frame), time="at", entity="town", seed=1)
    made = model.sample(seed=2)
    codes, names = made.labels("town")
    assert [names[codes[i]] for i in (0, 299, 300, 499)] == ["a", "a", "b", "b"]
    assert (np.diff(made.numbers("at")[:300]) > 0).all()


def test_a_bootstrap_says_that_it_copies_and_does():
    table = as_table(weather(400, gaps=False).drop(columns="at"))
    model = BootstrapSeries().fit(table, seed=1)
    assert "real rows" in model.notes[-1]
    made = model.sample(300, seed=2)
    real = set(zip(*(table.arrow.column(n).to_pylist() for n in table.names), strict=True))
    drawn = list(zip(*(made.arrow.column(n).to_pylist() for n in table.names), strict=True))
    assert np.mean([row in real for row in drawn[1:]]) > 0.95


def test_a_seasonal_bootstrap_keeps_the_hour_of_the_day():
    table = as_table(weather(24 * 40, gaps=False))
    made = BootstrapSeries(block=5).fit(table, time="at", seed=1).sample(24 * 40, seed=2)
    by_hour = made.numbers("heat")[: 24 * 40].reshape(40, 24).mean(axis=0)
    assert by_hour[6] - by_hour[18] > 7


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda f: f.head(20), "Give at least 30 rows"),
        (lambda f: f[["at"]], "at least one more column"),
        (lambda f: f.drop(index=50), "Insert the rows that are missing"),
        (lambda f: pd.concat([f, f.tail(1)]), "Keep one row for each moment"),
        (lambda f: f.assign(at=f["at"].where(f.index != 9)), "Fill the moments in"),
        (lambda f: f[::-1], "Sort the rows by time"),
    ],
)
def test_what_is_no_series_is_refused_with_a_way_out(change, said):
    with pytest.raises(DataError, match=said):
        BootstrapSeries().fit(as_table(change(weather(200))), time="at")


def test_rows_of_a_series_must_stand_together():
    frame = weather(100).assign(town=np.tile(["a", "b"], 50))
    with pytest.raises(DataError, match="Sort the rows by series"):
        BootstrapSeries().fit(as_table(frame), entity="town")


@pytest.mark.long
def test_the_network_keeps_order_within_a_day_and_the_size_of_steps():
    real = prices(1_500)
    recipe = SERIES.load("autoregressive_series")(budget=12.0, memory=8, width=32, hidden=24)
    made = recipe.fit(as_table(real), time="day", seed=1).sample(1_500, seed=2)
    x = {name: made.numbers(name) for name in ("open", "high", "low", "close")}
    assert (x["high"] >= x["open"]).mean() > 0.999
    assert (x["low"] <= x["open"]).mean() > 0.999
    moves = [np.diff(np.log(c)) for c in (x["close"], real["close"].to_numpy())]
    assert 0.6 < moves[0].std() / moves[1].std() < 1.6
    assert abs(np.corrcoef(moves[0][1:], moves[0][:-1])[0, 1]) < 0.15
