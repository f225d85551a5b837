"""What stands around the columns of a series: moments, and the names of several series."""

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from likewise.core.artifact import storable
from likewise.core.errors import ConfigError, DataError
from likewise.core.seeds import Seed
from likewise.data.schema import Kind, Schema
from likewise.data.table import Table, numbers_to_arrow
from likewise.series.bases import Before, history
from likewise.series.clock import DAY, Clock, learn_clock, no_clock
from likewise.series.past import Past
from likewise.series.view import SeriesView

Array = np.ndarray

MOST_NAMES = 64  # series that features tell apart
MOST_PERIOD = 20_000  # rows of the longest period that a beginning is drawn with


@storable
@dataclass(frozen=True)
class Frame:
    """Time and names.

    Attributes:
        schema: of all columns.
        time: the column of moments, if any.
        entity: the column of names, if any.
        names: of the series, in the order of rows; one empty name if there is one series.
        lengths: rows of each.
        clocks: of each.
        notes: what does not quite fit, in sentences.
    """

    schema: Schema
    time: str | None
    entity: str | None
    names: tuple[str, ...]
    lengths: tuple[int, ...]
    clocks: tuple[Clock, ...]
    notes: tuple[str, ...]

    @classmethod
    def fit(cls, table: Table, time: str | None, entity: str | None) -> tuple["Frame", Array]:
        """The frame, and (T,) the row with which each row's series begins.

        Raises:
            DataError: see ``clock.learn_clock``; or a series whose rows do not stand together.
            ConfigError: the same column for both, or one that holds no moments.
        """
        if time is not None and time == entity:
            raise ConfigError(f"column {time!r}", "named as time and as series", "Name two columns")
        names, starts = _stretches(table, entity)
        ends = [*starts[1:], table.rows]
        clocks: list[Clock] = []
        notes: list[str] = []
        for begin, end in zip(starts, ends, strict=True):
            if time is None:
                clocks.append(no_clock())
                continue
            moments = moments_of(table.slice(begin, end - begin), time)
            where = f"column {time!r}"
            if entity is not None:
                where += f", series {len(clocks) + 1:,}"
            clock, said = learn_clock(moments, where)
            clocks.append(clock)
            notes += said[: 1 if len(notes) < 3 else 0]
        lengths = tuple(e - b for b, e in zip(starts, ends, strict=True))
        first = np.repeat(np.array(starts, dtype=np.int64), lengths)
        return cls(table.schema, time, entity, names, lengths, tuple(clocks), tuple(notes)), first

    @property
    def period(self) -> int:
        """Rows after which a place in time recurs, of the longest period that is short enough."""
        fitting = [p for p in self.clocks[0].periods if p <= MOST_PERIOD and p == int(p)]
        return int(max(fitting, default=0)) if len(self.clocks) == 1 else 0

    def split(self, rows: int) -> list[int]:
        """So many rows over all series, in proportion to their lengths."""
        total = max(sum(self.lengths), 1)
        edges = np.floor(np.cumsum([0, *self.lengths]) * rows / total + 1e-9).astype(int)
        return [int(n) for n in np.diff(edges)]

    def moment(self, at: Array, series: Array) -> Array:
        """What is known of rows' places in time and of which series they are; (N, S) float32."""
        periods = self.clocks[0].periods
        shared = all(clock.periods == periods for clock in self.clocks)
        found = np.zeros((len(at), 0), dtype=np.float32)
        if shared and periods:
            step = self.clocks[0].step
            same = len(self.clocks) == 1 or self.clocks[0].kind != "span"
            begun = np.array([0 if same else (c.start - self.clocks[0].start) / step
                              for c in self.clocks])  # fmt: skip
            found = self.clocks[0].features(at + begun[series])
        if 1 < len(self.names) <= MOST_NAMES:
            ones = np.zeros((len(at), len(self.names)), dtype=np.float32)
            ones[np.arange(len(at)), series] = 1
            found = np.concatenate([found, ones], axis=1)
        return found

    def dressed(self, inner: Table, series: int, moments: Array) -> Table:
        """Drawn rows with the columns of time and names."""
        arrays = []
        for column in self.schema.columns:
            if column.name == self.time:
                nothing = np.zeros(inner.rows, dtype=bool)
                if column.kind is Kind.DATE:
                    moments = moments // DAY
                elif column.kind in (Kind.NUMERIC, Kind.INTEGER):
                    moments = moments / 1_000_000
                arrays.append(numbers_to_arrow(moments, nothing, column.kind))
            elif column.name == self.entity:
                arrays.append(
                    pa.array([self.names[series]] * inner.rows, pa.string()).cast(
                        pa.string()
                        if column.kind not in (Kind.INTEGER, Kind.NUMERIC)
                        else (pa.int64() if column.kind is Kind.INTEGER else pa.float64())
                    )
                )
            else:
                arrays.append(inner.arrow.column(column.name))
        return Table(pa.table(arrays, names=list(self.schema.names)), self.schema)

    def past(self, given: Table, view: SeriesView, seed: Seed) -> tuple[Past, list[Clock]]:
        """The ends of given series, as a past to go on from, and their clocks."""
        frame, first = Frame.fit(given, None, self.entity)
        missing = [name for name in self.names if name not in frame.names]
        if not given.rows or missing:
            found = "has no rows" if not given.rows else f"lacks {len(missing):,} of the series"
            raise DataError("given past", found, "Give the last rows of every series")
        inner = given.select([n for n in given.names if n not in (self.time, self.entity)])
        rows = view.rows(inner, first, seed=seed)
        ends = np.cumsum(frame.lengths)
        at_end = [int(ends[frame.names.index(name)]) for name in self.names]
        lengths = [frame.lengths[frame.names.index(name)] for name in self.names]
        known = min(lengths)
        picked = np.array([np.arange(end - known, end) for end in at_end])
        latest = history(rows.values, first)
        now = rows.values[np.array(at_end) - 1]
        before = Before(latest.last[np.array(at_end) - 1], latest.slope[np.array(at_end) - 1])
        before = Before(np.where(np.isnan(before.last), now, before.last), before.slope).after(now)
        clocks, places = self._going_on(given, at_end, lengths)
        return Past(
            rows.values[picked],
            rows.residuals[picked],
            rows.slope[picked],
            rows.options[picked],
            before,
            np.array(places, dtype=np.int64),
            np.arange(len(self.names)),
        ), clocks

    def _going_on(
        self, given: Table, ends: list[int], lengths: list[int]
    ) -> tuple[list[Clock], list[int]]:
        """Each series' clock, set by the last given moment, and the number of its next row."""
        if self.time is None:
            return list(self.clocks), lengths
        moments = moments_of(given, self.time)
        clocks, places = [], []
        for clock, end, length in zip(self.clocks, ends, lengths, strict=True):
            own = moments[end - length : end]
            if (np.diff(own) <= 0).any():
                found = "does not rise from row to row"
                raise DataError(f"given past, column {self.time!r}", found, "Sort it by time")
            place = clock.place(int(own[-1]))
            off = int(own[-1]) - int(clock.moments(np.array([place]))[0])
            clocks.append(replace(clock, start=clock.start + off))
            places.append(place + 1)
        return clocks, places


