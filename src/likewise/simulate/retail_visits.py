"""Visits to the pages of the shop: what is looked at, put into a cart, and bought."""

import numpy as np

from likewise.simulate.draws import Draws
from likewise.simulate.form import Form
from likewise.simulate.log import Log
from likewise.simulate.retail_shop import ACTIVE, look
from likewise.simulate.world import World

Array = np.ndarray
VIEW, CART, ORDER = range(3)
ABANDONED = 0.3  # share of visits without an order in which a cart is filled and left


def clickstream() -> Log:
    """An empty log of clicks."""
    refers = {"customer_id": "customers", "product_id": "products", "order_id": "orders"}
    form = Form(key="click_id", refers=refers, labels={"action": ("view", "cart", "order")})
    return Log(
        form=form, visit=int, day=int, customer_id=int, product_id=int, order_id=int,
        action=np.int8,
    )  # fmt: skip


def browse(
    world: World, draws: Draws, *, browsing: float, conversion: float, who: Array, first: int,
    lines: Array, products: Array,
) -> None:  # fmt: skip
    """The clicks of a day: of those who order, and of those who only look.

    Args:
        world: with ``customers``, ``reach``, ``clickstream`` and the number ``visits``.
        draws: of the rule.
        browsing: mean number of products that are looked at beyond those bought.
        conversion: share of visits that end in an order.
        who: rows of the customers of the day's orders; (M,).
        first: number of the first of these orders.
        lines: of each order; (M,).
        products: of the orders' lines, in their order.
    """
    customers = world.customers
    mass = np.cumsum(np.where(customers.state == ACTIVE, customers.rate, 0.0))
    barren = len(who) * (1 / conversion - 1) if mass[-1] > 0 else 0.0
    count = int(draws.poisson(1, barren)[0])
    lookers = np.searchsorted(mass, draws.uniform(count) * mass[-1], side="right")
    visitors = np.concatenate([who, np.minimum(lookers, len(mass) - 1)])
    bought = np.concatenate([lines, np.zeros(count, np.int64)])
    buys = np.arange(len(visitors)) < len(who)
    extra = draws.poisson(len(visitors), browsing) + ~buys
    carts = np.where(buys, bought, draws.chance(len(visitors), ABANDONED))
    total = bought + extra + carts + buys

    visit = np.repeat(np.arange(len(visitors)), total)
    at = np.arange(len(visit)) - np.repeat(np.cumsum(total) - total, total)
    views = (bought + extra)[visit]
    action = np.where(at < views, VIEW, np.where(at < views + carts[visit], CART, ORDER))
    line = np.where(action == VIEW, at, at - views)  # of the order that is looked at or in the cart
    start = (np.cumsum(bought) - bought)[visit]
    seen = _looked_at(draws, customers.segment[visitors[visit]], world)
    is_line = (action != ORDER) & (line < bought[visit])
    if len(products):
        seen[is_line] = products[(start + line)[is_line]]
    seen[action == ORDER] = -1
    left = np.flatnonzero((action == CART) & ~buys[visit])
    seen[left] = seen[left - 1]  # what was looked at last
    order = np.where(buys[visit] & (action == ORDER), first + visit, -1)
    world.clickstream.emit(
        visit=world.visits + visit, day=world.step, customer_id=customers.id[visitors[visit]],
        product_id=seen, order_id=order, action=action,
    )  # fmt: skip
    world.visits += len(visitors)


def _looked_at(draws: Draws, segment: Array, world: World) -> Array:
    out = np.empty(len(segment), np.int64)
    look(draws.key(), segment, world.guides, world.reach, out)
    return out
