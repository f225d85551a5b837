"""Whole databases into a folder of files, and out of one."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from likewise.core.errors import ConfigError, DataError
from likewise.core.progress import Progress, silent
from likewise.data.arrow_types import is_text
from likewise.data.convert import to_source
from likewise.io.dialect import dialect_of
from likewise.io.folder import SQL, FolderRead, RawFolder, read_raws, understood, write_files
from likewise.io.sql_declared import declarations
from likewise.io.sql_derived import derive_sql
from likewise.io.sql_load import Blocks
from likewise.io.sql_schema import SqlDatabase, SqlTable, read_sql
from likewise.io.sql_session import SECONDS, open_session
from likewise.io.sql_url import parse_url
from likewise.jobs.clock import Clock
from likewise.jobs.fill import Goal, Moved, blocks_of, fill

FORMATS = ("parquet", "csv", "jsonl", "feather")


def pull(
    source: str,
    folder: str | Path,
    *,
    schema: str = "",
    tables: Sequence[str] = (),
    file_format: str = "parquet",
    into_existing: bool = False,
    infer: bool = False,
    timeout: float = SECONDS,
    progress: Progress = silent,
) -> Moved:
    """Read a database into a folder: a file for each table, and what the database says of them.

    ``database.yaml`` holds keys, relations, kinds and rules, ``sql.yaml`` the exact types, defaults
    and conditions, from which ``push`` makes the same tables again. The session only reads, and
    sees all tables as they were at one moment where the engine can do that.

    Args:
        source: an address, see ``io.sql_url.parse_url``.
        folder: new or empty; it appears whole or not at all.
        schema: of the database, where it has several; the connection's own without it.
        tables: some only; all of the schema without it.
        file_format: parquet keeps every type; csv, jsonl, feather.
        into_existing: write into a folder that holds files, too.
        infer: leave keys and references open in ``database.yaml`` where the database declares
            none, so that whoever reads the folder looks for them.
        timeout: seconds after which the server gives a statement up.
        progress: told of each table.

    Raises:
        DatabaseError: the database cannot be reached, or refuses.
        DataError: a table is not there, or cells cannot be read; the folder is not empty.

    Cost: one pass over the rows; memory holds a block of them.
    """
    clock = Clock()
    _refuse_address(folder)
    if file_format not in FORMATS:
        raise ConfigError("--format", f"{file_format!r} is none", f"Use {', '.join(FORMATS)}")
    url = parse_url(source)
    rows: dict[str, int] = {}
    with open_session(url, schema=schema, seconds=timeout) as session:
        sql, notes = session.reflect(tables)
        declared, more = declarations(sql, infer=infer)
        dialect = dialect_of(f"table.{file_format}")

        def done(name: str, count: int) -> None:
            rows[name] = count
            progress("read", len(rows), len(sql.tables))

        written = write_files(
            {t.name: _checked(session.read(t), t.name, file_format) for t in sql.tables},
            folder,
            dict.fromkeys(sql.names, dialect),
            into_existing=into_existing,
            declared=declared,
            texts={SQL: sql.to_yaml()},
            done=done,
        )
    return Moved(str(url), str(folder), rows, (*notes, *more, *written),
                 clock.total()["total"])  # fmt: skip


def _checked(blocks: Iterator[pa.Table], table: str, file_format: str) -> Iterator[pa.Table]:
    """The blocks, unless they hold what a text format cannot."""
    for block in blocks:
        for column in block.schema:
            if pa.types.is_binary(column.type) and file_format in ("csv", "jsonl"):
                where = f"table {table!r}, column {column.name!r}"
                hint = "Use --format parquet, or leave the table out"
                raise DataError(where, f"bytes, which {file_format} cannot hold", hint)
        yield block


def push(
    folder: str | Path,
    target: str,
    *,
    schema: str = "",
    tables: Sequence[str] = (),
    into_existing: bool = False,
    dry_run: bool = False,
    progress: Progress = silent,
) -> Moved:
    """Write a folder of files into a database: all tables, or nothing.

    Tables are made as ``sql.yaml`` in the folder declares them; without it types follow from the
    cells, and keys and relations are those that are found or declared, as far as the rows keep
    them. The database itself checks every key, reference and condition.

    Args:
        folder: as ``pull`` wrote it, or any folder of tables.
        target: an address, see ``io.sql_url.parse_url``.
        schema: of the database, made if it is not there.
        tables: some of the folder only.
        into_existing: allow tables in the target: those of the same names must be empty, and are
            filled as they are.
        dry_run: look at both sides, and write nothing.
        progress: told of each table.

    Raises:
        DatabaseError: the database cannot be reached, or refuses.
        DataError: the target is not empty, or rows do not fit.
        SchemaError: a circle of references leaves no order.

    Cost: the tables in memory; then that of the load.
    """
    clock = Clock()
    _refuse_address(folder)
    files = _of_folder(Path(folder), tables)
    sql, rows, notes = _to_load(files, Path(folder))
    goal = Goal(target, schema, into_existing, dry_run)
    moved = fill(sql, rows, goal, progress)
    notes = (*files.notes, *notes, *moved.notes)
    return replace(moved, source=str(folder), notes=notes, seconds=clock.total()["total"])


def _refuse_address(folder: str | Path) -> None:
    if "://" in str(folder):
        raise ConfigError("DIR", "an address where a folder belongs", "Swap the two, or mend it")


def _of_folder(folder: Path, tables: Sequence[str]) -> RawFolder:
    files = read_raws(folder)
    for name in tables:
        if name not in files.raws:
            raise DataError(f"{folder}, table {name!r}", "is not there", "Check the name")
    if not tables:
        return files
    kept = {name: files.raws[name] for name in files.raws if name in tables}
    declared = tuple(entry for entry in files.declared if entry.name in tables)
    return RawFolder(kept, declared, files.notes)


def _to_load(
    files: RawFolder, folder: Path
) -> tuple[SqlDatabase, dict[str, Blocks], tuple[str, ...]]:
    """The declaration of the tables and their rows."""
    raws = {name: raw.table for name, raw in files.raws.items()}
    if (folder / SQL).is_file():
        sql = read_sql(folder / SQL)
        unknown = [name for name in raws if name not in sql.names]
        if unknown:
            found = f"a file for the table {unknown[0]!r}, which it does not declare"
            raise DataError(str(folder / SQL), found, f"Remove {SQL}, or the file")
        kept = tuple(table for table in sql.tables if table.name in raws)
        sql = sql.model_copy(update={"tables": kept})
        rows = {n: blocks_of(_filled(raw.table, sql[n], raw.dialect.textual))
                for n, raw in files.raws.items()}  # fmt: skip
        return sql, rows, ()
    read = understood(files)
    sql, notes = derive_sql(read.database, raws)
    return sql, {name: blocks_of(_typed(read, raws[name], name)) for name in raws}, notes


def _filled(raw: pa.Table, table: SqlTable, textual: bool) -> pa.Table:
    """The table with empty texts for missing ones, which csv cannot tell, where none may be."""
    for i, name in enumerate(raw.column_names):
        cells = raw.column(i)
        if textual and cells.null_count and name in table.names and not table[name].nullable:
            raw = raw.set_column(i, name, cells.fill_null(""))
    return raw


def _typed(read: FolderRead, raw: pa.Table, name: str) -> pa.Table:
    """Texts of csv files in the type of their kind; typed cells as they are."""
    if all(not is_text(kind) for kind in raw.schema.types):
        return raw
    natural = to_source(read.database[name], typed=True)
    arrays = [
        natural.column(c) if is_text(raw.schema.field(c).type) else raw.column(c)
        for c in raw.column_names
    ]
    return pa.table(arrays, names=raw.column_names)
