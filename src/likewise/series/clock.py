"""The moments of a regular series: a start and equal steps, from which any row's moment follows.

Steps are spans of equal length, whole months, or the days from Monday to Friday.
"""

from dataclasses import dataclass

import numpy as np

from likewise.core.artifact import storable
from likewise.core.checks import agree
from likewise.core.errors import DataError

Array = np.ndarray

DAY = 86_400_000_000  # microseconds
SPAN, MONTHS, WEEKDAYS = "span", "months", "weekdays"
HOLIDAYS = 0.06  # share of working days that may be missing
HARMONICS = 3  # sines and cosines of each period
CYCLES = 2.5  # of a period that a series must hold, for the period to be learned


@storable
@dataclass(frozen=True)
class Clock:
    """How moments follow each other.

    Attributes:
        kind: "span", "months" or "weekdays".
        step: microseconds, or months.
        start: microseconds since 1970 of the first row.
        periods: in rows, that rows may depend on: of a day, a week or a year.
    """

    kind: str
    step: int
    start: int
    periods: tuple[float, ...]

    def __post_init__(self) -> None:
        agree(self.kind in (SPAN, MONTHS, WEEKDAYS) and self.step > 0, "steps of time")
        agree(all(period > 1 for period in self.periods), "periods")

    def moments(self, at: Array) -> Array:
        """Microseconds since 1970 of rows by number, from 0 at the start on; (N,) int64."""
        at = np.asarray(at, dtype=np.int64)
        if self.kind == SPAN:
            return np.asarray(self.start + at * self.step)
        start = np.array(self.start, dtype="datetime64[us]")
        if self.kind == WEEKDAYS:
            day = np.busday_offset(start.astype("datetime64[D]"), at, roll="forward")
            inside = self.start % DAY
            return np.asarray(day.astype("datetime64[us]").astype(np.int64) + inside)
        month = start.astype("datetime64[M]").astype(np.int64)
        moved, after = _begin(month + at * self.step), _begin(month + at * self.step + 1)
        time = self.start % DAY
        last = self.start - time + DAY == _begin(month + 1)
        rest = np.where(last, after - moved - DAY + time, self.start - _begin(month))
        return np.asarray(np.minimum(moved + rest, after - DAY + time))

    def place(self, moment: int) -> int:
        """The number of the row at or before a moment; the inverse of ``moments``."""
        if self.kind == SPAN:
            return (moment - self.start) // self.step
        start, now = (np.array(x, dtype="datetime64[us]") for x in (self.start, moment))
        if self.kind == WEEKDAYS:
            return int(np.busday_count(start.astype("datetime64[D]"), now.astype("datetime64[D]")))
        months = [int(x.astype("datetime64[M]").astype(np.int64)) for x in (start, now)]
        return (months[1] - months[0]) // self.step

    def features(self, at: Array) -> Array:
        """Sines and cosines of where rows by number lie in each period; (N, S) float32."""
        angle = 2 * np.pi * np.asarray(at)[:, None] / np.array(self.periods or (1.0,))
        waves = [f(k * angle) for k in range(1, HARMONICS + 1) for f in (np.sin, np.cos)]
        found = np.concatenate(waves, axis=1)
        return found.astype(np.float32)[:, : found.shape[1] if self.periods else 0]


def _begin(months: Array) -> Array:
    """Microseconds since 1970 at the begin of months, counted from January 1970."""
    return np.asarray(months).astype("datetime64[M]").astype("datetime64[us]").astype(np.int64)


def no_clock(periods: tuple[float, ...] = ()) -> Clock:
    """Of a series without moments: rows by number."""
    return Clock(SPAN, 1, 0, periods)


