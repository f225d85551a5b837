"""Which columns refer to which keys: by the values they share, how many, and their names.

That a column's values are all among those of a key proves little: small whole numbers lie in
1 … n of every table. So values count as far as chance would not have put them there, and names as
far as they name the key. The more one says, the more gaps are borne with in the other.

Shapes: N rows, K different values of a column, G of all columns.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from math import log10

import numpy as np

from likewise.data.coincidence import forms_trees, odds_of_inclusion
from likewise.data.database_schema import Key, Relation
from likewise.data.infer_keys import named_like_key
from likewise.data.keys import Coded, Place, find_parents, scale_of
from likewise.data.likeness import (
    HINT,
    LIKE,
    Likeness,
    Name,
    alike_names,
    cut,
    cut_columns,
    likeness,
    named_after,
)
from likewise.data.reference import MISSING
from likewise.data.schema import TEMPORAL, Column, Kind

Array = np.ndarray
End = tuple[str, frozenset[str]]  # a table and the columns by which it refers or is referred to

NAMED_SHARE = 0.7  # of rows and of values that are found, where the column is named as the key
LIKE_SHARE = 0.95  # where the name contains the key's
JOINT_SHARE = 0.98  # for several columns together, which are often related without a reference
NAMELESS_SHARE = 0.9  # where the names say nothing
HINT_COVER = 0.8  # of the key's values that are referred to, where the name only hints at it
CHANCE = 1e-3  # odds of an accident above which values alone are no evidence
_MOST_ZEROS = 6  # of odds that are told
_ROLES = 3  # columns that are tried for one column of a key


@dataclass(frozen=True)
class Searched:
    """Where relations are looked for.

    Attributes:
        columns: every column that may be part of a key or a reference.
        coded: their cells; none is without values.
        keys: of each table, by its name.
        primary: of these, the primary key; () if there is none.
    """

    columns: Mapping[Place, Column]
    coded: Mapping[Place, Coded]
    keys: Mapping[str, Sequence[Key]]
    primary: Mapping[str, Key]

    @cached_property
    def size(self) -> int:
        """How many different values there are at most, G."""
        return 1 + max((int(c.codes.max()) for c in self.coded.values()), default=0)

    @cached_property
    def titles(self) -> dict[str, Name]:
        """The names of tables, cut into words."""
        return {table: cut(table) for table in self.keys}

    @cached_property
    def of_table(self) -> dict[str, list[str]]:
        """The columns of each table."""
        found: dict[str, list[str]] = {}
        for table, column in self.columns:
            found.setdefault(table, []).append(column)
        return found

    @cached_property
    def names(self) -> dict[Place, Name]:
        """The names of columns, cut into words."""
        cuts = {table: cut_columns(columns) for table, columns in self.of_table.items()}
        return {(table, column): cuts[table][column] for table, column in self.columns}

    def cells(self, table: str, columns: Key) -> list[Coded]:
        """The cells of some columns of one table."""
        return [self.coded[table, name] for name in columns]


@dataclass(frozen=True)
class Candidate:
    """A relation that values and names speak for.

    Attributes:
        strength: how much they do; the greatest comes first.
        reason: what the names say, and what chance would.
    """

    relation: Relation
    strength: tuple[float, ...]
    reason: str


def find_relations(searched: Searched) -> list[Candidate]:
    """The strongest relation of each column and of each set of columns.

    Others for which the names speak as much are told in its reason. Relations that would lead from
    a column back to itself are left out, so that of two tables with the same key only one refers
    to the other.

    Cost: O(G) for each key and O(K) for each column that its scale compares with; a sort for each
    key of several columns and table whose columns are named as it.
    """
    found: list[Candidate] = []
    for parent, keys in searched.keys.items():
        for key in keys:
            if any((parent, name) not in searched.coded for name in key):
                continue
            if len(key) == 1:
                found += _of_one_column(searched, (parent, key[0]))
            elif key == searched.primary[parent]:
                found += _of_columns(searched, parent, key)
    found.sort(key=_strongest_first)
    kept: dict[End, Candidate] = {}
    for candidate in found:
        start = (candidate.relation.child, frozenset(candidate.relation.columns))
        if start not in kept:
            if not _leads_to(start, candidate.relation, kept):
                kept[start] = candidate
        elif candidate.strength[0] == kept[start].strength[0]:
            kept[start] = _beside(kept[start], candidate.relation)
    return list(kept.values())


def _strongest_first(candidate: Candidate) -> tuple[float | str | Key, ...]:
    """By strength, and by name where that is the same: the order of tables decides nothing."""
    r = candidate.relation
    return (*(-part for part in candidate.strength), r.parent, r.to, r.child, r.columns)


def _leads_to(start: End, relation: Relation, kept: Mapping[End, Candidate]) -> bool:
    """Whether what is referred to refers on, and at last to where the relation starts."""
    end = (relation.parent, frozenset(relation.to))
    while end in kept and end != start:
        onward = kept[end].relation
        end = (onward.parent, frozenset(onward.to))
    return end == start


def _beside(candidate: Candidate, other: Relation) -> Candidate:
    """The candidate, whose reason tells of another key that would fit."""
    told = f"{candidate.reason}; {other.parent} ({', '.join(other.to)}) would fit as well"
    return Candidate(candidate.relation, candidate.strength, told)


# ---- keys of one column


def _of_one_column(searched: Searched, target: Place) -> Iterator[Candidate]:
    """Relations of single columns to a key of one."""
    key, theirs = searched.columns[target], searched.coded[target]
    scale = scale_of(key)
    there = np.zeros(searched.size, dtype=bool)
    there[theirs.codes] = True
    is_primary = searched.primary[target[0]] == (key.name,)
    owner = named_after(searched.names[target], searched.titles[target[0]])
    for place, mine in searched.coded.items():
        column = searched.columns[place]
        if place == target or scale_of(column) != scale:
            continue
        own_key = searched.primary.get(place[0]) == (column.name,)
        named = _named(searched, place, target, own_key, is_primary)
        if named is None:
            continue
        same_table = place[0] == target[0]
        silent = (named.score < HINT and not _like_code(column)) or mine.unique
        if named.score < LIKE and not same_table and silent:
            continue
        hit = there[mine.codes]
        share = min(hit.mean(), mine.counts[hit].sum() / mine.present)
        cover = hit.sum() / len(theirs.codes)
        if share < _needed(named.score, column):
            continue
        reason = _reason(named, column, mine, theirs, float(cover), same_table)
        if reason:
            relation = Relation(place[0], (place[1],), target[0], (target[1],))
            strength = (named.score, owner, is_primary, float(share), float(cover))
            yield Candidate(relation, strength, reason)


def _reason(
    named: Likeness, column: Column, mine: Coded, theirs: Coded, cover: float, same_table: bool
) -> str:
    """Why it is no accident that the values are there: by name, or by chance; "" if it may be."""
    if named.score >= LIKE:
        return named.reason
    if same_table:
        trees = forms_trees(mine, theirs)
        return f"{named.reason}; it leads no row back to itself" if trees else ""
    if named.score >= HINT and cover >= HINT_COVER:
        return f"{named.reason}; most of the key's values are referred to"
    odds = odds_of_inclusion(mine, theirs) if _like_code(column) else 1.0
    if odds > CHANCE:
        return ""
    least = 10 ** min(int(-log10(odds)), _MOST_ZEROS)  # finer odds would tell of extreme values
    return f"{named.reason}; odds of 1 to {least:,} or longer that all values fit by chance"


def _named(
    searched: Searched, place: Place, target: Place, own_key: bool, is_primary: bool
) -> Likeness | None:
    """What the names say; None if a relation between these columns is out of the question.

    A table's own key refers elsewhere only by name, and only a primary key can do without one.
    """
    column, key = searched.names[place], searched.names[target]
    title = searched.titles[target[0]]
    same_table = place[0] == target[0]
    if same_table:
        within = likeness(column, title, key, same_table=True)
        return within if is_primary and within.score and not own_key else None
    if not is_primary:
        alike = alike_names(column, key)
        return alike if alike.score >= LIKE else None
    named = likeness(column, title, key)
    return None if own_key and named.score < LIKE else named


def _needed(named: float, column: Column) -> float:
    """The share of values and rows that must be found, by how much the names say."""
    if column.kind in TEMPORAL or HINT <= named <= LIKE:
        return LIKE_SHARE
    return NAMED_SHARE if named > LIKE else NAMELESS_SHARE


def _like_code(column: Column) -> bool:
    """Whether cells are labels, or numbers that are named as those of a key; never moments."""
    numbers = column.kind in (Kind.INTEGER, Kind.BOOLEAN)
    return column.kind not in TEMPORAL and (not numbers or named_like_key(column.name))


# ---- keys of several columns


def _of_columns(searched: Searched, parent: str, key: Key) -> Iterator[Candidate]:
    """Relations of sets of columns that are named as those of the key."""
    theirs = searched.cells(parent, key)
    for child, columns in _named_as(searched, parent, key):
        place = find_parents(searched.cells(child, columns), theirs)
        found, refer = int((place >= 0).sum()), int((place != MISSING).sum())
        if found < JOINT_SHARE * max(refer, 1):
            continue
        names = searched.names
        pairs = [(names[child, a], names[parent, b]) for a, b in zip(columns, key, strict=True)]
        alike = [alike_names(mine, their) for mine, their in pairs]
        reason = "; ".join(dict.fromkeys(named.reason for named in alike))
        least = min(named.score for named in alike)
        cover = len(np.unique(place[place >= 0])) / len(theirs[0].rows)
        strength = (least, True, True, found / refer, cover)
        yield Candidate(Relation(child, columns, parent, key), strength, reason)


def _named_as(searched: Searched, parent: str, key: Key) -> Iterator[tuple[str, Key]]:
    """Tables with a column for each of the key, named as it, and these columns."""
    for child in searched.of_table:
        choices = []
        for name in key:
            choices.append(_best_named(searched, child, (parent, name)))
            if not choices[-1]:
                break
        for chosen in product(*choices) if choices[-1] else ():
            if len(set(chosen)) == len(key) and (child, set(chosen)) != (parent, set(key)):
                yield child, chosen


def _best_named(searched: Searched, child: str, target: Place) -> list[str]:
    """The columns of a table that are named most like one column of a key, if any is."""
    scale, key = scale_of(searched.columns[target]), searched.names[target]
    places = [(child, column) for column in searched.of_table[child]]
    fits = [place for place in places if scale_of(searched.columns[place]) == scale]
    scores = [alike_names(searched.names[place], key).score for place in fits]
    best = max(scores, default=0.0)
    return [p[1] for p, score in zip(fits, scores, strict=True) if score == best >= LIKE][:_ROLES]
