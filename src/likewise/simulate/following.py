"""Kernels of car following and lane change: the intelligent driver model and MOBIL.

Vehicles on the road stand in ``order``, the foremost first; lane 0 is the right one. The lane of an
on-ramp has the number ``lanes`` and ends at a wall.

Papers: Treiber, Hennecke and Helbing, "Congested traffic states in empirical observations and
microscopic simulations", Physical Review E 2000 (IDM); Kesting, Treiber and Helbing, "General
lane-changing model MOBIL for car-following models", Transportation Research Record 2007.
Units: metres, seconds.
"""

import math

import numpy as np

from likewise.simulate.compiling import kernel

Array = np.ndarray
State = tuple[Array, Array, Array, Array]  # place (front bumper), speed, lane, seconds in the lane
Drivers = tuple[Array, Array, Array, Array, Array, Array]
# wanted speed, time gap, greatest acceleration, comfortable braking, gap at a standstill, length
Road = tuple[int, float, float, float]  # lanes, length of a ring (0: open), ramp from, ramp to
Manners = tuple[float, float, float]  # politeness, threshold, greatest braking put on others

FAR = 1e6  # a gap to nobody
SETTLED = 3.0  # seconds in a lane before it is changed again


@kernel
def idm(gap: float, speed: float, approach: float, i: int, drivers: Drivers) -> float:
    """Acceleration of driver i, m/s², with this gap to the one ahead, who is approached so fast."""
    wanted, headway, accel, brake, room, _ = drivers
    ratio = speed / wanted[i]
    ratio *= ratio
    dynamic = speed * headway[i] + speed * approach / (2.0 * math.sqrt(accel[i] * brake[i]))
    needed = (room[i] + max(0.0, dynamic)) / max(gap, 0.1)
    return accel[i] * (1.0 - ratio * ratio - needed * needed)


@kernel
def equilibrium(speed: float, i: int, drivers: Drivers) -> float:
    """The gap, m, at which driver i keeps this speed, which is below the wanted one."""
    ratio = speed / drivers[0][i]
    ratio *= ratio
    return (drivers[4][i] + speed * drivers[1][i]) / math.sqrt(1.0 - ratio * ratio)


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
def change_lanes(
    order: Array, state: State, drivers: Drivers, road: Road, manners: Manners, changed: Array
) -> int:
    """Everybody, from the front on, changes to the better lane beside; gives how many did.

    ``changed`` (rows of the population) counts the changes of each.
    """
    place, _, lane, since = state
    lanes, _, start, _ = road
    n = 0
    for rank in range(len(order)):
        i = order[rank]
        own = lane[i]
        if since[i] < SETTLED:
            continue
        best, better = -1, 0.0
        if own == lanes:
            if place[i] > start and _wish(rank, 0, order, state, drivers, road, manners) > 0:
                best = 0
        else:
            for target in (own - 1, own + 1):
                if 0 <= target < lanes:
                    wish = _wish(rank, target, order, state, drivers, road, manners)
                    if wish > better:
                        best, better = target, wish
        if best >= 0:
            lane[i] = best
            since[i] = 0.0
            changed[i] += 1
            n += 1
    return n


@kernel
def _sort(order: Array, place: Array) -> None:
    """The foremost first; nearly sorted already."""
    for k in range(1, len(order)):
        i, j = order[k], k
        while j > 0 and place[order[j - 1]] < place[i]:
            order[j] = order[j - 1]
            j -= 1
        order[j] = i


@kernel
def _yielding(i: int, beside: int, state: State, drivers: Drivers) -> float:
    """Acceleration of i where lanes merge, who makes room for the one ahead in the other lane.

    Nobody brakes harder for it than is comfortable.
    """
    place, speed, _, _ = state
    gap = place[beside] - place[i] - drivers[5][beside]
    wish = idm(max(gap, 1.0), speed[i], speed[i] - speed[beside], i, drivers)
    return max(wish, -drivers[3][i] / 2.0)


