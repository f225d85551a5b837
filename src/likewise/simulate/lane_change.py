"""Kernels of lane change: MOBIL, and merging from a lane that ends.

Paper: Kesting, Treiber and Helbing, "General lane-changing model MOBIL for car-following models",
Transportation Research Record 2007. Units: metres, seconds.
"""

import math

import numpy as np

from likewise.simulate.compiling import kernel
from likewise.simulate.following import FAR, Drivers, Road, State, idm

Array = np.ndarray
Manners = tuple[float, float, float]  # politeness, threshold, greatest braking put on others
SETTLED = 3.0  # seconds in a lane before it is changed again
TIGHTEST = 0.7  # greatest share by which a time gap is shorter after a change


@kernel
def neighbour(
    rank: int, target: int, ahead: bool, order: Array, state: State, ring: float
) -> tuple[int, float]:
    """The next vehicle of a lane before or behind the one at this rank, and the way to it; or -1.

    The way is between front bumpers.
    """
    place, _, lane, _ = state
    n, me = len(order), order[rank]
    step = -1 if ahead else 1
    for k in range(1, n):
        at = rank + step * k
        if at < 0 or at >= n:
            if ring == 0.0:
                return -1, FAR
            at = at % n
        j = order[at]
        if lane[j] == target:
            way = (place[j] - place[me]) * (1.0 if ahead else -1.0)
            return j, way + ring if way < 0.0 else way
    return -1, FAR


@kernel
def _pull(i: int, other: int, way: float, speed: Array, drivers: Drivers) -> float:
    """Acceleration of i behind ``other`` (-1: nobody), whose front bumper is ``way`` ahead."""
    if other < 0:
        return idm(FAR, speed[i], 0.0, i, drivers)
    return idm(way - drivers[5][other], speed[i], speed[i] - speed[other], i, drivers)


@kernel
def _wish(
    rank: int, target: int, order: Array, state: State, drivers: Drivers, road: Road,
    manners: Manners,
) -> float:  # fmt: skip
    """How much better the lane ``target`` is, m/s²; -FAR where a change would not be safe."""
    _, speed, lane, _ = state
    lanes, ring, _, end = road
    i, length = order[rank], drivers[5]
    front, to_front = neighbour(rank, target, True, order, state, ring)
    back, to_back = neighbour(rank, target, False, order, state, ring)
    if (front >= 0 and to_front - length[front] < drivers[4][i] / 2) or (
        back >= 0 and to_back - length[i] < drivers[4][back] / 2
    ):
        return -FAR
    mine = _pull(i, front, to_front, speed, drivers)
    theirs = 0.0 if back < 0 else _pull(back, i, to_back, speed, drivers)
    merging = lane[i] == lanes
    patience = manners[2]
    if merging:  # who runs out of lane asks more of others
        left = max(end - state[0][i], 0.0)
        patience += 2.0 * math.exp(-left / 50.0)
    if min(theirs, mine) < -patience:
        return -FAR
    if merging:
        return FAR
    old, to_old = neighbour(rank, lane[i], True, order, state, ring)
    harm = 0.0
    if back >= 0:
        before = _pull(back, front, to_back + to_front, speed, drivers) if front >= 0 else _pull(
            back, -1, FAR, speed, drivers
        )  # fmt: skip
        harm += before - theirs
    last, to_last = neighbour(rank, lane[i], False, order, state, ring)
    if last >= 0:
        after = _pull(last, old, to_last + to_old, speed, drivers) if old >= 0 else _pull(
            last, -1, FAR, speed, drivers
        )  # fmt: skip
        harm -= after - _pull(last, i, to_last, speed, drivers)
    return mine - _pull(i, old, to_old, speed, drivers) - manners[0] * harm - manners[1]


@kernel
def _squeezed(i: int, gap: float, speed: Array, drivers: Drivers) -> float:
    """By which share the time gap that driver i has is shorter than the one he keeps by now.

    That one may be shorter already, since an earlier change; of the shares the greater counts.
    """
    wanted = speed[i] * drivers[1][i]
    room = max(gap - drivers[4][i], 0.0)
    return 0.0 if room >= wanted else min(1.0 - room / wanted, TIGHTEST)


@kernel
def change_lanes(
    order: Array, state: State, drivers: Drivers, road: Road, manners: Manners, squeeze: float,
    changed: Array, short: Array,
) -> int:  # fmt: skip
    """Everybody, from the front on, changes to the better lane beside; gives how many did.

    Args:
        order, state, drivers, road, manners: as in the module.
        squeeze: share by which a time gap may be shorter where one comes from the ramp.
        changed: counts the changes of each; rows of the population, written.
        short: share by which the time gap of each is shorter since a change; written. Of two
            changes before it has widened again it is the greater share, not both together.
    """
    place, speed, lane, since = state
    lanes, ring, start, _ = road
    hurried = (
        drivers[0], drivers[1] * (1.0 - squeeze), drivers[2], drivers[3], drivers[4], drivers[5],
    )  # fmt: skip
    n = 0
    for rank in range(len(order)):
        i = order[rank]
        own = lane[i]
        if since[i] < SETTLED:
            continue
        best, better = -1, 0.0
        if own == lanes:
            if place[i] > start and _wish(rank, 0, order, state, hurried, road, manners) > 0:
                best = 0
        else:
            for target in (own - 1, own + 1):
                if 0 <= target < lanes:
                    wish = _wish(rank, target, order, state, drivers, road, manners)
                    if wish > better:
                        best, better = target, wish
        if best >= 0:
            front, way = neighbour(rank, best, True, order, state, ring)
            if front >= 0:
                gap = way - drivers[5][front]
                short[i] = max(short[i], _squeezed(i, gap, speed, drivers))
            back, way = neighbour(rank, best, False, order, state, ring)
            if back >= 0:
                gap = way - drivers[5][i]
                short[back] = max(short[back], _squeezed(back, gap, speed, drivers))
            lane[i] = best
            since[i] = 0.0
            changed[i] += 1
            n += 1
    return n
