"""Whole databases through real servers and files: the servers hold us to every constraint."""

import datetime as dt
import os
import re
import shutil
import signal
import subprocess
import sys
import textwrap
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.io import thirty_tables
from tests.io.database_targets import ENGINES, Target, new_target

from likewise.core.errors import DatabaseError, DataError, LikewiseError, SchemaError
from likewise.core.progress import silent
from likewise.io.folder import read_folder
from likewise.io.read import read_raw
from likewise.io.sql_schema import SqlColumn, SqlDatabase, SqlForeignKey, SqlTable
from likewise.io.sql_session import open_session
from likewise.io.sql_url import parse_url
from likewise.jobs.databases import pull, push
from likewise.jobs.fill import Goal, blocks_of, fill

pytestmark = pytest.mark.xdist_group("servers")

FEW = ["region", "office", "employee", "customer", "address", "order", "product", "order_line"]
LOST = {"postgresql": 0, "mysql": 0, "sqlite": 0, "duckdb": 2}  # references of two circles


@pytest.fixture(params=ENGINES)
def target(request, tmp_path):
    return new_target(request.param, request, tmp_path)


@pytest.fixture
def postgresql_target(request, tmp_path):
    return new_target("postgresql", request, tmp_path)


@pytest.fixture(scope="module")
def thirty(request, tmp_path_factory):
    """Thirty tables in PostgreSQL, made by plain SQL and filled as they are."""
    source = new_target("postgresql", request, tmp_path_factory.mktemp("source"))
    source.run(*thirty_tables.DDL.split(";\n"))
    rows = {name: blocks_of(table) for name, table in thirty_tables.rows().items()}
    with open_session(parse_url(source.url)) as session:
        sql, _ = session.reflect()
    moved = fill(sql, rows, Goal(source.url, into_existing=True), silent)
    assert any("office refer to each other in a circle" in circle for circle in moved.circles)
    assert set(moved.late) >= {"office (manager_id)", "employee (boss_id)"}
    return source


@pytest.fixture(scope="module")
def folder(thirty, tmp_path_factory):
    """The thirty tables in a folder."""
    place = tmp_path_factory.mktemp("pulled") / "thirty"
    pull(thirty.url, place)
    return place


def cells(column: pa.ChunkedArray) -> list[str]:
    """Cells in one spelling, whatever the engine: sorted, since tables have no order."""
    kind = column.type
    if pa.types.is_timestamp(kind) and kind.tz:
        column = column.cast(pa.timestamp("us"))
    if pa.types.is_duration(kind):
        column = column.cast(pa.int64())
    return sorted(str(cell).removesuffix("Z") for cell in column.to_pylist())


def small(*, nullable: bool, late: bool = False) -> SqlDatabase:
    """Two tables that refer to each other."""

    def table(name, other):
        columns = (
            SqlColumn(name="id", type="integer", nullable=False),
            SqlColumn(name="other_id", type="integer", nullable=nullable),
        )
        key = SqlForeignKey(columns=("other_id",), table=other, to=("id",), name=f"{name}_fk",
                            deferrable=late)  # fmt: skip
        return SqlTable(name=name, columns=columns, primary_key=("id",), foreign_keys=(key,))

    return SqlDatabase(engine="postgresql", tables=(table("one", "two"), table("two", "one")))


PAIR = {name: blocks_of(pa.table({"id": [1, 2], "other_id": [2, 1]})) for name in ("one", "two")}


def test_a_database_is_read_with_all_that_it_declares(thirty):
    with open_session(parse_url(thirty.url)) as session:
        sql, _ = session.reflect()
    assert len(sql.tables) == 30
    assert sum(len(table.foreign_keys) for table in sql.tables) == thirty_tables.REFERENCES
    assert sum(len(table.checks) for table in sql.tables) == thirty_tables.CHECKS
    staff, order = sql["employee"], sql["order"]
    assert staff["role"].levels == ("clerk", "driver", "it's complicated")
    assert staff["salary"].type == "numeric(10,2)"
    assert not staff["email"].nullable
    assert staff.unique == (("email",), ("badge",))
    assert staff["active"].default == "true"
    assert order["id"].identity
    assert {key.to for key in order.foreign_keys} == {
        ("id",),
        ("email",),
        ("customer_id", "number"),
    }
    assert sql["address"].foreign_keys[0].on_delete == "CASCADE"
    assert sql["vendor"].foreign_keys[0].deferrable