@kernel
def _forces(
    order: Array, state: State, drivers: Drivers, road: Road, pull: Array, room: Array,
    leader: Array,
) -> None:  # fmt: skip
    """By rank: acceleration, gap ahead, and the rank of the one ahead (-1: nobody); filled."""
    place, speed, lane, _ = state
    lanes, ring, start, end = road
    ahead = np.full(lanes + 1, -1, np.int64)  # ranks
    if ring > 0.0:  # the foremost follows the last
        for rank in range(len(order)):
            ahead[lane[order[rank]]] = rank
    for rank in range(len(order)):
        i = order[rank]
        first = ahead[lane[i]]
        leader[rank] = -1
        gap, approach = FAR, 0.0
        if first >= 0 and first != rank:
            leader[rank], other = first, order[first]
            way = place[other] - place[i]
            if way < 0.0 or (way == 0.0 and ring > 0.0):
                way += ring
            gap, approach = way - drivers[5][other], speed[i] - speed[other]
        if lane[i] == lanes and end - place[i] < gap:
            gap, approach, leader[rank] = end - place[i], speed[i], -1
        force = idm(gap, speed[i], approach, i, drivers)
        beside = ahead[0] if lane[i] == lanes else ahead[lanes]
        if ring == 0.0 and beside >= 0 and lane[i] % lanes == 0 and start < place[i] < end:
            force = min(force, _yielding(i, order[beside], state, drivers))
        pull[rank], room[rank] = force, gap
        ahead[lane[i]] = rank


@kernel
def drive(
    order: Array, state: State, drivers: Drivers, road: Road, parts: int, detectors: Array,
    passed: tuple[Array, Array, Array, Array],
) -> tuple[int, int]:  # fmt: skip
    """A second of driving in ``parts`` equal pieces.

    Accelerations are those at the start of a piece; nobody goes further than to the rear of the one
    ahead.

    Args:
        order, state, drivers, road: as in the module.
        parts: pieces.
        detectors: places in order; (D,).
        passed: who passed which detector, in which piece, and how fast; filled, room for all.

    Returns:
        Passages, and how often somebody had to be stopped short.
    """
    place, speed, _, since = state
    n, ring, dt = len(order), road[1], 1.0 / parts
    pull, room, went = np.empty(n), np.empty(n), np.zeros(n)
    leader = np.empty(n, np.int64)
    count, short = 0, 0
    for part in range(parts):
        _forces(order, state, drivers, road, pull, room, leader)
        for rank in range(n):
            i = order[rank]
            new = speed[i] + pull[rank] * dt
            way = (speed[i] + new) / 2.0 * dt
            if new < 0.0:
                way, new = -speed[i] * speed[i] / (2.0 * pull[rank]), 0.0
            most = room[rank]
            if 0 <= leader[rank] < rank:  # who has moved already
                most += went[leader[rank]]
            if way > most:
                way, new = max(most - 0.01, 0.0), 0.0
                short += 1
            went[rank] = way
            before = place[i]
            place[i], speed[i] = before + way, new
            since[i] += dt
            for d in range(len(detectors)):
                at = detectors[d]
                hit = before < at <= place[i] or (ring > 0.0 and at <= place[i] - ring)
                if hit and count < len(passed[0]):
                    passed[0][count], passed[1][count] = i, d
                    passed[2][count], passed[3][count] = part, new
                    count += 1
            if ring > 0.0 and place[i] >= ring:
                place[i] -= ring
        _sort(order, place)
    return count, short


@kernel
def smallest_gap(order: Array, state: State, length: Array, lanes: int, ring: float) -> float:
    """The least distance, m, between a rear and the front behind it in one lane; FAR if none."""
    place, _, lane, _ = state
    least = FAR
    ahead = np.full(lanes + 1, -1, np.int64)
    if ring > 0.0:
        for rank in range(len(order)):
            ahead[lane[order[rank]]] = order[rank]
    for rank in range(len(order)):
        i = order[rank]
        other = ahead[lane[i]]
        if other >= 0 and other != i:
            way = place[other] - place[i]
            if rank == 0 or way < 0.0:
                way += ring if way <= 0.0 else 0.0
            least = min(least, way - length[other])
        ahead[lane[i]] = i
    return least


@kernel
def let_in(
    row: int, lane_from: int, lane_to: int, at: float, order: Array, state: State,
    drivers: Drivers,
) -> int:  # fmt: skip
    """The lane into which a vehicle that waits at ``at`` can drive, or -1; sets its state.

    It takes the lane with most room, at the speed of the last vehicle there or the greatest slower
    one at which the gap to it is the wanted one; slower than six tenths it waits.
    """
    place, speed, lane, since = state
    best, most, pace = -1, -1.0, 0.0
    for target in range(lane_from, lane_to):
        gap, lead = FAR, drivers[0][row]
        for k in range(len(order) - 1, -1, -1):
            j = order[k]
            if lane[j] == target and place[j] >= at:
                gap, lead = place[j] - drivers[5][j] - at, speed[j]
                break
        if gap > most:
            best, most, pace = target, gap, lead
    pace = min(pace, 0.9 * drivers[0][row])
    least = max(0.6 * pace, 1.0)
    while most < equilibrium(pace, row, drivers):
        pace *= 0.97
        if pace <= least:
            return -1
    place[row], speed[row], lane[row], since[row] = at, pace, best, 0.0
    return best
