"""Cells of SQLite, which stores any value in any column, and Arrow."""

import contextlib
from collections.abc import Sequence
from decimal import Context, Decimal, InvalidOperation
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from likewise.core.errors import DataError
from likewise.io.sql_cells import fit

_WIDE = Context(prec=80)
_EXACT_DIGITS = 15  # that its numbers hold


def column(values: Sequence[Any], field: pa.Field, table: str) -> pa.Array:
    """Cells of any storage class in the type of their column."""
    kind = field.type
    try:
        if pa.types.is_decimal(kind) and kind.precision <= _EXACT_DIGITS:
            with contextlib.suppress(pa.ArrowInvalid, pa.ArrowTypeError):
                return fit(pa.array(values, pa.float64()), kind)
        if pa.types.is_string(kind):
            with contextlib.suppress(pa.ArrowInvalid, pa.ArrowTypeError):
                return pa.array(values, kind)
        if pa.types.is_boolean(kind):
            with contextlib.suppress(pa.ArrowInvalid, pa.ArrowTypeError):
                return _flags(pa.array(values, pa.int64()))
        if pa.types.is_decimal(kind):
            return pa.array([_decimal(value, kind.scale) for value in values], kind)
        if pa.types.is_string(kind):
            return pa.array([_as_text(value) for value in values], kind)
        if pa.types.is_boolean(kind):
            return pa.array([_truth(value) for value in values], kind)
        return pa.array(values, kind)
    except (pa.ArrowException, TypeError, ValueError, InvalidOperation, OverflowError):
        found = f"some cells are not of the declared type, read as {kind}"
        hint = "Mend them (SQLite stores anything anywhere), or declare the column TEXT"
        raise DataError(f"table {table!r}, column {field.name!r}", found, hint) from None


def _flags(numbers: pa.Array) -> pa.Array:
    """0 and 1 as booleans; ArrowInvalid if there are others."""
    if not pc.all(pc.is_in(numbers, pa.array([0, 1, None])), min_count=0).as_py():
        raise pa.ArrowInvalid("neither 0 nor 1")
    return numbers.cast(pa.bool_())


def _decimal(value: Any, scale: int) -> Decimal | None:
    if value is None:
        return None
    return Decimal(str(value)).quantize(Decimal(1).scaleb(-scale), context=_WIDE)


def _as_text(value: Any) -> str | None:
    return value.hex() if isinstance(value, bytes) else None if value is None else str(value)


def _truth(value: Any) -> bool | None:
    if value is None or value in (0, 1):
        return None if value is None else bool(value)
    word = str(value).strip().lower()
    if word not in ("true", "false", "t", "f", "yes", "no", "0", "1"):
        raise ValueError(word)
    return word in ("true", "t", "yes", "1")


def plain(column: pa.ChunkedArray) -> list[Any]:
    """Cells as SQLite stores them: whole numbers, floats, texts, bytes."""
    kind = column.type
    if pa.types.is_boolean(kind):
        column = column.cast(pa.int8())
    if pa.types.is_decimal(kind):
        exact = kind.precision <= _EXACT_DIGITS
        column = column.cast(pa.float64() if exact else pa.string())
    return list(column.to_pylist())