def test_what_it_declares_becomes_kinds_levels_bounds_and_rules(folder):
    database = read_folder(folder).database
    staff = database.schema["employee"].content
    assert staff["role"].levels == ("clerk", "driver", "it's complicated")
    assert (staff["salary"].minimum, staff["salary"].maximum) == (0, 999999)
    assert staff["salary"].decimals == 2
    said = {str(rule) for rule in staff.rules}
    assert any("low='hired' high='left_on'" in rule for rule in said)
    assert any("not_null" in rule and "email" in rule for rule in said)
    lines = database.schema["order_line"].content
    assert any("low=1 high=99" in str(rule) for rule in lines.rules)
    assert database.schema["product"].content["status"].levels == ("new", "sold", "gone")
    assert len(database.schema.relations) == thirty_tables.REFERENCES


def test_a_condition_that_says_more_is_told(thirty, tmp_path):
    notes = pull(thirty.url, tmp_path / "again").notes
    assert [note for note in notes if "length(title) > 2" in note]


def test_what_is_pushed_is_what_was_pulled_whatever_the_engine(thirty, folder, target):
    moved = push(folder, target.url)
    assert len(moved.rows) == 30
    before, after = thirty.read(), target.read()
    for name, table in before.items():
        for column in table.column_names:
            if name == "login" and column == "ip" and target.engine == "mysql":
                continue
            got = cells(after[name].column(column))
            assert got == cells(table.column(column)), (name, column)
    with open_session(parse_url(target.url)) as session:
        sql, _ = session.reflect()
    found = sum(len(table.foreign_keys) for table in sql.tables)
    assert found == thirty_tables.REFERENCES - LOST[target.engine]
    keys = {table.name: (table.primary_key, set(table.unique)) for table in sql.tables}
    with open_session(parse_url(thirty.url)) as session:
        for table in session.reflect()[0].tables:
            assert keys[table.name] == (table.primary_key, set(table.unique))


@pytest.mark.parametrize(
    "broken",
    [
        "INSERT INTO order_line VALUES (999999, 1, 'S-00001', 1, 1)",  # no such order
        "INSERT INTO order_line VALUES (1, 99, 'S-00001', 100, 1)",  # qty BETWEEN 1 AND 99
        "INSERT INTO stock VALUES (1, 'S-00001', -1)",  # amount >= 0
        "INSERT INTO refund VALUES (999999, 'x', 1)",  # a key that is a reference
        "INSERT INTO label VALUES ('bug')",  # a key that repeats
        "INSERT INTO region VALUES (99, 'AA', 'x')",  # a further key that repeats
        "INSERT INTO region VALUES (99, 'ZZ', NULL)",  # NOT NULL
        "UPDATE employee SET left_on = '1990-01-01' WHERE id = 1",  # hired <= left_on
        "UPDATE employee SET role = 'boss' WHERE id = 1",  # an enumeration
        "UPDATE product SET status = 'lost'",  # IN (...)
        "UPDATE ticket SET duplicate_of = 999999 WHERE id = 5",  # a self reference
        "UPDATE customer SET balance = -1",  # of a domain
        "INSERT INTO address VALUES (999999, 1, 'x', 'y')",
    ],
)
def test_the_server_refuses_what_breaks_a_constraint(pushed, broken):
    with pytest.raises(Exception):  # noqa: B017  (each driver has its own)
        pushed.run(broken)


