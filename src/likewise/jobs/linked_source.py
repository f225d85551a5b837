"""The real tables of a run on a database, from a folder, files, or a server; and where rows go."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from likewise.compose.relational import TableChoice
from likewise.core.errors import DataError
from likewise.core.progress import Progress, silent
from likewise.core.registry import suggest
from likewise.data.convert import to_source
from likewise.data.database import Database
from likewise.data.database_schema import TableSchema
from likewise.data.schema import Schema
from likewise.io.dialect import Dialect, dialect_of
from likewise.io.folder import RawFolder, read_raws, understood, write_folder
from likewise.io.sql_declared import declarations
from likewise.io.sql_derived import derive_sql
from likewise.io.sql_load import refuse_rows
from likewise.io.sql_schema import SqlDatabase
from likewise.io.sql_session import open_session
from likewise.io.sql_url import is_url, parse_url
from likewise.jobs.clone import database_of, made_of, refuse_early
from likewise.jobs.fill import Goal, blocks_of, fill
from likewise.jobs.linked_plan import LinkedPlan
from likewise.jobs.understand import refuse_formulas


@dataclass(frozen=True)
class Source:
    """The real tables and how they were written.

    Attributes:
        name: where they come from, without a password.
        database: tables with keys and relations.
        dialects: how the file of each table is written, or would be.
        notes: what was met and mended.
        sql: how a server declares its tables; None for files.
        raws: the cells of all tables as a server gave them; empty for files.
        folders: folders that were read, for their hashes.
        said: by table, what is declared of its columns, and not found in its cells.
        empty: tables of files without rows, which are not learned and stay empty.
    """

    name: str
    database: Database
    dialects: Mapping[str, Dialect]
    notes: tuple[str, ...]
    sql: SqlDatabase | None
    raws: Mapping[str, pa.Table]
    folders: tuple[str, ...]
    said: Mapping[str, Schema]
    empty: Mapping[str, pa.Table]


def read_source(plan: LinkedPlan, progress: Progress = silent) -> Source:
    """Read what the plan names.

    Raises:
        LikewiseError: what reading a folder or a database raises; a listed table is not there, or
            no table has rows.
    """
    if plan.source and is_url(plan.source):
        return _of_server(plan, progress)
    folder = _raws(plan)
    if plan.only:
        named = {table.name for table in plan.tables}
        raws = {name: raw for name, raw in folder.raws.items() if name in named}
        folder = RawFolder(raws, folder.declared, folder.notes)
    _refuse_unknown(plan, folder.raws)
    dialects = {name: raw.dialect for name, raw in folder.raws.items()}
    folder, empty = _with_rows(plan, folder)
    told = _among(folder.raws, [t for t in plan.declared if t.model_fields_set - {"name"}])
    declared = tuple(_of_cells(entry, plan) for entry in told)
    contents = {t.name: t.content for t in declared if t.content.columns or t.content.rules}
    for name, raw in folder.raws.items():
        refuse_formulas(raw, contents.get(name))
    kept = _among(folder.raws, folder.declared)
    read = understood(RawFolder(folder.raws, kept, folder.notes), declared)
    source = Path(plan.source)
    folders = (str(source),) if plan.source and source.is_dir() else ()
    said = {entry.name: entry.content for entry in (*kept, *told)}
    return Source(source.name or "tables", read.database, dialects, read.notes, None, {},
                  folders, said, empty)  # fmt: skip


def _with_rows(plan: LinkedPlan, folder: RawFolder) -> tuple[RawFolder, Mapping[str, pa.Table]]:
    """The tables that have rows, and those that have none."""
    empty = {name: raw.table for name, raw in folder.raws.items() if not raw.table.num_rows}
    if len(empty) == len(folder.raws):
        raise DataError(plan.source or "tables", "no table has rows", "Nothing can be learned")
    for table in plan.tables:
        if table.name in empty and table.choice != TableChoice():
            raise DataError(f"plan, table {table.name!r}", "has no rows", "Leave it as it is")
    raws = {name: raw for name, raw in folder.raws.items() if name not in empty}
    told = tuple(f"table {name!r}: no rows, so it stays empty" for name in empty)
    return RawFolder(raws, folder.declared, (*folder.notes, *told)), empty


def _among(there: Mapping[str, object], entries: Iterable[TableSchema]) -> tuple[TableSchema, ...]:
    """What is said of tables that are there, and of their references to each other."""
    found = []
    for entry in entries:
        if entry.name not in there:
            continue
        lost = [key for key in entry.foreign_keys if key.table not in there]
        kept = tuple(key for key in entry.foreign_keys if key not in lost)
        found.append(entry.model_copy(update={"foreign_keys": kept}) if lost else entry)
    return tuple(found)


def _of_cells(entry: TableSchema, plan: LinkedPlan) -> TableSchema:
    """What is declared of real cells: of those that are to be replaced, nothing is."""
    if entry.name not in plan.invented:
        return entry
    told = {name: getattr(entry, name) for name in entry.model_fields_set - {"content"}}
    return TableSchema(**told)


def check_target(plan: LinkedPlan, source: Source) -> None:
    """Raise now what writing would raise after hours of learning."""
    if plan.target is None or not is_url(plan.target):
        return
    url = parse_url(plan.target)
    if source.sql is not None:
        refuse_early(source.sql, Goal(plan.target, "", plan.into_existing, dry_run=False))
    elif not url.is_file or Path(url.name).is_file():
        with open_session(url) as session:
            refuse_rows(source.database.names, url, session, plan.into_existing)


def write_target(
    plan: LinkedPlan, source: Source, made: Database, progress: Progress = silent
) -> tuple[str, ...]:
    """Write a synthetic database where the plan says, whole or not at all; the notes."""
    assert plan.target is not None
    if not is_url(plan.target):
        return write_folder(
            made, plan.target, source.dialects, into_existing=plan.into_existing, declaration=True,
            empty=source.empty,
        )  # fmt: skip
    goal = Goal(plan.target, "", plan.into_existing, dry_run=False)
    if source.sql is not None:
        tables, notes = made_of(source.sql, source.raws, made)
        moved = fill(source.sql, {n: blocks_of(t) for n, t in tables.items()}, goal, progress)
        return (*notes, *moved.notes)
    typed = {name: to_source(made[name], typed=True) for name in made.names}
    sql, notes = derive_sql(made, typed)
    moved = fill(sql, {name: blocks_of(table) for name, table in typed.items()}, goal, progress)
    lost = (f"table {name!r}: no rows that tell its types; not made" for name in source.empty)
    return (*notes, *lost, *moved.notes)


def _raws(plan: LinkedPlan) -> RawFolder:
    """The files of the source, and those that tables name themselves."""
    own = {table.name: table.source for table in plan.tables if table.source}
    folder = RawFolder({}, (), ())
    if plan.source:
        source = Path(plan.source)
        folder = read_raws(source if source.is_dir() else [source])
    raws, notes = dict(folder.raws), list(folder.notes)
    for name, path in own.items():
        single = read_raws([path])
        raws[name] = next(iter(single.raws.values()))
        notes += single.notes
    return RawFolder(raws, folder.declared, tuple(notes))


def _of_server(plan: LinkedPlan, progress: Progress) -> Source:
    url = parse_url(plan.source)
    with open_session(url) as session:
        names = [table.name for table in plan.tables] if plan.only else []
        sql, notes = session.reflect(names)
        raws = {}
        for i, table in enumerate(sql.tables):
            progress("read", i, len(sql.tables))
            raws[table.name] = pa.concat_tables(session.read(table))
    _refuse_unknown(plan, raws)
    found, more = declarations(sql, infer=plan.infer)
    told = {t.name: t for t in plan.declared if t.model_fields_set - {"name"}}
    declared = [told.get(entry.name, entry) for entry in found]
    database = database_of(sql, raws, [_of_cells(entry, plan) for entry in declared])
    dialects = dict.fromkeys(database.names, dialect_of("table.parquet"))  # keeps every type
    said = {entry.name: entry.content for entry in declared}
    return Source(str(url), database, dialects, (*notes, *more), sql, raws, (), said, {})


def _refuse_unknown(plan: LinkedPlan, there: Mapping[str, object]) -> None:
    for table in plan.tables:
        if table.name not in there:
            hint = suggest(table.name, dict(there))
            raise DataError(f"plan, table {table.name!r}", "is not in the source", hint)
