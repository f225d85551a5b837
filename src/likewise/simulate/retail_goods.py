"""Goods of the retail world: products, their prices over time, and promotions."""

from typing import TYPE_CHECKING

import numpy as np

from likewise.simulate.draws import Draws
from likewise.simulate.form import Form
from likewise.simulate.log import Log
from likewise.simulate.population import Population
from likewise.simulate.retail_shop import guide
from likewise.simulate.world import World

if TYPE_CHECKING:
    from likewise.simulate.retail import Retail

Array = np.ndarray
WEEK = 7
LENGTHS = np.array([WEEK, 2 * WEEK])  # of promotions, days
DEPTHS = np.array([0.5, 1.0, 1.5])  # of discounts, times the mean one
STEP = 0.08  # standard deviation of a change of the regular price, as a logarithm
LEAST = 0.01  # price


def stock(world: World, draws: Draws, shop: "Retail", segments: int) -> None:
    """The products, their logs, and what segments like."""
    n, kinds = shop.products, min(shop.categories, shop.products)
    rank = 1.0 + draws.order(n)
    spread = np.exp(shop.price_spread * draws.normal(n))
    price = np.maximum(np.round(shop.price * spread, 2), LEAST)
    words = tuple(f"category {number + 1}" for number in range(kinds))
    hidden = ("usual", "appeal", "offer", "offer_ends", "cut")
    world.products = Population(
        n, form=Form(key="product_id", labels={"category": words}, hidden=hidden),
        category=draws.below(n, kinds), list_price=price, price=price, usual=price,
        appeal=rank**-shop.popularity, offer=-1, offer_ends=0,
        cut=0.0,
    )  # fmt: skip
    taste = np.exp(shop.taste * draws.normal(segments * kinds)).reshape(segments, kinds)
    world.taste = taste / taste.mean(axis=1, keepdims=True)
    world.reach, world.guides = np.zeros((segments, n)), np.zeros((segments, n), np.int32)
    refers = {"product_id": "products"}
    world.promotions = Log(
        form=Form(key="promotion_id", refers=refers), product_id=int, first_day=int, last_day=int,
        discount=float,
    )  # fmt: skip
    world.prices = Log(
        form=Form(key="price_id", refers=refers), product_id=int, day=int, price=float
    )
    world.prices.emit(product_id=np.arange(n), day=np.ones(n, int), price=price)


def reprice(world: World, draws: Draws, shop: "Retail") -> None:
    """A new week: promotions end and begin, regular prices change, and likings with them."""
    goods, day = world.products, world.step
    ids = goods.id
    over = (goods.offer >= 0) & (goods.offer_ends < day)
    goods.offer[over], goods.cut[over] = -1, 0.0
    moved = draws.chance(ids, shop.repricing)
    usual = goods.usual * np.exp(STEP * draws.normal(ids))
    goods.usual[moved] = np.maximum(np.round(usual[moved], 2), LEAST)
    begins = np.flatnonzero(draws.chance(ids, shop.promotions) & (goods.offer < 0))
    depth = shop.discount * DEPTHS[draws.below(ids, len(DEPTHS))]
    ends = day - 1 + LENGTHS[draws.below(ids, len(LENGTHS))]
    goods.offer[begins] = len(world.promotions) + np.arange(len(begins))
    goods.offer_ends[begins] = ends[begins]
    goods.cut[begins] = np.round(np.minimum(depth[begins], 0.9), 2)
    world.promotions.emit(
        product_id=begins, first_day=day, last_day=ends[begins], discount=goods.cut[begins]
    )
    price = np.maximum(np.round(goods.usual * (1 - goods.cut), 2), LEAST)
    changed = np.flatnonzero(price != goods.price)
    goods.price[:] = price
    world.prices.emit(product_id=changed, day=day, price=price[changed])
    _like(world, shop)


def _like(world: World, shop: "Retail") -> None:
    """What each segment likes at today's prices, as ends of shares; (S, P)."""
    goods = world.products
    segments = len(world.reach)
    careful = shop.elasticity * (np.linspace(1.5, 0.5, segments) if segments > 1 else np.ones(1))
    cheaper = np.log(goods.list_price / goods.price)
    seen = goods.appeal * np.where(goods.offer >= 0, 1 + shop.display, 1.0)
    for segment in range(segments):
        likes = world.taste[segment][goods.category] * seen * np.exp(careful[segment] * cheaper)
        world.reach[segment] = np.cumsum(likes)
        guide(world.reach[segment], world.guides[segment])
