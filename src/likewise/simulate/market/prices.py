"""Reading prices and volumes from tables: real ones of any source, and those of simulations."""

import re

import numpy as np
import pyarrow as pa

from likewise.core.errors import DataError
from likewise.simulate.dynamics import Data

Array = np.ndarray
CLOSE = ("adj close", "close", "price")  # names of a price, the better one first
WHEN = ("date", "timestamp", "time")
TREND = 60  # rows over which the usual volume is taken


def bars_of(data: Data) -> pa.Table | None:
    """The table of prices: ``bars``, else the first with a column of prices; None without one."""
    named = [data["bars"]] if "bars" in data else []
    for table in (*named, *data.values()):
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
    prices = _numbers(bars, name)[_order(bars)]
    if not (np.isfinite(prices) & (prices > 0)).all():
        bad = int(np.count_nonzero(~(np.isfinite(prices) & (prices > 0))))
        raise DataError(f"column {name!r}", f"{bad:,} cells are no price", "Leave such rows out")
    return prices


def volumes(bars: pa.Table) -> Array | None:
    """Traded volumes in order of time (T,); None where there are none, or none above 0."""
    name = _column(bars, ("volume",))
    if name is None:
        return None
    found = _numbers(bars, name)[_order(bars)]
    return found if np.nanmax(found, initial=0) > 0 else None


def volume_volatility(returns: Array, volume: Array) -> float:
    """Correlation of the size of returns with volume relative to its usual one; in [-1, 1].

    The usual volume is the mean of the 60 rows before, so a growing market does not count.

    Args:
        returns: (T,).
        volume: at the end of each return (T,); rows without any are left out.
    """
    traded = np.nan_to_num(volume, nan=0.0)
    usual = np.convolve(traded, np.ones(TREND) / TREND, "valid")[:-1]
    now, size = traded[TREND:], np.abs(returns)[TREND:]
    there = (now > 0) & (usual > 0)
    if np.count_nonzero(there) < TREND:
        return float("nan")
    return float(np.corrcoef(np.log(now[there] / usual[there]), size[there])[0, 1])


def _column(table: pa.Table, names: tuple[str, ...]) -> str | None:
    """The first of ``names`` that the table has; case, spaces and underscores do not matter."""
    plain = {re.sub(r"[\s_]+", " ", name).strip().lower(): name for name in table.column_names}
    return next((plain[name] for name in names if name in plain), None)


def _numbers(table: pa.Table, name: str) -> Array:
    try:
        cells = table.column(name).cast(pa.float64()).combine_chunks()
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        raise DataError(f"column {name!r}", "holds no numbers", "Give numbers") from None
    values: Array = cells.to_numpy(zero_copy_only=False)
    return values


def _order(table: pa.Table) -> Array:
    """Places of the rows in order of time; as they are where no column tells."""
    name = _column(table, WHEN)
    if name is None:
        return np.arange(table.num_rows)
    times = np.array(table.column(name).to_pylist())
    order = np.argsort(times, kind="stable")
    if (times[order][1:] == times[order][:-1]).any():
        hint = "Give the prices of one security, a row for each time"
        raise DataError(f"column {name!r}", "several rows of one time", hint)
    return order