def learn_clock(moments: Array, where: str) -> tuple[Clock, tuple[str, ...]]:
    """The clock of a series' moments, and notes on what does not quite fit.

    Args:
        moments: (T,) int64 microseconds since 1970, in the order of rows, none missing.
        where: the column, for messages.

    Raises:
        DataError: moments do not rise, occur twice, or their steps differ.
    """
    if len(moments) < 2:
        return Clock(SPAN, DAY, int(moments[0]) if len(moments) else 0, ()), ()
    steps = np.diff(moments)
    _refuse_disorder(steps, where)
    kinds, counts = np.unique(steps, return_counts=True)
    common = int(kinds[np.argmax(counts)])
    start = int(moments[0])
    if len(kinds) == 1:
        return Clock(SPAN, common, start, _periods(common, len(moments))), ()
    months = _months(moments)
    if months:
        yearly = 12 / months
        enough = yearly > 1 and len(moments) >= CYCLES * yearly
        return Clock(MONTHS, months, start, (yearly,) if enough else ()), ()
    found = _weekdays(moments)
    if found is not None:
        year = 261.0
        periods = tuple(p for p in (5.0, year) if len(moments) >= CYCLES * p)
        notes: tuple[str, ...] = ()
        if found:
            notes = (
                f"{where}: {found:,} working days are missing, such as holidays; rows follow each "
                "other as if they were not, and the output has every day from Monday to Friday.",
            )
        return Clock(WEEKDAYS, 1, start, periods), notes
    odd = int(len(steps) - counts.max())
    raise DataError(
        where,
        f"steps differ: {odd:,} of {len(steps):,} are not {in_words(common)}, first after row "
        f"{int(np.flatnonzero(steps != common)[0]) + 1:,}",
        "Insert the rows that are missing (cells may be empty), or leave the time column out to "
        "take rows as equal steps",
    )


def _refuse_disorder(steps: Array, where: str) -> None:
    if (steps == 0).any():
        found = f"{int((steps == 0).sum()):,} moments occur twice, first at row"
        row = int(np.flatnonzero(steps == 0)[0]) + 2
        hint = "Keep one row for each moment, or name the column that tells series apart"
        raise DataError(where, f"{found} {row:,}", hint)
    if (steps < 0).any():
        row = int(np.flatnonzero(steps < 0)[0]) + 2
        hint = "Sort the rows by time, or name the column that tells series apart"
        raise DataError(where, f"does not rise, first at row {row:,}", hint)


def _months(moments: Array) -> int:
    """Whole months between moments, 0 if they are none."""
    months, nextday = (
        at.astype("datetime64[us]").astype("datetime64[M]").astype(np.int64)
        for at in (moments, moments + DAY)
    )
    steps = np.unique(np.diff(months))
    inside = np.unique((moments - _begin(months)) // DAY)
    whole = len(inside) == 1 or bool((nextday - months == 1).all())
    same_time = len(np.unique(moments % DAY)) == 1
    return int(steps[0]) if len(steps) == 1 and steps[0] > 0 and whole and same_time else 0


def _weekdays(moments: Array) -> int | None:
    """Working days that are missing, None if moments are no days from Monday to Friday."""
    if len(np.unique(moments % DAY)) > 1:
        return None
    days = moments.astype("datetime64[us]").astype("datetime64[D]")
    if not np.is_busday(days).all():
        return None
    missing = int(np.busday_count(days[0], days[-1])) + 1 - len(days)
    return missing if missing <= HOLIDAYS * (len(days) + missing) else None


def _periods(step: int, rows: int) -> tuple[float, ...]:
    """A day, a week and a year in rows, where the series holds enough of them."""
    lengths = [DAY / step, 7 * DAY / step, 365.2425 * DAY / step]
    return tuple(p for p in lengths if p >= 3 and rows >= CYCLES * p)


def in_words(step: int) -> str:
    """A step as a person says it."""
    for size, name in ((DAY, "day"), (3_600_000_000, "hour"), (60_000_000, "minute"),
                       (1_000_000, "second")):  # fmt: skip
        if step % size == 0:
            count = step // size
            return f"{count:,} {name}{'s' if count != 1 else ''}"
    return f"{step / 1e6:g} seconds"
