import numpy as np
import pytest
from tests.metrics.metric_tables import share_that_hold, table

from likewise.core.errors import DataError
from likewise.data.schema import Kind
from likewise.metrics.matched import beside_second
from likewise.metrics.tails import tail_error


def numbers(n, seed):
    rng = np.random.default_rng(seed)
    return table(a=rng.normal(size=n), b=np.exp(rng.normal(size=n)), c=rng.gamma(9, 5, n).round())


def with_column(base, **columns):
    return table(**({name: base.numbers(name) for name in base.names} | columns))


def test_a_table_has_the_tails_of_itself():
    assert tail_error(numbers(3000, 0), numbers(3000, 0)).value == pytest.approx(0, abs=1e-12)


def test_ends_that_are_cut_off_count_in_full():
    real = table(x=np.linspace(-1, 1, 20_001))
    cut = table(x=np.linspace(-0.98, 0.98, 20_001))
    assert tail_error(real, cut).value == pytest.approx(1, abs=1e-3)


def test_an_end_with_half_of_its_rows_counts_a_half_where_rows_are_counted():
    """Shares beyond the 1 % and 0.1 % limits halve; how far rows lie beyond stays."""
    x = np.arange(100_000.0)
    outer = (x < 1000) | (x >= 99_000)
    kept = ~outer | (x % 2 == 0)
    score = tail_error(table(x=x), table(x=x[kept]))
    assert score.value == pytest.approx((0.5 + 0.5 + 0) / 3, abs=0.02)


def test_a_column_that_is_cut_off_stands_out_and_is_named():
    real, fresh, good = (numbers(6000, seed) for seed in range(3))
    cut = with_column(good, a=np.clip(good.numbers("a"), -2, 2))
    score = beside_second(tail_error(real, cut), tail_error(real, fresh))
    assert score.value > score.floor_interval[1] + 0.05
    assert next(iter(score.by)) == "a"
    assert tail_error(real, good).value < score.floor_interval[1]


def test_one_outlier_changes_little():
    real = numbers(5000, 0)
    b = real.numbers("b").copy()
    b[0] = 1e12
    assert tail_error(real, with_column(real, b=b)).value < 0.03


def test_rows_beyond_an_end_that_has_none_are_seen():
    real = table(x=np.where(np.arange(5000) < 4000, 0.0, np.arange(5000)))
    below = table(x=real.numbers("x") - 0.5 * (np.arange(5000) < 200))
    assert tail_error(real, below).value == pytest.approx((1 + 0) / 2, abs=0.01)


def test_the_interval_holds_the_mean_of_repeated_samples():
    real, other = numbers(20_000, 0), numbers(60_000, 1)
    scores = [tail_error(real, other.slice(k * 1000, 1000)) for k in range(60)]
    assert share_that_hold(scores) >= 0.9


def test_tables_without_varying_numbers_are_refused():
    with pytest.raises(DataError, match="no column of numbers"):
        tail_error(table(x=[1.0] * 400, y=list("ab") * 200), table(x=[1.0] * 400, y=["a"] * 400))
    with pytest.raises(DataError, match="fewer than 200 rows"):
        tail_error(numbers(300, 0), numbers(100, 1))


def test_a_synthetic_column_without_values_has_no_tails():
    real = table(x=np.arange(2000.0), y=np.arange(2000.0))
    empty = table({"x": Kind.NUMERIC}, x=[None] * 2000, y=np.arange(2000.0))
    assert tail_error(real, empty).value == pytest.approx(0.5)
