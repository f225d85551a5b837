"""Facts of impact: how far trades move the price, by a minute, by an order, by a large order.

Each is the exponent of a power law between volume and move, from groups of like volume.

Papers: Lillo, Farmer and Mantegna, "Master curve for price-impact function", Nature 2003 (single
orders); Almgren, Thum, Hauptmann and Li, "Direct estimation of equity market impact", Risk 2005,
and Tóth and others, "Anomalous price impact and the critical nature of liquidity in financial
markets", Physical Review X 2011 (large orders worked off in parts); Bouchaud, Bonart, Donier and
Gould, "Trades, Quotes and Prices", 2018.
"""

import math

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

Array = np.ndarray
GROUPS = 10
FEWEST = 500  # orders or minutes below which nothing is said
FEWEST_PARTS = 5  # of a large order


def minute_impact(trades: pa.Table, bars: pa.Table) -> float:
    """Exponent of a minute's move by the imbalance of its trades.

    Args:
        trades: day, seconds, side, size.
        bars: day, minute, close.
    """
    length = int(bars["minute"].to_numpy().max()) + 1
    at = trades["day"].to_numpy() * length
    at = at + np.minimum(trades["seconds"].to_numpy() // 60, length - 1).astype(int)
    place = bars["day"].to_numpy() * length + bars["minute"].to_numpy()
    first = int(place.min())
    signed = signs(trades["side"]) * trades["size"].to_numpy()
    there = (at >= first) & (at <= place.max())  # bars may begin later than trades, or end sooner
    flow = np.bincount(at[there] - first, signed[there], minlength=int(place.max()) - first + 1)
    flow = flow[place - first]
    move = np.diff(np.log(bars["close"].to_numpy()))
    along, size = np.sign(flow[1:]) * move, np.abs(flow[1:])
    return _exponent(size[size > 0], along[size > 0], weighted=False)


def order_impact(trades: pa.Table) -> float:
    """Exponent of the move of the middle by what an order trades, until the next order trades.

    Args:
        trades: day, order_id, side, size, and the middle before the order came.
    """
    order, day = trades["order_id"].to_numpy(), trades["day"].to_numpy()
    first = np.flatnonzero(np.r_[True, order[1:] != order[:-1]])
    if len(first) < FEWEST:
        return math.nan
    size = np.add.reduceat(trades["size"].to_numpy().astype(float), first)
    middle, side = np.log(trades["middle"].to_numpy()[first]), signs(trades["side"])[first]
    along = side[:-1] * np.diff(middle)
    same_day = np.diff(day[first]) == 0
    return _exponent(size[:-1][same_day], along[same_day])


def parent_impact(parents: pa.Table) -> float:
    """Exponent of the move of the middle by the shares of a large order, from begin to end.

    Args:
        parents: side, parts, size, and the middle before the first and after the last part.
    """
    parts, size = parents["parts"].to_numpy(), parents["size"].to_numpy().astype(float)
    move = np.log(parents["end_middle"].to_numpy() / parents["middle"].to_numpy())
    many = (parts >= FEWEST_PARTS) & (size > 0)
    return _exponent(size[many], (signs(parents["side"]) * move)[many])


def _exponent(size: Array, along: Array, *, weighted: bool = True) -> float:
    """Slope of the logarithms of means of ten groups of like volume; (N,), (N,).

    A mean that is not above 0 has no logarithm and is left out; ``weighted`` counts each by its
    precision.
    """
    if len(size) < FEWEST:
        return math.nan
    groups = np.array_split(np.argsort(size, kind="stable"), GROUPS)
    x = np.array([size[g].mean() for g in groups])
    y = np.array([along[g].mean() for g in groups])
    error = np.array([along[g].std() / math.sqrt(len(g)) for g in groups])
    up = y > 0
    if np.count_nonzero(up) < GROUPS // 2 or np.ptp(np.log(x[up])) == 0:
        return math.nan
    weight = y[up] / np.maximum(error[up], 1e-12 * y[up]) if weighted else None
    return float(np.polyfit(np.log(x[up]), np.log(y[up]), 1, w=weight)[0])


def signs(sides: pa.ChunkedArray) -> Array:
    """1 for buyers, -1 for sellers; (N,)."""
    return np.where(is_word(sides, "buy"), 1.0, -1.0)


def is_word(column: pa.ChunkedArray, word: str) -> Array:
    """Which cells are this text; (N,) bool."""
    found: Array = pc.fill_null(pc.equal(column.cast(pa.string()), word), False).to_numpy()
    return found
