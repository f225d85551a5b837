import numpy as np
import pytest
from tests.metrics.metric_tables import breast_cancer, fair, people, table

from likewise.core.errors import DataError
from likewise.core.seeds import Seed
from likewise.data.schema import Kind
from likewise.metrics.conditions import conditions
from likewise.metrics.quantities import root_of_ratio
from likewise.metrics.slices import find_slices, slice_error


def clinic(n, seed, *, wrong=0.0):
    """Labels, dependent numbers and a subgroup of 4 % whose pressure is ``wrong`` SD too high."""
    rng = np.random.default_rng(seed)
    sex = rng.choice(["F", "M"], n)
    site = rng.choice(["north", "south", "east"], n, p=[0.6, 0.32, 0.08])
    age = rng.gamma(9, 5, n).round()
    pressure = 100 + age / 2 + 10 * rng.normal(size=n)
    pressure += wrong * 11.2 * ((sex == "F") & (site == "east"))
    dose = np.exp(rng.normal(size=n)) * (rng.random(n) < 0.3)
    weight = np.where(rng.random(n) < 0.1, np.nan, 70 + 5 * rng.normal(size=n))
    return table(sex=sex, site=site, age=age, pressure=pressure, dose=dose, weight=weight)


def test_a_small_subgroup_with_a_wrong_mean_is_the_worst_slice():
    for seed in range(5):
        real, fresh = clinic(20_000, 3 * seed), clinic(6_500, 3 * seed + 1)
        synth = clinic(6_500, 3 * seed + 2, wrong=0.5)
        score, found = find_slices(real, synth, fresh=fresh, seed=Seed(seed))
        assert score.value > score.floor_interval[1]
        worst = found[0]
        assert worst.where == "sex = F and site = east"
        assert worst.columns == ("sex", "site")
        assert worst.about == "pressure"
        assert worst.synthetic - worst.real == pytest.approx(0.5 * 11.2, abs=2.5)
        assert worst.floor == pytest.approx(worst.real, abs=2.5)
        assert worst.text.startswith("where sex = F and site = east, mean of pressure is 1")


@pytest.mark.parametrize("source", [clinic, people, fair, breast_cancer])
def test_second_samples_have_no_wrong_slice(source):
    """Fifty pairs of samples in all; two of a hundred may be called wrong."""
    found = 0
    for seed in range(12):
        if source in (clinic, people):
            real, other = source(2000, 2 * seed), source(1000, 2 * seed + 1)
        else:
            whole = source()
            rows = np.random.default_rng(seed).permutation(whole.rows)
            half = whole.rows // 2
            real, other = whole.take(rows[:half]), whole.take(rows[half:])
        found += slice_error(real, other, seed=Seed(seed)).value > 0
    assert found <= 1


def test_a_lost_subgroup_is_told_by_its_share_of_rows():
    real, synth = clinic(8000, 0), clinic(8000, 1)
    codes = [synth.labels(name) for name in ("sex", "site")]
    lost = (codes[0][0] == codes[0][1].index("F")) & (codes[1][0] == codes[1][1].index("east"))
    synth = synth.take(np.flatnonzero(~lost))
    score, found = find_slices(real, synth)
    told = next(s for s in found if s.about == "share of rows")
    assert told.where == "sex = F and site = east"
    assert told.rows_synth == 0
    assert told.text.startswith("sex = F and site = east holds for 0 % of rows instead of")
    assert score.interval[0] == score.value > 0.5


def test_no_slice_tells_of_fewer_than_ten_people():
    rng = np.random.default_rng(0)
    name = np.where(np.arange(3000) < 9, "odd", rng.choice(list("abc"), 3000))
    real = table(name=name, x=np.where(name == "odd", 1e6, rng.normal(size=3000).round(6)))
    synth = table(name=["odd"] * 1500 + ["a"] * 1500, x=rng.normal(size=3000) + 5)
    _, found = find_slices(real, synth)
    assert found
    for each in found:
        assert "odd" not in each.text
        assert each.rows_real >= 10
    for name in real.names:
        known = conditions([real], name)
        counts = np.bincount(known.codes[0], minlength=len(known.titles) + 1)
        assert counts[:-1].min() >= 10 if name == "name" else len(known.titles) >= 5
        assert counts.sum() == 3000


def test_ranges_are_round_and_every_row_fulfils_one_condition_at_most():
    real = clinic(5000, 0)
    known = conditions([real, clinic(100, 1)], "age")
    assert known.titles[0].startswith("age < ")
    assert known.titles[-1].startswith("age ≥ ")
    counts = np.bincount(known.codes[0]) / 5000
    assert counts.max() < 0.35
    weight = conditions([real], "weight")
    assert weight.titles[-1] == "weight is missing"
    assert np.array_equal(weight.codes[0] == len(weight.titles) - 1, real.missing("weight"))
    dose = conditions([real], "dose")
    assert "dose < 0" not in dose.titles


def test_shares_are_compared_by_the_root_of_their_likelihood_ratio():
    """10 of 100 against 30 of 100: the G statistic of the table is 12.99."""
    z = root_of_ratio(*(np.array(float(v)) for v in (10, 100, 30, 100)))
    table_ = np.array([[10, 90], [30, 70]])
    expected = table_.sum(axis=1)[:, None] * table_.sum(axis=0) / 200
    assert z == pytest.approx(np.sqrt(2 * (table_ * np.log(table_ / expected)).sum()))
    assert root_of_ratio(*(np.array(float(v)) for v in (0, 50, 0, 80))) == 0


def test_missing_values_and_labels_are_compared_within_slices():
    real, synth = clinic(8000, 0), clinic(8000, 1)
    sex, words = synth.labels("sex")
    gone = (sex == words.index("M")) & (np.random.default_rng(0).random(8000) < 0.2)
    columns = {name: synth.arrow.column(name).to_numpy() for name in synth.names}
    columns["weight"] = np.where(gone, np.nan, columns["weight"])
    _, found = find_slices(real, table(**columns))
    told = next(s for s in found if s.about == "weight")
    assert "have weight missing instead of" in told.text
    assert told.where == "sex = M"
    assert told.synthetic == pytest.approx(0.28, abs=0.03)


def test_texts_are_compared_by_their_length_and_times_read_as_times():
    rng = np.random.default_rng(0)
    kinds = {"t": Kind.TEXT}
    short, long = (["x" * int(k) for k in rng.integers(low, low + 9, 2000)] for low in (5, 9))
    _, found = find_slices(
        table(kinds, t=short, g=rng.choice(list("ab"), 2000)),
        table(kinds, t=long, g=rng.choice(list("ab"), 2000)),
    )
    assert any("mean of length of t" in s.text for s in found)


def test_tables_too_small_for_slices_are_refused():
    with pytest.raises(DataError, match="no slice has 50 rows"):
        slice_error(people(40), people(40))
    keys = table({"k": Kind.KEY}, k=[str(i) for i in range(100)])
    with pytest.raises(DataError, match="no slice"):
        slice_error(keys, keys)
