import numpy as np
import pytest
from tests.metrics.metric_tables import people, resampled, shuffled, table

from likewise.core.errors import DataError
from likewise.core.seeds import Seed
from likewise.metrics.detection import detector_auc
from likewise.metrics.intervals import auc, wilson


def test_a_second_real_sample_cannot_be_told_apart():
    score = detector_auc(people(2000), people(2000, seed=1), holdout=people(2000, seed=2))
    assert score.interval[0] < 0.5 < score.interval[1]


def test_a_shuffled_column_gives_the_table_away_and_is_named():
    synth = shuffled(people(2000, seed=1), "owner")
    score = detector_auc(people(2000), synth, holdout=people(2000, seed=2))
    assert score.interval[0] > 0.6
    assert set(list(score.by)[:2]) & {"owner", "age"}


def test_copies_of_the_training_rows_do_not_pass_as_real_against_a_holdout():
    real = people(1500)
    flattered = detector_auc(real, resampled(real, 1500))
    honest = detector_auc(real, resampled(real, 1500), holdout=people(1500, seed=2))
    assert flattered.value < honest.value


def test_the_score_repeats():
    tables = people(400), people(400, seed=1)
    first = detector_auc(*tables, seed=Seed(3))
    assert first == detector_auc(*tables, seed=Seed(3))


def test_labels_beyond_what_a_tree_tells_apart_are_no_obstacle():
    rng = np.random.default_rng(0)
    names = [str(i) for i in rng.integers(0, 900, 3000)]
    real = table(code=names, x=rng.normal(size=3000))
    assert 0.4 < detector_auc(real.slice(0, 1500), real.slice(1500)).value < 0.6


def test_too_few_rows_are_refused():
    with pytest.raises(DataError, match="detector_auc"):
        detector_auc(people(10), people(10))


def test_the_auc_and_its_standard_error_are_delongs():
    scores = np.array([0.1, 0.4, 0.35, 0.8, 0.4])
    positive = np.array([False, False, True, True, True])
    value, influence = auc(scores, positive)
    assert value == pytest.approx((1 + 0 + 1 + 1 + 1 + 0.5) / 6)
    v10, v01 = np.array([0.5, 1, 0.75]), np.array([1, 0.5])
    variance = v10.var() / 3 + v01.var() / 2
    assert influence.var() / 5 == pytest.approx(variance)


def test_wilson_intervals_are_those_of_the_textbook():
    assert wilson(0, 10) == pytest.approx((0, 0.2775), abs=1e-4)
    assert wilson(5, 10) == pytest.approx((0.2366, 0.7634), abs=1e-4)
