"""Customers of the retail world: made up, or given as a table."""

from typing import TYPE_CHECKING

import numpy as np

from likewise.core.errors import ConfigError
from likewise.simulate.draws import Draws
from likewise.simulate.form import Form
from likewise.simulate.given import given_columns
from likewise.simulate.population import Population
from likewise.simulate.retail_shop import MONTH, NEVER, PROSPECT, scales
from likewise.simulate.world import World

if TYPE_CHECKING:
    from likewise.simulate.retail import Retail

Array = np.ndarray
SEGMENTS = ("careful", "regular", "carefree")  # from the most to the least sensitive to prices
MEMORY = 32  # products that a customer remembers
SLOWEST = 1e-300  # purchases a day; some gamma variates of a small shape are 0
RANGES: dict[str, tuple[float, float]] = {
    "rate": (SLOWEST, 1e6), "leaving": (0, 1), "basket": (1, 1e6), "units": (1, 1e6),
}  # fmt: skip
KEPT = ("customer_id", "state", "joined", "referred_by", "orders", "spent")
INNER = ("joins", "due", "long", "many", "memory", "known")


def gather(world: World, draws: Draws, shop: "Retail") -> int:
    """The customers, all of them prospects; how many segments there are.

    A given table may hold ``segment``, ``rate`` (purchases a day), ``leaving`` (probability after
    a purchase), ``basket`` (mean lines) and ``units`` (mean, of a line); others are carried along.

    Raises:
        ConfigError: a column is out of its range, or one that the simulation keeps.
    """
    n, joins = shop.customers, _joins(draws, shop)
    drawn = {
        "segment": draws.below(n, len(SEGMENTS)),
        "rate": _rates(draws, shop, joins),
        "leaving": draws.beta(n, shop.a, shop.b),
        "basket": _unequal(draws, n, shop.basket, shop.basket_spread),
        "units": _unequal(draws, n, shop.quantity, shop.spending),
    }
    given, words = _given(world)
    told = {**drawn, **given}
    labels = {"segment": SEGMENTS, **words, "state": ("prospect", "active", "left")}
    hidden = tuple(name for name in ("basket", "units") if name not in given)
    form = Form(
        key="customer_id", refers={"referred_by": "customers"}, labels=labels,
        hidden=(*hidden, *INNER),
    )  # fmt: skip
    course = {
        "state": np.int8(PROSPECT), "joined": np.nan, "referred_by": -1, "orders": 0,
        "spent": 0.0, "joins": joins, "due": np.inf,
        "long": scales(told["basket"]), "many": scales(told["units"]),
        "memory": np.full((n, MEMORY), -1, np.int32), "known": 0,
    }  # fmt: skip
    world.census = np.array([n, 0, 0])
    world.customers = Population(n, form=form, **told, **course)
    return len(labels["segment"])


def _given(world: World) -> tuple[dict[str, Array], dict[str, tuple[str, ...]]]:
    """Columns and words of a given table, refused where they cannot be."""
    given, words = given_columns(world, "customers")
    for name in given:
        if name in KEPT or name in INNER:
            where = f"customers, column {name!r}"
            raise ConfigError(where, "kept by the simulation", "Rename it, or leave it out")
    for name, (low, high) in RANGES.items():
        if name in given:
            given[name] = _numbers(given[name], words.pop(name, None))
            if not ((given[name] >= low) & (given[name] <= high)).all():
                found = f"not all are numbers from {low:g} to {high:g}"
                hint = "Give such numbers, none missing"
                raise ConfigError(f"customers, column {name!r}", found, hint)
    if "segment" in given and "segment" not in words:
        values, given["segment"] = np.unique(given["segment"], return_inverse=True)
        words["segment"] = tuple(f"{value:g}" for value in values)
    if (given.get("segment", np.zeros(0)) < 0).any() or "nan" in words.get("segment", ()):
        raise ConfigError("customers, column 'segment'", "missing cells", "Fill them first")
    return given, words


def _numbers(values: Array, words: tuple[str, ...] | None) -> Array:
    """Numbers of a column; few different ones may have been read as words."""
    if words is None:
        plain: Array = values.astype(float)
        return plain
    try:
        numbers = [*map(float, words), np.nan]  # -1 is a missing word
    except ValueError:
        numbers = [np.nan] * (len(words) + 1)
    read: Array = np.array(numbers)[values]
    return read


def _joins(draws: Draws, shop: "Retail") -> Array:
    """The day on which each customer would come by herself."""
    length, numbers = shop.arrivals_days, np.array(shop.arrivals, float)
    days = np.resize(np.array(shop.weekday, float), len(numbers) * length)
    days[[day - 1 for day in shop.closed if day <= len(days)]] = 0.0
    days = days.reshape(-1, length)
    days *= (numbers / np.maximum(days.sum(axis=1), 1e-12))[:, None]
    if not days.sum():
        return np.full(shop.customers, NEVER)
    joins: Array = 1 + draws.choice(shop.customers, days.ravel())
    return joins


def _rates(draws: Draws, shop: "Retail", joins: Array) -> Array:
    """Purchases a day of each customer, who comes on a day (n,) and may be devoted; (n,)."""
    rates = draws.gamma(shop.customers, shop.r) / shop.alpha
    period = np.minimum((joins - 1) // MONTH, len(shop.cohorts) - 1)
    rates *= np.array(shop.cohorts, float)[period]
    devoted = (joins <= MONTH) & draws.chance(shop.customers, shop.devoted)
    return np.maximum(np.where(devoted, rates * shop.devotion, rates), SLOWEST)


def _unequal(draws: Draws, n: int, mean: float, spread: float) -> Array:
    """Means of each customer, 1 or more, log-normal about ``mean``; (n,)."""
    drawn = mean * np.exp(spread * draws.normal(n) - spread**2 / 2)
    means: Array = np.maximum(drawn, 1.0)
    return means
