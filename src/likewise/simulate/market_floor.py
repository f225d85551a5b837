"""The trading floor: agents and book of an order-book world, its days, and its tables."""

from typing import TYPE_CHECKING

import numpy as np

from likewise.simulate.draws import Draws
from likewise.simulate.form import Form
from likewise.simulate.log import Log
from likewise.simulate.market_agents import agents_of, refuse
from likewise.simulate.market_book import (
    BUY,
    COUNT,
    HEAD,
    LEFT,
    NEXT,
    ORDER,
    OWNER,
    SELL,
    SIDE,
    TICKS,
    TRADE,
    Book,
    new_book,
    rest,
)  # fmt: skip
from likewise.simulate.market_day import trade_day
from likewise.simulate.market_session import (
    BAR,
    BUSY,
    CLOCKS,
    DAY,
    ENDED,
    FIRST,
    LEVELS,
    LIMIT,
    MESSAGE,
    MID,
    MIND,
    NEWS,
    NEWS_SPANS,
    SENT,
    SHARE,
    TRADED,
    USUAL,
    VALUE,
    Kept,
)  # fmt: skip
from likewise.simulate.market_traders import PARENT, ROOM, Rules, Traders
from likewise.simulate.world import World

if TYPE_CHECKING:
    from likewise.simulate.order_book import OrderBook

Array = np.ndarray
ROWS = 1 << 16  # messages kept before they go to the log
SIDES = ("buy", "sell")
_SEED = 30  # prices on each side with an order before anybody trades
_GUESS = 9.0  # squared size of a minute's move before any was seen, in hundredths of a percent


def initial_book(setting: "OrderBook", world: World, draws: Draws) -> None:
    """Set up agents, logs, and the book that a day of trading leaves; its orders are logged."""
    refuse(setting)
    agents_of(setting, world, draws)
    _logs(world)
    start = round(setting.price / setting.tick)
    rules = rules_of(setting)
    limits = rules.maker_rate * 2 + rules.speculator_rate + rules.noise_rate
    capacity = int(min(1024 + 8 * limits / rules.cancel_rate, 2_000_000))
    book = new_book(4 * start + 100, capacity, setting.agents, start)
    world.levels, world.slots, world.live = book.levels, book.slots, book.live
    world.top, world.quote = book.top, book.quote
    world.mind = np.zeros(MIND)
    world.mind[[VALUE, SHARE, MID, USUAL, BUSY]] = np.log(start), 0.5, start, _GUESS, 1.0
    world.mind[NEWS : NEWS + len(NEWS_SPANS)] = draws.normal(len(NEWS_SPANS))
    world.parent = np.zeros((setting.agents, PARENT), np.int64)
    owners = draws.below(2 * _SEED, setting.agents)
    for i in range(_SEED):
        for k, side in enumerate((BUY, SELL)):
            rest(book, side, start - side * (i + 1), int(setting.size), owners[2 * i + k], -1)
    _trade(setting, world, draws, day=-1)
    world.agents.ticks, world.agents.shares = world.agents.start_ticks, world.agents.initial
    world.agents.trades = 0
    _log_standing(setting, world)


def session(setting: "OrderBook", world: World, draws: Draws, day: int) -> None:
    """A trading day, with all its rows in the logs."""
    bars, quotes = _trade(setting, world, draws, day)
    minute = np.arange(len(bars))
    tick = setting.tick
    world.bars.emit(
        day=day, minute=minute, open=bars[:, 0] * tick, high=bars[:, 1] * tick,
        low=bars[:, 2] * tick, close=bars[:, 3] * tick, volume=bars[:, 4], trades=bars[:, 5],
    )  # fmt: skip
    columns: dict[str, Array] = {}
    for k, side in enumerate(("bid", "ask")):
        for i in range(LEVELS):
            ticks, size = quotes[:, k, i, 0], quotes[:, k, i, 1]
            columns[f"{side}_{i + 1}"] = np.where(ticks > 0, ticks * tick, np.nan)
            columns[f"{side}_size_{i + 1}"] = size
    world.quotes.emit(day=day, minute=minute, **columns)


def book_of(world: World) -> Book:
    """The book of a world."""
    return Book(world.levels, world.slots, world.live, world.top, world.quote)


def rules_of(setting: "OrderBook") -> Rules:
    """The settings that kernels need, each of the type that they are compiled for."""
    values = setting.model_dump()
    whole = ("minutes", "collar")
    found = [values[n] if n in whole else float(values[n]) for n in Rules._fields]
    return Rules._make(found)


