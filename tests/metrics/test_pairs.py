import numpy as np
import pytest
from tests.metrics.metric_tables import (
    breast_cancer,
    fair,
    people,
    share_that_hold,
    shuffled,
    table,
)

from likewise.core.seeds import Seed
from likewise.metrics.pairs import (
    SAMPLED_PAIRS,
    association_error,
    chosen_pairs,
    pair_error,
    pair_errors,
)


def test_a_table_is_at_no_distance_from_itself():
    assert pair_error(people(500), people(500)).value == pytest.approx(0, abs=1e-12)
    assert association_error(people(500), people(500)).value == 0


def test_two_columns_of_labels_are_compared_by_their_contingency_table():
    real = table(a=list("xxyy"), b=list("uvuv"))
    synth = table(a=list("xxyy"), b=list("uuvv"))
    assert pair_error(real, synth).value == pytest.approx(0.5)


def test_two_columns_of_numbers_are_compared_by_half_their_correlations_difference():
    real = table(a=[1.0, 2.0, 3.0], b=[1.0, 2.0, 3.0])
    synth = table(a=[1.0, 2.0, 3.0], b=[3.0, 2.0, 1.0])
    assert pair_error(real, synth).value == pytest.approx(1.0)
    constant = table(a=[1.0, 2.0, 3.0], b=[2.0, 2.0, 2.0])
    assert pair_error(real, constant).value == pytest.approx(0.5)
    assert np.isnan(pair_errors(constant, real).error).all()


def test_correlations_use_the_rows_present_in_both_columns():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(300, 3)) @ rng.normal(size=(3, 3))
    x[rng.random(x.shape) < 0.2] = np.nan
    real, synth = (table(**{f"c{i}": part[:, i] for i in range(3)}) for part in (x[:200], x[100:]))
    before, after = (t.arrow.to_pandas().corr().to_numpy() for t in (real, synth))
    expected = np.abs(before - after)[np.triu_indices(3, 1)] / 2
    assert pair_errors(real, synth).error == pytest.approx(expected)


def test_a_shuffled_column_is_seen_although_its_shape_is_perfect():
    real = people(3000)
    synth = shuffled(people(3000), "owner")
    assert pair_error(real, synth).value > pair_error(real, people(3000, seed=1)).value + 0.02
    assert "owner" in next(iter(pair_error(real, synth).by))
    assert "owner" in next(iter(association_error(real, synth).by))


def test_the_matrix_is_symmetric_and_empty_on_the_diagonal():
    matrix = pair_errors(people(300), people(300, seed=1)).matrix
    assert np.isnan(np.diag(matrix)).all()
    off = ~np.eye(len(matrix), dtype=bool)
    assert np.array_equal(matrix[off], matrix.T[off])
    assert not np.isnan(matrix[off]).any()


def test_of_many_columns_a_repeatable_sample_of_distinct_pairs_is_measured():
    pairs = chosen_pairs(500, Seed(1))
    assert pairs.shape == (SAMPLED_PAIRS, 2)
    assert (pairs[:, 0] < pairs[:, 1]).all()
    assert pairs.min() >= 0
    assert pairs.max() < 500
    assert len(np.unique(pairs, axis=0)) == SAMPLED_PAIRS
    assert np.array_equal(pairs, chosen_pairs(500, Seed(1)))
    assert len(chosen_pairs(1, Seed(1))) == 0


def test_the_interval_is_as_wide_as_repeated_samples_scatter():
    real = people(20_000)
    different = shuffled(people(24_000, seed=9), "age")
    scores = [pair_error(real, different.slice(k * 400, 400)) for k in range(60)]
    scatter = np.std([score.value for score in scores])
    half = np.mean([(score.interval[1] - score.interval[0]) / 2 for score in scores])
    assert half / 1.96 == pytest.approx(scatter, rel=0.4)


@pytest.mark.parametrize("unlike", ["age", None])
def test_the_interval_of_the_association_error_holds_its_mean(unlike):
    """Over 60 samples of one population, whether or not its strengths differ from the real ones."""
    real, other = people(20_000), people(24_000, seed=9)
    other = shuffled(other, unlike) if unlike else other
    scores = [association_error(real, other.slice(k * 400, 400)) for k in range(60)]
    assert share_that_hold(scores) >= 0.9
    scatter = np.std([score.value for score in scores])
    half = np.mean([(score.interval[1] - score.interval[0]) / 2 for score in scores])
    assert half / 2.1 < 2 * scatter


def test_unrelated_columns_are_not_taken_to_be_measured_exactly():
    """Half of the samples have a Cramér's V of exactly zero."""
    rng = np.random.default_rng(0)
    a, b = rng.choice(list("uvwx"), (2, 24_000))
    tied = np.where(rng.random(24_000) < 0.5, a, b)
    real, other = table(a=a, b=tied), table(a=a, b=b)
    scores = [association_error(real, other.slice(k * 400, 400)) for k in range(60)]
    assert share_that_hold(scores) >= 0.9


@pytest.mark.parametrize("source", [fair, breast_cancer])
def test_pair_error_is_one_minus_the_pair_trends_of_sdmetrics(source):
    pytest.importorskip("sdmetrics")
    from sdmetrics.reports.single_table._properties import ColumnPairTrends

    whole = source().select(source().names[:6] + source().names[-1:])
    rng = np.random.default_rng(0)
    real, synth = whole, shuffled(whole.take(rng.permutation(whole.rows)), whole.names[0])
    types = {
        c.name: "categorical" if c.kind == "category" else "numerical" for c in whole.schema.columns
    }
    metadata = {"columns": {name: {"sdtype": kind} for name, kind in types.items()}}
    judge = ColumnPairTrends()
    judge.num_rows_subsample = None
    expected = judge.get_score(real.arrow.to_pandas(), synth.arrow.to_pandas(), metadata)
    assert 1 - pair_error(real, synth).value == pytest.approx(expected, abs=1e-9)
