"""Rules kept by construction: columns left out of learning and computed after drawing.

A step names the columns it ``makes``, those it ``needs``, and at most one ``extra`` column that the
generator learns in their place. ``reduce`` gives the extra column of training data; ``rebuild``
computes the made columns of drawn rows.

Shapes: N rows, M kept combinations.
"""

# ruff: noqa: D102  the protocol says what its members mean

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
import pyarrow as pa

from likewise.core.artifact import storable
from likewise.data.check import present, scaled
from likewise.data.reference import Determined, Seen, level_codes, to_arrow
from likewise.data.schema import Column, Kind, Schema
from likewise.data.table import Table, labels_to_arrow, numbers_to_arrow

Array = np.ndarray
Rng = np.random.Generator


@runtime_checkable
class Step(Protocol):
    """One construction."""

    @property
    def makes(self) -> tuple[str, ...]:
        """The columns it computes."""

    @property
    def needs(self) -> tuple[str, ...]:
        """The columns of the table it computes them from."""

    @property
    def extra(self) -> str | None:
        """The column that is learned in place of those made."""

    def reduce(self, table: Table) -> tuple[Column, pa.Array] | None:
        """The extra column of real rows."""

    def rebuild(self, table: Table, schema: Schema, rng: Rng) -> Mapping[str, pa.Array]:
        """The made columns, each in the kind that ``schema`` gives it."""


@storable
@dataclass(frozen=True)
class Copy:
    """``target`` repeats ``source``."""

    source: str
    target: str
    extra: None = None

    @property
    def makes(self) -> tuple[str, ...]:
        return (self.target,)

    @property
    def needs(self) -> tuple[str, ...]:
        return (self.source,)

    def reduce(self, table: Table) -> None:  # noqa: ARG002
        return None

    def rebuild(self, table: Table, schema: Schema, rng: Rng) -> dict[str, pa.Array]:  # noqa: ARG002
        kind, own = schema[self.target].kind, table.schema[self.source].kind
        array = table.arrow.column(self.source).combine_chunks()
        if kind is own:
            return {self.target: array}
        return {self.target: unscaled(scaled(table, self.source), table.missing(self.source), kind)}


@storable
@dataclass(frozen=True)
class Lookup:
    """A column determined by others, from the learned mapping."""

    known: Determined
    extra: None = None

    @property
    def makes(self) -> tuple[str, ...]:
        return (self.known.then,)

    @property
    def needs(self) -> tuple[str, ...]:
        return self.known.seen.columns

    def reduce(self, table: Table) -> None:  # noqa: ARG002
        return None

    def rebuild(self, table: Table, schema: Schema, rng: Rng) -> dict[str, pa.Array]:
        codes = np.maximum(self.known.expected(table), -1)
        some = (self.known.gaps > 0) & (self.known.gaps < 1)
        if some.any():  # missing in part of the rows: keep that share
            place = self.known.seen.find(table)
            share = np.where(place >= 0, self.known.gaps[place], 0)
            codes[rng.random(len(codes)) < share] = -1
        elif len(self.known.gaps):
            place = self.known.seen.find(table)
            codes[(place >= 0) & (self.known.gaps[place] == 1)] = -1
        name = self.known.then
        return {name: to_arrow(self.known.levels, codes, schema[name].kind)}


@storable
@dataclass(frozen=True)
class Total:
    """A total from its parts, or one part from the total and the others.

    Attributes:
        parts: what is added.
        total: the sum.
        target: the one of them that is computed.
        digits: digits after the point of the result; None leaves it as it comes.
    """

    parts: tuple[str, ...]
    total: str
    target: str
    digits: int | None
    extra: None = None

    @property
    def makes(self) -> tuple[str, ...]:
        return (self.target,)

    @property
    def needs(self) -> tuple[str, ...]:
        return tuple(name for name in (*self.parts, self.total) if name != self.target)

    def reduce(self, table: Table) -> None:  # noqa: ARG002
        return None

    def rebuild(self, table: Table, schema: Schema, rng: Rng) -> dict[str, pa.Array]:  # noqa: ARG002
        others = [scaled(table, name) for name in self.parts if name != self.target]
        values = sum(others[1:], start=others[0])
        if self.target != self.total:
            values = scaled(table, self.total) - values
        if self.digits is not None and values.dtype.kind == "f":
            values = np.round(values, self.digits) + 0.0
        missing = ~present(table, self.needs)
        return {self.target: unscaled(values, missing, schema[self.target].kind)}


