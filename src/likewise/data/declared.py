"""A raw table under what was declared of it; the rest is found."""

import pyarrow as pa

from likewise.core.errors import SchemaError
from likewise.core.registry import suggest
from likewise.data.convert import to_table
from likewise.data.infer import infer
from likewise.data.rules import NotNull
from likewise.data.schema import LABELS, Schema
from likewise.data.table import Table


def to_declared(
    raw: pa.Table, declared: Schema | None, *, target: str | None = None, where: str = "table"
) -> Table:
    """The raw table with its schema: declared where it is, else found.

    Args:
        raw: N rows of texts or of typed cells.
        declared: columns whose kind is decided, and the rules; any columns may be left out.
        target: the column to predict, before that of ``declared``.
        where: the table, for messages.

    Raises:
        SchemaError: a declared column or a column of a rule is not there, or cells contradict
            what is declared.

    Cost: that of ``infer`` and of ``to_table``.
    """
    if declared is None:
        return to_table(raw, infer(raw, target=target), where)
    names = raw.column_names
    for name in declared.names:
        if name not in names:
            raise SchemaError(f"schema, column {name!r}", "not in the data", suggest(name, names))
    for rule in declared.rules:
        for name in rule.touches:
            if name not in names:
                found = f"names column {name!r}, which is not in the data"
                raise SchemaError(f"schema, rule {rule.rule!r}", found, suggest(name, names))
    overrides = {column.name: column for column in declared.columns}
    schema = infer(raw, overrides=overrides, target=target or declared.target)
    schema = _with_words(schema, declared).replace(rules=declared.rules)
    table = to_table(raw, schema, where)
    for column in declared.columns:
        empty = table.arrow.column(column.name).null_count
        if empty and not column.nullable:
            found = f"declared without missing values, but {empty:,} of {table.rows:,} are missing"
            hint = "Leave out 'nullable: false' or mend the data"
            raise SchemaError(f"schema, column {column.name!r}", found, hint)
    return table


def _with_words(schema: Schema, declared: Schema) -> Schema:
    """The schema in which no word stands for missing where nothing may be missing."""
    present = {column.name for column in declared.columns if not column.nullable}
    present |= {rule.column for rule in declared.rules if isinstance(rule, NotNull)}
    changed = [
        column.model_copy(update={"format": column.format.model_copy(update={"null": ""})})
        for column in schema.columns
        if column.name in present and column.format.null and column.kind in LABELS
    ]
    return schema.replace(*changed)
