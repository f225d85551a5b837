import numpy as np
import pytest
from tests.metrics.metric_tables import breast_cancer, fair, people, shuffled, table

from likewise.core.errors import DataError
from likewise.core.seeds import Seed
from likewise.metrics.glm import fit_linear, fit_logistic
from likewise.metrics.inference import inference_overlap


def survey():
    whole = fair()
    columns = [whole.numbers(n) for n in whole.names if whole.schema[n].kind != "category"]
    x = np.stack([c for c in columns if np.ptp(c)], axis=1)
    x = (x - x.mean(axis=0)) / x.std(axis=0)
    return np.concatenate([np.ones((len(x), 1)), x[:, :-1]], axis=1), x[:, -1]


def test_linear_coefficients_and_errors_are_those_of_statsmodels():
    sm = pytest.importorskip("statsmodels.api")
    x, y = survey()
    found = fit_linear(x, y)
    expected = sm.OLS(y, x).fit()
    assert found.coefficients == pytest.approx(expected.params, rel=1e-6, abs=1e-9)
    assert found.errors == pytest.approx(expected.bse, rel=1e-6)
    robust = expected.get_robustcov_results("HC0").bse
    assert np.sqrt(np.diag(found.covariance)) == pytest.approx(
        np.maximum(robust, expected.bse), rel=1e-6
    )


def test_logistic_coefficients_and_errors_are_those_of_statsmodels():
    sm = pytest.importorskip("statsmodels.api")
    x, y = survey()
    y = (y > y.min()).astype(float)
    found, expected = fit_logistic(x, y), sm.Logit(y, x).fit(disp=False)
    assert found.coefficients == pytest.approx(expected.params, abs=1e-4)
    assert found.errors == pytest.approx(expected.bse, rel=1e-4)


def test_separation_and_equal_columns_do_not_break_the_fits():
    x = np.concatenate([np.ones((200, 1)), np.linspace(-1, 1, 200)[:, None]], axis=1)
    apart = fit_logistic(x, (x[:, 1] > 0).astype(float))
    assert np.isfinite(apart.coefficients).all()
    assert 5 < apart.coefficients[1] < 60
    assert (np.diag(apart.covariance) >= apart.errors**2 * 0.999).all()
    twin = fit_linear(x[:, [0, 1, 1]], x[:, 1])
    assert twin.coefficients[1] == pytest.approx(0.5, abs=0.01)
    assert np.isfinite(twin.errors).all()


def test_intervals_of_two_samples_share_seven_tenths():
    """E |N(0, 2)| / 3.92 of an interval is not shared: 0.29."""
    found = []
    for seed in range(20):
        parts = [people(1000, 3 * seed + i) for i in range(3)]
        found.append(inference_overlap(*parts[:2], holdout=parts[2], target="owner"))
    assert np.mean([s.value for s in found]) == pytest.approx(0.71, abs=0.05)
    assert sum(s.value < s.floor_interval[0] for s in found) == 0
    assert np.mean([s.by["same sign and significance"] for s in found]) > 0.8


def causes(n, seed):
    """A number and a label that each of six numbers has a part in."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(6, n))
    total = x.sum(axis=0) / 3 + rng.normal(size=n)
    return table(**{f"x{i}": part for i, part in enumerate(x)}, y=total, z=total > 0)


@pytest.mark.parametrize("target", ["y", "z"])
def test_lost_relations_are_seen_and_named(target):
    real, fresh = (causes(3000, i).select([f"x{i}" for i in range(6)] + [target]) for i in (0, 1))
    synth = causes(3000, 2).select(real.names)
    for lost in ("x3", "x4", "x5"):
        synth = shuffled(synth, lost)
    score = inference_overlap(real, synth, holdout=fresh, target=target)
    assert score.value < score.floor_interval[0]
    assert score.interval[0] <= score.value <= score.interval[1]
    assert set(list(score.by)[1:4]) == {"x3", "x4", "x5"}
    assert score.by["x3"] == 0
    assert score.by["same sign and significance"] == 0.5
    assert score.note.startswith("linear" if target == "y" else "logistic")


def test_a_table_agrees_with_itself():
    real = people(500)
    score = inference_overlap(real, real, holdout=people(500, 1), target="owner", seed=Seed(2))
    assert 0.6 < score.value <= 1  # two samples of rows in different order, all of them
    assert score.value == pytest.approx(1)
    assert score.by["same sign and significance"] == 1


@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_columns_that_tell_the_same_constant_and_missing_ones_are_borne():
    rng = np.random.default_rng(0)
    x = rng.normal(size=600)
    many = rng.choice([f"n{i}" for i in range(300)], 600)
    real = table(
        x=x, twice=2 * x, one=[1.0] * 600, none=[np.nan] * 600, many=many, y=x > 0,
    )  # fmt: skip
    score = inference_overlap(real, real, holdout=real, target="y")
    assert "2 terms" in score.note  # one of the twins, and "other" of many rare labels
    cancer = breast_cancer()
    assert np.isfinite(inference_overlap(cancer, cancer, holdout=cancer, target="target").value)


def test_what_cannot_be_explained_is_refused():
    with pytest.raises(DataError, match="fewer than 100"):
        inference_overlap(people(90), people(90), holdout=people(90), target="owner")
    constant = table(x=np.arange(200.0), y=["a"] * 200)
    with pytest.raises(DataError, match="nothing to explain"):
        inference_overlap(constant, constant, holdout=constant, target="y")
    with pytest.raises(DataError, match="nothing to explain"):
        inference_overlap(constant, constant, holdout=constant, target="x")
