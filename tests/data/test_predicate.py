"""Conditions mean what SQL means by them, and bad ones say where they are wrong."""

from datetime import date, datetime, time, timedelta

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from likewise.core.errors import ConfigError
from likewise.data.condition import AllOf, AnyOf, Condition, Missing, Span, negated
from likewise.data.predicate import Predicate, parse
from likewise.data.schema import Column, Format, Kind, Schema
from likewise.data.table import CANONICAL, Table

COLUMNS: dict[str, tuple[Column, list[object]]] = {
    "age": (Column(name="age", kind=Kind.INTEGER), [20, 30, 40, None]),
    "pay": (Column(name="pay", kind=Kind.NUMERIC), [1.5, 2.5, None, 4.0]),
    "sex": (Column(name="sex", kind=Kind.CATEGORY), ["Female", "Male", None, "it's"]),
    "code": (Column(name="code", kind=Kind.CATEGORY), ["007", "7", "true", None]),
    "size": (
        Column(name="size", kind=Kind.ORDINAL, levels=("S", "M", "L")),
        ["S", "M", "L", None],
    ),
    "wish": (
        Column(name="wish", kind=Kind.ORDINAL, levels=("M", "L", "XL"), format=Format(null="?")),
        ["XL", "M", "M", "L"],
    ),
    "rank": (Column(name="rank", kind=Kind.ORDINAL, levels=("L", "S")), ["L", "S", "S", None]),
    "member": (
        Column(name="member", kind=Kind.BOOLEAN, format=Format(true="ja", false="nein")),
        [True, False, None, True],
    ),
    "day": (
        Column(name="day", kind=Kind.DATE),
        [date(2020, 1, 1), date(2020, 6, 1), date(2021, 1, 1), None],
    ),
    "at": (
        Column(name="at", kind=Kind.DATETIME, timezone="Europe/Berlin"),
        [datetime(2020, 6, 1, 10), datetime(2020, 6, 1, 12), None, datetime(2019, 1, 1)],
    ),
    "clock": (
        Column(name="clock", kind=Kind.TIME),
        [time(8), time(12, 30), time(23, 59, 59), None],
    ),
    "took": (
        Column(name="took", kind=Kind.DURATION),
        [timedelta(seconds=30), timedelta(minutes=2), timedelta(hours=3), None],
    ),
    "marital-status": (Column(name="marital-status", kind=Kind.INTEGER), [1, 2, 3, 4]),
    "net pay": (Column(name="net pay", kind=Kind.NUMERIC), [1.0, 3.0, 3.0, 4.0]),
    "big": (Column(name="big", kind=Kind.INTEGER), [2**60, 2**60 + 1, 0, -(2**60)]),
    'q"x': (Column(name='q"x', kind=Kind.INTEGER), [1, 2, 3, 4]),
}
SCHEMA = Schema(columns=tuple(column for column, _ in COLUMNS.values()))
TABLE = Table(
    pa.table(
        [pa.array(values, type=CANONICAL[c.kind]) for c, values in COLUMNS.values()],
        names=list(COLUMNS),
    ),
    SCHEMA,
)


