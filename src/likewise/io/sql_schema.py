"""How the tables of a database are declared in SQL, in the words of the engine they came from."""

from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict

from likewise.core.errors import SchemaError
from likewise.core.plain import read_plain
from likewise.core.registry import suggest
from likewise.data.database_schema import Key
from likewise.data.schema import parse_as
from likewise.io.sql_url import Engine

Action = Literal["NO ACTION", "RESTRICT", "CASCADE", "SET NULL", "SET DEFAULT"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SqlColumn(_Part):
    """One column.

    Attributes:
        type: as the engine spells it, such as ``numeric(10,2)``.
        nullable: whether it may be missing.
        default: an expression of the engine.
        identity: whether the server numbers rows that leave it out.
        generated: the expression that the server computes it by; it cannot be written.
        levels: the labels of an enumeration, in its order.
    """

    name: str
    type: str
    nullable: bool = True
    default: str | None = None
    identity: bool = False
    generated: str | None = None
    levels: tuple[str, ...] | None = None


class SqlForeignKey(_Part):
    """A reference; ``deferrable`` ones can be checked at the end of a transaction."""

    columns: Key
    table: str
    to: Key
    name: str | None = None
    on_delete: Action = "NO ACTION"
    on_update: Action = "NO ACTION"
    deferrable: bool = False


class SqlCheck(_Part):
    """A condition on the cells of a row."""

    expression: str
    name: str | None = None


class SqlTable(_Part):
    """One table."""

    name: str
    columns: tuple[SqlColumn, ...]
    primary_key: Key = ()
    unique: tuple[Key, ...] = ()
    foreign_keys: tuple[SqlForeignKey, ...] = ()
    checks: tuple[SqlCheck, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Column names in order."""
        return tuple(column.name for column in self.columns)

    def __getitem__(self, name: str) -> SqlColumn:
        for column in self.columns:
            if column.name == name:
                return column
        where = f"table {self.name!r}, column {name!r}"
        raise SchemaError(where, "not in the table", suggest(name, list(self.names)))


class SqlDatabase(_Part):
    """The tables of one schema of a database.

    Attributes:
        engine: whose words types, defaults and conditions are in.
        schema_name: the schema that was read; "" where there are none.
    """

    engine: Engine
    schema_name: str = ""
    tables: tuple[SqlTable, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Table names in order."""
        return tuple(table.name for table in self.tables)

    def __getitem__(self, name: str) -> SqlTable:
        for table in self.tables:
            if table.name == name:
                return table
        raise SchemaError(f"table {name!r}", "not there", suggest(name, list(self.names)))

    def to_yaml(self) -> str:
        """The declaration as YAML, without what has its default value."""
        plain = self.model_dump(mode="json", exclude_defaults=True)
        return yaml.safe_dump({"version": 1, **plain}, sort_keys=False, allow_unicode=True)


def read_sql(path: Path) -> SqlDatabase:
    """Read what ``to_yaml`` wrote; SchemaError names the first thing that is wrong."""
    plain = read_plain(path, SchemaError)
    if not isinstance(plain, dict) or plain.pop("version", None) != 1:
        raise SchemaError(str(path), "no declaration of version 1", "Pull the database again")
    return parse_as(SqlDatabase, plain, str(path), "Pull the database again")
