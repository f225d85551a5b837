import datetime

import numpy as np
import pyarrow as pa
import pytest
from tests.metrics.metric_tables import fair, people, table

from likewise.data.schema import Column, Kind, Schema
from likewise.data.table import Table
from likewise.metrics.charts import chart_bins


def counts(bins, rows):
    return np.round(np.array(bins.real) * rows)


@pytest.mark.parametrize("seed", range(5))
def test_no_bin_tells_of_fewer_than_ten_rows(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 400))
    odd = np.where(rng.random(n) < 0.9, 0, rng.pareto(1, n) * 100).round()
    real = table(
        a=rng.normal(size=n),
        b=odd,
        c=rng.geometric(0.3, n),
        d=np.where(rng.random(n) < 0.03, None, rng.choice(list("aaaaabbbbcccdde"), n)),
    )
    for name in real.names:
        bins = chart_bins(real, real, name)
        found = counts(bins, n)
        assert ((found == 0) | (found >= 10)).all()
        assert len(bins.labels) == len(bins.real) == len(bins.synth)
        assert sum(bins.real) <= 1 + 1e-9
        assert bins.real == bins.synth


def test_bars_of_an_ordinal_stand_in_the_order_of_its_levels():
    levels = ("low", "medium", "high")
    cells = pa.array(["medium"] * 30 + ["high"] * 20 + ["low"] * 10)
    column = Column(name="x", kind=Kind.ORDINAL, levels=levels)
    real = Table(pa.table({"x": cells}), Schema(columns=(column,)))
    assert chart_bins(real, real, "x").labels == levels


def test_shares_of_all_rows_add_up_where_all_are_shown():
    real = people(5000)
    for name in real.names:
        bins = chart_bins(real, people(3000, seed=1), name)
        assert sum(bins.real) == pytest.approx(1)
        assert sum(bins.synth) == pytest.approx(1)


def test_the_smallest_and_largest_value_of_a_continuous_column_are_not_shown():
    rng = np.random.default_rng(0)
    x = rng.lognormal(10, 1, 2000)
    text = " ".join(chart_bins(table(x=x), table(x=x), "x").labels)
    for extreme in (x.min(), x.max()):
        assert f"{extreme:,.6g}" not in text
    assert text.startswith("< ")


def test_rare_levels_and_new_ones_are_others():
    real = table(c=["a"] * 50 + ["b"] * 30 + ["one"] * 9 + ["two"] * 4)
    synth = table(c=["a"] * 50 + ["new"] * 50)
    bins = chart_bins(real, synth, "c")
    assert bins.labels == ("a", "b", "other")
    assert bins.synth == (0.5, 0, 0.5)


def test_few_whole_numbers_are_shown_by_value_and_a_spike_on_its_own():
    assert chart_bins(fair(), fair(), "children").labels[0] == "0"
    x = [0.0] * 900 + list(np.random.default_rng(0).lognormal(5, 1, 300))
    assert chart_bins(table(x=x), table(x=x), "x").labels[0] == "0"


def test_a_few_missing_values_are_not_shown():
    x = [float(i % 7) for i in range(200)]
    assert "missing" not in chart_bins(table(x=[*x, None]), table(x=x), "x").labels
    assert "missing" in chart_bins(table(x=x + [None] * 10), table(x=x), "x").labels
    assert "missing" in chart_bins(table(x=x), table(x=[*x, None]), "x").labels


def test_dates_read_as_dates():
    start = datetime.date(2020, 1, 1)
    days = [start + datetime.timedelta(days=i) for i in range(1000)]
    real = table({"d": Kind.DATE}, d=days)
    labels = chart_bins(real, real, "d").labels
    assert labels[0].startswith("< 2020-")
    assert 5 < len(labels) < 40


def test_keys_and_empty_columns_have_no_bins():
    real = table({"k": Kind.KEY, "x": Kind.NUMERIC}, k=list("ab") * 20, x=[None] * 40)
    assert chart_bins(real, real, "k").labels == ()
    assert chart_bins(real, real, "x").labels == ("missing",)
