"""A daily market of fundamentalists and chartists: prices, volumes, and who had the upper hand.

Demand moves the price, and traders change between two strategies: by what others do, by how far
the price is from value, and after losses. Equations, parameters and sources are on the
documentation's page.

Paper: Franke and Westerhoff, "Structural stochastic volatility in asset pricing dynamics:
estimation and model contest", Journal of Economic Dynamics and Control 2012; here with a value
that moves, with losses that drive traders away from it, and with falls that are sharper than rises.
"""

import math
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

import numpy as np
from pydantic import Field

from likewise.core.errors import DataError
from likewise.simulate.calibrate import Weights, bootstrap_weights
from likewise.simulate.draws import Draws
from likewise.simulate.dynamics import Data
from likewise.simulate.facts import Band
from likewise.simulate.form import Form
from likewise.simulate.log import Log
from likewise.simulate.market_prices import (
    bars_of,
    closing_prices,
    enough_prices,
    rows_of_bars,
    volumes,
)  # fmt: skip
from likewise.simulate.market_returns import BANDS, facts_of_bars, volume_volatility
from likewise.simulate.market_switching import GAP, PRICE, SHARE, STATE, VALUE, trade_days
from likewise.simulate.rules import rule
from likewise.simulate.simulator import Simulator
from likewise.simulate.world import World

Array = np.ndarray
YEAR = 252  # trading days of a step
WARM_UP = 252  # days before the first one
BLOCK = 250  # days that stay together in the bootstrap: longer than the memory that is measured
SHRINK = 0.25  # of the correlations of bootstrapped facts
# Correlation of volume and size of returns without noise of volume, and the variance of noise that
# halves its square, as simulations at the default settings have them.
TIED, NOISE_UNIT = 0.66, 1.0
LOOSEST = 0.1
_ORDER = (
    "growth", "news", "pull", "trend", "value_noise", "trend_noise", "bias", "herding",
    "misalignment", "losses", "memory", "panic", "volume_noise",
)  # fmt: skip
Positive = Annotated[float, Field(ge=0, le=1e4)]
Share = Annotated[float, Field(ge=0, le=0.999)]