@pytest.fixture(scope="module", params=ENGINES)
def pushed(request, folder, tmp_path_factory):
    """The thirty tables in each engine."""
    target = new_target(request.param, request, tmp_path_factory.mktemp("pushed"))
    push(folder, target.url)
    return target


def test_the_server_numbers_on_after_the_largest(pushed):
    if pushed.engine == "duckdb":
        pytest.skip("DuckDB has no numbers of its own")
    pushed.run("INSERT INTO region (code, name) VALUES ('QQ', 'new')")
    assert pushed.run("SELECT id FROM region WHERE code = 'QQ'") == [(6,)]


def test_a_target_that_holds_tables_is_refused_unless_told(folder, target):
    target.run("CREATE TABLE label (name varchar(20) PRIMARY KEY)")
    with pytest.raises(DataError, match="holds 1 tables already"):
        push(folder, target.url, tables=["label"])
    push(folder, target.url, tables=["label"], into_existing=True)
    assert sorted(target.run("SELECT name FROM label")) == [("ask",), ("bug",), ("idea",)]
    with pytest.raises(DataError, match="'label': holds 3 rows already"):
        push(folder, target.url, tables=["label"], into_existing=True)


def test_a_dry_run_shows_all_and_writes_nothing(folder, target):
    moved = push(folder, target.url, dry_run=True)
    assert not moved.written
    assert len([s for s in moved.statements if s.startswith("CREATE TABLE")]) == 30
    assert moved.rows["label"] == 3
    if target.engine in ("postgresql", "mysql"):
        assert target.tables() == []
    else:
        assert not Path(parse_url(target.url).name).exists()


def test_a_new_circle_is_no_hindrance(target):
    moved = fill(small(nullable=False), PAIR, Goal(target.url), silent)
    assert moved.rows == {"one": 2, "two": 2}
    assert sorted(map(tuple, target.run("SELECT id, other_id FROM one"))) == [(1, 2), (2, 1)]


@pytest.mark.parametrize("late", [False, True])
def test_a_circle_that_cannot_be_loaded_is_shown_with_a_way_out(postgresql_target, late):
    """References of tables that are there, neither deferrable nor nullable."""
    sql = small(nullable=False, late=late)
    fill(sql, PAIR, Goal(postgresql_target.url), silent)
    postgresql_target.run("TRUNCATE one, two")
    goal = Goal(postgresql_target.url, into_existing=True)
    if late:
        assert fill(sql, PAIR, goal, silent).rows == {"one": 2, "two": 2}
        return
    with pytest.raises(SchemaError, match=r"one \(other_id\) → two \(id\).*ALTER TABLE.*DEFERR"):
        fill(sql, PAIR, goal, silent)


def test_a_circle_of_tables_that_are_there_is_filled(target):
    sql = small(nullable=True)
    shown = fill(sql, PAIR, Goal(target.url, dry_run=True), silent)
    target.run(*shown.statements)
    fill(sql, PAIR, Goal(target.url, into_existing=True), silent)
    for name in ("one", "two"):
        found = sorted(map(tuple, target.run(f"SELECT id, other_id FROM {name}")))
        assert found == [(1, 2), (2, 1)]


def test_a_load_into_old_and_new_tables_that_fails_leaves_both_as_they_were(folder, target):
    target.run("CREATE TABLE label (name varchar(20) PRIMARY KEY)")
    tables = ["label", "region", "office"]

    def fail(stage, done, total):
        if stage == "write" and done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        push(folder, target.url, tables=tables, into_existing=True, progress=fail)
    assert target.tables() == ["label"]
    assert target.run("SELECT count(*) FROM label") == [(0,)]
    assert len(push(folder, target.url, tables=tables, into_existing=True).rows) == 3


