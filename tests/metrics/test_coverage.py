import numpy as np
import pytest
from tests.metrics.metric_tables import people, share_that_hold, table

from likewise.core.errors import DataError
from likewise.metrics.coverage import lost_levels, missingness, range_coverage, rare_levels


def test_a_dropped_rare_level_is_seen_and_its_column_named():
    real = table(c=["a"] * 985 + ["rare"] * 15, d=list("uv") * 500)
    synth = table(c=["a"] * 1000, d=list("uv") * 500)
    score = rare_levels(real, synth)
    assert score.value == 3 / 4
    assert score.by == {"c": 0.5}
    assert rare_levels(real, real).value == 1


def test_a_level_of_fewer_than_ten_rows_is_not_asked_for():
    real = table(c=["a"] * 91 + ["x"] * 9)
    assert rare_levels(real, table(c=["a"] * 50)).value == 1


def test_a_level_is_lost_only_where_twenty_rows_of_it_were_to_be_expected():
    real = table(c=["a"] * 960 + ["rare"] * 40, d=list("uv") * 500)
    lost = lost_levels(real, table(c=["a"] * 1000, d=list("uv") * 500))
    assert (lost.value, lost.by) == (1, {"c": 1.0})
    assert lost_levels(real, table(c=["a"] * 490, d=["u"] * 490)).value == 1  # the other d
    assert lost_levels(real, real).value == 0


def test_half_the_range_counts_a_half():
    real = table(x=np.linspace(0, 1000, 10_001))
    synth = table(x=np.linspace(1, 500, 100))
    assert range_coverage(real, synth).value == pytest.approx(0.5, abs=0.001)
    assert range_coverage(real, table(x=[2000.0, 3000.0])).value == 0


def measures(n, seed):
    """A number with two tails, one with a heavy tail, one with none, and counts."""
    rng = np.random.default_rng(seed)
    return table(
        a=rng.normal(size=n),
        b=np.exp(rng.normal(size=n)),
        c=rng.random(n),
        d=rng.gamma(9, 5, n).round(),
    )


@pytest.mark.parametrize("rows", [400, 2000])
def test_the_interval_of_the_range_covered_holds_its_mean(rows):
    real, other = measures(20_000, 0), measures(60 * rows, 1)
    scores = [range_coverage(real, other.slice(k * rows, rows)) for k in range(60)]
    assert share_that_hold(scores) >= 0.88
    assert np.mean([score.interval[1] - score.interval[0] for score in scores]) < 0.25


def test_a_cut_off_range_is_not_excused_by_its_interval():
    real, other = measures(20_000, 0), measures(2000, 1)
    cut = table(**{n: np.clip(other.numbers(n), *_middle(other.numbers(n))) for n in other.names})
    score = range_coverage(real, cut)
    assert score.interval[0] < score.value <= score.interval[1] < 0.8


def _middle(x):
    return np.quantile(x, [0.1, 0.9])


def test_missing_shares_are_compared():
    real, synth = table(x=[1.0, None], y=[1, 2]), table(x=[1.0, 2.0], y=[1, 2])
    score = missingness(real, synth)
    assert score.value == 0.25
    assert score.by == {"x": 0.5}


def test_what_cannot_be_covered_is_refused():
    with pytest.raises(DataError, match="rare_levels"):
        rare_levels(table(x=[1.0, 2.0]), table(x=[1.0, 2.0]))
    with pytest.raises(DataError, match="range_coverage"):
        range_coverage(table(x=[1, 1]), table(x=[1, 1]))
    assert missingness(people(10), people(10)).value == 0
