"""What tables of detectors say directly about a city: how many vehicles it has, and its speed."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from likewise.core.errors import DataError
from likewise.core.seeds import Seed
from likewise.simulate.columns import numbers
from likewise.simulate.detectors import DAY, counts_of, links_in, minutes_of
from likewise.simulate.draws import Draws
from likewise.simulate.outings import GOING, WORKING
from likewise.simulate.streets import grid_of, homes_and_jobs, routes_of

if TYPE_CHECKING:
    from likewise.simulate.dynamics import Data
    from likewise.simulate.traffic import Traffic

Array = np.ndarray
PAIRS = 20_000  # of homes and jobs, from which the mean number of links of a trip is taken
QUICK = 0.95  # quantile of a link's speeds at which nobody waits at its end


def city_of(settings: "Traffic", data: "Data") -> Mapping[str, Any]:
    """Settings that follow from counts and speeds of links, without a search.

    Vehicles are as many as give a mean link the mean day's count, which is the mean of the known
    counts times the intervals of a day, by the length of trips, in links, on a grid of this size.
    Speed is a quantile of each link's, the median over links, as most are streets.

    Raises:
        DataError: less than a day of counts, or none that is known.
    """
    table = counts_of(data, "count", "speed")
    if table is None:
        return {}
    minute = minutes_of(table)
    _, who = np.unique(links_in(table), return_inverse=True)
    count, speed = (numbers(table, column, "counts") for column in ("count", "speed"))
    steps = np.diff(np.unique(minute))
    if not len(steps) or np.ptp(minute) + steps.min() < DAY:
        raise DataError("traffic", "less than a day of counts", "Give whole days")
    a_day = _known_mean(who, minute, count) * DAY / float(steps.min())
    rows, columns = settings.rows, settings.columns
    links = 2 * (rows * (columns - 1) + columns * (rows - 1))
    vehicles = round(a_day * links / (2 * _going(settings) * links_of(settings)))
    found: dict[str, Any] = {"vehicles": max(vehicles, 1)}
    there = (count > 0) & (speed > 0)
    if there.any():
        quick = [
            np.quantile(speed[there & (who == link)], QUICK)
            for link in np.unique(who[there])
        ]  # fmt: skip
        found["speed"] = round(float(np.clip(np.median(quick), 10, 120)), 2)
    return found


def _known_mean(who: Array, minute: Array, count: Array) -> float:
    """Mean count of a link and interval whose rows, such as those of lanes, are all known."""
    _, cell = np.unique(who * (minute.max() + 1) + minute, return_inverse=True)
    total = np.bincount(cell, weights=count)
    if not np.isfinite(total).any():
        raise DataError("traffic", "no count that is known", "Give counts of links, as numbers")
    return float(np.nanmean(total))


def _going(settings: "Traffic") -> float:
    """Share of the vehicles that set out on a day."""
    return settings.commuters * WORKING + (1 - settings.commuters) * GOING


def links_of(settings: "Traffic") -> float:
    """Mean number of links of a trip by the quickest ways through the free grid."""
    draws = Draws(Seed.of(0), ("estimate",))
    nodes, links = grid_of(
        settings.rows, settings.columns, settings.block, draws, every=settings.avenues,
        speeds=(settings.speed, 1.5 * settings.speed),
    )  # fmt: skip
    routes = routes_of(len(nodes), links.from_id, links.to_id, links.length / links.speed)
    drawn = homes_and_jobs(draws, PAIRS, nodes, settings.centre)
    at, goal = drawn["home"].copy(), drawn["work"]
    passed = 0
    while (under_way := at != goal).any():
        passed += int(under_way.sum())
        at[under_way] = links.to_id[routes[goal[under_way], at[under_way]]]
    return passed / PAIRS
