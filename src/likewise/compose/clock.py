"""The column that puts siblings in order, such as a date: drawn as steps from one to the next.

The owner knows when its first and its last child are; a step is drawn given the owner, the sibling
before, and how much is left to go. Steps are whole multiples of the smallest one that occurs, never
shorter than the shortest, so that what is strictly rising stays so.

Shapes: N rows.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from likewise.compose.given_rows import Bins
from likewise.core.artifact import storable
from likewise.core.errors import ConfigError
from likewise.core.seeds import Seed
from likewise.data.schema import Column, Kind, Schema
from likewise.data.table import CANONICAL, Table, numbers_to_arrow
from likewise.encode.codec import TableCodec
from likewise.encode.layout import Block, Encoded

Array = np.ndarray
Features = Iterator[tuple[str, Array]]

STEP = "step"


@storable
@dataclass(frozen=True)
class Clock:
    """What is known of the column before its steps are drawn.

    Attributes:
        column: the column.
        unit: the scale of steps, in the numbers of ``Table.numbers``.
        least: the shortest step, in units.
        steps: the codec of steps.
        starts: (Q,) quantiles of the first values, for owners of which it is not known.
    """

    column: Column
    unit: int
    least: int
    steps: TableCodec
    starts: Array

    @classmethod
    def fit(cls, column: Column, times: Array, follows: Array, people: Array | None) -> "Clock":
        """Learn the scale of steps.

        Args:
            column: the column.
            times: (N,) int64, siblings next to each other in rising order.
            follows: (N,) bool, rows whose sibling stands in the row before.
            people: (N,) whose row each is; None if each stands for itself.
        """
        gaps = np.diff(times, prepend=times[:1])[follows]
        unit = int(np.gcd.reduce(gaps)) if len(gaps) else 1
        gaps = gaps // max(unit, 1)
        table = _as_table(gaps)
        own = None if people is None else people[follows]
        steps = TableCodec.fit(table, seed=Seed(0), people=own)
        first = times[~follows]
        starts = np.quantile(first, np.linspace(0.05, 0.95, 31), method="nearest")
        least = int(gaps.min()) if len(gaps) else 0
        return cls(column, max(unit, 1), least, steps, starts)

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The blocks of a step: one, or none if all steps are equal."""
        return self.steps.layout.blocks

    def encode(self, times: Array, follows: Array, seed: Seed) -> Encoded:
        """The step to each row from its sibling before; of rows without one it says nothing."""
        gaps = np.where(follows, np.diff(times, prepend=times[:1]) // self.unit, self.least)
        return self.steps.encode(_as_table(gaps), seed=seed)

    def decode(self, steps: Encoded, rng: np.random.Generator) -> Array:
        """The length of steps, on the scale of the column; (N,) int64."""
        gaps = self.steps.decode(steps, rng, seed=Seed(0)).numbers(STEP)
        return np.asarray(np.maximum(gaps, self.least) * self.unit)

    def first(self, known: Array, missing: Array, rng: np.random.Generator) -> Array:
        """The first value of each owner: what it knows, else one such as others have."""
        other = self.starts[rng.integers(0, len(self.starts), len(known))]
        return np.where(missing, other, known).astype(np.int64)

    def moments(self, times: Array) -> Features:
        """What a value says by itself: weekday, month, hour, and where it lies in the whole."""
        yield "time", times
        kind = self.column.kind
        if kind not in (Kind.DATE, Kind.DATETIME):
            return
        array = numbers_to_arrow(times, np.zeros(len(times), dtype=bool), kind)
        if self.column.timezone is not None:
            array = pc.local_timestamp(array.cast(pa.timestamp("us", self.column.timezone)))
        yield "weekday", _whole(pc.day_of_week(array))
        yield "day of month", _whole(pc.day(array))
        yield "month", _whole(pc.month(array))
        if kind is Kind.DATETIME:
            yield "hour", _whole(pc.hour(array))

    def on_the_way(self, times: Array, last: Array, left: Array) -> Features:
        """How much is left from each row on: siblings, and the mean step to the last of them."""
        yield "left", left
        gap = np.maximum(last - times, 0) / self.unit / np.maximum(left, 1)
        yield "mean step left", np.round(np.log2(1 + gap), 3)


def features_of(pairs: Features) -> tuple[tuple[Bins, ...], list[Array]]:
    """Blocks for some numbers, and their codes."""
    bins, codes = [], []
    for name, values in pairs:
        found = Bins.fit(name, values)
        bins.append(found)
        codes.append(found.codes(values))
    return tuple(bins), codes


def _as_table(gaps: Array) -> Table:
    column = Column(name=STEP, kind=Kind.INTEGER, nullable=False)
    return Table(pa.table({STEP: pa.array(gaps.astype(np.int64))}), Schema(columns=(column,)))


def _whole(array: pa.Array) -> Array:
    return np.asarray(array.to_numpy(zero_copy_only=False)).astype(np.int64)


def moment_of(value: Any, column: Column) -> int:
    """A moment as a number of a column of dates, times or whole numbers.

    Args:
        value: a text, a whole number for a column of these, else a date or a date with a time; one
            without a zone is in that of the column.
        column: what the moment is compared with.

    Raises:
        ConfigError: it is no such moment.
    """
    whole = column.kind is Kind.INTEGER
    refused = ConfigError(
        "until", "is no moment that can be read",
        "Write it as 2024-05-31 or 2024-05-31 12:00, or as a whole number",
    )  # fmt: skip
    try:
        one = pa.array([value])
        if pa.types.is_string(one.type):
            one = one.cast(pa.int64() if whole else pa.timestamp("us"))
        elif pa.types.is_date(one.type):
            one = one.cast(pa.timestamp("us"))
        if not (pa.types.is_integer if whole else pa.types.is_timestamp)(one.type):
            raise refused
        if not whole and column.timezone is not None and one.type.tz is None:
            one = pc.assume_timezone(one, column.timezone)
        one = one.cast(CANONICAL[column.kind])
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowTypeError):
        raise refused from None
    schema = Schema(columns=(column,))
    return int(Table(pa.table([one], names=[column.name]), schema).numbers(column.name)[0])
