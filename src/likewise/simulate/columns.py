"""Columns of tables, real or simulated, as numbers."""

import numpy as np
import pyarrow as pa

from likewise.core.errors import DataError

Array = np.ndarray


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
        place = f"table {where!r}, column {name!r}" if where else f"column {name!r}"
        raise DataError(place, "not all are numbers", "Give numbers, or leave it out") from None
    return values
