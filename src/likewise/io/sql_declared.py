"""What a database says of its tables, as declarations: keys, relations, kinds, levels, rules."""

from decimal import Decimal

from likewise.data.database_schema import ForeignKey, TableSchema
from likewise.data.rules import Inequality, NotNull, Range, Rule
from likewise.data.schema import MOST_DECIMALS, Column, Kind, Schema
from likewise.io.sql_checks import (
    Comparison,
    Condition,
    Membership,
    Present,
    Value,
    number,
    read_check,
)
from likewise.io.sql_schema import SqlColumn, SqlDatabase, SqlTable
from likewise.io.sql_types import SqlType, type_of
from likewise.io.sql_url import Engine

_NUMBERS = frozenset(["smallint", "integer", "bigint", "numeric", "real", "double"])
_LABELS = frozenset(["text", "varchar", "char", "enum"])
_KINDS = {
    "boolean": Kind.BOOLEAN,
    "date": Kind.DATE,
    "time": Kind.TIME,
    "timestamp": Kind.DATETIME,
    "timestamptz": Kind.DATETIME,
    "interval": Kind.DURATION,
    "json": Kind.TEXT,
    "uuid": Kind.KEY,
}
_NOT_IN_SQLITE = frozenset([Kind.DATE, Kind.TIME, Kind.DATETIME, Kind.DURATION])


def declarations(
    database: SqlDatabase, *, infer: bool = False
) -> tuple[tuple[TableSchema, ...], tuple[str, ...]]:
    """A declaration for each table, and notes on what it could not take over.

    Keys and relations stand as they are declared there, and no other are looked for. Columns are
    declared where the type, an enumeration or a CHECK says what they are; what integers and texts
    mean is left to inference. NOT NULL, and CHECK as far as it is understood, become rules.

    A foreign key to a table that is not read is left out with a note.

    Args:
        database: as it was read.
        infer: leave open what a table does not declare, so that it is looked for: a primary key
            where it has none, references where it has none.
    """
    tables, notes = [], list[str]()
    for table in database.tables:
        conditions, unread = _conditions(table)
        notes += unread
        columns = [_column(table, c, conditions, database.engine) for c in table.columns]
        rules = _rules(table, conditions, database.engine)
        keys = []
        for reference in table.foreign_keys:
            if reference.table in database.names:
                ends = {"columns": reference.columns, "to": reference.to}
                key = ForeignKey(table=reference.table, **ends)
                keys += [] if key in keys else [key]
            else:
                notes.append(
                    f"table {table.name!r}: its reference ({', '.join(reference.columns)}) leads "
                    f"to {reference.table!r}, which is not read; left out"
                )
        primary = set(table.primary_key)
        tables.append(
            TableSchema(
                name=table.name,
                primary_key=table.primary_key,
                unique=tuple(key for key in table.unique if set(key) != primary),
                foreign_keys=tuple(keys),
                schema=Schema(columns=tuple(c for c in columns if c is not None), rules=rules),
            )
        )
    whole = _with_parent_keys(tables)
    return tuple(map(_open, whole)) if infer else whole, tuple(notes)


def _open(table: TableSchema) -> TableSchema:
    """The table without the fields that say that there is nothing."""
    fields = {name: getattr(table, name) for name in ("primary_key", "unique", "foreign_keys")}
    said = {name: value for name, value in fields.items() if value}
    return TableSchema(name=table.name, schema=table.content, **said)


def _with_parent_keys(tables: list[TableSchema]) -> tuple[TableSchema, ...]:
    """The tables, each with every key that others refer to.

    SQLite and MySQL let references lead to columns that are no declared key.
    """
    asked: dict[str, list[tuple[str, ...]]] = {table.name: [] for table in tables}
    for table in tables:
        for reference in table.foreign_keys:
            asked[reference.table].append(reference.to)
    completed = []
    for table in tables:
        known = {frozenset(key) for key in table.keys}
        new = {frozenset(key): key for key in asked[table.name] if frozenset(key) not in known}
        unique = (*table.unique, *new.values())
        completed.append(table.model_copy(update={"unique": unique}) if new else table)
    return tuple(completed)


def _conditions(table: SqlTable) -> tuple[list[Condition], list[str]]:
    """What all CHECKs of a table demand, and notes on those that say more than we understand."""
    found: list[Condition] = []
    notes = []
    for check in table.checks:
        read = read_check(check.expression, table.names)
        if read is None:
            name = f" {check.name!r}" if check.name else ""
            notes.append(
                f"table {table.name!r}: the CHECK{name} says more than our rules can, so synthetic "
                f"rows may break it: {check.expression}"
            )
        else:
            found += read
    return found, notes


