"""Which rows of a database belong together, and cutting it without tearing them apart.

A family is what references hold together: a customer, the customer's orders, and their lines.
If every relation tied, one product bought by all would make one family of everybody. So tables
are taken in turn, those of most rows first, and a table ties its children to its rows only while
many families are left. A table that would leave too few is *shared*, like products and countries:
it, and what it refers to, stays whole on both sides of a cut, and its relations tie nothing.

Several roots need no choice: a family is a connected part of the rows, whichever root it hangs
from. Rows that hang from shared tables alone are families of one, and so are orphans and rows
without a reference. A table that refers to itself, or to itself through others, ties like any
other if many families are left. If not, its rows still part, and references that then lead to
the other side are emptied where they may be missing, and lead nowhere where they may not.

Papers: Kish, "Survey sampling", 1965 (effective number); Tarjan, "Efficiency of a good but not
linear set union algorithm", J. ACM 22(2), 1975 (connected parts).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow.compute as pc

from likewise.core.seeds import Seed
from likewise.data.database import Database
from likewise.data.database_schema import DatabaseSchema, Relation
from likewise.data.dependency_order import generation_order, nullable
from likewise.data.linked import Linked, link
from likewise.data.reference import UNKNOWN
from likewise.data.table import Table

Array = np.ndarray

MANY = 100  # effective families that are enough in any case
FEWEST = 20  # effective families without which no table ties
MERGED = 20  # families that may become one, on average, where fewer than MANY are left


@dataclass(frozen=True)
class Families:
    """How rows hang together; found in one database, it holds for others of the same schema.

    Attributes:
        shared: tables that stay whole on both sides of a cut.
        ties: the relations that make families.
    """

    shared: frozenset[str]
    ties: tuple[Relation, ...]

    def number(self, linked: Linked) -> "Numbered":
        """The family of every row; O(rows + references)."""
        starts = _starts(linked)
        family = np.arange(starts[-1])
        family = _tied(family, _edges(linked, self.ties, starts))
        names = linked.database.names
        parts = np.split(family, starts[1:-1])
        return Numbered(dict(zip(names, parts, strict=True)), _ranks(linked), self.shared)


@dataclass(frozen=True)
class Numbered:
    """The family of every row of a database.

    Attributes:
        of: by table, (N,) int64; a row of a shared table is a family of its own.
        order: by table, its place in the order in which parents come first.
        shared: as in ``Families``.
    """

    of: Mapping[str, Array]
    order: Mapping[str, int]
    shared: frozenset[str]

    @cached_property
    def count(self) -> int:
        """One more than the largest number of a family."""
        return max((int(family.max(initial=-1)) for family in self.of.values()), default=-1) + 1

    @cached_property
    def heads(self) -> Array:
        """The first table, parents first, in which each number occurs; (count,), -1 for none.

        Families of shared rows are left out.
        """
        found = np.full(self.count, -1)
        for name in sorted(self.of, key=self.order.__getitem__, reverse=True):
            if name not in self.shared:
                found[self.of[name]] = self.order[name]
        return found

    @cached_property
    def families(self) -> int:
        """Families that a cut can tell apart."""
        return int((self.heads >= 0).sum())

    def draw(self, share: float, seed: Seed) -> dict[str, tuple[Array, Array]]:
        """Rows of the families not drawn and of those drawn, rising, by table that is not shared.

        Families are drawn by the table they begin in, so that of each table's own the same share
        is drawn, and at least one stays on either side of two or more.
        """
        rng, drawn = seed.stream("families"), np.zeros(self.count, dtype=bool)
        for place in sorted(set(self.heads[self.heads >= 0].tolist())):
            mine = np.flatnonzero(self.heads == place)
            size = len(mine)
            count = min(max(round(size * share), 1), size - 1) if size > 1 else 0
            drawn[rng.permutation(mine)[:count]] = True
        parts = {}
        for name, family in self.of.items():
            if name not in self.shared:
                inside = drawn[family]
                parts[name] = (np.flatnonzero(~inside), np.flatnonzero(inside))
        return parts


def find_families(linked: Linked, roots: Sequence[str] = ()) -> Families:
    """Which tables tie and which are shared; a few passes over all references.

    Args:
        linked: the database.
        roots: tables that are taken first, whatever their size, so that they tie if they can.

    Cost: one pass over the references for each table that is referred to, and again for each
    table that turns out to be shared because a shared one refers to it.
    """
    schema = linked.database.schema
    upward = _upward(schema)
    shared: frozenset[str] = frozenset()
    while True:
        found, ties = _search(linked, roots, shared)
        grown = frozenset().union(*(upward[name] | {name} for name in found), frozenset())
        if grown == shared:
            return Families(shared, ties)
        shared = grown


def split_families(
    database: Database, share: float, seed: Seed, *, roots: Sequence[str] = ()
) -> tuple[Database, Database]:
    """Two databases that share no family: the rest, and about ``share`` of all families.

    Args:
        database: what is cut; its schema holds for both parts.
        share: of the families, in (0, 1).
        seed: the same seed cuts alike.
        roots: tables whose rows must part, if a database can be cut at them.
    """
    linked = link(database)
    families = find_families(linked, roots)
    parts = families.number(linked).draw(share, seed)
    rest, drawn = (cut(linked, {name: part[i] for name, part in parts.items()}) for i in (0, 1))
    return rest.database, drawn.database


def cut(linked: Linked, rows: Mapping[str, Array]) -> Linked:
    """The rows, with references emptied that led to a row left out, where they may be missing."""
    part = linked.take(rows)
    parents, tables = dict(part.parents), dict(zip(part.database.names, part.database.tables,
                                                   strict=True))  # fmt: skip
    for relation, place in part.parents.items():
        before = linked.parents[relation]
        before = before[rows[relation.child]] if relation.child in rows else before
        torn = (place == UNKNOWN) & (before >= 0)
        if torn.any() and nullable(linked.database.schema, relation):
            tables[relation.child] = _emptied(tables[relation.child], relation, torn, linked)
            parents[relation] = np.where(torn, -1, place)
    return Linked(Database(tuple(tables.values()), part.database.schema), parents)


def _emptied(table: Table, relation: Relation, torn: Array, linked: Linked) -> Table:
    """The table without the torn references: one column that may be missing is emptied."""
    entry = linked.database.schema[relation.child]
    free = [c for c in relation.columns if c not in entry.primary_key and table.schema[c].nullable]
    place = table.names.index(free[0])
    column = table.arrow.column(place)
    emptied = pc.if_else(torn, None, column)
    return Table(table.arrow.set_column(place, table.names[place], emptied), table.schema)


def _search(
    linked: Linked, roots: Sequence[str], known: frozenset[str]
) -> tuple[frozenset[str], tuple[Relation, ...]]:
    """Tables that would leave too few families, those known to be shared, and what ties."""
    for name in roots:
        linked.database.schema[name]
    starts, names = _starts(linked), linked.database.names
    family = np.arange(starts[-1])
    shared: set[str] = set(known)
    ties: list[Relation] = []
    into: dict[str, list[Relation]] = {name: [] for name in names}
    for relation in linked.relations:
        into[relation.parent].append(relation)
    first = {name: (name not in roots, -linked.rows(name)) for name in names}
    for name in sorted(names, key=first.__getitem__):
        usable = [r for r in into[name] if r.child not in shared]
        others = [r for r in usable if r.child != name]
        if name in shared or not usable:
            continue
        for tried in [usable, others] if 0 < len(others) < len(usable) else [usable]:
            edges = _edges(linked, tried, starts)
            merged = _tied(family, edges)
            if _enough(family, merged, edges[0], merged[_span(linked, name, starts)]):
                family, ties = merged, [*ties, *tried]
                break
        else:
            if others:  # a table that only refers to itself parts all the same
                shared.add(name)
            if others and any(r.child == name for r in ties):
                break  # it was tied to its own parents before: begin again without
    return frozenset(shared), tuple(ties)


def _enough(family: Array, merged: Array, children: Array, mine: Array) -> bool:
    """Whether enough families are left once the rows of a table tie their children.

    Args:
        family: of every row before, and ``merged`` after.
        children: rows that are tied.
        mine: families, after, of the table's own rows.
    """
    left = _effective(np.bincount(merged)[np.unique(mine)])
    before = _effective(np.bincount(family)[np.unique(family[children])])
    return left >= MANY or (left >= FEWEST and before <= MERGED * left)


def _span(linked: Linked, name: str, starts: Array) -> slice:
    """Where a table's rows lie among all rows."""
    place = linked.database.names.index(name)
    return slice(int(starts[place]), int(starts[place + 1]))


