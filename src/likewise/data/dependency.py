"""Which columns fix the value of others, and which hardly mix: found by counting pairs of values.

A dependency counts only when chance would have broken it many times over, and when nearly all
rows lie in levels that are shared by ten rows or more.

Shapes: N rows, S sampled rows, C candidate columns, K levels of a column.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from likewise.data.reference import combine, value_codes
from likewise.data.rules import Combinations, Determines, Rule
from likewise.data.schema import LABELS, Kind
from likewise.data.table import Table

Array = np.ndarray
Coded = Callable[[str], tuple[Array, int]]  # a column as codes from 0 on, and its K

AT_LEAST = 10  # rows in a level that counts as shared
SHARED = 0.95  # share of rows that must lie in such levels
SURE = 30.0  # times that chance would have broken a rule which holds
NEAR = 1e-3  # violations per violation expected by chance that still make a near-rule
MOST_COLUMNS = 300
_WORK = 2e8  # column pairs times sampled rows that are looked at


@dataclass(frozen=True)
class Dependency:
    """A rule, and the rows that break it."""

    rule: Rule
    violations: int


def dependencies(table: Table, names: list[str]) -> list[Dependency]:
    """Columns that determine another one; missing is a value of its own here.

    Of columns that determine each other, the first one stands for all; a dependency that follows
    from two others is left out, and each column is determined by the one with fewest levels.
    Cost: O(S C^2) on a sample of at most 20,000 rows, then O(N) for each candidate.
    """
    names = [name for name in names if table.schema[name].kind not in {Kind.KEY, Kind.CONSTANT}]
    names = names[:MOST_COLUMNS]
    if len(names) < 2:
        return []
    sample = table.take(spaced(table.rows, int(min(20_000, max(_WORK / len(names) ** 2, 1000)))))
    codes = np.stack([_coded(sample, name)[0] for name in names], axis=1)  # (S, C)
    coded = _cache(table)
    held: dict[tuple[str, str], int] = {}
    for i, j in _candidates(codes, [_may_determine(table, name) for name in names]):
        broken = _verify(coded(names[i]), coded(names[j]), table.rows)
        if broken is not None:
            held[names[i], names[j]] = broken
    sizes = {name: coded(name)[1] for pair in held for name in pair}
    hard = _essential([pair for pair, broken in held.items() if not broken], names, sizes)
    near = [pair for pair, broken in held.items() if broken and pair[::-1] not in held]
    kept = [*hard, *near]
    return [Dependency(Determines(columns=(a,), then=b), held[a, b]) for a, b in kept]


def combinations(table: Table, names: list[str], fixed: set[frozenset[str]]) -> list[Dependency]:
    """Pairs of label columns of which most combinations that chance would bring never occur.

    Args:
        table: N rows.
        names: the columns to look at; labels only, the first 30 of them.
        fixed: pairs already tied by another rule.
    """
    kinds = {Kind.CATEGORY, Kind.ORDINAL}
    names = [name for name in names if table.schema[name].kind in kinds][:30]
    coded = _cache(table)
    found, used = [], set[str]()
    for i, a in enumerate(names):
        for b in names[i + 1 :]:
            if frozenset((a, b)) in fixed or {a, b} & used:
                continue
            if _hardly_mix(coded(a), coded(b), table.rows):
                found.append(Dependency(Combinations(columns=(a, b)), 0))
                used |= {a, b}
    return found


def spaced(rows: int, most: int) -> Array:
    """At most ``most`` positions, spread evenly over ``rows``."""
    return np.unique(np.linspace(0, max(rows - 1, 0), min(rows, most)).astype(np.int64))


def disagreement(codes: Array, size: int) -> float:
    """Chance that two rows differ: 1 - sum of squared shares."""
    shares = np.bincount(codes, minlength=max(size, 1)) / max(len(codes), 1)
    return float(1 - (shares**2).sum())


def _cache(table: Table) -> Coded:
    known: dict[str, tuple[Array, int]] = {}

    def coded(name: str) -> tuple[Array, int]:
        if name not in known:
            known[name] = _coded(table, name)
        return known[name]

    return coded


def _coded(table: Table, name: str) -> tuple[Array, int]:
    """Codes with missing as a value of its own, and the number of values."""
    codes, levels = value_codes(table, name)
    gone = bool((codes < 0).any())
    return codes + gone, len(levels) + gone


def _may_determine(table: Table, name: str) -> bool:
    kind = table.schema[name].kind
    return kind in LABELS or kind in {Kind.BOOLEAN, Kind.INTEGER, Kind.DATE}


def _candidates(codes: Array, may: list[bool]) -> list[tuple[int, int]]:
    """Pairs (i, j) in which j hardly ever changes where i stays the same, in the sample."""
    rows = len(codes)
    sizes = codes.max(axis=0) + 1
    chance = np.array([disagreement(codes[:, j], int(sizes[j])) for j in range(codes.shape[1])])
    pairs = []
    for i in np.flatnonzero(may):
        if not 2 <= sizes[i] <= rows / 2:
            continue
        order = np.argsort(codes[:, i], kind="stable")
        same = np.diff(codes[order, i]) == 0
        others = np.flatnonzero((sizes >= 2) & (sizes <= sizes[i]))
        sorted_codes = codes[order][:, others]
        changes = ((sorted_codes[1:] != sorted_codes[:-1]) & same[:, None]).sum(axis=0)
        held = changes <= 10 * NEAR * same.sum() * chance[others]
        pairs += [(int(i), int(j)) for j in others[held] if j != i]
    return pairs


def _verify(a: tuple[Array, int], b: tuple[Array, int], rows: int) -> int | None:
    """Rows in which ``b`` differs from what is common beside ``a``; None for no rule."""
    (a_codes, a_size), (b_codes, b_size) = a, b
    levels = np.bincount(a_codes, minlength=a_size)
    if levels[levels >= AT_LEAST].sum() < SHARED * rows or b_size > a_size:
        return None
    expected = (rows - a_size) * disagreement(b_codes, b_size)
    if expected < SURE:
        return None
    ids = a_codes * b_size + b_codes
    if a_size * b_size <= 4 * rows + 1_000_000:
        counts = np.bincount(ids, minlength=a_size * b_size)
        most = counts.reshape(a_size, b_size).max(axis=1)
    else:
        pairs, rows_of = np.unique(ids, return_counts=True)
        most = np.zeros(a_size, dtype=np.int64)
        np.maximum.at(most, pairs // b_size, rows_of)
    broken = int(rows - most.sum())
    return broken if broken <= NEAR * expected else None


def _essential(
    pairs: list[tuple[str, str]], names: list[str], sizes: dict[str, int]
) -> list[tuple[str, str]]:
    """The dependencies from which the others follow."""
    held = set(pairs)
    place = {name: i for i, name in enumerate(names)}
    head: dict[str, str] = {}
    for a in names:  # the first column of those that determine each other
        same = [b for b in names[: place[a]] if (a, b) in held and (b, a) in held]
        head[a] = head[same[0]] if same else a
    both = [(head[a], a) for a in names if head[a] != a]
    kept = [pair for a, b in both for pair in ((a, b), (b, a))]
    heads = {pair for pair in held if head[pair[0]] == pair[0] and head[pair[1]] == pair[1]}
    for then in names:
        by = [a for a, b in heads if b == then]
        if by:
            kept.append((min(by, key=lambda name: (sizes[name], place[name])), then))
    return kept


def _hardly_mix(a: tuple[Array, int], b: tuple[Array, int], rows: int) -> bool:
    """Whether at least half of what independent columns would pair up never occurs."""
    (a_codes, a_size), (b_codes, b_size) = a, b
    if min(a_size, b_size) < 4 or a_size * b_size > 4_000_000:
        return False
    counts = np.bincount(combine([a_codes - 1, b_codes - 1], [a_size - 1, b_size - 1]))
    counts = np.pad(counts, (0, a_size * b_size - len(counts))).reshape(a_size, b_size)
    if counts[counts >= AT_LEAST].sum() < SHARED * rows or (counts > 0).sum() > 1000:
        return False
    chance = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / rows  # expected rows
    never = (counts == 0) & (chance >= AT_LEAST)
    return bool(chance[never].sum() >= rows / 2)
