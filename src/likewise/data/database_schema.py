"""What the tables of a database are: their columns, their keys, and which refer to which."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from likewise.core.artifact import storable
from likewise.core.atomic import replacing
from likewise.core.errors import SchemaError
from likewise.core.plain import read_plain
from likewise.core.registry import suggest
from likewise.data.keys import scale_of
from likewise.data.schema import Schema, parse_as

Key = tuple[str, ...]

DECLARATION = "database.yaml"  # a file in a folder of tables: keys, relations, kinds, rules
_EXAMPLE = "The page on linked tables shows a working example"


@storable
class ForeignKey(BaseModel):
    """Columns of a table that hold a key of some table, which may be the same one.

    Attributes:
        columns: the columns that refer, in the order of ``to``.
        table: the table that is referred to.
        to: the key there; its primary key when left out.
        evidence: sentences with counts that led to it, never values.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    columns: Key = Field(min_length=1)
    table: str
    to: Key = ()
    evidence: tuple[str, ...] = ()


@storable
class TableSchema(BaseModel):
    """One table of a database: its columns, what tells its rows apart, and what it refers to.

    A declaration may leave fields out: they are found in the data. A field that is there stands,
    so ``foreign_keys: []`` says that there are none.

    Attributes:
        primary_key: the columns that tell rows apart, never missing; () if there are none.
        unique: further keys; they may be missing, but what is there does not repeat.
        foreign_keys: the references to keys of tables.
        evidence: sentences with counts that led to the primary key, never values.
        content: the columns and their rules; ``schema`` in files.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str
    primary_key: Key = ()
    unique: tuple[Key, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    evidence: tuple[str, ...] = ()
    content: Schema = Field(default=Schema(columns=()), alias="schema")

    @model_validator(mode="after")
    def _once(self) -> "TableSchema":
        ends = [end for key in self.foreign_keys for end in (key.columns, key.to)]
        if () in self.unique:
            raise self._wrong("a key without columns", "Name its columns, or leave it out")
        for key in (*self.keys, *ends):
            if len(set(key)) < len(key):
                raise self._wrong(f"({', '.join(key)}) names a column twice", "Name each once")
        if len({frozenset(key) for key in self.keys}) < len(self.keys):
            raise self._wrong("a key is listed twice", "List each key once, the primary one apart")
        return self

    @property
    def keys(self) -> tuple[Key, ...]:
        """The primary key, if any, and the further ones."""
        return ((self.primary_key,) if self.primary_key else ()) + self.unique

    def _wrong(self, found: str, hint: str) -> SchemaError:
        return SchemaError(f"table {self.name!r}", found, hint)


@dataclass(frozen=True)
class Relation:
    """A foreign key with both of its ends named."""

    child: str
    columns: Key
    parent: str
    to: Key
    evidence: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Such as ``flights (tailnum) → planes (tailnum)``."""
        mine, theirs = ", ".join(self.columns), ", ".join(self.to)
        return f"{self.child} ({mine}) → {self.parent} ({theirs})"


