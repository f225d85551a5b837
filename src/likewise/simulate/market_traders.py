"""Kernels of the traders of an order book: what each kind does when it comes to the market."""

import math
from typing import NamedTuple

import numpy as np

from likewise.simulate.compiling import inner_kernel
from likewise.simulate.market_book import ASK, BID, BUY, DEPTH, SELL, Book, middle, near
from likewise.simulate.market_session import (
    CLOCK,
    DAY,
    ENDED,
    FLOW,
    LIMIT,
    MARKET,
    MOVED,
    SHARE,
    TRADED,
    TREND,
    USUAL,
    VALUE,
    Kept,
    send,
    withdraw,
)  # fmt: skip

Array = np.ndarray
Order = tuple[int, int, int, int]  # action, side, ticks, shares
MAKER, INSTITUTION, SPECULATOR, NOISE = range(4)
KINDS = ("maker", "institution", "speculator", "noise")
DEEPEST = 10.0  # times its size that a speculator's order on value grows at most
MOST_PARTS = 5000.0  # of a large order
PARENT = 6  # columns of what is known of a large order that is under way
ROOM = 16  # messages that one arrival sends at most


class Traders(NamedTuple):
    """The agents' columns, and who is of which kind.

    Attributes:
        cash: in ticks times shares; (A,) int64.
        shares: (A,) int64.
        initial: shares at the start, which market makers go back to; (A,) int64.
        plan: signed parts that are left of an institution's large order; (A,) int64.
        parent: of that order day and µs of its begin, twice the middle then, and so far parts,
            shares and their worth; (A, 6) int64.
        who: agents by kind; (A,) int64.
        start: place in ``who`` of the first of each kind, and the end; (5,) int64.
    """

    cash: Array
    shares: Array
    initial: Array
    plan: Array
    parent: Array
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
    refill: float
    attention: float
    fear: float
    interest: float
    horizon: float
    bias: float
    herding: float
    misalignment: float
    news: float


@inner_kernel
def _capped(book: Book, side: int, size: int, rules: Rules, u: float) -> int:
    """Shares of a market order, by most not more than stand at the best price."""
    if u >= rules.careful:
        return size
    best = book.top[ASK] if side > 0 else book.top[BID]
    return max(1, min(size, int(book.levels[best, DEPTH])))


@inner_kernel
def _price(book: Book, collar: int) -> float:
    """Half-way between the prices that buyers and sellers meet."""
    return 0.5 * float(near(book, BUY, collar) + near(book, SELL, collar))


@inner_kernel
def _within(book: Book, ticks: float) -> int:
    """A price that the book has."""
    return int(min(max(ticks, 1.0), len(book.levels) - 2.0))


@inner_kernel
def _lean(mind: Array, refill: float) -> float:
    """How far limit orders lean against the flow of trades; in [-0.9, 0.9], above 0 they sell."""
    flow = (mind[FLOW] + mind[FLOW + 1] + mind[FLOW + 2]) / 3.0
    lean: float = min(max(refill * flow, -0.9), 0.9)
    return lean


@inner_kernel
def act_at_random(
    book: Book, mind: Array, rules: Rules, size: int, far: float, coin: float, market: float
) -> Order:
    """A market order, or a limit order whose distance from the other side has a power law."""
    if market < rules.market_share:
        side = 1 if coin < 0.5 else -1
        return MARKET, side, rules.collar, _capped(book, side, size, rules, far)
    side = 1 if 2.0 * coin < 1.0 - _lean(mind, rules.refill) else -1
    away = rules.reach * (far ** (-1.0 / rules.tail) - 1.0)
    other = near(book, side, rules.collar)
    return LIMIT, side, _within(book, other - side * (1.0 + math.floor(away))), size


