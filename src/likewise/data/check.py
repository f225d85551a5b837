"""Which rows break a rule: one vectorised test for each kind of rule.

A missing value breaks no rule but ``not_null``. Shapes: N rows.
"""

import datetime as dt
import re
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np

from likewise.core.errors import SchemaError
from likewise.data.reference import Determined, Reference, Seen, combine, level_codes, value_codes
from likewise.data.rules import (
    Combinations,
    Determines,
    Inequality,
    Range,
    Rule,
    Sum,
    Unique,
    describe,
)
from likewise.data.schema import LABELS, NUMBERS, TEMPORAL, Column, Kind, common_order
from likewise.data.table import Table

Array = np.ndarray

RELATIVE = 1e-9  # float64 sums of large amounts cannot be held to an absolute tolerance
_DAY = 86_400_000_000  # microseconds
_SECOND = dt.timedelta(seconds=1)
_TICK = dt.timedelta(microseconds=1)
_DURATION = re.compile(
    r"(?P<sign>-?)P(?:(?P<weeks>[\d.]+)W)?(?:(?P<days>[\d.]+)D)?"
    r"(?:T(?:(?P<hours>[\d.]+)H)?(?:(?P<minutes>[\d.]+)M)?(?:(?P<seconds>[\d.]+)S)?)?"
)


@dataclass(frozen=True)
class Checked:
    """The certificate of one rule: rows looked at, and rows that break it."""

    rule: Rule
    rows: int
    violations: int


def check(rule: Rule, table: Table, reference: Reference | None = None) -> Checked:
    """Count the rows of ``table`` that break ``rule``; see ``broken_rows``."""
    return Checked(rule, table.rows, int(broken_rows(rule, table, reference).sum()))


def broken_rows(rule: Rule, table: Table, reference: Reference | None = None) -> Array:
    """Rows that break ``rule``; (N,) bool.

    ``Combinations`` is judged by the reference learned from training data. ``Determines`` is
    judged by it where it is given; rows it does not know, and all rows without it, are judged
    against each other: those that differ from the most common value of their group break it. Of
    rows that are the same under ``Unique`` all but the first break it. Cost: O(N log N).
    """
    if isinstance(rule, Range):
        return _outside(rule, table)
    if isinstance(rule, Inequality):
        same_scale(rule, table)
        low, high = _sides(rule, table)
        wrong = low >= high if rule.strict else low > high
        return np.asarray(wrong & present(table, rule.touches))
    if isinstance(rule, Sum):
        return _wrong_sum(rule, table)
    if isinstance(rule, Combinations):
        if not isinstance(reference, Seen):
            raise ValueError(f"{describe(rule)}: needs the combinations of the training data")
        return np.asarray((reference.find(table) < 0) & present(table, rule.touches))
    if isinstance(rule, Determines):
        known = reference if isinstance(reference, Determined) else None
        return _undetermined(rule, table, known)
    if isinstance(rule, Unique):
        return _repeated(rule, table)
    return table.missing(rule.column)


def present(table: Table, names: tuple[str, ...]) -> Array:
    """Rows in which none of the columns is missing; (N,) bool."""
    gone = np.zeros(table.rows, dtype=bool)
    for name in names:
        gone |= table.missing(name)
    return ~gone


def scaled(table: Table, name: str) -> Array:
    """The column on a scale on which it can be compared with others; (N,) float64 or int64.

    Numbers as they are, dates and datetimes in microseconds, ordinals as positions.
    """
    column = table.schema[name]
    if column.kind is Kind.DATE:
        return table.numbers(name) * _DAY
    if column.kind is Kind.ORDINAL:
        return level_codes(table, name, column.levels or ())
    if column.kind is Kind.CONSTANT:
        return _constant(table, name)
    if column.kind in LABELS:
        raise SchemaError(
            f"column {name!r}", f"a {column.kind.value} has no order", "Drop the rule"
        )
    return table.numbers(name)


def _sides(rule: Inequality, table: Table) -> tuple[Array, Array]:
    """Both columns on one scale; ordinals by their positions in the order they share."""
    low, high = table.schema[rule.low], table.schema[rule.high]
    levels = common_order(low.levels, high.levels)
    if {low.kind, high.kind} != {Kind.ORDINAL} or levels is None:
        return scaled(table, rule.low), scaled(table, rule.high)
    return level_codes(table, rule.low, levels), level_codes(table, rule.high, levels)


def same_scale(rule: Rule, table: Table) -> None:
    """Raise SchemaError unless all columns of ``rule`` can be compared with each other."""
    kinds = {table.schema[name].kind for name in rule.touches} - {Kind.CONSTANT}
    plain = NUMBERS | {Kind.BOOLEAN}
    if len(kinds) > 1 and not kinds <= plain and kinds != {Kind.DATE, Kind.DATETIME}:
        found = f"compares {' with '.join(sorted(kind.value for kind in kinds))} columns"
        raise SchemaError(f"rule '{describe(rule)}'", found, "Give columns of one kind")
    levels = [table.schema[name].levels for name in rule.touches]
    if kinds == {Kind.ORDINAL} and common_order(levels[0], levels[-1]) is None:
        found = "compares ordinal columns whose levels share no order"
        raise SchemaError(f"rule '{describe(rule)}'", found, "List the same levels for both")


