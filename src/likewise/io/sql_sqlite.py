"""SQLite by Python's own module: one file, one transaction, references checked at its end."""

import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from likewise.core.errors import ConfigError, LikewiseError
from likewise.io.sql_catalog import chosen
from likewise.io.sql_ddl import listed, qualified, quote
from likewise.io.sql_schema import Action, SqlCheck, SqlColumn, SqlDatabase, SqlForeignKey, SqlTable
from likewise.io.sql_session import BLOCK, Refusal, refused
from likewise.io.sql_sqlite_cells import column, plain
from likewise.io.sql_types import arrow_of, type_of
from likewise.io.sql_url import SqlUrl

_PHRASES: tuple[tuple[str, Refusal], ...] = (
    ("unable to open", "rights"),
    ("readonly", "rights"),
    ("locked", "locked"),
    ("not a database", "newer"),
    ("malformed", "newer"),
    ("UNIQUE constraint", "unique"),
    ("FOREIGN KEY constraint", "reference"),
    ("CHECK constraint", "check"),
    ("NOT NULL constraint", "null"),
    ("full", "full"),
    ("interrupted", "timeout"),
)


class Connection:
    """A session with a SQLite file; see ``sql_session.Session``."""

    def __init__(self, url: SqlUrl, *, schema: str, write: bool, seconds: float) -> None:
        if schema not in ("", "main"):
            raise ConfigError("--schema", "SQLite has none", "Leave it out")
        self._url = url
        self.schema = ""
        path = Path(url.name)
        if not write and not path.is_file():
            raise refused(url, "database")
        mode = "rwc" if write else "ro"
        try:
            self._connection = sqlite3.connect(
                f"{path.absolute().as_uri()}?mode={mode}",
                uri=True,
                isolation_level=None,
                timeout=min(seconds, 60.0),
            )
            self._connection.execute("PRAGMA foreign_keys = ON")
            self._connection.execute("BEGIN IMMEDIATE" if write else "BEGIN")
            self._connection.execute("SELECT count(*) FROM sqlite_master")
        except sqlite3.Error as error:
            raise _told(url, error) from None

    def _ask(self, query: str) -> list[tuple[Any, ...]]:
        try:
            return self._connection.execute(query).fetchall()
        except sqlite3.Error as error:
            raise _told(self._url, error) from None

    def execute(self, statement: str) -> None:
        """Run a statement that returns nothing."""
        try:
            self._connection.execute(statement)
        except sqlite3.Error as error:
            raise _told(self._url, error, declaration=True) from None

    def names(self) -> list[str]:
        """The tables that are there, sorted."""
        found = self._ask(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite~_%' "
            "ESCAPE '~' ORDER BY name"
        )
        return [name for (name,) in found]

    def recover(self) -> tuple[str, ...]:
        """Nothing: SQLite itself takes back what an interrupted transaction wrote."""
        return ()

    def prepare(self, _new: Sequence[str], _old: Sequence[str], /) -> None:
        """Have references checked at the end."""
        self.execute("PRAGMA defer_foreign_keys = ON")

    def reflect(self, tables: Sequence[str] = ()) -> tuple[SqlDatabase, tuple[str, ...]]:
        """The declarations of tables, from the pragmas and the text of CREATE TABLE."""
        names = chosen(self.names(), tables, str(self._url))
        found = tuple(_table(self._ask, name) for name in names)
        computed = [
            f"table {name!r}, column {row[1]!r}: computed by SQLite; taken as an ordinary column"
            for name in names
            for row in self._ask(f"PRAGMA table_xinfo({quote(name, 'sqlite')})")
            if row[6] in (2, 3)
        ]
        return SqlDatabase(engine="sqlite", tables=found), tuple(computed)

    def rows(self, table: str) -> int:
        """How many rows a table has."""
        return int(self._ask(f"SELECT count(*) FROM {quote(table, 'sqlite')}")[0][0])

    def read(self, table: SqlTable) -> Iterator[pa.Table]:
        """The rows of a table; SQLite stores any value in any column, so each is looked at."""
        names = listed(table.names, "sqlite")
        fields = [pa.field(c.name, arrow_of(type_of(c, "sqlite"), "sqlite")) for c in table.columns]
        try:
            cursor = self._connection.execute(f"SELECT {names} FROM {quote(table.name, 'sqlite')}")
            first = True
            while rows := cursor.fetchmany(BLOCK):
                first = False
                cells = zip(*rows, strict=True)
                yield pa.table(
                    [column(values, field, table.name)
                     for values, field in zip(cells, fields, strict=True)],
                    schema=pa.schema(fields),
                )  # fmt: skip
            if first:
                yield pa.schema(fields).empty_table()
        except sqlite3.Error as error:
            raise _told(self._url, error, table.name) from None

    def ingest(
        self,
        table: str,
        columns: Sequence[SqlColumn],
        blocks: Iterable[pa.Table],
        *,
        temporary: bool = False,  # noqa: ARG002
    ) -> None:
        """Append rows by one prepared statement."""
        names = listed(tuple(column.name for column in columns), "sqlite")
        marks = ", ".join("?" for _ in columns)
        insert = f"INSERT INTO {qualified(table, 'sqlite')} ({names}) VALUES ({marks})"
        try:
            for block in blocks:
                cells = [plain(part) for part in block.columns]
                self._connection.executemany(insert, zip(*cells, strict=True))
        except sqlite3.Error as error:
            raise _told(self._url, error, table) from None

    def continue_numbers(self, table: SqlTable) -> None:
        """Nothing: SQLite numbers on after the largest by itself."""

    def commit(self) -> None:
        """Check all references, and keep what was written."""
        broken = self._ask("PRAGMA foreign_key_check")
        if broken:
            raise refused(f"{self._url}, table {broken[0][0]!r}", "reference")
        self.execute("COMMIT")

    def close(self) -> None:
        """End the connection; what was not committed is gone."""
        self._connection.close()


