"""What tells the rows of a table apart: the smallest set of columns that never repeats.

Many sets never repeat by accident: a long text, or a few measurements together. So a single column
has to look like a key, and of several columns together chance must have made repetitions likely:
were they independent, N rows would hold N (N - 1) / 2 * c1 * c2 * … equal pairs, c the chance that
two rows agree in one column. No repetition where many were to be expected is no accident.

Shapes: N rows.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from math import prod

import numpy as np
import pyarrow.compute as pc

from likewise.data.infer_keys import KEY_ROWS, named_like_key
from likewise.data.keys import Coded, repeats
from likewise.data.likeness import cut, named_after
from likewise.data.schema import Column, Kind
from likewise.data.table import Table

MOST_COLUMNS = 4  # of a key that is looked for
EXPECTED = 5.0  # equal pairs that chance must have made; none at all then has odds of 1 to 150
LABEL_LENGTH = 40  # texts longer than this on average are prose
_SEARCHED = 16  # columns that are combined
_SAMPLES = (2_000, 50_000)  # first rows in which most sets repeat already
_MOST_TESTED = 20_000_000  # rows, over all sets of a table, after which the search is given up

_NEVER = frozenset({Kind.NUMERIC, Kind.DURATION})
_MOMENTS = frozenset({Kind.DATE, Kind.DATETIME, Kind.TIME})
Found = tuple[tuple[str, ...], tuple[str, ...]]  # the columns of a key, and the evidence

_OWN, _NAMED, _FIRST, _LABEL, _WEAK, _NO = range(6)


def may_identify(table: Table, name: str) -> bool:
    """Whether a column may be part of a key at all: no measurement and no prose."""
    kind = table.schema[name].kind
    if kind is not Kind.TEXT:
        return kind not in _NEVER
    sample = table.arrow.column(name).slice(0, _SAMPLES[0])
    return bool((pc.mean(pc.utf8_length(sample)).as_py() or 0.0) <= LABEL_LENGTH)


def find_primary(name: str, table: Table, coded: Mapping[str, Coded]) -> Found:
    """The columns of the primary key, () if there is none, and the evidence in sentences.

    Of single columns that never repeat the one named after the table comes first, then one named
    like a key, the first column, and other labels. Then sets of up to four columns are tried,
    the most key-like first, and at last columns of moments and the like.

    Cost: O(N) for each column, and sorts: of the first rows for each of at most 2,500 sets, and of
    all for those that do not repeat there, up to 20 million rows in all, some three seconds.
    """
    if table.rows < 2:
        return (), ("fewer than two rows cannot show what tells rows apart",)
    usable = [column for column in table.schema.columns if column.name in coded]
    whole = [c for c in usable if coded[c.name].present == table.rows]
    single = sorted(
        (_rank(name, c, i), i, c.name) for i, c in enumerate(whole) if coded[c.name].unique
    )
    if single and single[0][0] <= _LABEL:
        return _single(single[0][2], table.rows, len(single) - 1)
    found = _composite([c for c in whole if not coded[c.name].unique], table.rows, coded)
    if found:
        return found
    if single and single[0][0] == _WEAK:
        return _single(single[0][2], table.rows, len(single) - 1)
    said = f"no column, and no set of up to {MOST_COLUMNS}, was found that tells all "
    return (), (f"{said}{table.rows:,} rows apart in a way that chance would not",)


def find_unique(
    name: str, table: Table, coded: Mapping[str, Coded], primary: tuple[str, ...]
) -> tuple[tuple[str, ...], ...]:
    """Further single columns that are keys: named like one, and what is there never repeats."""
    found = []
    for column in table.schema.columns:
        cells, words = coded.get(column.name), cut(column.name)
        if cells is None or (column.name,) == primary:
            continue
        named = named_like_key(column.name) or named_after(words, cut(name))
        shared = words.words[-1:] == ("code",)  # of a place, product or illness
        if named and not shared and cells.unique and cells.present >= KEY_ROWS:
            found.append((column.name,))
    return tuple(found)


def _single(name: str, rows: int, others: int) -> Found:
    said = [f"{name}: {rows:,} rows, {rows:,} different values, none missing"]
    if others:
        said.append(f"{others} further columns never repeat either: chosen by name and place")
    return (name,), tuple(said)


def _rank(table: str, column: Column, place: int) -> int:
    """How much a column that never repeats looks like the key; lower is more."""
    if named_after(cut(column.name), cut(table)):
        return _OWN
    if named_like_key(column.name) or column.kind is Kind.KEY:
        return _NAMED
    if place == 0:
        return _FIRST
    if column.kind in _MOMENTS:
        return _WEAK
    if column.kind in (Kind.INTEGER, Kind.BOOLEAN):
        return _NO
    return _LABEL


# ---- keys of several columns


def _composite(columns: Sequence[Column], rows: int, coded: Mapping[str, Coded]) -> Found | None:
    several = [c for c in columns if len(coded[c.name].codes) > 1]
    by_look = sorted(range(len(several)), key=lambda i: (_look(several[i]), i))[:_SEARCHED]
    agreement = {several[i].name: _agreement(coded[several[i].name]) for i in by_look}
    tested = 0
    for chosen in _sets(by_look, several):
        names = tuple(several[i].name for i in chosen)
        cells = [coded[name] for name in names]
        expected = rows * (rows - 1) / 2 * prod(agreement[name] for name in names)
        if expected < EXPECTED or prod(len(c.codes) for c in cells) < rows:
            continue
        for some in (*(n for n in _SAMPLES if n < rows), rows):
            tested += some
            if repeats(cells, slice(0, some)):
                break
        else:
            said = f"{rows:,} rows, {rows:,} different combinations, none missing"
            pairs = f"about {float(f'{expected:.2g}'):,.0f}"
            chance = f"were they independent, chance would have made {pairs} equal pairs"
            return names, (f"{', '.join(names)}: {said}", chance)
        if tested > _MOST_TESTED:
            return None
    return None


def _sets(places: Sequence[int], columns: Sequence[Column]) -> Iterator[tuple[int, ...]]:
    """Sets of two columns, then of more, the most key-like and leftmost first."""
    for size in range(2, MOST_COLUMNS + 1):
        sets = (tuple(sorted(chosen)) for chosen in combinations(places, size))
        yield from sorted(sets, key=lambda s: (sum(_look(columns[i]) for i in s), sum(s), s))


def _look(column: Column) -> int:
    if column.kind is Kind.KEY or named_like_key(column.name):
        return 0
    return 2 if column.kind is Kind.INTEGER else 1


def _agreement(coded: Coded) -> float:
    """The chance that two different rows agree."""
    counts = coded.counts.astype(np.float64)
    pairs = max(coded.present * (coded.present - 1), 1)
    return float((counts * (counts - 1)).sum() / pairs)
