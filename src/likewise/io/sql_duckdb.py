"""DuckDB by its own Arrow tables; what it cannot declare, circles of references, is told."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from likewise.core.errors import LikewiseError
from likewise.io.sql_catalog import chosen
from likewise.io.sql_ddl import listed, literal, qualified, quote
from likewise.io.sql_schema import SqlCheck, SqlColumn, SqlDatabase, SqlForeignKey, SqlTable
from likewise.io.sql_session import BLOCK, Refusal, driver, refused
from likewise.io.sql_types import arrow_of, type_of
from likewise.io.sql_url import SqlUrl

_VIEW = "likewise_rows"
_PHRASES: tuple[tuple[str, Refusal], ...] = (
    ("violates primary key", "unique"),
    ("violates unique", "unique"),
    ("Duplicate key", "unique"),
    ("foreign key constraint", "reference"),
    ("CHECK constraint", "check"),
    ("NOT NULL constraint", "null"),
    ("Conversion Error", "range"),
    ("Permission denied", "rights"),
    ("read-only", "rights"),
    ("Could not set lock", "locked"),
    ("does not exist", "database"),
    ("not a valid DuckDB", "newer"),
    ("version number", "newer"),
    ("No space left", "full"),
)


class Connection:
    """A session with a DuckDB file; see ``sql_session.Session``."""

    def __init__(self, url: SqlUrl, *, schema: str, write: bool, seconds: float) -> None:
        del seconds  # a file of this machine: Ctrl-C ends a statement
        duckdb = driver("duckdb", "duckdb")
        self._url, self._error = url, duckdb.Error
        if not write and not Path(url.name).is_file():
            raise refused(url, "database")
        try:
            self._connection = duckdb.connect(url.name, read_only=not write)
            self._connection.execute("SET TimeZone = 'UTC'")
            self._connection.execute("BEGIN")
        except self._error as error:
            raise _told(url, error) from None
        self.schema = schema or "main"

    def _ask(self, query: str) -> list[tuple[Any, ...]]:
        try:
            return list(self._connection.execute(query).fetchall())
        except self._error as error:
            raise _told(self._url, error) from None

    def execute(self, statement: str) -> None:
        """Run a statement that returns nothing."""
        try:
            self._connection.execute(statement)
        except self._error as error:
            raise _told(self._url, error, declaration=True) from None

    def names(self) -> list[str]:
        """The tables that are there, sorted."""
        found = self._ask(
            f"SELECT table_name FROM duckdb_tables() WHERE {self._within()} ORDER BY 1"
        )
        return [name for (name,) in found]

    def recover(self) -> tuple[str, ...]:
        """Nothing: what an interrupted load wrote was never committed."""
        return ()

    def prepare(self, _new: Sequence[str], _old: Sequence[str], /) -> None:
        """Make the schema if it is not there."""
        self.execute(f"CREATE SCHEMA IF NOT EXISTS {quote(self.schema, 'duckdb')}")

    def reflect(self, tables: Sequence[str] = ()) -> tuple[SqlDatabase, tuple[str, ...]]:
        """The declarations of tables, from DuckDB's own functions."""
        names = chosen(self.names(), tables, f"{self._url}, schema {self.schema!r}")
        found = tuple(self._table(name) for name in names)
        return SqlDatabase(engine="duckdb", schema_name=self.schema, tables=found), ()

    def _within(self) -> str:
        return (
            f"schema_name = {literal(self.schema, 'duckdb')} "
            "AND database_name = current_database() AND NOT internal"
        )

    def _table(self, name: str) -> SqlTable:
        only = f"table_name = {literal(name, 'duckdb')} AND {self._within()}"
        columns = self._ask(
            "SELECT column_name, data_type, is_nullable, column_default FROM duckdb_columns() "
            f"WHERE {only} ORDER BY column_index"
        )
        enums = {
            row[0]: tuple(
                label for (label,) in self._ask(f"SELECT unnest(enum_range(NULL::{row[1]}))")
            )
            for row in columns
            if row[1].upper().startswith("ENUM")
        }
        constraints = self._ask(
            "SELECT constraint_type, constraint_column_names, referenced_table, "
            "referenced_column_names, expression FROM duckdb_constraints() WHERE "
            f"{only.replace(' AND NOT internal', '')} ORDER BY constraint_index"
        )
        primary: tuple[str, ...] = next((tuple(c[1]) for c in constraints
                                         if c[0] == "PRIMARY KEY"), ())  # fmt: skip
        return SqlTable(
            name=name,
            columns=tuple(_column(row, enums.get(row[0])) for row in columns),
            primary_key=primary,
            unique=tuple(tuple(c[1]) for c in constraints if c[0] == "UNIQUE"),
            foreign_keys=tuple(
                SqlForeignKey(columns=tuple(c[1]), table=c[2], to=tuple(c[3]))
                for c in constraints
                if c[0] == "FOREIGN KEY"
            ),
            checks=tuple(SqlCheck(expression=c[4]) for c in constraints if c[0] == "CHECK"),
        )

    def rows(self, table: str) -> int:
        """How many rows a table has."""
        return int(self._ask(f"SELECT count(*) FROM {self._place(table)}")[0][0])

    def read(self, table: SqlTable) -> Iterator[pa.Table]:
        """The rows of a table as Arrow; what Arrow has no exact type for comes as text."""
        wanted = pa.schema([(c.name, arrow_of(type_of(c, "duckdb"), "duckdb"))
                            for c in table.columns])  # fmt: skip
        parts = ", ".join(_selected(column) for column in table.columns)
        try:
            found = self._connection.sql(f"SELECT {parts} FROM {self._place(table.name)}")
            reader = found.to_arrow_reader(BLOCK)
            empty = True
            for batch in reader:
                empty = False
                yield pa.Table.from_batches([batch]).cast(wanted)
            if empty:
                yield wanted.empty_table()
        except self._error as error:
            raise _told(self._url, error, table.name) from None

    def ingest(
        self,
        table: str,
        columns: Sequence[SqlColumn],
        blocks: Iterable[pa.Table],
        *,
        temporary: bool = False,
    ) -> None:
        """Append rows straight from Arrow."""
        names = listed(tuple(column.name for column in columns), "duckdb")
        casts = ", ".join(_cast(column) for column in columns)
        place = qualified(table, "duckdb") if temporary else self._place(table)
        try:
            for block in blocks:
                self._connection.register(_VIEW, block)
                self._connection.execute(
                    f"INSERT INTO {place} ({names}) SELECT {casts} FROM {_VIEW}"
                )
                self._connection.unregister(_VIEW)
        except self._error as error:
            raise _told(self._url, error, table) from None

    def continue_numbers(self, table: SqlTable) -> None:
        """Nothing: DuckDB has no numbers of its own."""

    def commit(self) -> None:
        """Keep what was written."""
        self.execute("COMMIT")

    def close(self) -> None:
        """End the connection; what was not committed is gone."""
        self._connection.close()

    def _place(self, table: str) -> str:
        return qualified(table, "duckdb", self.schema)


