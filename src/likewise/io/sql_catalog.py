"""The tables of a PostgreSQL database, from its system catalogs."""

import json
from collections.abc import Callable, Sequence
from typing import Any

from likewise.core.errors import DataError
from likewise.core.registry import suggest
from likewise.io.sql_ddl import literal, quote
from likewise.io.sql_schema import Action, SqlCheck, SqlColumn, SqlForeignKey, SqlTable

Ask = Callable[[str], list[tuple[Any, ...]]]

_ACTIONS: dict[str, Action] = {
    "a": "NO ACTION", "r": "RESTRICT", "c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT",
}  # fmt: skip
_NAMES = (
    "(SELECT json_agg(a.attname ORDER BY k.place)::text FROM unnest({keys}) WITH ORDINALITY "
    "AS k(number, place) JOIN pg_attribute a ON a.attrelid = {table} AND a.attnum = k.number)"
)


def postgresql_tables(
    ask: Ask, schema: str, wanted: Sequence[str]
) -> tuple[tuple[SqlTable, ...], tuple[str, ...]]:
    """The tables of a schema, or some of them in the order asked for; and notes.

    Views, foreign tables and parts of partitioned tables are left out; partitioned tables are not.
    """
    ids = {name: number for number, name in listing(ask, schema)}
    names = chosen(list(ids), wanted, f"schema {schema!r}")
    numbers = ", ".join(str(ids[name]) for name in names) or "0"
    enums = _levels(ask)
    columns = _columns(ask, numbers, enums)
    keys = _keys(ask, numbers)
    rest = _constraints(ask, numbers)
    tables = []
    for name in names:
        number = ids[name]
        primary, unique = keys.get(number, ((), ()))
        references, checks = rest.get(number, ([], []))
        mine, domain_checks = columns.get(number, ([], []))
        tables.append(
            SqlTable(
                name=name,
                columns=tuple(mine),
                primary_key=primary,
                unique=unique,
                foreign_keys=tuple(references),
                checks=(*checks, *domain_checks),
            )
        )
    return tuple(tables), ()


def listing(ask: Ask, schema: str) -> list[tuple[int, str]]:
    """The number and the name of each table of a schema, by name."""
    return [
        (int(number), str(name))
        for number, name in ask(
            "SELECT c.oid::bigint, c.relname::text FROM pg_class c JOIN pg_namespace n "
            "ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition "
            f"AND n.nspname = {literal(schema, 'postgresql')} ORDER BY c.relname"
        )
    ]


def chosen(there: list[str], wanted: Sequence[str], where: str) -> list[str]:
    """The tables that are asked for, or all; DataError if one, or any at all, is not there."""
    for name in wanted:
        if name not in there:
            raise DataError(f"{where}, table {name!r}", "is not there", suggest(name, there))
    if not there:
        hint = "Check the name of the schema, and the rights of the user"
        raise DataError(where, "has no tables", hint)
    return list(wanted) or there


def _levels(ask: Ask) -> dict[int, tuple[str, ...]]:
    """The labels of each enumeration, by its number."""
    found = ask(
        "SELECT enumtypid::bigint, json_agg(enumlabel ORDER BY enumsortorder)::text "
        "FROM pg_enum GROUP BY enumtypid"
    )
    return {number: tuple(json.loads(labels)) for number, labels in found}


