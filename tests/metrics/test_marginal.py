import numpy as np
import pytest
from tests.metrics.metric_tables import fair, people, table

from likewise.metrics.marginal import column_chances, column_errors, shape_error, wasserstein


def test_a_table_is_at_no_distance_from_itself():
    real = people(500)
    score = shape_error(real, real)
    assert score.value == 0
    assert score.interval == (0, 0)
    assert wasserstein(real, real).value == 0


def test_labels_are_compared_by_total_variation():
    real, synth = table(x=list("aabb")), table(x=list("abbc"))
    assert shape_error(real, synth).value == pytest.approx(0.25)


def test_numbers_are_compared_by_the_largest_gap_of_distribution_functions():
    real, synth = table(x=[1, 2, 3, 4]), table(x=[3, 4, 5, 6])
    assert shape_error(real, synth).value == pytest.approx(0.5)
    # shifted by 2, and the interquartile range of 1, 2, 3, 4 is 1.5
    assert wasserstein(real, synth).value == pytest.approx(2 / 1.5)


def test_the_kolmogorov_distance_agrees_with_scipy_where_values_tie():
    from scipy.stats import ks_2samp, wasserstein_distance

    rng = np.random.default_rng(0)
    for _ in range(50):
        x, y = rng.integers(0, 8, rng.integers(1, 30)), rng.integers(2, 9, rng.integers(1, 30))
        errors = column_errors(table(x=x), table(x=y))
        assert errors.error[0] == pytest.approx(ks_2samp(x, y).statistic)
        spread = np.subtract(*np.quantile(x, [0.75, 0.25])) or x.std() or 1
        assert errors.wasserstein[0] == pytest.approx(wasserstein_distance(x, y) / spread)


def test_missing_values_do_not_count_as_a_shape():
    real, synth = table(x=[1.0, 2.0, None, None]), table(x=[1.0, 2.0, 1.0, 2.0])
    assert shape_error(real, synth).value == 0


def test_a_column_with_values_on_one_side_only_counts_one():
    real, synth = table(x=[1.0, 2.0], y=["a", "b"]), table(x=[np.nan] * 2, y=[None] * 2)
    synth = synth.with_schema(synth.schema.replace(synth.schema["x"].model_copy()))
    from likewise.metrics.views import aligned

    assert shape_error(real, aligned(real, synth)).value == 1


def test_a_shifted_column_is_the_worst():
    real = people(2000)
    moved = real.arrow.set_column(0, "age", (np.asarray(real.arrow["age"]) + 10)[None].tolist())
    synth = type(real)(moved, real.schema)
    score = shape_error(real, synth)
    assert next(iter(score.by)) == "age"
    assert score.value > shape_error(real, people(2000, seed=1)).value + 0.05


@pytest.mark.parametrize("metric", [shape_error, wasserstein])
def test_the_interval_is_as_wide_as_repeated_samples_scatter(metric):
    real = people(20_000)
    shifted = people(40_000, seed=9)
    shifted = shifted.take(np.flatnonzero(shifted.numbers("age") > 35))  # a real difference
    scores = [metric(real, shifted.slice(k * 400, 400)) for k in range(60)]
    scatter = np.std([score.value for score in scores])
    half = np.mean([(score.interval[1] - score.interval[0]) / 2 for score in scores])
    assert half / 1.96 == pytest.approx(scatter, rel=0.35)


def test_shape_error_is_one_minus_the_column_shapes_of_sdmetrics():
    pytest.importorskip("sdmetrics")
    from sdmetrics.single_column import KSComplement, TVComplement

    real, synth = fair().slice(0, 3000), fair().slice(3000, 3000)
    x, y = real.arrow.to_pandas(), synth.arrow.to_pandas()
    errors = column_errors(real, synth)
    for name, error in zip(errors.names, errors.error, strict=True):
        judge = TVComplement if x[name].dtype == object else KSComplement
        assert 1 - error == pytest.approx(judge.compute(x[name], y[name]), abs=1e-9)


def test_chances_of_samples_of_one_source_are_seldom_small_and_those_of_a_shift_are():
    low = [column_chances(people(2_000, 2 * i), people(500, 2 * i + 1)) for i in range(100)]
    for name in people(1).names:
        assert 0 <= np.mean([chances[name] < 0.05 for chances in low]) <= 0.12
    rng = np.random.default_rng(0)
    real = table(x=rng.choice(list("ab"), 20_000), y=rng.normal(size=20_000))
    moved = table(x=rng.choice(list("ab"), 20_000, p=[0.52, 0.48]), y=rng.normal(0.05, 1, 20_000))
    assert max(column_chances(real, moved).values()) < 0.002


def test_chances_agree_with_scipy():
    from scipy.stats import chi2_contingency, ks_2samp

    rng = np.random.default_rng(0)
    x, y = rng.normal(size=900), rng.normal(0.1, 1, 700)
    u, v = rng.choice(list("abc"), 900), rng.choice(list("abc"), 700, p=[0.4, 0.3, 0.3])
    found = column_chances(table(x=x, u=u), table(x=y, u=v))
    counts = [[(side == label).sum() for label in "abc"] for side in (u, v)]
    assert found["x"] == pytest.approx(ks_2samp(x, y, method="asymp").pvalue, rel=0.2)
    assert found["u"] == pytest.approx(chi2_contingency(counts, correction=False).pvalue)
