import numpy as np
import pytest
from tests.metrics.metric_tables import people, resampled, share_that_hold, table

from likewise.core.errors import DataError
from likewise.core.seeds import Seed
from likewise.data.schema import Kind
from likewise.metrics.proximity import (
    Points,
    dcr_share,
    exact_copies,
    near_copies,
    nearest,
)


def known_people(n, seed):
    """People whose income is known, so that hardly two are alike."""
    drawn = people(n + n // 5, seed)
    return drawn.take(np.flatnonzero(~drawn.missing("income"))[:n])


def test_exact_copies_are_counted_without_keys():
    kinds = {"id": Kind.KEY}
    real = table(kinds, id=["1", "2", "3"], x=[1.0, 2.0, None], y=list("abc"))
    synth = table(kinds, id=list("4567"), x=[1.0, None, None, 2.0], y=list("accz"))
    fresh = table(kinds, id=["8", "9"], x=[1.0, 2.5], y=["a", "b"])
    score = exact_copies(real, synth, holdout=fresh)
    assert score.value == 3 / 4
    assert score.floor == 1 / 2


def test_equal_lengths_do_not_make_texts_equal():
    kinds = {"t": Kind.TEXT}
    real, synth = table(kinds, t=["abc"]), table(kinds, t=["abd", "abc"])
    assert exact_copies(real, synth, holdout=real).value == 0.5


def test_values_swapped_between_columns_are_no_copy():
    real, synth = table(a=[1, 2], b=[2, 3]), table(a=[2, 3], b=[1, 2])
    assert exact_copies(real, synth, holdout=real).value == 0


def test_a_copier_is_seen_by_all_three_measures():
    real, fresh = known_people(2000, 0), known_people(2000, 1)
    copy = resampled(real, 2000)
    assert exact_copies(real, copy, holdout=fresh).value == 1
    near = near_copies(real, copy, holdout=fresh)
    assert near.value == 1
    assert near.floor == pytest.approx(0.01, abs=0.006)
    share = dcr_share(real, copy, holdout=fresh)
    assert share.value > 0.95
    assert share.floor_interval[1] < 0.6


def test_a_second_real_sample_comes_no_nearer_than_fresh_rows_do():
    real, fresh, synth = (known_people(2000, seed) for seed in range(3))
    near = near_copies(real, synth, holdout=fresh)
    assert near.interval[0] < 0.02
    assert near.value < 0.03
    share = dcr_share(real, synth, holdout=fresh, seed=Seed(5))
    low, high = share.floor_interval
    assert low - 0.02 < share.value < high + 0.02


@pytest.mark.parametrize("copied", [0.0, 0.3])
def test_the_interval_of_the_dcr_share_holds_the_share_of_its_population(copied):
    """Copies are nearer to training rows always, other rows half of the time; 60 populations."""
    scores = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        real, fresh, new = (table(x=rng.normal(size=300), y=rng.random(300)) for _ in range(3))
        x, y = (
            np.where(np.arange(300) < 300 * copied, real.numbers(n), new.numbers(n)) for n in "xy"
        )
        scores.append(dcr_share(real, table(x=x, y=y), holdout=fresh, seed=Seed(seed)))
    assert share_that_hold(scores, copied + (1 - copied) / 2) >= 0.9


def test_where_fresh_rows_repeat_training_rows_the_floor_says_so():
    real = table(x=[1, 2] * 100, y=list("ab") * 100)
    score = near_copies(real, real, holdout=real)
    assert score.value == score.floor == 1
    assert dcr_share(real, real, holdout=real).value == 0.5


def test_the_nearest_row_is_found_whatever_mixture_of_columns():
    rng = np.random.default_rng(0)
    known, asked = (
        Points(
            rng.random((n, 3)),
            rng.integers(0, 3, (n, 2)).astype(np.int32),
        )
        for n in (300, 1100)
    )
    square = ((asked.dense[:, None] - known.dense) ** 2).sum(axis=2)
    square = square + (asked.coded[:, None] != known.coded).sum(axis=2)
    distance, position = nearest(asked, known)
    assert np.allclose(distance, square.min(axis=1))
    assert np.allclose(square[np.arange(1100), position], square.min(axis=1))


def test_columns_with_many_labels_count_like_others():
    rng = np.random.default_rng(0)
    names = np.array([f"n{i}" for i in range(400)])
    real, fresh = (table(x=rng.normal(size=800), c=rng.choice(names, 800)) for _ in range(2))
    assert near_copies(real, real, holdout=fresh).value == 1
    assert near_copies(real, fresh, holdout=fresh).value < 0.03


def test_tables_of_keys_or_few_rows_are_refused():
    keys = table({"id": Kind.KEY}, id=[str(i) for i in range(60)])
    for metric in (exact_copies, near_copies, dcr_share):
        with pytest.raises(DataError, match="only keys"):
            metric(keys, keys, holdout=keys)
    with pytest.raises(DataError, match="fewer than 50"):
        near_copies(people(20), people(20), holdout=people(20))
