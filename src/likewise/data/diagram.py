"""A database as text for Mermaid's ``erDiagram``, which many Markdown viewers draw.

Names of tables are those of the schema; in names of columns, which Mermaid lets nobody quote,
what it cannot read is written as an underscore.
"""

import re

from likewise.data.database_schema import DatabaseSchema, Relation, TableSchema
from likewise.data.dependency_order import nullable


def er_diagram(schema: DatabaseSchema, *, all_columns: bool = False) -> str:
    """The diagram: tables with their keys, or all columns, and a line for each relation.

    A line says how many: ``||--o{`` one parent and any number of children, ``|o--o{`` perhaps no
    parent, ``||--o|`` one child at most, as its columns hold a key of the child.
    """
    lines = ["erDiagram"]
    for table in schema.tables:
        lines += _entity(table, all_columns)
    lines += [_line(schema, relation) for relation in schema.relations]
    return "\n".join(lines) + "\n"


def _entity(table: TableSchema, all_columns: bool) -> list[str]:
    refers = {name for key in table.foreign_keys for name in key.columns}
    unique = {key[0] for key in table.unique if len(key) == 1}
    rows = []
    for column in table.content.columns:
        marks = {"PK": set(table.primary_key), "FK": refers, "UK": unique}
        held = [mark for mark, names in marks.items() if column.name in names]
        if held or all_columns:
            rows.append(f"        {column.kind} {_word(column.name)} {', '.join(held)}".rstrip())
    name = _entity_name(table.name)
    return [f"    {name} {{", *rows, "    }"] if rows else [f"    {name}"]


def _line(schema: DatabaseSchema, relation: Relation) -> str:
    one = "|o" if nullable(schema, relation) else "||"
    keys = schema[relation.child].keys
    many = "o|" if any(set(key) <= set(relation.columns) for key in keys) else "o{"
    label = ", ".join(relation.columns).replace('"', "'")
    ends = f"{_entity_name(relation.parent)} {one}--{many} {_entity_name(relation.child)}"
    return f'    {ends} : "{label}"'


def _entity_name(name: str) -> str:
    if re.fullmatch(r"[A-Za-z_]\w*", name, re.ASCII):
        return name
    return '"{}"'.format(name.replace('"', "'"))


def _word(name: str) -> str:
    word = re.sub(r"\W", "_", name, flags=re.ASCII)
    return word if word[:1].isalpha() else f"_{word}"
