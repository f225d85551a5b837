import threading
import time

import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from likewise.execution.threads import ordered_map


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_results_come_in_the_order_of_the_items(workers: int) -> None:
    def slow_when_even(i: int) -> int:
        time.sleep(0.002 * (i % 2 == 0))
        return i * i

    assert list(ordered_map(slow_when_even, range(40), workers=workers)) == [
        i * i for i in range(40)
    ]


def test_work_in_flight_is_bounded() -> None:
    taken = 0

    def items():
        nonlocal taken
        for i in range(100):
            taken += 1
            yield i

    results = ordered_map(lambda i: i, items(), workers=2)
    next(results)
    assert taken <= 5
    results.close()


def test_the_first_failure_cancels_the_rest() -> None:
    done: list[int] = []
    lock = threading.Lock()

    def task(i: int) -> int:
        if i == 3:
            raise ValueError("three")
        time.sleep(0.001)
        with lock:
            done.append(i)
        return i

    with pytest.raises(ValueError, match="three"):
        list(ordered_map(task, range(1000), workers=2))
    assert len(done) < 20


@pytest.mark.parametrize("workers", [1, 2])
def test_linear_algebra_has_one_thread_in_each_of_ours_and_its_own_number_again_afterwards(
    workers: int,
) -> None:
    def threads(_: int = 0) -> set[int]:
        found = threadpool_info()
        return {pool["num_threads"] for pool in found if pool["user_api"] == "blas"}

    with threadpool_limits(2, user_api="blas"):
        before = threads()
        assert list(ordered_map(threads, range(4), workers=workers)) == [{1}] * 4
        assert threads() == before
