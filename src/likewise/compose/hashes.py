"""Values seen so far, as 64-bit hashes, so that a stream of blocks can be kept free of repeats."""

from collections.abc import Iterator

import numpy as np

from likewise.data.check import present
from likewise.data.schema import LABELS
from likewise.data.table import Table

Array = np.ndarray

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))


class Hashes:
    """A growing set of hashes: sorted runs, merged when they are of like size.

    Memory: 8 bytes a value. Cost: O(log N) merges for each value. Two different values share a
    hash once in about 2^64 pairs, and then count as a repeat.
    """

    def __init__(self) -> None:
        self._runs: list[Array] = []

    def add(self, hashes: Array) -> None:
        """Put distinct new hashes into the set."""
        self._runs.append(np.sort(hashes))
        while len(self._runs) > 1 and len(self._runs[-2]) <= 2 * len(self._runs[-1]):
            merged = np.concatenate([self._runs.pop(), self._runs.pop()])
            self._runs.append(np.sort(merged, kind="stable"))

    def new(self, hashes: Array) -> Array:
        """Where a hash is neither in the set nor earlier in ``hashes``; (N,) bool."""
        _, first = np.unique(hashes, return_index=True)
        fresh = np.zeros(len(hashes), dtype=bool)
        fresh[first] = True
        for run in self._filled():
            place = np.minimum(np.searchsorted(run, hashes), len(run) - 1)
            fresh &= run[place] != hashes
        return fresh

    def _filled(self) -> Iterator[Array]:
        return (run for run in self._runs if len(run))


def row_hashes(table: Table, columns: tuple[str, ...]) -> tuple[Array, Array]:
    """A hash of each row's values in ``columns``, and whether none is missing; (N,), (N,)."""
    total = np.zeros(table.rows, dtype=np.uint64)
    for name in columns:
        total = _mixed(total * _GOLDEN + _column(table, name))
    return total, present(table, columns)


def _column(table: Table, name: str) -> Array:
    if table.schema[name].kind in LABELS:
        from pandas.util import hash_array

        codes, labels = table.labels(name)
        hashes = hash_array(np.array([*labels, ""], dtype=object), categorize=False)
        return np.asarray(hashes[codes])
    values = table.numbers(name)
    whole = values + 0.0 if values.dtype.kind == "f" else values  # -0.0 and 0.0 are one value
    return _mixed(np.ascontiguousarray(whole).view(np.uint64))


def _mixed(x: Array) -> Array:
    """The finalizer of splitmix64 (Steele, Lea and Flood, OOPSLA 2014)."""
    x = (x ^ (x >> np.uint64(30))) * _MIX[0]
    x = (x ^ (x >> np.uint64(27))) * _MIX[1]
    return np.asarray(x ^ (x >> np.uint64(31)))
