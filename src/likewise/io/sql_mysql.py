"""MySQL and MariaDB by PyMySQL: rows stream from a cursor of the server, and go in by LOAD DATA.

CREATE TABLE cannot be taken back there. So a load notes the tables that it makes in a table of its
own, which it removes when all is done; whoever finds that table clears up first. References among
new tables are looked at once, by a query of the server for each before all is kept: that takes a
third of the time that it takes row by row.
"""

import contextlib
import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from likewise.core.errors import ConfigError, LikewiseError
from likewise.io.sql_catalog import chosen
from likewise.io.sql_ddl import listed, literal, qualified, quote
from likewise.io.sql_information import mysql_table
from likewise.io.sql_mysql_cells import is_binary, lines_ahead, one_text, received, texts, writers
from likewise.io.sql_mysql_refusals import CODES, told
from likewise.io.sql_schema import SqlColumn, SqlDatabase, SqlForeignKey, SqlTable
from likewise.io.sql_session import BLOCK, driver, refused
from likewise.io.sql_types import arrow_of, type_of
from likewise.io.sql_url import SqlUrl

_MARK = "likewise_load_in_progress"
_NO_INFILE = frozenset([1148, 3948, 3950, 2068])
_INSERTED = 1_000  # rows of one INSERT


class _Left(NamedTuple):
    """What a load that does not end has left: tables that it made, and some that were empty."""

    made: Sequence[str]
    filled: Sequence[str]


