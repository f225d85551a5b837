"""A shop: customers who differ, come back and leave; products, prices, promotions and a season.

Customers buy as in the BG/NBD model, on a clock that runs by weekday and season. Baskets are filled
by habit or by what a customer's segment likes at today's prices. Customers tell friends. Equations,
parameters and sources are on the documentation's page.

Papers: Fader, Hardie and Lee, "Counting your customers the easy way", Marketing Science 2005;
McFadden, "Conditional logit analysis of qualitative choice behavior", 1974 (choice by shares of
attraction); Bass, "A new product growth model for consumer durables", 1969 (word of mouth).
Cost: about 7 ns a customer and day, and 0.4 microseconds an order line without clicks.
"""

import math
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

import numpy as np
from pydantic import Field

from likewise.simulate.calibrate import Weights
from likewise.simulate.draws import Draws
from likewise.simulate.dynamics import Data
from likewise.simulate.facts import Band
from likewise.simulate.form import Form
from likewise.simulate.graph import random_graph
from likewise.simulate.log import Log
from likewise.simulate.retail_facts import BANDS, retail_facts, retail_weights
from likewise.simulate.retail_fit import retail_settings
from likewise.simulate.retail_goods import WEEK, reprice, stock
from likewise.simulate.retail_people import gather
from likewise.simulate.retail_repeats import YEAR
from likewise.simulate.retail_shop import ACTIVE, LEFT, PROSPECT, fill, shop, sizes, tell
from likewise.simulate.retail_visits import browse, clickstream
from likewise.simulate.rules import invariant, rule
from likewise.simulate.simulator import MOST, Simulator
from likewise.simulate.world import World

Array = np.ndarray
Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0, le=1e6)]
Weight = Annotated[float, Field(ge=0, le=1e6)]
Spread = Annotated[float, Field(ge=0, le=4)]
LARGEST = 2_000  # lines in an order
HOURS = np.array([1, 1, 1, 1, 1, 2, 5, 10, 16, 20, 23, 25, 26, 24, 22, 21, 21, 21, 23, 25, 24, 18])
HOURS = np.cumsum([*HOURS, 10, 4]) / 1.0  # relative orders by the hour of the day, up to it


