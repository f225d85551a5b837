import numpy as np
import pytest
from tests.metrics.metric_tables import fair, table

from likewise.core.errors import DataError, SchemaError
from likewise.core.seeds import Seed
from likewise.metrics.fairness import group_error_gap, group_gap


def credit(n, seed, *, gap=0.2, told=1.0):
    """Two groups with different rates of default; ``told`` is what a score tells of group b."""
    rng = np.random.default_rng(seed)
    group = rng.choice(["a", "b"], n, p=[0.7, 0.3])
    region = rng.choice(list("uvwx"), n)
    x, z = rng.normal(size=(2, n))
    tells = np.where(group == "b", told, 1.0)
    default = rng.random(n) < 1 / (1 + np.exp(1 - 2 * tells * x - 5 * gap * (group == "b")))
    return table(group=group, region=region, x=x, z=z, default=default, loss=x + z + default)


def test_the_gap_is_the_difference_of_rates():
    real = table(g=["a"] * 400 + ["b"] * 400, y=[True] * 200 + [False] * 200 + [False] * 400)
    same = table(g=["a"] * 400 + ["b"] * 400, y=([True] * 100 + [False] * 300) * 2)
    score = group_gap(real, same, holdout=real, target="y")
    assert score.by == {"g = b": pytest.approx(0.5)}
    assert 0.35 < score.value < 0.5
    assert score.interval[0] == score.value
    assert score.interval[1] > 0.5
    assert score.floor == 0
    assert score.floor_interval == (0, 0)


@pytest.mark.parametrize("target", ["default", "loss"])
def test_a_gap_that_is_lost_is_seen_and_named(target):
    real, fresh = credit(6000, 0, gap=0.5), credit(4000, 1, gap=0.5)
    score = group_gap(real, credit(4000, 2, gap=0), holdout=fresh, target=target)
    assert score.value > score.floor_interval[1]
    assert next(iter(score.by)) == "group = b"


def test_errors_that_fall_on_one_group_are_seen():
    """The synthetic rows hide what the score tells of group b."""
    real, fresh = credit(8000, 0, gap=0), credit(8000, 1, gap=0)
    hidden = credit(4000, 2, gap=0, told=-1.0)
    score = group_error_gap(real, hidden, holdout=fresh, target="default")
    assert score.value > score.floor_interval[1]
    assert next(iter(score.by)) == "group = b"
    good = group_error_gap(real, credit(4000, 3, gap=0), holdout=fresh, target="default")
    assert good.value == 0


def test_second_samples_have_no_wrong_gap():
    whole = fair()
    wrong = 0
    for seed in range(20):
        real, synth, fresh = (credit(2000, 3 * seed + i) for i in range(3))
        rows = np.random.default_rng(seed).permutation(whole.rows)
        thirds = [whole.take(rows[i::3]) for i in range(3)]
        for metric in (group_gap, group_error_gap):
            wrong += metric(real, synth, holdout=fresh, target="default").value > 0
        wrong += group_gap(*thirds[:2], holdout=thirds[2], target="affairs").value > 0
        wrong += (
            group_error_gap(*thirds[:2], holdout=thirds[2], target="affairs", seed=Seed(seed)).value
            > 0
        )
    assert wrong <= 2


def test_groups_are_labels_and_small_whole_numbers_unless_they_are_named():
    rng = np.random.default_rng(0)
    n = 2000
    one = table(
        sex=1 + (rng.random(n) < 0.4),
        age=rng.integers(18, 90, n),
        rare=["r"] * 5 + ["s"] * (n - 5),
        y=rng.random(n) < 0.4,
    )
    assert set(group_gap(one, one, holdout=one, target="y").by) == {"sex = 2"}
    named = group_gap(one, one, holdout=one, target="y", groups=["sex"])
    assert set(named.by) == {"sex = 2"}
    with pytest.raises(SchemaError, match="not in the table"):
        group_gap(one, one, holdout=one, target="y", groups=["nothing"])


def test_without_groups_or_a_target_nothing_is_measured():
    numbers = table(x=np.arange(300.0), y=list("ab") * 150)
    for metric in (group_gap, group_error_gap):
        with pytest.raises(DataError, match="no groups"):
            metric(numbers, numbers, holdout=numbers, target="y")
    constant = table(g=list("ab") * 150, x=np.arange(300.0), y=["a"] * 300)
    with pytest.raises(DataError, match="does not vary"):
        group_gap(constant, constant, holdout=constant, target="y")
    with pytest.raises(DataError, match="cannot be learned"):
        group_error_gap(constant, constant, holdout=constant, target="y")
