"""The tables of a MySQL or MariaDB database, from its information schema."""

import re
from collections.abc import Callable
from typing import Any, cast

from likewise.io.sql_ddl import literal
from likewise.io.sql_schema import Action, SqlCheck, SqlColumn, SqlForeignKey, SqlTable

Ask = Callable[[str], list[tuple[Any, ...]]]

_LABEL = re.compile(r"'((?:[^'\\]|''|\\.)*)'")
_JSON = re.compile(r"json_valid\(`((?:[^`]|``)+)`\)", re.IGNORECASE)


def mysql_table(ask: Ask, schema: str, name: str, *, maria: bool) -> SqlTable:
    """One table with its keys and conditions."""
    only = f"table_schema = {literal(schema, 'mysql')} AND table_name = {literal(name, 'mysql')}"
    checks = _checks(ask, schema, name, maria)
    documents = {m[1].replace("``", "`") for c in checks if (m := _JSON.fullmatch(c.expression))}
    columns = ask(
        "SELECT column_name, column_type, is_nullable, column_default, extra, "
        f"generation_expression FROM information_schema.columns WHERE {only} "
        "ORDER BY ordinal_position"
    )
    keys: dict[str, list[str]] = {}
    for key, column in ask(
        "SELECT index_name, column_name FROM information_schema.statistics WHERE "
        f"{only} AND non_unique = 0 ORDER BY index_name, seq_in_index"
    ):
        keys.setdefault(key, []).append(column)
    primary = tuple(keys.pop("PRIMARY", ()))
    return SqlTable(
        name=name,
        columns=tuple(_column(row, documents, maria) for row in columns),
        primary_key=primary,
        unique=tuple(
            tuple(key) for key in keys.values() if None not in key and set(key) != set(primary)
        ),
        foreign_keys=tuple(_references(ask, schema, name)),
        checks=tuple(check for check in checks if not _JSON.fullmatch(check.expression)),
    )


def _column(row: tuple[Any, ...], documents: set[str], maria: bool) -> SqlColumn:
    name, kind, nullable, default, extra, generated = row
    kind = kind.decode() if isinstance(kind, bytes) else kind
    extra = (extra or "").lower()
    levels = None
    if kind.lower().startswith("enum("):
        levels = tuple(label.replace("''", "'") for label in _LABEL.findall(kind))
    if name in documents and maria:
        kind = "json"
    return SqlColumn(
        name=name,
        type=kind,
        nullable=nullable == "YES",
        default=_default(default, kind, extra, maria),
        identity="auto_increment" in extra,
        generated=generated or None,
        levels=levels,
    )


def _default(default: str | None, kind: str, extra: str, maria: bool) -> str | None:
    """The default as an expression: MySQL gives texts bare, MariaDB gives expressions."""
    if default is None or default == "NULL":
        return None
    if maria or "default_generated" in extra or re.match(r"current_timestamp", default, re.I):
        return default
    number = re.match(r"(tiny|small|medium|big)?int|decimal|float|double", kind.lower())
    return default if number else literal(default, "mysql")


def _checks(ask: Ask, schema: str, name: str, maria: bool) -> list[SqlCheck]:
    """The conditions of a table; a server that knows none has no table of them."""
    known = ask(
        "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'information_schema' "
        "AND table_name = 'CHECK_CONSTRAINTS'"
    )
    if not int(known[0][0]):
        return []
    within = f"c.constraint_schema = {literal(schema, 'mysql')}"
    if maria:
        rows = ask(
            "SELECT c.constraint_name, c.check_clause, c.level FROM "
            f"information_schema.check_constraints c WHERE {within} "
            f"AND c.table_name = {literal(name, 'mysql')} ORDER BY c.constraint_name"
        )
        return [
            SqlCheck(name=key if level != "Column" else None, expression=text)
            for key, text, level in rows
        ]
    rows = ask(
        "SELECT c.constraint_name, c.check_clause FROM information_schema.check_constraints c JOIN "
        "information_schema.table_constraints t USING (constraint_schema, constraint_name) WHERE "
        f"{within} AND t.table_name = {literal(name, 'mysql')} ORDER BY c.constraint_name"
    )
    return [SqlCheck(name=key, expression=text.replace("\\'", "'")) for key, text in rows]


def _references(ask: Ask, schema: str, name: str) -> list[SqlForeignKey]:
    within = f"k.table_schema = {literal(schema, 'mysql')}"
    rows = ask(
        "SELECT k.constraint_name, k.column_name, k.referenced_table_name, "
        "k.referenced_column_name, r.delete_rule, r.update_rule FROM "
        "information_schema.key_column_usage k JOIN information_schema.referential_constraints r "
        "ON r.constraint_schema = k.constraint_schema AND r.constraint_name = k.constraint_name "
        "AND r.table_name = k.table_name WHERE k.referenced_table_name IS NOT NULL "
        f"AND {within} AND k.table_name = {literal(name, 'mysql')} "
        "ORDER BY k.constraint_name, k.ordinal_position"
    )
    groups: dict[str, list[tuple[Any, ...]]] = {}
    for row in rows:
        groups.setdefault(row[0], []).append(row)
    return [
        SqlForeignKey(
            name=key,
            columns=tuple(row[1] for row in parts),
            table=parts[0][2],
            to=tuple(row[3] for row in parts),
            on_delete=cast(Action, parts[0][4]),
            on_update=cast(Action, parts[0][5]),
        )
        for key, parts in groups.items()
    ]
