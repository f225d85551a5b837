"""Facts of order books: how orders arrive, what is traded, and what the book looks like.

Papers: Lillo and Farmer, "The long memory of the efficient market", Studies in Nonlinear Dynamics
and Econometrics 2004 (signs of trades); Bouchaud, Mézard and Potters, "Statistical properties of
stock order books", Quantitative Finance 2002 (shape of the book); Vyetrenko and others, "Get real:
realism metrics for robust limit order book market simulations", ICAIF 2020.
"""

import math
from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from likewise.simulate.columns import known_numbers, numbers
from likewise.simulate.dynamics import Data
from likewise.simulate.facts import Band
from likewise.simulate.market_impact import (
    is_word,
    minute_impact,
    order_impact,
    parent_impact,
    signs,
)
from likewise.simulate.market_returns import BANDS, LAGS, facts_of_bars

Array = np.ndarray
SIGN_LAGS = np.unique(np.round(np.geomspace(5, 500, 16)).astype(int))
EDGE = 30  # minutes at the open and at the close
LEVELS = 5
TABLES = ("orders", "trades", "quotes", "bars", "parents")
WHOLE = ("day", "minute")  # columns of whole numbers, none missing
KNOWN = ("seconds", "size", "volume", "parts")  # of numbers, none missing
NUMBERS = ("price", "close", "middle", "end_middle", "bid_1", "ask_1",
           *(f"{side}_size_{i + 1}" for side in ("bid", "ask") for i in range(LEVELS)))  # fmt: skip
_REAL = "Vyetrenko and others 2020"
BOOK_BANDS: Mapping[str, Band] = {
    **BANDS,
    "acf_1": Band("autocorrelation of returns at lag 1", -0.5, 0.05, _REAL),
    "abs_acf_slope": Band(
        "exponent by which the autocorrelation of sizes of returns falls", 0.1, 0.5, "Cont 2001"
    ),
    "volume_volatility": Band("correlation of volume with the size of returns", 0.2, 0.6, _REAL),
    "sign_memory": Band(
        "exponent by which the autocorrelation of signs of trades falls", 0.4, 0.7,
        "Lillo and Farmer 2004",
    ),
    "sign_acf_10": Band("autocorrelation of signs of trades at lag 10", 0.02, 0.5,
                        "Lillo and Farmer 2004"),
    "waiting_shape": Band("Weibull shape of waiting times between orders", 0.3, 1.0, _REAL),
    "cancelled": Band("cancellations per limit order", 0.5, 1.0, _REAL),
    "open_close": Band("volume a minute near open and close over that between", 1.2, 5.0, _REAL),
    "round_sizes": Band("share of orders in lots of 100", 0.2, 0.9, _REAL),
    "spread": Band("mean spread, hundredths of a percent", 0.1, 50.0, _REAL),
    "hump": Band("number of the best price with most shares, of five", 2, 5,
                 "Bouchaud and others 2002"),
    "impact": Band("exponent of the price's move by the imbalance of a minute's trades", 0.4, 0.7,
                   "Bouchaud and others 2018"),
    "order_impact": Band("exponent of the middle's move by the shares that an order trades", 0.1,
                         0.5, "Lillo, Farmer and Mantegna 2003"),
    "parent_impact": Band("exponent of the middle's move by the shares of a large order", 0.4, 0.7,
                          "Almgren and others 2005, Tóth and others 2011"),
}  # fmt: skip


def facts_of_minutes(rows: Array) -> dict[str, float]:
    """Facts of returns and volumes (T, 2), and how the memory of the size of returns falls."""
    found = facts_of_bars(rows)
    memory = np.array([found[f"abs_acf_{k}"] for k in LAGS])
    up = memory > 0
    if np.count_nonzero(up) > 2:
        slope = np.polyfit(np.log(np.array(LAGS)[up]), np.log(memory[up]), 1)[0]
        found["abs_acf_slope"] = -float(slope)
    return found


def facts_of_book(data: Data) -> dict[str, float]:
    """What the tables orders, trades, quotes and bars say, each as far as it is there.

    Raises:
        DataError: cells that are no numbers where they have to be, or missing days and sizes.
    """
    data = {name: _typed(data[name], name) for name in TABLES if name in data}
    found: dict[str, float] = {}
    if _has(data, "trades", "side", "price", "size"):
        found |= _of_trades(data["trades"])
    if _has(data, "orders", "action", "day", "seconds", "size"):
        found |= _of_orders(data["orders"])
    if _has(data, "bars", "minute", "volume"):
        found |= _of_bars(data["bars"])
    if _has(data, "quotes", "bid_1", "ask_1"):
        found |= _of_quotes(data["quotes"])
    if _has(data, "trades", "day", "seconds", "side", "size") and _has(
        data, "bars", "day", "minute", "close"
    ):
        found["impact"] = minute_impact(data["trades"], data["bars"])
    if _has(data, "trades", "day", "order_id", "side", "size", "middle"):
        found["order_impact"] = order_impact(data["trades"])
    if _has(data, "parents", "side", "parts", "size", "middle", "end_middle"):
        found["parent_impact"] = parent_impact(data["parents"])
    return {name: value for name, value in found.items() if math.isfinite(value)}