def test_what_is_not_declared_can_be_looked_for(target, tmp_path):
    customers = pa.table({"id": range(1, 40), "name": [f"n{i % 7}" for i in range(39)]})
    orders = pa.table(
        {"order_id": range(100, 300), "customer_id": [1 + i % 39 for i in range(200)]}
    )
    columns = {
        "customers": (SqlColumn(name="id", type="integer"), SqlColumn(name="name", type="text")),
        "orders": tuple(SqlColumn(name=n, type="integer") for n in orders.column_names),
    }
    bare = tuple(SqlTable(name=name, columns=columns[name]) for name in columns)
    rows = {"customers": blocks_of(customers), "orders": blocks_of(orders)}
    sql = SqlDatabase(engine="postgresql", tables=bare)
    fill(sql, rows, Goal(target.url), silent)
    pull(target.url, tmp_path / "plain")
    assert read_folder(tmp_path / "plain").database.schema.relations == ()
    pull(target.url, tmp_path / "open", infer=True)
    found = read_folder(tmp_path / "open").database.schema.relations
    assert [str(relation) for relation in found] == ["orders (customer_id) → customers (id)"]


def test_two_loads_into_one_mysql_database_do_not_meet(request, tmp_path, folder):
    target = new_target("mysql", request, tmp_path)
    with open_session(parse_url(target.url), write=True) as session:
        session.recover()
        with pytest.raises(DatabaseError, match="another program keeps the database"):
            push(folder, target.url, tables=["label"])
    push(folder, target.url, tables=["label"])


def test_a_reference_into_another_mysql_database_is_looked_at_too(request, tmp_path):
    """Its table has a namesake beside the child, which holds the row that is not there."""
    ours, other = (new_target("mysql", request, tmp_path) for _ in range(2))
    parent = f"{parse_url(other.url).name}.parent"
    for place, row in ((parent, 1), ("parent", 7)):
        ours.run(
            f"CREATE TABLE {place} (id int PRIMARY KEY)", f"INSERT INTO {place} VALUES ({row})"
        )
    ours.run(f"CREATE TABLE child (up int, FOREIGN KEY (up) REFERENCES {parent} (id))")
    child = SqlTable(name="child", columns=(SqlColumn(name="up", type="int"),))
    sql, goal = SqlDatabase(engine="mysql", tables=(child,)), Goal(ours.url, into_existing=True)
    with pytest.raises(DataError, match="refer to a row that is not there"):
        fill(sql, {"child": blocks_of(pa.table({"up": [7]}))}, goal, silent)
    assert fill(sql, {"child": blocks_of(pa.table({"up": [1]}))}, goal, silent).rows == {"child": 1}


def test_who_sees_one_table_alone_breaks_no_reference_of_it(request, tmp_path):
    """A server does not tell such a user which references there are."""
    ours = new_target("mysql", request, tmp_path)
    name = parse_url(ours.url).name
    ours.run(
        "CREATE TABLE parent (id int PRIMARY KEY)", "INSERT INTO parent VALUES (1)",
        "CREATE TABLE child (up int, FOREIGN KEY (up) REFERENCES parent (id))",
        "CREATE USER IF NOT EXISTS few@'%' IDENTIFIED BY 'few'",
        f"GRANT SELECT, INSERT ON {name}.child TO few@'%'",
    )  # fmt: skip
    child = SqlTable(name="child", columns=(SqlColumn(name="up", type="int"),))
    sql = SqlDatabase(engine="mysql", tables=(child,))
    goal = Goal(f"mysql://few:few@{ours.url.split('@')[1]}", into_existing=True)
    with pytest.raises(DataError, match="refer to a row that is not there"):
        fill(sql, {"child": blocks_of(pa.table({"up": [9]}))}, goal, silent)
    assert fill(sql, {"child": blocks_of(pa.table({"up": [1]}))}, goal, silent).rows == {"child": 1}


def test_rows_that_break_a_reference_leave_the_target_as_it_was(target):
    orphan = {**PAIR, "one": blocks_of(pa.table({"id": [1, 3], "other_id": [2, 777_777]}))}
    if target.engine == "duckdb":  # which holds one reference of a circle only
        orphan["two"] = orphan["one"]
    with pytest.raises(DataError, match="refer to a row that is not there") as caught:
        fill(small(nullable=True), orphan, Goal(target.url), silent)
    assert not re.search("777.?777", str(caught.value))  # longer than the port of a server
    assert target.tables() == []


