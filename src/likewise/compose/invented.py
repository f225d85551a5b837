"""Tables made up from what is said of their columns, and not from their cells.

Keys, references and the number of rows stay, so that whatever refers to the table still finds it;
every other column is drawn from its declared levels or bounds, or from a plain default.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa

from likewise.core.errors import ConfigError
from likewise.core.seeds import Seed
from likewise.data.bounds import bounds
from likewise.data.database import Database
from likewise.data.rules import Inequality, NotNull, Range, Rule, Sum, Unique
from likewise.data.schema import LABELS, Column, Kind, Schema
from likewise.data.table import CANONICAL, Table, labels_to_arrow, numbers_to_arrow
from likewise.data.temporal import DAY

Array = np.ndarray
Rng = np.random.Generator

WORDS = 5  # labels of a column of which none is declared
DEFAULTS = {
    Kind.NUMERIC: (0.0, 100.0),
    Kind.INTEGER: (0.0, 100.0),
    Kind.DATE: (16_436.0, 20_088.0),  # 2015 to 2024, in days since 1970
    Kind.DATETIME: (16_436.0 * DAY, 20_089.0 * DAY - 1),
    Kind.TIME: (0.0, DAY - 1.0),
    Kind.DURATION: (0.0, float(DAY)),
}
KEPT_RULES = (Range, Inequality, Sum, NotNull, Unique)


def invented(database: Database, said: Mapping[str, Schema], seed: Seed) -> Database:
    """The database with some tables made up.

    Args:
        database: the real tables.
        said: by table that is to be made up, what is declared of its columns; columns that are left
            out get plain defaults of their kind.
        seed: of the making.

    Raises:
        ConfigError: a table is not there, or is declared to keep a rule that needs real rows.
        SchemaError: declared bounds that cannot be.
    """
    made = {}
    for name in database.names:
        table = database[name]
        if name in said:
            table = _made_up(database, name, said[name], seed.stream("invent", name))
        made[name] = table
    for name in said:
        database.schema[name]
    entries = tuple(
        entry.model_copy(update={"content": made[entry.name].schema})
        for entry in database.schema.tables
    )
    return Database.of(made, database.schema.model_copy(update={"tables": entries}))


def _made_up(database: Database, name: str, said: Schema, rng: Rng) -> Table:
    table, kept = database[name], _tied(database, name)
    columns, arrays = [], []
    rules = (*said.rules, *(rule for rule in table.schema.rules if rule not in said.rules))
    known = {column.name: column for column in said.columns}
    for column in table.schema.columns:
        array = table.arrow.column(column.name).combine_chunks()
        if column.name not in kept:
            column = _bare(column, known.get(column.name))  # noqa: PLW2901
            column = _within(column, rules)  # noqa: PLW2901
            array = _cells(column, table.rows, rng)
        columns.append(column)
        arrays.append(array)
    schema = Schema(columns=tuple(columns), rules=rules, target=table.schema.target)
    whole = Table(pa.table(arrays, names=list(schema.names)), schema)
    return _keeping(whole, name, kept)


def _tied(database: Database, name: str) -> set[str]:
    """The columns of keys and references."""
    schema = database.schema
    tied = {column for key in schema[name].keys for column in key}
    for relation in schema.relations:
        tied |= set(relation.columns) if relation.child == name else set()
        tied |= set(relation.to) if relation.parent == name else set()
    return tied


def _bare(column: Column, said: Column | None) -> Column:
    """A column without what was found in its cells, but for its kind and how it is written."""
    bare: dict[str, Any] = {"name": column.name, "kind": column.kind, "format": column.format}
    if said is not None:
        told = {n: getattr(said, n) for n in ("decimals", "minimum", "maximum", "levels")}
        bare |= {n: value for n, value in told.items() if value is not None}
    if column.kind is Kind.NUMERIC:
        bare.setdefault("decimals", 2)
    if column.kind in (Kind.ORDINAL, Kind.CATEGORY, Kind.CONSTANT) and "levels" not in bare:
        count = 1 if column.kind is Kind.CONSTANT else WORDS
        bare["levels"] = tuple(f"{column.name} {i + 1}" for i in range(count))
    return Column(**bare, nullable=False, evidence=("made up from what is declared",))


def _within(column: Column, rules: tuple[Rule, ...]) -> Column:
    """The column with the bounds of declared ranges."""
    told: dict[str, object] = {}
    for rule in rules:
        if isinstance(rule, Range) and rule.column == column.name:
            told |= {"minimum": rule.low} if rule.low is not None else {}
            told |= {"maximum": rule.high} if rule.high is not None else {}
    return column.model_copy(update=told)


def _cells(column: Column, rows: int, rng: Rng) -> pa.Array:
    if column.kind is Kind.BOOLEAN:
        return pa.array(rng.random(rows) < 1 / 2)
    if column.kind in LABELS:
        if column.levels is None:  # a text or a code: one of its own for each row
            return pa.array([f"{column.name} {i + 1}" for i in rng.permutation(rows)])
        return labels_to_arrow(rng.integers(0, len(column.levels), rows), column.levels)
    low, high = bounds(column)
    usual = DEFAULTS[column.kind]
    span = usual[1] - usual[0]
    if not np.isfinite(low):
        low = usual[0] if not np.isfinite(high) or usual[0] <= high else high - span
    if not np.isfinite(high):
        high = max(usual[1], low + span)
    values: Array = rng.integers(int(np.ceil(low)), int(np.floor(high)) + 1, rows)
    if column.kind is Kind.NUMERIC:
        values = np.clip(np.round(rng.uniform(low, high, rows), column.decimals or 0), low, high)
    return numbers_to_arrow(values, np.zeros(rows, dtype=bool), column.kind)


def _keeping(table: Table, name: str, kept: set[str]) -> Table:
    """The table with declared orders and sums of made-up columns put right."""
    arrow = table.arrow
    for rule in table.schema.rules:
        free = set(rule.touches) - kept
        if not isinstance(rule, KEPT_RULES) and free:
            found = f"is declared to keep a rule ({rule.rule}) that only real rows can tell"
            raise ConfigError(f"table {name!r}, invented", found, "Leave the rule out, or learn it")
        now = Table(arrow, table.schema)
        changed: dict[str, Array] = {}
        if isinstance(rule, Inequality) and free == set(rule.touches):
            low, high = now.numbers(rule.low), now.numbers(rule.high)
            changed = {rule.low: np.minimum(low, high), rule.high: np.maximum(low, high)}
        elif isinstance(rule, Sum) and rule.total in free:
            changed = {rule.total: np.sum([now.numbers(p) for p in rule.parts], axis=0)}
        for column, values in changed.items():
            kind = table.schema[column].kind
            array = numbers_to_arrow(values, np.zeros(len(values), dtype=bool), kind)
            arrow = arrow.set_column(arrow.column_names.index(column), column, array)
    return replace(table, arrow=arrow.cast(_canonical(table.schema)))


def _canonical(schema: Schema) -> pa.Schema:
    return pa.schema([(c.name, CANONICAL[c.kind]) for c in schema.columns])
