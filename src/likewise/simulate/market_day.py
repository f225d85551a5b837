"""Kernel of a trading day: who comes next, when, and with what draws."""

import math

import numpy as np

from likewise.simulate.compiling import inner_kernel
from likewise.simulate.market_book import COUNT, Book
from likewise.simulate.market_session import (
    BUSY,
    CLOCK,
    ENDED,
    EVENT,
    MINUTE,
    SECONDS,
    SENT,
    TRADED,
    Kept,
    end_minute,
    intraday,
    send,
    withdraw,
)  # fmt: skip
from likewise.simulate.market_traders import (
    INSTITUTION,
    MAKER,
    NOISE,
    ROOM,
    SPECULATOR,
    Rules,
    Traders,
    act_at_random,
    count_part,
    make_market,
    speculate,
    work_off,
)
from likewise.simulate.philox import philox

Array = np.ndarray
LOT = 100
MINUTE_LONG = 60_000_000  # µs
_LOW, _HALF = np.uint64(0xFFFFFFFF), np.uint64(32)


@inner_kernel
def trade_day(
    key: Array, book: Book, kept: Kept, clock: Array, mind: Array, traders: Traders, rules: Rules
) -> bool:
    """Go on with the day; whether it is over, or else there is no more room for rows."""
    look = (
        rules.attention, rules.fear, rules.interest, rules.horizon, rules.bias, rules.herding,
        rules.misalignment, rules.news,
    )  # fmt: skip
    speculators = rules.maker_rate + rules.institution_rate
    noise = speculators + rules.speculator_rate
    arrivals = noise + rules.noise_rate
    while clock[MINUTE] < rules.minutes:
        count = book.top[COUNT]
        if clock[SENT] + ROOM > kept.messages.shape[1] or clock[ENDED] >= len(kept.parents):
            return False
        if clock[TRADED] + count + ROOM > len(kept.trades):
            return False
        clock[EVENT] += 1
        event = clock[EVENT]
        pace = mind[BUSY] * intraday(clock[MINUTE], rules.minutes, rules.shape) / SECONDS
        rate = arrivals + rules.cancel_rate * count
        wait, pick, which, coin = _four(key, event, 0)
        now = clock[CLOCK] + int(-1e6 * math.log(wait) / (rate * pace))
        due = (clock[MINUTE] + 1) * MINUTE_LONG
        if now >= due:
            clock[CLOCK] = due
            end_minute(key, book, kept, clock, mind, look)
            clock[MINUTE] += 1
            continue
        clock[CLOCK] = now
        pick *= rate
        if pick >= arrivals or count + 4 > len(book.live):
            if count > 0:
                withdraw(book, kept, clock, book.live[int(which * count)])
            continue
        if pick < rules.maker_rate:
            agent = _one(traders, MAKER, which)
            make_market(book, kept, clock, mind, traders, rules, agent)
            continue
        size, view, far = _wishes(key, event, rules)
        if pick < speculators:
            agent = _one(traders, INSTITUTION, which**3)  # some are far larger
            u = (pick - rules.maker_rate) / rules.institution_rate
            order = work_off(book, clock, traders, rules, agent, size, far, coin, u)
        elif pick < noise:
            agent = _one(traders, SPECULATOR, which)
            order = speculate(book, mind, rules, size, view, far, coin)
        else:
            agent = _one(traders, NOISE, which)
            u = (pick - noise) / rules.noise_rate
            order = act_at_random(book, mind, rules, size, far, coin, u)
        start = clock[TRADED]
        action, side, ticks, size = order
        send(
            book, kept, clock, mind, traders.cash, traders.shares, agent, action, side, ticks, size
        )
        if pick < speculators:
            count_part(book, kept, clock, traders, agent, start)
    return True


@inner_kernel
def _four(key: Array, event: int, k: int) -> tuple[float, float, float, float]:
    """Four independent numbers in (0, 1) for the price of one, each a multiple of 2**-32."""
    stream, place = key[0], np.uint64(event)
    w0, w1, w2, w3 = philox(
        place & _LOW, place >> _HALF, np.uint64(k), key[1], stream & _LOW, stream >> _HALF
    )
    return _open(w0), _open(w1), _open(w2), _open(w3)


@inner_kernel
def _open(word: np.uint64) -> float:
    """A number in (0, 1) from 32 bits."""
    return (float(np.int64(word)) + 0.5) * 2.0**-32


@inner_kernel
def _one(traders: Traders, kind: int, u: float) -> int:
    """An agent of a kind."""
    first, end = traders.start[kind], traders.start[kind + 1]
    return int(traders.who[first + int(u * (end - first))])


@inner_kernel
def _wishes(key: Array, event: int, rules: Rules) -> tuple[int, float, float]:
    """Shares that an agent wants: log-normal, a part of them in round lots; two more draws.

    The two are a standard normal number, and one in (0, 1).
    """
    first, second, round_lot, far = _four(key, event, 1)
    radius, angle = math.sqrt(-2.0 * math.log(first)), 2.0 * math.pi * second
    wanted = rules.size * math.exp(rules.size_spread * radius * math.cos(angle))
    if round_lot < rules.round_lots:
        return LOT * max(1, int(wanted / LOT + 0.5)), radius * math.sin(angle), far
    return max(1, int(wanted)), radius * math.sin(angle), far