def bound(column: Column, value: float | int | str) -> float | int:
    """A declared bound on the scale of ``scaled``; SchemaError when it cannot be read."""
    if not isinstance(value, str):
        return value * _DAY if column.kind is Kind.DATE else value
    try:
        return _read_bound(column, value)
    except ValueError:
        found = f"the bound cannot be read as {column.kind.value}"
        hint = "Write numbers plainly, dates as 2024-12-31, times as 2024-12-31T23:59:59"
        raise SchemaError(f"column {column.name!r}", found, hint) from None


def _read_bound(column: Column, text: str) -> float | int:
    if column.kind is Kind.ORDINAL:
        return (column.levels or ()).index(text)
    if column.kind is Kind.TIME:
        time = dt.time.fromisoformat(text)
        parts = dt.timedelta(hours=time.hour, minutes=time.minute, seconds=time.second)
        return parts // _TICK + time.microsecond
    if column.kind is Kind.DURATION:
        return _read_duration(text)
    if column.kind not in TEMPORAL:
        return float(text)
    moment = dt.datetime.fromisoformat(text)
    if column.timezone is not None and moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(column.timezone))
    if column.timezone is None:
        moment = moment.replace(tzinfo=None)
        return (moment - dt.datetime(1970, 1, 1)) // _TICK
    return (moment - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // _TICK


def _read_duration(text: str) -> int:
    match = _DURATION.fullmatch(text)
    if match is None:
        return round(float(text) * (_SECOND // _TICK))  # plain seconds
    parts = {k: float(v) for k, v in match.groupdict().items() if k != "sign" and v}
    length = dt.timedelta(**parts) // _TICK
    return -length if match["sign"] else length


def _constant(table: Table, name: str) -> Array:
    codes, labels = table.labels(name)
    try:
        return np.asarray(np.array([*map(float, labels), 0.0])[codes])
    except ValueError:
        found = "a constant that is no number has no order"
        raise SchemaError(f"column {name!r}", found, "Drop the rule") from None


def _outside(rule: Range, table: Table) -> Array:
    values, column = scaled(table, rule.column), table.schema[rule.column]
    wrong = np.zeros(table.rows, dtype=bool)
    if rule.low is not None:
        wrong |= values < bound(column, rule.low)
    if rule.high is not None:
        wrong |= values > bound(column, rule.high)
    return np.asarray(wrong & ~table.missing(rule.column))


def _wrong_sum(rule: Sum, table: Table) -> Array:
    """Rows whose parts miss the total by more than the tolerance."""
    kinds = {table.schema[name].kind for name in rule.touches}
    there = present(table, rule.touches)
    if len(rule.parts) == 1 and kinds <= LABELS:
        codes, labels = table.labels(rule.total)
        return np.asarray((level_codes(table, rule.parts[0], tuple(labels)) != codes) & there)
    same_scale(rule, table)
    if kinds & {Kind.DATE, Kind.DATETIME, Kind.TIME} and len(rule.parts) > 1:
        found = "adds up points in time"
        raise SchemaError(f"rule '{describe(rule)}'", found, "Give numbers or durations")
    parts = [scaled(table, name) for name in rule.parts]
    total = scaled(table, rule.total)
    size = np.abs(total).astype(np.float64)
    for part in parts:
        size = np.maximum(size, np.abs(part))
    off = np.abs(sum(parts[1:], start=parts[0]) - total)
    return np.asarray((off > rule.tolerance + RELATIVE * size) & there)


def _undetermined(rule: Determines, table: Table, known: Determined | None) -> Array:
    there = present(table, rule.touches)
    if known is None:
        return _disagreeing(rule, table, there)
    wanted = known.expected(table)
    wrong = (wanted >= 0) & (level_codes(table, rule.then, known.levels) != wanted) & there
    strange = (wanted < 0) & there
    if strange.any():
        wrong |= _disagreeing(rule, table, strange)
    return np.asarray(wrong)


def _disagreeing(rule: Determines, table: Table, among: Array) -> Array:
    """Rows among the given that differ from the most common ``then`` of their group."""
    rows = np.flatnonzero(among)
    broken = np.zeros(table.rows, dtype=bool)
    part = table.take(rows)
    coded = [value_codes(part, name) for name in rule.columns]
    ids = combine([codes for codes, _ in coded], [len(levels) for _, levels in coded])
    _, group = np.unique(ids, return_inverse=True)
    then, levels = value_codes(part, rule.then)
    pairs, pair, count = np.unique(
        group * max(len(levels), 1) + then, return_inverse=True, return_counts=True
    )
    most = np.zeros(len(pairs) + 1, dtype=np.int64)  # per group: its most common pair
    owner = pairs // max(len(levels), 1)
    order = np.lexsort((-pairs, count))
    most[owner[order]] = order
    broken[rows] = pair != most[group]
    return broken


def _repeated(rule: Unique, table: Table) -> Array:
    coded = [value_codes(table, name) for name in rule.columns]
    ids = combine([codes for codes, _ in coded], [len(levels) for _, levels in coded])
    _, first = np.unique(ids, return_index=True)
    repeated = np.ones(table.rows, dtype=bool)
    repeated[first] = False
    return np.asarray(repeated & present(table, rule.touches))