@storable
@dataclass(frozen=True)
class Gap:
    """``low`` <= ``high`` from one of them and their difference.

    Attributes:
        low: the column below.
        high: the column above.
        target: the one of them that is computed.
        extra: the column that holds the difference.
        least: the smallest difference allowed, above 0 when the rule is strict.
        digits: digits after the point of the result; None leaves it as it comes.
    """

    low: str
    high: str
    target: str
    extra: str
    least: float
    digits: int | None

    @property
    def makes(self) -> tuple[str, ...]:
        return (self.target,)

    @property
    def needs(self) -> tuple[str, ...]:
        return (self.low if self.target == self.high else self.high,)

    def reduce(self, table: Table) -> tuple[Column, pa.Array]:
        low, high = table.schema[self.low], table.schema[self.high]
        gap = table.numbers(self.high) - table.numbers(self.low)
        missing = ~present(table, (self.low, self.high))
        if Kind.NUMERIC in {low.kind, high.kind}:
            kind = Kind.NUMERIC
            gap = gap if self.digits is None else np.round(gap, self.digits)
        elif low.kind in {Kind.INTEGER, Kind.DATE}:
            kind = Kind.INTEGER
        else:
            kind = Kind.DURATION
        floor = None if kind is Kind.DURATION else 0
        column = Column(name=self.extra, kind=kind, minimum=floor, decimals=self.digits)
        return column, numbers_to_arrow(np.where(missing, 0, gap), missing, kind)

    def rebuild(self, table: Table, schema: Schema, rng: Rng) -> dict[str, pa.Array]:  # noqa: ARG002
        (base,) = self.needs
        gap = np.maximum(table.numbers(self.extra), self.least)
        start = table.numbers(base)
        upward = self.target == self.high
        values = start + gap if upward else start - gap
        if self.digits is not None:
            values = np.round(values, self.digits) + 0.0
        values = np.maximum(values, start) if upward else np.minimum(values, start)
        column = schema[self.target]
        values = onto_decimals(values, column, upward=upward)
        missing = table.missing(base) | table.missing(self.extra)
        return {self.target: numbers_to_arrow(_whole(values, column.kind), missing, column.kind)}


@storable
@dataclass(frozen=True)
class Composite:
    """Columns that occur only in seen combinations, learned as one column of combinations."""

    seen: Seen
    extra: str

    @property
    def makes(self) -> tuple[str, ...]:
        return self.seen.columns

    @property
    def needs(self) -> tuple[str, ...]:
        return ()

    def reduce(self, table: Table) -> tuple[Column, pa.Array]:
        names = [str(i) for i in range(self.seen.size)]
        column = Column(name=self.extra, kind=Kind.CATEGORY, nullable=False)
        return column, labels_to_arrow(self._nearest(table), names)

    def rebuild(self, table: Table, schema: Schema, rng: Rng) -> dict[str, pa.Array]:
        names = tuple(str(i) for i in range(self.seen.size))
        place = level_codes(table, self.extra, names)
        lost = place < 0
        if lost.any():  # levels the codec pooled
            shares = self.seen.rows / self.seen.rows.sum()
            place[lost] = rng.choice(self.seen.size, int(lost.sum()), p=shares)
        return {n: self.seen.column(n, place, schema[n].kind) for n in self.makes}

    def _nearest(self, table: Table) -> Array:
        """Combination of each row; one too rare to keep becomes one that agrees in more columns."""
        place = self.seen.find(table)
        lost = np.flatnonzero(place < 0)
        if not len(lost):
            return place
        part = table.take(lost)
        codes = np.stack(
            [level_codes(part, n, v) for n, v in zip(self.makes, self.seen.levels, strict=True)], 1
        )
        distinct, back = np.unique(codes, axis=0, return_inverse=True)
        likeness = self.seen.rows / (self.seen.rows.max() + 1)  # below 1: agreement comes first
        best = [np.argmax((self.seen.codes == row).sum(1) + likeness) for row in distinct]
        place[lost] = np.asarray(best)[back.ravel()]
        return place


def unscaled(values: Array, missing: Array, kind: Kind) -> pa.Array:
    """The inverse of ``data.check.scaled``: (N,) values and missing flags to canonical Arrow."""
    if kind is Kind.DATE:
        values = values // 86_400_000_000
    return numbers_to_arrow(np.where(missing, 0, _whole(values, kind)), missing, kind)


def onto_decimals(values: Array, column: Column, *, upward: bool) -> Array:
    """Numbers moved up or down onto the digits with which their column is written; (N,).

    Rounding to the nearest when they are written could carry them past what they must not pass.
    """
    if column.kind is not Kind.NUMERIC or column.decimals is None:
        return values
    scale = 10.0**column.decimals
    scaled_up = values * scale
    nearest = np.rint(scaled_up)
    exact = np.abs(scaled_up - nearest) <= 1e-6 * np.maximum(np.abs(nearest), 1)
    moved = np.where(exact, nearest, np.ceil(scaled_up) if upward else np.floor(scaled_up))
    return np.asarray(moved / scale + 0.0)


def replaced(table: Table, columns: Mapping[str, pa.Array]) -> Table:
    """The table with other values in some of its columns."""
    arrow = table.arrow
    for name, values in columns.items():
        arrow = arrow.set_column(table.names.index(name), name, values)
    return Table(arrow, table.schema)


def _whole(values: Array, kind: Kind) -> Array:
    return values if kind is Kind.NUMERIC else np.rint(values).astype(np.int64)
