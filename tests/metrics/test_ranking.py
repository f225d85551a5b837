import numpy as np
import pytest
from tests.metrics.metric_tables import breast_cancer, people, shuffled, table

from likewise.core.errors import DataError, SchemaError
from likewise.core.seeds import Seed
from likewise.metrics.models import MODELS, scores
from likewise.metrics.ranking import agreement, feature_ranking, model_choice, spearman
from likewise.metrics.tasks import task_of


def nested(n, seed, *, straight=False):
    """A label that depends on the product of two numbers, or else on their sum; and noise."""
    rng = np.random.default_rng(seed)
    a, b, c, d = rng.normal(size=(4, n))
    signal = a + b if straight else 2 * a * b
    y = rng.random(n) < 1 / (1 + np.exp(-2 * signal - c))
    return table(a=a, b=b, c=c, d=d, y=y)


def test_agreement_weighs_pairs_by_how_far_they_are_apart():
    real = np.array([0.9, 0.8, 0.5])
    assert agreement(real, real) == 1
    assert agreement(real, -real) == -1
    swapped = np.array([0.8, 0.9, 0.5])  # the pair that is 0.1 apart, of 0.1 + 0.4 + 0.3
    assert agreement(real, swapped) == pytest.approx((0.4 + 0.3 - 0.1) / 0.8)
    assert agreement(np.ones(3), real) == 1
    assert agreement(real[None], np.stack([real, -real])).tolist() == [1, -1]


def test_spearman_is_that_of_scipy():
    from scipy.stats import spearmanr

    rng = np.random.default_rng(0)
    one, other = rng.integers(0, 4, (2, 30)).astype(float)
    assert spearman(one, other) == pytest.approx(spearmanr(one, other).statistic)
    assert spearman(np.ones(3), other[:3]) == 1


def test_the_same_models_are_chosen_from_a_second_sample():
    score = model_choice(nested(4000, 0), nested(2000, 1), holdout=nested(2000, 2), target="y")
    assert score.value > 0.8
    assert score.value >= score.floor_interval[0]
    assert score.by["score lost"] < 0.03
    assert {*MODELS, "linear (real)"} <= set(score.by)
    assert score.by["linear"] < score.by["boosted long"] - 0.1


def test_a_synthetic_table_without_the_relation_chooses_other_models():
    """Where the signal is a sum the linear model wins, which is no use for a product."""
    synth = nested(2000, 1, straight=True)
    score = model_choice(nested(4000, 0), synth, holdout=nested(2000, 2), target="y")
    assert score.value < score.floor_interval[0] - 0.1
    none = model_choice(
        nested(4000, 0), shuffled(nested(2000, 1), "y"), holdout=nested(2000, 2), target="y"
    )
    assert none.interval[0] <= none.value <= none.interval[1]
    assert none.value < 0.8


def test_columns_that_matter_are_ranked_and_lost_ones_seen():
    real, fresh = nested(4000, 0), nested(2000, 2)
    score = feature_ranking(real, nested(2000, 1), holdout=fresh, target="y")
    assert score.value > 0.9
    names = list(score.by)
    assert names[0] == "Spearman"
    assert set(names[1:3]) == {"a", "b"}
    lost = feature_ranking(real, shuffled(nested(2000, 1), "a"), holdout=fresh, target="y")
    assert lost.value < lost.floor_interval[0]


@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_numbers_missing_values_and_labels_are_learned():
    real = people(2000)
    task = task_of([real, people(500, 1), people(500, 2)], real.names, "income", ranked=True)
    found = scores(task, 0)
    assert set(found) == set(MODELS)
    assert all(result.value > 0.3 for result in found.values())
    cancer = breast_cancer()
    score = feature_ranking(cancer, cancer, holdout=cancer, target="target", seed=Seed(1))
    assert -1 <= score.floor_interval[0] <= score.floor <= 1


def test_one_class_of_synthetic_rows_teaches_nothing():
    real, synth = nested(500, 0), nested(500, 1)
    synth = synth.take(np.flatnonzero(synth.numbers("y") == 1))
    score = model_choice(real, synth, holdout=nested(400, 2), target="y")
    assert score.by["linear"] == 0.5
    assert score.value == 0  # no model is preferred, rightly or wrongly


def test_what_cannot_be_learned_is_refused():
    with pytest.raises(DataError, match="fewer than 400 real"):
        model_choice(people(300), people(300), holdout=people(300), target="owner")
    with pytest.raises(DataError, match="cannot be learned"):
        constant = table(x=np.arange(400.0), y=["a"] * 400)
        model_choice(constant, constant, holdout=constant, target="y")
    with pytest.raises(DataError, match="a single column"):
        two = table(x=np.arange(400.0), y=list("ab") * 200)
        feature_ranking(two, two, holdout=two, target="y")
    with pytest.raises(SchemaError, match="not in the table"):
        model_choice(people(400), people(400), holdout=people(400), target="nothing")