@inner_kernel
def speculate(
    book: Book, mind: Array, rules: Rules, size: int, view: float, care: float, coin: float
) -> Order:
    """As a fundamentalist up to one's own view of value, or as a chartist after the trend."""
    if coin < mind[SHARE]:
        value = math.exp(mind[VALUE] + 1e-4 * rules.disagreement * view)
        now = _price(book, rules.collar)
        side = 1 if value > now else -1
        most = near(book, side, rules.collar)
        if care >= rules.careful:
            most += side * rules.collar
        limit = min(math.floor(value), most) if side > 0 else max(math.ceil(value), most)
        apart = 1e4 * abs(value / now - 1.0)
        size = int(size * min(1.0 + apart / max(rules.disagreement, 1.0), DEEPEST))
        return LIMIT, side, _within(book, limit), size
    # In standard deviations of late: a wild minute must not look like a trend for being wild.
    usual = max(mind[USUAL], mind[MOVED])
    signal = rules.trend * mind[TREND] * math.sqrt(rules.horizon / usual) + view
    side = 1 if signal > 0 else -1
    return MARKET, side, rules.collar, _capped(book, side, size, rules, care)


@inner_kernel
def work_off(
    book: Book, clock: Array, traders: Traders, rules: Rules, agent: int, size: int, care: float,
    coin: float, u: float,
) -> Order:  # fmt: skip
    """A market order, a part of a large one whose number of parts has a power law."""
    plan, parent = traders.plan, traders.parent
    if plan[agent] == 0:
        parts = int(min(u ** (-1.0 / rules.split), MOST_PARTS))
        plan[agent] = parts if coin < 0.5 else -parts
        parent[agent, 0], parent[agent, 1] = clock[DAY], clock[CLOCK]
        parent[agent, 2] = int(2.0 * middle(book))
        parent[agent, 3], parent[agent, 4], parent[agent, 5] = 0, 0, 0
    side = 1 if plan[agent] > 0 else -1
    return MARKET, side, rules.collar, _capped(book, side, size, rules, care)


@inner_kernel
def count_part(
    book: Book, kept: Kept, clock: Array, traders: Traders, agent: int, start: int
) -> None:
    """Add the trades from row ``start`` on to the large order, and keep it if this was the end."""
    plan, parent, rows = traders.plan, traders.parent, kept.parents
    side = 1 if plan[agent] > 0 else -1
    plan[agent] -= side
    parent[agent, 3] += 1
    for row in range(start, clock[TRADED]):
        parent[agent, 4] += kept.trades[row, 1]
        parent[agent, 5] += kept.trades[row, 1] * kept.trades[row, 0]
    if plan[agent] == 0:
        place = clock[ENDED]
        for k in range(6):
            rows[place, k] = parent[agent, k]
        rows[place, 6], rows[place, 7], rows[place, 8] = agent, side, int(2.0 * middle(book))
        rows[place, 9] = clock[CLOCK]
        clock[ENDED] += 1


@inner_kernel
def make_market(
    book: Book, kept: Kept, clock: Array, mind: Array, traders: Traders, rules: Rules, agent: int
) -> None:
    """New quotes around the middle: wider after moves, lower when one holds too many shares."""
    for k in range(2):
        if book.quote[agent, k] >= 0:
            withdraw(book, kept, clock, book.quote[agent, k])
    mid = _price(book, rules.collar)
    half = rules.half_spread + rules.caution * math.sqrt(max(mind[MOVED], 0.0)) * 1e-4 * mid
    held = traders.shares[agent] - traders.initial[agent]
    lean = -rules.inventory * held / rules.maker_size
    lean = min(max(lean, -4.0 * half), 4.0 * half)
    against = _lean(mind, rules.refill)
    for side in (1, -1):
        ticks = mid + lean - side * half
        if side > 0:
            ticks = min(math.floor(ticks), book.top[ASK] - 1.0)
        else:
            ticks = max(math.ceil(ticks), book.top[BID] + 1.0)
        place = _within(book, ticks)
        lot = max(1, int(rules.maker_size * (1.0 - side * against)))
        slot = send(
            book, kept, clock, mind, traders.cash, traders.shares, agent, LIMIT, side, place, lot
        )
        book.quote[agent, 0 if side > 0 else 1] = slot
