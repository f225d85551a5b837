"""Kernels of the retail world: who buys on a day, and what lies in the basket."""

import math

import numpy as np

from likewise.simulate.compiling import kernel
from likewise.simulate.philox import exponential, four, uniform, uniforms

Array = np.ndarray
PROSPECT, ACTIVE, LEFT = range(3)  # states of customers
NEVER = 1 << 60  # a day
MONTH = 30  # days in which a cohort came
TRIES = 8  # to find a product that is not in the basket yet


@kernel
def shop(
    key: Array, ids: Array, state: Array, joins: Array, rate: Array, leaving: Array, due: Array,
    day: int, clock: float, factor: float, regularity: int, census: Array, who: Array,
) -> int:  # fmt: skip
    """Who orders on a day, and how many do; a customer does so once a day at most.

    ``due`` is the time of the next purchase on a clock of which a day takes ``factor``. Waits are
    counted from the middle of the day of a purchase on, so that they are rounded to days and not
    shortened. They have mean 1 / rate and are gamma with shape ``regularity``. After each repeat
    purchase the customer leaves with probability ``leaving``. Changes state, joins, due and census.

    Args:
        key: of the draws.
        ids, state, joins, rate, leaving, due: of customers; prospects are due at infinity, and
            who has come joins never; (N,).
        day: now; prospects come on their day or later.
        clock: at the end of this day.
        factor: of all rates on this day; on a day of 0 the shop is closed.
        regularity: shape of the waits, 1 for Poisson purchases.
        census: customers by state; (3,).
        who: (N,) int64, rows of those who order, filled from its start on.
    """
    count = 0
    if factor <= 0:
        return count
    for i in range(len(ids)):
        if (due[i] < clock) | (joins[i] <= day):  # one branch, seldom taken
            who[count] = i
            count += 1
    for place in range(count):
        i = who[place]
        census[state[i]] -= 1
        if state[i] == ACTIVE and uniform(key, ids[i], 0) < leaving[i]:
            state[i], due[i] = LEFT, math.inf
        else:
            state[i], joins[i] = ACTIVE, NEVER
            due[i] = clock - factor / 2 + _wait(key, ids[i], 1, regularity) / rate[i]
        census[state[i]] += 1
    return count


@kernel
def tell(
    key: Array, buyers: Array, ids: Array, probability: float, start: Array, ends: Array,
    state: Array, joins: Array, due: Array, heard: Array, referred_by: Array, day: int,
    clock: float, comes: Array,
) -> int:  # fmt: skip
    """Buyers tell a friend; how many prospects come tomorrow therefore.

    The wait of an active customer who hears of a purchase is halved, once a day at most. Changes
    joins, due, heard and referred_by.

    Args:
        key: of the draws.
        buyers: rows of those who ordered; (M,).
        ids, state, joins, due, referred_by: of customers; (N,).
        probability: to tell somebody.
        start, ends: of the graph of friends.
        heard: last day on which each customer was told; (N,).
        day, clock: now.
        comes: (M,) int64, rows of the prospects, filled from its start on.
    """
    count = 0
    for i in buyers:
        first, degree = start[i], start[i + 1] - start[i]
        tells, which = uniforms(key, ids[i], 0)
        if tells >= probability or degree == 0:
            continue
        friend = ends[first + min(int(which * degree), degree - 1)]
        if state[friend] == ACTIVE and heard[friend] != day:
            heard[friend] = day
            due[friend] -= (due[friend] - clock) / 2
        elif state[friend] == PROSPECT and joins[friend] > day + 1:
            joins[friend], referred_by[friend] = day + 1, ids[i]
            comes[count] = friend
            count += 1
    return count


@kernel
def _wait(key: Array, agent: int, k: int, shape: int) -> float:
    total = 0.0
    for stage in range(shape):
        total += exponential(key, agent, k + stage)
    return total / shape


@kernel
def sizes(
    key: Array, first: int, who: Array, long: Array, most: int, hours: Array,
    lines: Array, hour: Array,
) -> int:  # fmt: skip
    """Lines of each order and the hour of it; how many lines there are in all.

    Args:
        key: of the draws.
        first: number of the first order.
        who: row of the customer of each order; (M,).
        long: of each customer, see ``scales``; (N,).
        most: lines in an order.
        hours: ends of the shares of hours; (24,).
        lines, hour: filled; (M,).
    """
    total = 0
    for o in range(len(who)):
        size, time = uniforms(key, first + o, 0)
        lines[o] = 1 + int(min(-math.log(1.0 - size) * long[who[o]], most - 1.0))
        hour[o] = find(hours, time)
        total += lines[o]
    return total


def scales(mean: Array) -> Array:
    """By what exponential numbers are multiplied and cut to be geometric with a mean, less 1; (N,).

    A mean of 1 gives 0.
    """
    with np.errstate(divide="ignore"):
        scale: Array = 1 / np.log(mean / (mean - 1))
    return scale


