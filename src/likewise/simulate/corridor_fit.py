"""What tables of detectors say directly about a motorway: its demand, lanes, ramp and drivers."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from likewise.core.errors import DataError
from likewise.simulate.detectors import DAY, QUARTER, Readings, readings_of
from likewise.simulate.diagram import diagram_facts
from likewise.simulate.drivers import TRUCK_LENGTH

if TYPE_CHECKING:
    from likewise.simulate.corridor import Corridor
    from likewise.simulate.dynamics import Data

Array = np.ndarray
RUSH = 10  # quarters of an hour that a run takes
HELD_UP = 0.91  # mean speed of light traffic over the wanted one, as a share; assumed
LEAST_RAMP = 0.02  # of the flow, below which what is gained along the road is no ramp
ENTRY = 100.0  # m of the ramp before the road
SHORTEST = 50.0  # m of a merge
SMOOTH = 1e-3  # weight of second differences beside that of a quarter of an hour's flow


def corridor_of(settings: "Corridor", data: "Data") -> Mapping[str, Any]:
    """Settings that follow from counts and speeds of detectors, without a search.

    Demand is the flow of all lanes of the first detector that tells any, the mean of all days, in
    the two and a half hours with most of it; the profile are its rates at the beginnings of
    quarters of an hour. The ramp is where flow grows most along the road, all lanes together,
    and brings what it grows by; while a queue forms the last detector counts less than comes.
    Detectors that are silent for a quarter of an hour of that time are left out. Wanted speed and
    gap are those of ``drivers_from``.

    Raises:
        DataError: no table with counts and speeds, less than an hour of them, or a ramp on a road
            that is too short for one.
    """
    readings = readings_of(data, settings.lanes)
    if readings is None:
        if "passages" in data:
            return {}
        hint = "Give a table with minute, count and speed, and detector_id where there are several"
        raise DataError("corridor", "no counts and speeds of detectors", hint)
    found: dict[str, Any] = dict(drivers_from(settings, diagram_facts(data, settings.lanes)))
    lanes = settings.lanes
    if readings.by_lane:
        found["lanes"] = lanes = min(readings.count.shape[1], 8)
    many = readings.lanes if readings.by_lane else np.full(len(readings.place), lanes)
    total = readings.flow * many[:, None]  # of all lanes, which may differ along the road
    usual = _usual_day(readings, total)  # (D, Q)
    first = int(np.isfinite(usual).any(axis=1).argmax())
    window = _rush(usual[first])
    knots = _knots(readings, first, window, total)
    most = float(knots.max())
    if not most > 0:
        hint = "Give counts of the detector that vehicles pass first"
        raise DataError("corridor", "no vehicle at the first detector", hint)
    found["demand"] = min(round(most / lanes, 1), 4000.0)
    found["profile"] = tuple(np.round(knots / most, 4).tolist())
    return {**found, **_road(settings, readings, usual[:, window], most)}


def drivers_from(settings: "Corridor", facts: Mapping[str, float]) -> Mapping[str, float]:
    """Wanted speed and gap at a standstill from mean free speed and jam density."""
    found = {}
    if "free_speed" in facts:
        found["wanted"] = round(float(np.clip(facts["free_speed"] / HELD_UP, 20, 200)), 2)
    if "jam_density" in facts:
        length = settings.car + settings.trucks * (TRUCK_LENGTH - settings.car)
        found["gap"] = round(float(np.clip(1000 / facts["jam_density"] - length, 0.5, 6)), 3)
    return found


def _usual_day(readings: Readings, flow: Array) -> Array:
    """Mean flow by detector and quarter of an hour of the day, veh/h; (D, 96)."""
    quarter = readings.minute % DAY // QUARTER
    known = np.isfinite(flow)
    usual = np.full((len(flow), DAY // QUARTER), np.nan)
    for d, row in enumerate(flow):
        total = np.bincount(quarter, np.where(known[d], row, 0.0), DAY // QUARTER)
        number = np.bincount(quarter, known[d], DAY // QUARTER)
        usual[d, number > 0] = total[number > 0] / number[number > 0]
    return usual


def _rush(usual: Array) -> slice:
    """The quarters of an hour, ten in a row or all there are, with most flow."""
    known = np.isfinite(usual)
    for length in range(RUSH, 3, -1):
        whole = np.lib.stride_tricks.sliding_window_view(known, length).all(axis=1)
        if whole.any():
            total = np.lib.stride_tricks.sliding_window_view(usual, length).sum(axis=1)
            start = int(np.where(whole, total, -1.0).argmax())
            return slice(start, start + length)
    hint = "Give an hour at least, and more for a rush"
    raise DataError("corridor", "less than an hour of counts at the first detector", hint)


def _knots(readings: Readings, first: int, window: slice, total: Array) -> Array:
    """Rates at the beginnings of quarters of an hour, veh/h, joined by straight lines; (Q,).

    Least squares against the first detector's flow, none below 0. Counts of whole quarters leave
    open how much knots alternate; then those with the least second differences are taken.
    """
    from scipy.optimize import nnls

    number = window.stop - window.start
    at = (readings.minute % DAY + readings.every / 2) / QUARTER - window.start
    flow = total[first]
    there = (at >= 0) & (at <= number) & np.isfinite(flow)
    at, flow = at[there], flow[there]
    hats = np.maximum(1 - np.abs(at[:, None] - np.arange(number + 1)), 0)
    bent = np.diff(np.eye(number + 1), n=2, axis=0) * np.sqrt(SMOOTH * len(at) / number)
    knots, _ = nnls(np.concatenate([hats, bent]), np.concatenate([flow, np.zeros(len(bent))]))
    return np.asarray(knots[:number])  # the last one is where the profile begins anew


def _road(
    settings: "Corridor", readings: Readings, flow: Array, most: float
) -> Mapping[str, float]:  # fmt: skip
    """Length and spacing where places are known; the ramp where flow grows along the road."""
    found: dict[str, float] = {}
    place, length = readings.place, settings.length
    if readings.placed and len(place) > 1:
        apart = float(np.median(np.diff(place)))
        if apart >= 20:
            length = round(min(float(np.ptp(place)) + 2 * apart, 200_000.0), 1)
            found = {"spacing": round(apart, 1), "length": length}
            place = place - place[0] + apart
    told = np.isfinite(flow).all(axis=1)  # others were silent, and their means are of other times
    flow, place = flow[told], place[told]
    if len(flow) < 2:
        return found
    mean = flow.mean(axis=1)
    step = min(2, len(mean) - 1)  # a detector beside a ramp's lane sees but a part of what it adds
    k = int((mean[step:] - mean[:-step]).argmax())
    gained, share = float(mean[k + step] - mean[k]), float(mean[0]) / most
    if not gained > LEAST_RAMP * mean[0]:
        return {**found, "ramp": 0.0}
    found["ramp"] = min(round(gained / share, 1), 3000.0)
    at = settings.ramp_at * length
    if "length" in found:
        k += int(np.diff(mean[k : k + step + 1]).argmax())
        at = float(place[k] + place[k + 1]) / 2
    return {**found, **_ramp(settings, at, length)}


def _ramp(settings: "Corridor", at: float, length: float) -> Mapping[str, float]:
    """A ramp as near to ``at`` as fits on the road, and a shorter merge where it is short."""
    least = max(2 * ENTRY, 0.1 * length)
    merge = min(settings.merge, float(np.floor(length - least)))
    if merge < SHORTEST:
        hint = f"Give detectors along {2 * ENTRY + SHORTEST:g} m of road at least"
        raise DataError("corridor", f"flow grows on a road of {length:g} m", hint)
    at = float(np.clip(at, least, min(length - merge, 0.95 * length)))
    share = np.floor(1e4 * at / length + 1e-9) / 1e4
    if share * length + merge > length:
        share -= 1e-4
    found = {"ramp_at": round(float(share), 4)}
    return found if merge == settings.merge else {**found, "merge": merge}
