"""Declared bounds of a column as numbers, and the cells that lie beyond them."""

import math
import re

import numpy as np

from likewise.core.errors import SchemaError
from likewise.data.check import bound
from likewise.data.schema import NUMBERS, TEMPORAL, Column, Kind
from likewise.data.table import Table
from likewise.data.temporal import DAY

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
    number = float(bound(column, value))
    if not math.isfinite(number):
        found = f"its {which} is no finite number"
        raise SchemaError(f"column {column.name!r}", found, "Give one, or leave it out")
    if column.kind is Kind.DATETIME and which == "maximum" and _is_day(value):
        return number + DAY - 1  # the whole of its last day
    if column.kind is Kind.DATE:
        return number // DAY
    return float(np.float32(number)) if column.format.arrow == "float" else number


def _is_day(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(r"\d{4}-?\d\d-?\d\d", value) is not None
