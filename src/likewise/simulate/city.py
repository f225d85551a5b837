"""Facts of a city's traffic: its day, and its macroscopic fundamental diagram.

Papers: Geroliminis and Daganzo, "Existence of urban-scale macroscopic fundamental diagrams",
Transportation Research Part B 2008; Gayah and Daganzo, "Clockwise hysteresis loops in the
macroscopic fundamental diagram", Transportation Research Part B 2011.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from likewise.simulate.columns import having, numbers
from likewise.simulate.detectors import counts_of, links_in, minutes_of
from likewise.simulate.facts import Band

if TYPE_CHECKING:
    import pyarrow as pa

    from likewise.simulate.dynamics import Data

Array = np.ndarray
SURVEY = "National Household Travel Survey 2017: trips by hour of departure"
MFD = "Geroliminis and Daganzo, Transportation Research B 2008"
BANDS: dict[str, Band] = {
    "morning_peak": Band("hour of most traffic before noon", 6.5, 9.5, SURVEY),
    "evening_peak": Band("hour of most traffic after noon", 15.5, 19.0, SURVEY),
    "midday": Band("traffic from 10 to 14 h over the mean of both peaks", 0.3, 0.85, SURVEY),
    "mfd_fit": Band("share of flow's variance that one rise and fall with density explains", 0.9,
                    None, MFD),
    "mfd_loop": Band("flow at equal density, loading less unloading, over the greatest flow"),
    "mfd_fall": Band("how far flow at the greatest densities is below the greatest, share"),
    "trip_km": Band("mean length of trips, km"),
    "trip_speed": Band("distance over time of all trips, km/h"),
    "busiest": Band("greatest flow of a lane in a quarter of an hour, veh/h"),
}  # fmt: skip
INTERVALS = 60  # that a diagram needs


def city_facts(data: "Data") -> Mapping[str, float]:
    """Facts of the tables ``counts``, ``links`` and ``trips``, as far as they are there."""
    found: dict[str, float] = {}
    counts = counts_of(data, "count")
    if counts is not None and counts.num_rows:
        found |= _day(data, counts)
    if "trips" in data and data["trips"].num_rows:
        trips = having(data["trips"], "trips", ("departed", "arrived", "metres"))
        way = numbers(trips, "metres").sum()
        time = (numbers(trips, "arrived") - numbers(trips, "departed")).sum()
        found["trip_km"] = float(way / trips.num_rows / 1000)
        found["trip_speed"] = float(way / time * 3.6)
    return found


def _day(data: "Data", counts: "pa.Table") -> dict[str, float]:
    minute, count = minutes_of(counts), np.nan_to_num(numbers(counts, "count", "counts"))
    names, link = np.unique(links_in(counts), return_inverse=True)
    times, at = np.unique(minute, return_inverse=True)
    total = np.bincount(at, weights=count)
    found = _peaks(times, total)
    step = int(np.diff(times).min()) if len(times) > 1 else 5
    metres, lanes = np.ones((2, len(names)))
    if "links" in data:
        links = having(data["links"], "links", ("link_id", "length", "lanes"))
        who = numbers(links, "link_id", "links")
        row = np.minimum(np.searchsorted(names, who), len(names) - 1)
        there = names[row] == who
        for values, name in ((metres, "length"), (lanes, "lanes")):
            values[row[there]] = numbers(links, name, "links")[there]
    if "density" in counts.column_names and len(times) >= INTERVALS:
        weight = (metres * lanes)[link]
        whole = np.bincount(at, weights=weight)
        flow = np.bincount(at, weights=count * metres[link]) / whole * 60 / step
        density = np.bincount(at, weights=numbers(counts, "density") * weight) / whole
        found |= _diagram(density, flow)
    seen = np.zeros((len(names), len(times)))
    seen[link, at] = count / lanes[link] * 60 / step
    wide = min(max(15 // step, 1), len(times))
    window = np.lib.stride_tricks.sliding_window_view(seen, wide, axis=1)
    return {**found, "busiest": float(window.mean(axis=2).max())}


def _peaks(times: Array, total: Array) -> dict[str, float]:
    """Traffic by the hour, of an average day; nothing for less than a day."""
    if times.max() - times.min() < 1380:
        return {}
    half = times % 1440 // 30
    number = np.bincount(half, minlength=48)
    traffic = np.bincount(half, weights=total, minlength=48) / np.maximum(number, 1)
    early, late = int(traffic[:24].argmax()), 24 + int(traffic[24:].argmax())
    peaks = (traffic[early] + traffic[late]) / 2
    midday = traffic[20:28].mean() / peaks if peaks else np.nan
    return {
        "morning_peak": early / 2 + 0.25, "evening_peak": late / 2 + 0.25, "midday": float(midday)
    }  # fmt: skip


def _diagram(density: Array, flow: Array) -> dict[str, float]:
    """How well one rise and fall explains flow, and how far unloading lies below loading."""
    order = np.argsort(density, kind="stable")
    k, q = density[order], flow[order]
    total = ((q - q.mean()) ** 2).sum()
    if total == 0:
        return {}
    best = min(_misfit(q, top) for top in range(1, len(q) + 1, max(len(q) // 50, 1)))
    few = max(len(q) // 50, 3)
    fall = 1 - q[-few:].mean() / np.sort(q)[-few:].mean()
    found = {"mfd_fit": float(1 - best / total), "mfd_fall": float(fall)}
    rising = np.concatenate([[False], np.diff(_smoothed(density)) > 0])[order]
    grid = np.quantile(k, np.linspace(0.6, 0.95, 8))
    if min(rising.sum(), (~rising).sum()) > 10:
        up, down = (np.interp(grid, k[part], q[part]) for part in (rising, ~rising))
        found["mfd_loop"] = float((up - down).mean() / q.max())
    return found


def _misfit(q: Array, top: int) -> float:
    """Squares left by the best curve that rises up to the place ``top`` and falls from there."""
    from scipy.optimize import isotonic_regression

    left = isotonic_regression(q[:top]).x
    right = isotonic_regression(q[top:], increasing=False).x if top < len(q) else q[:0]
    return float(((q - np.concatenate([left, right])) ** 2).sum())


def _smoothed(values: Array) -> Array:
    box = np.ones(5) / 5
    smooth: Array = np.convolve(np.pad(values, 2, mode="edge"), box, "valid")
    return smooth
