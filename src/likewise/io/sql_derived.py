"""How tables from files would be declared in SQL: types by their cells, and keys that hold."""

import pyarrow as pa

from likewise.data.arrow_types import is_dictionary
from likewise.data.database import Database
from likewise.data.integrity import check_integrity
from likewise.data.schema import Column, Kind
from likewise.io.sql_schema import SqlColumn, SqlDatabase, SqlForeignKey, SqlTable

_BY_KIND = {
    Kind.NUMERIC: "double precision",
    Kind.INTEGER: "bigint",
    Kind.BOOLEAN: "boolean",
    Kind.DATE: "date",
    Kind.DATETIME: "timestamp without time zone",
    Kind.TIME: "time without time zone",
    Kind.DURATION: "interval",
}


def derive_sql(
    database: Database, raws: dict[str, pa.Table]
) -> tuple[SqlDatabase, tuple[str, ...]]:
    """A declaration in the words of PostgreSQL, and notes on keys that the rows do not keep.

    Args:
        database: the tables with their keys and relations.
        raws: the same tables as they were read, whose types decide where they say more.
    """
    checks = check_integrity(database)
    broken = {(check.table, check.columns) for check in checks.keys if check.broken}
    notes = [f"table {check.describe()}: not declared a key" for check in checks.keys
             if check.broken]  # fmt: skip
    lost = set()
    for check in checks.relations:
        relation = check.relation
        if check.orphans or (relation.parent, relation.to) in broken:
            lost.add((relation.child, relation.columns, relation.parent))
            notes.append(f"{relation}: {check.orphans:,} rows refer to nothing that is there; "
                         "not declared")  # fmt: skip
    tables = []
    for entry in database.schema.tables:
        primary = () if (entry.name, entry.primary_key) in broken else entry.primary_key
        relations = database.schema.by_child[entry.name]
        tables.append(
            SqlTable(
                name=entry.name,
                columns=tuple(
                    SqlColumn(
                        name=column.name,
                        type=_type(column, raws[entry.name].schema.field(column.name).type),
                        nullable=column.name not in primary,
                    )
                    for column in entry.content.columns
                ),
                primary_key=primary,
                unique=tuple(key for key in entry.unique if (entry.name, key) not in broken),
                foreign_keys=tuple(
                    SqlForeignKey(columns=r.columns, table=r.parent, to=r.to)
                    for r in relations
                    if (r.child, r.columns, r.parent) not in lost
                ),
            )
        )
    return SqlDatabase(engine="postgresql", tables=tuple(tables)), tuple(notes)


def _type(column: Column, raw: pa.DataType) -> str:
    """The type of a column: by its cells, or by its kind where they are texts."""
    if is_dictionary(raw):
        raw = raw.value_type
    t = pa.types
    if t.is_boolean(raw):
        return "boolean"
    if t.is_integer(raw):
        wide = raw.bit_width == 64 or (t.is_unsigned_integer(raw) and raw.bit_width == 32)
        return "bigint" if wide else "integer"
    if t.is_float32(raw):
        return "real"
    if t.is_floating(raw):
        return "double precision"
    if t.is_decimal(raw):
        return f"numeric({raw.precision},{max(raw.scale, 0)})"
    if t.is_date(raw):
        return "date"
    if t.is_timestamp(raw):
        return f"timestamp {'with' if raw.tz else 'without'} time zone"
    if t.is_time(raw):
        return "time without time zone"
    if t.is_duration(raw):
        return "interval"
    if t.is_binary(raw) or t.is_large_binary(raw) or t.is_fixed_size_binary(raw):
        return "bytea"
    if column.kind is Kind.DATETIME and column.timezone:
        return "timestamp with time zone"
    return _BY_KIND.get(column.kind, "text")