def rows(text: str) -> list[int]:
    return np.flatnonzero(parse(text, SCHEMA).mask(TABLE)).tolist()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("age > 20", [1, 2]),
        ("age >= 30.5", [2]),
        ("20 < age", [1, 2]),
        ("20 <= age < 40", [0, 1]),
        ("age = 30", [1]),
        ("age == 30 OR age <> 30", [0, 1, 2]),
        ("age != 30", [0, 2]),
        ("not age = 30", [0, 2]),
        ("age between 20 and 30 and pay > 2", [1]),
        ("age not between 20 and 30", [2]),
        ("age in (20, 40)", [0, 2]),
        ("age not in (20, 40)", [1]),
        ("age is null", [3]),
        ("age is not null", [0, 1, 2]),
        ("pay is None or age is missing", [2, 3]),
        ("not (age > 20 and pay > 2)", [0]),
        ("not (age > 20 or pay > 2)", [0]),
        ("age > 25 or pay < 2 and sex = 'Male'", [1, 2]),
        ("(age > 25 or pay < 2) and sex = 'Male'", [1]),
        ("sex = 'Female'", [0]),
        ('sex = "Female"', [0]),
        ("sex != 'Female'", [1, 3]),
        ("sex = 'it''s'", [3]),
        ("sex in ('Male', 'Other')", [1]),
        ("code = 007", [0]),
        ("code = 7", [1]),
        ("code = true", [2]),
        ("size > 'S'", [1, 2]),
        ("size <= 'M'", [0, 1]),
        ("not size >= 'M'", [0]),
        ("size between 'M' and 'L'", [1, 2]),
        ("'M' < size", [2]),
        ("size < wish", [0]),
        ("size >= wish", [1, 2]),
        ("not size < wish", [1, 2]),
        ("size = wish", [1]),
        ("member", [0, 3]),
        ("not member", [1]),
        ("member = false", [1]),
        ("member = 'ja'", [0, 3]),
        ("day >= 2020-06-01", [1, 2]),
        ("day < '2020-06-01'", [0]),
        ("at = 2020-06-01 12:00", [0]),
        ("at > '2020-06-01T10:00:00Z'", [1]),
        ("clock >= 12:30", [1, 2]),
        ("clock < 8:01", [0]),
        ("took > 60", [1, 2]),
        ("took > 2:00:00", [2]),
        ("marital-status >= 3", [2, 3]),
        ('"net pay" = 3', [1, 2]),
        ("`net pay` = 3", [1, 2]),
        ("pay < `net pay`", [1]),
        ("sex != code", [0, 1]),
        ("big > 1152921504606846976", [1]),
        ('"q""x" = 2', [1]),
    ],
)
def test_conditions_hold_where_sql_says(text: str, expected: list[int]) -> None:
    assert rows(text) == expected


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("", 1, "column or a value is expected"),
        ("agee > 3", 1, "Did you mean 'age'"),
        ("age > 3 and salary = 1", 13, "no column 'salary'"),
        ("age >", 6, "found the end"),
        ("age", 4, "compared with nothing"),
        ("age > 'old'", 7, "no value of column 'age'"),
        ("age > 3 pay > 2", 9, "not expected here"),
        ("(age > 3", 9, "')' is expected"),
        ("age in (1, 2", 13, "')' is expected"),
        ("sex = Male", 7, "Write 'Male'"),
        ("sex > 'Male'", 7, "needs an order"),
        ("size = 'XL'", 8, "no level 'XL'"),
        ("size > 'XL'", 8, "Did you mean 'L'"),
        ("wish = '?'", 8, "write is null"),
        ("size < rank", 8, "levels that share an order"),
        ("size < sex", 8, "Declare both ordinal"),
        ("day > 2020-13-45", 7, "2024-01-31"),
        ("age = null", 7, "is null"),
        ("age > 3; drop table x", 8, "cannot be read"),
        ("sex = 'Male", 7, "Close the quote"),
        ("__import__('os')", 1, "no column"),
        ("age > inf", 7, "no value"),
        ("age < sex", 7, "cannot be compared"),
        ("3 = 4", 1, "column name is expected"),
        ("not " * 300 + "member", None, "nested too deeply"),
        ("(" * 5000, None, "nested too deeply"),
    ],
)
def test_a_bad_condition_is_refused_with_its_place(
    text: str, place: int | None, message: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(text, SCHEMA)
    assert message in str(caught.value)
    if place is not None:
        position = int(caught.value.where.rsplit(" ", 1)[1])
        assert abs(position - place) <= 1


def test_columns_are_those_that_the_condition_reads() -> None:
    found = parse("age > 3 or (sex = 'Male' and pay < `net pay`)", SCHEMA)
    assert found.columns == {"age", "sex", "pay", "net pay"}


leaves = st.one_of(
    st.builds(
        lambda low, width, lo, ho: Span("age", low, low + width, lo, ho),
        st.integers(10, 50),
        st.integers(0, 20),
        st.booleans(),
        st.booleans(),
    ),
    st.builds(Missing, st.sampled_from(["age", "pay"]), st.booleans()),
)
trees = st.recursive(
    leaves,
    lambda part: st.one_of(
        st.builds(AllOf, st.lists(part, min_size=1, max_size=3).map(tuple)),
        st.builds(AnyOf, st.lists(part, min_size=1, max_size=3).map(tuple)),
    ),
    max_leaves=8,
)


@given(trees)
def test_a_condition_and_its_negation_never_both_hold_and_one_does_where_all_is_known(
    condition: Condition,
) -> None:
    yes = Predicate("", condition).mask(TABLE)
    no = Predicate("", negated(condition)).mask(TABLE)
    known = ~TABLE.missing("age") & ~TABLE.missing("pay")
    assert not (yes & no).any()
    assert (yes | no)[known].all()


@given(st.text(max_size=60))
def test_any_text_is_parsed_or_refused(text: str) -> None:
    try:
        parse(text, SCHEMA)
    except ConfigError as error:
        assert error.where.startswith("condition, character ")
