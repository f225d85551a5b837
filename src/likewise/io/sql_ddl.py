"""CREATE TABLE and what follows it, for any engine, from the declaration of another or the same."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from likewise.io.sql_checks import Condition, Membership, Present, Value, read_check
from likewise.io.sql_schema import SqlColumn, SqlDatabase, SqlForeignKey, SqlTable
from likewise.io.sql_types import spelled, type_of
from likewise.io.sql_url import Engine

_PLAIN_DEFAULT = re.compile(
    r"-?\d+(\.\d+)?|'(?:[^'\\]|'')*'|true|false|null|current_timestamp(\(\))?|now\(\)|current_date",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Ddl:
    """Statements that make the tables of a database.

    Attributes:
        before: what has to be there before the tables, such as types.
        tables: CREATE TABLE by table.
        keys: keys and conditions that are added once the rows are there.
        references: foreign keys that are added after those.
        notes: what the target cannot hold.
    """

    before: tuple[str, ...]
    tables: Mapping[str, str]
    keys: tuple[str, ...]
    references: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def statements(self) -> tuple[str, ...]:
        """All of them in the order in which they are run, rows left aside."""
        return (*self.before, *self.tables.values(), *self.keys, *self.references)


def quote(name: str, engine: Engine) -> str:
    """A name as the engine wants it quoted."""
    mark = "`" if engine == "mysql" else '"'
    return mark + name.replace(mark, mark * 2) + mark


def qualified(name: str, engine: Engine, schema: str = "") -> str:
    """The name of a table with its schema."""
    return f"{quote(schema, engine)}.{quote(name, engine)}" if schema else quote(name, engine)


def literal(value: Value, engine: Engine) -> str:
    """A number or a text as SQL."""
    if not isinstance(value, str):
        return format(value, "f")
    text = value.replace("'", "''")
    return "'" + (text.replace("\\", "\\\\") if engine == "mysql" else text) + "'"


def listed(names: tuple[str, ...], engine: Engine) -> str:
    """Names of columns, quoted, with commas between them."""
    return ", ".join(quote(name, engine) for name in names)


def make_ddl(
    source: SqlDatabase,
    engine: Engine,
    schema: str = "",
    *,
    order: tuple[str, ...] | None = None,
    left_out: frozenset[tuple[str, tuple[str, ...]]] = frozenset(),
) -> Ddl:
    """The statements that make the tables of ``source`` in an engine.

    In PostgreSQL all keys and conditions are added after the rows, so the server checks each of
    them once; in MySQL references are. No circle of references stands in the way.

    Args:
        source: the tables.
        engine: to write for.
        schema: where the tables go; "" for the default one.
        order: of the tables; that of the source without it.
        left_out: foreign keys, as table and columns, that the engine cannot make.
    """
    maker = _Maker(source, engine, schema, left_out)
    tables = {
        name: maker.table(source[name]) for name in (source.names if order is None else order)
    }
    return Ddl(
        tuple(maker.before), tables, tuple(maker.keys), tuple(maker.references), tuple(maker.notes)
    )


@dataclass
class _Maker:
    """Statements as they come up, table after table."""

    source: SqlDatabase
    engine: Engine
    schema: str
    left_out: frozenset[tuple[str, tuple[str, ...]]]
    before: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    references: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def table(self, table: SqlTable) -> str:
        """CREATE TABLE; what is added later goes to ``keys`` and ``references``."""
        within = [self._column(table, column) for column in table.columns]
        keys = [f"UNIQUE ({listed(key, self.engine)})" for key in table.unique]
        if table.primary_key:
            keys.insert(0, f"PRIMARY KEY ({listed(table.primary_key, self.engine)})")
        keys += self._checks(table)
        references = [
            self._reference(key)
            for key in table.foreign_keys
            if key.table in self.source.names and (table.name, key.columns) not in self.left_out
        ]
        place = qualified(table.name, self.engine, self.schema)
        if self.engine == "postgresql":
            self.keys += [f"ALTER TABLE {place} ADD {key}" for key in keys]
        else:
            within += keys
        for line in references:
            if self.engine in ("postgresql", "mysql"):
                self.references.append(f"ALTER TABLE {place} ADD {line}")
            else:
                within.append(line)
        end = " ENGINE=InnoDB DEFAULT CHARSET=utf8mb4" if self.engine == "mysql" else ""
        return f"CREATE TABLE {place} (\n  " + ",\n  ".join(within) + f"\n){end}"

    def _column(self, table: SqlTable, column: SqlColumn) -> str:
        parts = [quote(column.name, self.engine), self._type(table, column)]
        if column.generated and self.source.engine == self.engine:
            virtual = "" if self.engine == "duckdb" else " STORED"
            parts.append(f"GENERATED ALWAYS AS ({column.generated}){virtual}")
            return " ".join(parts)
        alone = table.primary_key == (column.name,)
        if not column.nullable or column.name in table.primary_key:
            parts.append("NOT NULL")
        if column.identity:
            parts.append(self._identity(table, column, alone))
        elif column.default is not None:
            parts.append(self._default(table, column))
        return " ".join(part for part in parts if part)

    def _type(self, table: SqlTable, column: SqlColumn) -> str:
        if column.levels is None:
            refers = [key.columns for key in table.foreign_keys]
            asked = [k.to for t in self.source.tables for k in t.foreign_keys
                     if k.table == table.name]  # fmt: skip
            keys = (table.primary_key, *table.unique, *refers, *asked)
            key = any(column.name in names for names in keys)
            return spelled(column, self.source.engine, self.engine, key=key)
        labels = ", ".join(literal(level, self.engine) for level in column.levels)
        if self.engine == "postgresql":
            same = self.source.engine == "postgresql"
            name = column.type.split(".")[-1].strip('"') if same else f"{table.name}_{column.name}"
            place = qualified(name, self.engine, self.schema)
            statement = f"CREATE TYPE {place} AS ENUM ({labels})"
            if statement not in self.before:
                self.before.append(statement)
            return place
        return "TEXT" if self.engine == "sqlite" else f"ENUM({labels})"

    def _identity(self, table: SqlTable, column: SqlColumn, alone: bool) -> str:
        if self.engine == "postgresql":
            return "GENERATED BY DEFAULT AS IDENTITY"
        firsts = {key[0] for key in (table.primary_key, *table.unique) if key}
        if self.engine == "mysql" and column.name in firsts:
            return "AUTO_INCREMENT"
        if self.engine == "sqlite" and alone:
            return ""  # an INTEGER PRIMARY KEY numbers by itself
        self._note(table, column, "is not numbered on by itself there")
        return ""

    def _default(self, table: SqlTable, column: SqlColumn) -> str:
        default = str(column.default)
        same = self.source.engine == self.engine
        stripped = re.sub(r"::[\w ]+(\(\d+(,\d+)?\))?$", "", default)
        if not same and not _PLAIN_DEFAULT.fullmatch(stripped):
            self._note(table, column, f"loses its default {default}")
            return ""
        if self.engine == "mysql" and not same and stripped.lower().startswith(("now", "current")):
            kind = type_of(column, self.source.engine).family
            return "DEFAULT (CURRENT_DATE)" if kind == "date" else "DEFAULT CURRENT_TIMESTAMP(6)"
        brackets = self.engine == "sqlite" and "(" in stripped
        said = stripped.replace("now()", "CURRENT_TIMESTAMP") if self.engine == "sqlite" else (
            default if same else stripped)  # fmt: skip
        return f"DEFAULT ({said})" if brackets else f"DEFAULT {said}"

    def _checks(self, table: SqlTable) -> list[str]:
        lines = []
        for check in table.checks:
            name = f"CONSTRAINT {quote(check.name, self.engine)} " if check.name else ""
            if self.source.engine == self.engine:
                lines.append(f"{name}CHECK ({check.expression})")
                continue
            conditions = read_check(check.expression, table.names)
            if conditions is None:
                told = f"table {table.name!r}: the CHECK ({check.expression}) is not carried over"
                self.notes.append(told)
            else:
                said = " AND ".join(_portable(c, self.engine) for c in conditions)
                lines.append(f"{name}CHECK ({said})")
        for column in table.columns:
            if column.levels is not None and self.engine == "sqlite":
                levels = Membership(column.name, column.levels)
                lines.append(f"CHECK ({_portable(levels, self.engine)})")
        return lines

    def _reference(self, key: SqlForeignKey) -> str:
        parent = quote(key.table, self.engine)
        if self.engine in ("postgresql", "duckdb"):
            parent = qualified(key.table, self.engine, self.schema)
        name = f"CONSTRAINT {quote(key.name, self.engine)} " if key.name else ""
        said = f"{name if self.engine == 'postgresql' else ''}FOREIGN KEY "
        said += f"({listed(key.columns, self.engine)}) REFERENCES {parent} "
        said += f"({listed(key.to, self.engine)})"
        for event, action in (("DELETE", key.on_delete), ("UPDATE", key.on_update)):
            if action != "NO ACTION" and self.engine != "duckdb":
                said += f" ON {event} {action}"
        if key.deferrable and self.engine in ("postgresql", "sqlite"):
            said += " DEFERRABLE"
        return said

    def _note(self, table: SqlTable, column: SqlColumn, said: str) -> None:
        self.notes.append(f"table {table.name!r}, column {column.name!r} {said}")


def _portable(condition: Condition, engine: Engine) -> str:
    """A condition in words that every engine understands."""
    name = quote(condition.column, engine)
    if isinstance(condition, Present):
        return f"{name} IS NOT NULL"
    if isinstance(condition, Membership):
        return f"{name} IN ({', '.join(literal(value, engine) for value in condition.values)})"
    if condition.other is not None:
        return f"{name} {condition.sign} {quote(condition.other, engine)}"
    value = condition.value if condition.value is not None else ""
    if engine == "sqlite" and not isinstance(value, str):  # the column may hold texts of digits
        name = f"CAST({name} AS NUMERIC)"
    return f"{name} {condition.sign} {literal(value, engine)}"
