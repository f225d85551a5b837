"""``likewise db``: one clear line for each thing that goes wrong, and never a password."""

import json
import subprocess
import sys

import pytest
from tests.io.database_targets import new_target
from tests.servers import PASSWORD

pytestmark = pytest.mark.xdist_group("servers")


@pytest.fixture(params=["postgresql", "mysql"])
def server(request, tmp_path):
    return new_target(request.param, request, tmp_path)


@pytest.fixture
def shop(tmp_path):
    """A folder of two tables."""
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "customers.csv").write_text("id,name\n" + "".join(f"{i},n{i}\n" for i in range(1, 9)))
    (folder / "orders.csv").write_text(
        "order_id,customer_id\n" + "".join(f"{i + 100},{1 + i % 8}\n" for i in range(40))
    )
    return folder


def changed(target, old, new):
    return target.url.replace(old, new, 1)


def test_a_folder_goes_into_a_server_and_comes_back(command, server, shop, tmp_path):
    ran = command("db", "push", shop, server.url)
    assert ran.code == 0, ran.err
    assert "2 tables, 48 rows" in " ".join(ran.err.split())
    assert server.run("SELECT count(*) FROM orders") == [(40,)]
    ran = command("db", "pull", server.url, tmp_path / "back", "--format", "csv", "--json")
    assert json.loads(ran.out)["rows"] == {"customers": 8, "orders": 40}
    names = {path.name for path in (tmp_path / "back").iterdir()}
    assert names == {"customers.csv", "orders.csv", "database.yaml", "sql.yaml"}
    declared = (tmp_path / "back" / "database.yaml").read_text()
    assert "table: customers" in declared
    everything = ran.out + ran.err + declared + (tmp_path / "back" / "sql.yaml").read_text()
    assert PASSWORD not in everything


def test_a_dry_run_prints_statements_that_the_server_takes(command, server, shop):
    ran = command("db", "push", shop, server.url, "--dry-run")
    assert ran.code == 0, ran.err
    statements = [part.strip() for part in ran.out.split(";\n") if part.strip()]
    assert any(part.startswith("CREATE TABLE") for part in statements)
    server.run(*statements)
    ran = command("db", "push", shop, server.url, "--into-existing")
    assert ran.code == 0, ran.err


@pytest.mark.parametrize(
    ("what", "says"),
    [
        ("password", "refuses this user or password"),
        ("user", "refuses this user or password"),
        ("host", "no such host is known"),
        ("port", "no server answers there"),
        ("database", "there is no such database"),
    ],
)
def test_a_server_that_cannot_be_reached_ends_with_five(
    command, server, tmp_path, monkeypatch, what, says
):
    port = server.url.split(":")[3].split("/")[0]
    name = server.url.rsplit("/", 1)[1]
    address = {
        "password": changed(server, PASSWORD, "wr0ng-secret"),
        "user": changed(server, "tester", "nobody"),
        "host": changed(server, "127.0.0.1", "no-such-host.invalid"),
        "port": changed(server, port, "1"),
        "database": changed(server, name, "nothing_here"),
    }[what]
    ran = command("db", "pull", address, tmp_path / "x", "--verbose")
    assert (ran.code, says in ran.err) == (5, True), ran.err
    assert ran.err.count("\n") == 1
    assert PASSWORD not in ran.err + ran.out
    assert "wr0ng-secret" not in ran.err + ran.out
    assert not (tmp_path / "x").exists()


def test_a_user_without_rights_is_told(command, server, shop):
    name = server.url.rsplit("/", 1)[1]
    command("db", "push", shop, server.url)
    if server.engine == "postgresql":
        server.run(f"CREATE ROLE guest_{name} LOGIN PASSWORD 'pw-guest'")
    else:
        server.run(f"CREATE USER guest_{name} IDENTIFIED BY 'pw-guest'",
                   f"GRANT SELECT ON {name}.customers TO guest_{name}")  # fmt: skip
    guest = server.url.replace(f"tester:{PASSWORD}", f"guest_{name}:pw-guest")
    ran = command("db", "push", shop, guest, "--into-existing", "--tables", "orders")
    assert (ran.code, "no right" in ran.err) == (5, True), ran.err
    ran = command("db", "pull", guest, shop / "out", "--tables", "customers,orders")
    assert ran.code in (3, 5), ran.err
    assert "pw-guest" not in ran.err