@kernel
def find(reach: Array, place: float) -> int:
    """The option whose share of [0, 1) holds ``place``; ``reach`` (K,) are ends of the shares."""
    low, high, wanted = 0, len(reach) - 1, place * reach[-1]
    while low < high:
        middle = (low + high) // 2
        if reach[middle] > wanted:
            high = middle
        else:
            low = middle + 1
    return low


@kernel
def guide(reach: Array, out: Array) -> None:
    """Where ``find_by`` begins, for each K-th part of [0, 1); (K,) int32 filled.

    Paper: Chen and Asau, "On generating random variates from an empirical distribution", AIIE
    Transactions 1974.
    """
    at, parts = 0, len(reach)
    for part in range(parts):
        least = part / parts * reach[-1] * (1 - 1e-12)  # not beyond what rounding may give
        while at < parts - 1 and reach[at] <= least:
            at += 1
        out[part] = at


@kernel
def find_by(start: Array, reach: Array, place: float) -> int:
    """The same as ``find`` in two steps or so, with the ``guide`` of the shares."""
    last, wanted = len(start) - 1, place * reach[-1]
    at = int(start[min(int(place * len(start)), last)])
    while at < last and reach[at] <= wanted:
        at += 1
    return at


@kernel
def look(key: Array, segment: Array, start: Array, reach: Array, out: Array) -> None:
    """A product for each view, by what the visitor's segment likes; (M,) int64 filled."""
    for i in range(len(segment)):
        out[i] = find_by(start[segment[i]], reach[segment[i]], uniform(key, i, 0))


@kernel
def _liked(reach: Array, one: int, other: int) -> int:
    """Which of two products has the larger share."""
    first = reach[one] - (reach[one - 1] if one > 0 else 0.0)
    second = reach[other] - (reach[other - 1] if other > 0 else 0.0)
    return one if first >= second else other


@kernel
def fill(
    key: Array, first: int, who: Array, lines: Array, segment: Array, start: Array, reach: Array,
    memory: Array, known: Array, habit: float, favourites: float, many: Array, returns: float,
    stamp: Array, price: Array, offer: Array, order_of: Array, product_of: Array, units_of: Array,
    paid_of: Array, offer_of: Array, back_of: Array, total: Array,
) -> int:  # fmt: skip
    """Fill the baskets of a day; the number of lines.

    With probability ``habit`` a line is a product that the customer has bought before, and in a
    share ``favourites`` of them, of two such products the one that her segment likes more at
    today's prices. Else, or if that is in the basket, it is any product, by how much they are
    liked. No product is twice in one basket; where none is found in 8 tries the basket ends.
    Changes memory, known and lines.

    Args:
        key: of the draws.
        first: number of the first order.
        who, lines: customer and wanted lines of each order, which become those found; (M,).
        segment: of each customer; (N,).
        start, reach: guides and ends of the products' shares, a row a segment; (S, P).
        memory, known: products that each customer has bought, a ring, and how many; (N, K), (N,).
        habit: share of lines bought by habit, where there is something to remember.
        favourites: share of these that are the more liked of two.
        many: of each customer, for units of a line, see ``scales``; (N,).
        returns: share of lines that are sent back.
        stamp: (P,) int64, last order that holds a product.
        price, offer: of products today; (P,).
        order_of, product_of, units_of, paid_of, offer_of, back_of: of lines, filled; room for all
            that are wanted.
        total: money of each order, rounded to cents, filled; (M,).
    """
    rows, room = 0, memory.shape[1]
    for o in range(len(who)):
        i, number, wanted, used, money = who[o], first + o, lines[o], 0, 0.0
        likes, begins = reach[segment[i]], start[segment[i]]
        lines[o] = 0
        for _ in range(wanted):
            product, fresh, found, amount, back = 0, False, False, 0.0, 0.0
            for attempt in range(TRIES):
                by_habit, place, amount, back = four(key, number, used)
                used += 1
                seen = min(known[i], room)
                fresh = seen == 0 or attempt > 0 or by_habit >= habit
                if fresh:
                    product = find_by(begins, likes, place)
                else:
                    one, other = int(place * seen), int(by_habit / habit * seen)
                    product = memory[i, one]
                    if place * seen - one < favourites:  # what is left of a uniform number is one
                        product = _liked(likes, product, memory[i, other])
                found = stamp[product] != number
                if found:
                    break
            if not found:
                break
            stamp[product] = number
            if fresh:
                memory[i, known[i] % room] = product
                known[i] += 1
            units = 1 + int(min(-math.log(1.0 - amount) * many[i], 1e6))
            order_of[rows], product_of[rows], units_of[rows] = number, product, units
            paid_of[rows], offer_of[rows] = price[product], offer[product]
            back_of[rows] = back < returns
            money += units * price[product]
            lines[o] += 1
            rows += 1
        total[o] = math.floor(100 * money + 0.5) / 100
    return rows
