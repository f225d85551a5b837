"""Children in time: how long from one to the next, and whether any comes before its parent.

Time columns are dates and moments. Times of day, durations and plain years are none.

Shapes: K pairs of rows that are compared, on either side.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from likewise.core.seeds import Seed
from likewise.data.database import Database
from likewise.data.database_schema import Relation
from likewise.data.schema import Kind
from likewise.data.table import Table
from likewise.metrics.clustered import Item, item, mean_score
from likewise.metrics.intervals import certain_sign
from likewise.metrics.linked_case import Side, whole_case
from likewise.metrics.marginal import kolmogorov_smirnov
from likewise.metrics.score import SEED, Score

Array = np.ndarray

MICROSECONDS = 86_400_000_000  # of a day
FEWEST = 50  # pairs of rows without which a column is left out
MOST = 200_000  # pairs of rows of either side
COLUMNS = 4  # time columns of a table that are looked at


def interval_error(real: Database, synth: Database, *, seed: Seed = SEED) -> Score:
    """Mean distance between the distributions of times from one child to the next; in [0, 1].

    Children of one parent in order of a time column; the Kolmogorov-Smirnov distance of the
    differences of neighbours, averaged over relations and time columns. 0 is best; databases
    without such a column score 0. Cost: a sort of the children for each.
    """
    sides, _ = whole_case(real, synth)
    found = [
        one
        for relation, column in timed_children(real)
        for one in interval_items(sides, relation, column, seed)
    ]
    return interval_score(found)


def order_error(real: Database, synth: Database) -> Score:
    """Mean difference of the shares of children that come before their parent; in [0, 1].

    For every time column of a child and every one of its parent; 0 is best, and databases without
    such a pair score 0.
    """
    sides, _ = whole_case(real, synth)
    found = [
        one
        for relation, mine, theirs in timed_pairs(real)
        for one in order_items(sides, relation, mine, theirs)
    ]
    return order_score(found)


def interval_score(items: Sequence[Item]) -> Score:
    """``interval_error`` from its parts."""
    return mean_score("interval_error", items, what="columns of times")


def order_score(items: Sequence[Item]) -> Score:
    """``order_error`` from its parts."""
    return mean_score("order_error", items, what="pairs of times")


def timed_children(database: Database) -> Iterator[tuple[Relation, str]]:
    """Relations, and the time columns of their children that are no part of the reference."""
    for relation in database.schema.relations:
        for name in times(database[relation.child]):
            if name not in relation.columns:
                yield relation, name


def timed_pairs(database: Database) -> Iterator[tuple[Relation, str, str]]:
    """Relations with a time column at either end."""
    for relation, mine in timed_children(database):
        for theirs in times(database[relation.parent]):
            if theirs not in relation.to:
                yield relation, mine, theirs


def times(table: Table) -> list[str]:
    """The first few columns that are dates or moments."""
    kinds = (Kind.DATE, Kind.DATETIME)
    return [c.name for c in table.schema.columns if c.kind in kinds][:COLUMNS]


def interval_items(
    sides: Sequence[Side], relation: Relation, column: str, seed: Seed
) -> tuple[Item, ...]:
    """The parts of one time column, one for each side but the first; () with too few rows."""
    found = [_gaps(side, relation, column) for side in sides]
    count = min(len(gaps) for gaps, _ in found[1:])
    if min(count, len(found[0][0])) < FEWEST:
        return ()
    name = f"{column}, {relation}"
    rng = seed.stream("gaps", name)
    made = []
    for i, (gaps, family) in enumerate(found):
        size = min(MOST, count) if i else min(MOST, len(gaps))
        kept = rng.permutation(len(gaps))[:size]
        made.append((gaps[kept], family[kept]))
    items = []
    for gaps, family in made[1:]:
        distance, influence = kolmogorov_smirnov(made[0][0], gaps)
        items.append(item(name, distance, influence, family))
    return tuple(items)


def order_items(
    sides: Sequence[Side], relation: Relation, mine: str, theirs: str
) -> tuple[Item, ...]:
    """The parts of one pair of time columns; () where a side has too few rows with both."""
    found = [_before(side, relation, mine, theirs) for side in sides]
    if min(len(early) for early, _ in found) < FEWEST:
        return ()
    real = found[0][0]
    items = []
    for early, family in found[1:]:
        p, q, n, m = real.mean(), early.mean(), len(real), len(early)
        pooled = (real.sum() + early.sum()) / (n + m)
        error = np.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
        influence = (early - q) * certain_sign(q - p, error)
        items.append(item(f"{mine} before {theirs}, {relation}", abs(q - p), influence, family))
    return tuple(items)


def _gaps(side: Side, relation: Relation, column: str) -> tuple[Array, Array]:
    """Times from each child to the next of the same parent, and their families."""
    place = side.linked.parents[relation]
    when = _moments(side.linked.table(relation.child), column)
    rows = np.flatnonzero((place >= 0) & ~np.isnan(when))
    rows = rows[np.lexsort((when[rows], place[rows]))]
    same = place[rows][1:] == place[rows][:-1]
    gaps = np.diff(when[rows])[same]
    return gaps, side.family[relation.child][rows[1:][same]]


def _before(side: Side, relation: Relation, mine: str, theirs: str) -> tuple[Array, Array]:
    """Whether each child comes before its parent, as 0 and 1, and their families."""
    place = side.linked.parents[relation]
    when = _moments(side.linked.table(relation.child), mine)
    parent = _moments(side.linked.table(relation.parent), theirs)
    rows = np.flatnonzero(place >= 0)
    other = parent[place[rows]]
    known = ~np.isnan(when[rows]) & ~np.isnan(other)
    rows, other = rows[known], other[known]
    return (when[rows] < other).astype(np.float64), side.family[relation.child][rows]


def _moments(table: Table, name: str) -> Array:
    """Microseconds since 1970, NaN where missing; (N,) float64."""
    unit = MICROSECONDS if table.schema[name].kind is Kind.DATE else 1
    return np.where(table.missing(name), np.nan, table.numbers(name).astype(np.float64) * unit)
