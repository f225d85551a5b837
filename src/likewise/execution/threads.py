"""Ordered parallel work on the cores of one machine.

Threads, not processes: the work is NumPy, Arrow and compiled kernels, which release the
interpreter lock, and threads share the table instead of copying it.
"""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

A = TypeVar("A")
B = TypeVar("B")


def cores() -> int:
    """Cores this process may use, at least 1."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not Linux
        return os.cpu_count() or 1


def ordered_map(
    task: Callable[[A], B], items: Iterable[A], *, workers: int | None = None
) -> Iterator[B]:
    """Results of ``task`` in the order of ``items``; at most ``2 * workers`` are in flight.

    The first failure (or a closed iterator, or Ctrl-C) cancels what has not started. Results do
    not depend on ``workers``. With one worker nothing is started: the caller's thread does it.
    Meanwhile linear algebra has one thread for each of ours; more of its own would only wait.
    """
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    with threadpool_limits(1, user_api="blas"):
        yield from _mapped(task, items, cores() if workers is None else workers)


def _mapped(task: Callable[[A], B], items: Iterable[A], count: int) -> Iterator[B]:
    if count <= 1:
        yield from map(task, items)
        return
    pool = ThreadPoolExecutor(count, thread_name_prefix="likewise")
    waiting: deque[Future[B]] = deque()
    try:
        for item in items:
            waiting.append(pool.submit(task, item))
            if len(waiting) >= 2 * count:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
