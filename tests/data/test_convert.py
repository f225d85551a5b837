import datetime as dt

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from likewise.core.errors import SchemaError
from likewise.data.cells import INFINITIES
from likewise.data.convert import to_source, to_table
from likewise.data.infer import infer
from likewise.data.schema import Column, Format, Kind, Schema


def returned(raw):
    return to_source(to_table(raw, infer(raw)))


def same(left, right):
    return all(
        a.combine_chunks().equals(b.combine_chunks()) for a, b in zip(left, right, strict=True)
    )


MORE = {
    "one word for missing": ["1", "NA", "7"] * 10,
    "question marks": ["a", "?", "b"] * 10,
    "fixed decimals": ["1.50", "2.25", "-0.05"] * 10,
    "python floats": ["1.0", "2.25", "-0.5"] * 10,
    "offset": ["2024-01-31T12:30:00+02:00", "2024-06-30T00:30:00+02:00"] * 10,
    "offset without colon": ["2024-01-31 12:30:00-0330", "2024-06-30 00:30:00-0330"] * 10,
    "microseconds": ["2024-01-31T12:30:00.000001", "2024-01-31T12:30:00.100000"] * 10,
    "before 1970": ["1899-12-31 23:59:59", "0001-01-01 00:00:00"] * 10,
    "two-digit years": ["31/12/99", "01/02/04"] * 10,
    "unpadded": ["1/13/2024", "12/3/2024"] * 10,
    "month names": ["Jan 02, 2024", "Dec 31, 1999"] * 10,
    "minutes": ["12:05", "23:59"] * 10,
    "pandas timedelta": ["1 days 02:03:04", "0 days 00:00:01"] * 10,
    "case of booleans": ["TRUE", "FALSE"] * 10,
    "largest integers": ["9223372036854775807"[:18], "-" + "9" * 18, "3"] * 10,
}


@pytest.mark.parametrize("trap", MORE)
def test_more_spellings_come_back(trap):
    raw = pa.table({"x": pa.array(MORE[trap], pa.string())})
    column = infer(raw)["x"]
    assert column.kind not in (Kind.TEXT, Kind.KEY)
    assert to_source(to_table(raw, Schema(columns=(column,)))).column("x").to_pylist() == MORE[trap]


def lists(cells):
    return st.lists(st.one_of(st.none(), cells), min_size=1, max_size=60)


DAYS = st.dates(dt.date(1000, 1, 1), dt.date(9999, 12, 31))
MOMENTS = st.datetimes(dt.datetime(1000, 1, 1), dt.datetime(9999, 12, 31)).map(
    lambda t: t.replace(microsecond=0)
)
WELL_FORMED = st.one_of(
    lists(st.integers(-(10**17), 10**17).map(str)),
    lists(st.decimals(-10_000, 10_000, places=2, allow_nan=False).map(lambda d: f"{d + 0:.2f}")),
    lists(DAYS.map(lambda d: d.strftime("%d.%m.%Y"))),
    lists(MOMENTS.map(lambda t: t.isoformat(" "))),
    lists(st.sampled_from(["red", "green", "blue"])),
    lists(st.text(min_size=1, max_size=12)),
    lists(st.from_regex(r"[A-Z]{2}-[0-9]{3}", fullmatch=True)),
)


def _well(cells):
    """No negative zero and not two ways to say missing: these have no spelling of their own."""
    words = {cell.strip().lower() for cell in cells if cell is not None}
    missing = {
        "",
        "na",
        "n/a",
        "#n/a",
        "<na>",
        "null",
        "none",
        "nan",
        "nat",
        "-",
        "--",
        "?",
        ".",
        r"\n",
        *INFINITIES,
    }
    return not words & missing and not any(cell and cell.startswith("-0.00") for cell in cells)


@settings(max_examples=200, deadline=None)
@given(WELL_FORMED)
def test_well_formed_texts_come_back(cells):
    raw = pa.table({"x": pa.array(cells, pa.string())})
    plain = [cell for cell in cells if cell is not None]
    odd = any(cell != cell.strip() or cell[:1] == "+" or cell in ("-0",) for cell in plain)
    if _well(cells) and not odd and infer(raw)["x"].kind is not Kind.NUMERIC:
        assert returned(raw).column("x").to_pylist() == cells


@settings(max_examples=100, deadline=None)
@given(st.lists(st.one_of(st.none(), st.integers(-(2**52), 2**52).map(float)), max_size=40))
def test_whole_floats_with_nulls_come_back_as_floats(cells):
    raw = pa.table({"x": pa.array(cells, pa.float64())})
    assert same(raw, returned(raw))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=40))
