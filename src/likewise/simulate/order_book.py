"""A limit order book, minute by minute: orders, trades, quotes, bars, and the agents behind them.

Makers, institutions, speculators and noise traders come at random times, more often after the
price has moved. What they do, parameters and sources are on the documentation's page.

Papers: Cont, Stoikov and Talreja, "A stochastic model for order book dynamics", Operations
Research 2010; Lillo, Mike and Farmer, "Theory for long memory in supply and demand", Physical
Review E 2005; Franke and Westerhoff, JEDC 2012; Blanc, Donier and Bouchaud, "Quadratic Hawkes
processes for financial prices", Quantitative Finance 2017; Bacry, Delour and Muzy, "Multifractal
random walk", Physical Review E 2001; Farmer, Gerig, Lillo and Waelbroeck, "How efficiency shapes
market impact", Quantitative Finance 2013.
"""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

import numpy as np
from pydantic import Field

from likewise.simulate.calibrate import Weights, bootstrap_weights
from likewise.simulate.draws import Draws
from likewise.simulate.dynamics import Data
from likewise.simulate.facts import Band
from likewise.simulate.market_book import ASK, BID, COUNT, LAST, sound
from likewise.simulate.market_book_facts import BOOK_BANDS, facts_of_book, facts_of_minutes
from likewise.simulate.market_floor import book_of, initial_book, session
from likewise.simulate.market_prices import bars_of, closing_prices, enough_prices, rows_of_bars
from likewise.simulate.market_session import SHARE, VALUE
from likewise.simulate.rules import invariant, rule
from likewise.simulate.simulator import Simulator
from likewise.simulate.world import World

Rate = Annotated[float, Field(ge=0, le=1e5)]
Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(ge=0, le=1e6)]