def _logs(world: World) -> None:
    agent = {"agent_id": "agents"}
    world.orders = Log(
        form=Form(
            key="order_id", refers={**agent, "cancels": "orders"},
            labels={"action": ("limit", "market", "cancel"), "side": SIDES},
        ), day=int, seconds=float, agent_id=int, action=np.int8, side=np.int8, price=float,
        size=int, cancels=int,
    )  # fmt: skip
    world.trades = Log(
        form=Form(
            key="trade_id", labels={"side": SIDES},
            refers={
                "order_id": "orders", "standing_id": "orders", "buyer_id": "agents",
                "seller_id": "agents",
            },
        ), day=int, seconds=float, price=float, size=int, side=np.int8, middle=float, order_id=int,
        standing_id=int, buyer_id=int, seller_id=int,
    )  # fmt: skip
    world.parents = Log(
        form=Form(key="parent_id", refers=agent, labels={"side": SIDES}),
        agent_id=int, side=np.int8, parts=int, size=int, price=float, day=int, seconds=float,
        middle=float, end_day=int, end_seconds=float, end_middle=float,
    )  # fmt: skip
    levels = {
        f"{side}{part}_{i + 1}": kind
        for side in ("bid", "ask") for i in range(LEVELS)
        for part, kind in (("", float), ("_size", int))
    }  # fmt: skip
    world.quotes = Log(form=Form(key="quote_id"), day=int, minute=int, **levels)
    world.bars = Log(
        form=Form(key="bar_id"), day=int, minute=int, open=float, high=float, low=float,
        close=float, volume=int, trades=int,
    )  # fmt: skip


def _trade(setting: "OrderBook", world: World, draws: Draws, day: int) -> tuple[Array, Array]:
    """A day of messages and trades; its bars and quotes. Day -1 leaves no rows."""
    book, key, agents = book_of(world), draws.key(), world.agents
    room = len(book.live) + 2 * ROOM
    kept = Kept(
        np.empty((MESSAGE, ROWS), np.int64), np.empty((ROWS + room, TRADE), np.int64),
        np.empty((2, ROWS + room), np.int64), np.empty((ROWS, PARENT + 4), np.int64),
        np.zeros((setting.minutes, BAR), np.int64),
        np.zeros((setting.minutes, 2, LEVELS, 2), np.int64),
    )  # fmt: skip
    traders = Traders(
        agents.ticks, agents.shares, agents.initial, agents.plan, world.parent, world.who,
        world.start,
    )  # fmt: skip
    clock, rules, over = np.zeros(CLOCKS, np.int64), rules_of(setting), False
    clock[DAY] = day
    while not over:
        clock[FIRST], clock[SENT], clock[TRADED], clock[ENDED] = len(world.orders), 0, 0, 0
        over = trade_day(key, book, kept, clock, world.mind, traders, rules)
        if day >= 0:
            _log(world, kept, clock, day, setting.tick)
    return kept.bars, kept.quotes


def _log(world: World, kept: Kept, clock: Array, day: int, tick: float) -> None:
    sent, traded = kept.messages[:, : clock[SENT]], kept.trades[: clock[TRADED]]
    ids = world.agents.id
    world.orders.emit(
        day=day, seconds=sent[0] / 1e6, agent_id=ids[sent[1]], action=sent[2], side=_code(sent[3]),
        price=np.where(sent[4] > 0, sent[4] * tick, np.nan), size=sent[5], cancels=sent[6],
    )  # fmt: skip
    at, middle = kept.times[:, : len(traded)]
    world.trades.emit(
        day=day, seconds=at / 1e6, price=traded[:, 0] * tick, size=traded[:, 1],
        side=_code(traded[:, 2]), middle=middle * (tick / 2), order_id=traded[:, 3],
        standing_id=traded[:, 4], buyer_id=ids[traded[:, 5]], seller_id=ids[traded[:, 6]],
    )  # fmt: skip
    both = traded[:, 5:].ravel()
    world.agents.trades += np.bincount(both, minlength=len(ids))
    ended = kept.parents[: clock[ENDED]]
    ended = ended[ended[:, 0] >= 0].T  # what the day before the first began has no first part
    world.parents.emit(
        agent_id=ids[ended[6]], side=_code(ended[7]), parts=ended[3], size=ended[4],
        price=np.where(ended[4] > 0, tick * ended[5] / np.maximum(ended[4], 1), np.nan),
        day=ended[0], seconds=ended[1] / 1e6, middle=ended[2] * (tick / 2), end_day=day,
        end_seconds=ended[9] / 1e6, end_middle=ended[8] * (tick / 2),
    )  # fmt: skip


def _log_standing(setting: "OrderBook", world: World) -> None:
    """The book at the start as messages, in the order in which they stand at each price."""
    book = book_of(world)
    taken = book.live[: book.top[COUNT]]
    order = np.lexsort((_queue_places(book)[taken], book.slots[taken, TICKS]))
    taken = taken[order]
    book.slots[taken, ORDER] = np.arange(len(taken))
    orders = book.slots[taken]
    world.orders.emit(
        day=0, seconds=0.0, agent_id=world.agents.id[orders[:, OWNER]], action=LIMIT,
        side=_code(orders[:, SIDE]), price=orders[:, TICKS] * setting.tick, size=orders[:, LEFT],
        cancels=np.full(len(orders), -1),
    )  # fmt: skip


def _queue_places(book: Book) -> Array:
    """How many orders stand before the one of each slot; (S,)."""
    places = np.zeros(len(book.slots), np.int64)
    for head in book.levels[np.flatnonzero(book.levels[:, HEAD] >= 0), HEAD]:
        slot, place = head, 0
        while slot >= 0:
            places[slot] = place
            slot, place = book.slots[slot, NEXT], place + 1
    return places


def _code(sides: Array) -> Array:
    """0 for a purchase, 1 for a sale."""
    return np.where(sides > 0, 0, 1).astype(np.int8)
