"""Conditions on rows in a small, safe language: ``age > 65 and sex = 'Female'``.

Words of the language: comparisons ``= == != <> < <= > >=`` (also chained, ``18 <= age < 65``),
``in (...)``, ``between a and b``, ``is null``, ``and``, ``or``, ``not`` and parentheses. Texts
stand in single quotes, column names with spaces in double quotes or backticks, dates as 2024-01-31.
A comparison with a missing value holds for no row, negated or not, as in SQL. Nothing is executed:
a condition is parsed into the dataclasses of ``data.condition``.
"""

import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pyarrow.compute as pc

from likewise.data.condition import AllOf, AnyOf, Condition, Labels, Missing, Pair, Span
from likewise.data.grammar import Parser
from likewise.data.reference import level_codes
from likewise.data.schema import LABELS, Schema, common_order
from likewise.data.table import Table

__all__ = [
    "AllOf",
    "AnyOf",
    "Condition",
    "Labels",
    "LevelSelector",
    "Missing",
    "Pair",
    "Predicate",
    "Span",
    "parse",
]

Array = np.ndarray
Masks = dict[int, Array]  # block position -> (K,) bool, the levels that may hold the rows

COMPARE: Mapping[str, Callable[[Array, Array], Array]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class LevelSelector(Protocol):
    """What a condition asks of a codec: which levels may hold such values."""

    def levels_in(
        self, column: str, low: float | None, high: float | None, low_open: bool, high_open: bool
    ) -> Masks:
        """Levels of a number-like column that meet an interval, on the scale of its numbers."""

    def levels_of(self, column: str, labels: tuple[str, ...]) -> Masks:
        """Levels of a column of labels that may stand for one of ``labels``."""

    def levels_missing(self, column: str, missing: bool) -> Masks:
        """The level that stands for a missing value, or all the others."""


@dataclass(frozen=True)
class Predicate:
    """A parsed condition.

    Attributes:
        text: as the user wrote it.
        condition: what it means.
    """

    text: str
    condition: Condition

    @property
    def columns(self) -> frozenset[str]:
        """The columns it reads."""
        return _columns(self.condition)

    def mask(self, table: Table) -> Array:
        """The rows for which it is true; (N,) bool. Cost: O(N) for each comparison."""
        return _mask(self.condition, table)

    def allowed(self, codec: LevelSelector) -> Masks:
        """Block position -> (K,) bool: no row outside these levels can satisfy the condition.

        Rows inside them may still fail it (a level is an interval, and an ``or`` over two columns
        constrains neither), so what is drawn from them must be checked with ``mask``.
        """
        return _allowed(self.condition, codec)


def parse(text: str, schema: Schema) -> Predicate:
    """The condition ``text`` over the columns of ``schema``.

    Raises:
        ConfigError: a syntax error with its position, an unknown column with the nearest name, or
            a comparison that the column's kind does not have.
    """
    return Predicate(text.strip(), Parser(text, schema).parse())


def _columns(condition: Condition) -> frozenset[str]:
    match condition:
        case AllOf(parts) | AnyOf(parts):
            return frozenset[str]().union(*(_columns(part) for part in parts))
        case Pair(left, _, right):
            return frozenset({left, right})
        case _:
            return frozenset({condition.column})


def _mask(condition: Condition, table: Table) -> Array:
    """Where the condition is true; (N,) bool."""
    match condition:
        case Span(column):
            inside = _inside(condition, table.numbers(column))
            return np.asarray(inside & ~table.missing(column))
        case Labels(column, wanted, inverse):
            codes, labels = table.labels(column)
            holds = np.array([(label in wanted) != inverse for label in labels] + [False])
            return np.asarray(holds[codes])
        case Missing(column, missing):
            return np.asarray(table.missing(column) == missing)
        case Pair(left, sign, right):
            known = ~table.missing(left) & ~table.missing(right)
            return np.asarray(known & _compared(table, left, sign, right))
        case AllOf(parts):
            return np.asarray(np.logical_and.reduce([_mask(part, table) for part in parts]))
        case AnyOf(parts):
            return np.asarray(np.logical_or.reduce([_mask(part, table) for part in parts]))


def _inside(span: Span, values: Array) -> Array:
    inside = np.ones(len(values), dtype=bool)
    if span.low is not None:
        inside &= values > span.low if span.low_open else values >= span.low
    if span.high is not None:
        inside &= values < span.high if span.high_open else values <= span.high
    return inside


def _compared(table: Table, left: str, sign: str, right: str) -> Array:
    if table.schema[left].kind not in LABELS:
        return COMPARE[sign](table.numbers(left), table.numbers(right))
    if sign not in ("=", "!="):
        columns = table.schema[left], table.schema[right]
        levels = common_order(*(column.levels for column in columns)) or ()
        return COMPARE[sign](level_codes(table, left, levels), level_codes(table, right, levels))
    same = pc.equal(table.arrow.column(left), table.arrow.column(right))
    equal = pc.fill_null(same, False).to_numpy()
    return np.asarray(equal == (sign == "="))


def _allowed(condition: Condition, codec: LevelSelector) -> Masks:
    """A superset of the levels of the rows for which it is true; other blocks are free."""
    match condition:
        case Span(column, low, high, low_open, high_open):
            return codec.levels_in(column, low, high, low_open, high_open)
        case Labels(column, labels, inverse):
            if inverse:  # a pooled level stands for several labels, so none can be ruled out
                return codec.levels_missing(column, False)
            return codec.levels_of(column, labels)
        case Missing(column, missing):
            return codec.levels_missing(column, missing)
        case Pair(left, _, right):
            return {**codec.levels_missing(left, False), **codec.levels_missing(right, False)}
        case AllOf(parts):
            return _every(_allowed(part, codec) for part in parts)
        case AnyOf(parts):
            masks = [_allowed(part, codec) for part in parts]
            shared = set(masks[0]).intersection(*masks[1:])
            return {i: np.logical_or.reduce([mask[i] for mask in masks]) for i in sorted(shared)}


def _every(masks: Iterable[Masks]) -> Masks:
    """Levels that all of the masks allow."""
    found: Masks = {}
    for blocks in masks:
        for i, mask in blocks.items():
            found[i] = found[i] & mask if i in found else mask
    return found
