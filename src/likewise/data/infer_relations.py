"""Which columns refer to which keys: by the values they share, how many, and their names.

That a column's values are all among those of a key proves little: small whole numbers lie in
1 … n of every table. So values count as far as chance would not have put them there, and names as
far as they name the key. The more one says, the more gaps are borne with in the other.

Shapes: N rows, K different values of a column, G of all columns.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from likewise.data.database_schema import Key, Relation
from likewise.data.infer_keys import named_like_key
from likewise.data.infer_primary import may_identify
from likewise.data.keys import Coded, Place, find_parents, scale_of
from likewise.data.likeness import HINT, LIKE, alike_names, likeness, named_after
from likewise.data.reference import MISSING
from likewise.data.schema import TEMPORAL, Kind
from likewise.data.table import Table

Array = np.ndarray
Keys = Mapping[str, Sequence[Key]]  # of each table, the primary one first

NAMED_SHARE = 0.7  # of rows and of values that are found, where the column is named as the key
LIKE_SHARE = 0.95  # where the name contains the key's
JOINT_SHARE = 0.98  # for several columns together, which are often related without a reference
NAMELESS_SHARE = 0.9  # where the names say nothing
HINT_COVER = 0.5  # of the key's values that are referred to, where the name only hints at it
CHANCE = 1e-3  # odds of an accident above which values alone are no evidence
_LETTERS = 26
_LONGEST = 8  # letters of a code that count
_ROLES = 3  # columns that are tried for one column of a key


@dataclass(frozen=True)
class Candidate:
    """A relation that may be one, and how strongly; the strongest comes first."""

    relation: Relation
    strength: tuple[float, ...]
    reason: str


def find_relations(
    tables: Mapping[str, Table],
    coded: Mapping[Place, Coded],
    keys: Keys,
    primary: Mapping[str, Key],
) -> list[Candidate]:
    """The strongest relation of each column, and of each set of columns, in rising order of place.

    Of two columns that could each refer to the other only the stronger relation is kept.

    Cost: O(G) for each key and O(K) for each column that its scale compares with; a sort for each
    key of several columns and table whose columns are named as it.
    """
    found = [c for table in keys for c in _of_one_column(tables, coded, keys, primary, table)]
    found += [c for table, key in primary.items() if len(key) > 1
              for c in _of_columns(tables, coded, table, key)]  # fmt: skip
    found.sort(key=lambda c: c.strength, reverse=True)
    kept: dict[tuple[str, Key], Candidate] = {}
    for candidate in found:
        relation = candidate.relation
        there = kept.get((relation.parent, relation.to))
        back = there and (there.relation.parent, there.relation.to)
        if back != (relation.child, relation.columns):
            kept.setdefault((relation.child, relation.columns), candidate)
    return list(kept.values())


# ---- keys of one column


def _of_one_column(
    tables: Mapping[str, Table],
    coded: Mapping[Place, Coded],
    keys: Keys,
    primary: Mapping[str, Key],
    parent: str,
) -> Iterator[Candidate]:
    for key in keys[parent]:
        if len(key) == 1:
            target = (parent, key[0])
            for place in coded:
                if place != target:
                    found = _judge(tables, coded, place, target, primary)
                    if found:
                        yield found


def _judge(
    tables: Mapping[str, Table],
    coded: Mapping[Place, Coded],
    place: Place,
    target: Place,
    primary: Mapping[str, Key],
) -> Candidate | None:
    """The relation from one column to a key of one, if values and names together speak for it."""
    mine, theirs = coded[place], coded[target]
    column, key = tables[place[0]].schema[place[1]], tables[target[0]].schema[target[1]]
    if scale_of(column) != scale_of(key) or not may_identify(column, mine):
        return None
    same_table = place[0] == target[0]
    own_key = primary.get(place[0]) == (column.name,)
    is_primary = primary.get(target[0]) == (key.name,)
    named = alike_names(column.name, key.name)
    if is_primary:
        named = likeness(column.name, target[0], key.name, same_table=same_table)
    if named.score < LIKE and (own_key or mine.unique or not is_primary):
        return None
    if own_key and same_table:
        return None
    values, rows, cover = _shares(mine, theirs)
    share = min(values, rows)
    temporal = column.kind in TEMPORAL
    if share < (LIKE_SHARE if temporal else _needed(named.score)) or (temporal and not is_primary):
        return None
    reason = named.reason
    if named.score < LIKE:
        odds = _chance(mine, theirs)
        keyed = column.kind not in (Kind.INTEGER, Kind.BOOLEAN) or named_like_key(column.name)
        if odds > CHANCE or (named.score < HINT and not keyed):
            if named.score < HINT or (cover < HINT_COVER and not same_table):
                return None
        else:
            reason += f"; odds of 1 to {1 / odds:,.0f} that all values fit by chance"
    owner = named_after(key.name, target[0])
    strength = (round(named.score, 1), owner, is_primary, share, cover)
    return Candidate(Relation(place[0], (place[1],), target[0], (target[1],)), strength, reason)


def _needed(named: float) -> float:
    """The share of values and rows that must be found, by how much the names say."""
    if named > LIKE:
        return NAMED_SHARE
    return LIKE_SHARE if named >= HINT else NAMELESS_SHARE


def _shares(mine: Coded, theirs: Coded) -> tuple[float, float, float]:
    """Shares of a column's values, and of its rows, that are in a key; and of the key's in it."""
    size = max(int(c.codes.max(initial=MISSING)) for c in (mine, theirs)) + 1
    there = np.zeros(size, dtype=bool)
    there[theirs.codes] = True
    hit = there[mine.codes]
    values, rows = int(hit.sum()), int(mine.counts[hit].sum())
    return (values / max(len(mine.codes), 1), rows / max(mine.present, 1),
            values / max(len(theirs.codes), 1))  # fmt: skip


def _chance(mine: Coded, theirs: Coded) -> float:
    """Odds that values like these are all in the key by accident; at least 1e-12.

    Whole numbers are held against the part of their range that the key fills. Other texts are
    taken for codes of letters as long as the key's.
    """
    ours, keys = _integers(mine.values), _integers(theirs.values)
    if ours is not None and keys is not None:
        low, high = ours.min(), ours.max()
        inside = int(((keys >= low) & (keys <= high)).sum())
        density = inside / (float(high) - float(low) + 1)
    else:
        length = pc.mean(pc.utf8_length(theirs.values.cast(pa.string()))).as_py() or 0.0
        density = len(theirs.codes) / _LETTERS ** min(round(length), _LONGEST)
    return max(float(min(density, 1.0) ** len(mine.codes)), 1e-12)


def _integers(values: pa.Array) -> Array | None:
    """The values as whole numbers, or None when some is none; (K,) int64."""
    if pa.types.is_string(values.type):
        if not pc.all(pc.match_substring_regex(values, r"^\d{1,18}$"), min_count=0).as_py():
            return None
        values = values.cast(pa.int64())
    if not pa.types.is_int64(values.type) or not len(values):
        return None
    return np.asarray(values.to_numpy(zero_copy_only=False))


# ---- keys of several columns


def _of_columns(
    tables: Mapping[str, Table], coded: Mapping[Place, Coded], parent: str, key: Key
) -> Iterator[Candidate]:
    """Relations of sets of columns that are named as those of the key."""
    theirs = [coded[parent, name] for name in key]
    for child, table in tables.items():
        for columns in _named_as(table, coded, child, tables[parent], parent, key):
            mine = [coded[child, name] for name in columns]
            if min(_shares(a, b)[1] for a, b in zip(mine, theirs, strict=True)) < JOINT_SHARE:
                continue
            place = find_parents(mine, theirs)
            refer = int((place != MISSING).sum())
            share = int((place >= 0).sum()) / max(refer, 1)
            if not refer or share < JOINT_SHARE:
                continue
            alike = [alike_names(a, b) for a, b in zip(columns, key, strict=True)]
            reason = "; ".join(dict.fromkeys(named.reason for named in alike))
            least = min(named.score for named in alike)
            cover = len(np.unique(place[place >= 0])) / max(len(theirs[0].rows), 1)
            strength = (round(least, 1), True, True, share, cover)
            yield Candidate(Relation(child, columns, parent, key), strength, reason)


def _named_as(
    table: Table,
    coded: Mapping[Place, Coded],
    child: str,
    parent_table: Table,
    parent: str,
    key: Key,
) -> Iterator[Key]:
    """Sets of columns of a table, one for each column of the key and named as it."""
    choices = []
    for name in key:
        fits = [
            (alike_names(c.name, name).score, c.name)
            for c in table.schema.columns
            if (child, c.name) in coded
            and len(coded[child, c.name].codes)
            and scale_of(c) == scale_of(parent_table.schema[name])
        ]
        best = max((score for score, _ in fits), default=0.0)
        choices.append([other for score, other in fits if score == best >= LIKE][:_ROLES])
    for columns in product(*choices):
        itself = child == parent and set(columns) & set(key) == set(columns)
        if len(set(columns)) == len(columns) and not itself:
            yield columns
