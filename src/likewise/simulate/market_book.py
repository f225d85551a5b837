"""A limit order book with price-time priority, as arrays and kernels.

Prices are whole ticks 1 … P - 2. A level holds a queue of orders, oldest first; an order lies in a
slot. ``live`` is a permutation of the slots of which the first ``top[COUNT]`` are taken.

Cost: O(1) for placing and removing, but for the walk to the next price with orders.
"""

from typing import NamedTuple

import numpy as np

from likewise.simulate.compiling import inner_kernel

Array = np.ndarray
HEAD, TAIL, DEPTH = range(3)  # columns of levels
TICKS, SIDE, LEFT, OWNER, ORDER, NEXT, BEFORE, PLACE = range(8)  # columns of slots
BID, ASK, COUNT, LAST = range(4)  # places in top: best prices, live orders, last traded price
BUY, SELL = 1, -1
TRADE = (
    7  # columns of trades: ticks, size, side of the taker, its order, the maker's, buyer, seller
)


class Book(NamedTuple):
    """The arrays of a book.

    Attributes:
        levels: first and last slot of each price's queue, -1 for none, and its shares; (P, 3).
        slots: price, side, shares left, owner, order, next and previous slot of the queue, and
            place in ``live``; (S, 8).
        live: slots, those of live orders first; (S,).
        top: best bid (0 without one), best ask (P - 1 without one), live orders, last price; (4,).
        quote: slots of each agent's standing bid and ask, -1 for none; (A, 2).
    """

    levels: Array
    slots: Array
    live: Array
    top: Array
    quote: Array


def new_book(prices: int, capacity: int, agents: int, last: int) -> Book:
    """An empty book."""
    levels = np.zeros((prices, 3), np.int64)
    levels[:, :DEPTH] = -1
    slots = np.full((capacity, 8), -1, np.int64)
    slots[:, PLACE] = np.arange(capacity)
    top = np.array([0, prices - 1, 0, last])
    return Book(levels, slots, np.arange(capacity), top, np.full((agents, 2), -1))


@inner_kernel
def rest(book: Book, side: int, ticks: int, size: int, owner: int, order: int) -> int:
    """Put an order that crosses nothing at the end of its price's queue; its slot."""
    levels, slots, top = book.levels, book.slots, book.top
    slot = int(book.live[top[COUNT]])
    top[COUNT] += 1
    slots[slot, TICKS], slots[slot, SIDE], slots[slot, LEFT] = ticks, side, size
    slots[slot, OWNER], slots[slot, ORDER], slots[slot, NEXT] = owner, order, -1
    tail = levels[ticks, TAIL]
    slots[slot, BEFORE] = tail
    if tail >= 0:
        slots[tail, NEXT] = slot
    else:
        levels[ticks, HEAD] = slot
    levels[ticks, TAIL] = slot
    levels[ticks, DEPTH] += size
    if side > 0:
        top[BID] = max(top[BID], ticks)
    else:
        top[ASK] = min(top[ASK], ticks)
    return slot


@inner_kernel
def remove(book: Book, slot: int) -> None:
    """Take an order out of its queue; best prices move on if its price is left empty."""
    levels, slots, live, top = book.levels, book.slots, book.live, book.top
    ticks, side, owner = slots[slot, TICKS], slots[slot, SIDE], slots[slot, OWNER]
    after, before = slots[slot, NEXT], slots[slot, BEFORE]
    if before >= 0:
        slots[before, NEXT] = after
    else:
        levels[ticks, HEAD] = after
    if after >= 0:
        slots[after, BEFORE] = before
    else:
        levels[ticks, TAIL] = before
    levels[ticks, DEPTH] -= slots[slot, LEFT]
    top[COUNT] -= 1
    place, moved = slots[slot, PLACE], live[top[COUNT]]
    live[place], slots[moved, PLACE] = moved, place
    live[top[COUNT]], slots[slot, PLACE] = slot, top[COUNT]
    standing = 0 if side > 0 else 1
    if book.quote[owner, standing] == slot:
        book.quote[owner, standing] = -1
    if levels[ticks, HEAD] < 0:
        if side > 0 and ticks == top[BID]:
            while top[BID] > 0 and levels[top[BID], HEAD] < 0:
                top[BID] -= 1
        elif side < 0 and ticks == top[ASK]:
            while top[ASK] < len(levels) - 1 and levels[top[ASK], HEAD] < 0:
                top[ASK] += 1


