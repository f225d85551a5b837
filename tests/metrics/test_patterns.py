import numpy as np
import pytest
from tests.metrics.metric_tables import share_that_hold, table

from likewise.core.errors import DataError
from likewise.metrics.matched import beside_second
from likewise.metrics.patterns import missing_patterns


def visits(n, seed, *, together=True):
    """Two measurements that are missing together, and one that is missing on its own."""
    rng = np.random.default_rng(seed)
    left = rng.random(n) < 0.2
    right = left if together else rng.random(n) < 0.2
    alone = rng.random(n) < 0.1
    x, y, z = rng.normal(size=(3, n))
    return table(
        x=np.where(left, np.nan, x), y=np.where(right, np.nan, y), z=np.where(alone, np.nan, z)
    )


def test_distances_are_those_of_the_sets_of_missing_columns():
    real = table(x=[None] * 20 + [1.0] * 20, y=[None] * 20 + [1.0] * 20)
    apart = table(x=[None] * 20 + [1.0] * 20, y=[1.0] * 20 + [None] * 20)
    assert missing_patterns(real, real).value == 0
    assert missing_patterns(real, apart).value == 1
    assert missing_patterns(real, apart).by["missing: x, y"] == 0.5


def test_a_broken_pattern_is_seen_although_each_column_is_right():
    real, fresh, good = (visits(3000, seed) for seed in range(3))
    broken = visits(3000, 3, together=False)
    floor = missing_patterns(real, fresh)
    score = beside_second(missing_patterns(real, broken), floor)
    assert score.value > score.floor_interval[1] + 0.1
    assert missing_patterns(real, good).value < score.floor_interval[1]


def test_rare_patterns_are_told_apart_by_their_size_only():
    rng = np.random.default_rng(0)
    many = {f"c{i}": np.where(rng.random(200) < 0.3, np.nan, 1.0) for i in range(30)}
    score = missing_patterns(table(**many), table(**many))
    assert score.value == 0
    few = {f"c{i}": np.where(rng.random(200) < 0.03, np.nan, 1.0) for i in range(30)}
    other = missing_patterns(table(**many), table(**few))
    assert other.value > 0.5
    assert all(name.startswith("rare") for name in other.by)


def test_nothing_missing_is_nothing_to_measure_unless_it_is_missing_on_one_side():
    full, half = table(x=[1.0] * 40), table(x=[1.0, None] * 20)
    with pytest.raises(DataError, match="nothing is missing"):
        missing_patterns(full, full)
    assert missing_patterns(full, half).value == 0.5
    assert missing_patterns(half, full).value == 0.5


def test_the_interval_holds_the_mean_of_repeated_samples():
    real, other = visits(20_000, 0), visits(30_000, 1, together=False)
    scores = [missing_patterns(real, other.slice(k * 500, 500)) for k in range(60)]
    assert share_that_hold(scores) >= 0.9