def _column(
    table: SqlTable, column: SqlColumn, conditions: list[Condition], engine: Engine
) -> Column | None:
    """What is known of a column; None where all of it is left to inference."""
    kind = type_of(column, engine)
    levels = column.levels or _allowed(column.name, conditions)
    present = not column.nullable or Present(column.name) in conditions
    if levels is not None and kind.family in _LABELS:
        return Column(name=column.name, kind=Kind.CATEGORY, levels=levels, nullable=not present)
    decided = _KINDS.get(kind.family)
    if (kind.family == "numeric" and kind.args and kind.args[1] > 0) or kind.family in (
        "real",
        "double",
    ):
        decided = Kind.NUMERIC
    elif kind.family == "other":
        decided = Kind.TEXT
    if decided is None or (engine == "sqlite" and decided in _NOT_IN_SQLITE):
        return None
    if decided is Kind.KEY and not _in_a_key(table, column.name):
        return None
    fields: dict[str, object] = {"nullable": not present}
    if decided is Kind.NUMERIC and kind.args:
        fields["decimals"] = min(kind.args[1], MOST_DECIMALS)
    if decided is Kind.NUMERIC:
        low, high = _ends(column.name, kind, conditions)
        fields |= {"minimum": low, "maximum": high}
    return Column.model_validate({"name": column.name, "kind": decided, **fields})


def _in_a_key(table: SqlTable, name: str) -> bool:
    refers = [reference.columns for reference in table.foreign_keys]
    return any(name in key for key in (table.primary_key, *table.unique, *refers))


def _allowed(name: str, conditions: list[Condition]) -> tuple[str, ...] | None:
    """The texts that a column is confined to, in their order; None if it is not."""
    for condition in conditions:
        if isinstance(condition, Membership) and condition.column == name:
            texts = tuple(dict.fromkeys(str(value) for value in condition.values))
            return texts if all(isinstance(v, str) for v in condition.values) else None
    return None


def _ends(
    name: str, kind: SqlType, conditions: list[Condition]
) -> tuple[float | int | None, float | int | None]:
    """The least and largest number that the conditions let a column hold."""
    lows, highs = list[Decimal](), list[Decimal]()
    for condition in conditions:
        if isinstance(condition, Membership) and condition.column == name:
            values = [found for v in condition.values if (found := number(v)) is not None]
            lows += values and [min(values)]
            highs += values and [max(values)]
        if not isinstance(condition, Comparison) or condition.column != name:
            continue
        value = None if condition.value is None else number(condition.value)
        if value is None or not value.is_finite():
            continue
        step = _step(kind)
        if condition.sign in (">", ">=", "="):
            lows.append(value + step if condition.sign == ">" else value)
        if condition.sign in ("<", "<=", "="):
            highs.append(value - step if condition.sign == "<" else value)
    return _plain(max(lows, default=None)), _plain(min(highs, default=None))


def _step(kind: SqlType) -> Decimal:
    """The distance of neighbouring numbers; 0 where there is none, as of real ones."""
    if kind.family in ("smallint", "integer", "bigint"):
        return Decimal(1)
    return Decimal(1).scaleb(-kind.args[1]) if kind.family == "numeric" and kind.args else Decimal()


def _plain(value: Decimal | None) -> float | int | None:
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


def _rules(table: SqlTable, conditions: list[Condition], engine: Engine) -> tuple[Rule, ...]:
    """The rules that NOT NULL and CHECK amount to."""
    present = {c.column for c in conditions if isinstance(c, Present)}
    rules: dict[Rule, None] = {}
    for column in table.columns:
        if (not column.nullable or column.name in present) and column.name not in table.primary_key:
            rules[NotNull(column=column.name)] = None
        kind = type_of(column, engine)
        if kind.family in _NUMBERS:
            low, high = _ends(column.name, kind, conditions)
            if low is not None or high is not None:
                rules[Range(column=column.name, low=low, high=high)] = None
        elif kind.family in ("date", "timestamp") and engine != "sqlite":
            for rule in _moments(column.name, conditions):
                rules[rule] = None
    for condition in conditions:
        if isinstance(condition, Comparison) and condition.other is not None:
            rules |= dict.fromkeys(_between(condition))
    return tuple(rules)


def _moments(name: str, conditions: list[Condition]) -> list[Rule]:
    """Bounds on days and moments; an open end is taken as a closed one."""
    found: list[Rule] = []
    for condition in conditions:
        if isinstance(condition, Comparison) and condition.column == name:
            value: Value | None = condition.value
            if isinstance(value, str):
                low = value if condition.sign in (">", ">=", "=") else None
                high = value if condition.sign in ("<", "<=", "=") else None
                found.append(Range(column=name, low=low, high=high))
    return found


def _between(condition: Comparison) -> list[Rule]:
    """A comparison of two columns as inequalities; equality is two of them."""
    mine, other = condition.column, str(condition.other)
    strict = condition.sign in ("<", ">")
    rules: list[Rule] = []
    if condition.sign in ("<", "<=", "="):
        rules.append(Inequality(low=mine, high=other, strict=strict))
    if condition.sign in (">", ">=", "="):
        rules.append(Inequality(low=other, high=mine, strict=strict))
    return rules
