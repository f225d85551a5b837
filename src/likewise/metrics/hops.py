"""How columns go together across one, two and three relations, and among siblings.

A path leads from a row to its parent, the parent's parent, and so on; the columns of the row are
paired with those of the row at the end. Siblings are two children of one parent, and a column of
one is paired with a column of the other, itself included.

Paper: Pang et al., "ClavaDDPM: multi-relational data synthesis with cluster-guided diffusion
models", NeurIPS 2024 (associations of columns k relations apart).

Shapes: K rows that are looked at, P pairs of columns.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from likewise.core.seeds import Seed
from likewise.data.database import Database
from likewise.data.database_schema import DatabaseSchema, Relation
from likewise.data.linked import Linked
from likewise.metrics.clustered import Item, mean_item, mean_score
from likewise.metrics.coded_sides import CodedSides
from likewise.metrics.joint import contingency, correlations
from likewise.metrics.linked_case import whole_case
from likewise.metrics.score import SEED, Score

Array = np.ndarray
Path = tuple[Relation, ...]
T = TypeVar("T")

ROWS = 10_000  # rows of either side that a path is looked at by
FEWEST = 50  # rows of either side without which a path is left out
PATHS = {1: 200, 2: 40, 3: 40}  # by length; of more a sample
PAIRS = 60  # pairs of columns of a path; of more a sample
HOPS = (1, 2, 3)
MOST_CHAINS = 1_000  # that are made longer; a deep schema has more than could be listed


@dataclass(frozen=True)
class Ends:
    """Rows that a path or siblings bring together, on one side.

    Attributes:
        first: (K,) rows of the table where it begins.
        last: (K,) rows of the table where it ends.
    """

    first: Array
    last: Array


def hop1_error(real: Database, synth: Database, *, seed: Seed = SEED) -> Score:
    """Mean distance between joint distributions of a child's and its parent's column; in [0, 1].

    Two columns of numbers: half the difference of Pearson's correlations; other pairs: total
    variation of the contingency table of numbers in ten bins of equal width and the 20 most
    frequent labels, as ``pair_error`` does after a join. 0 is best; without such a pair it is 0.
    Keys and references of one column are left out. Averaged over the pairs of a path, then over
    paths. A sample of 10,000 rows stands for a path, 60 pairs for all of a path, and 40 paths for
    all. The interval covers the sampling of families.

    Cost: one pass over each column, then about 0.2 ms a pair.
    """
    return _hop_error(real, synth, 1, seed)


def hop2_error(real: Database, synth: Database, *, seed: Seed = SEED) -> Score:
    """As ``hop1_error``, between a row and its parent's parent."""
    return _hop_error(real, synth, 2, seed)


def hop3_error(real: Database, synth: Database, *, seed: Seed = SEED) -> Score:
    """As ``hop1_error``, between a row and the parent of its parent's parent."""
    return _hop_error(real, synth, 3, seed)


def _hop_error(real: Database, synth: Database, hops: int, seed: Seed) -> Score:
    sides = CodedSides(*whole_case(real, synth))
    found = paths(real.schema, hops, seed)
    met = [follow(sides, path, seed) for path in found]
    return hop_score(hops, [one for m in met if m is not None for one in distances(sides, m)])


def sibling_error(real: Database, synth: Database, *, seed: Seed = SEED) -> Score:
    """Mean distance between joint distributions of columns of two children of a parent.

    In [0, 1], 0 is best; measured as ``hop1_error``, on two children at random of each parent
    that has two. What all children of a parent have in common shows here.
    """
    sides = CodedSides(*whole_case(real, synth))
    met = [pair_siblings(sides, relation, seed) for relation in real.schema.relations]
    return sibling_score([one for m in met if m is not None for one in distances(sides, m)])


def hop_score(hops: int, items: Sequence[Item]) -> Score:
    """``hop1_error`` and the like from their parts."""
    return mean_score(f"hop{hops}_error", items, what="paths")


def sibling_score(items: Sequence[Item]) -> Score:
    """``sibling_error`` from its parts."""
    return mean_score("sibling_error", items)


def paths(schema: DatabaseSchema, hops: int, seed: Seed) -> list[Path]:
    """Chains of so many relations, each from the parent of the one before; at most ``PATHS``.

    No chain takes one relation twice.
    """
    found: list[Path] = [(relation,) for relation in schema.relations]
    for _ in range(hops - 1):
        found = [
            (*path, relation)
            for path in found
            for relation in schema.by_child[path[-1].parent]
            if relation not in path
        ]
        found = _some(found, MOST_CHAINS, seed.stream("chains", hops))
    return _some(found, PATHS[hops], seed.stream("paths", hops))


def title(path: Path) -> str:
    """Such as ``lines (order) → orders (customer) → customers``."""
    steps = [f"{r.child} ({', '.join(r.columns)})" for r in path]
    return " → ".join([*steps, path[-1].parent])


@dataclass(frozen=True)
class Meeting:
    """Rows of two tables that meet on every side, and the pairs of columns to compare.

    Attributes:
        name: the path or the siblings, as people read it.
        tables: where the path begins and ends.
        ends: by side; all sides but the first have as many.
        pairs: (column of the first table, column of the last).
    """

    name: str
    tables: tuple[str, str]
    ends: tuple[Ends, ...]
    pairs: tuple[tuple[str, str], ...]

    def family(self, sides: CodedSides, i: int) -> Array:
        """What counts as independent among the rows of side ``i``; (K,)."""
        return np.asarray(sides.sides[i].family[self.tables[0]][self.ends[i].first])


