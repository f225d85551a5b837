"""Whole sequences: how they begin and end, and whether synthetic ones can be told from real ones.

Papers: Lopez-Paz and Oquab, "Revisiting classifier two-sample tests", ICLR 2017; van der Aalst,
"Process mining", 2016 (start and end activities of a process).

Shapes: N rows, E entities, F features.
"""

import warnings
from collections.abc import Iterator

import numpy as np

from likewise.core.errors import DataError
from likewise.core.seeds import Seed
from likewise.data.table import Table
from likewise.metrics.grouped_detection import Grouped, detect
from likewise.metrics.score import SEED, Score, worst_first
from likewise.metrics.sequences import LEVELS, Sequences, sequences
from likewise.metrics.views import Array

MOST = 5_000  # entities a side
TOP = 8  # labels of a column that are counted
WIDEST = 150  # features, the first ones of more


def boundary_error(real: Table, synth: Table, *, entity: str, time: str | None = None) -> Score:
    """Mean share of sequences that begin or end with the wrong label; 0 to 1, low is good.

    Total variation between the labels of first events, and of last ones, by column; labels beyond
    the 20 most frequent count as one. Cost: O(N C).

    Raises:
        DataError: no column of labels.
    """
    sides = sequences([real, synth], entity=entity, time=time)
    parts, gaps = [], []
    for name in sides[0].labels:
        for what, place in (("first", _first), ("last", _last)):
            shares = [
                np.bincount(side.labels[name][place(side)], minlength=LEVELS + 2)
                / len(side.lengths)
                for side in sides
            ]
            parts.append(f"{what} {name}")
            gaps.append(float(np.abs(shares[0] - shares[1]).sum() / 2))
    if not parts:
        raise DataError("boundary_error", "no column of labels", "Leave it out")
    note = f"{len(sides[1].lengths):,} synthetic and {len(sides[0].lengths):,} real sequences"
    by = worst_first(parts, np.array(gaps), count=12)
    return Score("boundary_error", float(np.mean(gaps)), better="lower", by=by, note=note)


def entity_detection(
    real: Table,
    synth: Table,
    *,
    entity: str,
    time: str | None = None,
    seed: Seed = SEED,
    explain: bool = True,
) -> Score:
    """AUC of boosted trees that tell synthetic entities from real ones; 0.5 is best, 1 is worst.

    An entity is told by all its events: how many, over how long; of each number the first, last,
    mean, spread and ends; of each label the first, the last, and how often the frequent ones come.
    Three folds of entities. ``by`` is how much the AUC falls without each. Cost: about 2 s for
    5,000 entities a side.

    Raises:
        DataError: fewer than 50 entities on a side.
    """
    sides = sequences([real, synth], entity=entity, time=time)
    rng = seed.stream("entities")
    count = min(MOST, *(len(side.lengths) for side in sides))
    picked = [rng.permutation(len(side.lengths))[:count] for side in sides]
    told = [dict(_told(side)) for side in sides]
    names = list(told[0])[:WIDEST]
    x = [
        np.stack([one[name][rows] for name in names], axis=1)
        for one, rows in zip(told, picked, strict=True)
    ]
    labelled = np.array([name.endswith(CODED) for name in names], dtype=bool)
    group = [np.arange(count), np.arange(count, 2 * count)]
    return detect("entity_detection", Grouped(x, labelled, group, names), rng, explain)


CODED = (" first label", " last label")


def _told(side: Sequences) -> Iterator[tuple[str, Array]]:
    """Numbers that tell of each entity; (E,) by name."""
    starts, count = _first(side), side.lengths
    yield "events", count.astype(float)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        for name, values in side.numbers.items():
            yield from _of_numbers(name, values, starts, count)
    for name, codes in side.labels.items():
        yield f"{name} first label", codes[starts].astype(float)
        yield f"{name} last label", codes[_last(side)].astype(float)
        for k in (*range(TOP), LEVELS + 1):
            what = "missing" if k > LEVELS else f"label {k + 1}"
            yield f"{name}, {what}", np.add.reduceat((codes == k).astype(float), starts)
        changes = np.append(False, codes[1:] != codes[:-1])
        changes[starts] = False
        yield f"{name}, changes", np.add.reduceat(changes.astype(float), starts)


def _of_numbers(
    name: str, values: Array, starts: Array, count: Array
) -> Iterator[tuple[str, Array]]:
    known = ~np.isnan(values)
    size = np.add.reduceat(known.astype(float), starts)
    filled = np.where(known, values, 0.0)
    total = np.add.reduceat(filled, starts)
    mean = np.where(size > 0, total / np.maximum(size, 1), np.nan)
    rest = np.where(known, values - np.repeat(mean, count), 0.0)
    spread = np.sqrt(np.add.reduceat(rest**2, starts) / np.maximum(size, 1))
    low = np.minimum.reduceat(np.where(known, values, np.inf), starts)
    high = np.maximum.reduceat(np.where(known, values, -np.inf), starts)
    yield f"{name}, first", values[starts]
    yield f"{name}, last", values[starts + count - 1]
    yield f"{name}, sum", np.where(size > 0, total, np.nan)
    yield f"{name}, mean", mean
    yield f"{name}, spread", np.where(size > 0, spread, np.nan)
    yield f"{name}, lowest", np.where(size > 0, low, np.nan)
    yield f"{name}, highest", np.where(size > 0, high, np.nan)


def _first(side: Sequences) -> Array:
    """The row with which each entity begins; (E,)."""
    return np.asarray(np.cumsum(side.lengths) - side.lengths)


def _last(side: Sequences) -> Array:
    """The row with which each entity ends; (E,)."""
    return np.asarray(np.cumsum(side.lengths) - 1)