def test_rows_that_break_a_reference_of_a_table_that_is_there_leave_it_empty(target):
    sql = small(nullable=True)
    target.run(*fill(sql, PAIR, Goal(target.url, dry_run=True), silent).statements)
    orphan = {**PAIR, "one": blocks_of(pa.table({"id": [1, 3], "other_id": [2, 777_777]}))}
    if target.engine == "duckdb":  # which holds one reference of a circle only
        orphan["two"] = orphan["one"]
    with pytest.raises(DataError, match="refer to a row that is not there"):
        fill(sql, orphan, Goal(target.url, into_existing=True), silent)
    for name in ("one", "two"):
        assert target.run(f"SELECT count(*) FROM {name}") == [(0,)]


def test_cells_that_do_not_fit_are_refused_without_being_shown(target):
    wrong = {**PAIR, "two": blocks_of(pa.table({"id": ["1", "Ann"], "other_id": ["2", "1"]}))}
    with pytest.raises(DataError, match=r"table 'two', column 'id'") as caught:
        fill(small(nullable=True), wrong, Goal(target.url), silent)
    assert "Ann" not in str(caught.value)
    assert target.tables() == []


@pytest.mark.slow
@pytest.mark.parametrize("after", [2, 8])
def test_a_load_that_is_killed_leaves_the_target_as_it_was_or_is_done_again(
    folder, target, after, thirty
):
    script = f"""
        import os, signal
        from likewise.jobs import databases
        count = 0
        def progress(stage, done, total):
            if stage == "write" and done == {after}:
                os.kill(os.getpid(), signal.SIGKILL)
        tables = {FEW!r}
        databases.push({str(folder)!r}, {target.url!r}, tables=tables, progress=progress)
    """
    ran = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], check=False)
    assert ran.returncode == -signal.SIGKILL
    if target.engine != "mysql":
        assert target.tables() == []
    moved = push(folder, target.url, tables=FEW)
    assert target.tables() == sorted(FEW)
    if target.engine == "mysql":
        assert "cut off were removed first" in moved.notes[0]
    assert target.run("SELECT count(*) FROM order_line")[0] == \
        tuple(thirty.run("SELECT count(*) FROM order_line")[0])  # fmt: skip


def test_a_connection_that_is_dropped_is_told_and_leaves_nothing(folder, postgresql_target):
    name = parse_url(postgresql_target.url).name
    other = Target(postgresql_target.url.replace(name, "postgres"), "postgresql")

    def cut(stage, done, total):
        if stage == "write" and done == 5:
            other.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                      f"WHERE datname = '{name}'")  # fmt: skip

    with pytest.raises(DatabaseError, match="connection was lost"):
        push(folder, postgresql_target.url, progress=cut)
    assert postgresql_target.tables() == []


def test_a_session_that_reads_cannot_write(thirty, request, tmp_path):
    maria = new_target("mysql", request, tmp_path)
    for address in (thirty.url, maria.url):
        with open_session(parse_url(address)) as session, pytest.raises(DatabaseError):
            session.execute("CREATE TABLE mine (id integer)")


def test_a_session_reads_all_tables_as_they_were_at_one_moment(target):
    if target.engine == "duckdb":
        pytest.skip("no other process may write while it is read")
    fill(small(nullable=True), PAIR, Goal(target.url), silent)
    with open_session(parse_url(target.url)) as session:
        sql, _ = session.reflect()
        assert session.rows("one") == 2
        if target.engine == "sqlite":
            with pytest.raises(Exception, match="locked"):
                target.run("INSERT INTO two (id, other_id) VALUES (9, NULL)")
        else:
            target.run("INSERT INTO two (id, other_id) VALUES (9, NULL)")
        assert sum(block.num_rows for block in session.read(sql["two"])) == 2


