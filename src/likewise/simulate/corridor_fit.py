"""What tables of detectors say directly about a motorway: its demand, lanes, ramp and drivers."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from likewise.core.errors import DataError
from likewise.simulate.detectors import DAY, Readings, readings_of
from likewise.simulate.diagram import diagram_facts
from likewise.simulate.drivers import TRUCK_LENGTH

if TYPE_CHECKING:
    from likewise.simulate.corridor import Corridor
    from likewise.simulate.dynamics import Data

Array = np.ndarray
QUARTER = 15  # minutes
RUSH = 10  # quarters of an hour that a run takes
HELD_UP = 0.91  # mean speed of light traffic over the wanted one, at default settings
LEAST_RAMP = 0.02  # of the flow, below which what is gained along the road is no ramp
ENTRY = 100.0  # m of the ramp before the road


def corridor_of(settings: "Corridor", data: "Data") -> Mapping[str, Any]:
    """Settings that follow from counts and speeds of detectors, without a search.

    Demand is the flow of the first detector by the quarter of an hour, the mean of all days, in
    the two and a half hours with most of it. The ramp is where flow grows most along the road,
    and brings what it grows by; while a queue forms the last detector counts less than comes.
    Wanted speed and gap are those of ``drivers_from``.

    Raises:
        DataError: no table with counts and speeds, or less than an hour of them.
    """
    readings = readings_of(data, settings.lanes)
    if readings is None:
        if "passages" in data:
            return {}
        hint = "Give a table with minute, count and speed, and detector_id where there are several"
        raise DataError("corridor", "no counts and speeds of detectors", hint)
    found: dict[str, Any] = dict(drivers_from(settings, diagram_facts(data, settings.lanes)))
    lanes = readings.count.shape[1] if readings.by_lane else settings.lanes
    if readings.by_lane:
        found["lanes"] = min(lanes, 8)
    usual = _usual_day(readings)  # (D, Q)
    window = _rush(usual[0])
    flow = usual[:, window]
    most = float(flow[0].max())
    if not most > 0:
        hint = "Give counts of the detector that vehicles pass first"
        raise DataError("corridor", "no vehicle at the first detector", hint)
    found["demand"] = min(round(most, 1), 4000.0)
    found["profile"] = tuple(np.round(flow[0] / most, 4).tolist())
    return {**found, **_road(settings, readings, flow, lanes)}


def drivers_from(settings: "Corridor", facts: Mapping[str, float]) -> Mapping[str, float]:
    """Wanted speed and gap at a standstill from mean free speed and jam density."""
    found = {}
    if "free_speed" in facts:
        found["wanted"] = round(float(np.clip(facts["free_speed"] / HELD_UP, 20, 200)), 2)
    if "jam_density" in facts:
        length = settings.car + settings.trucks * (TRUCK_LENGTH - settings.car)
        found["gap"] = round(float(np.clip(1000 / facts["jam_density"] - length, 0.5, 6)), 3)
    return found


def _usual_day(readings: Readings) -> Array:
    """Mean flow by detector and quarter of an hour of the day, veh/h/lane; (D, 96)."""
    quarter = readings.minute % DAY // QUARTER
    flow = readings.flow
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


def _road(
    settings: "Corridor", readings: Readings, flow: Array, lanes: int
) -> Mapping[str, float]:  # fmt: skip
    """Length and spacing where places are known; the ramp where flow grows along the road."""
    found: dict[str, float] = {}
    place, length = readings.place, settings.length
    if readings.placed and len(place) > 1:
        apart = float(np.median(np.diff(place)))
        if apart >= 20:
            length = min(float(np.ptp(place)) + 2 * apart, 200_000.0)
            found = {"spacing": round(apart, 1), "length": round(length, 1)}
            place = place - place[0] + apart
    if len(flow) < 2:
        return found
    mean = np.nanmean(flow, axis=1) * lanes
    step = min(2, len(mean) - 1)  # a detector beside a ramp's lane sees but a part of what it adds
    k = int((mean[step:] - mean[:-step]).argmax())
    gained, share = float(mean[k + step] - mean[k]), float(flow[0].mean() / flow[0].max())
    if not gained > LEAST_RAMP * mean[0]:
        return {**found, "ramp": 0.0}
    found["ramp"] = min(round(gained / share, 1), 3000.0)
    if "length" in found:
        k += int(np.diff(mean[k : k + step + 1]).argmax())
        at = float(np.clip((place[k] + place[k + 1]) / 2, 2 * ENTRY, length - settings.merge))
        found["ramp_at"] = round(float(np.clip(at / length, 0.1, 0.95)), 4)
    return found
