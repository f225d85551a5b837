"""Keys that no row has, and rows that repeat a key put where it is free."""

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from likewise.compose.free_places import nearest_free
from likewise.compose.gaps import Absent, gone_of_themselves

GRID = [pa.array(["a", "a", "b", "b", "c"]), pa.array([1, 2, 1, 3, 2])]


def _keys(columns):
    return set(zip(*(column.to_pylist() for column in columns), strict=True))


def test_what_no_row_has_is_the_rest_of_the_grid():
    absent = Absent.of(GRID)
    free = _keys(absent.columns(absent.free))
    assert free == {("a", 3), ("b", 2), ("c", 1), ("c", 3)}
    after = _keys([column.slice(0, 1) for column in absent.after(np.array([1]))])
    assert after == {("a", 3)}


def test_a_full_grid_has_nothing_free():
    columns = [pa.array(["a", "a", "b", "b"]), pa.array([1, 2, 1, 2])]
    assert Absent.of(columns) is None


@pytest.mark.parametrize("kind", [pa.int64(), pa.timestamp("us"), pa.date32()])
def test_moments_between_those_there_are_may_be_free(kind):
    start = {pa.date32(): dt.date(2020, 1, 1)}.get(kind, dt.datetime(2020, 1, 1))
    steps = [0, 1, 3, 4]
    hours = {
        pa.int64(): [10 + 2 * step for step in steps],
        pa.timestamp("us"): [start + dt.timedelta(hours=step) for step in steps],
        pa.date32(): [start + dt.timedelta(days=step) for step in steps],
    }[kind]
    columns = [pa.array(["a"] * 4), pa.array(hours, kind)]
    assert Absent.of(columns) is None
    absent = Absent.of(columns, between=True)
    ((_, free),) = _keys(absent.columns(absent.free))
    assert free not in hours
    assert min(hours) < free < max(hours)


def test_too_large_a_grid_is_not_looked_through():
    many = pa.array(np.arange(10_000))
    assert Absent.of([many, many]) is None


def test_those_are_gone_whose_own_values_no_parent_has():
    mine, theirs = np.array([1, 2, 3, -1, 9, 9]), np.array([1, 3])
    none = np.array([False, False, False, False, False, True])
    gone = gone_of_themselves(mine, theirs, none, 5, np.random.default_rng(0))
    assert gone.tolist() == [False, True, False, False, True, False]
    one = gone_of_themselves(mine, theirs, none, 1, np.random.default_rng(0))
    assert one.sum() == 1


@settings(deadline=None, max_examples=200)
@given(
    st.lists(st.integers(0, 39), max_size=30),
    st.sets(st.integers(0, 39), max_size=40),
)
def test_free_numbers_are_given_once_and_within_their_group(codes, free):
    codes, rising = np.array(codes, dtype=np.int64), np.array(sorted(free), dtype=np.int64)
    target = nearest_free(codes, rising, 10)
    got = target[target >= 0]
    assert len(set(got.tolist())) == len(got)
    assert set(got.tolist()) <= free
    assert (got // 10 == codes[target >= 0] // 10).all()
    for group in range(4):
        wanted = int((codes // 10 == group).sum())
        room = sum(number // 10 == group for number in free)
        assert int((target[codes // 10 == group] >= 0).sum()) == min(wanted, room)
