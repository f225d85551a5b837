"""Columns of tables, real or simulated: that they are there, and as numbers or yes and no."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from likewise.core.errors import DataError

Array = np.ndarray
YES = ("true", "1", "1.0", "yes", "y", "t")
NO = ("false", "0", "0.0", "no", "n", "f")


def having(table: pa.Table, where: str, names: Sequence[str]) -> pa.Table:
    """The table, if it has these columns; DataError names the first that it lacks."""
    for name in names:
        if name not in table.column_names:
            hint = f"Give it the columns {', '.join(names)}"
            raise DataError(f"table {where}", f"has no column {name!r}", hint)
    return table


def numbers(table: pa.Table, name: str, where: str = "") -> Array:
    """A column of numbers, or of texts that are; (N,) float64, NaN where missing.

    Args:
        table: has the column; KeyError if not.
        name: of the column.
        where: the table, for messages.

    Raises:
        DataError: some are no numbers.
    """
    column = table.column(name)
    try:
        values: Array = column.cast(pa.float64()).to_numpy()
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        hint = "Give numbers, or leave it out"
        raise DataError(_at(where, name), "not all are numbers", hint) from None
    return values


def known_numbers(table: pa.Table, name: str, where: str) -> Array:
    """Numbers of a column in which none is missing; (N,).

    Raises:
        DataError: some are missing, or no numbers.
    """
    values = numbers(table, name, where)
    missing = int(np.count_nonzero(~np.isfinite(values)))
    if missing:
        found = many(missing, "cell without a number")
        raise DataError(_at(where, name), found, "Fill them, or leave such rows out")
    return values


def whole(table: pa.Table, name: str, where: str) -> pa.ChunkedArray:
    """A column in which no cell is missing, as it is; DataError tells how many are."""
    column = table.column(name)
    if column.null_count:
        found = many(column.null_count, "cell without a value")
        raise DataError(_at(where, name), found, "Fill them, or leave such rows out")
    return column


def flags(table: pa.Table, name: str) -> Array:
    """A column of yes and no, in whatever spelling files have; (N,) bool, missing is no."""
    said = pc.is_in(pc.utf8_lower(table[name].cast(pa.string())), pa.array(YES))
    values: Array = said.to_numpy()
    return values


def yes_or_no(table: pa.Table, name: str, where: str) -> Array:
    """As ``flags``, but DataError for cells that are missing or say neither; (N,) bool."""
    words = pc.utf8_lower(whole(table, name, where).cast(pa.string()))
    neither = pc.sum(pc.invert(pc.is_in(words, pa.array(YES + NO)))).as_py()
    if neither:
        found = many(neither, "cell with neither yes nor no")
        raise DataError(_at(where, name), found, "Write true and false")
    return flags(table, name)


def _at(table: str, column: str) -> str:
    return f"table {table!r}, column {column!r}" if table else f"column {column!r}"


def many(number: int, words: str) -> str:
    """A number and what it counts, the first word in the plural unless it is 1."""
    first, space, rest = words.partition(" ")
    return f"{number:,} {first}{'' if number == 1 else 's'}{space}{rest}"