def _column(row: tuple[Any, ...], levels: tuple[str, ...] | None) -> SqlColumn:
    name, kind, nullable, default = row
    counted = bool(default) and "nextval(" in default
    return SqlColumn(
        name=name,
        type=kind,
        nullable=nullable,
        default=None if counted else default,
        identity=counted,
        levels=levels,
    )


def _selected(column: SqlColumn) -> str:
    """The column in a form that Arrow holds exactly."""
    name = quote(column.name, "duckdb")
    family = type_of(column, "duckdb").family
    if family == "interval":
        return f"CAST(epoch({name}) * 1000000 AS BIGINT) AS {name}"
    if family in ("uuid", "json", "enum", "other"):
        return f"CAST({name} AS VARCHAR) AS {name}"
    if family == "numeric":
        digits, after = type_of(column, "duckdb").args or (38, 10)
        return f"CAST({name} AS DECIMAL({digits},{after})) AS {name}"
    return name


def _cast(column: SqlColumn) -> str:
    name = quote(column.name, "duckdb")
    if column.levels is not None:
        return name
    return f"CAST({name} AS {column.type})"


def _told(
    url: SqlUrl, error: Exception, table: str = "", *, declaration: bool = False
) -> LikewiseError:
    """The error of DuckDB in our words: its own repeat cells."""
    where = f"{url}, table {table!r}" if table else str(url)
    message = str(error)
    for phrase, why in _PHRASES:
        if phrase.lower() in message.lower():
            return refused(where, why)
    return refused(where, "other", said=message if declaration else type(error).__name__)
