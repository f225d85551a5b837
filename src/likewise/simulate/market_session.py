"""Kernel of a trading day: agents arrive one after the other and send messages to the book.

What agents of each kind do is in ``market_traders``; here is when they come, and what is kept.
"""

import math
from typing import NamedTuple

import numpy as np

from likewise.simulate.compiling import inner_kernel
from likewise.simulate.market_book import (
    BUY,
    LAST,
    LEFT,
    ORDER,
    OWNER,
    SELL,
    SIDE,
    TICKS,
    Book,
    best_levels,
    middle,
    near,
    remove,
    rest,
    take,
)  # fmt: skip
from likewise.simulate.philox import normal

Array = np.ndarray
LIMIT, MARKET, CANCEL = range(3)  # actions
MESSAGE = 7  # rows of messages: µs, agent, action, side, ticks, size, cancelled order
LEVELS = 5  # prices of a side in a quote
BAR = 6  # columns of bars: first, highest, lowest, last price, shares, trades
SECONDS = 60.0
BUSIEST = 8.0  # times the usual activity
SPANS = (5.0, 60.0, 780.0)  # minutes over which traders look back: short, an hour, two days
HEED = (0.2, 0.4, 0.4)  # how much each counts
REFERENCE = 3900.0  # minutes over which the usual size of moves is taken: two weeks
NEWS_SPANS = (10.0, 60.0, 400.0)  # minutes that news lasts: a moment, an hour, a day
FLOW_SPANS = (10.0, 100.0, 1000.0)  # trades over which the flow of orders is taken
# Places in the mind of the market: what is known to all or drives all. Moved, news and flow are
# three each, one for every span.
VALUE, TREND, SHARE, USUAL, BUSY, MID, MINUTES, MOVED, NEWS, FLOW = *range(8), 10, 13
MIND = 16
EVENT, CLOCK, MINUTE, SENT, TRADED, FIRST, ENDED, DAY = range(8)  # places in the clock
CLOCKS = 8


class Kept(NamedTuple):
    """Where a day's rows go.

    Attributes:
        messages: (7, M) int64.
        trades: (T, 7) int64, as ``take`` fills them.
        times: of each trade µs, and twice the middle before its order came; (2, T) int64.
        parents: orders that institutions are through with; (P, 10) int64.
            The first six columns are those of ``Traders.parent``, then agent, side, twice the
            middle at the end, µs of the end.
        bars: a row a minute; (minutes, 6) int64.
        quotes: at each minute's end: bids, asks; by level: ticks, shares; (minutes, 2, 5, 2) int64.
    """

    messages: Array
    trades: Array
    times: Array
    parents: Array
    bars: Array
    quotes: Array


@inner_kernel
def send(
    book: Book, kept: Kept, clock: Array, mind: Array, cash: Array, shares: Array, agent: int,
    action: int, side: int, ticks: int, size: int,
) -> int:  # fmt: skip
    """An order: it trades as far as it can, and a limit order's rest stays; its slot, or -1.

    ``ticks`` is the limit, or for a market order how far beyond the best price it goes.
    """
    order = clock[FIRST] + clock[SENT]
    write(kept, clock, agent, action, side, ticks if action == LIMIT else 0, size, -1)
    limit = ticks
    if action == MARKET:  # no farther than the collar beyond the best price
        limit = max(1, min(len(book.levels) - 2, near(book, side, ticks) + side * ticks))
    start, before = clock[TRADED], int(2.0 * middle(book))
    left, done = take(book, side, limit, size, agent, order, kept.trades, start)
    trades, bars, minute = kept.trades, kept.bars, clock[MINUTE]
    for row in range(start, done):
        price, part, buyer, seller = trades[row, 0], trades[row, 1], trades[row, 5], trades[row, 6]
        kept.times[0, row], kept.times[1, row] = clock[CLOCK], before
        cash[buyer] -= price * part
        cash[seller] += price * part
        shares[buyer] += part
        shares[seller] -= part
        if bars[minute, 5] == 0:
            bars[minute, 0], bars[minute, 1], bars[minute, 2] = price, price, price
        bars[minute, 1] = max(bars[minute, 1], price)
        bars[minute, 2] = min(bars[minute, 2], price)
        bars[minute, 4] += part
        bars[minute, 5] += 1
    clock[TRADED] = done
    if done > start:
        for k in range(3):
            mind[FLOW + k] += (side - mind[FLOW + k]) / FLOW_SPANS[k]
    if left > 0 and action == LIMIT:
        return rest(book, side, ticks, left, agent, order)
    return -1


