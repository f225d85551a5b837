"""What is done with a database, whatever its engine; and what its refusals mean."""

import contextlib
import importlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Literal, Protocol

import pyarrow as pa

from likewise.core.errors import DatabaseError, DataError, LikewiseError, MissingExtraError
from likewise.io.sql_schema import SqlColumn, SqlDatabase, SqlTable
from likewise.io.sql_url import PASSWORD, SqlUrl

BLOCK = 65_536  # rows that are moved at once where the engine does not choose itself
SECONDS = 3_600.0  # of the longest statement

Refusal = Literal[
    "password", "host", "unreachable", "database", "rights", "dropped", "timeout", "unique",
    "reference", "check", "null", "length", "range", "full", "locked", "newer", "option",
    "folder", "other",
]  # fmt: skip


class Session(Protocol):
    """One connection: a read-only snapshot, or one transaction that writes.

    Attributes:
        schema: the schema whose tables are meant; "" where there are none.
    """

    schema: str

    def reflect(self, tables: Sequence[str] = ()) -> tuple[SqlDatabase, tuple[str, ...]]:
        """The declarations of all tables, or of some, and notes; no rows are read."""

    def names(self) -> list[str]:
        """The tables that are there, sorted."""

    def recover(self) -> tuple[str, ...]:
        """Clear away what an interrupted load has left, and say so."""

    def prepare(self, new: Sequence[str], old: Sequence[str], /) -> None:
        """Begin to write: ``new`` tables will be created, ``old`` ones are empty as yet."""

    def read(self, table: SqlTable) -> Iterator[pa.Table]:
        """The rows of a table in blocks of the types of ``sql_types.arrow_of``; one at least."""

    def rows(self, table: str) -> int:
        """How many rows a table has."""

    def execute(self, statement: str) -> None:
        """Run a statement that returns nothing."""

    def ingest(
        self,
        table: str,
        columns: Sequence[SqlColumn],
        blocks: Iterable[pa.Table],
        *,
        temporary: bool = False,
    ) -> None:
        """Append rows, in bulk; ``blocks`` have just these columns in the types of ``read``."""

    def continue_numbers(self, table: SqlTable) -> None:
        """Let the server number new rows after those that are there."""

    def commit(self) -> None:
        """Keep what was written, all of it."""

    def close(self) -> None:
        """End the connection; what was not committed is gone."""


_MODULES = {
    "postgresql": "likewise.io.sql_postgresql",
    "mysql": "likewise.io.sql_mysql",
    "sqlite": "likewise.io.sql_sqlite",
    "duckdb": "likewise.io.sql_duckdb",
}


@contextlib.contextmanager
def open_session(
    url: SqlUrl, *, schema: str = "", write: bool = False, seconds: float = SECONDS
) -> Iterator[Session]:
    """A session that is closed at the end of the block; committed only by its ``commit``.

    Args:
        url: where.
        schema: the schema whose tables are meant; the connection's own when "".
        write: whether anything will be written; otherwise the server is told to refuse it, and all
            tables are read as they were at one moment where the engine can do that.
        seconds: after which a statement of a session that reads is given up.

    Raises:
        DatabaseError: it cannot be reached, or refuses the user; its folder is not there.
        MissingExtraError: the driver is not installed.
    """
    if write and url.is_file and not Path(url.name).absolute().parent.is_dir():
        raise refused(url, "folder")
    opened: Callable[..., Session] = importlib.import_module(_MODULES[url.engine]).Connection
    session = opened(url, schema=schema, write=write, seconds=seconds)
    try:
        yield session
    finally:
        session.close()


def driver(module: str, package: str) -> ModuleType:
    """The module of a driver; MissingExtraError if its package is not there."""
    try:
        return importlib.import_module(module)
    except ImportError:
        raise MissingExtraError.of("database", package, "db") from None


_SAID: dict[Refusal, tuple[type[LikewiseError], str, str]] = {
    "password": (
        DatabaseError,
        "the server refuses this user or password",
        f"Check the user, and give the password in {PASSWORD} or in the engine's own file",
    ),
    "host": (DatabaseError, "no such host is known", "Check the name of the host"),
    "unreachable": (
        DatabaseError,
        "no server answers there",
        "Check host and port, and that the server runs",
    ),
    "database": (DatabaseError, "there is no such database", "Check the name, or create it first"),
    "option": (
        DatabaseError,
        "the server refuses what the address asks for",
        "Look at what stands behind its question mark",
    ),
    "folder": (DatabaseError, "its folder does not exist", "Make it, or name another file"),
    "rights": (
        DatabaseError,
        "this user has no right to do that",
        "Grant it, or use another user",
    ),
    "dropped": (
        DatabaseError,
        "the connection was lost; nothing that was being written stays",
        "Try again",
    ),
    "timeout": (DatabaseError, "a statement took too long", "Give it longer with --timeout"),
    "locked": (DatabaseError, "another program keeps the database", "Try again when it is done"),
    "newer": (DatabaseError, "is no database that this version can read", "Check the file"),
    "full": (DatabaseError, "no space is left for the database", "Free some space and try again"),
    "unique": (DataError, "rows repeat a key", "Mend the rows; nothing was written"),
    "reference": (
        DataError,
        "rows refer to a row that is not there",
        "Mend the rows; nothing was written",
    ),
    "check": (DataError, "rows break a condition", "Mend the rows; nothing was written"),
    "null": (
        DataError,
        "cells are missing that must be there",
        "Mend the rows; nothing was written",
    ),
    "length": (DataError, "texts are longer than their column", "Mend them; nothing was written"),
    "range": (DataError, "cells do not fit their column", "Mend them; nothing was written"),
    "other": (DatabaseError, "the server refuses", "Look into the server's log for the reason"),
}


def refused(where: object, why: Refusal, *, name: str = "", said: str = "") -> LikewiseError:
    """The error for a refusal.

    Args:
        where: the address, or a table of it.
        why: what kind of refusal it is.
        name: the constraint or column that the server names.
        said: more of what the server says; only of declarations, as it may repeat cells.
    """
    kind, found, hint = _SAID[why]
    named = f" ({name})" if name else ""
    told = f": {' '.join(said.split())}" if said else ""
    return kind(str(where), f"{found}{named}{told}", hint)
