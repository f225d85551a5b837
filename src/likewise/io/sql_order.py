"""In which order the tables of a database are filled, and what of a circle is filled afterwards."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from likewise.core.errors import SchemaError
from likewise.data.database_schema import DatabaseSchema, ForeignKey, Relation, TableSchema
from likewise.data.dependency_order import Group, generation_order
from likewise.data.schema import Column, Kind, Schema
from likewise.io.sql_ddl import qualified, quote
from likewise.io.sql_schema import SqlForeignKey, SqlTable
from likewise.io.sql_url import Engine


@dataclass(frozen=True)
class Late:
    """A reference that is left empty at first, and filled when all rows are there.

    Attributes:
        table: the table that refers.
        key: its primary key, by which rows are found again.
        columns: of the reference, those that may be missing.
    """

    table: str
    key: tuple[str, ...]
    columns: tuple[str, ...]


@dataclass(frozen=True)
class LoadOrder:
    """Tables in the order in which they are filled, circles, and references that come late."""

    tables: tuple[str, ...]
    circles: tuple[str, ...]
    late: tuple[Late, ...]


Unchecked = Callable[[SqlTable, SqlForeignKey], bool]


def load_order(tables: Sequence[SqlTable], engine: Engine, unchecked: Unchecked) -> LoadOrder:
    """An order in which no row refers to one that is not there yet.

    Args:
        tables: to fill.
        engine: for the statement that is proposed where there is no order.
        unchecked: whether a reference is checked only when all rows are there.

    Raises:
        SchemaError: a circle of references that are checked at once and may not be missing.
    """
    by_name = {table.name: table for table in tables}
    told = [group.describe(shape_of(tables)) for group in generation_order(shape_of(tables))
            if group.cyclic]  # fmt: skip
    checked = [
        table.model_copy(
            update={"foreign_keys": tuple(k for k in table.foreign_keys if not unchecked(table, k))}
        )
        for table in tables
    ]
    late: list[Late] = []
    while True:
        groups = generation_order(shape_of(checked))
        group = next((group for group in groups if group.cyclic), None)
        if group is None:
            order = tuple(name for group in groups for name in group.tables)
            return LoadOrder(order, tuple(told), tuple(late))
        relation = _loose(group, by_name)
        if relation is None:
            raise _no_order(group, by_name, engine)
        table = by_name[relation.child]
        empty = _may_be_missing(table, relation.columns)
        late.append(Late(table.name, table.primary_key, empty))
        checked = [_without(table, relation) for table in checked]


def circle_breakers(tables: Sequence[SqlTable]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """References, as table and columns, without which no two tables lead to each other.

    Those that may be missing are taken first.
    """
    by_name = {table.name: table for table in tables}
    rest = list(tables)
    found: list[tuple[str, tuple[str, ...]]] = []
    while True:
        groups = [g for g in generation_order(shape_of(rest)) if len(g.tables) > 1]
        if not groups:
            return tuple(found)
        across = [r for r in groups[0].inner if r.child != r.parent]
        loose = [r for r in across if _may_be_missing(by_name[r.child], r.columns)]
        relation = (loose or across)[0]
        found.append((relation.child, relation.columns))
        rest = [_without(table, relation) for table in rest]


def shape_of(tables: Sequence[SqlTable]) -> DatabaseSchema:
    """Keys and relations alone, as the order of tables needs them."""
    asked: dict[str, set[frozenset[str]]] = {table.name: set() for table in tables}
    for table in tables:
        for key in table.foreign_keys:
            if key.table in asked:
                asked[key.table].add(frozenset(key.to))
    entries = []
    for table in tables:
        columns = tuple(
            Column(name=c.name, kind=Kind.TEXT, nullable=c.nullable) for c in table.columns
        )
        references: dict[ForeignKey, None] = {}
        for key in table.foreign_keys:
            if key.table in asked:
                references[ForeignKey(columns=key.columns, table=key.table, to=key.to)] = None
        keys = asked[table.name] - {frozenset(table.primary_key)}
        entries.append(
            TableSchema(
                name=table.name,
                primary_key=table.primary_key,
                unique=tuple(tuple(sorted(key)) for key in sorted(keys, key=sorted)),
                foreign_keys=tuple(references),
                schema=Schema(columns=columns),
            )
        )
    return DatabaseSchema(tables=tuple(entries))


def _loose(group: Group, tables: dict[str, SqlTable]) -> Relation | None:
    """A reference of the circle that may be left empty for a while; None if there is none."""
    for relation in group.inner:
        table = tables[relation.child]
        if table.primary_key and _may_be_missing(table, relation.columns):
            return relation
    return None


def _may_be_missing(table: SqlTable, columns: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for name in columns if table[name].nullable and name not in table.primary_key)


def _without(table: SqlTable, relation: Relation) -> SqlTable:
    """The table without one of its references, if it is the child."""
    kept = tuple(
        key
        for key in table.foreign_keys
        if (table.name, key.columns, key.table)
        != (relation.child, relation.columns, relation.parent)
    )
    return table.model_copy(update={"foreign_keys": kept})


def _no_order(group: Group, tables: dict[str, SqlTable], engine: Engine) -> SchemaError:
    relation = group.inner[0]
    key = next(
        key for key in tables[relation.child].foreign_keys if key.columns == relation.columns
    )
    place = qualified(relation.child, engine)
    column = tables[relation.child][relation.columns[-1]]
    statement = f"ALTER TABLE {place} ALTER COLUMN {quote(column.name, engine)} DROP NOT NULL"
    if engine == "postgresql" and key.name:
        statement = f"ALTER TABLE {place} ALTER CONSTRAINT {quote(key.name, engine)} DEFERRABLE"
    elif engine == "mysql":
        statement = f"ALTER TABLE {place} MODIFY {quote(column.name, engine)} {column.type} NULL"
    ring = "; ".join(map(str, group.inner))
    found = f"no row can come first, as none of these references may be missing: {ring}"
    return SchemaError(f"tables {', '.join(group.tables)}", found, f"Such as: {statement}")
