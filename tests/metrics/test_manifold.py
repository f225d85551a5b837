"""With the tests by which Naeem et al. (2020) tell good measures from bad ones."""

import numpy as np
import pytest
from tests.metrics.metric_tables import fair, people, share_that_hold, table

from likewise.core.errors import DataError
from likewise.core.seeds import Seed
from likewise.data.schema import Kind
from likewise.metrics.manifold import coverage, density, expected_coverage, manifold, precision
from likewise.metrics.points import distances, embedded


def cloud(n, seed, shift=0.0, dimensions=8):
    x = np.random.default_rng(seed).normal(size=(n, dimensions)) + shift
    return table(**{f"x{i}": x[:, i] for i in range(dimensions)})


def modes(n, seed, weights):
    """Three numbers and a label about centres far apart, one for each weight."""
    rng = np.random.default_rng(seed)
    mode = rng.choice(len(weights), n, p=weights)
    x = rng.normal(size=(n, 3)) + 6 * mode[:, None] * [1, -1, 1]
    return table(a=x[:, 0], b=x[:, 1], c=x[:, 2], kind=np.array(list("uvwxyz"))[mode])


def four(real, synth, holdout, seed=0):
    names = ("precision", "recall", "density", "coverage")
    return dict(zip(names, manifold(real, synth, holdout=holdout, seed=Seed(seed)), strict=True))


def test_rows_of_one_population_score_what_theory_expects():
    found = [four(*(cloud(500, 3 * k + i) for i in range(3)), seed=k) for k in range(12)]
    covered = [score.value for f in found for score in (f["coverage"],)]
    error = 3 * np.std(covered) / np.sqrt(len(covered))
    assert np.mean(covered) == pytest.approx(expected_coverage(500, 500), abs=error)
    assert np.mean([f["density"].value for f in found]) == pytest.approx(1, abs=0.02)


def test_the_expected_coverage_is_that_of_drawing_the_nearest_rows():
    """Of four other rows two are synthetic; the nearest one is real in half of the cases."""
    assert expected_coverage(3, 2, neighbours=1) == pytest.approx(1 - 2 / 4)
    assert expected_coverage(10_000, 10_000) == pytest.approx(1 - 1 / 32, abs=1e-3)


def test_a_shift_is_followed_from_nought_to_one_and_back():
    real, fresh = cloud(600, 0), cloud(600, 1)
    for name in ("precision", "recall", "density", "coverage"):
        path = [four(real, cloud(600, 2, shift), fresh)[name].value for shift in (-4, -1, 0, 1, 4)]
        assert path[2] > 0.8
        assert path[2] > path[1] > path[0]
        assert path[2] > path[3] > path[4]
        assert max(path[0], path[4]) < 0.02


def test_an_outlier_among_the_real_rows_does_not_make_far_rows_likely():
    """Its ball holds the far rows: precision is fooled, density counts one ball of five."""
    fresh = cloud(600, 1)
    x = np.stack([fresh.numbers(n) for n in fresh.names], axis=1)
    x[0] = 3.0
    spoilt = table(**{f"x{i}": x[:, i] for i in range(8)})
    real, far = cloud(600, 0), cloud(600, 2, shift=3.0)
    clean, fooled = four(real, far, fresh), four(real, far, spoilt)
    assert fooled["precision"].value > clean["precision"].value + 0.5
    assert fooled["density"].value == pytest.approx(1 / 5, abs=0.05)
    assert fooled["coverage"].value < clean["coverage"].value + 0.02


def test_lost_modes_lower_recall_and_coverage():
    even = [0.25] * 4
    real, fresh = modes(800, 0, even), modes(800, 1, even)
    lost = four(real, modes(800, 2, [0.5, 0.5, 0, 0]), fresh)
    assert lost["recall"].value == pytest.approx(0.5, abs=0.06)
    assert lost["coverage"].value == pytest.approx(0.5, abs=0.06)
    assert lost["precision"].value > 0.9
    thinned = four(real, modes(800, 3, [0.91, 0.03, 0.03, 0.03]), fresh)
    assert thinned["coverage"].value < thinned["coverage"].floor_interval[0] - 0.2


def test_invented_modes_lower_precision_and_density():
    real, fresh = modes(800, 0, [0.5, 0.5]), modes(800, 1, [0.5, 0.5])
    invented = four(real, modes(800, 2, [0.25] * 4), fresh)
    assert invented["precision"].value == pytest.approx(0.5, abs=0.06)
    assert invented["density"].value == pytest.approx(0.5, abs=0.1)
    assert invented["recall"].value > 0.9


def test_a_second_sample_stays_where_the_floor_says():
    whole = fair()
    for seed in range(5):
        rows = np.random.default_rng(seed).permutation(whole.rows)
        found = four(*(whole.take(rows[i * 800 : (i + 1) * 800]) for i in range(3)), seed)
        for score in found.values():
            assert score.value >= score.floor_interval[0]
            assert score.interval[0] <= score.value <= score.interval[1]


@pytest.mark.parametrize("metric", [precision, density, coverage])
def test_the_interval_holds_the_mean_of_repeated_samples(metric):
    """Of synthetic rows, for the same reference rows."""
    real, fresh = people(300), people(300, 1)
    whole = people(12_000, 5)
    parts = [whole.slice(k * 300, 300) for k in range(40)]
    assert share_that_hold([metric(real, part, holdout=fresh) for part in parts]) >= 0.85


def test_equal_rows_are_at_no_distance_in_single_precision_too():
    rng = np.random.default_rng(0)
    wide = table(**{f"x{i}": rng.normal(size=100) for i in range(40)})
    [points] = embedded([wide])
    assert points.dense.dtype == np.float32
    assert np.allclose(np.diag(distances(points, points)), 0, atol=1e-5)
    constant = table(x=[1.0] * 60, y=["a"] * 60)
    found = four(constant, constant, constant)
    assert found["precision"].value == found["coverage"].value == 1


def test_few_rows_and_keys_are_refused():
    with pytest.raises(DataError, match="fewer than 50"):
        coverage(people(20), people(20), holdout=people(20))
    keys = table({"k": Kind.KEY}, k=[str(i) for i in range(60)])
    with pytest.raises(DataError, match="only keys"):
        coverage(keys, keys, holdout=keys)
