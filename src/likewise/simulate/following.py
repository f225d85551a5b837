"""Kernels of car following: the intelligent driver model.

Vehicles on the road stand in ``order``, the foremost first; lane 0 is the right one. The lane of an
on-ramp has the number ``lanes`` and ends at a wall.

Paper: Treiber, Hennecke and Helbing, "Congested traffic states in empirical observations and
microscopic simulations", Physical Review E 2000 (IDM).
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

FAR = 1e6  # a gap to nobody
LATEST = 0.8  # share of comfortable braking that the end of a ramp asks for when it is heeded


@kernel
def idm(gap: float, speed: float, approach: float, i: int, drivers: Drivers) -> float:
    """Acceleration of driver i, m/s², with this gap to the one ahead, who is approached so fast."""
    wanted, headway, accel, brake, room, _ = drivers
    ratio = speed / wanted[i]
    ratio *= ratio
    dynamic = speed * headway[i] + speed * approach / (2.0 * math.sqrt(accel[i] * brake[i]))
    needed = (room[i] + max(0.0, dynamic)) / max(gap, 0.1)
    force: float = accel[i] * (1.0 - ratio * ratio - needed * needed)
    return force


@kernel
def equilibrium(speed: float, i: int, drivers: Drivers) -> float:
    """The gap, m, at which driver i keeps this speed, which is below the wanted one."""
    ratio = speed / drivers[0][i]
    ratio *= ratio
    gap: float = (drivers[4][i] + speed * drivers[1][i]) / math.sqrt(1.0 - ratio * ratio)
    return gap


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

    Nobody brakes harder for it than is comfortable. On the road nobody does for a vehicle that is
    partly beside: if both stood, neither could ever go on.
    """
    place, speed, lane, _ = state
    gap = place[beside] - place[i] - drivers[5][beside]
    if gap < 0.0 and lane[i] == 0:
        return FAR
    wish = idm(max(gap, 1.0), speed[i], speed[i] - speed[beside], i, drivers)
    force: float = max(wish, -drivers[3][i] / 2.0)
    return force


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
        force = idm(gap, speed[i], approach, i, drivers)
        left = end - place[i]
        if lane[i] == lanes and left < gap:
            leader[rank], gap = -1, left
            if speed[i] * speed[i] > 2.0 * LATEST * drivers[3][i] * left:
                force = min(force, idm(left, speed[i], speed[i], i, drivers))
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
            if way < 0.0:
                way += ring
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
