"""A queue of future events in order of time, in arrays that kernels read and write.

Events at one time come in the order in which they were pushed. Structure: a binary heap.
Cost: O(log n) an event; about 0.1 microseconds in a kernel.
"""

from collections.abc import Mapping

import numpy as np

from likewise.simulate.compiling import kernel

Array = np.ndarray
Heap = tuple[Array, Array, Array, Array, Array]  # time, number, kind, agent, (size, next number)


@kernel
def push(heap: Heap, time: float, kind: int, agent: int) -> None:
    """Add an event; OverflowError when the queue is full (see ``EventQueue.reserve``)."""
    times, numbers, kinds, agents, count = heap
    i = count[0]
    if i == len(times):
        raise OverflowError("the event queue is full; reserve room before the kernel runs")
    number = count[1]
    count[0] += 1
    count[1] += 1
    while i > 0:
        parent = (i - 1) // 2
        if times[parent] <= time:  # at one time the older number is the smaller one
            break
        times[i], numbers[i] = times[parent], numbers[parent]
        kinds[i], agents[i] = kinds[parent], agents[parent]
        i = parent
    times[i], numbers[i], kinds[i], agents[i] = time, number, kind, agent


@kernel
def pop(heap: Heap) -> tuple[float, int, int]:
    """Remove the next event: its time, kind and agent; IndexError when there is none."""
    times, numbers, kinds, agents, count = heap
    if count[0] == 0:
        raise IndexError("the event queue is empty")
    first = (times[0], kinds[0], agents[0])
    count[0] -= 1
    last = count[0]
    time, number, kind, agent = times[last], numbers[last], kinds[last], agents[last]
    i, child = 0, 1
    while child < last:
        right = child + 1
        if right < last and _before(heap, right, child):
            child = right
        if times[child] > time or (times[child] == time and numbers[child] > number):
            break
        times[i], numbers[i] = times[child], numbers[child]
        kinds[i], agents[i] = kinds[child], agents[child]
        i, child = child, 2 * child + 1
    times[i], numbers[i], kinds[i], agents[i] = time, number, kind, agent
    return first


@kernel
def _before(heap: Heap, a: int, b: int) -> bool:
    times, numbers = heap[0], heap[1]
    return bool(times[a] < times[b] or (times[a] == times[b] and numbers[a] < numbers[b]))


@kernel
def _push_all(heap: Heap, times: Array, kinds: Array, agents: Array) -> None:
    for i in range(len(times)):
        push(heap, times[i], kinds[i], agents[i])


@kernel
def _pop_until(heap: Heap, until: float, times: Array, kinds: Array, agents: Array) -> int:
    n = 0
    while heap[4][0] > 0 and heap[0][0] < until:
        times[n], kinds[n], agents[n] = pop(heap)
        n += 1
    return n


class EventQueue:
    """Future events: a time, a whole number for their kind, and an agent.

    Rules push and take many at once; a kernel takes ``queue.heap`` and calls ``push`` and ``pop``.
    """

    def __init__(self, capacity: int = 1024) -> None:
        self.heap: Heap = (
            np.zeros(capacity), np.zeros(capacity, np.int64), np.zeros(capacity, np.int64),
            np.zeros(capacity, np.int64), np.zeros(2, np.int64),
        )  # fmt: skip

    def __len__(self) -> int:
        """Events that wait."""
        return int(self.heap[4][0])

    @property
    def next(self) -> float:
        """The time of the next event; infinite when there is none."""
        return float(self.heap[0][0]) if len(self) else float("inf")

    def reserve(self, more: int) -> None:
        """Room for ``more`` events; take ``heap`` anew afterwards."""
        wanted, capacity = len(self) + more, len(self.heap[0])
        if wanted > capacity:
            size = max(wanted, 2 * capacity)
            grown = [np.zeros(size, array.dtype) for array in self.heap[:4]]
            for new, old in zip(grown, self.heap[:4], strict=True):
                new[:capacity] = old
            self.heap = (grown[0], grown[1], grown[2], grown[3], self.heap[4])

    def push(self, times: Array | float, agents: Array | int, kind: Array | int = 0) -> None:
        """Add events; arrays (N,), or one value for all."""
        ready = np.broadcast_arrays(np.atleast_1d(times).astype(float), kind, agents)
        self.reserve(len(ready[0]))
        whole = [np.array(array, np.int64) for array in ready[1:]]
        _push_all(self.heap, np.array(ready[0]), whole[0], whole[1])

    def until(self, time: float) -> tuple[Array, Array, Array]:
        """Remove the events before ``time``: times, agents and kinds in order; (N,) each."""
        size = len(self)
        times, kinds, agents = np.empty(size), np.empty(size, np.int64), np.empty(size, np.int64)
        n = _pop_until(self.heap, time, times, kinds, agents)
        return times[:n], agents[:n], kinds[:n]

    def state(self) -> dict[str, Array]:
        """What ``restore`` needs."""
        names = ("time", "number", "kind", "agent")
        kept = {n: array[: len(self)].copy() for n, array in zip(names, self.heap, strict=False)}
        return {**kept, "count": self.heap[4].copy()}

    @classmethod
    def restore(cls, state: Mapping[str, Array]) -> "EventQueue":
        """The queue whose state this is."""
        made = cls(max(len(state["time"]), 1))
        for array, name in zip(made.heap, ("time", "number", "kind", "agent"), strict=False):
            array[: len(state[name])] = state[name]
        made.heap[4][:] = state["count"]
        return made
