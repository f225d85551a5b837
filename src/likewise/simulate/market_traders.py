"""Kernels of the traders of an order book: what each kind does when it comes to the market."""

import math
from typing import NamedTuple

import numpy as np

from likewise.simulate.compiling import kernel
from likewise.simulate.market_book import ASK, BID, COUNT, DEPTH, Book, middle
from likewise.simulate.market_session import (
    BUSY,
    CLOCK,
    EVENT,
    LIMIT,
    MARKET,
    MINUTE,
    MOVED,
    SECONDS,
    SENT,
    SHARE,
    TRADED,
    TREND,
    USUAL,
    VALUE,
    Kept,
    end_minute,
    intraday,
    send,
    withdraw,
)  # fmt: skip
from likewise.simulate.philox import exponential, normal, uniform, uniforms

Array = np.ndarray
MAKER, INSTITUTION, SPECULATOR, NOISE = range(4)
KINDS = ("maker", "institution", "speculator", "noise")
LOT = 100
DEEPEST = 10.0  # times its size that a speculator's order on value grows at most
MINUTE_LONG = 60_000_000  # µs
ROOM = 16  # messages that one arrival sends at most


class Traders(NamedTuple):
    """The agents' columns, and who is of which kind.

    Attributes:
        cash: in ticks times shares; (A,) int64.
        shares: (A,) int64.
        initial: shares at the start, which market makers go back to; (A,) int64.
    plan: signed child orders that are left of an institution's order; (A,) int64.
        who: agents by kind; (A,) int64.
        start: place in ``who`` of the first of each kind, and the end; (5,) int64.
    """

    cash: Array
    shares: Array
    initial: Array
    plan: Array
    who: Array
    start: Array


class Rules(NamedTuple):
    """The settings that the kernels need; see ``order_book`` for what they mean."""

    minutes: int
    collar: int
    careful: float
    maker_rate: float
    institution_rate: float
    speculator_rate: float
    noise_rate: float
    cancel_rate: float
    shape: float
    market_share: float
    tail: float
    reach: float
    size: float
    size_spread: float
    round_lots: float
    half_spread: float
    caution: float
    inventory: float
    maker_size: float
    disagreement: float
    trend: float
    split: float
    attention: float
    fear: float
    horizon: float
    bias: float
    herding: float
    misalignment: float
    news: float


@kernel
def trade_day(
    key: Array, book: Book, kept: Kept, clock: Array, mind: Array, traders: Traders, rules: Rules
) -> bool:
    """Go on with the day; whether it is over, or else there is no more room for rows."""
    look = (
        rules.attention, rules.fear, rules.horizon, rules.bias, rules.herding, rules.misalignment,
        rules.news,
    )  # fmt: skip
    arrivals = rules.maker_rate + rules.institution_rate + rules.speculator_rate + rules.noise_rate
    while clock[MINUTE] < rules.minutes:
        count = book.top[COUNT]
        if clock[SENT] + ROOM > len(kept.messages):
            return False
        if clock[TRADED] + count + ROOM > len(kept.trades):
            return False
        clock[EVENT] += 1
        pace = mind[BUSY] * intraday(clock[MINUTE], rules.minutes, rules.shape) / SECONDS
        rate = arrivals + rules.cancel_rate * count
        now = clock[CLOCK] + int(1e6 * exponential(key, clock[EVENT], 0) / (rate * pace))
        due = (clock[MINUTE] + 1) * MINUTE_LONG
        if now >= due:
            clock[CLOCK] = due
            end_minute(key, book, kept, clock, mind, look)
            clock[MINUTE] += 1
            continue
        clock[CLOCK] = now
        pick, which = uniforms(key, clock[EVENT], 1)
        pick *= rate
        if pick >= arrivals or count + 4 > len(book.live):
            if count > 0:
                withdraw(book, kept, clock, book.live[int(which * count)])
            continue
        if pick < rules.maker_rate:
            make_market(book, kept, clock, mind, traders, rules, _one(traders, MAKER, which))
        elif pick < rules.maker_rate + rules.institution_rate:
            agent = _one(traders, INSTITUTION, which**3)  # some are far larger
            work_off(key, book, kept, clock, traders, rules, agent)
        elif pick < arrivals - rules.noise_rate:
            agent = _one(traders, SPECULATOR, which)
            speculate(key, book, kept, clock, mind, traders, rules, agent)
        else:
            agent = _one(traders, NOISE, which)
            act_at_random(key, book, kept, clock, traders, rules, agent)
    return True


@kernel
def _one(traders: Traders, kind: int, u: float) -> int:
    """An agent of a kind."""
    first, end = traders.start[kind], traders.start[kind + 1]
    return int(traders.who[first + int(u * (end - first))])


@kernel
def _size(key: Array, event: int, rules: Rules) -> int:
    """Shares of an order: log-normal, a part of them in round lots."""
    wanted = math.exp(math.log(rules.size) + rules.size_spread * normal(key, event, 4))
    if uniform(key, event, 5) < rules.round_lots:
        return LOT * max(1, int(wanted / LOT + 0.5))
    return max(1, int(wanted))


