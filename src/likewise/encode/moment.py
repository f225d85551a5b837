"""Columns that are one number in each row: amounts, counts, booleans, and moments in time.

A datetime whose time of day varies becomes two blocks, the day and the time of day, each with its
own resolution, shared values and bins, so that weekdays, closing days and opening hours come out.
Days and times are those of the clock on the wall where the column says its time zone.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from likewise.core.artifact import storable
from likewise.core.seeds import Seed
from likewise.data.arrow_types import limits_of, type_named
from likewise.data.bounds import bounds, refuse_beyond
from likewise.data.schema import Column, Kind
from likewise.data.table import Table, numbers_to_arrow
from likewise.encode.layout import Block
from likewise.encode.number import LEVELS, Number

Array = np.ndarray
Pairs = list[tuple[Array, Array]]

DAY = 86_400_000_000  # microseconds


@storable
@dataclass(frozen=True)
class Scalar:
    """Codec of numeric, integer, boolean, date, time and duration columns; one block."""

    kind: str
    number: Number

    @classmethod
    def fit(cls, table: Table, column: Column, *, k: int, levels: int = LEVELS) -> "Scalar":
        """Learn a column; booleans of k cells or more keep both values however rare one is."""
        values, missing = _read(table, column.name)
        refuse_beyond(table, column)
        low, high = bounds(column)
        if column.kind is Kind.TIME:
            low, high = max(low, 0), min(high, DAY - 1)
        elif column.kind is Kind.NUMERIC or column.kind is Kind.INTEGER:
            least, most = limits_of(type_named(column.format.arrow))
            low, high = max(low, least), min(high, most)
        number = Number.fit(
            values,
            missing,
            k=1 if column.kind is Kind.BOOLEAN else k,
            levels=levels,
            decimals=column.decimals,
            low=low,
            high=high,
        )
        return cls(column.kind.value, number)

    @property
    def protected(self) -> int:
        """Rows whose values were too rare to describe."""
        return self.number.dropped

    def blocks(self, name: str) -> tuple[Block, ...]:
        """The block of the column called ``name``."""
        return (self.number.block(name, name),)

    def encode(self, table: Table, name: str, rng: np.random.Generator) -> Pairs:
        """Codes and details of the column, per block."""
        return [self.number.encode(*_read(table, name), rng)]

    def decode(
        self, pairs: Pairs, rows: int, rng: np.random.Generator, start: int, seed: Seed
    ) -> pa.Array:
        """The column in its canonical Arrow type."""
        del rows, rng, start, seed
        values, missing = self.number.decode(*pairs[0])
        return numbers_to_arrow(values, missing, Kind(self.kind))

    def within(self, low: float, high: float, low_open: bool, high_open: bool) -> list[Array]:
        """Levels of each block that can hold a value of the interval."""
        return [self.number.within(low, high, low_open, high_open)]


@storable
@dataclass(frozen=True)
class Moment:
    """Codec of datetime columns: the day, and the time of day when it varies.

    Attributes:
        zone: time zone whose clock is meant; None to take the values as they are.
        day: days since 1970.
        clock: microseconds since midnight; one block more when it has several levels.
        low: earliest moment that may come out, in microseconds since 1970; None if not declared.
        high: latest one.
    """

    zone: str | None
    day: Number
    clock: Number
    low: float | None
    high: float | None

    @classmethod
    def fit(cls, table: Table, column: Column, *, k: int, levels: int = LEVELS) -> "Moment":
        """Learn a datetime column."""
        zone = _usable(column.timezone)
        days, clock, missing = _split(table, column.name, zone)
        refuse_beyond(table, column)
        low, high = bounds(column)
        slack = 0 if zone is None else 1  # a zone may move a moment to the day beside it
        first = low if np.isinf(low) else low // DAY - slack
        last = high if np.isinf(high) else high // DAY + slack
        day = Number.fit(days, missing, k=k, levels=levels, low=first, high=last)
        nowhere = np.zeros(int((~missing).sum()), dtype=bool)
        clock = clock[~missing]
        times = Number.fit(clock, nowhere, k=k, levels=levels, low=0, high=DAY - 1)
        return cls(zone, day, times, *(None if np.isinf(x) else x for x in (low, high)))

    @property
    def protected(self) -> int:
        """Rows whose days or times were too rare to describe."""
        return self.day.dropped + self.clock.dropped

    @property
    def _plain(self) -> bool:
        """Whether the day says it all."""
        return bool(self.clock.atoms.all()) and len(self.clock.atoms) == 1

    def blocks(self, name: str) -> tuple[Block, ...]:
        """The blocks of the column called ``name``."""
        if self._plain:
            return (self.day.block(name, name),)
        return self.day.block(f"{name}/day", name), self._clock_block(name)

    def encode(self, table: Table, name: str, rng: np.random.Generator) -> Pairs:
        """Codes and details of the column, per block."""
        days, clock, missing = _split(table, name, self.zone)
        pairs = [self.day.encode(days, missing, rng)]
        if not self._plain:
            codes, detail = self.clock.encode(clock, np.zeros_like(missing), rng)
            if self.day.missing:
                codes, detail = np.where(missing, 0, codes + 1), np.where(missing, 0, detail)
            pairs.append((codes, detail))
        return pairs

    def decode(
        self, pairs: Pairs, rows: int, rng: np.random.Generator, start: int, seed: Seed
    ) -> pa.Array:
        """The column in its canonical Arrow type; missing where the day is."""
        del rows, start, seed
        days, missing = self.day.decode(*pairs[0])
        if self._plain:
            only = np.zeros(1, dtype=np.int32)
            clock = self.clock.decode(only, only.astype(np.float32))[0]
        else:
            codes, detail = pairs[1]
            if self.day.missing:
                codes, detail = self._present(codes, detail, missing, rng)
            clock = self.clock.decode(codes, detail)[0]
        moments = numbers_to_arrow(days * DAY + clock, missing, Kind.DATETIME)
        if self.zone is None:
            return self._bounded(moments)
        placed = pc.assume_timezone(moments, self.zone, ambiguous="earliest", nonexistent="latest")
        return self._bounded(placed.cast(pa.int64()).cast(pa.timestamp("us")))

    def _bounded(self, moments: pa.Array) -> pa.Array:
        """Moments of the first and last day that lie beyond the bounds are moved onto them."""
        micros = moments.cast(pa.int64())
        if self.low is not None:
            micros = pc.max_element_wise(micros, pa.scalar(int(self.low)), skip_nulls=False)
        if self.high is not None:
            micros = pc.min_element_wise(micros, pa.scalar(int(self.high)), skip_nulls=False)
        return micros.cast(moments.type)

    def _present(
        self, codes: Array, detail: Array, missing: Array, rng: np.random.Generator
    ) -> tuple[Array, Array]:
        """Times of day without a level for missing; days without one get one that is usual."""
        lost = np.flatnonzero((codes == 0) & ~missing)
        codes = np.maximum(codes - 1, 0)
        if len(lost):
            below = np.cumsum(self.clock.counts)
            codes[lost] = np.searchsorted(below[:-1], rng.random(len(lost)) * below[-1], "right")
            detail = detail.copy()
            inside = rng.random(len(lost), dtype=np.float32)
            detail[lost] = np.where(self.clock.atoms[codes[lost]], np.float32(0), inside)
        return codes, detail

    def within(self, low: float, high: float, low_open: bool, high_open: bool) -> list[Array]:
        """Levels of each block that can hold a value of the interval; times are left free."""
        del low_open, high_open
        slack = 0 if self.zone is None else 1  # a zone may move a moment to the day beside it
        first = low if np.isinf(low) else low // DAY - slack
        last = high if np.isinf(high) else high // DAY + slack
        masks = [self.day.within(first, last, False, False)]
        if not self._plain:
            free = np.ones(len(self.clock.atoms) + self.day.missing, dtype=bool)
            free[: int(self.day.missing)] = False
            masks.append(free)
        return masks

    def _clock_block(self, name: str) -> Block:
        """The block of the time of day, with a level for missing where the day has one."""
        block = self.clock.block(f"{name}/time", name)
        if not self.day.missing:
            return block
        atoms, centers = np.insert(block.atoms, 0, True), np.insert(block.centers, 0, 0.0)
        counts = np.insert(block.counts, 0, self.day.counts[0])
        return Block(block.name, name, True, True, atoms, centers, counts)


def _read(table: Table, name: str) -> tuple[Array, Array]:
    """Numbers and missing flags; what is not a finite number counts as missing."""
    values, missing = table.numbers(name), table.missing(name)
    if values.dtype.kind == "f":
        finite = np.isfinite(values)
        if not finite.all():
            return np.where(finite, values, 0.0), missing | ~finite
    return values, missing


def _split(table: Table, name: str, zone: str | None) -> tuple[Array, Array, Array]:
    """Days, microseconds since midnight, and missing flags."""
    values, missing = table.numbers(name), table.missing(name)
    if zone is not None:
        there = pc.local_timestamp(pa.array(values).cast(pa.timestamp("us", zone)))
        values = there.cast(pa.int64()).to_numpy()
    days = values // DAY
    return days, values - days * DAY, missing


def _usable(zone: str | None) -> str | None:
    """The zone if this machine knows its clock, else None."""
    if zone is None:
        return None
    try:
        pc.local_timestamp(pa.array([0]).cast(pa.timestamp("us", zone)))
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return None
    return zone
