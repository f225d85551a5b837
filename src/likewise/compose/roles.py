"""What the tables and columns of a database are for, before anything is learned of them.

Each table is made from one of the tables it refers to, its *owner*: the owner's rows say how many
children they have, and children are drawn owner by owner. All other references are *chosen* among
finished rows. Tables are made in an order in which owners come first.

Shapes: N rows of a table.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from likewise.compose.ordering import as_written, find_clock, in_sequence
from likewise.core.artifact import storable
from likewise.core.errors import ConfigError
from likewise.core.registry import suggest
from likewise.data.cells import shared_by
from likewise.data.database import Database
from likewise.data.database_schema import DatabaseSchema, Relation
from likewise.data.dependency_order import generation_order, nullable
from likewise.data.reference import MISSING
from likewise.data.schema import Kind
from likewise.data.table import Table

Array = np.ndarray
Places = Mapping[Relation, Array]  # the row of the parent that each child row refers to

LOST = 0.05  # share of rows without a parent above which it does not own them
ONLY = 0.01  # share of further siblings up to which each child counts as its parent's only one
FEW_LEVELS = 20  # labels in a key of several columns that may be learned as a column of their own
MADE_ANEW = frozenset({Kind.KEY, Kind.INTEGER, Kind.CATEGORY, Kind.ORDINAL, Kind.TEXT})
ORDERING = frozenset({Kind.DATE, Kind.DATETIME, Kind.INTEGER})
MEASURED = frozenset({Kind.DATE, Kind.DATETIME, Kind.INTEGER, Kind.NUMERIC, Kind.BOOLEAN})


@storable
@dataclass(frozen=True)
class Roles:
    """One table: where its rows and each of its columns come from.

    Attributes:
        table: its name.
        owner: position in the schema's relations; -1 for a table of its own.
        chosen: positions of the other relations, in the order in which they are resolved.
        late: those of them that wait until all tables are drawn.
        keys: columns that are made anew, one key each.
        learned: columns that are learned, in the order of the table.
        clock: the learned column that puts the children of an owner in order; None if none does.
        stepwise: whether children follow from each other in that order, or, without a clock, as
            they are written.
    """

    table: str
    owner: int
    chosen: tuple[int, ...]
    late: tuple[int, ...]
    keys: tuple[str, ...]
    learned: tuple[str, ...]
    clock: str | None
    stepwise: bool


def find_roles(
    database: Database, places: Places, owners: Mapping[str, str], clocks: Mapping[str, str]
) -> tuple[Roles, ...]:
    """The roles of all tables, in the order in which they can be made.

    Args:
        database: the real tables.
        places: for each relation, the row of the parent of each child row; see ``find_parents``.
        owners: table -> the table that is to own its rows, where that was asked for.
        clocks: table -> the column that is to put the rows of an owner in order, likewise.
    """
    schema = database.schema
    for table, parent in owners.items():
        schema[table]
        if parent not in {r.parent for r in schema.by_child[table]} | {""}:
            refers = [r.parent for r in schema.by_child[table]]
            hint = suggest(parent, refers) if refers else "Leave it out: the table refers to none"
            raise ConfigError(f"parent of table {table!r}", f"does not refer to {parent!r}", hint)
    order = _making_order(schema)
    made: dict[str, Roles] = {}
    for name in order:
        possible = [r for r in schema.by_child[name] if r.parent in made]
        owner = _owner(database, possible, places, owners.get(name))
        made[name] = _roles(database, name, owner, set(made), places, clocks.get(name))
    return tuple(made.values())


def _making_order(schema: DatabaseSchema) -> list[str]:
    """Tables with parents first; in a circle, the one that can do best without its parents."""
    order: list[str] = []
    for group in generation_order(schema):
        left = list(group.tables)
        while left:
            waits = {
                name: [
                    r for r in group.inner if r.child == name and r.parent in left and
                    r.parent != name
                ]
                for name in left
            }  # fmt: skip
            needs = {n: sum(not nullable(schema, r) for r in waits[n]) for n in left}
            name = min(left, key=lambda n: (needs[n], len(waits[n]), left.index(n)))
            order.append(name)
            left.remove(name)
    return order


def _owner(
    database: Database, possible: list[Relation], places: Places, wanted: str | None
) -> Relation | None:
    """The relation whose parent owns the rows.

    It tells of other parents too, or is the one that the table is named after, or part of its key,
    or makes siblings where another has one child for each parent, or has the most parents.
    """
    if wanted is not None:
        return next((r for r in possible if r.parent == wanted), None)
    whole = [
        r
        for r in possible
        if len(places[r])
        and (places[r] < 0).mean() <= LOST
        and _used(places[r]) >= shared_by(database[r.parent].rows)
    ]
    primary = set(database.schema[possible[0].child].primary_key) if possible else set()

    def rank(relation: Relation) -> tuple[int, ...]:
        columns = set(relation.columns)
        covered = sum(set(r.columns) < columns for r in possible)
        inside = columns <= primary
        place = places[relation]
        return covered, _named_after(relation), inside, _siblings(place), _used(place)

    return max(whole, key=rank) if whole else None


def _siblings(place: Array) -> bool:
    """Whether it is more than an exception that a parent has several children."""
    return len(place) - _used(place) > ONLY * len(place)


def _used(place: Array) -> int:
    """How many parents have children; if too few do, their numbers say too much of each."""
    return len(np.unique(place[place >= 0]))


def _named_after(relation: Relation) -> bool:
    """Whether the child's name begins with the parent's, as order_lines does of orders."""
    child, parent = relation.child.lower(), relation.parent.lower().removesuffix("s")
    return relation.child != relation.parent and len(parent) > 2 and child.startswith(parent)


def _roles(
    database: Database,
    name: str,
    owner: Relation | None,
    made: set[str],
    places: Places,
    wanted: str | None,
) -> Roles:
    schema, table = database.schema, database[name]
    relations = schema.relations
    entry = schema[name]
    others = [r for r in schema.by_child[name] if r != owner]
    others.sort(
        key=lambda r: (
            r.parent == name, r.parent not in made, _in_part(r, table, places[r]), -len(r.columns)
        )
    )  # fmt: skip
    late = [r for r in others if r.parent not in made]
    refers = {column for r in schema.by_child[name] for column in r.columns}
    keys = tuple(
        key[0]
        for key in entry.keys
        if len(key) == 1 and key[0] not in refers and table.schema[key[0]].kind in MADE_ANEW
    )
    taken = set(owner.columns if owner else ()) | set(keys)
    read = {c for r in others for c in learned_part(r, table, taken)}
    learned = tuple(c for c in table.names if c not in taken and (c not in refers or c in read))
    clock, stepwise = None, False
    if owner is not None:
        clock = _wanted_clock(table, learned, wanted)
        clock = clock or find_clock(table, entry, learned, places[owner])
        stepwise = (
            as_written(table.select(learned), places[owner])
            if clock is None
            else wanted is not None or in_sequence(table, entry, clock, places[owner])
        )
    return Roles(
        table=name,
        owner=relations.index(owner) if owner else -1,
        chosen=tuple(relations.index(r) for r in others),
        late=tuple(relations.index(r) for r in late),
        keys=keys,
        learned=learned,
        clock=clock,
        stepwise=stepwise,
    )


def _wanted_clock(table: Table, learned: tuple[str, ...], wanted: str | None) -> str | None:
    """The column that is to order rows; ConfigError if it cannot."""
    if wanted is None:
        return None
    kind = table.schema[wanted].kind
    if wanted not in learned or kind not in ORDERING or table.missing(wanted).any():
        found = "is no date, time or whole number, has gaps, or is part of a reference"
        raise ConfigError(f"order {wanted!r}", found, "Name another column, or leave it out")
    return wanted


def _in_part(relation: Relation, table: Table, place: Array) -> bool:
    """Whether a part of the reference is there in rows that refer to nothing by it.

    Such a reference comes after others, one of which may need that part.
    """
    return any(bool((~table.missing(c)[place == MISSING]).any()) for c in relation.columns)


def learned_part(relation: Relation, table: Table, taken: set[str]) -> tuple[str, ...]:
    """Columns of a reference of several that say something by themselves, such as a year.

    Those that are ``taken`` come from elsewhere. At least one column is left over, the one of most
    different values: it is found by looking for a parent that agrees in the others.
    """
    if len(relation.columns) == 1:
        column = table.schema[relation.columns[0]]
        return relation.columns if column.kind in {Kind.DATE, Kind.DATETIME} else ()
    own = [name for name in relation.columns if name not in taken]
    if len(own) < 2:
        return ()
    sizes = {name: len(table.labels(name)[1]) for name in own}
    labelled = [n for n in own if table.schema[n].kind not in MEASURED]
    opaque = max(labelled or own, key=lambda name: sizes[name])
    kinds = {name: table.schema[name].kind for name in own}
    return tuple(
        name
        for name in own
        if name != opaque
        and (kinds[name] in MEASURED or (kinds[name] is not Kind.KEY and sizes[name] <= FEW_LEVELS))
    )
