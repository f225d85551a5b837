"""Cells of keys in common numbers: equal just when cells are, whatever table and kind."""

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.data.linked_tables import table

from likewise.data.convert import to_table
from likewise.data.infer import infer
from likewise.data.keys import code_columns, find_parents, repeats, scale_of
from likewise.data.schema import Column, Kind

CELLS = st.lists(
    st.tuples(
        st.one_of(st.none(), st.integers(0, 5)), st.one_of(st.none(), st.sampled_from("abc"))
    ),
    max_size=30,
)


def typed(rows):
    raw = pa.table(
        {
            "a": pa.array([a for a, _ in rows], pa.int64()),
            "b": pa.array([b for _, b in rows], pa.string()),
        }
    )
    return to_table(raw, infer(raw, overrides={"a": Kind.INTEGER, "b": Kind.CATEGORY}))


def coded(names, **tables):
    found = code_columns(tables, [(t, n) for t in tables for n in names])
    return [[found[t, n] for n in names] for t in tables]


@settings(deadline=None)
@given(CELLS, CELLS)
def test_every_row_finds_the_first_parent_that_equals_it(children, parents):
    for names in (["a"], ["b"], ["a", "b"]):
        kept = [0, 1] if len(names) == 2 else [["a", "b"].index(names[0])]
        mine, theirs = [[tuple(row[i] for i in kept) for row in t] for t in (children, parents)]
        first = {row: i for i, row in reversed(list(enumerate(theirs)))}
        wanted = [-1 if None in row else first.get(row, -2) for row in mine]
        child, parent = coded(names, child=typed(children), parent=typed(parents))
        assert find_parents(child, parent).tolist() == wanted


@settings(deadline=None)
@given(CELLS)
def test_repeated_rows_are_those_beyond_the_first_of_a_kind(rows):
    (cells,) = coded(["a", "b"], only=typed(rows))
    whole = [row for row in rows if None not in row]
    assert repeats(cells) == len(whole) - len(set(whole))


def test_numbers_labels_and_booleans_compare_as_they_are_spelled():
    numbers = table(a=[0, 1, 2, 2])  # integer
    keys = table(a=[str(i) for i in range(30)])
    flags = table(a=[0, 1, 1, 0])  # boolean
    kinds = [t.schema["a"].kind for t in (numbers, keys, flags)]
    assert kinds == [Kind.INTEGER, Kind.KEY, Kind.BOOLEAN]
    found = coded(["a"], numbers=numbers, keys=keys, flags=flags)
    assert find_parents(found[0], found[1]).tolist() == [0, 1, 2, 2]
    assert find_parents(found[2], found[0]).tolist() == [0, 1, 1, 0]


def test_whole_numbers_beside_gaps_are_read_without_their_point():
    spelled = table(a=["1.0", "", "3.0", "12.0"] * 8)
    plain = table(a=[str(i) for i in range(30)])
    mine, theirs = coded(["a"], spelled=spelled, plain=plain)
    assert find_parents(mine, theirs)[:4].tolist() == [1, -1, 3, 12]
    mixed = table(a=["1.0", "x", "3.0", "12.0"] * 8)
    mine, theirs = coded(["a"], mixed=mixed, plain=plain)
    assert find_parents(mine, theirs)[:4].tolist() == [-2, -2, -2, -2]


def test_numbers_after_one_prefix_are_read_and_others_are_not():
    cells = {
        "plain": [1, 2],
        "coded": ["KD-01", "KD-20"],
        "mixed": ["A1", "B2"],
        "none": ["A", "B"],
    }
    found = code_columns({"t": table(**cells)}, [("t", name) for name in cells])
    read = {name: found["t", name].numbered for name in cells}
    assert read["plain"].numbers.tolist() == [1, 2]
    assert (read["coded"].prefix, read["coded"].numbers.tolist()) == ("KD-", [1, 20])
    assert read["mixed"] is None
    assert read["none"] is None


def test_moments_compare_across_zones_and_never_with_those_of_no_zone():
    def scale(zone):
        return scale_of(Column(name="a", kind=Kind.DATETIME, timezone=zone))

    assert scale("Asia/Tokyo") == scale("UTC") != scale(None)


def test_three_wide_columns_are_compared_without_overflow():
    rng = np.random.default_rng(0)
    wide = {name: rng.integers(0, 2**60, 2_000) for name in "abc"}
    child = table(**{name: cells[::-1] for name, cells in wide.items()})
    mine, theirs = coded(["a", "b", "c"], child=child, parent=table(**wide))
    assert (find_parents(mine, theirs) == np.arange(2_000)[::-1]).all()
