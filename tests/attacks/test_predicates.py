import numpy as np
from tests.attacks.attack_tables import split, weather
from tests.metrics.metric_tables import table

from likewise.attacks.predicates import by_cell, mixed, on_one_column, on_several_columns


def rng():
    return np.random.default_rng(0)


def test_conditions_on_one_column_are_the_ends_and_what_occurs_once():
    [rows] = by_cell([table(x=[1, 1, 2, 3, None], c=list("aabbc"))], ("x", "c"))
    found = on_one_column(rows, 99, rng())
    told = {
        (int(c), int(s), None if np.isnan(v) else float(v))
        for c, s, v in zip(found.column[:, 0], found.sign[:, 0], found.value[:, 0], strict=True)
    }
    code_of_c = rows.values[1][4]
    assert told == {(0, 0, None), (0, 0, 2), (0, 0, 3), (0, 1, 3), (1, 0, code_of_c)}
    assert (found.counts(rows) == 1).all()


def test_conditions_on_several_columns_are_met_by_one_synthetic_row_each():
    [sample] = split(weather(), 3000)
    [rows] = by_cell([sample], sample.names)
    found = on_several_columns(rows, 300, rng())
    assert len(found) == 300
    assert (found.counts(rows) == 1).all()
    assert found.column.shape == (300, 3)
    by_hand = np.ones(3000, dtype=bool)
    for column, sign, value in zip(found.column[7], found.sign[7], found.value[7], strict=True):
        cell = rows.values[column]
        equal = np.isnan(cell) if np.isnan(value) else cell == value
        by_hand &= {0: equal, 1: cell >= value, -1: cell <= value}[int(sign)]
    assert np.flatnonzero(by_hand).tolist() == found.met(rows)[7].tolist()


def test_a_table_without_single_rows_gives_no_conditions():
    [rows] = by_cell([table(c=list("ab") * 50)], ("c",))
    assert len(on_one_column(rows, 10, rng())) == 0
    assert len(on_several_columns(rows, 10, rng())) == 0


def test_mixing_keeps_columns_and_no_row():
    [rows] = by_cell([table(x=list(range(50)), y=list(range(50)))], ("x", "y"))
    other = mixed(rows, rng())
    assert (np.sort(other.values, axis=1) == rows.values).all()
    assert (other.values[0] != other.values[1]).mean() > 0.8