def follow(sides: CodedSides, path: Path, seed: Seed) -> Meeting | None:
    """Rows and what a path leads to; None with fewer than FEWEST rows or no columns."""
    found = []
    for side in sides.sides:
        rng = seed.stream("rows", *map(str, path))
        found.append(_ends(side.linked, path, rng))
    last = [name for name in sides.names(path[-1].parent) if name not in path[-1].to]
    pairs = [(a, b) for a in sides.names(path[0].child) for b in last]
    return _meeting(title(path), (path[0].child, path[-1].parent), found, pairs, seed)


def pair_siblings(sides: CodedSides, relation: Relation, seed: Seed) -> Meeting | None:
    """Two children of each parent that has two, as ``follow``."""
    found = []
    for side in sides.sides:
        rng = seed.stream("siblings", str(relation))
        found.append(_siblings(side.linked.parents[relation], rng))
    names = [name for name in sides.names(relation.child) if name not in relation.columns]
    pairs = [(a, b) for i, a in enumerate(names) for b in names[i:]]
    tables = (relation.child, relation.child)
    return _meeting(f"siblings by {relation}", tables, found, pairs, seed)


def distances(sides: CodedSides, met: Meeting) -> tuple[Item, ...]:
    """The mean distance over the pairs of columns, one for each side but the first; () of none."""
    found = []
    for i in range(1, len(met.ends)):
        parts, influence = _measured(sides, met, i)
        named = {f"{a} × {b}, {met.name}": value for (a, b), value in parts.items()}
        made = mean_item(met.name, named, influence, met.family(sides, i))
        found += [made] if made is not None else []
    return tuple(found) if len(found) == len(met.ends) - 1 else ()


def _meeting(
    name: str,
    tables: tuple[str, str],
    ends: Sequence[Ends],
    pairs: list[tuple[str, str]],
    seed: Seed,
) -> Meeting | None:
    count = min(len(one.first) for one in ends[1:])
    if min(len(ends[0].first), count) < FEWEST or not pairs:
        return None
    matched = [ends[0]]
    for one in ends[1:]:
        rng = seed.stream("matched", name)
        kept = np.sort(rng.choice(len(one.first), count, replace=False))
        matched.append(Ends(one.first[kept], one.last[kept]))
    chosen = _some(pairs, PAIRS, seed.stream("pairs", name))
    return Meeting(name, tables, tuple(matched), tuple(chosen))


def _ends(linked: Linked, path: Path, rng: np.random.Generator) -> Ends:
    """At most ROWS rows from which every reference of the path is found, and where it ends."""
    last = linked.parents[path[0]]
    for relation in path[1:]:
        further = np.append(linked.parents[relation], (-1, -1))  # lost once, lost for good
        last = further[last]
    first = np.flatnonzero(last >= 0)
    if len(first) > ROWS:
        first = np.sort(rng.choice(first, ROWS, replace=False))
    return Ends(first, last[first])


def _siblings(place: Array, rng: np.random.Generator) -> Ends:
    """Two children at random, in random order, of each of at most ROWS parents that have two."""
    rows = rng.permutation(np.flatnonzero(place >= 0))
    rows = rows[np.argsort(place[rows], kind="stable")]
    parent = place[rows]
    begins = np.flatnonzero(np.append(True, parent[1:] != parent[:-1])) if len(rows) else rows
    ends = np.append(begins[1:], len(rows))
    begins = begins[ends - begins >= 2]
    if len(begins) > ROWS:
        begins = np.sort(rng.choice(begins, ROWS, replace=False))
    return Ends(rows[begins], rows[begins + 1])


def _measured(
    sides: CodedSides, met: Meeting, i: int
) -> tuple[dict[tuple[str, str], float], Array]:
    """The distance of each pair of columns of side ``i``, and influences on their sum."""
    parts: dict[tuple[str, str], float] = {}
    total, numbers = np.zeros(len(met.ends[i].first)), []
    for a, b in met.pairs:
        x, y = sides.column(met.tables[0], a), sides.column(met.tables[1], b)
        if x.numbers is not None and y.numbers is not None:
            numbers.append((a, b))
            continue
        joined = [
            x.codes[k][met.ends[k].first].astype(np.int64) * y.bins + y.codes[k][met.ends[k].last]
            for k in (0, i)
        ]
        parts[a, b], influence = contingency(*joined)
        total += influence
    if numbers:
        gaps, influence = _correlated(sides, met, i, numbers)
        found = zip(numbers, gaps.tolist(), strict=True)
        parts |= {pair: gap for pair, gap in found if not math.isnan(gap)}
        total += influence
    return parts, total


def _correlated(
    sides: CodedSides, met: Meeting, i: int, pairs: Sequence[tuple[str, str]]
) -> tuple[Array, Array]:
    """Half the differences of the correlations of pairs of numbers, and influences on their sum."""
    left, right = (list(dict.fromkeys(pair[k] for pair in pairs)) for k in (0, 1))
    stacked = []
    for k in (0, i):
        ends = met.ends[k]
        columns = [_numbers(sides, met.tables[0], a, k)[ends.first] for a in left]
        columns += [_numbers(sides, met.tables[1], b, k)[ends.last] for b in right]
        stacked.append(np.stack(columns, axis=1))
    at = np.array([(left.index(a), len(left) + right.index(b)) for a, b in pairs])
    return correlations(stacked[0], stacked[1], at)


def _numbers(sides: CodedSides, table: str, name: str, i: int) -> Array:
    numbers = sides.column(table, name).numbers
    assert numbers is not None
    return numbers[i]


def _some(found: list[T], count: int, rng: np.random.Generator) -> list[T]:
    """All, or so many of them at random, in order."""
    if len(found) <= count:
        return found
    return [found[i] for i in np.sort(rng.choice(len(found), count, replace=False))]
