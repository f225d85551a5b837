"""Odds of an accident that can be worked out by hand."""

import pytest
from tests.data.linked_tables import table

from likewise.data.coincidence import SMALLEST, forms_trees, odds_of_inclusion
from likewise.data.keys import code_columns

LETTERS = [a + b for a in "abcdefghij" for b in "uvwxy"]


def coded(mine, theirs):
    found = code_columns({"a": table(x=mine), "b": table(x=theirs)}, [("a", "x"), ("b", "x")])
    return found["a", "x"], found["b", "x"]


@pytest.mark.parametrize(
    ("mine", "theirs", "odds"),
    [
        ([1, 2, 3], list(range(1, 41)), 1.0),  # small numbers lie in every 1 … n
        ([10, 20], list(range(10, 60, 10)), (2 / 11) ** 2),  # of 10 … 20 the key fills two
        (["10", "20"], list(range(10, 60, 10)), (2 / 11) ** 2),
        (["P01", "P03"], [f"P{i:02d}" for i in range(40)], 1 / 26),  # a product, or a person
        (["KD-01", "KD-03"], [f"KD-{i:02d}" for i in range(40)], 1 / 26**2),
        (["au", "bv"], LETTERS, (50 / 26**2) ** 2),
        ([2**60, 2**60 + 2], [2**60 + 2 * i for i in range(40)], (2 / 3) ** 2),
    ],
)
def test_the_odds_are_those_worked_out_by_hand(mine, theirs, odds):
    assert odds_of_inclusion(*coded(mine, theirs)) == pytest.approx(odds)


def test_odds_too_long_to_tell_apart_are_one():
    far = [i * 10**6 for i in range(40)]
    assert odds_of_inclusion(*coded(far, far)) == SMALLEST


def test_circles_of_any_length_are_no_trees():
    for length in range(2, 12):
        rows = list(range(100))
        upward = [0, *(i // 2 for i in rows[1:])]
        circle = [length - 1 if i == 0 else i - 1 for i in rows]
        assert forms_trees(*coded(upward, rows))
        assert not forms_trees(*coded(circle, rows))
