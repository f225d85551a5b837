"""The real database as its tables are learned: references, and what sums up children.

Shapes: N rows of a table.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from likewise.compose.codes import codes_of
from likewise.compose.groups import Groups
from likewise.compose.ordering import in_order
from likewise.compose.part import context_of, taken
from likewise.compose.references import (
    Chosen,
    again_column,
    group_column,
)
from likewise.compose.roles import Places, Roles
from likewise.compose.summaries import Summary, counted, ends, likenesses
from likewise.core.seeds import Seed
from likewise.data.database import Database
from likewise.data.dependency_order import nullable
from likewise.data.reference import MISSING, UNKNOWN
from likewise.data.schema import Column, Kind, Schema
from likewise.data.table import CANONICAL, Table

Array = np.ndarray

FEWEST_PEOPLE = 30  # owners below which they are a list of things, such as airports
OFTEN = 0.05  # share of siblings that repeat a reference from which this is learned
TOLD_BY = 20_000  # children from which groups of parents are learned


@dataclass(frozen=True)
class Known:
    """What is known of the real database while its tables are learned.

    Attributes:
        database: the real tables.
        places: for each relation, the row of the parent of each child.
        roles: by table, owners first.
        chosen: by table, the references that no owner gives.
        base: by table, learned columns with those of references.
        own: by table, these and what sums up children.
        summaries: by table, which of the columns sum up children.
        context: by table, what its rows hand to their children.
        real: tables whose rows are kept as they are.
        people: by table, whose row each is; None where each row stands for itself.
    """

    database: Database
    places: Places
    roles: Mapping[str, Roles]
    chosen: dict[str, tuple[Chosen, ...]]
    base: dict[str, Table]
    own: dict[str, Table]
    summaries: dict[str, tuple[Summary, ...]]
    context: dict[str, Table]
    real: frozenset[str]
    people: dict[str, Array | None]


def know(
    database: Database, places: Places, roles: tuple[Roles, ...], real: frozenset[str], seed: Seed
) -> Known:
    """All real columns that are learned, of all tables; O(N C) for each relation."""
    known = Known(database, places, {r.table: r for r in roles}, {}, {}, {}, {}, {}, real, {})
    for one in roles:
        known.base[one.table] = database[one.table].select(one.learned)
        known.people[one.table] = _people(known, one)
    bare = dict(known.base)
    for one in roles:
        chosen, table = _references(known, one, bare, seed.child("groups", one.table))
        known.chosen[one.table], known.base[one.table] = chosen, table
    for one in roles:
        table, summaries = _summed(known, one.table)
        known.own[one.table], known.summaries[one.table] = table, summaries
    for one in roles:
        above = None
        if one.owner >= 0:
            relation = database.schema.relations[one.owner]
            above = handed_down(known, relation.parent, one.owner)
            above = taken(above, places[relation])
        own, summaries = known.own[one.table], known.summaries[one.table]
        known.context[one.table] = context_of(one.table, own, summaries, above)
    return known


def _people(known: Known, one: Roles) -> Array | None:
    """Whose row each is: the topmost owner's, if there are enough to tell people from lists.

    The person of a row without an owner is the row itself, by a number of its own.
    """
    if one.owner < 0:
        return None
    relation = known.database.schema.relations[one.owner]
    place, above = known.places[relation], known.people[relation.parent]
    found = place if above is None else above[np.maximum(place, 0)]
    if above is None and len(np.unique(place[place >= 0])) < FEWEST_PEOPLE:
        return None
    alone = int(found.max(initial=0)) + 1 + np.arange(len(place))
    return np.where(place < 0, alone, found)


def _references(
    known: Known, one: Roles, bare: Mapping[str, Table], seed: Seed
) -> tuple[tuple[Chosen, ...], Table]:
    """The references of a table that no owner gives, and its columns with theirs."""
    database, schema = known.database, known.database.schema
    table, base = database[one.table], bare[one.table]
    fixed = set(schema.relations[one.owner].columns) if one.owner >= 0 else set()
    told = [base]
    if one.owner >= 0:
        above = schema.relations[one.owner]
        told.append(taken(bare[above.parent], known.places[above]))
    chosen = []
    for i in one.chosen:
        relation = schema.relations[i]
        place, parents = known.places[relation], bare[relation.parent]
        read = tuple(c for c in relation.columns if c in fixed | set(one.learned))
        frozen = tuple(c for c in relation.columns if c in fixed)
        inside = relation.parent == one.table
        bound = set(frozen) == set(relation.columns)
        groups, itself = None, relation.parent in known.real
        if not inside and not bound and not itself:
            few = seed.stream("told", i).permutation(table.rows)[:TOLD_BY]
            some = [part.take(few) for part in told if part.names]
            groups = Groups.fit(parents, place[few], some, seed.child("tree", i))
        title = _name(f"{relation.parent} ({', '.join(relation.columns)})", base)
        gone = place == UNKNOWN
        ref = Chosen(
            relation=i, columns=relation.columns, to=relation.to, read=read, frozen=frozen,
            group=None if bound else title, again=None, inside=inside, groups=groups, itself=itself,
            used=len(np.unique(place[place >= 0])) / max(parents.rows, 1),
            lost=float(gone.mean()) if len(gone) else 0.0,
            gaps=different(database, one, gone, relation.columns),
            nullable=bool((place == MISSING).any()) and nullable(schema, relation),
        )  # fmt: skip
        if not bound:
            base = _and(base, group_column(title), ref.labels(place, parents))
            ref, base = _with_repeats(known, one, ref, base)
        chosen.append(ref)
        fixed |= set(relation.columns)
    return tuple(chosen), base


def _with_repeats(known: Known, one: Roles, ref: Chosen, base: Table) -> tuple[Chosen, Table]:
    """The reference with a column that tells repeats, if siblings have an order and do repeat."""
    opaque = [name for name in ref.columns if name not in ref.read]
    if not one.stepwise or ref.inside or not opaque:
        return ref, base
    database = known.database
    table, relations = database[one.table], database.schema.relations
    place = known.places[relations[one.owner]]
    order, _ = in_order(table, place, one.clock)
    owner = place[order]
    follows = np.append(False, owner[1:] == owner[:-1])[: len(owner)]
    entity = codes_of([_array(table, name) for name in opaque])
    entity = np.where(known.places[relations[ref.relation]] >= 0, entity, -1)
    found = repeats_before(entity, order, follows)
    if found is None:
        return ref, base
    name = _name(f"{ref.group}, as before", base)
    return replace(ref, again=name), _and(base, again_column(name), pa.array(found))


def _summed(known: Known, name: str) -> tuple[Table, tuple[Summary, ...]]:
    """The columns of a table with what sums up its children."""
    schema, table = known.database.schema, known.base[name]
    summaries = []
    for i, relation in enumerate(schema.relations):
        if relation.parent != name:
            continue
        child = known.roles[relation.child]
        if child.owner != i and i not in child.chosen:
            continue
        place, rows = known.places[relation], table.rows
        title = f"{relation.child} ({', '.join(relation.columns)})"
        found = [counted(i, title, place, rows)]
        if child.owner == i:
            base = known.base[relation.child]
            if child.clock is not None:
                found += ends(i, title, base, child.clock, place, rows)
            found += likenesses(i, title, without(base, child.clock), place, rows)
        for one in found:
            column = one.column.model_copy(update={"name": _name(one.column.name, table)})
            table = _and(table, column, one.values)
            summaries.append(replace(one.summary, name=column.name))
    return table, tuple(summaries)


def handed_down(known: Known, owner: str, relation: int) -> Table:
    """What the rows of an owner hand to the children of one relation."""
    inner = {s.name for s in known.summaries[owner] if s.relation != relation and s.what != "rows"}
    table = known.context[owner]
    return shown(table.select([name for name in table.names if name not in inner]))


def shown(table: Table) -> Table:
    """The columns that say something about other rows."""
    hidden = {Kind.KEY, Kind.TEXT, Kind.CONSTANT}
    return table.select([c.name for c in table.schema.columns if c.kind not in hidden])


def different(
    database: Database, one: Roles, gone: Array, columns: tuple[str, ...] | None = None
) -> float:
    """How many different parents are not there, for each row that refers to one of them."""
    if columns is None and one.owner >= 0:
        columns = database.schema.relations[one.owner].columns
    rows = np.flatnonzero(gone)
    if not len(rows) or not columns:
        return 1.0
    table = database[one.table].take(rows)
    return len(np.unique(codes_of([_array(table, name) for name in columns]))) / len(rows)


def _and(table: Table, column: Column, values: pa.Array) -> Table:
    arrow = table.arrow.append_column(column.name, values.cast(CANONICAL[column.kind]))
    return Table(arrow, Schema(columns=(*table.schema.columns, column)))


def without(table: Table, name: str | None) -> Table:
    """The other columns of a table."""
    return table if name is None else table.select([n for n in table.names if n != name])


def _name(wanted: str, table: Table) -> str:
    while wanted in table.names:
        wanted += "'"
    return wanted


def _array(table: Table, name: str) -> pa.Array:
    return table.arrow.column(name).combine_chunks()


def repeats_before(entity: Array, order: Array, follows: Array) -> Array | None:
    """Whether each child refers to the same as its sibling before; None if not more than by chance.

    Args:
        entity: (N,) a number for what each child refers to; negative for nothing.
        order: (K,) children that have an owner, in the order of families.
        follows: (K,) bool, those of them that have a sibling before them.
    """
    values = entity[order]
    same = np.zeros(len(order), dtype=bool)
    same[1:] = (values[1:] == values[:-1]) & follows[1:] & (values[1:] >= 0)
    share = same.sum() / max(int(follows.sum()), 1)
    sizes = np.bincount(values[values >= 0])
    chance = float(((sizes / max(sizes.sum(), 1)) ** 2).sum())
    if share < max(OFTEN, 2 * chance):
        return None
    found = np.zeros(len(entity), dtype=bool)
    found[order] = same
    return found