class Connection:
    """A session with a MySQL or MariaDB server; see ``sql_session.Session``."""

    def __init__(self, url: SqlUrl, *, schema: str, write: bool, seconds: float) -> None:
        self._driver = driver("pymysql", "pymysql")
        if schema and schema != url.name:
            hint = "Name the database in the address: in MySQL the two are one"
            raise ConfigError("--schema", f"{schema!r} is not the database of the address", hint)
        self._url, self.schema = url, url.name
        self._left: _Left | None = None
        self._unsure: tuple[str, ...] = ()  # tables whose references nobody has looked at
        self._open(write, seconds)

    def _open(self, write: bool, seconds: float) -> None:
        url = self._url
        secret = url.password if url.password is not None else os.environ.get("MYSQL_PWD")
        own = Path.home() / ".my.cnf"
        known: dict[str, Any] = {"user": url.user} if url.user else {}
        known |= {"password": secret} if secret is not None else {}
        known |= {"read_default_file": str(own)} if own.is_file() else {}
        known |= {k: v for k, v in url.options if k in ("unix_socket", "ssl_ca")}
        try:
            self._connection = self._driver.connect(
                host=url.host or "localhost",
                port=url.port or 3306,
                database=url.name,
                charset="utf8mb4",
                conv=writers(self._driver),
                local_infile=write,
                autocommit=False,
                connect_timeout=15,
                **known,
            )
            with self._connection.cursor() as cursor:
                cursor.execute("SET SESSION time_zone = '+00:00'")
                cursor.execute("SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO'")
                cursor.execute("SELECT VERSION()")
                self._maria = "mariadb" in str(cursor.fetchone()[0]).lower()
                if not write:
                    limit = (f"max_statement_time = {seconds}" if self._maria
                             else f"max_execution_time = {round(1000 * seconds)}")  # fmt: skip
                    cursor.execute(f"SET SESSION {limit}")
                    cursor.execute(
                        "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
                    )
                    cursor.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
        except self._driver.MySQLError as error:
            raise told(url, error) from None

    def _ask(self, query: str) -> list[tuple[Any, ...]]:
        try:
            with self._connection.cursor() as cursor:
                cursor.execute(query)
                return list(cursor.fetchall())
        except self._driver.Error as error:
            raise told(self._url, error) from None

    def execute(self, statement: str) -> None:
        """Run a statement that returns nothing."""
        try:
            with self._connection.cursor() as cursor:
                cursor.execute(statement)
        except self._driver.Error as error:
            raise told(self._url, error, declaration=True) from None

    def names(self) -> list[str]:
        """The tables that are there, sorted."""
        found = self._ask(
            "SELECT table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE' "
            f"AND table_schema = {literal(self.schema, 'mysql')} ORDER BY table_name"
        )
        return [name for (name,) in found]

    def recover(self) -> tuple[str, ...]:
        """Remove the tables of a load that was cut off."""
        name = literal(f"likewise {self.schema}"[:64], "mysql")
        if self._ask(f"SELECT GET_LOCK({name}, 0)") != [("1",)]:
            raise refused(self._url, "locked")
        if _MARK not in self.names():
            return ()
        rows = self._ask(f"SELECT made, filled FROM {self._place(_MARK)}")
        left = _Left([n for row in rows for n in json.loads(row[0])],
                     [n for row in rows for n in json.loads(row[1])])  # fmt: skip
        self._clear(left)
        return (f"{len(left.made):,} tables of a load that was cut off were removed first",)

    def _clear(self, left: "_Left") -> None:
        self.execute("SET SESSION foreign_key_checks = 0")
        for name in left.filled:
            self.execute(f"DELETE FROM {self._place(name)}")
        self.execute("COMMIT")
        for name in (*left.made, _MARK):
            self.execute(f"DROP TABLE IF EXISTS {self._place(name)}")
        self.execute("SET SESSION foreign_key_checks = 1")

    def prepare(self, new: Sequence[str], old: Sequence[str], /) -> None:
        """Note the tables that will be made, and filled, before the first of them is."""
        if not old:  # else the server checks row by row: what is there may change, or be hidden
            self._unsure = tuple(new)
            self.execute("SET SESSION foreign_key_checks = 0")
        if new:
            mark = self._place(_MARK)
            self.execute(f"CREATE TABLE {mark} (made longtext, filled longtext) ENGINE=InnoDB")
            texts = ", ".join(literal(json.dumps(list(part)), "mysql") for part in (new, old))
            self.execute(f"INSERT INTO {mark} VALUES ({texts})")
            self.execute("COMMIT")
            self._left = _Left(new, old)

    def reflect(self, tables: Sequence[str] = ()) -> tuple[SqlDatabase, tuple[str, ...]]:
        """The declarations of tables, from the information schema."""
        names = chosen(self.names(), tables, str(self._url))
        found = tuple(mysql_table(self._ask, self.schema, n, maria=self._maria) for n in names)
        return SqlDatabase(engine="mysql", schema_name=self.schema, tables=found), ()

    def rows(self, table: str) -> int:
        """How many rows a table has."""
        return int(self._ask(f"SELECT count(*) FROM {self._place(table)}")[0][0])

    def read(self, table: SqlTable) -> Iterator[pa.Table]:
        """The rows of a table, streamed as texts and read by Arrow."""
        fields = [(c, arrow_of(type_of(c, "mysql"), "mysql")) for c in table.columns]
        wanted = pa.schema([(column.name, kind) for column, kind in fields])
        line = one_text([column for column, _ in fields])
        try:
            with self._connection.cursor(self._driver.cursors.SSCursor) as cursor:
                cursor.execute(f"SELECT {line} FROM {self._place(table.name)}")
                empty = True
                while rows := cursor.fetchmany(BLOCK):
                    empty = False
                    yield received([row[0] for row in rows], wanted, table.name)
                if empty:
                    yield wanted.empty_table()
        except self._driver.Error as error:
            raise told(self._url, error, table.name) from None

    def ingest(
        self,
        table: str,
        columns: Sequence[SqlColumn],
        blocks: Iterable[pa.Table],
        *,
        temporary: bool = False,
    ) -> None:
        """Append rows by LOAD DATA LOCAL, or by long INSERTs where the server forbids that."""
        place = qualified(table, "mysql") if temporary else self._place(table)
        for block, written in lines_ahead(blocks):
            try:
                self._load(place, columns, written)
            except self._driver.Error as error:
                if not error.args or error.args[0] not in _NO_INFILE:
                    raise told(self._url, error, table) from None
                self._insert(place, table, columns, block)

    def _load(self, place: str, columns: Sequence[SqlColumn], written: pa.Buffer) -> None:
        names = ", ".join(f"@c{i}" if is_binary(c) else quote(c.name, "mysql")
                          for i, c in enumerate(columns))  # fmt: skip
        unpacked = ", ".join(f"{quote(c.name, 'mysql')} = UNHEX(@c{i})"
                             for i, c in enumerate(columns) if is_binary(c))  # fmt: skip
        with tempfile.TemporaryDirectory(prefix="likewise-") as folder:
            path = Path(folder, "rows")
            path.write_bytes(written)
            statement = (
                f"LOAD DATA LOCAL INFILE {literal(str(path), 'mysql')} INTO TABLE {place} "
                f"CHARACTER SET utf8mb4 ({names})" + (f" SET {unpacked}" if unpacked else "")
            )
            with self._connection.cursor() as cursor:
                cursor.execute(statement)
                cursor.execute("SHOW WARNINGS")
                for _, code, _ in cursor.fetchall():
                    if (number := int(code)) in CODES:  # LOCAL turns errors into warnings
                        raise self._driver.DataError(number, "")

    def _insert(
        self, place: str, table: str, columns: Sequence[SqlColumn], block: pa.Table
    ) -> None:
        names = listed(tuple(c.name for c in columns), "mysql")
        marks = ", ".join("UNHEX(%s)" if is_binary(c) else "%s" for c in columns)
        cells = [texts(column).to_pylist() for column in block.columns]
        rows = list(zip(*cells, strict=True))
        try:
            with self._connection.cursor() as cursor:
                for start in range(0, len(rows), _INSERTED):
                    cursor.executemany(
                        f"INSERT INTO {place} ({names}) VALUES ({marks})",
                        rows[start : start + _INSERTED],
                    )
        except self._driver.Error as error:
            raise told(self._url, error, table) from None

    def continue_numbers(self, table: SqlTable) -> None:
        """Nothing: AUTO_INCREMENT follows the largest number by itself."""

    def commit(self) -> None:
        """Check all references, keep what was written, and forget that it was in progress."""
        if self._unsure:
            for table in self.reflect(self._unsure)[0].tables:
                for key in table.foreign_keys:
                    self._prove(table.name, key)
        try:
            self._connection.commit()
        except self._driver.Error as error:
            raise told(self._url, error) from None
        if self._left is not None:
            self.execute(f"DROP TABLE {self._place(_MARK)}")
            self._left = None

    def _prove(self, table: str, key: SqlForeignKey) -> None:
        """Raise DataError if a row refers to one that is not there."""
        there = [f"c.{quote(name, 'mysql')}" for name in key.columns]
        same = " AND ".join(
            f"{name} = p.{quote(to, 'mysql')}" for name, to in zip(there, key.to, strict=True)
        )
        given = " AND ".join(f"{name} IS NOT NULL" for name in there)
        found = self._ask(
            f"SELECT EXISTS (SELECT 1 FROM {self._place(table)} c WHERE {given} AND NOT EXISTS "
            f"(SELECT 1 FROM {self._place(key.table)} p WHERE {same}))"
        )
        if found != [("0",)]:
            raise refused(f"{self._url}, table {table!r}", "reference", name=key.name or "")

    def close(self) -> None:
        """End the connection; tables that were made for nothing are removed."""
        if self._left is not None and self._connection.open:
            # if the connection is lost, the next load clears up
            with contextlib.suppress(self._driver.Error, LikewiseError):
                self._connection.rollback()
                self._clear(self._left)
        if self._connection.open:
            self._connection._force_close()  # rows of a cursor that was left may still come

    def _place(self, table: str) -> str:
        return qualified(table, "mysql", self.schema)