def test_a_statement_that_takes_too_long_is_given_up(thirty):
    with (
        open_session(parse_url(thirty.url), seconds=0.2) as session,
        pytest.raises(DatabaseError, match="took too long"),
    ):
        session._ask("SELECT pg_sleep(20)")


def test_another_schema_is_read_and_made(thirty, folder, tmp_path, postgresql_target):
    push(folder, postgresql_target.url, schema="my shop")
    assert postgresql_target.tables() == []
    assert len(pull(postgresql_target.url, tmp_path / "back", schema="my shop").rows) == 30
    with pytest.raises(DataError, match="schema 'nowhere': has no tables"):
        pull(postgresql_target.url, tmp_path / "no", schema="nowhere")
    assert not (tmp_path / "no").exists()


def test_some_tables_alone_lose_what_leads_out_of_them_with_a_note(thirty, tmp_path):
    moved = pull(thirty.url, tmp_path / "some", tables=["order", "customer"], file_format="csv")
    assert list(moved.rows) == ["order", "customer"]
    assert any("leads to 'address'" in note for note in moved.notes)
    read = read_folder(tmp_path / "some").database
    assert {relation.parent for relation in read.schema.relations} == {"customer"}
    with pytest.raises(DataError, match=r"table 'ordr': is not there. Did you mean 'order'"):
        pull(thirty.url, tmp_path / "none", tables=["ordr"])


def test_csv_keeps_every_cell_too(thirty, tmp_path, target):
    names = ["customer", "employee", "office", "region", "price_history", "product", "payment",
             "order", "address", "shipment", "order_line"]  # fmt: skip
    pull(thirty.url, tmp_path / "csv", tables=names, file_format="csv")
    push(tmp_path / "csv", target.url)
    before, after = thirty.read(), target.read()
    for name in names:
        for column in before[name].column_names:
            empty = [c or "None" for c in cells(after[name].column(column))]
            assert sorted(empty) == sorted(c or "None" for c in cells(before[name].column(column)))


def test_a_folder_of_any_files_becomes_a_database(tmp_path, target):
    (tmp_path / "a").mkdir()
    people = "id,born,paid,vip\n" + "".join(f"{i:04d},2{i:03d}-01-05,{i}.50,yes\n" for i in
                                            range(1, 60))  # fmt: skip
    (tmp_path / "a" / "people.csv").write_text(people)
    visits = "visit_id,people_id,at\n" + "".join(
        f"V{i},{1 + i % 50:04d},2020-01-01 08:00:{i % 60:02d}\n" for i in range(200)
    )
    (tmp_path / "a" / "visits.csv").write_text(visits + "V999,9999,2020-01-01 08:00:00\n")
    moved = push(tmp_path / "a", target.url)
    assert any("1 rows refer to nothing that is there; not declared" in n for n in moved.notes)
    found = target.read()
    assert found["people"].column("id")[0].as_py() == "0001"
    assert pa.types.is_floating(found["people"].schema.field("paid").type)
    (tmp_path / "a" / "visits.csv").write_text(visits)
    with open_session(parse_url(target.url)) as session:
        assert session.reflect()[0]["visits"].foreign_keys == ()


def test_numbers_keep_every_digit(target):
    table = SqlTable(
        name="t",
        columns=(
            SqlColumn(name="id", type="bigint", nullable=False),
            SqlColumn(name="x", type="numeric(38,10)"),
            SqlColumn(name="at", type="timestamp with time zone"),
            SqlColumn(name="y", type="numeric"),
        ),
        primary_key=("id",),
    )
    wide = [Decimal("1234567890123456789012345678.0123456789"), None, Decimal("-0.0000000001")]
    moment = dt.datetime(2024, 2, 29, 23, 59, 59, 999999, dt.UTC)
    free = ["123.456", None, "-0.25"]
    rows = pa.table({"id": [2**62, -1, 0], "x": wide, "at": [moment, None, moment], "y": free})
    sql = SqlDatabase(engine="postgresql", tables=(table,))
    fill(sql, {"t": blocks_of(rows)}, Goal(target.url), silent)
    found = target.read()["t"]
    assert sorted(found.column("id").to_pylist()) == [-1, 0, 2**62]
    assert set(found.column("x").to_pylist()) == set(wide)
    digits = {y if y is None else Decimal(y) for y in found.column("y").to_pylist()}
    assert digits == {y if y is None else Decimal(y) for y in free}
    assert "2024-02-29 23:59:59.999999" in " ".join(cells(found.column("at")))