@inner_kernel
def write(
    kept: Kept, clock: Array, agent: int, action: int, side: int, ticks: int, size: int, other: int
) -> None:
    """Keep a message."""
    rows, place = kept.messages, clock[SENT]
    rows[0, place], rows[1, place], rows[2, place] = clock[CLOCK], agent, action
    rows[3, place], rows[4, place], rows[5, place] = side, ticks, size
    rows[6, place] = other
    clock[SENT] += 1


@inner_kernel
def withdraw(book: Book, kept: Kept, clock: Array, slot: int) -> None:
    """Cancel a live order."""
    o = book.slots
    write(
        kept, clock, o[slot, OWNER], CANCEL, o[slot, SIDE], o[slot, TICKS], o[slot, LEFT],
        o[slot, ORDER],
    )  # fmt: skip
    remove(book, slot)


@inner_kernel
def end_minute(
    key: Array, book: Book, kept: Kept, clock: Array, mind: Array, look: tuple[float, ...]
) -> None:
    """Close the bar and the quote; traders look at what the price did; value moves.

    ``look`` holds attention, fear, interest, horizon of the trend, bias, herding, misalignment,
    news.
    """
    attention, fear, interest, horizon, bias, herding, misalignment, news = look
    minute = clock[MINUTE]
    bar = kept.bars[minute]
    if bar[5] == 0:
        bar[0], bar[1], bar[2] = book.top[LAST], book.top[LAST], book.top[LAST]
    bar[3] = book.top[LAST]
    best_levels(book, BUY, kept.quotes[minute, 0])
    best_levels(book, SELL, kept.quotes[minute, 1])

    now = middle(book)
    move = 1e4 * math.log(now / mind[MID])
    mind[MID] = now
    mind[MINUTES] += 1.0
    seen = mind[MINUTES]
    drawn = move * move * (1.0 - fear if move > 0.0 else 1.0 + fear)
    total = 0.0
    for k in range(3):
        span = min(SPANS[k], seen)
        mind[MOVED + k] += (drawn - mind[MOVED + k]) / span
        total += HEED[k] * mind[MOVED + k]
    mind[USUAL] += (move * move - mind[USUAL]) / min(REFERENCE, seen + 30.0)
    mind[USUAL] = max(mind[USUAL], 1e-3)
    busy = min(1.0 - attention + attention * total / mind[USUAL], BUSIEST)
    mind[BUSY] = busy * news_of(key, clock[EVENT], mind, interest)
    mind[TREND] += (move - mind[TREND]) / horizon
    mind[VALUE] += 1e-4 * news * normal(key, clock[EVENT], 3)
    apart = 100.0 * (math.log(now) - mind[VALUE])
    index = bias + herding * (2.0 * mind[SHARE] - 1.0) + misalignment * apart * apart
    mind[SHARE] = 1.0 / (1.0 + math.exp(-index))


@inner_kernel
def news_of(key: Array, event: int, mind: Array, interest: float) -> float:
    """By how much the news of the world outside drives activity, of mean 1; a minute goes by."""
    total = 0.0
    for k in range(3):
        left = 1.0 - 1.0 / NEWS_SPANS[k]
        drawn = normal(key, event, 4 + k)
        mind[NEWS + k] = left * mind[NEWS + k] + math.sqrt(1.0 - left * left) * drawn
        total += mind[NEWS + k]
    return math.exp(interest * total / math.sqrt(3.0) - 0.5 * interest * interest)


@inner_kernel
def intraday(minute: int, minutes: int, shape: float) -> float:
    """Activity by the time of day, of mean 1: more at the open and at the close."""
    place = 2.0 * (minute + 0.5) / minutes - 1.0
    return (1.0 + shape * place * place) / (1.0 + shape / 3.0)
