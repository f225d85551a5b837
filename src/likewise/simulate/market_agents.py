"""Agents of an order-book world at the start: kinds, cash and shares, given or made up."""

from typing import TYPE_CHECKING

import numpy as np

from likewise.core.errors import ConfigError
from likewise.simulate.draws import Draws
from likewise.simulate.form import Form
from likewise.simulate.given import given_columns
from likewise.simulate.market_traders import KINDS
from likewise.simulate.population import Population
from likewise.simulate.world import World

if TYPE_CHECKING:
    from likewise.simulate.order_book import OrderBook

Array = np.ndarray
HELD = 1000  # shares that an agent has at the start, about
FEWEST_TICKS, MOST_TICKS = 100, 1_000_000  # of the price at the start
_CASH = 1.0  # worth of an agent's money at the start, in that of the mean number of shares


def refuse(setting: "OrderBook") -> None:
    """Settings that do not fit each other; ConfigError."""
    special = setting.makers + setting.institutions
    if setting.agents < special + 2:
        found = f"{setting.agents:,} for {special:,} makers and institutions"
        raise ConfigError("agents", found, "Give at least 2 more than those")
    ticks = setting.price / setting.tick
    if not FEWEST_TICKS <= ticks <= MOST_TICKS:
        hint = f"Choose a tick of which the price has {FEWEST_TICKS:,} to {MOST_TICKS:,}"
        raise ConfigError("tick", f"a price of {ticks:,.4g} ticks", hint)


def agents_of(setting: "OrderBook", world: World, draws: Draws) -> None:
    """Agents as given or made up, and who is of which kind, into the world."""
    count = setting.agents
    given, words = given_columns(world, "agents")
    rank = np.empty(count, np.int64)
    rank[draws.order(count)] = np.arange(count)
    others = count - setting.makers - setting.institutions
    active = max(1, min(others - 1, round(others * setting.speculators)))
    ends = np.cumsum([setting.makers, setting.institutions, active])
    kind = np.searchsorted(ends, rank, side="right").astype(np.int8)
    if "kind" in given:
        kind = _given_kind(given.pop("kind"), words.pop("kind", ()))
    shares = _amounts(given, words, "shares", 1 + draws.below(count, 2 * HELD - 1)).astype(np.int64)
    cash = _amounts(given, words, "cash", np.full(count, _CASH * HELD * setting.price))
    ticks = np.rint(cash / setting.tick).astype(np.int64)
    form = Form(
        key="agent_id", labels={**words, "kind": KINDS},
        hidden=("ticks", "start_ticks", "plan"),
    )  # fmt: skip
    own = {
        "kind": kind, "cash": ticks * setting.tick, "shares": shares, "initial": shares,
        "profit": 0.0, "trades": 0, "ticks": ticks, "start_ticks": ticks, "plan": 0,
    }  # fmt: skip
    for name in given:
        if name in own:
            found = "a name of the order book's own"
            raise ConfigError(f"agents, column {name!r}", found, "Rename it")
    world.agents = Population(count, form=form, **{**given, **own})
    world.who = np.argsort(kind, kind="stable")
    world.start = np.searchsorted(kind[world.who], np.arange(len(KINDS) + 1))


def _given_kind(codes: Array, words: tuple[str, ...]) -> Array:
    """Codes of kinds from those of a given table."""
    where, hint = "agents, column 'kind'", f"Use these: {', '.join(KINDS)}"
    if not words or (codes < 0).any() or not set(words) <= set(KINDS):
        raise ConfigError(where, "other than the kinds that there are", hint)
    kind: Array = np.array([KINDS.index(word) for word in words], np.int8)[codes]
    if len(np.unique(kind)) < len(KINDS):
        raise ConfigError(where, "not one of each kind", hint)
    return kind


def _amounts(
    given: dict[str, Array], words: dict[str, tuple[str, ...]], name: str, own: Array
) -> Array:
    """A given column of amounts, perhaps read as labels as it has few values; or one's own."""
    values: Array = given.pop(name, own)
    try:
        if name in words:
            values = np.array([*words.pop(name), "nan"], float)[values]
        values = values.astype(float)
    except ValueError:
        values = np.array([np.nan])
    if not (np.isfinite(values) & (values >= 0)).all():
        raise ConfigError(f"agents, column {name!r}", "not all are 0 or more", "Mend the table")
    return values