def moments_of(table: Table, time: str) -> Array:
    """A column of moments in microseconds since 1970; (T,) int64.

    Raises:
        DataError: a moment is missing.
        ConfigError: a column of another kind.
    """
    kind = table.schema[time].kind
    if kind not in (Kind.DATE, Kind.DATETIME, Kind.INTEGER, Kind.NUMERIC):
        found = f"holds {kind.value} values, no moments"
        raise ConfigError(f"column {time!r}", found, "Name a column of dates, moments or numbers")
    if table.missing(time).any():
        found = f"missing in {int(table.missing(time).sum()):,} of {table.rows:,} rows"
        raise DataError(f"column {time!r}", found, "Fill the moments in, or leave these rows out")
    moments = table.numbers(time)
    if kind is Kind.DATETIME:
        return np.asarray(moments)
    if kind is Kind.DATE:
        return np.asarray(moments * DAY)
    return np.asarray(np.rint(moments * 1_000_000), dtype=np.int64)


def _stretches(table: Table, entity: str | None) -> tuple[tuple[str, ...], list[int]]:
    """Names of the series and the row at which each begins."""
    if entity is None:
        return ("",), [0]
    if table.missing(entity).any():
        found = f"missing in {int(table.missing(entity).sum()):,} of {table.rows:,} rows"
        raise DataError(f"column {entity!r}", found, "Give every row the name of its series")
    codes, labels = table.labels(entity)
    starts = [0, *(np.flatnonzero(np.diff(codes)) + 1).tolist()]
    names = [labels[codes[i]] for i in starts]
    if len(set(names)) < len(names):
        found = f"rows of {len(names) - len(set(names)):,} series do not stand together"
        raise DataError(f"column {entity!r}", found, "Sort the rows by series, then by time")
    return tuple(names), starts
