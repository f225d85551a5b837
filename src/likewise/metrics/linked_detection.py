"""Whether a classifier tells synthetic parents by their children, or children by their parents.

Paper: Hudovernik, Jurkovič and Štrumbelj, "Benchmarking the fidelity and utility of synthetic
relational data", 2024 (detection with aggregation).

Shapes: M rows a side, F features.
"""

import math
from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np

from likewise.core.errors import DataError
from likewise.core.seeds import Seed
from likewise.data.database import Database
from likewise.data.database_schema import Relation
from likewise.data.keys import code_columns
from likewise.data.table import Table
from likewise.metrics.aggregates import Feature, child_features, matrix, own_features
from likewise.metrics.coded_sides import CodedSides
from likewise.metrics.grouped_detection import FEWEST, FOLDS, Grouped, detect
from likewise.metrics.linked_case import whole_case
from likewise.metrics.matched import attempt
from likewise.metrics.score import SEED, Score

Array = np.ndarray

ROWS = 2_500  # a side
WIDEST = 60  # features given to the classifier; of more a sample, numbers of children first
JOINED = 16  # relations of which children with their parents are looked at


def aggregate_auc(real: Database, synth: Database, *, seed: Seed = SEED) -> Score:
    """AUC of boosted trees that tell synthetic parents from real ones by their children; 0.5 to 1.

    A row is a parent: its own columns, and for each relation the number of its children, mean,
    spread, least and largest of their numbers and times, how many different labels they have, and
    the shares of the commonest. 0.5 is the target. Three-fold, 60 trees of 16 leaves; of more
    than 60 features a sample. Rows of one family share a fold. The mean over the tables that are
    referred to, which ``by`` names. The AUC grows with the number of rows, at most 2,500 a side.
    The interval is DeLong's.

    Raises:
        DataError: no table that is referred to has 50 rows on a side.

    Cost: about 2 s a table.
    """
    sides = CodedSides(*whole_case(real, synth))
    tables = dict.fromkeys(relation.parent for relation in sides.relations)
    found = {name: attempt(partial(detect_parents, sides, name, (0, 1), seed)) for name in tables}
    return mean_auc("aggregate_auc", found, "tables")


def child_auc(real: Database, synth: Database, *, seed: Seed = SEED) -> Score:
    """AUC of boosted trees that tell synthetic children with their parents' columns from real ones.

    As ``aggregate_auc``, but a row is a child joined with its parent. Children of one family are
    never both learned from and judged, or what they have in common would give them away; nor are
    children of one row of a shared table, of whom each family brings one. The mean over relations:
    one of each child table, then others, up to 16.
    """
    sides = CodedSides(*whole_case(real, synth))
    chosen = some_relations(sides.relations, seed)
    found = {str(r): attempt(partial(detect_children, sides, r, (0, 1), seed)) for r in chosen}
    return mean_auc("child_auc", found, "relations")


def some_relations(relations: Sequence[Relation], seed: Seed) -> list[Relation]:
    """At most JOINED relations, in order: one of each child table, then others, by chance."""
    rng = seed.stream("joined")
    mixed = [relations[i] for i in rng.permutation(len(relations))]
    first = list({relation.child: relation for relation in mixed}.values())
    kept = [*first, *(relation for relation in mixed if relation not in first)][:JOINED]
    return [relation for relation in relations if relation in kept]


def mean_auc(name: str, found: Mapping[str, Score | str], what: str) -> Score:
    """The mean over tables or relations, whose intervals are taken as independent.

    Raises:
        DataError: none of them could be measured.
    """
    scores = {part: score for part, score in found.items() if isinstance(score, Score)}
    if not scores:
        raise DataError(name, f"no {what} with {FEWEST} rows on a side", "Compare larger tables")
    value, interval = _mean([(s.value, s.interval) for s in scores.values()])
    floors = [(s.floor, s.floor_interval) for s in scores.values() if s.floor is not None]
    floor, floor_interval = _mean(floors) if floors else (None, None)
    by = dict(sorted(((part, s.value) for part, s in scores.items()), key=lambda p: -p[1]))
    note = f"{len(scores)} {what}, boosted trees, {FOLDS} folds"
    return Score(name, value, interval, floor, floor_interval, "target", by, note)


def _mean(
    values: Sequence[tuple[float, tuple[float, float] | None]],
) -> tuple[float, tuple[float, float]]:
    middle = math.fsum(value for value, _ in values) / len(values)
    halves = [(high - low) / 2 for low, high in (i for _, i in values if i is not None)]
    half = math.sqrt(math.fsum(h * h for h in halves)) / len(values)
    return middle, (max(middle - half, 0.0), min(middle + half, 1.0))


