"""The limit order book against a naive one of Python lists."""

import numpy as np
import pytest

from likewise.simulate.market_book import ASK, BID, COUNT, LEFT, new_book, remove, rest, sound, take
from likewise.simulate.order_book import OrderBook

PRICES = 60


class NaiveBook:
    """Orders of each side in one list, sorted by price, then by time of arrival."""

    def __init__(self):
        self.sides = {1: [], -1: []}

    def send(self, order, side, limit, size, *, stays):
        trades, other = [], self.sides[-side]
        while size and other and side * other[0][0] <= side * limit:
            price, standing, left = other[0]
            part = min(size, left)
            trades.append((price, part, order, standing))
            size -= part
            other[0] = (price, standing, left - part)
            if left == part:
                other.pop(0)
        if size and stays:
            self.sides[side].append((limit, order, size))
            self.sides[side].sort(key=lambda row: -side * row[0])  # stable: the older first
        return trades

    def cancel(self, order):
        for side in self.sides:
            self.sides[side] = [row for row in self.sides[side] if row[1] != order]

    def best(self, side):
        return self.sides[side][0][0] if self.sides[side] else None


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("plain", [False, True], ids=["compiled", "plain"])
def test_random_orders_trade_as_in_the_naive_book(seed, plain):
    rng = np.random.default_rng(seed)
    send, put, drop = (f.py_func if plain else f for f in (take, rest, remove))
    book, naive = new_book(PRICES, 400, 10, 30), NaiveBook()
    slots, out = {}, np.empty((500, 7), np.int64)
    for order in range(300):
        live = [o for rows in naive.sides.values() for _, o, _ in rows]
        if live and rng.random() < 0.3:
            gone = live[rng.integers(len(live))]
            naive.cancel(gone)
            drop(book, slots[gone])
        else:
            side, limit = rng.choice([-1, 1]), rng.integers(20, 40)
            size, stays = rng.integers(1, 30), rng.random() < 0.8
            wanted = naive.send(order, side, limit, size, stays=stays)
            left, rows = send(book, side, limit, size, 0, order, out, 0)
            assert [tuple(row) for row in out[:rows, [0, 1, 3, 4]]] == wanted
            if left and stays:
                slots[order] = put(book, side, limit, left, 0, order)
        assert sound(book)
        assert (naive.best(1) or 0, naive.best(-1) or PRICES - 1) == (book.top[BID], book.top[ASK])
        held = book.slots[book.live[: book.top[COUNT]], LEFT].sum()
        assert held == sum(size for rows in naive.sides.values() for *_, size in rows)


def test_the_naive_book_makes_the_same_trades_of_the_messages_of_a_run():
    market = OrderBook(agents=60, minutes=60, collar=15)
    run = market.run(2, seed=3)
    orders, trades = (run.table(n).to_pandas() for n in ("orders", "trades"))
    naive, made = NaiveBook(), []
    for row in orders.itertuples():
        side, ticks = (1 if row.side == "buy" else -1), row.price / market.tick
        if row.action == "cancel":
            naive.cancel(int(row.cancels))
        elif row.action == "limit":
            made += naive.send(row.order_id, side, round(ticks), row.size, stays=True)
        else:
            best = naive.best(-side)
            if made and best is not None:  # a best price far from the last is not the market's
                best = min(max(best, made[-1][0] - market.collar), made[-1][0] + market.collar)
            reach = best + side * market.collar if best is not None else 0
            made += naive.send(row.order_id, side, reach, row.size, stays=False)
    columns = (trades.price / market.tick).round().astype(int), trades["size"], trades.order_id
    assert len(trades) > 1000
    assert made == list(zip(*columns, trades.standing_id, strict=True))


def test_a_book_that_is_not_in_order_is_not_sound():
    book = new_book(PRICES, 10, 2, 30)
    rest(book, 1, 20, 5, 0, 0)
    rest(book, -1, 25, 5, 1, 1)
    assert sound(book)
    book.levels[20, 2] += 1
    assert not sound(book)
    book.levels[20, 2] -= 1
    book.top[BID] = 19
    assert not sound(book)