def _has(data: Data, table: str, *columns: str) -> bool:
    """Whether a table is there with rows and these columns."""
    there = table in data and data[table].num_rows > 0
    return there and set(columns) <= set(data[table].column_names)


def _typed(table: pa.Table, where: str) -> pa.Table:
    """The table with numbers where they are needed: a constant one in a file may be a text."""
    for name in table.column_names:
        kind, place = table.schema.field(name).type, table.column_names.index(name)
        if name not in (*WHOLE, *KNOWN, *NUMBERS):
            continue
        fine = pa.types.is_integer(kind) or pa.types.is_floating(kind)
        if fine and not table.column(place).null_count:
            continue
        read = numbers if name in NUMBERS else known_numbers
        values = read(table, name, where)
        cells = pa.array(values.astype(np.int64) if name in WHOLE else values)
        table = table.set_column(place, name, cells)
    return table


def _of_trades(trades: pa.Table) -> dict[str, float]:
    """Memory of signs; the trades of one order count as one."""
    sign = signs(trades["side"])
    if "order_id" in trades.column_names:
        order = trades["order_id"].to_numpy()
        sign = sign[np.r_[True, order[1:] != order[:-1]]] if len(order) else sign
    if len(sign) < 4 * SIGN_LAGS[-1]:
        return {}
    x = sign - sign.mean()
    total = max(float(x @ x), 1e-12)
    acf = np.array([x[k:] @ x[:-k] for k in SIGN_LAGS]) / total
    up = acf > 0
    slope = math.nan
    if np.count_nonzero(up) > 4:
        slope = -np.polyfit(np.log(SIGN_LAGS[up]), np.log(acf[up]), 1, w=np.sqrt(acf[up]))[0]
    tenth = float(x[10:] @ x[:-10]) / total
    return {"sign_memory": float(slope), "sign_acf_10": tenth}


def _of_orders(orders: pa.Table) -> dict[str, float]:
    """Waiting times of one day, cancellations, round lots."""
    day, seconds = orders["day"].to_numpy(), orders["seconds"].to_numpy()
    gaps = np.diff(seconds)[np.diff(day) == 0]
    gaps = gaps[gaps > 0]
    cancel = is_word(orders["action"], "cancel")
    limits, cancels = np.count_nonzero(is_word(orders["action"], "limit")), np.count_nonzero(cancel)
    sent = orders["size"].to_numpy()[~cancel]
    # Menon 1963: the logarithm of a Weibull variate has standard deviation pi / (shape sqrt 6).
    shape = math.pi / math.sqrt(6) / np.log(gaps).std() if len(gaps) > 100 else math.nan
    return {
        "waiting_shape": float(shape), "cancelled": float(cancels) / max(int(limits), 1),
        "round_sizes": float(np.mean(sent % 100 == 0)) if len(sent) else math.nan,
    }  # fmt: skip


def _of_bars(bars: pa.Table) -> dict[str, float]:
    minute, volume = bars["minute"].to_numpy(), bars["volume"].to_numpy().astype(float)
    last = minute.max(initial=0)
    edge = (minute < EDGE) | (minute > last - EDGE)
    if edge.all() or not volume[~edge].sum():
        return {}
    return {"open_close": float(volume[edge].mean() / volume[~edge].mean())}


def _of_quotes(quotes: pa.Table) -> dict[str, float]:
    bid, ask = (quotes[name].to_numpy().astype(float) for name in ("bid_1", "ask_1"))
    found = {"spread": float(np.nanmean(1e4 * (ask - bid) / ((ask + bid) / 2)))}
    names = [[f"{side}_size_{i + 1}" for i in range(LEVELS)] for side in ("bid", "ask")]
    if set(names[0] + names[1]) <= set(quotes.column_names):
        depth = [np.mean([quotes[bid].to_numpy().mean(), quotes[ask].to_numpy().mean()])
                 for bid, ask in zip(*names, strict=True)]  # fmt: skip
        found["hump"] = float(1 + np.argmax(depth))
    return found
