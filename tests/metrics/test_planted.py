"""Faults put into a second real sample must move the right score beyond its floor's interval."""

import numpy as np
import pytest
from tests.metrics.metric_tables import shuffled, table

from likewise.core.seeds import Seed
from likewise.metrics.coverage import rare_levels
from likewise.metrics.marginal import shape_error
from likewise.metrics.matched import beside, matched
from likewise.metrics.pairs import pair_error
from likewise.metrics.score import Score
from likewise.metrics.stages import answers, both, manifolds, slices


def sample(n, seed):
    """A survey: related numbers and labels, a rare level, a heavy tail, values missing together."""
    rng = np.random.default_rng(seed)
    sex = rng.choice(["F", "M"], n)
    site = rng.choice(["north", "south", "east", "isle"], n, p=[0.6, 0.315, 0.08, 0.005])
    age = rng.gamma(9, 5, n).round()
    income = np.exp(9 + age / 50 + 0.4 * rng.normal(size=n))
    owner = np.where(rng.random(n) < 1 / (1 + np.exp(-(age - 45) / 8)), "yes", "no")
    score = rng.normal(size=n)
    ill = rng.random(n) < 0.1
    visits, cost = np.where(ill, np.nan, rng.normal(size=(2, n)))
    return table(
        sex=sex, site=site, age=age, income=income, owner=owner, score=score, visits=visits,
        cost=cost,
    )  # fmt: skip


def changed(base, **columns):
    held = {name: base.arrow.column(name).to_numpy() for name in base.names}
    return table(**(held | columns))


def faults(good):
    held = {name: good.arrow.column(name).to_numpy() for name in good.names}
    rng = np.random.default_rng(99)
    order = rng.permutation(good.rows)
    subgroup = (held["sex"] == "F") & (held["site"] == "east")
    low, high = np.quantile(held["score"], [0.02, 0.98])
    return {
        "pair_error": shuffled(good, "owner"),
        "query_error": shuffled(good, "income"),
        "rare_levels": changed(good, site=np.where(held["site"] == "isle", "east", held["site"])),
        "slice_error": changed(good, score=held["score"] + 0.5 * subgroup),
        "tail_error": changed(good, score=np.clip(held["score"], low, high)),
        "missing_patterns": changed(good, cost=held["cost"][order]),
        "coverage": good.take(np.flatnonzero(held["sex"] == "M")),
        "recall": good.take(np.flatnonzero(held["sex"] == "M")),
        "precision": changed(good, **{n: held[n][rng.permutation(good.rows)] for n in good.names}),
    }


def measured_all(real, synth, fresh):
    case = matched(real, synth, fresh, target=None, seed=Seed(0), quick=False)
    found = [both(case, metric) for metric in (shape_error, pair_error, rare_levels)]
    found += [*answers(case), slices(case)[0], *manifolds(case)]
    return {score.name: score for score in found if isinstance(score, Score)}


@pytest.fixture(scope="module")
def tables():
    return sample(12_000, 0), sample(6_000, 1), sample(6_000, 2)


def outside(score):
    low, high = score.floor_interval
    return score.value < low if score.better == "higher" else score.value > high


@pytest.mark.parametrize("name", faults(sample(100, 2)))
def test_a_fault_is_seen_by_its_score(tables, name):
    real, fresh, good = tables
    score = measured_all(real, faults(good)[name], fresh)[name]
    if name == "rare_levels":
        assert score.value < score.floor
        return
    assert outside(score)


def test_without_a_fault_no_score_leaves_its_floor(tables):
    real, fresh, good = tables
    for score in measured_all(real, good, fresh).values():
        assert not outside(score) or score.name in ("shape_error", "pair_error")


def test_a_column_with_two_percent_of_the_rows_moved_is_seen_on_its_own(tables):
    """Among eight columns its error is a quarter of a percent of the mean."""
    real, fresh, good = (t.select(["site"]) for t in tables)
    site = good.arrow.column("site").to_numpy()
    moved = (site == "north") & (np.random.default_rng(0).random(good.rows) < 0.02 / 0.6)
    bad = table(site=np.where(moved, "south", site))
    assert outside(beside(shape_error(real, bad), shape_error(real, fresh)))
