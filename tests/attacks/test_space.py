import numpy as np
import pytest
from tests.metrics.metric_tables import people, table

from likewise.attacks.cells import cells, occurrences
from likewise.attacks.space import neighbours, spaces
from likewise.data.schema import Kind


def points(tables, **options):
    names = tables[0].names
    return [space.points(names) for space in spaces(tables, names, **options)]


def test_rows_occur_as_often_as_they_are_equal_in_all_columns():
    one = table(x=[1.0, 2.0, None, 1.0], y=list("abcb"))
    other = table(x=[1.0, None, 9.0], y=["a", "c", None])
    assert occurrences([one, other], ("x", "y")).tolist() == [2, 1, 2, 1, 2, 2, 1]


def test_texts_are_cells_not_lengths():
    one, other = (table({"t": Kind.TEXT}, t=[word]) for word in ("abc", "abd"))
    first, second = cells([one, other], "t")
    assert first[0] != second[0]


@pytest.mark.parametrize("by_value", [False, True])
def test_distance_is_zero_exactly_for_equal_rows(by_value):
    known, asked = people(400, 0), people(300, 1)
    own, other = points([known, asked], by_value=by_value)
    assert (neighbours(own, own, 1).square == 0).all()
    assert (neighbours(other, own, 1).square > 0).mean() > 0.99


def test_values_beyond_the_range_and_between_known_ones_keep_their_order():
    known, asked = table(x=[0.0, 1.0, 2.0, 3.0]), table(x=[-9.0, -1.0, 1.2, 1.4, 4.0, 90.0])
    _, other = points([known, asked])
    assert (np.diff(other.dense[:, 0]) > 0).all()
    assert np.abs(other.dense).max() <= 1


def test_by_value_the_rich_stay_far_away():
    known = table(x=[*np.linspace(0, 1, 500), 50.0])
    ranks, scaled = (points([known], by_value=b)[0].dense[:, 0] for b in (False, True))
    assert np.diff(ranks)[-1] < 0.01
    assert np.diff(scaled)[-1] > 10


def test_neighbours_and_density_are_those_of_all_distances():
    rng = np.random.default_rng(0)
    known, asked = (
        table(x=rng.normal(size=n), y=rng.random(n), c=rng.choice([f"n{i}" for i in range(99)], n))
        for n in (300, 200)
    )
    own, other = points([known, asked])
    square = ((other.dense[:, None] - own.dense) ** 2).sum(axis=2)
    square = square + (other.coded[:, None] != own.coded).sum(axis=2)
    near = neighbours(other, own, 4, 0.2)
    assert np.allclose(near.square, np.sort(square, axis=1)[:, :4])
    assert np.allclose(near.density, np.log(np.exp(-square / 0.4).mean(axis=1)))