class OrderBook(Simulator):
    """A double auction with price-time priority; a step is a trading day.

    Attributes:
        agents: how many, of all kinds.
        makers: market makers among them.
        institutions: that work off large orders in parts.
        speculators: share of the others who trade on value or trend.
        price: at the start.
        tick: step of prices.
        minutes: of a trading day.
        maker_rate: arrivals of market makers a minute, all together.
        institution_rate: of institutions.
        speculator_rate: of speculators.
        noise_rate: of noise traders.
        cancel_rate: cancellations, a live order and minute.
        shape: how much busier the open and the close are than noon.
        market_share: share of noise traders' orders that are market orders.
        collar: ticks beyond the best price to which market orders go.
        careful: share of orders, of all but makers, that take no more than stands at the best
            price.
        tail: exponent of the distance of their limit orders.
        reach: scale of that distance, ticks.
        size: median shares of an order.
        size_spread: standard deviation of its logarithm.
        round_lots: share of orders in lots of 100.
        half_spread: least distance of a maker's quotes from the middle, ticks.
        caution: by how many standard deviations of a minute's move quotes are wider.
        inventory: ticks by which quotes are lower when a maker holds a quote's size too many.
        maker_size: shares of a maker's quote.
        disagreement: standard deviation of views of value, hundredths of a percent.
        trend: how surely chartists follow the trend.
        horizon: minutes over which the trend is taken.
        split: exponent of the number of parts of institutions' orders.
        refill: how much limit orders lean against the flow of trades.
        attention: share of activity that comes from looking at how much the price has moved.
        fear: by how much more falls count in this than rises.
        interest: standard deviation of the logarithm of activity that news from outside brings.
        bias: of speculators' choice towards value.
        herding: towards what most do.
        misalignment: towards value, by the squared distance of price and value, in %.
        news: standard deviation of what moves value, hundredths of a percent a minute.
    """

    summary: ClassVar[str] = "A limit order book: orders, trades, quotes, bars, agents"
    default_steps: ClassVar[int] = 10
    steps_per_day: ClassVar[float | None] = 1.0
    populations: ClassVar[Mapping[str, str]] = {"agents": "agents"}
    bounds: ClassVar[Mapping[str, tuple[float, float]]] = {
        "attention": (0.3, 0.9), "interest": (0.4, 1.0), "fear": (0.6, 1.0),
        "market_share": (0.05, 0.25), "cancel_rate": (0.08, 0.28), "disagreement": (5.0, 35.0),
        "refill": (0.0, 0.5), "careful": (0.7, 1.0), "split": (1.4, 2.0),
    }  # fmt: skip
    bands: ClassVar[Mapping[str, Band]] = BOOK_BANDS

    agents: Annotated[int, Field(ge=8, le=1_000_000)] = 500
    makers: Annotated[int, Field(ge=1, le=1_000_000)] = 6
    institutions: Annotated[int, Field(ge=1, le=1_000_000)] = 4
    speculators: Share = 0.3
    price: Annotated[float, Field(gt=0, le=1e12)] = 100.0
    tick: Annotated[float, Field(gt=0, le=1e12)] = 0.01
    minutes: Annotated[int, Field(ge=10, le=1440)] = 390
    maker_rate: Rate = 8.0
    institution_rate: Rate = 14.0
    speculator_rate: Rate = 8.0
    noise_rate: Rate = 40.0
    cancel_rate: Annotated[float, Field(gt=0, le=1e3)] = 0.18
    shape: Annotated[float, Field(ge=0, le=20)] = 2.0
    market_share: Share = 0.15
    collar: Annotated[int, Field(ge=0, le=100_000)] = 5
    careful: Share = 0.86
    tail: Annotated[float, Field(ge=0.5, le=10)] = 2.5
    reach: Annotated[float, Field(ge=0, le=1000)] = 8.0
    size: Annotated[float, Field(ge=1, le=1e6)] = 100.0
    size_spread: Annotated[float, Field(ge=0, le=3)] = 1.65
    round_lots: Share = 0.5
    half_spread: Annotated[float, Field(ge=0.5, le=1000)] = 2.0
    caution: Annotated[float, Field(ge=0, le=10)] = 0.3
    inventory: Positive = 0.1
    maker_size: Annotated[float, Field(ge=1, le=1e6)] = 300.0
    disagreement: Positive = 20.0
    trend: Annotated[float, Field(ge=0, le=20)] = 0.3
    horizon: Annotated[float, Field(ge=1, le=1000)] = 10.0
    split: Annotated[float, Field(ge=1, le=5)] = 1.73
    refill: Annotated[float, Field(ge=0, le=10)] = 0.3
    attention: Annotated[float, Field(ge=0, le=0.95)] = 0.61
    fear: Share = 0.95
    interest: Annotated[float, Field(ge=0, le=2)] = 0.71
    bias: Annotated[float, Field(ge=-1e6, le=1e6)] = 0.0
    herding: Positive = 1.0
    misalignment: Positive = 1.0
    news: Annotated[float, Field(ge=0, le=100)] = 3.0

    def setup(self, world: World, draws: Draws) -> None:
        """Agents, and the book that a day of trading leaves; its orders are the first messages."""
        initial_book(self, world, draws)

    @rule()
    def trade(self, world: World, draws: Draws) -> None:
        """A trading day."""
        session(self, world, draws, world.step)

    @invariant
    def the_book_is_sound(self, world: World) -> bool:
        """Queues, depths and best prices agree; bid and ask do not cross."""
        return sound(book_of(world))

    @invariant
    def cash_and_shares_only_change_hands(self, world: World) -> bool:
        """Their sums stay."""
        agents = world.agents
        sums = agents.ticks.sum(), agents.shares.sum()
        return bool(sums[0] == agents.start_ticks.sum() and sums[1] == agents.initial.sum())

    def collect(self, world: World) -> Mapping[str, float]:
        """Best prices, live orders, value, and the share of speculators who trade on value."""
        top, mind = world.top, world.mind
        bid = self.tick * top[BID] if top[BID] > 0 else np.nan
        ask = self.tick * top[ASK] if top[ASK] < len(world.levels) - 1 else np.nan
        value = self.tick * np.exp(mind[VALUE])
        return {
            "bid": bid, "ask": ask, "live": top[COUNT], "value": value, "on_value": mind[SHARE],
            "orders": len(world.orders), "trades": len(world.trades),
        }  # fmt: skip

    def finish(self, world: World) -> None:
        """Agents' cash in money, and what they gained."""
        agents = world.agents
        agents.cash = agents.ticks * self.tick
        gained = agents.ticks - agents.start_ticks
        gained = gained + (agents.shares - agents.initial) * world.top[LAST]
        agents.profit = gained * self.tick

    def estimate(self, data: Data) -> Mapping[str, Any]:
        """The first price."""
        bars = bars_of(data)
        if bars is None:
            return {}
        first = float(enough_prices(closing_prices(bars))[0])
        return {"price": first, "tick": self.tick * first / self.price}

    def facts(self, data: Data) -> Mapping[str, float]:
        """Facts of the bars' returns, and of orders, trades and quotes where they are known."""
        bars = bars_of(data)
        rows = None if bars is None else rows_of_bars(bars)
        return {**({} if rows is None else facts_of_minutes(rows)), **facts_of_book(data)}

    def weights(self, data: Data) -> Weights | None:
        """From blocks of bars drawn anew; None where facts of orders or trades are wanted, too."""
        bars = bars_of(data)
        rows = None if bars is None or facts_of_book(data) else rows_of_bars(bars)
        if rows is None:
            return None
        return bootstrap_weights(rows, facts_of_minutes, block=min(390, len(rows)), seed=0)
