"""Whether the rows of a database keep its keys and relations: counts, and never a cell.

Shapes: N rows of a child table, M of its parent, D different numbers of children.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from likewise.data.database import Database
from likewise.data.database_schema import DatabaseSchema, Key, Relation
from likewise.data.keys import Coded, Place, code_columns, complete, find_parents, repeats
from likewise.data.reference import MISSING, UNKNOWN

Array = np.ndarray


@dataclass(frozen=True)
class KeyCheck:
    """A primary or further key, counted.

    Attributes:
        rows: rows of the table.
        missing: rows in which some column of the key is missing.
        repeated: complete rows that have the key of an earlier one.
        primary: whether missing values break it.
    """

    table: str
    columns: Key
    rows: int
    missing: int
    repeated: int
    primary: bool

    @property
    def broken(self) -> int:
        """Rows that the key does not tell apart."""
        return self.repeated + (self.missing if self.primary else 0)

    def describe(self) -> str:
        """One sentence with the counts."""
        name = f"{self.table} ({', '.join(self.columns)})"
        lost = f", {self.missing:,} without it" if self.missing else ""
        return f"{name}: {self.rows:,} rows, {self.repeated:,} repeat a key{lost}"


@dataclass(frozen=True)
class RelationCheck:
    """A relation, counted.

    Attributes:
        rows: rows of the child table, N.
        missing: of these, rows that refer to nothing, as some column is missing.
        partial: of these, rows in which some but not all of the columns are missing.
        orphans: rows that refer to a parent that is not there.
        parents: rows of the parent table, M.
        childless: parents that no row refers to.
        children: (D,) int64, the different numbers of children, rising.
        having: (D,) int64, parents that have so many.
    """

    relation: Relation
    rows: int
    missing: int
    partial: int
    orphans: int
    parents: int
    childless: int
    children: Array = field(repr=False)
    having: Array = field(repr=False)

    @property
    def found(self) -> int:
        """Child rows whose parent is there."""
        return self.rows - self.missing - self.orphans

    def describe(self) -> tuple[str, ...]:
        """Sentences with the counts: what is found, what is not, and how it is spread.

        The least and most children are left out, as they may be those of one single parent.
        """
        refer = self.rows - self.missing
        lost = f"{_share(self.orphans, refer)} of them to one that is not there"
        said = [f"{refer:,} of {self.rows:,} rows refer to a parent, {lost}"]
        if self.partial:
            said.append(f"rows with a part of the reference only: {self.partial:,}")
        if self.found:
            mean = f"{self.found / self.parents:,.2f} children of a parent on average"
            none = _share(self.childless, self.parents, f" of {self.parents:,} parents")
            said.append(f"{mean}; {none} have none")
        return tuple(said)


@dataclass(frozen=True)
class Integrity:
    """All keys and relations of a database, counted."""

    keys: tuple[KeyCheck, ...]
    relations: tuple[RelationCheck, ...]

    @property
    def violations(self) -> int:
        """Rows that break a key, and orphans; each counts once for each it breaks."""
        broken = sum(check.broken for check in self.keys)
        return broken + sum(check.orphans for check in self.relations)


def check_integrity(database: Database) -> Integrity:
    """Count what breaks the keys and relations of the database, and how children are spread.

    Cost: two passes over every column of a key, and a sort for each key of several columns.
    """
    tables = dict(zip(database.names, database.tables, strict=True))
    coded = code_columns(tables, key_places(database.schema))
    keys = []
    for table in database.schema.tables:
        rows = tables[table.name].rows
        for key in table.keys:
            cells = [coded[table.name, name] for name in key]
            missing = rows - int(complete(cells).sum())
            primary = key == table.primary_key
            keys.append(KeyCheck(table.name, key, rows, missing, repeats(cells), primary))
    relations = tuple(count_relation(r, coded) for r in database.schema.relations)
    return Integrity(tuple(keys), relations)


def key_places(schema: DatabaseSchema) -> Iterable[Place]:
    """Every column that is part of a key or a reference."""
    for table in schema.tables:
        refers = [reference.columns for reference in table.foreign_keys]
        yield from ((table.name, name) for key in (*table.keys, *refers) for name in key)


def count_relation(relation: Relation, coded: Mapping[Place, Coded]) -> RelationCheck:
    """Count one relation; O(N + M) for one column, and a sort more for several."""
    child = [coded[relation.child, name] for name in relation.columns]
    parent = [coded[relation.parent, name] for name in relation.to]
    place = find_parents(child, parent)
    gone = place == MISSING
    empty = np.logical_and.reduce([cells.rows < 0 for cells in child])
    parents = len(parent[0].rows)
    children = np.bincount(place[place >= 0], minlength=parents)
    sizes, having = np.unique(children, return_counts=True)
    return RelationCheck(
        relation,
        rows=len(place),
        missing=int(gone.sum()),
        partial=int((gone & ~empty).sum()),
        orphans=int((place == UNKNOWN).sum()),
        parents=parents,
        childless=int((children == 0).sum()),
        children=sizes,
        having=having,
    )


def _share(part: int, whole: int, what: str = "") -> str:
    """The part with its percentage, which never calls something nothing, or a part the whole."""
    share = part / max(whole, 1)
    told = f"{100 * share:.2f} %"
    if share < 1e-4 or 1 - 1e-4 < share < 1:
        told = "under 0.01 %" if share < 1e-4 else "over 99.99 %"
    return f"{part:,}{what} ({told})" if part else f"0{what}"
