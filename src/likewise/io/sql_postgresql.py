"""PostgreSQL by ADBC: rows travel as Arrow in the server's binary format, by COPY."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from likewise.core.errors import DataError, LikewiseError
from likewise.data.cells import one_chunk
from likewise.io.sql_catalog import listing, postgresql_tables
from likewise.io.sql_ddl import listed, literal, qualified, quote
from likewise.io.sql_schema import SqlColumn, SqlDatabase, SqlTable
from likewise.io.sql_session import Refusal, driver, refused
from likewise.io.sql_types import arrow_of, type_of
from likewise.io.sql_url import SqlUrl

_STAGE = "likewise_stage"
FIRST_DAY, LAST_DAY = "0001-01-01", "9999-12-31"  # stand for -infinity and infinity
_STATES: dict[str, Refusal] = {
    "28": "password", "3D000": "database", "42501": "rights", "57014": "timeout", "08": "dropped",
    "57P": "dropped", "23505": "unique", "23503": "reference", "23514": "check", "23502": "null",
    "22001": "length", "22003": "range", "22P": "range", "22007": "range", "22008": "range",
    "53100": "full", "25006": "rights",
}  # fmt: skip
_PHRASES: tuple[tuple[str, Refusal], ...] = (
    ("could not translate host name", "host"),
    ("password authentication failed", "password"),
    ("no password supplied", "password"),
    ("authentication failed", "password"),
    ("no pg_hba.conf entry", "password"),
    ("permission denied", "rights"),
    ("URI query parameter", "option"),
    ("SSL", "option"),
    ("role", "password"),
    ("database", "database"),
    ("Failed to connect", "unreachable"),
    ("closed the connection", "dropped"),
    ("no connection to the server", "dropped"),
    ("connection not open", "dropped"),
)


class Connection:
    """A session with a PostgreSQL server; see ``sql_session.Session``."""

    def __init__(self, url: SqlUrl, *, schema: str, write: bool, seconds: float) -> None:
        dbapi = driver("adbc_driver_postgresql.dbapi", "adbc-driver-postgresql")
        self._url, self._error = url, dbapi.Error
        try:
            self._connection = dbapi.connect(url.libpq())
        except self._error as error:
            raise _told(url, error) from None
        self._cursor = self._connection.cursor()
        if not write:
            self.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            self.execute(f"SET LOCAL statement_timeout = {round(1000 * seconds)}")
        self.execute("SET LOCAL TimeZone = 'UTC'")
        self.schema = schema or str(self._ask("SELECT current_schema()")[0][0] or "public")

    def _ask(self, query: str) -> list[tuple[Any, ...]]:
        try:
            self._cursor.execute(query)
            return list(self._cursor.fetchall())
        except self._error as error:
            raise _told(self._url, error) from None

    def execute(self, statement: str) -> None:
        """Run a statement that returns nothing."""
        try:
            self._cursor.execute(statement)
        except self._error as error:
            raise _told(self._url, error, declaration=True) from None

    def reflect(self, tables: Sequence[str] = ()) -> tuple[SqlDatabase, tuple[str, ...]]:
        """The declarations of tables, from the system's catalogs."""
        found, notes = postgresql_tables(self._ask, self.schema, tables)
        return SqlDatabase(engine="postgresql", schema_name=self.schema, tables=found), notes

    def names(self) -> list[str]:
        """The tables that are there, sorted."""
        return [name for _, name in listing(self._ask, self.schema)]

    def recover(self) -> tuple[str, ...]:
        """Nothing: what an interrupted load wrote was never committed."""
        return ()

    def prepare(self, _new: Sequence[str], _old: Sequence[str], /) -> None:
        """Let references that allow it be checked at the end."""
        if self.schema not in ("", "public"):
            self.execute(f"CREATE SCHEMA IF NOT EXISTS {quote(self.schema, 'postgresql')}")
        self.execute("SET CONSTRAINTS ALL DEFERRED")

    def rows(self, table: str) -> int:
        """How many rows a table has."""
        return int(self._ask(f"SELECT count(*) FROM {self._place(table)}")[0][0])

    def read(self, table: SqlTable) -> Iterator[pa.Table]:
        """The rows of a table, as the server sends them."""
        wanted = pa.schema([(c.name, arrow_of(type_of(c, "postgresql"), "postgresql"))
                            for c in table.columns])  # fmt: skip
        parts = ", ".join(_selected(column) for column in table.columns)
        try:
            self._cursor.execute(f"SELECT {parts} FROM {self._place(table.name)}")
            with self._cursor.fetch_record_batch() as batches:
                empty = True
                for batch in batches:
                    empty = False
                    yield _received(pa.Table.from_batches([batch]), wanted, table.name)
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
        """Append rows by COPY; types that only travel as texts go through a temporary table."""
        texts = {c.name for c in columns if _travels_as_text(c)}
        sent = (_sent(block, columns, table) for block in blocks)
        if not texts or temporary:
            self._copy(table, sent, temporary=temporary)
            return
        parts = ", ".join(
            f"{quote(c.name, 'postgresql')} {'text' if c.name in texts else c.type}"
            for c in columns
        )
        self.execute(f"CREATE TEMPORARY TABLE {_STAGE} ({parts}) ON COMMIT DROP")
        self._copy(_STAGE, sent, temporary=True)
        names = listed(tuple(c.name for c in columns), "postgresql")
        cast = ", ".join(f"{quote(c.name, 'postgresql')}::{c.type}" for c in columns)
        into = f"INSERT INTO {self._place(table)} ({names}) OVERRIDING SYSTEM VALUE"
        try:
            self._cursor.execute(f"{into} SELECT {cast} FROM {_STAGE}")
        except self._error as error:
            raise _told(self._url, error, table) from None
        self.execute(f"DROP TABLE {_STAGE}")

    def _copy(self, table: str, blocks: Iterator[pa.Table], *, temporary: bool) -> None:
        first = next(blocks)
        batches = (batch for block in _chain(first, blocks) for batch in block.to_batches())
        reader = pa.RecordBatchReader.from_batches(first.schema, batches)
        where = {"temporary": True} if temporary else {"db_schema_name": self.schema}
        try:
            self._cursor.adbc_ingest(table, reader, mode="append", **where)
        except self._error as error:
            raise _told(self._url, error, table) from None

    def continue_numbers(self, table: SqlTable) -> None:
        """Set the sequences of a table past its largest numbers."""
        place = self._place(table.name)
        for column in table.columns:
            if column.identity:
                name = quote(column.name, "postgresql")
                sequence = (
                    f"pg_get_serial_sequence({literal(place, 'postgresql')}, "
                    f"{literal(column.name, 'postgresql')})"
                )
                self._ask(f"SELECT setval({sequence}, max({name})) FROM {place} "
                          f"HAVING max({name}) IS NOT NULL")  # fmt: skip

    def commit(self) -> None:
        """Keep what was written."""
        try:
            self._connection.commit()
        except self._error as error:
            raise _told(self._url, error) from None

    def close(self) -> None:
        """End the connection, and its transaction with it."""
        self._cursor.close()
        self._connection.close()

    def _place(self, table: str) -> str:
        return qualified(table, "postgresql", self.schema)