class Market(Simulator):
    """A daily market of traders who switch between two strategies; a step is a trading year.

    Attributes:
        price: at the start.
        growth: of the value, a day.
        news: standard deviation of what moves the value, in log price a day.
        pull: fundamentalists' demand by how far the price is below value.
        trend: chartists' demand by the last return; negative ones bet on its reversal.
        value_noise: standard deviation of the fundamentalists' demand.
        trend_noise: standard deviation of the chartists' demand.
        bias: of the choice towards fundamental trading.
        herding: towards what most do.
        misalignment: towards fundamental trading, by the squared distance of price and value.
        losses: away from fundamental trading, by how much prices have fallen (in %).
        memory: share of the mood about losses that is left a day later.
        panic: by how much falls are sharper.
        volume: mean number of shares traded a day, about.
        volume_noise: standard deviation of what else moves the logarithm of volume.
    """

    summary: ClassVar[str] = "Fundamentalists and chartists: daily prices and volumes"
    default_steps: ClassVar[int] = 20
    steps_per_day: ClassVar[float | None] = 1 / YEAR
    bounds: ClassVar[Mapping[str, tuple[float, float]]] = {
        "news": (0.0, 0.008), "pull": (0.01, 0.5), "trend": (-20.0, 20.0),
        "value_noise": (0.2, 1.2), "trend_noise": (0.8, 5.0), "bias": (-5.0, 2.0),
        "misalignment": (0.0, 150.0), "losses": (0.0, 4.0), "panic": (0.0, 0.3),
    }  # fmt: skip
    bands: ClassVar[Mapping[str, Band]] = {
        **BANDS,
        "volume_volatility": Band(
            "correlation of volume with the size of returns", 0.2, 0.6, "Cont 2001"
        ),
    }

    price: Annotated[float, Field(gt=0, le=1e12)] = 100.0
    growth: Annotated[float, Field(ge=-0.01, le=0.01)] = 0.0002
    news: Annotated[float, Field(ge=0, le=0.1)] = 0.007
    pull: Annotated[float, Field(ge=0, le=50)] = 0.066
    trend: Annotated[float, Field(ge=-80, le=80)] = -4.75
    value_noise: Positive = 0.675
    trend_noise: Positive = 2.01
    bias: Annotated[float, Field(ge=-1e4, le=1e4)] = -4.14
    herding: Positive = 1.5
    misalignment: Positive = 88.0
    losses: Positive = 1.81
    memory: Share = 0.27
    panic: Annotated[float, Field(ge=0, le=1)] = 0.119
    volume: Annotated[float, Field(gt=0, le=1e11)] = 1_000_000.0
    volume_noise: Annotated[float, Field(ge=0, le=6)] = 0.8

    def setup(self, world: World, draws: Draws) -> None:
        """A market that has traded for a year, with the price as it is to start."""
        world.bars = Log(
            form=Form(key="day"), close=float, value=float, fundamentalists=float, volume=int,
        )  # fmt: skip
        state = np.zeros(STATE)
        state[SHARE] = 0.5
        past = self._days(draws, 0, WARM_UP, state)
        world.usual = max(float(past[3].mean()), 1e-9)
        state[PRICE] = np.log(self.price)
        state[VALUE] = state[PRICE] - state[GAP]
        world.state = state

    @rule()
    def trade(self, world: World, draws: Draws) -> None:
        """A year of trading days."""
        price, value, share, traded = self._days(draws, (world.step - 1) * YEAR, YEAR, world.state)
        world.bars.emit(
            close=np.exp(price), value=np.exp(value), fundamentalists=share,
            volume=np.rint(traded * (self.volume / world.usual)).astype(np.int64),
        )  # fmt: skip

    def _days(self, draws: Draws, first: int, count: int, state: Array) -> Array:
        out = np.empty((4, count))
        rules = np.array([getattr(self, name) for name in _ORDER], float)
        trade_days(draws.key(), first, state, rules, out)
        return out

    def collect(self, world: World) -> Mapping[str, float]:
        """Price, value, and the share of fundamentalists at the end of the year."""
        state = world.state
        return {
            "price": np.exp(state[PRICE]), "value": np.exp(state[VALUE]),
            "fundamentalists": state[SHARE],
        }  # fmt: skip

    def estimate(self, data: Data) -> Mapping[str, Any]:
        """First price, mean growth; and of volume, where there is one, mean and noise."""
        bars = bars_of(data)
        if bars is None:
            hint = "Give a table of daily prices with a column close, and one date"
            raise DataError("data", "no table with a column of prices", hint)
        prices = enough_prices(closing_prices(bars))
        growth = float(np.clip(np.mean(np.diff(np.log(prices))), -0.01, 0.01))
        found = {"price": float(prices[0]), "growth": growth}
        traded = volumes(bars)
        if traded is not None:
            tied = max(volume_volatility(np.diff(np.log(prices)), traded[1:]), LOOSEST)
            noise = math.sqrt(NOISE_UNIT * max((TIED / tied) ** 2 - 1, 0))
            found |= {"volume": float(np.nanmean(traded)), "volume_noise": noise}
        return found

    def facts(self, data: Data) -> Mapping[str, float]:
        """The twelve facts of daily returns; and how volume goes with them, where it is known."""
        bars = bars_of(data)
        rows = None if bars is None else rows_of_bars(bars)
        return {} if rows is None else facts_of_bars(rows)

    def weights(self, data: Data) -> Weights | None:
        """From blocks of 250 days drawn anew, with correlations shrunk by a quarter.

        The size of returns and its memory rise and fall together between blocks, so the inverse
        of their plain covariance likes it best when all of them are too low.
        """
        bars = bars_of(data)
        rows = None if bars is None else rows_of_bars(bars)
        if rows is None:
            return None
        drawn = bootstrap_weights(rows, facts_of_bars, block=min(BLOCK, len(rows)), seed=0)
        own = np.diag(np.diag(drawn.covariance))
        return Weights(drawn.names, (1 - SHRINK) * drawn.covariance + SHRINK * own)
