"""Rows into the tables of a database: planned first, then all of them or none."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import pyarrow as pa

from likewise.core.errors import DataError, SchemaError
from likewise.core.registry import suggest
from likewise.io.sql_cells import fit, waves
from likewise.io.sql_ddl import Ddl, listed, make_ddl, qualified, quote
from likewise.io.sql_order import Late, LoadOrder, circle_breakers, load_order
from likewise.io.sql_schema import SqlColumn, SqlDatabase, SqlForeignKey, SqlTable
from likewise.io.sql_session import Session
from likewise.io.sql_types import arrow_of, spelled, type_of
from likewise.io.sql_url import Engine, SqlUrl

Blocks = Callable[[], Iterable[pa.Table]]  # the rows of a table, from the start at each call
Done = Callable[[str, int], None]  # told of each table that is filled, and its rows

_STAGE = "likewise_late"


@dataclass(frozen=True)
class LoadPlan:
    """What a load will do.

    Attributes:
        engine: of the target.
        schema: where the tables go.
        tables: as they are or will be in the target.
        new: those that will be made.
        ddl: the statements that make them.
        order: in which tables are filled, and what of circles comes late.
    """

    engine: Engine
    schema: str
    tables: Mapping[str, SqlTable]
    new: tuple[str, ...]
    ddl: Ddl
    order: LoadOrder


def plan_load(
    source: SqlDatabase, url: SqlUrl, session: Session | None, *, into_existing: bool = False
) -> LoadPlan:
    """How the tables of ``source`` get into a database, which is looked at and not changed.

    Args:
        source: the tables, in the words of any engine.
        url: of the target.
        session: of the target; None where it is not there yet.
        into_existing: allow tables in the target: those of ``source`` must be empty, and are
            filled as they are; others stay as they are.

    Raises:
        DataError: the target holds tables, or a table of it holds rows.
        SchemaError: a circle of references leaves no order.
    """
    there = refuse_rows(source.names, url, session, into_existing) if session else []
    old = [name for name in source.names if name in there]
    engine = url.engine
    tables = {
        table.name: table for table in (session.reflect(old)[0].tables if session and old else ())
    }
    new = tuple(name for name in source.names if name not in tables)
    made = _made(source, engine)
    tables |= {name: made[name] for name in new}
    for name in old:
        _refuse_misfit(source[name], tables[name])

    wanted = [tables[name] for name in source.names]
    left = circle_breakers([t for t in wanted if t.name in new]) if engine == "duckdb" else ()

    def unchecked(table: SqlTable, key: SqlForeignKey) -> bool:
        later = engine in ("postgresql", "mysql") and table.name in new
        if (table.name, key.columns) in left:
            return True
        if engine == "duckdb" and key.table == table.name:
            return True  # rows go in after those that they refer to
        return later or engine == "sqlite" or (engine == "postgresql" and key.deferrable)

    order = load_order(wanted, engine, unchecked)
    schema = session.schema if session else ""
    ddl = make_ddl(
        source,
        engine,
        schema,
        order=tuple(name for name in order.tables if name in new),
        left_out=frozenset(left),
    )
    notes = tuple(
        f"table {name!r}: the reference ({', '.join(columns)}) is part of a circle, which DuckDB "
        "cannot declare; the rows keep it, but nothing holds it"
        for name, columns in left
    )
    ddl = replace(ddl, notes=(*ddl.notes, *notes))
    return LoadPlan(engine, schema, tables, new, ddl, order)


def load(plan: LoadPlan, session: Session, rows: Mapping[str, Blocks], done: Done) -> None:
    """Make the tables that are new and fill all of them, in one transaction where there is one.

    Raises:
        DataError: rows do not fit their table; nothing stays.
        DatabaseError: the server refuses, or is lost; nothing stays.

    Cost: a pass over the rows; their COPY, and the check of keys by the server.
    """
    session.prepare(plan.new, [name for name in plan.tables if name not in plan.new])
    for statement in (*plan.ddl.before, *plan.ddl.tables.values()):
        session.execute(statement)
    for name in plan.order.tables:
        table = plan.tables[name]
        empty = {c for late in plan.order.late if late.table == name for c in late.columns}
        counted = _Counted()
        columns = _written(table, rows[name]())
        blocks = counted.over(_fitted(rows[name](), table, columns, plan.engine))
        if plan.engine == "duckdb":
            blocks = _parents_first(blocks, table)
        session.ingest(name, columns, (_emptied(block, empty) for block in blocks))
        done(name, counted.rows)
    for late in plan.order.late:
        _fill(plan, session, late, rows[late.table])
    for statement in (*plan.ddl.keys, *plan.ddl.references):
        session.execute(statement)
    for name in plan.order.tables:
        session.continue_numbers(plan.tables[name])
    session.commit()


@dataclass
class _Counted:
    """How many rows have passed."""

    rows: int = 0

    def over(self, blocks: Iterable[pa.Table]) -> Iterator[pa.Table]:
        for block in blocks:
            self.rows += block.num_rows
            yield block


def refuse_rows(
    names: Iterable[str], url: SqlUrl, session: Session, into_existing: bool
) -> list[str]:
    """The tables of the target, after it was seen that they may be there."""
    there = session.names()
    if there and not into_existing:
        found = f"holds {len(there):,} tables already"
        hint = "Give an empty database or schema, or --into-existing to fill empty tables"
        raise DataError(_place(url, session), found, hint)
    for name in names:
        if name in there and (rows := session.rows(name)):
            found = f"holds {rows:,} rows already"
            raise DataError(f"{_place(url, session)}, table {name!r}", found, "Empty it first")
    return there


def _parents_first(blocks: Iterator[pa.Table], table: SqlTable) -> Iterator[pa.Table]:
    """Rows after those of the same table that they refer to."""
    own = [key for key in table.foreign_keys if key.table == table.name]
    groups: list[pa.Table] | None = None
    for key in own[:1]:
        groups = waves(pa.concat_tables(blocks), key.to, key.columns)
        if groups is None:
            where = f"table {table.name!r}, reference ({', '.join(key.columns)})"
            found = "rows refer to each other in a circle, which DuckDB cannot take"
            raise DataError(where, found, "Leave the reference out of the declaration")
    yield from blocks if groups is None else groups


def _place(url: SqlUrl, session: Session) -> str:
    return f"{url}, schema {session.schema!r}" if session.schema else str(url)


def _made(source: SqlDatabase, engine: Engine) -> dict[str, SqlTable]:
    """The tables as they will be in the target: its words for the types."""
    made = {}
    for table in source.tables:
        columns = []
        for column in table.columns:
            enum = column.levels is not None
            word = column.type if enum else spelled(column, source.engine, engine)
            generated = column.generated if source.engine == engine else None
            columns.append(column.model_copy(update={"type": word, "generated": generated}))
        references = tuple(key for key in table.foreign_keys if key.table in source.names)
        update = {"columns": tuple(columns), "foreign_keys": references}
        made[table.name] = table.model_copy(update=update)
    return made


def _refuse_misfit(source: SqlTable, target: SqlTable) -> None:
    """Raise SchemaError if a table that is there lacks a column, or asks for one we have not."""
    where = f"table {target.name!r}"
    for name in source.names:
        if name not in target.names:
            hint = suggest(name, list(target.names))
            raise SchemaError(f"{where}, column {name!r}", "not in the target", hint)
    for column in target.columns:
        optional = column.nullable or column.default or column.identity or column.generated
        if column.name not in source.names and not optional:
            found = "the target needs it, but the source has no such column"
            hint = "Give it a default, or let it be missing"
            raise SchemaError(f"{where}, column {column.name!r}", found, hint)


def _written(table: SqlTable, blocks: Iterable[pa.Table]) -> tuple[SqlColumn, ...]:
    """The columns of a table that the rows have and that can be written, in its order."""
    there = set(next(iter(blocks)).column_names)
    return tuple(c for c in table.columns if c.name in there and not c.generated)


def _fitted(
    blocks: Iterable[pa.Table], table: SqlTable, columns: Sequence[SqlColumn], engine: Engine
) -> Iterator[pa.Table]:
    """Blocks in the types of the target."""
    types = [arrow_of(type_of(column, engine), engine) for column in columns]
    names = [column.name for column in columns]
    for block in blocks:
        cells = []
        for column, kind in zip(columns, types, strict=True):
            try:
                cells.append(fit(block.column(column.name), kind))
            except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
                where = f"table {table.name!r}, column {column.name!r}"
                found = f"cells do not fit the type {column.type} of the target"
                raise DataError(where, found, "Mend them, or the type; nothing stays") from None
        yield pa.table(cells, names=names)


def _emptied(block: pa.Table, columns: set[str]) -> pa.Table:
    """The block without the cells of some columns."""
    for name in columns:
        at = block.column_names.index(name)
        kind = block.schema.field(name).type
        block = block.set_column(at, name, pa.nulls(block.num_rows, kind))
    return block


def _fill(plan: LoadPlan, session: Session, late: Late, rows: Blocks) -> None:
    """Fill the columns of a reference that was left empty, by the primary key."""
    table = plan.tables[late.table]
    engine = plan.engine
    place = qualified(table.name, engine, plan.schema)
    names = (*late.key, *late.columns)
    columns = [table[name] for name in names]
    temporary = qualified(_STAGE, engine)
    session.execute(
        f"CREATE TEMPORARY TABLE {temporary} AS SELECT {listed(names, engine)} FROM {place} "
        "WHERE 1 = 0"
    )
    blocks = _fitted(rows(), table, columns, engine)
    session.ingest(_STAGE, columns, blocks, temporary=True)
    same = " AND ".join(f"t.{quote(n, engine)} = s.{quote(n, engine)}" for n in late.key)
    some = " OR ".join(f"s.{quote(n, engine)} IS NOT NULL" for n in late.columns)
    if engine == "mysql":
        to = ", ".join(f"t.{quote(n, engine)} = s.{quote(n, engine)}" for n in late.columns)
        session.execute(f"UPDATE {place} t JOIN {temporary} s ON {same} SET {to} WHERE {some}")
        session.execute(f"DROP TEMPORARY TABLE {temporary}")
        return
    to = ", ".join(f"{quote(n, engine)} = s.{quote(n, engine)}" for n in late.columns)
    session.execute(f"UPDATE {place} AS t SET {to} FROM {temporary} AS s WHERE {same} AND ({some})")
    session.execute(f"DROP TABLE {temporary}")
