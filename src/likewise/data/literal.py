"""Numbers, dates, times and truth values as people write them in conditions."""

import math
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from likewise.data.schema import Column, Kind

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def read_number(text: str, column: Column) -> float:
    """A value of a number-like column on the scale of ``Table.numbers``; ValueError if none."""
    return READERS[column.kind](text, column)


def example_of(kind: Kind) -> str:
    """How a value of this kind is written."""
    return EXAMPLES.get(kind, "42")


def _plain(text: str, _: Column) -> float:
    try:
        return int(text)  # whole numbers stay exact beyond 2**53
    except ValueError:
        number = float(text)
        if not math.isfinite(number):
            raise
        return number


def _truth(text: str, column: Column) -> float:
    word = text.lower()
    if word in ("true", "1") or text == column.format.true:
        return 1
    if word in ("false", "0") or text == column.format.false:
        return 0
    raise ValueError(text)


def _days(text: str, _: Column) -> float:
    return (date.fromisoformat(text) - date(1970, 1, 1)).days


def _moment(text: str, column: Column) -> float:
    """Microseconds since 1970; a moment without an offset is in the column's own time zone."""
    moment = datetime.fromisoformat(text)
    if column.timezone is None:
        moment = moment.replace(tzinfo=UTC)
    elif moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(column.timezone))
    return (moment - _EPOCH) // _MICROSECOND


def _clock(text: str, _: Column) -> float:
    at = time.fromisoformat(text.zfill(5) if len(text) < 5 else text)
    return ((at.hour * 60 + at.minute) * 60 + at.second) * 1_000_000 + at.microsecond


def _length(text: str, _: Column) -> float:
    """A duration in microseconds, from seconds or from hours:minutes[:seconds]."""
    if ":" not in text:
        return round(float(text) * 1e6)
    parts = [float(part) for part in text.split(":")]
    seconds = sum(part * unit for part, unit in zip(parts, (3600, 60, 1), strict=False))
    return round(seconds * 1e6)


READERS: dict[Kind, Callable[[str, Column], float]] = {
    Kind.NUMERIC: _plain,
    Kind.INTEGER: _plain,
    Kind.BOOLEAN: _truth,
    Kind.DATE: _days,
    Kind.DATETIME: _moment,
    Kind.TIME: _clock,
    Kind.DURATION: _length,
}
EXAMPLES = {
    Kind.BOOLEAN: "true or false",
    Kind.DATE: "2024-01-31",
    Kind.DATETIME: "'2024-01-31 18:30'",
    Kind.TIME: "18:30",
    Kind.DURATION: "90 (seconds) or 1:30:00",
}