def _columns(
    ask: Ask, numbers: str, enums: dict[int, tuple[str, ...]]
) -> dict[int, tuple[list[SqlColumn], list[SqlCheck]]]:
    """Columns in order, domains as what they are made of, with their conditions."""
    domains: dict[int, list[str]] = {}
    for number, text in ask(
        "SELECT contypid::bigint, pg_get_constraintdef(oid) FROM pg_constraint WHERE contypid <> 0 "
        "AND contype = 'c'"
    ):
        domains.setdefault(number, []).append(text.removeprefix("CHECK "))
    rows = ask(
        "SELECT a.attrelid::bigint, a.attname::text, "
        "CASE WHEN t.typtype = 'd' THEN format_type(t.typbasetype, t.typtypmod) "
        "ELSE format_type(a.atttypid, a.atttypmod) END, a.attnotnull OR t.typnotnull, "
        "pg_get_expr(d.adbin, d.adrelid), a.attidentity <> '', a.attgenerated <> '', "
        "CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END::bigint, t.oid::bigint "
        "FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_attrdef d "
        "ON d.adrelid = a.attrelid AND d.adnum = a.attnum WHERE a.attnum > 0 "
        f"AND NOT a.attisdropped AND a.attrelid IN ({numbers}) ORDER BY a.attrelid, a.attnum"
    )
    found: dict[int, tuple[list[SqlColumn], list[SqlCheck]]] = {}
    for table, name, spelled, required, default, identity, generated, base, own in rows:
        columns, checks = found.setdefault(table, ([], []))
        counted = bool(default) and default.startswith("nextval(")
        columns.append(
            SqlColumn(
                name=name,
                type=spelled,
                nullable=not required,
                default=None if counted or generated else default,
                identity=identity or counted,
                generated=default if generated else None,
                levels=enums.get(base),
            )
        )
        for text in domains.get(own, []):
            checks.append(SqlCheck(expression=text.replace("VALUE", quote(name, "postgresql"))))
    return found


def _keys(ask: Ask, numbers: str) -> dict[int, tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]]:
    """The primary and the further keys of each table: unique indexes of columns without a WHERE."""
    names = _NAMES.format(keys="i.indkey[0:i.indnkeyatts - 1]::int2[]", table="i.indrelid")
    rows = ask(
        f"SELECT i.indrelid::bigint, i.indisprimary, {names} FROM pg_index i WHERE i.indisunique "
        f"AND i.indpred IS NULL AND i.indexprs IS NULL AND i.indrelid IN ({numbers}) "
        "ORDER BY i.indexrelid"
    )
    found: dict[int, tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]] = {}
    for table, primary, text in rows:
        key = tuple(json.loads(text))
        main, further = found.get(table, ((), ()))
        if primary:
            main = key
        elif set(key) not in map(set, further):
            further = (*further, key)
        found[table] = (main, further)
    return {
        table: (main, tuple(key for key in further if set(key) != set(main)))
        for table, (main, further) in found.items()
    }


def _constraints(ask: Ask, numbers: str) -> dict[int, tuple[list[SqlForeignKey], list[SqlCheck]]]:
    """Foreign keys and conditions of each table."""
    mine = _NAMES.format(keys="c.conkey", table="c.conrelid")
    theirs = _NAMES.format(keys="c.confkey", table="c.confrelid")
    rows = ask(
        f"SELECT c.conrelid::bigint, c.conname::text, c.contype::text, {mine}, p.relname::text, "
        f"{theirs}, c.confdeltype::text, c.confupdtype::text, c.condeferrable, "
        "pg_get_expr(c.conbin, c.conrelid) FROM pg_constraint c LEFT JOIN pg_class p "
        "ON p.oid = c.confrelid WHERE c.contype IN ('f', 'c') AND c.conparentid = 0 "
        f"AND c.conrelid IN ({numbers}) ORDER BY c.conrelid, c.conname"
    )
    found: dict[int, tuple[list[SqlForeignKey], list[SqlCheck]]] = {}
    for table, name, kind, columns, parent, to, deleted, updated, deferrable, text in rows:
        references, checks = found.setdefault(table, ([], []))
        if kind == "c":
            checks.append(SqlCheck(name=name, expression=text))
            continue
        references.append(
            SqlForeignKey(
                name=name,
                columns=tuple(json.loads(columns)),
                table=parent,
                to=tuple(json.loads(to)),
                on_delete=_ACTIONS[deleted],
                on_update=_ACTIONS[updated],
                deferrable=deferrable,
            )
        )
    return found
