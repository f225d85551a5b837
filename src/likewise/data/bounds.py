"""Declared bounds of a column as numbers, and the cells that lie beyond them."""

import datetime as dt
import math

from likewise.core.errors import SchemaError
from likewise.data.schema import NUMBERS, TEMPORAL, Column, Kind
from likewise.data.table import Table

WIDEN = "Widen the bounds or mend the cells; --where narrows what is sampled"


def bounds(column: Column) -> tuple[float, float]:
    """Least and largest value on the scale of ``Table.numbers``; infinite where none is declared.

    Raises:
        SchemaError: a bound cannot be read as the kind of the column, or none lies between them.
    """
    low = _number(column, "minimum", -math.inf)
    high = _number(column, "maximum", math.inf)
    if low > high:
        found = "declared with its minimum above its maximum"
        raise SchemaError(f"column {column.name!r}", found, "Swap or mend them")
    return low, high


def refuse_beyond(table: Table, column: Column, hint: str = WIDEN) -> None:
    """Raise SchemaError with the count if cells lie beyond the declared bounds."""
    if column.kind not in NUMBERS | TEMPORAL or (column.minimum is None and column.maximum is None):
        return
    low, high = bounds(column)
    values = table.numbers(column.name)
    beyond = int((((values < low) | (values > high)) & ~table.missing(column.name)).sum())
    if beyond:
        found = f"{beyond:,} of {table.rows:,} cells lie beyond the declared minimum or maximum"
        raise SchemaError(f"column {column.name!r}", found, hint)


def _number(column: Column, which: str, default: float) -> float:
    value = getattr(column, which)
    if value is None:
        return default
    try:
        number = float(value) if not isinstance(value, str) else _read(value, column.kind)
    except (ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        found = f"its {which} cannot be read as {column.kind}"
        hint = "Write a number, or ISO 8601 for dates and times, such as 2024-12-31 or PT90M"
        raise SchemaError(f"column {column.name!r}", found, hint)
    return number


def _read(text: str, kind: Kind) -> float:
    """A bound in ISO 8601: days since 1970 for dates, else microseconds; ValueError for others."""
    if kind is Kind.DATE:
        return float((dt.date.fromisoformat(text[:10]) - dt.date(1970, 1, 1)).days)
    if kind is Kind.DATETIME:
        moment = dt.datetime.fromisoformat(text)
        origin = dt.datetime(1970, 1, 1, tzinfo=dt.UTC if moment.tzinfo else None)
        return float((moment - origin) // dt.timedelta(microseconds=1))
    if kind is Kind.TIME:
        time = dt.time.fromisoformat(text)
        seconds = (time.hour * 60 + time.minute) * 60 + time.second
        return float(seconds * 1_000_000 + time.microsecond)
    if kind is Kind.DURATION:
        from pandas import Timedelta

        return float(Timedelta(text) // Timedelta(microseconds=1))
    return float(text)
