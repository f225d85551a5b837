"""Kernels of the retail world: who buys on a day, and what lies in the basket."""

import math

import numpy as np

from likewise.simulate.compiling import kernel
from likewise.simulate.philox import exponential, uniform, uniforms

Array = np.ndarray
PROSPECT, ACTIVE, LEFT = range(3)  # states of customers
TRIES = 8  # to find a product that is not in the basket yet


@kernel
def shop(
    key: Array, ids: Array, state: Array, joins: Array, rate: Array, leaving: Array, wait: Array,
    day: int, factor: float, regularity: int, bought: Array,
) -> None:  # fmt: skip
    """Who orders on a day; a customer does so once a day at most.

    ``wait`` is what is left until the next purchase, in purchases of an average customer: a day
    takes ``rate * factor`` of it, and the day of a purchase half of that, so that waits are rounded
    to days and not shortened. Waits have mean 1 and are gamma with shape ``regularity``. After each
    repeat purchase the customer leaves with probability ``leaving``. Changes state and wait.

    Args:
        key: of the draws.
        ids, state, joins, rate, leaving, wait: of customers; (N,).
        day: now; prospects come on their day or later.
        factor: of all rates on this day; on a day of 0 the shop is closed.
        regularity: shape of the waits, 1 for Poisson purchases.
        bought: (N,) bool, filled.
    """
    for i in range(len(ids)):
        bought[i] = False
        early = state[i] == PROSPECT and joins[i] > day
        if factor <= 0 or state[i] == LEFT or early:
            continue
        pace = rate[i] * factor
        if state[i] == ACTIVE and wait[i] >= pace:
            wait[i] -= pace
            continue
        bought[i] = True
        if state[i] == ACTIVE and uniform(key, ids[i], 0) < leaving[i]:
            state[i] = LEFT
            continue
        state[i] = ACTIVE
        wait[i] = _wait(key, ids[i], 1, regularity) - pace / 2


@kernel
def _wait(key: Array, agent: int, k: int, shape: int) -> float:
    total = 0.0
    for stage in range(shape):
        total += exponential(key, agent, k + stage)
    return total / shape


@kernel
def sizes(key: Array, orders: Array, mean: Array, most: int, out: Array) -> None:
    """Lines of each order: geometric with the customer's mean, from 1 to ``most``; (M,) filled."""
    for o in range(len(orders)):
        out[o] = 1
        if mean[o] > 1:
            drawn = exponential(key, orders[o], 0) / math.log(mean[o] / (mean[o] - 1))
            out[o] = 1 + int(min(drawn, most - 1.0))


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
def look(key: Array, ids: Array, segment: Array, reach: Array, out: Array) -> None:
    """A product for each visitor, by what her segment likes; (M,) int64 filled."""
    for i in range(len(ids)):
        out[i] = find(reach[segment[i]], uniform(key, ids[i], 0))


@kernel
def _liked(reach: Array, one: int, other: int) -> int:
    """Which of two products has the larger share."""
    first = reach[one] - (reach[one - 1] if one > 0 else 0.0)
    second = reach[other] - (reach[other - 1] if other > 0 else 0.0)
    return one if first >= second else other


@kernel
def fill(
    key: Array, orders: Array, who: Array, lines: Array, segment: Array, reach: Array,
    memory: Array, known: Array, habit: float, favourites: float, units: Array, returns: float,
    stamp: Array, order_of: Array, product_of: Array, units_of: Array, back_of: Array,
) -> int:  # fmt: skip
    """Fill the baskets of a day; the number of lines.

    With probability ``habit`` a line is a product that the customer has bought before, and in a
    share ``favourites`` of them, of two such products the one that her segment likes more at
    today's prices. Else, or if that is in the
    basket, it is any product, by how much they are liked. No product is twice in one basket; where
    none is found in 8 tries the basket ends. Changes memory and known.

    Args:
        key: of the draws.
        orders, who, lines: number, customer and wanted lines of each order; (M,).
        segment: of each customer; (N,).
        reach: ends of the products' shares, a row a segment; (S, P).
        memory, known: products that each customer has bought, a ring, and how many; (N, K), (N,).
        habit: share of lines bought by habit, where there is something to remember.
        favourites: share of these that are the more liked of two.
        units: mean units a line of each customer; (N,).
        returns: share of lines that are sent back.
        stamp: (P,) int64, last order that holds a product.
        order_of, product_of, units_of, back_of: filled; room for all wanted lines.
    """
    rows, room = 0, memory.shape[1]
    for o in range(len(orders)):
        i, number, used = who[o], orders[o], 0
        for _ in range(lines[o]):
            product, fresh, found = 0, False, False
            for attempt in range(TRIES):
                by_habit, place = uniforms(key, number, used)
                used += 1
                seen = min(known[i], room)
                fresh = seen == 0 or attempt > 0 or by_habit >= habit
                if fresh:
                    product = find(reach[segment[i]], place)
                else:
                    one, other = int(place * seen), int(by_habit / habit * seen)
                    product = memory[i, one]
                    if place * seen - one < favourites:  # what is left of a uniform number is one
                        product = _liked(reach[segment[i]], product, memory[i, other])
                found = stamp[product] != number
                if found:
                    break
            if not found:
                break
            stamp[product] = number
            if fresh:
                memory[i, known[i] % room] = product
                known[i] += 1
            amount, back = uniforms(key, number, used)
            used += 1
            order_of[rows], product_of[rows] = o, product
            mean = units[i]
            more = -math.log(1.0 - amount) / math.log(mean / (mean - 1)) if mean > 1 else 0.0
            units_of[rows] = 1 + int(min(more, 1e6))
            back_of[rows] = back < returns
            rows += 1
    return rows