def detect_parents(
    sides: CodedSides, table: str, pair: tuple[int, int], seed: Seed, *, explain: bool = True
) -> Score:
    """``aggregate_auc`` of the second of two sides against the first.

    Args:
        sides: the databases.
        table: the parent table.
        pair: the positions of the two sides.
        seed: for samples and folds.
        explain: measure the parts of single features.
    """
    into = [r for r in sides.relations if r.parent == table]
    if not into:
        raise DataError("aggregate_auc", "no table refers to it", "Name a table with children")
    children = [list(child_features(sides, r)) for r in into]
    features = _chosen(own_features(sides, table), children, seed)
    rng = seed.stream("parents", table)
    count = min(ROWS, *(sides.rows(table, i) for i in pair))
    rows = [rng.permutation(sides.rows(table, i))[:count] for i in pair]
    found = [matrix(sides, table, features, some, i) for i, some in zip(pair, rows, strict=True)]
    group = [of[some] for of, some in zip(_groups(sides, table, pair), rows, strict=True)]
    rows_of = Grouped([x for x, _ in found], found[0][1], group, [f.name for f in features])
    return detect("aggregate_auc", rows_of, rng, explain)


def detect_children(
    sides: CodedSides,
    relation: Relation,
    pair: tuple[int, int],
    seed: Seed,
    *,
    explain: bool = True,
) -> Score:
    """``child_auc`` of the second of two sides against the first; see ``detect_parents``."""
    rng = seed.stream("children", str(relation))
    places = [sides.sides[i].linked.parents[relation] for i in pair]
    found = [rng.permutation(np.flatnonzero(place >= 0)) for place in places]
    if relation.parent in sides.shared:  # so that rows of a group have nothing else in common
        families = [sides.sides[i].family[relation.child] for i in pair]
        found = [_one_each(rows, of[rows]) for rows, of in zip(found, families, strict=True)]
    count = min(ROWS, *map(len, found))
    mine = _chosen(own_features(sides, relation.child), [], seed, WIDEST // 2)
    theirs = [f for f in own_features(sides, relation.parent) if f.column not in relation.to]
    theirs = _chosen(theirs, [], seed, WIDEST - len(mine))
    groups = _groups(sides, relation.parent, pair)
    joined, group, labelled = [], [], np.zeros(0, dtype=bool)
    for i, place, rows, of in zip(pair, places, found, groups, strict=True):
        parents = place[rows[:count]]
        left, left_labels = matrix(sides, relation.child, mine, rows[:count], i)
        right, right_labels = matrix(sides, relation.parent, theirs, parents, i)
        joined.append(np.concatenate([left, right], axis=1))
        labelled = np.concatenate([left_labels, right_labels])
        group.append(of[parents])
    names = [f"{relation.child}.{f.column}" for f in mine]
    names += [f"{relation.parent}.{f.column}" for f in theirs]
    return detect("child_auc", Grouped(joined, labelled, group, names), rng, explain)


def _groups(sides: CodedSides, table: str, pair: tuple[int, int]) -> list[Array]:
    """What the rows of a table on either side must not be both learned from and judged by; (N,).

    Their family; of a shared table, whose rows may be the same on both sides, their contents.
    """
    first, second = (sides.sides[i] for i in pair)
    if table not in sides.shared:
        mine = first.family[table]
        return [mine, second.family[table] + int(mine.max(initial=0)) + 1]
    return same_rows([s.linked.table(table) for s in (first, second)], sides.names(table))


def same_rows(tables: Sequence[Table], names: Sequence[str]) -> list[Array]:
    """A number for each row that is the same just where all the columns are; (N_i,) each.

    Without a column every row has a number of its own.
    """
    sizes = [table.rows for table in tables]
    if not names:
        return np.split(np.arange(sum(sizes)), np.cumsum(sizes)[:-1])
    named = {str(i): table for i, table in enumerate(tables)}
    coded = code_columns(named, [(i, name) for i in named for name in names])
    ids = np.zeros(sum(sizes), dtype=np.int64)
    for name in names:
        codes = np.concatenate([coded[i, name].common() for i in named])
        _, ids = np.unique(ids * (int(codes.max(initial=0)) + 2) + codes + 1, return_inverse=True)
    return np.split(ids, np.cumsum(sizes)[:-1])


def _one_each(rows: Array, family: Array) -> Array:
    """The first of the rows of each family, in order."""
    _, first = np.unique(family, return_index=True)
    return rows[np.sort(first)]


def _chosen(
    own: Sequence[Feature], of_children: Sequence[list[Feature]], seed: Seed, most: int = WIDEST
) -> list[Feature]:
    """At most so many features: numbers of children, then own columns, then the rest, by chance."""
    rng = seed.stream("features", *(f.name for f in own))
    first = [features[0] for features in of_children]
    rest = [f for features in of_children for f in features[1:]]
    first = first if len(first) <= most // 2 else [first[i] for i in _draw(first, most // 2, rng)]
    room = most - len(first)
    half = room if not rest else max(room // 2, room - len(rest))
    kept = [own[i] for i in _draw(own, half, rng)]
    return [*first, *kept, *(rest[i] for i in _draw(rest, room - len(kept), rng))]


def _draw(found: Sequence[Feature], count: int, rng: np.random.Generator) -> Array:
    """Positions of so many at random, in order; all where there are fewer."""
    return np.sort(rng.permutation(len(found))[:count])