@kernel
def _seen(key: Array, event: int, book: Book, side: int, size: int, rules: Rules) -> int:
    """Shares of a market order, by most not more than stand at the best price."""
    if uniform(key, event, 7) >= rules.careful:
        return size
    best = book.top[ASK] if side > 0 else book.top[BID]
    return max(1, min(size, int(book.levels[best, DEPTH])))


@kernel
def _within(book: Book, ticks: float) -> int:
    """A price that the book has."""
    return int(min(max(ticks, 1.0), len(book.levels) - 2.0))


@kernel
def act_at_random(
    key: Array, book: Book, kept: Kept, clock: Array, traders: Traders, rules: Rules, agent: int
) -> None:
    """A market order, or a limit order whose distance from the other side has a power law."""
    coin, market = uniforms(key, clock[EVENT], 2)
    side = 1 if coin < 0.5 else -1
    size = _size(key, clock[EVENT], rules)
    if market < rules.market_share:
        size = _seen(key, clock[EVENT], book, side, size, rules)
        send(
            book, kept, clock, traders.cash, traders.shares, agent, MARKET, side, rules.collar, size
        )
        return
    far = rules.reach * ((1.0 - uniform(key, clock[EVENT], 6)) ** (-1.0 / rules.tail) - 1.0)
    if side > 0:
        from_ = book.top[ASK] if book.top[ASK] < len(book.levels) - 1 else middle(book) + 1.0
    else:
        from_ = book.top[BID] if book.top[BID] > 0 else middle(book) - 1.0
    ticks = _within(book, from_ - side * (1.0 + math.floor(far)))
    send(book, kept, clock, traders.cash, traders.shares, agent, LIMIT, side, ticks, size)


@kernel
def speculate(
    key: Array, book: Book, kept: Kept, clock: Array, mind: Array, traders: Traders, rules: Rules,
    agent: int,
) -> None:  # fmt: skip
    """As a fundamentalist up to one's own view of value, or as a chartist after the trend."""
    event = clock[EVENT]
    fundamental, _ = uniforms(key, event, 2)
    view = normal(key, event, 6)
    size = _size(key, event, rules)
    if fundamental < mind[SHARE]:
        value = math.exp(mind[VALUE] + 1e-4 * rules.disagreement * view)
        side = 1 if value > middle(book) else -1
        if side > 0:
            limit = min(math.floor(value), book.top[ASK] + rules.collar)
        else:
            limit = max(math.ceil(value), book.top[BID] - rules.collar)
        ticks = _within(book, limit)
        apart = 1e4 * abs(value / middle(book) - 1.0)
        size = int(size * min(1.0 + apart / max(rules.disagreement, 1.0), DEEPEST))
        send(book, kept, clock, traders.cash, traders.shares, agent, LIMIT, side, ticks, size)
        return
    signal = rules.trend * mind[TREND] * math.sqrt(rules.horizon / mind[USUAL]) + view
    side = 1 if signal > 0 else -1
    send(book, kept, clock, traders.cash, traders.shares, agent, MARKET, side, rules.collar, size)


@kernel
def work_off(
    key: Array, book: Book, kept: Kept, clock: Array, traders: Traders, rules: Rules, agent: int
) -> None:
    """A market order, a part of a large one whose number of parts has a power law."""
    event = clock[EVENT]
    if traders.plan[agent] == 0:
        coin, u = uniforms(key, event, 2)
        parts = int(min((1.0 - u) ** (-1.0 / rules.split), 5000.0))
        traders.plan[agent] = parts if coin < 0.5 else -parts
    side = 1 if traders.plan[agent] > 0 else -1
    traders.plan[agent] -= side
    size = _seen(key, event, book, side, _size(key, event, rules), rules)
    send(book, kept, clock, traders.cash, traders.shares, agent, MARKET, side, rules.collar, size)


@kernel
def make_market(
    book: Book, kept: Kept, clock: Array, mind: Array, traders: Traders, rules: Rules, agent: int
) -> None:
    """New quotes around the middle: wider after moves, lower when one holds too many shares."""
    for k in range(2):
        if book.quote[agent, k] >= 0:
            withdraw(book, kept, clock, book.quote[agent, k])
    mid = middle(book)
    half = rules.half_spread + rules.caution * math.sqrt(max(mind[MOVED], 0.0)) * 1e-4 * mid
    held = traders.shares[agent] - traders.initial[agent]
    lean = -rules.inventory * held / rules.maker_size
    lean = min(max(lean, -4.0 * half), 4.0 * half)
    lot = max(1, int(rules.maker_size))
    for side in (1, -1):
        ticks = mid + lean - side * half
        if side > 0:
            ticks = min(math.floor(ticks), book.top[ASK] - 1.0)
        else:
            ticks = max(math.ceil(ticks), book.top[BID] + 1.0)
        place = _within(book, ticks)
        slot = send(book, kept, clock, traders.cash, traders.shares, agent, LIMIT, side, place, lot)
        book.quote[agent, 0 if side > 0 else 1] = slot