def test_floats_come_back_bit_by_bit(cells):
    raw = pa.table({"x": pa.array(cells, pa.float64())})
    if not any(str(cell) == "-0.0" for cell in cells):
        assert same(raw, returned(raw))


def test_a_zoned_text_is_utc_inside():
    raw = pa.table({"x": ["2024-01-31T12:30:00+02:00", "2024-06-30T00:30:00+02:00"]})
    table = to_table(raw, infer(raw))
    assert table.arrow.column("x").to_pylist()[0] == dt.datetime(2024, 1, 31, 10, 30)


def test_wall_times_of_a_declared_zone_are_utc_inside_and_come_back():
    raw = pa.table({"x": ["2024-01-31 12:30:00", "2024-06-30 12:30:00"]})
    declared = Column(name="x", kind=Kind.DATETIME, timezone="Europe/Berlin")
    table = to_table(raw, infer(raw, overrides={"x": declared}))
    assert [t.hour for t in table.arrow.column("x").to_pylist()] == [11, 10]
    assert to_source(table).column("x").to_pylist() == raw.column("x").to_pylist()


def test_a_contradiction_names_count_and_first_row_and_no_value():
    schema = Schema(columns=(Column(name="x", kind=Kind.INTEGER),))
    raw = pa.table({"x": ["1", "secret", "3", "hidden"]})
    with pytest.raises(SchemaError, match=r"2 of 4 cells do not read as integer, first in row 2"):
        to_table(raw, schema, "file.csv")


def test_an_undeclared_level_and_an_absent_column_are_refused():
    schema = Schema(columns=(Column(name="size", kind=Kind.ORDINAL, levels=("s", "m")),))
    with pytest.raises(SchemaError, match="none of the declared levels, first in row 2"):
        to_table(pa.table({"size": ["s", "xl"]}), schema)
    with pytest.raises(SchemaError, match=r"not in the data\. Did you mean 'sizes'"):
        to_table(pa.table({"sizes": ["s"]}), schema)


def test_a_typed_output_of_texts_has_the_types_of_the_kinds():
    cells = {"n": ["1,5", "2,5"], "d": ["2024-01-31", "2024-02-01"], "c": ["a", "a"]}
    raw = pa.table(cells)
    types = to_source(to_table(raw, infer(raw)), typed=True).schema.types
    assert types == [pa.float64(), pa.date32(), pa.string()]


def test_other_types_than_the_schema_was_made_from_are_read():
    text = infer(pa.table({"n": ["1.5", "2.5"], "k": ["1", "7"], "b": ["0", "1"]}))
    typed = pa.table({"n": [3.5], "k": [8], "b": [True]})
    assert to_table(typed, text).arrow.to_pylist() == [{"n": 3.5, "k": 8, "b": True}]
    back = infer(typed.select(["n", "k"]))
    assert to_table(pa.table({"n": ["3.5"], "k": ["8"]}), back).arrow.to_pylist() == [
        {"n": 3.5, "k": 8}
    ]


def test_a_null_word_is_written_back():
    column = Column(name="x", kind=Kind.INTEGER, format=Format(null="n/a"))
    raw = pa.table({"x": ["1", "n/a"]})
    assert to_source(to_table(raw, Schema(columns=(column,)))).column("x").to_pylist() == [
        "1",
        "n/a",
    ]


def test_one_row_and_another_constant_are_read():
    one = pa.table({"a": ["1"], "b": ["x"], "c": pa.array([None], pa.string())})
    assert returned(one).to_pylist() == one.to_pylist()
    schema = infer(pa.table({"a": ["x"] * 20}))
    assert to_table(pa.table({"a": ["y"]}), schema).arrow.to_pylist() == [{"a": "y"}]


@settings(max_examples=100, deadline=None)
@given(
    st.integers(1, 4).flatmap(
        lambda places: lists(
            st.integers(-(10**9), 10**9).map(lambda n: f"{n / 10**places:.{places}f}")
        )
    )
)
def test_decimals_of_one_width_come_back_with_either_mark(cells):
    cells = [cell for cell in cells if cell is None or float(cell)]
    for mark in ".,":
        marked = [None if cell is None else cell.replace(".", mark) for cell in cells]
        raw = pa.table({"x": pa.array(marked, pa.string())})
        assert returned(raw).column("x").to_pylist() == marked
