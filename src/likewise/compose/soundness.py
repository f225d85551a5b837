"""Whether rules can hold at all: against each other, and against the data."""

from collections.abc import Sequence

import numpy as np

from likewise.core.errors import SchemaError
from likewise.data.check import bound, broken_rows, same_scale
from likewise.data.rules import Combinations, Inequality, Range, Rule, Sum, describe
from likewise.data.schema import Schema
from likewise.data.table import Table

Array = np.ndarray

LEFT_OUT = 0.01  # largest share of training rows that may break a rule


def refuse_contradictions(schema: Schema, rules: Sequence[Rule]) -> None:
    """Raise SchemaError when no row could keep all of ``rules``, as far as bounds and order tell.

    Found are ranges without a value, and circles of inequalities with a strict one in them.
    """
    for rule in rules:
        for name in rule.touches:
            schema[name]
    ends: dict[str, tuple[float, float]] = {}
    for rule in rules:
        if isinstance(rule, Range):
            column = schema[rule.column]
            low, high = ends.get(rule.column, (-np.inf, np.inf))
            low = max(low, low if rule.low is None else bound(column, rule.low))
            high = min(high, high if rule.high is None else bound(column, rule.high))
            if low > high:
                hint = "Correct its bounds, or those of another rule on the same column"
                raise SchemaError(f"rule '{describe(rule)}'", "no value lies in it", hint)
            ends[rule.column] = low, high
    order = [rule for rule in rules if isinstance(rule, Inequality)]
    for rule in order:
        if rule.strict and rule.low in _above(rule.high, order):
            found = f"other rules say that {rule.high} <= {rule.low}"
            raise SchemaError(f"rule '{describe(rule)}'", found, "Drop one of them")


def keeping_rows(table: Table, rules: Sequence[Rule]) -> tuple[Table, tuple[str, ...]]:
    """The rows that keep every rule, and a note on those that were left out; see ``keepers``."""
    rows, notes = keepers(table, rules)
    return (table if len(rows) == table.rows else table.take(rows)), notes


def keepers(table: Table, rules: Sequence[Rule]) -> tuple[Array, tuple[str, ...]]:
    """Positions of the rows that keep every rule, and a note on those that were left out.

    Raises:
        SchemaError: more than 1 % of the rows break a rule, or its columns cannot be compared.
    """
    broken = np.zeros(table.rows, dtype=bool)
    notes = []
    for rule in rules:
        if isinstance(rule, Combinations):
            continue  # what occurs is what is allowed
        if isinstance(rule, Inequality | Sum):
            _refuse_labels(rule, table)
        wrong = broken_rows(rule, table)
        count = int(wrong.sum())
        if count > max(LEFT_OUT * table.rows, 1):
            found = f"{count:,} of {table.rows:,} rows break it"
            hint = "Drop the rule, or correct the data"
            raise SchemaError(f"rule '{describe(rule)}'", found, hint)
        if count:
            notes.append(f"Rule '{describe(rule)}': {count:,} rows break it and were not learned.")
        broken |= wrong
    return np.flatnonzero(~broken), tuple(notes)


def _refuse_labels(rule: Inequality | Sum, table: Table) -> None:
    if isinstance(rule, Inequality) or len(rule.parts) > 1:
        same_scale(rule, table)


def _above(name: str, order: Sequence[Inequality]) -> set[str]:
    """All columns that the rules put at or above ``name``."""
    reached, waiting = {name}, [name]
    while waiting:
        low = waiting.pop()
        new = {rule.high for rule in order if rule.low == low} - reached
        reached |= new
        waiting += new
    return reached
