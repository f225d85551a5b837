"""The event queue gives events by time, and at one time as they came."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from likewise.simulate import EventQueue
from likewise.simulate.events import pop, push


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(0, 6), max_size=60), st.integers(0, 7))
def test_events_come_in_order_of_time_then_of_number(times: list[int], until: int) -> None:
    queue = EventQueue(capacity=1)
    queue.push(np.array(times, float), np.arange(len(times)), kind=3)
    expected = sorted(range(len(times)), key=lambda i: (times[i], i))
    early = [i for i in expected if times[i] < until]
    got, agents, kinds = queue.until(until)
    assert agents.tolist() == early
    assert got.tolist() == [times[i] for i in early]
    assert set(kinds.tolist()) <= {3}
    again = EventQueue.restore(queue.state())
    assert again.until(np.inf)[1].tolist() == [i for i in expected if times[i] >= until]


def test_kernels_push_and_pop() -> None:
    queue = EventQueue(capacity=2)
    push(queue.heap, 2.0, 1, 10)
    push(queue.heap, 1.0, 2, 11)
    assert queue.next == 1.0
    with pytest.raises(OverflowError, match="reserve"):
        push(queue.heap, 1.5, 2, 12)
    assert [pop(queue.heap), pop(queue.heap)] == [(1.0, 2, 11), (2.0, 1, 10)]
    with pytest.raises(IndexError, match="empty"):
        pop(queue.heap)
    assert queue.next == float("inf")
