"""An immutable database: tables by name, and the schema that ties them together."""

from collections.abc import Mapping
from dataclasses import dataclass

from likewise.core.errors import SchemaError
from likewise.data.database_schema import DatabaseSchema
from likewise.data.table import Table


@dataclass(frozen=True)
class Database:
    """Tables in the order of their schema.

    Whether rows keep what the schema says of keys is for ``data.integrity`` to count: real
    databases have gaps, which are told and not refused.

    Attributes:
        tables: the data, one for each table of the schema.
        schema: their columns, keys and relations.
    """

    tables: tuple[Table, ...]
    schema: DatabaseSchema

    def __post_init__(self) -> None:
        if [table.schema for table in self.tables] != [t.content for t in self.schema.tables]:
            raise ValueError("a Database needs the schema's tables, in order, with its columns")

    def __repr__(self) -> str:
        """Its tables and their sizes; no cell, as it may end in a log."""
        sizes = [f"{name} ({self[name].rows:,})" for name in self.names[:20]]
        more = ", …" if len(self.names) > 20 else ""
        relations = len(self.schema.relations)
        return f"<Database: {', '.join(sizes)}{more}; {relations} relations>"

    @classmethod
    def of(cls, tables: Mapping[str, Table], schema: DatabaseSchema) -> "Database":
        """The named tables, put in order; SchemaError when names or columns are not the schema's.

        Rules, bounds and evidence of columns are taken from the schema, kinds must agree.
        """
        for name in tables:
            schema[name]
        ordered = []
        for entry in schema.tables:
            where = f"table {entry.name!r}"
            if entry.name not in tables:
                raise SchemaError(
                    where, "not among the data", "Give it, or take it from the schema"
                )
            table = tables[entry.name]
            kinds = [(column.name, column.kind) for column in table.schema.columns]
            if kinds != [(column.name, column.kind) for column in entry.content.columns]:
                found = "its columns or their kinds are not those of the schema"
                raise SchemaError(where, found, "Read the table with the schema's own columns")
            ordered.append(table.with_schema(entry.content))
        return cls(tuple(ordered), schema)

    @property
    def names(self) -> tuple[str, ...]:
        """Table names in order."""
        return self.schema.names

    def __getitem__(self, name: str) -> Table:
        self.schema[name]
        return self.tables[self.names.index(name)]