def test_missing_cells_stay_missing_and_empty_ones_empty(target):
    kinds = {"a": "text", "b": "bytea", "c": "integer", "d": "text"}
    columns = tuple(SqlColumn(name=name, type=kind) for name, kind in kinds.items())
    tables = (
        SqlTable(name="t", columns=columns),
        SqlTable(name="alone", columns=(SqlColumn(name="a", type="text"),)),
    )
    rows = pa.table({"a": ["", None, "x"], "b": [b"", None, b"\x00\xff"], "c": [None, 0, None],
                     "d": ["\\N", "", None]})  # fmt: skip
    alone = pa.table({"a": [None, "", None]})
    sql = SqlDatabase(engine="postgresql", tables=tables)
    fill(sql, {"t": blocks_of(rows), "alone": blocks_of(alone)}, Goal(target.url), silent)
    found = target.read()
    for name in kinds:
        assert sorted(map(str, found["t"].column(name).to_pylist())) == sorted(
            map(str, rows.column(name).to_pylist())
        )
    assert sorted(map(str, found["alone"].column("a").to_pylist())) == ["", "None", "None"]


def test_an_error_of_a_server_never_shows_a_cell_or_the_password(folder, target):
    with pytest.raises(LikewiseError) as caught:
        push(folder, target.url, tables=["label"], dry_run=False)
        push(folder, target.url, tables=["label"])
    secret = parse_url(target.url).password or "s3cret-pa55word"
    assert secret not in str(caught.value)
    assert os.environ.get("LIKEWISE_DB_PASSWORD") is None


def test_infinite_moments_are_read_as_the_first_and_the_last_day(postgresql_target, tmp_path):
    postgresql_target.run(
        "CREATE TABLE price (id int PRIMARY KEY, until timestamp NOT NULL, day date, "
        "at timestamptz)",
        "INSERT INTO price VALUES (1, 'infinity', '-infinity', NULL), "
        "(2, '2024-05-06 07:08:09', '2024-05-06', 'infinity')",
    )
    pull(postgresql_target.url, tmp_path / "pulled")
    cells = read_raw(tmp_path / "pulled" / "price.parquet").table.to_pydict()
    assert [moment.year for moment in cells["until"]] == [9999, 2024]
    assert [day.year for day in cells["day"]] == [1, 2024]
    assert cells["at"][0] is None
    assert cells["at"][1].year == 9999


def test_an_option_that_the_server_does_not_know_is_told(postgresql_target, tmp_path):
    for option in ("nonsense=1", "sslmode=require"):
        with pytest.raises(DatabaseError, match="question mark"):
            pull(f"{postgresql_target.url}?{option}", tmp_path / "pulled")


@pytest.mark.parametrize("engine", ["sqlite", "duckdb"])
def test_a_load_that_fails_leaves_no_file_and_a_folder_has_to_be_there(folder, tmp_path, engine):
    place = tmp_path / "broken"
    shutil.copytree(folder, place)
    rows = read_raw(place / "region.parquet").table
    pq.write_table(pa.concat_tables([rows, rows.slice(0, 1)]), place / "region.parquet")
    file = tmp_path / f"new.{engine}"
    with pytest.raises(LikewiseError):
        push(str(place), f"{engine}:///{file}")
    assert not list(tmp_path.glob("new.*"))
    with pytest.raises(DatabaseError, match="folder does not exist"):
        push(str(folder), f"{engine}:///{tmp_path}/nowhere/new.{engine}")
