"""Empty databases of every engine, and how tests look into them past our own code."""

import itertools
import sqlite3
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pytest

from likewise.io.sql_session import open_session
from likewise.io.sql_url import parse_url

ENGINES = ("postgresql", "mysql", "sqlite", "duckdb")
_NUMBERS = itertools.count()


@dataclass(frozen=True)
class Target:
    """An empty database.

    Attributes:
        url: its address.
        engine: of which sort.
    """

    url: str
    engine: str

    def run(self, *statements):
        """Run statements as a user of the database would; the rows of the last one."""
        found = parse_url(self.url)
        if self.engine == "postgresql":
            import adbc_driver_postgresql.dbapi as driver

            connection = driver.connect(found.libpq())
        elif self.engine == "mysql":
            import pymysql

            connection = pymysql.connect(
                host=found.host, port=found.port, user=found.user, password=found.password,
                database=found.name,
            )  # fmt: skip
        elif self.engine == "sqlite":
            connection = sqlite3.connect(found.name, timeout=0.1)
            connection.execute("PRAGMA foreign_keys = ON")
        else:
            import duckdb

            connection = duckdb.connect(found.name)
        try:
            cursor = connection.cursor()
            rows = []
            for statement in statements:
                cursor.execute(statement)
                rows = (
                    list(cursor.fetchall())
                    if statement.lstrip().upper().startswith("SELECT")
                    else []
                )
            connection.commit()
            return rows
        finally:
            cursor.close()
            connection.close()

    def tables(self):
        """Names of all tables, those that are no business of ours included."""
        with open_session(parse_url(self.url), write=True) as session:
            return session.names()

    def read(self):
        """Every table as it is read."""
        with open_session(parse_url(self.url)) as session:
            sql, _ = session.reflect()
            return {table.name: pa.concat_tables(session.read(table)) for table in sql.tables}


def new_target(engine: str, request: pytest.FixtureRequest, folder: Path) -> Target:
    """An empty database; on a server one that no other test uses."""
    name = f"test_{next(_NUMBERS)}"
    if engine in ("sqlite", "duckdb"):
        return Target(f"{engine}:///{folder / name}.{engine}", engine)
    server = request.getfixturevalue(f"{'mariadb' if engine == 'mysql' else engine}_server")
    if engine == "mysql":
        import pymysql

        connection = pymysql.connect(
            host="127.0.0.1", port=server.port, user=server.user, password=_secret(server)
        )
        connection.cursor().execute(f"CREATE DATABASE {name}")
        connection.close()
    else:
        import adbc_driver_postgresql.dbapi as driver

        with driver.connect(server.url("postgres"), autocommit=True) as connection:
            cursor = connection.cursor()
            cursor.execute(f"CREATE DATABASE {name} TEMPLATE template0")
            cursor.close()
    return Target(server.url(name), engine)


def _secret(server) -> str:
    return parse_url(server.url("x")).password or ""
