"""CHECK conditions as engines spell them, and what they demand."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from likewise.data.rules import Inequality, NotNull, Range
from likewise.io.sql_checks import Comparison, Membership, Present, read_check
from likewise.io.sql_declared import declarations
from likewise.io.sql_schema import SqlCheck, SqlColumn, SqlDatabase, SqlTable
from likewise.io.sql_sqlite import checks_of

COLUMNS = ("balance", "qty", "a", "b", "x", "status", "Odd Name", "d")


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("((balance >= (0)::numeric))", [Comparison("balance", ">=", Decimal(0))]),
        ("(balance > '-5'::integer)", [Comparison("balance", ">", "-5")]),
        ("balance > - 5", [Comparison("balance", ">", Decimal(-5))]),
        ("0.5 < a", [Comparison("a", ">", Decimal("0.5"))]),
        (
            "((qty >= 1) AND (qty <= 99))",
            [Comparison("qty", ">=", Decimal(1)), Comparison("qty", "<=", Decimal(99))],
        ),
        (
            "`qty` between 1 and 99",
            [Comparison("qty", ">=", Decimal(1)), Comparison("qty", "<=", Decimal(99))],
        ),
        ("(a <= b)", [Comparison("a", "<=", other="b")]),
        ('CHECK (("Odd Name" < d))', [Comparison("Odd Name", "<", other="d")]),
        ("`x` in ('a','it''s')", [Membership("x", ("a", "it's"))]),
        ("x IN (_utf8mb4'a', 2)", [Membership("x", ("a", Decimal(2)))]),
        (
            "((status)::text = ANY ((ARRAY['a'::character varying, "
            "'b'::character varying])::text[]))",
            [Membership("status", ("a", "b"))],
        ),
        ("(d >= '2020-01-01'::date)", [Comparison("d", ">=", "2020-01-01")]),
        ("(CAST(a AS DECIMAL(10,2)) >= 0)", [Comparison("a", ">=", Decimal(0))]),
        ("(x IS NOT NULL)", [Present("x")]),
        ("(a IS NULL) OR (a > 0)", [Comparison("a", ">", Decimal(0))]),
        ("a > 0 or (a is null)", [Comparison("a", ">", Decimal(0))]),
    ],
)  # fmt: skip
def test_what_is_understood(text, means):
    assert read_check(text, COLUMNS) == tuple(means)


@pytest.mark.parametrize(
    "text",
    [
        "length(x) = 3",
        "a > 0 OR b > 0",
        "(a + b) > 3",
        "(x ~ '^a')",
        "json_valid(`x`)",
        "NOT (a > 0)",
        "a > 0 AND length(x) > 2",
        "a > 0 OR b IS NULL",
        "a <> 3",
        "unknown > 3",
        "a > 'unclosed",
        "a >",
        "",
    ],
)
def test_what_says_more_is_not_taken_for_less(text):
    assert read_check(text, COLUMNS) is None


@given(st.text(max_size=60))
def test_no_text_makes_it_fail(text):
    read_check(text, COLUMNS)


def _table(kind, *checks, nullable=True):
    columns = tuple(SqlColumn(name=name, type=kind, nullable=nullable) for name in ("a", "b"))
    return SqlTable(
        name="t", columns=columns, checks=tuple(SqlCheck(expression=check) for check in checks)
    )


@pytest.mark.parametrize(
    ("kind", "check", "rule"),
    [
        ("integer", "a > 0", Range(column="a", low=1)),
        ("numeric(10,2)", "a > 0", Range(column="a", low=0.01)),
        ("double precision", "a < 2.5", Range(column="a", high=2.5)),
        ("integer", "a IN (1, 2, 7)", Range(column="a", low=1, high=7)),
        ("integer", "a BETWEEN 1 AND 99 AND a < 50", Range(column="a", low=1, high=49)),
        ("date", "a >= '2020-01-01'", Range(column="a", low="2020-01-01")),
        ("integer", "a < b", Inequality(low="a", high="b", strict=True)),
        ("integer", "a >= b", Inequality(low="b", high="a")),
        ("integer", "a IS NOT NULL", NotNull(column="a")),
    ],
)
def test_a_condition_becomes_a_rule(kind, check, rule):
    database = SqlDatabase(engine="postgresql", tables=(_table(kind, check),))
    (declared,), notes = declarations(database)
    assert declared.content.rules == (rule,)
    assert notes == ()


def test_texts_in_a_list_are_the_levels_and_what_is_not_understood_is_told():
    checks = ("a IN ('x', 'y')", "length(b) = 3")
    database = SqlDatabase(engine="postgresql", tables=(_table("text", *checks),))
    (declared,), notes = declarations(database)
    assert declared.content["a"].levels == ("x", "y")
    assert ["length(b) = 3" in note for note in notes] == [True]


def test_the_conditions_of_a_statement_are_found_in_it():
    create = """CREATE TABLE t (a INT CHECK (a IN ('(', ')')), -- CHECK (no)
        b TEXT DEFAULT 'CHECK (b)', "check" INT, CONSTRAINT c CHECK ((a) > (b)) )"""
    assert checks_of(create) == ["a IN ('(', ')')", "(a) > (b)"]