@inner_kernel
def take(
    book: Book, side: int, limit: int, size: int, owner: int, order: int, out: Array, filled: int
) -> tuple[int, int]:
    """Trade against the best orders, oldest first, up to the price ``limit``.

    ``out`` (T, 7) gets a row for each trade from ``filled`` on, and has room for all live orders.
    Gives the shares that are left, and the rows of ``out``.
    """
    levels, slots, top = book.levels, book.slots, book.top
    while size > 0:
        ticks = top[ASK] if side > 0 else top[BID]
        if (side > 0 and ticks > limit) or (side < 0 and ticks < limit):
            break
        slot = levels[ticks, HEAD]
        if slot < 0:  # no order on this side at all
            break
        part = min(size, slots[slot, LEFT])
        size -= part
        maker = slots[slot, OWNER]
        out[filled, 0], out[filled, 1], out[filled, 2] = ticks, part, side
        out[filled, 3], out[filled, 4] = order, slots[slot, ORDER]
        out[filled, 5] = owner if side > 0 else maker
        out[filled, 6] = maker if side > 0 else owner
        filled += 1
        top[LAST] = ticks
        slots[slot, LEFT] -= part
        levels[ticks, DEPTH] -= part
        if slots[slot, LEFT] == 0:
            remove(book, slot)
    return size, filled


@inner_kernel
def middle(book: Book) -> float:
    """Half-way between the best prices in ticks; the last price where a side is empty."""
    top = book.top
    if top[BID] == 0 or top[ASK] == len(book.levels) - 1:
        return float(top[LAST])
    return 0.5 * float(top[BID] + top[ASK])


@inner_kernel
def near(book: Book, side: int, collar: int) -> int:
    """The best price that an order of ``side`` meets, or if that is farther, one near the last.

    Where a side has run dry its next order may stand anywhere: a price more than ``collar`` ticks
    from the last one is not taken for the market's.
    """
    top, last = book.top, book.top[LAST]
    if side > 0:
        return int(min(max(top[ASK], last - collar), last + collar, len(book.levels) - 2))
    return int(max(min(top[BID], last + collar), last - collar, 1))


@inner_kernel
def best_levels(book: Book, side: int, out: Array) -> None:
    """Ticks and shares of the best prices with orders; out (L, 2), filled with 0 beyond."""
    levels, ticks = book.levels, book.top[BID] if side > 0 else book.top[ASK]
    for i in range(len(out)):
        out[i, 0], out[i, 1] = 0, 0
        while 0 < ticks < len(levels) - 1:
            if levels[ticks, HEAD] >= 0:
                out[i, 0], out[i, 1] = ticks, levels[ticks, DEPTH]
                ticks -= side
                break
            ticks -= side


def sound(book: Book) -> bool:
    """Whether queues, levels and best prices agree, and the book is not crossed. Cost: O(P + S)."""
    levels, slots, top = book.levels, book.slots, book.top
    taken = slots[book.live[: top[COUNT]]]
    depth = np.bincount(taken[:, TICKS], taken[:, LEFT], minlength=len(levels))
    bids, asks = taken[taken[:, SIDE] > 0, TICKS], taken[taken[:, SIDE] < 0, TICKS]
    best = max(bids, default=0), min(asks, default=len(levels) - 1)
    places = slots[book.live, PLACE]
    return bool(
        (depth == levels[:, DEPTH]).all() and (taken[:, LEFT] > 0).all() and best[0] < best[1]
        and best == (top[BID], top[ASK]) and (places == np.arange(len(places))).all()
    )  # fmt: skip
