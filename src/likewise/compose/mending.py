"""Rows that no redraw could save, moved by the least that keeps the rules."""

from collections.abc import Sequence

import numpy as np

from likewise.compose.steps import Rng, Step, onto_decimals, replaced, unscaled
from likewise.data.check import bound, present, scaled
from likewise.data.rules import Inequality, Range, Rule
from likewise.data.schema import LABELS, Kind
from likewise.data.table import Table

PASSES = 3


def mended(
    table: Table, rules: Sequence[Rule], steps: Sequence[Step], fixed: frozenset[str], rng: Rng
) -> Table:
    """The rows clipped to ranges, pairs in order, then totals and dependencies computed anew.

    Args:
        table: rows that break some rule.
        rules: the rules to keep.
        steps: constructions to repeat after values have moved.
        fixed: columns that must stay as they are.
        rng: for values that are missing in part of the rows.

    Rules that pull in different directions may remain broken: the caller checks again.
    """
    needed = frozenset(name for step in steps for name in step.needs)
    for _ in range(PASSES):
        for rule in rules:
            if isinstance(rule, Range) and rule.column not in fixed:
                table = _clipped(table, rule)
            elif isinstance(rule, Inequality):
                table = _in_order(table, rule, fixed, needed)
        for step in steps:
            if step.extra is None and not set(step.makes) & fixed:
                table = replaced(table, step.rebuild(table, table.schema, rng))
    return table


def _clipped(table: Table, rule: Range) -> Table:
    column = table.schema[rule.column]
    if column.kind in LABELS:
        return table
    values = scaled(table, rule.column)
    if rule.low is not None:
        values = np.maximum(values, bound(column, rule.low))
    if rule.high is not None:
        values = np.minimum(values, bound(column, rule.high))
    return replaced(table, {rule.column: unscaled(values, table.missing(rule.column), column.kind)})


def _in_order(
    table: Table, rule: Inequality, fixed: frozenset[str], needed: frozenset[str]
) -> Table:
    """Move the side that is free: the upper one unless other columns depend on it."""
    sides = [name for name in (rule.high, rule.low) if name not in fixed]
    kinds = {table.schema[name].kind for name in rule.touches}
    if not sides or kinds & LABELS:
        return table
    moved = min(sides, key=lambda name: name in needed)
    low, high = scaled(table, rule.low), scaled(table, rule.high)
    least = 0.0
    if rule.strict:
        digits = table.schema[moved].decimals
        least = 1 if Kind.NUMERIC not in kinds else 10.0 ** -(6 if digits is None else digits)
        least = 86_400_000_000 if kinds == {Kind.DATE} else least
    wrong = (low >= high if rule.strict else low > high) & present(table, rule.touches)
    column, upward = table.schema[moved], moved == rule.high
    target = onto_decimals(low + least if upward else high - least, column, upward=upward)
    values = np.where(wrong, target, high if upward else low)
    return replaced(table, {moved: unscaled(values, table.missing(moved), column.kind)})
