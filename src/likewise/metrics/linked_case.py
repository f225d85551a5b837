"""The databases of one evaluation, cut by families so that scores and floors have equal sizes.

With a holdout, the training side is all real rows and the fresh side the holdout. Without one, a
random half of the real families plays the training side and the other half the fresh one.

A shared table is whole on both sides while its children are not, so that each of its rows has
fewer children there. Where a relation does not tie (``data.families``), it is therefore looked at
in databases from which as large a share of the families was taken, and so that to each row of the
shared tables there are as many families: ten times as many customers of the same products are no
fault.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from likewise.core.errors import DataError
from likewise.core.seeds import Seed
from likewise.data.database import Database
from likewise.data.database_schema import Relation
from likewise.data.families import FEWEST, Families, Numbered, find_families
from likewise.data.linked import Linked, identifiers, link
from likewise.data.reference import UNKNOWN
from likewise.metrics.views import aligned, measured

Array = np.ndarray

LIKE = (0.9, 1.1)  # densities of families that are left as they are
CERTAIN = 5 * FEWEST  # families with fewer of which rows count one by one in intervals


@dataclass(frozen=True)
class Side:
    """One database as it is compared.

    Attributes:
        linked: the rows and where their references lead.
        family: by table, (N,) int64, what counts as independent in intervals.
    """

    linked: Linked
    family: Mapping[str, Array]

    def take(self, rows: Mapping[str, Array]) -> "Side":
        """Some rows, as ``Linked.take``."""
        family = {n: f[rows[n]] if n in rows else f for n, f in self.family.items()}
        return Side(self.linked.take(rows), family)


class Sides(NamedTuple):
    """What is compared: synthetic and fresh rows, each with training rows."""

    train: Side
    synth: Side
    fresh: Side


@dataclass(frozen=True)
class LinkedCase:
    """Databases cut to match.

    Attributes:
        real: all real rows that were learned, as ``synth`` is all synthetic ones.
        whole: what relations that tie are looked at in.
        thinned: what the other relations are looked at in.
        families: how rows hang together.
        held: whether the fresh side was kept from the generator.
        seed: of all samples.
    """

    real: Linked
    synth: Linked
    whole: Sides
    thinned: Sides
    families: Families
    held: bool
    seed: Seed

    def sides(self, *relations: Relation) -> Sides:
        """Where these relations are looked at."""
        return self.whole if set(relations) <= self._ties else self.thinned

    @cached_property
    def _ties(self) -> frozenset[Relation]:
        return frozenset(self.families.ties)

    def units(self, table: str, sides: Sides) -> tuple[Array, Array, Array]:
        """Rows of a table to compare: training ones, and as many synthetic as fresh ones.

        Of a shared table, whose rows are the same on both real sides, either gets a half of them.
        """
        counts = [side.linked.rows(table) for side in sides]
        rng = self.seed.stream("units", table)
        train, synth, fresh = (rng.permutation(count) for count in counts)
        if table in self.families.shared and counts[0] == counts[2]:
            fresh, train = train[: counts[0] // 2], train[counts[0] // 2 :]
        most = min(len(synth), len(fresh))
        return train, synth[:most], fresh[:most]


def linked_case(
    real: Database, synth: Database, holdout: Database | None, seed: Seed
) -> LinkedCase:
    """Check the databases, follow their references and cut them to size.

    Raises:
        SchemaError: a table or column of the real database is not in another one.
        DataError: the real database has no relation, or no table with rows.
    """
    if not any(table.rows for table in real.tables):
        raise DataError("real database", "has no rows", "Give tables with rows")
    synth = _like(real, synth, "synthetic")
    linked, made = link(real), link(synth)
    families = find_families(linked)
    if holdout is not None:
        train, fresh = linked, link(_like(real, holdout, "holdout"))
    else:
        parts = families.number(linked).draw(0.5, seed.child("halves"))
        train, fresh = (linked.take({n: part[i] for n, part in parts.items()}) for i in (0, 1))
    whole = Sides(*(_side(families, one) for one in (train, made, fresh)))
    share = _families(families, fresh) / max(_families(families, linked), 1)
    denser = _density(families, made) / (_density(families, linked) or 1.0)
    if LIKE[0] < denser < LIKE[1]:
        denser = 1.0
    lean = min(denser, 1.0)  # of the real sides, where the synthetic one is sparser
    shares = {
        "train": lean * (share if holdout is not None else 1.0),
        "synth": share / max(denser, 1.0),
        "fresh": lean,
    }
    thinned = Sides(
        *(
            _thinned(families, side, shares[name], seed.child("thin", name))
            for name, side in whole._asdict().items()
        )
    )
    return LinkedCase(linked, made, whole, thinned, families, holdout is not None, seed)


def whole_case(real: Database, synth: Database) -> tuple[tuple[Side, Side], frozenset[str]]:
    """Two databases as they are, for a score without a floor, and the tables that are shared."""
    synth = _like(real, synth, "synthetic")
    linked = link(real)
    families = find_families(linked)
    return (_side(families, linked), _side(families, link(synth))), families.shared


def contents(database: Database, name: str) -> tuple[str, ...]:
    """The columns of a table that are compared: all but keys, and references of one column."""
    names = identifiers(database, name)
    return tuple(c for c in measured(database[name].schema) if c not in names)


def _like(real: Database, other: Database, who: str) -> Database:
    """The other database with the tables, columns and keys of the real one."""
    tables = {
        name: aligned(real[name], other[name], f"{who} table {name!r}") for name in real.names
    }
    return Database.of(tables, real.schema)


def _families(families: Families, linked: Linked) -> int:
    return families.number(linked).families


def _density(families: Families, linked: Linked) -> float:
    """Families for each row of the shared tables that they refer to; 0 without any."""
    parents = {
        r.parent
        for r in linked.relations
        if r.parent in families.shared and r.child not in families.shared
    }
    rows = sum(linked.rows(name) for name in parents)
    return _families(families, linked) / rows if rows else 0.0


def _side(families: Families, linked: Linked) -> Side:
    return Side(linked, _independent(families, linked).of)


def _independent(families: Families, linked: Linked) -> Numbered:
    """The families, or every row by itself where they are too few to count as independent."""
    numbered = families.number(linked)
    if _tangled(numbered):
        return Families(families.shared, ()).number(linked)
    return numbered


def _tangled(numbered: Numbered) -> bool:
    """Whether the families are so few, or one so large, that they tell little."""
    rows = [f for name, f in numbered.of.items() if name not in numbered.shared]
    sizes = np.bincount(np.concatenate([np.empty(0, np.int64), *rows])).astype(np.float64)
    return bool(sizes.sum() ** 2 < CERTAIN * (sizes**2).sum())


def _thinned(families: Families, side: Side, share: float, seed: Seed) -> Side:
    """A side with about ``share`` of its families; where they are tangled, of its references."""
    if share >= 1 or set(side.linked.relations) <= set(families.ties):
        return side
    numbered = families.number(side.linked)
    if not _tangled(numbered):
        parts = numbered.draw(share, seed)
        return side.take({name: drawn for name, (_, drawn) in parts.items()})
    parents, rng = dict(side.linked.parents), seed.stream("references")
    for relation in side.linked.relations:
        if relation not in families.ties and relation.child not in families.shared:
            place = parents[relation]
            lost = rng.random(len(place)) >= share
            parents[relation] = np.where(lost & (place >= 0), UNKNOWN, place)
    return Side(Linked(side.linked.database, parents), side.family)