def _effective(sizes: Array) -> float:
    """How many families of one size would tell as much: (sum)² over the sum of squares."""
    whole = sizes.astype(np.float64)
    return float(whole.sum() ** 2 / max((whole**2).sum(), 1.0))


def _upward(schema: DatabaseSchema) -> dict[str, frozenset[str]]:
    """All that each table leads to, circles it stands in left out."""
    group = {name: i for i, g in enumerate(generation_order(schema)) for name in g.tables}
    found: dict[str, frozenset[str]] = {}
    for members in generation_order(schema):
        above: set[str] = set()
        for name in members.tables:
            for relation in schema.by_child[name]:
                if group[relation.parent] != group[name]:
                    above |= found[relation.parent] | {relation.parent}
        found |= dict.fromkeys(members.tables, frozenset(above))
    return found


def _starts(linked: Linked) -> Array:
    """Where each table's rows begin among all rows, and how many there are; (T + 1,)."""
    return np.asarray(np.cumsum([0, *(table.rows for table in linked.database.tables)]))


def _ranks(linked: Linked) -> dict[str, int]:
    order = [name for g in generation_order(linked.database.schema) for name in g.tables]
    return {name: i for i, name in enumerate(order)}


def _edges(linked: Linked, relations: Sequence[Relation], starts: Array) -> tuple[Array, Array]:
    """Child and parent among all rows, of every reference that is found."""
    names = linked.database.names
    ends: list[tuple[Array, Array]] = []
    for relation in relations:
        place = linked.parents[relation]
        rows = np.flatnonzero(place >= 0)
        at = [starts[names.index(name)] for name in (relation.child, relation.parent)]
        ends.append((rows + at[0], place[rows] + at[1]))
    child, parent = (np.concatenate([np.empty(0, np.int64), *(e[i] for e in ends)]) for i in (0, 1))
    return child, parent


def _tied(family: Array, edges: tuple[Array, Array]) -> Array:
    """Families after the rows of each edge have come together; numbers from 0 on."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    if not len(family):
        return family
    size = int(family.max()) + 1
    ends = (family[edges[0]], family[edges[1]])
    graph = coo_array((np.ones(len(ends[0]), dtype=bool), ends), shape=(size, size))
    _, merged = connected_components(graph, directed=False)
    return np.asarray(merged[family], dtype=np.int64)
