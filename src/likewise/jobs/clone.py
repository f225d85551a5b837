"""A synthetic copy of a whole database: read, learned, drawn, and written as it was declared."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from likewise.compose.relational import Relational
from likewise.core.errors import DataError
from likewise.core.progress import Deadline, Progress, silent
from likewise.core.run import Run
from likewise.core.seeds import Seed
from likewise.data.arrow_types import is_opaque
from likewise.data.convert import to_source
from likewise.data.database import Database
from likewise.data.database_schema import TableSchema
from likewise.data.declared import to_declared
from likewise.data.infer_database import infer_database
from likewise.data.schema import Schema
from likewise.io.sql_declared import declarations
from likewise.io.sql_load import plan_load
from likewise.io.sql_schema import SqlDatabase, SqlTable
from likewise.io.sql_session import SECONDS, open_session
from likewise.io.sql_synthetic import as_declared
from likewise.io.sql_url import parse_url
from likewise.jobs.clock import Clock
from likewise.jobs.fill import Goal, Moved, blocks_of, fill


def clone(
    source: str,
    target: str,
    *,
    scale: float = 1.0,
    seed: int | None = None,
    schema: str = "",
    target_schema: str = "",
    tables: Sequence[str] = (),
    generator: str = "trees",
    infer: bool = False,
    into_existing: bool = False,
    dry_run: bool = False,
    budget: float = 600.0,
    workers: int | None = None,
    timeout: float = SECONDS,
    progress: Progress = silent,
) -> Moved:
    """Write a synthetic copy of a database into another one, all of it or nothing.

    Tables are made as the source declares them. Keys and references hold by construction, and the
    target's server checks them, with every condition. Tables without rows stay empty.

    Args:
        source: an address, see ``io.sql_url.parse_url``.
        target: another one, of any engine.
        scale: how many times as many rows.
        seed: the same seed, the same rows; drawn when not given.
        schema: of the source; the connection's own without it.
        target_schema: of the target, made if it is not there.
        tables: some only.
        generator: the method for every table.
        infer: look for keys and references where a table declares none.
        into_existing: fill tables that are there, if they are empty.
        dry_run: look at both sides, and learn and write nothing; rows are those of the source.
        budget: seconds for learning all tables.
        workers: threads; all cores without it.
        timeout: seconds after which the source gives a statement up.
        progress: told of each step.

    Raises:
        DatabaseError: a database cannot be reached, or refuses.
        DataError: the target is not empty, or synthetic rows break a CHECK that says more than our
            rules can.

    Cost: the tables in memory; then that of ``Relational`` and of the load.
    """
    clock, plan_seed = Clock(), Seed.of(seed)
    url = parse_url(source)
    goal = Goal(target, target_schema, into_existing, dry_run)
    with open_session(url, schema=schema, seconds=timeout) as session:
        sql, notes = session.reflect(tables)
        refuse_early(sql, goal)
        if dry_run:
            moved = fill(sql, {t.name: blocks_of(pa.table({})) for t in sql.tables}, goal, progress)
            rows = {name: session.rows(name) for name in moved.rows}
            return replace(moved, source=str(url), rows=rows, notes=(*notes, *moved.notes),
                           seconds=clock.total()["total"], seed=plan_seed.value)  # fmt: skip
        raws = {}
        for i, table in enumerate(sql.tables):
            progress("read", i, len(sql.tables))
            raws[table.name] = pa.concat_tables(session.read(table))
    declared, more = declarations(sql, infer=infer)
    with clock.stage("understand", progress):
        real = database_of(sql, raws, declared)
    with clock.stage("learn", progress):
        run = Run(progress, Deadline(budget), workers)
        recipe = Relational(generator=generator)
        model = recipe.fit(real, seed=plan_seed.child("model"), run=run)
    with clock.stage("sample", progress):
        synthetic = model.sample(scale, seed=plan_seed.child("sample"))
    made, changed = made_of(sql, raws, synthetic)
    moved = fill(sql, {n: blocks_of(table) for n, table in made.items()}, goal, progress)
    told = (*notes, *more, *moved.notes, *changed, *model.notes)
    return replace(moved, source=str(url), notes=told, seconds=clock.total()["total"],
                   seed=plan_seed.value)  # fmt: skip


def refuse_early(sql: SqlDatabase, goal: Goal) -> None:
    """Raise what the target would raise after hours of learning."""
    url = parse_url(goal.target)
    if not url.is_file or Path(url.name).is_file():
        with open_session(url, schema=goal.schema) as session:
            plan_load(sql, url, session, into_existing=goal.into_existing)


def database_of(
    sql: SqlDatabase, raws: Mapping[str, pa.Table], declared: Sequence[TableSchema]
) -> Database:
    """What can be learned: tables that have rows, without bytes and columns that are computed."""
    kept = {name: table for name, table in raws.items() if table.num_rows}
    if not kept:
        raise DataError("source", "no table has rows", "Nothing can be learned from it")
    tables, known = {}, []
    for entry in declared:
        if entry.name not in kept:
            continue
        raw = kept[entry.name].drop(sorted(_unlearned(sql[entry.name], kept[entry.name])))
        lost = set(kept[entry.name].column_names) - set(raw.column_names)
        content = Schema(
            columns=tuple(c for c in entry.content.columns if c.name not in lost),
            rules=tuple(rule for rule in entry.content.rules if not lost & set(rule.touches)),
        )
        tables[entry.name] = to_declared(raw, content, where=f"table {entry.name!r}")
        known.append(entry.model_copy(update={"content": Schema(columns=())}))
        if "foreign_keys" in entry.model_fields_set:
            keys = tuple(key for key in entry.foreign_keys if key.table in kept)
            known[-1] = known[-1].model_copy(update={"foreign_keys": keys})
    return Database.of(tables, infer_database(tables, declared=known))


def _unlearned(table: SqlTable, raw: pa.Table) -> set[str]:
    """Columns that are left out of learning."""
    computed = {column.name for column in table.columns if column.generated}
    lost = computed | {field.name for field in raw.schema if is_opaque(field.type)}
    for key in (table.primary_key, *table.unique, *(k.columns for k in table.foreign_keys)):
        for name in lost & set(key):
            found = "bytes, or computed, and part of a key, which cannot be made up"
            raise DataError(f"table {table.name!r}, column {name!r}", found, "Leave the table out")
    return lost


def made_of(
    sql: SqlDatabase, raws: Mapping[str, pa.Table], synthetic: Database
) -> tuple[dict[str, pa.Table], tuple[str, ...]]:
    """The rows to write of every table, and notes on cells that had to be changed to fit."""
    made, notes = {}, list[str]()
    for table in sql.tables:
        raw = raws[table.name]
        if table.name not in synthetic.names:
            made[table.name] = raw
            continue
        drawn = to_source(synthetic[table.name])
        made[table.name], told = as_declared(drawn, raw, table, sql.engine)
        notes += told
    return made, tuple(notes)