class Retail(Simulator):
    """Customers, products, prices and promotions; orders, their lines, clicks and referrals.

    Attributes:
        customers: who are or may become customers.
        products: in the shop, in ``categories`` categories.
        categories: of products.
        r: shape of the gamma law of purchase rates; the smaller, the more customers differ.
        alpha: days; rate parameter of that law, whose mean is r / alpha purchases a day.
        a: of the beta law of the probability to leave after a repeat purchase.
        b: the other parameter of that law, whose mean is a / (a + b).
        regularity: shape of the times between purchases: 1 is Poisson, more is more regular.
        arrivals: relative numbers of newcomers in the first, second, … 30 days; then nobody new.
        arrivals_days: instead of these 30.
        cohorts: factors of the rates of who comes in the first, second, … 30 days; the last one of
            all who come later.
        devoted: share of who comes in the first 30 days whose rates are ``devotion`` times as
            great again, such as a shop's oldest customers.
        devotion: this factor.
        friends: mean number of them.
        word_of_mouth: probability to tell a friend of a purchase: prospects come on the next day,
            active customers wait half as long for their next purchase.
        weekday: relative rates on the 1st, 2nd, … 7th day of the run, and so on.
        months: relative rates in each twelfth of a year, counted from the first day.
        closed: days without orders, such as holidays; 1 is the first of the run.
        basket: mean lines of an order.
        basket_spread: standard deviation of its logarithm among customers.
        quantity: mean units of a line.
        spending: standard deviation of its logarithm among customers.
        price: median of products.
        price_spread: standard deviation of its logarithm among products.
        popularity: exponent of Zipf's law of what is bought when prices are equal.
        taste: standard deviation, among segments, of the logarithm of how a category is liked.
        habit: share of lines that are bought because they were bought before.
        favourites: share of these lines for which, of two products bought before, the one is taken
            that is liked more.
        elasticity: percent by which a product's share of purchases rises as its price falls by one.
        repricing: share of regular prices that change in a week.
        promotions: share of products that a promotion begins for in a week.
        discount: mean of promotions.
        display: how much more a product on promotion is seen.
        returns: share of lines that are sent back.
        clicks: whether visits are logged.
        browsing: mean number of products that are looked at in a visit and not bought.
        conversion: share of visits that end in an order.
    """

    summary: ClassVar[str] = "Customers, products, prices and promotions: a shop"
    default_steps: ClassVar[int] = 365
    steps_per_day: ClassVar[float | None] = 1.0
    bounds: ClassVar[Mapping[str, tuple[float, float]]] = {
        "popularity": (0.3, 1.5), "habit": (0.0, 0.95), "favourites": (0.0, 1.0),
        "spending": (0.0, 2.0), "elasticity": (0.0, 5.0),
    }  # fmt: skip
    bands: ClassVar[Mapping[str, Band]] = BANDS
    populations: ClassVar[Mapping[str, str]] = {"customers": "customers"}

    customers: Annotated[int, Field(ge=1, le=MOST)] = 5_000
    products: Annotated[int, Field(ge=1, le=10_000_000)] = 1_000
    categories: Annotated[int, Field(ge=1, le=100_000)] = 20
    r: Positive = 0.8
    alpha: Positive = 30.0
    a: Positive = 0.8
    b: Positive = 2.5
    regularity: Annotated[int, Field(ge=1, le=20)] = 1
    arrivals: tuple[Weight, ...] = (6, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1)
    arrivals_days: Annotated[int, Field(ge=1, le=366)] = 30
    cohorts: tuple[Positive, ...] = Field((1,), min_length=1)
    devoted: Share = 0.0
    devotion: Positive = 5.0
    friends: Annotated[float, Field(ge=0, le=1000)] = 4.0
    word_of_mouth: Share = 0.01
    weekday: tuple[Weight, ...] = Field(
        (0.9, 0.9, 0.9, 1.0, 1.2, 1.2, 0.9), min_length=7, max_length=7
    )
    months: tuple[Weight, ...] = Field(
        (0.9, 0.9, 0.95, 0.95, 1.0, 1.0, 0.95, 0.95, 1.0, 1.05, 1.15, 1.2),
        min_length=12,
        max_length=12,
    )
    closed: tuple[Annotated[int, Field(ge=1, le=10**6)], ...] = ()
    basket: Annotated[float, Field(ge=1, le=LARGEST)] = 4.0
    basket_spread: Spread = 0.5
    quantity: Annotated[float, Field(ge=1, le=1e5)] = 1.5
    spending: Spread = 0.5
    price: Positive = 12.0
    price_spread: Spread = 0.7
    popularity: Annotated[float, Field(ge=0, le=3)] = 0.8
    taste: Spread = 0.6
    habit: Share = 0.3
    favourites: Share = 0.5
    elasticity: Annotated[float, Field(ge=0, le=20)] = 2.0
    repricing: Share = 0.02
    promotions: Share = 0.02
    discount: Annotated[float, Field(ge=0, le=0.6)] = 0.2
    display: Annotated[float, Field(ge=0, le=10)] = 0.3
    returns: Share = 0.03
    clicks: bool = True
    browsing: Annotated[float, Field(ge=0, le=100)] = 2.0
    conversion: Annotated[float, Field(gt=0, le=1)] = 0.25

    def setup(self, world: World, draws: Draws) -> None:
        """Everybody is a prospect with a day on which to come; the shelves are full."""
        n = self.customers
        stock(world, draws, self, gather(world, draws, self))
        world.stamp = np.full(self.products, -1)
        ties = min(self.friends, n - 1) if self.word_of_mouth else 0
        world.friends, world.heard = random_graph(n, ties, draws), np.zeros(n, np.int64)
        world.takings, world.visits, world.clock = 0.0, 0, 0.0
        self._logs(world)

    def _logs(self, world: World) -> None:
        customer, product = {"customer_id": "customers"}, {"product_id": "products"}
        form = Form(key="order_id", refers=customer)
        world.orders = Log(form=form, customer_id=int, day=int, hour=np.int8, total=float)
        refers = {"order_id": "orders", **product, "promotion_id": "promotions"}
        world.order_lines = Log(
            form=Form(key="line_id", refers=refers), order_id=int, product_id=int, quantity=int,
            price=float, promotion_id=int, returned=bool,
        )  # fmt: skip
        form = Form(key="referral_id", refers={**customer, "by_id": "customers"})
        world.referrals = Log(form=form, day=int, customer_id=int, by_id=int)
        if self.clicks:
            world.clickstream = clickstream()

    @rule()
    def price_goods(self, world: World, draws: Draws) -> None:
        """Prices and promotions of a new week."""
        if world.step % WEEK == 1:
            reprice(world, draws, self)

    @rule()
    def buy(self, world: World, draws: Draws) -> None:
        """The orders of a day, their lines, the clicks, and what customers tell friends."""
        people, day, factor = world.customers, world.step, self.factor(world.step)
        world.clock += factor
        who = np.empty(len(people.id), np.int64)
        who = who[: shop(
            draws.key(), people.id, people.state, people.joins, people.rate, people.leaving,
            people.due, day, world.clock, factor, self.regularity, world.census, who,
        )]  # fmt: skip
        first = len(world.orders)
        lines, products = self._fill(world, draws, who, first)
        if self.word_of_mouth and len(who):
            self._tell(world, draws, who)
        if self.clicks:  # last, so that nothing else depends on it
            browse(
                world, draws, browsing=self.browsing, conversion=self.conversion, who=who,
                first=first, lines=lines, products=products,
            )  # fmt: skip

    def factor(self, day: int) -> float:
        """Of all rates on a day; its mean over weekdays and months is 1, on closed days it is 0."""
        if day in self.closed:
            return 0.0
        month = int((day - 1) % YEAR / YEAR * len(self.months))
        scale = sum(self.weekday) * sum(self.months) / len(self.weekday) / len(self.months)
        return self.weekday[(day - 1) % WEEK] * self.months[month] / max(scale, 1e-12)

    def _fill(self, world: World, draws: Draws, who: Array, first: int) -> tuple[Array, Array]:
        """Orders and their lines; lines of each order (M,), and the products of all lines."""
        people, goods, orders = world.customers, world.products, len(who)
        lines, hour, most = np.empty(orders, np.int64), np.empty(orders, np.int8), LARGEST
        room = sizes(
            draws.key(), first, who, people.long, min(most, self.products), HOURS, lines, hour
        )
        order, product, units, offer = (np.empty(room, np.int64) for _ in range(4))
        paid, back, total = np.empty(room), np.empty(room, bool), np.empty(orders)
        count = fill(
            draws.key(), first, who, lines, people.segment, world.guides, world.reach,
            people.memory, people.known, self.habit, self.favourites, people.many, self.returns,
            world.stamp, goods.price, goods.offer, order, product, units, paid, offer, back, total,
        )  # fmt: skip
        world.orders.emit(customer_id=people.id[who], day=world.step, hour=hour, total=total)
        world.order_lines.emit(
            order_id=order[:count], product_id=product[:count], quantity=units[:count],
            price=paid[:count], promotion_id=offer[:count], returned=back[:count],
        )  # fmt: skip
        people.joined[who] = np.fmin(people.joined[who], world.step)
        people.orders[who] += 1  # once a day at most
        people.spent[who] += total
        world.takings += float(total.sum())
        return lines, product[:count]

    def _tell(self, world: World, draws: Draws, buyers: Array) -> None:
        """Some tell a friend: prospects come tomorrow, active customers buy sooner."""
        people, day, comes = world.customers, world.step, np.empty(len(buyers), np.int64)
        comes = comes[: tell(
            draws.key(), buyers, people.id, self.word_of_mouth, world.friends.start,
            world.friends.ends, people.state, people.joins, people.due, world.heard,
            people.referred_by, day, world.clock, comes,
        )]  # fmt: skip
        if len(comes):
            by = people.referred_by[comes]
            world.referrals.emit(day=day, customer_id=people.id[comes], by_id=by)

    @invariant
    def every_order_and_all_money_are_somebodys(self, world: World) -> bool:
        """Customers' orders and money are those of the logs."""
        people = world.customers
        money = math.isclose(people.spent.sum(), world.takings, rel_tol=1e-9, abs_tol=1e-6)
        return bool(people.orders.sum() == len(world.orders) and money)

    @invariant
    def who_has_bought_is_no_prospect(self, world: World) -> bool:
        """And only they."""
        people = world.customers
        return bool(((people.orders > 0) == (people.state != PROSPECT)).all())

    def collect(self, world: World) -> Mapping[str, float]:
        """Customers by state, and orders, lines and money so far."""
        counts = world.census
        return {
            "prospects": counts[PROSPECT], "active": counts[ACTIVE], "left": counts[LEFT],
            "orders": len(world.orders), "lines": len(world.order_lines),
            "takings": world.takings,
        }  # fmt: skip

    def estimate(self, data: Data) -> Mapping[str, Any]:
        """Customers, rates, dropout, week, year, baskets, prices: see ``retail_settings``."""
        return retail_settings(data)

    def facts(self, data: Data) -> Mapping[str, float]:
        """Repeats beside the BG/NBD model, tracking, week, year, goods and prices."""
        return retail_facts(data)

    def weights(self, data: Data) -> Weights | None:
        """How facts vary when customers are drawn anew."""
        return retail_weights(data)
