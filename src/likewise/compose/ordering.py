"""Whether the children of an owner have an order, and whether it says anything.

Shapes: N children, K of which have an owner.
"""

from collections.abc import Iterator

import numpy as np

from likewise.compose.summaries import measures
from likewise.data.database_schema import TableSchema
from likewise.data.schema import Kind
from likewise.data.table import Table

Array = np.ndarray

SORTED = 0.99  # share of neighbouring siblings in rising order from which a column orders them
CERTAIN = 5.0  # standard errors by which neighbours must be more alike than other siblings
REGULAR = 0.6  # spread of the steps of a family, in their mean, below which they are regular
FAMILY = 4  # children of a family whose steps are looked at
LARGEST = 500  # siblings from which an order as written is not looked for: each costs a draw


def find_clock(
    table: Table, entry: TableSchema, learned: tuple[str, ...], place: Array
) -> str | None:
    """The column that orders the children of a parent: of the key if it can, else a time.

    Failing both, the first whole number that rises from sibling to sibling as they are written.
    """
    whole = [name for name in learned if not table.missing(name).any()]
    kinds = {name: table.schema[name].kind for name in whole}
    times = [n for n in whole if kinds[n] in {Kind.DATE, Kind.DATETIME}]
    keyed = [n for n in whole if n in entry.primary_key]
    inside = [n for n in keyed if n in times] or [n for n in keyed if kinds[n] is Kind.INTEGER]
    if len(inside) == 1:
        return inside[0]
    if inside:
        return max(inside, key=lambda name: _different_within(table, name, place))
    if times:
        return times[0]
    counted = [n for n in whole if kinds[n] is Kind.INTEGER and _rises(table.numbers(n), place)]
    return counted[0] if counted else None


def in_sequence(table: Table, entry: TableSchema, clock: str, place: Array) -> bool:
    """Whether a child follows from the one before, and is no mere draw from its family.

    It does if the clock is part of a key, if neighbours are more alike than other siblings in some
    column, or if steps are regular.
    """
    if any(clock in key for key in entry.keys):
        return True
    order, times = in_order(table, place, clock)
    owner = place[order]
    siblings = np.flatnonzero(owner[1:] == owner[:-1])
    if len(siblings) < FAMILY:
        return False
    if _regular(owner, times):
        return True
    others = table.select([name for name in table.names if name != clock])
    return any(_follow(values[order], owner, siblings) for values in _numbers(others))


def as_written(table: Table, place: Array) -> bool:
    """Whether siblings without a clock are no mere draws given their owner, as they are written.

    So they are if the first of them differ from the others, as the holder of an account does from
    who else may use it, or if siblings are less alike than strangers, as when none repeats what
    another has.
    """
    order, _ = in_order(table, place, None)
    _, start, size = np.unique(place[order], return_index=True, return_counts=True)
    several = size >= 2
    if several.sum() < FAMILY or size.max() > LARGEST:
        return False
    owner = np.repeat(np.arange(len(size)), size)
    for values in _numbers(table.take(order)):
        spread = values.std()
        if spread <= 1e-12 * max(float(np.abs(values).max()), 1.0):
            continue
        scaled = (values - values.mean()) / spread
        total = np.bincount(owner, weights=scaled)[several]
        square = np.bincount(owner, weights=scaled**2)[several]
        count, first = size[several], scaled[start[several]]
        ahead = first - (total - first) / (count - 1)
        alike = (total**2 - square) / (count * (count - 1))  # mean product of two siblings
        if abs(_certainty(ahead)) > CERTAIN or _certainty(alike) < -CERTAIN:
            return True
    return False


def _certainty(values: Array) -> float:
    """The mean in its standard errors."""
    error = values.std() / np.sqrt(len(values))
    return float(values.mean() / max(error, 1e-12))


def in_order(table: Table, place: Array, clock: str | None) -> tuple[Array, Array]:
    """Rows that have an owner, by owner and clock, and their times; (K,) and (K,) or (0,)."""
    rows = np.flatnonzero(place >= 0)
    if clock is None:
        return rows[np.argsort(place[rows], kind="stable")], np.empty(0, dtype=np.int64)
    times = table.numbers(clock)
    order = rows[np.lexsort((times[rows], place[rows]))]
    return order, times[order]


def _numbers(table: Table) -> Iterator[Array]:
    for _, _, _, values in measures(table):
        if np.isfinite(values).all():
            yield values


def _regular(owner: Array, times: Array) -> bool:
    """Whether the steps of families are of much the same length."""
    _, start, size = np.unique(owner, return_index=True, return_counts=True)
    steps = np.diff(times, append=times[-1:]).astype(float)
    inner = np.append(owner[1:] == owner[:-1], False)
    steps = np.where(inner, steps, 0.0)
    count = np.maximum(size - 1, 1)
    mean = np.add.reduceat(steps, start) / count
    square = np.add.reduceat(steps**2, start) / count
    large = (size >= FAMILY) & (mean > 0)
    if not large.any():
        return False
    spread = np.sqrt(np.maximum(square - mean**2, 0))[large] / mean[large]
    return float(np.median(spread)) < REGULAR


def _follow(values: Array, owner: Array, siblings: Array) -> bool:
    """Whether neighbouring siblings are more alike than two siblings are by chance."""
    _, inverse, size = np.unique(owner, return_inverse=True, return_counts=True)
    mean = np.bincount(inverse, weights=values) / size
    rest = values - mean[inverse]
    spread = np.sqrt(np.mean(rest**2))
    if spread <= 1e-12 * max(float(np.abs(values).max()), 1.0):
        return False
    rest = rest / spread
    product = rest[siblings] * rest[siblings + 1]
    within = np.bincount(inverse, weights=rest**2)[inverse[siblings]]
    count = size[inverse[siblings]]
    chance = -within / (count * np.maximum(count - 1, 1))  # mean product of two different siblings
    gain = product - chance
    error = gain.std() / np.sqrt(len(gain))
    return bool(gain.mean() > CERTAIN * max(error, 1e-12))


def _different_within(table: Table, name: str, place: Array) -> int:
    """How many pairs of a parent and a value of the column there are."""
    rows = place >= 0
    _, codes = np.unique(table.numbers(name)[rows], return_inverse=True)
    return len(np.unique(place[rows] * (int(codes.max(initial=0)) + 1) + codes))


def _rises(values: Array, place: Array) -> bool:
    """Whether the children of a parent are written in the order of these values."""
    order = np.argsort(place, kind="stable")
    order = order[place[order] >= 0]
    siblings = place[order][1:] == place[order][:-1]
    steps = np.diff(values[order])[siblings]
    return len(steps) > 0 and bool((steps >= 0).mean() >= SORTED and (steps > 0).mean() >= 0.5)