def _chain(first: pa.Table, rest: Iterator[pa.Table]) -> Iterator[pa.Table]:
    yield first
    yield from rest


def _travels_as_text(column: SqlColumn) -> bool:
    """Whether cells are texts here that the server's binary format does not take as they are."""
    kind = type_of(column, "postgresql")
    same = ("text", "varchar", "char", "enum", "json", "uuid")
    return pa.types.is_string(arrow_of(kind, "postgresql")) and kind.family not in same


def _selected(column: SqlColumn) -> str:
    """The column in a form that ADBC gives exactly; what it does not know comes as text."""
    name = quote(column.name, "postgresql")
    family = type_of(column, "postgresql").family
    if family == "numeric":
        return f"nullif({name}::text, 'NaN') AS {name}"
    if family in ("date", "timestamp", "timestamptz"):  # infinite ones have no place in Arrow
        first, last = (f"'{day}'::{family}" for day in (FIRST_DAY, LAST_DAY))
        return (f"CASE WHEN isfinite({name}) THEN {name} WHEN {name} > {first} THEN {last} "
                f"WHEN {name} < {first} THEN {first} END AS {name}")  # fmt: skip
    if family == "interval":
        return f"(extract(epoch FROM {name}) * 1000000)::bigint AS {name}"
    if family in ("text", "varchar", "char", "uuid", "json", "enum", "other"):
        return f"{name}::text AS {name}"
    return name


def _received(block: pa.Table, wanted: pa.Schema, table: str) -> pa.Table:
    """The block in the types that are wanted."""
    try:
        return block.cast(wanted)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        found = "cells lie beyond what their type can be read as, such as an infinite one"
        raise DataError(f"table {table!r}", found, "Leave the table out, or mend them") from None


def _sent(block: pa.Table, columns: Sequence[SqlColumn], table: str) -> pa.Table:
    """The block as COPY wants it in binary: identifiers as bytes, JSON with its version."""
    for i, column in enumerate(columns):
        kind = column.type.lower()
        if kind == "uuid":
            cells = _identifiers(one_chunk(block.column(i)), f"table {table!r}, {column.name!r}")
        elif kind == "jsonb":
            texts = one_chunk(block.column(i)).cast(pa.binary())
            cells = pc.binary_join_element_wise(pa.scalar(b"\x01"), texts, pa.scalar(b""))
        else:
            continue
        block = block.set_column(i, column.name, cells)
    return block


def _identifiers(texts: pa.Array, where: str) -> pa.Array:
    """Texts of UUIDs as 16 bytes each."""
    digits = pc.replace_substring_regex(texts, r"[{}-]", "")
    right = pc.match_substring_regex(digits, r"^[0-9A-Fa-f]{32}$")
    if not pc.all(right, min_count=0).as_py():
        raise DataError(where, "cells are no UUIDs", "Mend them; nothing was written")
    filled = digits.fill_null("0" * 32)
    data = bytes.fromhex("".join(filled.to_pylist()))
    known = pa.py_buffer(data)
    mask = texts.is_valid()
    whole = pa.Array.from_buffers(pa.binary(16), len(texts), [None, known])
    return pc.if_else(mask, whole, pa.scalar(None, pa.binary(16)))


def _told(
    url: SqlUrl, error: Exception, table: str = "", *, declaration: bool = False
) -> LikewiseError:
    """The error of ADBC in our words, without what may repeat cells."""
    where = f"{url}, table {table!r}" if table else str(url)
    state = getattr(error, "sqlstate", None) or ""
    details = dict(getattr(error, "details", []))
    name = details.get(b"PG_DIAG_CONSTRAINT_NAME") or details.get(b"PG_DIAG_COLUMN_NAME") or b""
    for length in (5, 3, 2):
        if state[:length] in _STATES:
            return refused(where, _STATES[state[:length]], name=name.decode(errors="replace"))
    for phrase, why in _PHRASES:
        if not state and phrase in str(error):
            return refused(where, why)
    said = details.get(b"PG_DIAG_MESSAGE_PRIMARY", b"").decode(errors="replace")
    return refused(where, "other", said=said if declaration else f"state {state or 'unknown'}")
