"""Kernel of a trading day: agents arrive one after the other and send messages to the book.

What agents of each kind do is in ``market_traders``; here is when they come, and what is kept.
"""

import math
from typing import NamedTuple

import numpy as np

from likewise.simulate.compiling import kernel
from likewise.simulate.market_book import (
    ASK,
    BID,
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
    remove,
    rest,
    take,
)  # fmt: skip
from likewise.simulate.philox import normal

Array = np.ndarray
LIMIT, MARKET, CANCEL = range(3)  # actions
MESSAGE = 7  # columns of messages: µs, agent, action, side, ticks, size, cancelled order
LEVELS = 5  # prices of a side in a quote
BAR = 6  # columns of bars: first, highest, lowest, last price, shares, trades
SECONDS = 60.0
BUSIEST = 8.0  # times the usual activity
SPANS = (5.0, 60.0, 780.0)  # minutes over which traders look back: short, an hour, two days
HEED = (0.1, 0.4, 0.5)  # how much each counts
REFERENCE = 3900.0  # minutes over which the usual size of moves is taken: two weeks
# Places in the mind of the market: what is known to all or drives all.
VALUE, TREND, SHARE, MOVED, MOVED_HOUR, MOVED_DAYS, USUAL, BUSY, MID, MINUTES = range(10)
MIND = 10
EVENT, CLOCK, MINUTE, SENT, TRADED, FIRST = range(6)  # places in the clock
CLOCKS = 6


class Kept(NamedTuple):
    """Where a day's rows go.

    Attributes:
        messages: (M, 7) int64.
        trades: (T, 7) int64, as ``take`` fills them.
        times: µs of each trade; (T,) int64.
        bars: a row a minute; (minutes, 6) int64.
        quotes: at each minute's end: bids, asks; by level: ticks, shares; (minutes, 2, 5, 2) int64.
    """

    messages: Array
    trades: Array
    times: Array
    bars: Array
    quotes: Array


@kernel
def send(
    book: Book, kept: Kept, clock: Array, cash: Array, shares: Array, agent: int, action: int,
    side: int, ticks: int, size: int,
) -> int:  # fmt: skip
    """An order: it trades as far as it can, and a limit order's rest stays; its slot, or -1.

    ``ticks`` is the limit, or for a market order how far beyond the best price it goes.
    """
    order = clock[FIRST] + clock[SENT]
    write(kept, clock, agent, action, side, ticks if action == LIMIT else 0, size, -1)
    limit = ticks
    if action == MARKET:  # no farther than the collar beyond the best price
        best = book.top[ASK] if side > 0 else book.top[BID]
        limit = max(1, min(len(book.levels) - 2, best + side * ticks))
    start = clock[TRADED]
    left, done = take(book, side, limit, size, agent, order, kept.trades, start)
    bar = kept.bars[clock[MINUTE]]
    for row in range(start, done):
        trade = kept.trades[row]
        kept.times[row] = clock[CLOCK]
        worth = trade[0] * trade[1]
        cash[trade[5]] -= worth
        cash[trade[6]] += worth
        shares[trade[5]] += trade[1]
        shares[trade[6]] -= trade[1]
        bar[0] = trade[0] if bar[5] == 0 else bar[0]
        bar[1] = max(bar[1], trade[0])
        bar[2] = trade[0] if bar[5] == 0 else min(bar[2], trade[0])
        bar[4] += trade[1]
        bar[5] += 1
    clock[TRADED] = done
    if left > 0 and action == LIMIT:
        return rest(book, side, ticks, left, agent, order)
    return -1


@kernel
def write(
    kept: Kept, clock: Array, agent: int, action: int, side: int, ticks: int, size: int, other: int
) -> None:
    """Keep a message."""
    row = kept.messages[clock[SENT]]
    row[0], row[1], row[2], row[3] = clock[CLOCK], agent, action, side
    row[4], row[5], row[6] = ticks, size, other
    clock[SENT] += 1


@kernel
def withdraw(book: Book, kept: Kept, clock: Array, slot: int) -> None:
    """Cancel a live order."""
    order = book.slots[slot]
    write(kept, clock, order[OWNER], CANCEL, order[SIDE], order[TICKS], order[LEFT], order[ORDER])
    remove(book, slot)


@kernel
def end_minute(
    key: Array, book: Book, kept: Kept, clock: Array, mind: Array, look: tuple[float, ...]
) -> None:
    """Close the bar and the quote; traders look at what the price did; value moves.

    ``look`` holds attention, fear, horizon of the trend, bias, herding, misalignment, news.
    """
    attention, fear, horizon, bias, herding, misalignment, news = look
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
    mind[BUSY] = min(1.0 - attention + attention * total / mind[USUAL], BUSIEST)
    mind[TREND] += (move - mind[TREND]) / horizon
    mind[VALUE] += 1e-4 * news * normal(key, clock[EVENT], 3)
    apart = 100.0 * (math.log(now) - mind[VALUE])
    index = bias + herding * (2.0 * mind[SHARE] - 1.0) + misalignment * apart * apart
    mind[SHARE] = 1.0 / (1.0 + math.exp(-index))


@kernel
def intraday(minute: int, minutes: int, shape: float) -> float:
    """Activity by the time of day, of mean 1: more at the open and at the close."""
    place = 2.0 * (minute + 0.5) / minutes - 1.0
    return (1.0 + shape * place * place) / (1.0 + shape / 3.0)
