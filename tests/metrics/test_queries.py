import numpy as np
import pytest
from tests.metrics.metric_tables import people, share_that_hold, shuffled, table

from likewise.core.errors import DataError
from likewise.core.seeds import Seed
from likewise.metrics.matched import beside_second
from likewise.metrics.queries import query_error


def test_a_table_answers_like_itself():
    assert query_error(people(800), people(800)).value == pytest.approx(0, abs=1e-12)


def test_an_error_of_a_count_is_in_standard_deviations():
    """Only “label = a” and “label = b” can be asked: 50 % against 40 % is 0.1 / 0.5."""
    real, synth = table(y=list("ab") * 100), table(y=["a"] * 80 + ["b"] * 120)
    score = query_error(real, synth)
    assert score.value == pytest.approx(0.2)
    assert set(score.by) == {"counts", "where y"}


def test_an_error_of_a_mean_is_in_standard_deviations_and_weighs_as_its_rows_do():
    """Where the label is asked, half of the rows have a mean off by half a deviation."""
    label, x = np.repeat(["a", "b"], 1000), np.tile([-1.0, 1.0], 1000)
    real, synth = table(y=label, x=x), table(y=label, x=x - (label == "a") * x)
    score = query_error(real, synth)
    assert score.by["means"] == pytest.approx(0, abs=1e-9)  # of -1 and 1, and of 0, alike
    moved = query_error(real, table(y=label, x=np.where(label == "a", 0, x)[::-1] * 0 + 0.5))
    assert moved.by["means"] == pytest.approx(0.5 * np.sqrt(0.5))


@pytest.mark.parametrize("name", ["owner", "income"])
def test_a_shuffled_column_stands_out(name):
    real, fresh, good = (people(4000, seed) for seed in range(3))
    floor = query_error(real, fresh)
    bad = beside_second(query_error(real, shuffled(good, name)), floor, high=np.inf)
    assert bad.value > bad.floor_interval[1] + 0.02
    assert query_error(real, good).value < bad.floor_interval[1]


def test_a_marginal_shifted_by_five_percent_of_the_rows_stands_out():
    real, fresh, good = (people(20_000, seed) for seed in range(3))
    owner = good.numbers("owner").astype(bool)
    flipped = owner | (np.random.default_rng(0).random(good.rows) < 0.1)
    columns = {name: good.arrow.column(name).to_numpy() for name in good.names}
    bad = table(**(columns | {"owner": flipped}))
    score = beside_second(query_error(real, bad), query_error(real, fresh), high=np.inf)
    assert score.value > score.floor_interval[1]


def test_questions_repeat_and_do_not_depend_on_the_synthetic_rows():
    real = people(1000)
    one, two = (query_error(real, people(500, 1), seed=Seed(3)) for _ in range(2))
    assert one == two
    assert (
        query_error(real, people(300, 2), seed=Seed(3)).note.split(",")[0]
        == (one.note.split(",")[0])
    )


def test_the_interval_holds_the_mean_of_repeated_samples():
    real, other = people(20_000), shuffled(people(24_000, 1), "city")
    scores = [query_error(real, other.slice(k * 400, 400)) for k in range(50)]
    assert share_that_hold(scores) >= 0.9


def test_tables_that_leave_nothing_to_ask_are_refused():
    with pytest.raises(DataError, match="no condition"):
        query_error(table(x=[1.0] * 200), table(x=[1.0] * 200))
    with pytest.raises(DataError, match="fewer than 200"):
        query_error(people(200), people(199))
