import numpy as np
import pyarrow as pa
import pytest
from tests.metrics.metric_tables import breast_cancer, fair, people, shuffled, table

from likewise.core.errors import DataError, SchemaError
from likewise.core.seeds import Seed
from likewise.data.schema import Column, Kind, Schema
from likewise.data.table import Table
from likewise.metrics.utility import utility


def test_a_second_real_sample_teaches_as_much_as_the_first():
    score = utility(people(2000), people(2000, seed=1), holdout=people(2000, 2), target="owner")
    assert score.value == pytest.approx(score.floor, abs=0.03)
    assert score.floor > 0.75
    assert score.interval[0] < score.value < score.interval[1]


def test_a_shuffled_target_teaches_nothing():
    synth = shuffled(people(2000), "owner")
    score = utility(people(2000), synth, holdout=people(2000, 2), target="owner")
    assert score.value == pytest.approx(0.5, abs=0.07)


def test_a_number_is_judged_by_its_share_of_explained_variance():
    whole = fair().take(np.random.default_rng(0).permutation(fair().rows))
    parts = [whole.slice(k * 2100, 2100) for k in range(3)]
    score = utility(*parts[:2], holdout=parts[2], target="yrs_married")
    assert 0.6 < score.floor < 0.95
    assert score.value == pytest.approx(score.floor, abs=0.05)


def test_more_than_two_classes_are_judged_one_against_the_rest():
    rng = np.random.default_rng(0)
    x = rng.normal(size=1500)
    y = np.digitize(x + rng.normal(0, 0.3, 1500), [-0.5, 0.5]).astype(str)
    real = table(x=x, y=y)
    parts = [real.slice(k * 500, 500) for k in range(3)]
    assert 0.85 < utility(*parts[:2], holdout=parts[2], target="y").value < 1


def test_without_a_target_the_best_predicted_columns_are_taken_and_named():
    whole = breast_cancer()
    parts = [whole.slice(k * 180, 180) for k in range(3)]
    score = utility(*parts[:2], holdout=parts[2])
    assert "others predict best" in score.note
    assert len(score.by) in {2, 4, 6}


def test_synthetic_rows_of_one_class_score_as_guessing():
    real = people(600)
    synth = real.take(np.flatnonzero(real.numbers("owner") == 1))
    score = utility(real, synth, holdout=people(600, 1), target="owner")
    assert score.value == 0.5


@pytest.mark.parametrize("labels", [["a"] * 200, [None] * 200])
def test_a_target_that_cannot_be_judged_is_refused(labels):
    real = table({"y": Kind.CATEGORY}, x=np.arange(200.0), y=labels)
    with pytest.raises(DataError, match="target cannot be judged"):
        utility(real, real, holdout=real, target="y")


def test_an_unknown_target_is_refused_with_a_suggestion():
    with pytest.raises(SchemaError, match="Did you mean 'owner'"):
        utility(people(100), people(100), holdout=people(100), target="owners")


def test_a_number_with_two_values_is_predicted_as_two_classes():
    rng = np.random.default_rng(3)
    x = rng.normal(size=1_200)
    label = np.where(x + rng.normal(size=1_200) > 0, 2, 1)
    schema = Schema(
        columns=(Column(name="x", kind=Kind.NUMERIC), Column(name="y", kind=Kind.INTEGER))
    )
    whole = Table(pa.table({"x": x, "y": label}), schema)
    parts = whole.slice(0, 400), whole.slice(400, 400), whole.slice(800, 400)
    score = utility(parts[0], parts[1], holdout=parts[2], target="y", seed=Seed(1))
    assert "AUC" in score.note
    assert 0.7 < score.value < 0.95