def _table(ask: Callable[[str], list[tuple[Any, ...]]], name: str) -> SqlTable:
    place = quote(name, "sqlite")
    text = ask(f"SELECT sql FROM sqlite_master WHERE name = {_text(name)}")[0][0] or ""
    info = ask(f"PRAGMA table_xinfo({place})")
    parts = [row for row in info if row[6] in (0, 2, 3)]
    primary = tuple(row[1] for row in sorted(parts, key=lambda row: row[5]) if row[5])
    whole = len(primary) == 1 and any(
        row[1] == primary[0] and row[2].upper() == "INTEGER" for row in parts
    )
    columns = tuple(
        SqlColumn(
            name=row[1],
            type=row[2],
            nullable=not row[3] and row[1] not in primary,
            default=row[4],
            identity=whole and row[1] == primary[0],
        )
        for row in parts
    )
    unique = []
    for _, index, is_unique, _, partial in ask(f"PRAGMA index_list({place})"):
        members = [row[2] for row in ask(f"PRAGMA index_info({quote(index, 'sqlite')})")]
        if is_unique and not partial and None not in members and set(members) != set(primary):
            unique.append(tuple(members))
    return SqlTable(
        name=name,
        columns=columns,
        primary_key=primary,
        unique=tuple(dict.fromkeys(reversed(unique))),
        foreign_keys=tuple(_references(ask, name)),
        checks=tuple(SqlCheck(expression=found) for found in checks_of(text)),
    )


def _references(ask: Callable[[str], list[tuple[Any, ...]]], name: str) -> list[SqlForeignKey]:
    groups: dict[int, list[tuple[Any, ...]]] = {}
    for row in ask(f"PRAGMA foreign_key_list({quote(name, 'sqlite')})"):
        groups.setdefault(row[0], []).append(row)
    found = []
    for number in sorted(groups, reverse=True):
        rows = sorted(groups[number], key=lambda row: row[1])
        parent = rows[0][2]
        to = tuple(row[4] for row in rows)
        if None in to:  # the primary key of the parent
            keys = ask(f"PRAGMA table_info({quote(parent, 'sqlite')})")
            to = tuple(row[1] for row in sorted(keys, key=lambda row: row[5]) if row[5])
        actions: list[Action] = [rows[0][6], rows[0][5]]
        found.append(
            SqlForeignKey(
                columns=tuple(row[3] for row in rows),
                table=parent,
                to=to,
                on_delete=actions[0],
                on_update=actions[1],
            )
        )
    return found


def checks_of(create: str) -> list[str]:
    """The conditions of each CHECK in a CREATE TABLE statement."""
    text = re.sub(r"--[^\n]*|/\*.*?\*/", " ", create, flags=re.DOTALL)
    found, place = [], 0
    pattern = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"|`[^`]*`|\bCHECK\s*\(", re.IGNORECASE)
    while match := pattern.search(text, place):
        place = match.end()
        if match[0][0] in "'\"`":
            continue
        depth, start = 1, place
        for part in re.finditer(r"'(?:[^']|'')*'|[()]", text[start:]):
            depth += {"(": 1, ")": -1}.get(part[0], 0)
            if not depth:
                found.append(" ".join(text[start : start + part.start()].split()))
                place = start + part.end()
                break
    return found


def _text(name: str) -> str:
    return "'" + name.replace("'", "''") + "'"


def _told(
    url: SqlUrl, error: sqlite3.Error, table: str = "", *, declaration: bool = False
) -> LikewiseError:
    """The error of SQLite in our words; it names columns, and never a cell."""
    where = f"{url}, table {table!r}" if table else str(url)
    message = str(error)
    for phrase, why in _PHRASES:
        if phrase in message:
            named = message.partition("constraint failed: ")[2]
            return refused(where, why, name=named)
    return refused(where, "other", said=message if declaration else type(error).__name__)
