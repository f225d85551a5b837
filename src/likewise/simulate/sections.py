"""Sections of a freeway: their diagram, what speeds say about flow, and the kernel that runs them.

Diagram of a lane: speed falls linearly with density from the free one to 85 % of it at the
critical density; beyond that flow is ``wave * (jam - density)``. Units: km, h, vehicles.

Papers: Daganzo, "The cell transmission model", Transportation Research Part B 1994; Smulders,
"Control of freeway traffic flow by variable speed signs", Transportation Research Part B 1990 (the
free branch).
"""

import numpy as np

from likewise.core.errors import DataError
from likewise.simulate.compiling import kernel
from likewise.simulate.philox import poisson

Array = np.ndarray
CRITICAL = 0.85  # speed at capacity over free speed
QUARTERS = 96  # of an hour, in a day
LEAST = 40.0  # veh/h/lane: nights are not empty
SURPLUS = 1.03  # of demand over capacity while a queue lasts


@kernel
def speed_at(density: float, free: float, wave: float, jam: float) -> float:
    """Speed, km/h, at a density, veh/km/lane."""
    critical = wave * jam / (CRITICAL * free + wave)
    if density <= critical:
        return free * (1.0 - (1.0 - CRITICAL) * density / critical)
    return max(wave * (jam / density - 1.0), 1.0)


@kernel
def run_sections(
    key: Array, parts: int, hours: float, size: float, lanes: int, wave: float, jam: float,
    free: Array, demand: Array, capacity: Array, holding: float, state: tuple[Array, ...],
    seen: tuple[Array, ...],
) -> None:  # fmt: skip
    """An interval of all sections in ``parts`` pieces; vehicles are whole numbers.

    Args:
        key: of the arrivals.
        parts, hours: pieces and what each takes.
        size: length of a section, km.
        lanes, wave, jam: of all sections.
        free: speeds; (S,).
        demand, capacity: veh/h/lane at the start and at the end of the interval; (2, S).
        holding: vehicles that wait upstream at most; others turn off before.
        state: inside, waiting, credit of the exit, and ever in, out and turned off; (S,) written.
        seen: sums of pieces: out, out over speed, inside; (S,) written.
    """
    inside, waiting, credit, arrived, out, diverted = state
    for s in range(len(free)):
        critical = wave * jam / (CRITICAL * free[s] + wave)
        best = critical * CRITICAL * free[s]
        for p in range(parts):
            share = (p + 0.5) / parts
            asked = demand[0, s] + share * (demand[1, s] - demand[0, s])
            most = capacity[0, s] + share * (capacity[1, s] - capacity[0, s])
            density = inside[s] / (size * lanes)
            speed = speed_at(density, free[s], wave, jam)
            send = density * speed if density <= critical else best
            take = best if density <= critical else wave * (jam - density)
            credit[s] = min(credit[s], 1.0) + min(send, most) * lanes * hours
            gone = min(int(credit[s]), int(inside[s]))
            credit[s] -= gone
            new = poisson(key, s, p * 4, asked * lanes * hours)
            arrived[s] += new
            waiting[s] += new
            fits = max(int(take * lanes * hours + 0.5), 0)
            come = min(int(waiting[s]), fits)
            waiting[s] -= come
            if waiting[s] > holding:
                diverted[s] += waiting[s] - int(holding)
                waiting[s] = int(holding)
            inside[s] += come - gone
            out[s] += gone
            seen[0][s] += gone
            seen[1][s] += (density * speed * lanes * hours + 1e-9) / speed
            seen[2][s] += density * speed * lanes * hours + 1e-9


def flows_of(speed: Array, free: Array, wave: float, jam: float) -> tuple[Array, Array, Array]:
    """Demand, exit capacity and density that explain speeds; (S, T) each, veh/h and veh/km a lane.

    Where it is faster than at capacity the exit does not hold anybody back and demand is the flow
    of the free branch; where it is slower flow is that of the congested branch, which the exit
    lets through.

    Args:
        speed: by section and time; (S, T).
        free: by section; (S, 1).
        wave, jam: of the diagram.
    """
    critical = wave * jam / (CRITICAL * free + wave)
    best = critical * CRITICAL * free
    pace = np.clip(speed, 3.0, free)
    loose = np.clip((1 - pace / free) / (1 - CRITICAL), 0, 1) * critical
    dense = wave * jam / (pace + wave)
    queue = pace < CRITICAL * free
    density = np.where(queue, dense, loose)
    flow = density * np.where(queue, pace, np.maximum(pace, CRITICAL * free))
    demand = np.where(queue, SURPLUS * flow, np.maximum(flow, LEAST))
    return demand, np.where(queue, flow, np.broadcast_to(best, flow.shape)), density


def profiles_of(
    minute: Array, detector: Array, speed: Array, first_day: int
) -> tuple[Array, Array, Array]:
    """The usual day of each detector: medians of quarters of an hour.

    Args:
        minute: from the first midnight on; (N,).
        detector, speed: number and km/h; (N,), NaN is left out.
        first_day: weekday of the first day, 0 is Monday.

    Returns:
        Numbers of the detectors (S,), free speeds (S,), and speeds (S, K * 96) of the K = 2 kinds
        of day, weekdays and weekends; K = 1 where there are weekdays or weekends alone.

    Raises:
        DataError: a quarter of an hour in which a detector saw nothing.
    """
    there = np.isfinite(speed) & (speed > 0)
    minute, detector, speed = minute[there].astype(np.int64), detector[there], speed[there]
    names, who = np.unique(detector, return_inverse=True)
    weekend = ((minute // 1440 + first_day) % 7 >= 5).astype(np.int64)
    kinds = np.unique(weekend)
    bins = np.searchsorted(kinds, weekend) * QUARTERS + minute % 1440 // 15
    place = who * len(kinds) * QUARTERS + bins
    order = np.lexsort((speed, place))
    number = np.bincount(place, minlength=len(names) * len(kinds) * QUARTERS)
    if not len(names) or (number == 0).any():
        found = f"{len(names):,} detectors, and quarters of an hour of the day that some never saw"
        raise DataError("table 'counts'", found, "Give at least one whole day of each detector")
    start = np.cumsum(number) - number
    low, high = start + (number - 1) // 2, start + number // 2
    usual = (speed[order][low] + speed[order][high]) / 2
    free = np.array([np.quantile(speed[who == s], 0.9) for s in range(len(names))])
    return names, free, usual.reshape(len(names), -1)
