"""Ordered parallel work in processes of their own, for work that holds the interpreter lock."""

import multiprocessing
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from typing import TypeVar

A = TypeVar("A")
B = TypeVar("B")


def process_map(task: Callable[[A], B], items: Iterable[A], *, workers: int = 1) -> Iterator[B]:
    """Results of ``task`` in the order of ``items``; at most ``2 * workers`` are in flight.

    ``task`` stands at the top of a module, and items and results are plain values and arrays. The
    first failure (or a closed iterator, or Ctrl-C) cancels what has not started. Results do not
    depend on ``workers``; with one nothing is started. New processes are clean ones, not copies:
    a script that asks for them needs the usual ``if __name__ == "__main__":``.

    Cost: about a second to start each process.
    """
    if workers <= 1:
        yield from map(task, items)
        return
    clean = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, mp_context=clean, initializer=_one_thread)
    waiting: deque[Future[B]] = deque()
    try:
        for item in items:
            waiting.append(pool.submit(task, item))
            if len(waiting) >= 2 * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _one_thread() -> None:
    """Linear algebra has one thread in each process; more would only wait for each other."""
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    threadpool_limits(1)
