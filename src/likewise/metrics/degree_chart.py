"""Numbers of children in bins that are fit to be shown: each holds ten real parents, or none."""

from typing import NamedTuple

import numpy as np

from likewise.data.cells import SHARED

Array = np.ndarray

BINS = 12


class DegreeChart(NamedTuple):
    """B bins, and the shares of real and synthetic parents in each."""

    labels: tuple[str, ...]
    real: tuple[float, ...]
    synth: tuple[float, ...]


def degree_chart(real: Array, synth: Array) -> DegreeChart:
    """Bins of numbers of children from the real parents (M,); none with too few of them.

    Every number is a bin of its own while that makes at most twelve; else they hold about equal
    shares. Bins of fewer than ten real parents are merged with the next, the last with the one
    before. The least and the most are not told: the outer bins are open.
    """
    if len(real) < SHARED or not len(synth):
        return DegreeChart((), (), ())
    starts = _starts(real)
    shares = []
    for counts in (real, synth):
        place = np.maximum(np.searchsorted(starts, counts, side="right") - 1, 0)
        shares.append(np.bincount(place, minlength=len(starts)) / len(counts))
    labels = [_label(starts, i) for i in range(len(starts))]
    return DegreeChart(tuple(labels), tuple(shares[0].tolist()), tuple(shares[1].tolist()))


def _starts(real: Array) -> Array:
    """Where bins begin, rising, the first at or below the least number."""
    values, counts = np.unique(real, return_counts=True)
    if len(values) > BINS:
        edges = np.quantile(real, np.linspace(0, 1, BINS + 1)[:-1], method="inverted_cdf")
        first = np.unique(np.concatenate([edges, values[values == 0]]))
        place = np.searchsorted(first, values, side="right") - 1
        counts = np.bincount(place, weights=counts, minlength=len(first))
        values = first
    starts, held = [], 0
    for value, count in zip(values.tolist(), counts.tolist(), strict=True):
        if not held:
            starts.append(int(value))
        held += int(count)
        held = 0 if held >= SHARED else held
    if held and len(starts) > 1:  # too few for the last bin
        starts.pop()
    return np.array(starts)


def _label(starts: Array, i: int) -> str:
    if len(starts) == 1:
        return "any number"
    if i == len(starts) - 1:
        return f"{starts[i]:,} or more"
    low, high = int(starts[i]), int(starts[i + 1]) - 1
    if i == 0 and low > 0:
        return f"up to {high:,}"
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"