def test_the_password_is_taken_from_the_environment(command, server, shop, monkeypatch):
    bare = server.url.replace(f":{PASSWORD}", "")
    assert command("db", "push", shop, bare).code == 5
    monkeypatch.setenv("LIKEWISE_DB_PASSWORD", PASSWORD)
    ran = command("db", "push", shop, bare)
    assert ran.code == 0, ran.err
    monkeypatch.delenv("LIKEWISE_DB_PASSWORD")
    engine = "PGPASSWORD" if server.engine == "postgresql" else "MYSQL_PWD"
    monkeypatch.setenv(engine, PASSWORD)
    ran = command("db", "push", shop, bare)
    assert (ran.code, "holds 2 tables already" in ran.err) == (3, True), ran.err


def test_postgresql_takes_the_password_from_its_own_file(
    command, request, shop, tmp_path, monkeypatch
):
    server = new_target("postgresql", request, tmp_path)
    secrets = tmp_path / "pgpass"
    secrets.write_text(f"*:*:*:tester:{PASSWORD}\n")
    secrets.chmod(0o600)
    monkeypatch.setenv("PGPASSFILE", str(secrets))
    ran = command("db", "push", shop, server.url.replace(f":{PASSWORD}", ""))
    assert ran.code == 0, ran.err


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["pull", "oracle://u:secret1@h/db", "x"], 2, "no such engine"),
        (["pull", "postgresql://u:secret1@h", "x"], 2, "names no database"),
        (["pull", "postgresql://u:se/cret1@h:x/d", "x"], 2, "cannot be read"),
        (["pull", "sqlite:///nowhere.db", "x"], 5, "no such database"),
        (["pull", "duckdb:///nowhere.db", "x"], 5, "no such database"),
        (["pull", "somewhere", "x"], 2, "names no engine"),
        (["push", "mysql://u:secret1@h/db", "x.db"], 2, "where a folder belongs"),
        (["push", "nowhere", "sqlite:///x.db"], 3, "does not exist"),
        (["push", "a", "b", "mysql://u:secret1@h/db"], 2, "unexpected extra argument"),
        (["pull", "sqlite:///x.db", "y", "--format", "xlsx"], 2, "not one of"),
    ],
)
def test_what_cannot_be_meant_is_told_in_one_line(
    command, tmp_path, monkeypatch, words, code, says
):
    monkeypatch.chdir(tmp_path)
    ran = command("db", *words)
    assert (ran.code, says in ran.err) == (code, True), ran.err
    assert ran.err.count("\n") == 1
    assert "secret1" not in ran.err
    assert "cret1" not in ran.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("module", ["pymysql", "adbc_driver_postgresql", "duckdb"])
def test_a_driver_that_is_missing_is_named_with_the_way_to_get_it(module, tmp_path):
    address = {"pymysql": "mysql://h/d", "duckdb": "duckdb:///x.db"}.get(module, "postgresql://h/d")
    code = (
        f"import sys; sys.modules[{module!r}] = None; sys.modules[{module + '.dbapi'!r}] = None\n"
        f"from likewise.cli.main import run; sys.exit(run(['db', 'pull', {address!r}, 'x']))"
    )
    (tmp_path / "x.db").write_bytes(b"")
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert ran.returncode == 7, ran.stderr
    assert "pip install 'likewise[db]'" in ran.stderr


@pytest.mark.parametrize("engine", ["sqlite", "duckdb"])
def test_a_file_that_is_no_database_or_is_kept_by_another_is_told(command, tmp_path, engine):
    wrong = tmp_path / "wrong.db"
    wrong.write_text("not a database at all, " * 99)
    ran = command("db", "pull", f"{engine}:///{wrong}", tmp_path / "x")
    assert (ran.code, "no database that this version can read" in ran.err) == (5, True), ran.err
