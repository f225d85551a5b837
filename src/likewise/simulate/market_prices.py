"""Reading prices and volumes from tables: real ones of any source, and those of simulations."""

import re

import numpy as np
import pyarrow as pa

from likewise.core.errors import DataError
from likewise.data.convert import to_table
from likewise.data.infer import infer
from likewise.simulate.columns import numbers
from likewise.simulate.dynamics import Data

Array = np.ndarray
CLOSE = ("adj close", "close", "price")  # names of a price, the better one first
WHEN = ("date", "timestamp", "time")
FEWEST = 300  # prices from which facts are taken
BOOK = ("orders", "trades", "quotes")  # tables whose prices are no bars


def bars_of(data: Data) -> pa.Table | None:
    """The table of prices: ``bars``, else the first with a column of prices; None without one."""
    others = [table for name, table in data.items() if name not in (*BOOK, "bars")]
    for table in ([data["bars"]] if "bars" in data else []) + others:
        if _column(table, CLOSE):
            return table
    return None


def closing_prices(bars: pa.Table) -> Array:
    """Closing prices in order of time (T,).

    They are in a column close, adj close or price, however it is written; rows are put in order
    by a column date, timestamp or time, if there is one.

    Raises:
        DataError: no such column, prices that are missing or not above 0, several rows of a time.
    """
    name = _column(bars, CLOSE)
    if name is None:
        hint = "Name one close, and the day date"
        raise DataError("prices", "no column called close, adj close or price", hint)
    prices: Array = numbers(bars, name)[_order(bars)]
    if not (np.isfinite(prices) & (prices > 0)).all():
        bad = int(np.count_nonzero(~(np.isfinite(prices) & (prices > 0))))
        raise DataError(f"column {name!r}", f"{bad:,} cells are no price", "Leave such rows out")
    return prices


def enough_prices(prices: Array) -> Array:
    """The prices, if facts can be taken from them.

    Raises:
        DataError: they are too few, or all the same.
    """
    if len(prices) < FEWEST:
        hint = f"Give {FEWEST} or more, such as a few years of days"
        raise DataError("prices", f"{len(prices):,} of them", hint)
    if not np.ptp(prices):
        raise DataError("prices", "all the same", "Give prices that move")
    return prices


def volumes(bars: pa.Table) -> Array | None:
    """Traded volumes in order of time (T,); None where there are none, or none above 0."""
    name = _column(bars, ("volume",))
    if name is None:
        return None
    found = numbers(bars, name)[_order(bars)]
    return found if np.nanmax(found, initial=0) > 0 else None


def rows_of_bars(bars: pa.Table) -> Array | None:
    """Returns in log price, and the volume at the end of each or NaN; (T, 2).

    None where the prices are too few for facts, or all the same.
    """
    prices, traded = closing_prices(bars), volumes(bars)
    if len(prices) < FEWEST or not np.ptp(prices):
        return None
    returns = np.diff(np.log(prices))
    known = np.full(len(returns), np.nan) if traded is None else traded[1:]
    return np.column_stack([returns, known])


def _column(table: pa.Table, names: tuple[str, ...]) -> str | None:
    """The first of ``names`` that the table has; case, spaces and underscores do not matter."""
    plain = {re.sub(r"[\s_]+", " ", name).strip().lower(): name for name in table.column_names}
    return next((plain[name] for name in names if name in plain), None)


def _times(table: pa.Table, name: str) -> pa.ChunkedArray:
    """A column of times or numbers; texts are read as such."""
    column = table.column(name)
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return column
    raw = table.select([name])
    read = to_table(raw, infer(raw)).arrow.column(name)
    if read.null_count or not (pa.types.is_temporal(read.type) or pa.types.is_integer(read.type)):
        hint = "Write dates as 2024-12-31, or leave the column out where rows are in order"
        raise DataError(f"column {name!r}", "holds texts that are no times", hint)
    return read


def _order(table: pa.Table) -> Array:
    """Places of the rows in order of time; as they are where no column tells."""
    name = _column(table, WHEN)
    if name is None:
        return np.arange(table.num_rows)
    times = np.array(_times(table, name).to_pylist())
    order = np.argsort(times, kind="stable")
    if (times[order][1:] == times[order][:-1]).any():
        hint = "Give the prices of one security, a row for each time"
        raise DataError(f"column {name!r}", "several rows of one time", hint)
    return order
