"""Kernels of traffic on links: vehicles queue, signals turn green, full links hold others back.

A link is Newell's: who enters can leave after the free travel time, at most the saturation flow
leaves, and a place that becomes free at its end is felt at its start after the time that a wave
needs. Links behind ``L`` are the doors of nodes, through which trips begin.

Papers: Newell, "A simplified theory of kinematic waves in highway traffic", Transportation Research
Part B 1993; Yperman, "The link transmission model", 2007. Units: metres, seconds.
"""

import numpy as np

from likewise.simulate.compiling import kernel

Array = np.ndarray
Links = tuple[Array, Array, Array, Array, Array, Array]
# end node, free travel time, most vehicles, saturation flow (1/s), steps a wave needs, start node
Signals = tuple[Array, Array, float, float]  # offset of a node, axis of a link, cycle, green time
Queue = tuple[Array, Array, Array, Array, Array, Array, Array]
# first, last and number of vehicles; ever in, ever out; outs of past steps (links, H); credit
Trips = tuple[Array, Array, Array, Array, Array, Array]
# next in queue, can leave from, entered at, destination, table of routes, way so far
Seen = tuple[Array, Array, Array]  # entered, left, and sum of travel times, by link
NOBODY = -1
PATIENCE = 60.0  # seconds for which one waits for a link that is full before taking another


@kernel
def append(link: int, car: int, at: float, free: float, queue: Queue, trips: Trips) -> None:
    """A vehicle enters a link."""
    first, last, number, ins, _, _, _ = queue
    after, ready, since, _, _, _ = trips
    if number[link] == 0:
        first[link] = car
    else:
        after[last[link]] = car
    last[link] = car
    after[car] = NOBODY
    number[link] += 1
    ins[link] += 1
    since[car] = at
    ready[car] = at + free


@kernel
def append_all(doors: Array, cars: Array, times: Array, queue: Queue, trips: Trips) -> None:
    """Vehicles enter the doors of their nodes, in order, and can leave them at once; (N,) each."""
    for k in range(len(cars)):
        append(doors[k], cars[k], times[k], 0.0, queue, trips)


@kernel
def _room(link: int, step: int, links: Links, queue: Queue) -> bool:
    """Whether another vehicle fits: places that became free are known a wave's time later."""
    _, _, _, ins, _, past, _ = queue
    then = step - links[4][link]
    outs = past[link, then % past.shape[1]] if then >= 0 else 0
    return bool(ins[link] - outs < links[2][link])


@kernel
def _green(link: int, time: float, node: int, signals: Signals) -> bool:
    offset, axis, cycle, green = signals
    if axis[link] < 0:
        return True
    phase = (time + offset[node]) % cycle
    start = 0.5 * cycle * axis[link]
    return bool(start <= phase < start + green)


@kernel
def _detour(node: int, came: int, step: int, links: Links, queue: Queue, ways: Array) -> int:
    """The emptiest link with room that leaves a node and not to where one came from, or -1."""
    best, least = NOBODY, 1.0
    for k in range(ways.shape[1]):
        other = ways[node, k]
        if other != NOBODY and links[0][other] != came:
            filled = queue[2][other] / links[2][other]
            if filled < least and _room(other, step, links, queue):
                best, least = other, filled
    return best


@kernel
def transmit(
    order: Array, step: int, dt: float, links: Links, signals: Signals, factor: Array,
    length: Array, routes: Array, ways: Array, queue: Queue, trips: Trips, seen: Seen,
    moved: tuple[Array, ...],
) -> tuple[int, int]:  # fmt: skip
    """A step: the first of each queue move on while there is green, credit and room.

    Who has waited for room for a minute takes another link that has some, and goes on from there.

    Args:
        order: links in the order in which they have their turn.
        step: its number, from 1 on; it ends at ``step * dt``.
        dt: its seconds.
        links, signals: as above; an axis below 0 is always green.
        factor: share of the saturation flow that incidents leave; (links,).
        length: of the links.
        routes: the link to take, by table, destination and node.
        ways: links that leave a node; (nodes, 4), -1 for none.
        queue, trips, seen: as above; written.
        moved: vehicle, link that was left, when it was entered and left, for each move; filled.

    Returns:
        Moves, and how many of them ended a trip; those are not in any queue afterwards.
    """
    end, free, _, flow, _, start = links
    first, _, number, _, outs, past, credit = queue
    after, ready, since, goal, table, way = trips
    begun, moves, ended = (step - 1) * dt, 0, 0
    for k in range(len(order)):
        link = order[k]
        most = flow[link] * factor[link] * dt
        credit[link] = min(credit[link] + most, most + 1.0)
        node = end[link]
        if number[link] == 0 or not _green(link, begun, node, signals):
            continue
        while number[link] > 0 and credit[link] >= 1.0:
            car = first[link]
            if ready[car] >= begun + dt:
                break
            following = NOBODY
            if node != goal[car] or link >= len(length):
                following = routes[table[car], goal[car], node]
                if not _room(following, step, links, queue):
                    following = NOBODY
                    if begun - ready[car] > PATIENCE and link < len(length):
                        following = _detour(node, start[link], step, links, queue, ways)
                    if following == NOBODY:
                        break
            share = max(1.0 - credit[link] / max(most, 1.0), 0.0)
            at = max(ready[car], begun + dt * share)
            first[link] = after[car]
            number[link] -= 1
            credit[link] -= 1.0
            outs[link] += 1
            moved[0][moves], moved[1][moves] = car, link
            moved[2][moves], moved[3][moves] = since[car], at
            moves += 1
            if link < len(length):
                seen[1][link] += 1
                seen[2][link] += at - since[car]
                way[car] += length[link]
            if following == NOBODY:
                ended += 1
            else:
                append(following, car, at, free[following], queue, trips)
                seen[0][following] += 1
    for link in range(len(number)):
        past[link, step % past.shape[1]] = outs[link]
    return moves, ended


@kernel
def on_road(first: Array, after: Array) -> int:
    """Vehicles in all queues, counted one by one."""
    n = 0
    for link in range(len(first)):
        car = first[link]
        while car != NOBODY:
            n += 1
            car = after[car]
    return n