@storable
class DatabaseSchema(BaseModel):
    """The tables of a database in order; whatever keys and references name is there and fits."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    version: int = 1
    tables: tuple[TableSchema, ...]

    @model_validator(mode="after")
    def _sound(self) -> "DatabaseSchema":
        if len(self._by_name) != len(self.tables):
            raise SchemaError("database", "two tables have the same name", "Rename one of them")
        for table in self.tables:
            for key in table.keys:
                _refuse_unknown(table, key)
        for relation in self.relations:
            _refuse_misfit(relation, self[relation.child], self[relation.parent])
        known = set()
        for relation in self.relations:
            pairs = frozenset(zip(relation.columns, relation.to, strict=True))
            end = (relation.child, pairs, relation.parent)
            if end in known:
                raise SchemaError(f"relation {relation}", "declared twice", "Keep one of them")
            known.add(end)
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """Table names in order."""
        return tuple(self._by_name)

    @cached_property
    def _by_name(self) -> dict[str, TableSchema]:
        return {table.name: table for table in self.tables}

    def __getitem__(self, name: str) -> TableSchema:
        if name in self._by_name:
            return self._by_name[name]
        hint = suggest(name, list(self.names))
        raise SchemaError(f"table {name!r}", "not in the database", hint)

    @cached_property
    def relations(self) -> tuple[Relation, ...]:
        """Every foreign key of every table, with the key it refers to spelled out."""
        return tuple(self._relations())

    def _relations(self) -> Iterator[Relation]:
        for table in self.tables:
            for key in table.foreign_keys:
                if key.table not in self._by_name:
                    where = f"table {table.name!r}, foreign key ({', '.join(key.columns)})"
                    hint = suggest(key.table, list(self.names))
                    raise SchemaError(where, f"refers to an unknown table {key.table!r}", hint)
                to = key.to or self._by_name[key.table].primary_key
                yield Relation(table.name, key.columns, key.table, to, key.evidence)

    @cached_property
    def by_child(self) -> dict[str, list[Relation]]:
        """The relations of each table, as far as it is the child."""
        found: dict[str, list[Relation]] = {name: [] for name in self.names}
        for relation in self.relations:
            found[relation.child].append(relation)
        return found

    @cached_property
    def link_tables(self) -> dict[str, tuple[Relation, ...]]:
        """Tables that tie rows of others together, many to many, and the relations that do so.

        Their primary key is made of references: each of several brings a part of it, none all.
        """
        found = {}
        for table in self.tables:
            key = set(table.primary_key)
            mine = [r for r in self.by_child[table.name] if key & set(r.columns)]
            covered = {column for relation in mine for column in relation.columns}
            if key and key <= covered and not any(key <= set(r.columns) for r in mine):
                found[table.name] = tuple(mine)
        return found

    def replace(self, *tables: TableSchema) -> "DatabaseSchema":
        """A schema in which the given tables stand in for those of the same name."""
        new = {self[table.name].name: table for table in tables}
        return DatabaseSchema(tables=tuple(new.get(t.name, t) for t in self.tables))

    def to_yaml(self) -> str:
        """The schema as YAML: every key, and of the rest what has not its default value."""
        return tables_to_yaml(self.tables)

    def save(self, path: str | Path) -> None:
        """Write YAML, or JSON when the name ends in ``.json``."""
        path = Path(path)
        json = path.suffix == ".json"
        text = self.model_dump_json(indent=2, by_alias=True) if json else self.to_yaml()
        with replacing(path) as part:
            part.write_text(text, encoding="utf-8")


def tables_to_yaml(tables: Sequence[TableSchema]) -> str:
    """Tables as YAML, which ``read_tables`` reads: what was given, and what has not its default."""
    entries = []
    for table in tables:
        plain = table.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        given = {"primary_key", "unique", "foreign_keys"} & table.model_fields_set
        keys: dict[str, Any] = {
            name: [] for name in ("primary_key", "unique", "foreign_keys") if name in given
        }
        entries.append({"name": table.name, **keys, **plain})
    return yaml.safe_dump({"version": 1, "tables": entries}, sort_keys=False, allow_unicode=True)


def read_database_schema(path: str | Path) -> DatabaseSchema:
    """Read a whole schema; a malformed one raises SchemaError that names the place."""
    return parse_database_schema(read_plain(path, SchemaError), str(path))


def parse_database_schema(plain: Any, where: str = "database") -> DatabaseSchema:
    """A whole schema from plain values; SchemaError names the first thing that is wrong."""
    tables = parse_tables(plain, where)
    return parse_as(DatabaseSchema, {**plain, "tables": tables}, where, _EXAMPLE)


def read_tables(path: str | Path) -> tuple[TableSchema, ...]:
    """Read a declaration: tables of a schema file, each with what is known of it."""
    return parse_tables(read_plain(path, SchemaError), str(path))


def parse_tables(plain: Any, where: str = "database") -> tuple[TableSchema, ...]:
    """A declaration from plain values; what it leaves out is to be found in the data."""
    if not isinstance(plain, dict) or not isinstance(plain.get("tables"), list):
        raise SchemaError(where, "no list of tables at the top", "Start with 'tables:'")
    if odd := [word for word in plain if word not in DatabaseSchema.model_fields]:
        raise SchemaError(where, f"unknown field {odd[0]!r} at the top", _EXAMPLE)
    tables = []
    for i, entry in enumerate(plain["tables"]):
        name = entry.get("name") if isinstance(entry, dict) else None
        place = f"{where}, table {name or i + 1}"
        tables.append(parse_as(TableSchema, entry, place, _EXAMPLE))
    return tuple(tables)


def _refuse_unknown(table: TableSchema, key: Key) -> None:
    for name in key:
        if name not in table.content.names:
            where = f"table {table.name!r}, key ({', '.join(key)})"
            hint = suggest(name, list(table.content.names))
            raise SchemaError(where, f"names an unknown column {name!r}", hint)


def _refuse_misfit(relation: Relation, child: TableSchema, parent: TableSchema) -> None:
    """Raise SchemaError unless the relation goes to a key of as many columns that compare."""
    where = f"relation {relation}"
    if not relation.to:
        hint = f"Name a key of it under 'to', or declare the primary key of {parent.name!r}"
        raise SchemaError(where, f"{parent.name!r} has no primary key", hint)
    _refuse_unknown(child, relation.columns)
    _refuse_unknown(parent, relation.to)
    if len(relation.columns) != len(relation.to):
        found = f"refers with {len(relation.columns)} columns to a key of {len(relation.to)}"
        raise SchemaError(where, found, "Name a column for each column of the key")
    if set(relation.to) not in [set(key) for key in parent.keys]:
        hint = f"List it under 'unique' of {parent.name!r} if no two rows there agree in it"
        raise SchemaError(where, "what it refers to is no key", hint)
    for name, other in zip(relation.columns, relation.to, strict=True):
        mine, theirs = child.content[name], parent.content[other]
        if scale_of(mine) != scale_of(theirs):
            kinds = [f"{c.kind}{' of a zone' if c.timezone else ''}" for c in (mine, theirs)]
            found = f"{name!r} is {kinds[0]}, but {other!r} is {kinds[1]}"
            raise SchemaError(where, found, "Declare both of one kind")
    if relation.child == relation.parent and set(relation.columns) == set(relation.to):
        raise SchemaError(where, "every row refers to itself", "Name the columns that refer")
