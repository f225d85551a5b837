"""Addresses, types and statements of SQL, without any server."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from likewise.core.errors import ConfigError, SchemaError
from likewise.io.sql_cells import fit, waves
from likewise.io.sql_ddl import make_ddl, quote
from likewise.io.sql_order import circle_breakers, load_order
from likewise.io.sql_schema import (
    SqlCheck,
    SqlColumn,
    SqlDatabase,
    SqlForeignKey,
    SqlTable,
    read_sql,
)
from likewise.io.sql_types import SqlType, spelled, type_of
from likewise.io.sql_url import is_url, parse_url

SECRET = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="*"), min_size=8, max_size=20
)


@given(SECRET)
def test_no_spelling_of_an_address_shows_its_password(secret):
    from urllib.parse import quote as percent

    assume(secret not in repr(parse_url("postgresql://me@host:5432/shop")))  # such as "postgres"
    url = parse_url(f"postgresql://me:{percent(secret, safe='')}@host:5432/shop?sslmode=require")
    assert url.password == secret
    assert str(url) == "postgresql://me:***@host:5432/shop"
    assert secret not in repr(url)
    assert parse_url(url.libpq()) == url


@pytest.mark.parametrize(
    ("text", "engine", "name"),
    [
        ("mariadb://me@host/shop", "mysql", "shop"),
        ("postgres:///shop", "postgresql", "shop"),
        ("sqlite:///a/b.db", "sqlite", "a/b.db"),
        ("sqlite:////a/b.db", "sqlite", "/a/b.db"),
        ("mine.duckdb", "duckdb", "mine.duckdb"),
    ],
)
def test_addresses_are_understood(text, engine, name):
    url = parse_url(text)
    assert (url.engine, url.name) == (engine, name)
    assert is_url(text)


@pytest.mark.parametrize("text", ["shop/", "x.csv", "oracle://h/d", "sqlite://", "postgresql://h"])
def test_what_is_no_address_is_refused(text):
    with pytest.raises(ConfigError):
        parse_url(text)


@pytest.mark.parametrize(
    ("word", "engine", "means"),
    [
        ("numeric(10,2)", "postgresql", SqlType("numeric", (10, 2))),
        ("numeric(8)", "postgresql", SqlType("numeric", (8, 0))),
        ("timestamp(3) with time zone", "postgresql", SqlType("timestamptz")),
        ("character varying(20)", "postgresql", SqlType("varchar", (20,))),
        ("integer[]", "postgresql", SqlType("other")),
        ("tinyint(1)", "mysql", SqlType("boolean")),
        ("int(10) unsigned", "mysql", SqlType("bigint")),
        ("bigint(20) unsigned", "mysql", SqlType("numeric", (20, 0))),
        ("timestamp", "mysql", SqlType("timestamptz")),
        ("INT", "sqlite", SqlType("bigint")),
        ("", "sqlite", SqlType("other")),
        ("HUGEINT", "duckdb", SqlType("numeric", (38, 0))),
        ("STRUCT(a INTEGER)", "duckdb", SqlType("other")),
    ],
)
def test_types_are_understood(word, engine, means):
    assert type_of(SqlColumn(name="x", type=word), engine) == means


@pytest.mark.parametrize("engine", ["postgresql", "mysql", "sqlite", "duckdb"])
@pytest.mark.parametrize(
    "word",
    ["bigint", "numeric(12,4)", "varchar(30)", "boolean", "date", "double precision", "uuid"],
)
def test_a_type_means_the_same_in_another_engine(word, engine):
    column = SqlColumn(name="x", type=word)
    there = SqlColumn(name="x", type=spelled(column, "postgresql", engine))
    back = SqlColumn(name="x", type=spelled(there, engine, "postgresql"))
    family = type_of(column, "postgresql")
    texts = word == "uuid" and engine in ("mysql", "sqlite")
    assert type_of(back, "postgresql") == family or texts


def test_names_are_quoted_whatever_they_hold():
    assert quote('a"b', "postgresql") == '"a""b"'
    assert quote("a`b", "mysql") == "`a``b`"


def ring(nullable=(False, False, False)):
    """Three tables in a circle."""
    names = ("a", "b", "c")

    def refer(name, other):
        return SqlForeignKey(columns=("to",), table=other, to=("id",), name=f"{name}_fk")

    return [
        SqlTable(
            name=name,
            columns=(SqlColumn(name="id", type="int"), SqlColumn(name="to", type="int",
                                                                 nullable=free)),
            primary_key=("id",),
            foreign_keys=(refer(name, other),),
        )
        for name, other, free in zip(names, ("b", "c", "a"), nullable, strict=True)
    ]  # fmt: skip


def test_a_circle_is_cut_where_a_reference_may_be_missing():
    order = load_order(ring((False, True, False)), "postgresql", lambda *_: False)
    assert [(late.table, late.columns) for late in order.late] == [("b", ("to",))]
    assert order.tables == ("b", "a", "c")
    assert circle_breakers(ring((False, True, False))) == (("b", ("to",)),)


@pytest.mark.parametrize(
    ("engine", "way_out"),
    [
        ("postgresql", 'ALTER TABLE "a" ALTER CONSTRAINT "a_fk" DEFERRABLE'),
        ("mysql", "ALTER TABLE `a` MODIFY `to` int NULL"),
        ("duckdb", 'ALTER TABLE "a" ALTER COLUMN "to" DROP NOT NULL'),
    ],
)
def test_a_circle_without_a_loose_end_is_shown_with_the_statement_that_helps(engine, way_out):
    with pytest.raises(SchemaError) as caught:
        load_order(ring(), engine, lambda *_: False)
    assert "a (to) → b (id); b (to) → c (id); c (to) → a (id)" in str(caught.value)
    assert way_out in str(caught.value)


def test_a_declaration_is_read_as_it_was_written(tmp_path):
    table = ring()[0].model_copy(update={"checks": (SqlCheck(expression="x > 0", name="c"),)})
    sql = SqlDatabase(engine="mysql", schema_name="s", tables=(table, *ring()[1:]))
    (tmp_path / "sql.yaml").write_text(sql.to_yaml())
    assert read_sql(tmp_path / "sql.yaml") == sql
    (tmp_path / "sql.yaml").write_text("version: 7\n")
    with pytest.raises(SchemaError, match="no declaration of version 1"):
        read_sql(tmp_path / "sql.yaml")


def test_what_another_engine_does_not_know_is_told():
    columns = (
        SqlColumn(name="id", type="integer", nullable=False, default="gen_x()"),
        SqlColumn(name="n", type="integer", default="7"),
    )
    checks = (SqlCheck(expression="n % 2 = 0"), SqlCheck(expression="(n > 0)"))
    table = SqlTable(name="t", columns=columns, primary_key=("id",), checks=checks)
    ddl = make_ddl(SqlDatabase(engine="postgresql", tables=(table,)), "mysql", "shop")
    assert [("gen_x()" in note, "n % 2" in note) for note in ddl.notes] == [
        (True, False),
        (False, True),
    ]
    assert "DEFAULT 7" in ddl.tables["t"]
    assert "CHECK (`n` > 0)" in ddl.tables["t"]


@given(st.lists(st.integers(0, 30), max_size=30), st.randoms())
def test_no_row_comes_before_the_row_that_it_refers_to(choices, random):
    parents = [None if not i or c >= i else c for i, c in enumerate(choices)]
    rows = list(enumerate(parents))
    random.shuffle(rows)
    table = pa.table(
        {
            "id": pa.array([i for i, _ in rows], pa.int64()),
            "up": pa.array([p for _, p in rows], pa.int64()),
        }
    )
    seen = set()
    groups = waves(table, ("id",), ("up",))
    assert groups is not None
    for group in groups:
        assert all(up is None or up in seen for up in group.column("up").to_pylist())
        seen |= set(group.column("id").to_pylist())
    assert len(seen) == len(rows)


def test_rows_in_a_circle_have_no_order():
    assert waves(pa.table({"id": [1, 2], "up": [2, 1]}), ("id",), ("up",)) is None


@given(st.lists(st.one_of(st.none(), st.integers(-(10**12), 10**12)), max_size=20))
def test_whole_numbers_become_decimals_and_come_back(values):
    numbers = pa.chunked_array([pa.array(values, pa.int64())])
    assert fit(fit(numbers, pa.decimal128(20, 4)), pa.int64()).to_pylist() == values


def test_floats_that_are_no_number_become_missing_decimals():
    cells = pa.chunked_array([pa.array([1.005, np.nan, np.inf, None])])
    assert [str(cell) for cell in fit(cells, pa.decimal128(9, 2)).to_pylist()] == [
        "1.00", "None", "None", "None",
    ]  # fmt: skip
