"""What a rule needs to remember of the training data: seen combinations, and what they determine.

A reference that is stored with a model keeps only combinations shared by at least ``at_least``
rows, so that it tells of no single person.

Shapes: N rows of a table, M kept combinations, W columns, K levels of one column.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from likewise.core.artifact import storable
from likewise.data.rules import Combinations, Determines, Rule
from likewise.data.schema import LABELS, Kind
from likewise.data.table import Table, labels_to_arrow, numbers_to_arrow

Array = np.ndarray
Values = tuple[str, ...] | Array  # (K,) sorted labels, or sorted numbers

MISSING, UNKNOWN = -1, -2


@storable
@dataclass(frozen=True)
class Seen:
    """Combinations of values of some columns that occur in the training data.

    Attributes:
        columns: the W columns.
        levels: the values of each column that occur in a kept combination.
        codes: (M, W) int32, positions in ``levels``; -1 for a missing value.
        rows: (M,) int64, training rows of each combination.
        dropped: training rows in combinations that were too rare to keep.
    """

    columns: tuple[str, ...]
    levels: tuple[Values, ...]
    codes: Array
    rows: Array
    dropped: int

    @classmethod
    def learn(cls, table: Table, columns: tuple[str, ...], at_least: int = 1) -> "Seen":
        """The combinations shared by ``at_least`` rows; O(N W log N) time."""
        coded = [value_codes(table, name) for name in columns]
        ids = combine([codes for codes, _ in coded], [len(levels) for _, levels in coded])
        _, first, rows = np.unique(ids, return_index=True, return_counts=True)
        kept = rows >= at_least
        codes = np.stack([codes[first[kept]] for codes, _ in coded], axis=1)  # (M, W)
        parts = [_narrow(codes[:, i], levels) for i, (_, levels) in enumerate(coded)]
        narrowed = np.stack([codes for codes, _ in parts], axis=1).astype(np.int32)
        dropped = int(rows[~kept].sum())
        return cls(columns, tuple(levels for _, levels in parts), narrowed, rows[kept], dropped)

    @property
    def size(self) -> int:
        """Number of combinations M."""
        return len(self.rows)

    def find(self, table: Table) -> Array:
        """Position of each row's combination, -1 when it is not among them; (N,) int64."""
        found = np.zeros(table.rows, dtype=np.int64)  # rank of each row's prefix of columns
        if not self.size:
            return found - 1
        mine = np.zeros(self.size, dtype=np.int64)  # rank of each kept combination's prefix
        known = np.ones(table.rows, dtype=bool)
        for i, name in enumerate(self.columns):
            width = len(self.levels[i]) + 1
            codes = level_codes(table, name, self.levels[i])
            keys = found * width + codes + 1
            kept, mine = np.unique(mine * width + self.codes[:, i] + 1, return_inverse=True)
            found = np.minimum(np.searchsorted(kept, keys), len(kept) - 1)
            known &= (kept[found] == keys) & (codes != UNKNOWN)
        back = np.empty(self.size, dtype=np.int64)
        back[mine] = np.arange(self.size)
        return np.where(known, back[found], -1)

    def column(self, name: str, positions: Array, kind: Kind) -> pa.Array:
        """The values of column ``name`` in the combinations at ``positions``, as Arrow."""
        i = self.columns.index(name)
        return to_arrow(self.levels[i], self.codes[positions, i], kind)


@storable
@dataclass(frozen=True)
class Determined:
    """The value of one column for each seen combination of others.

    Attributes:
        seen: the combinations that determine.
        then: the column that is determined.
        levels: (K,) its values.
        codes: (M,) int32, the most common value beside each combination; -1 where there is none
            that enough rows share.
        gaps: (M,) share of rows in which ``then`` is missing.
        default: the value beside combinations that were too rare to keep; -1 for none.
        total: whether combinations that were not kept have a value too: the one of the nearest
            kept number, or else ``default``.
    """

    seen: Seen
    then: str
    levels: Values
    codes: Array
    gaps: Array
    default: int
    total: bool

    @classmethod
    def learn(cls, table: Table, rule: Determines, at_least: int = 1) -> "Determined":
        """The most common value of ``rule.then`` beside each combination of the others."""
        seen = Seen.learn(table, rule.columns, at_least)
        codes, levels = value_codes(table, rule.then)
        place = seen.find(table)
        kept = (place >= 0) & (codes >= 0)
        common, held = _most_common(place[kept], codes[kept], seen.size, len(levels))
        common[held < at_least] = MISSING  # most rows of the combination lack the value
        gaps = np.bincount(place[(place >= 0) & (codes < 0)], minlength=seen.size)
        gaps[common < 0] = seen.rows[common < 0]
        rest = codes[(place < 0) & (codes >= 0)]
        shared = np.bincount(rest, minlength=len(levels)) if len(rest) else np.zeros(1)
        if shared.max() < at_least:  # too few rare rows to learn from: take all rows
            shared = np.bincount(codes[codes >= 0], minlength=max(len(levels), 1))
        default = int(np.argmax(shared)) if shared.max(initial=0) >= at_least else MISSING
        narrow, values = _narrow(np.append(common, default), levels)
        share = gaps / np.maximum(seen.rows, 1)
        head, last = narrow[:-1].astype(np.int32), int(narrow[-1])
        return cls(seen, rule.then, values, head, share, last, at_least > 1)

    def expected(self, table: Table) -> Array:
        """Code of the value each row must have, -1 for missing, -2 when unknown; (N,) int64."""
        place = self.seen.find(table)
        codes = np.full(table.rows, UNKNOWN, dtype=np.int64)
        codes[place >= 0] = self.codes[place[place >= 0]]
        lost = place < 0
        if self.total and lost.any():
            codes[lost] = self._nearest(table, lost)
        return codes

    def _nearest(self, table: Table, lost: Array) -> Array:
        """The value beside the kept number nearest to each lost row's, or the default."""
        levels = self.seen.levels[0]
        if len(self.seen.columns) > 1 or isinstance(levels, tuple) or not len(levels):
            return np.full(int(lost.sum()), self.default)
        values = table.numbers(self.seen.columns[0])[lost]
        right = np.clip(np.searchsorted(levels, values), 1, max(len(levels) - 1, 1))
        right = np.minimum(right, len(levels) - 1)
        left = np.maximum(right - 1, 0)
        near = np.where(values - levels[left] <= levels[right] - values, left, right)
        beside = np.full(len(levels), self.default, dtype=np.int64)
        present = self.seen.codes[:, 0] >= 0
        beside[self.seen.codes[present, 0]] = self.codes[present]
        gone = table.missing(self.seen.columns[0])[lost]
        return np.where(gone, self.default, beside[near])


Reference = Seen | Determined


def learn_reference(rule: Rule, table: Table, at_least: int = 1) -> Reference | None:
    """What ``rule`` must remember of ``table``; None for rules that speak for themselves."""
    if isinstance(rule, Combinations):
        return Seen.learn(table, rule.columns, at_least)
    if isinstance(rule, Determines):
        return Determined.learn(table, rule, at_least)
    return None


def value_codes(table: Table, name: str) -> tuple[Array, Values]:
    """Codes into the sorted distinct values, -1 where missing; (N,) int64, and the K values."""
    if table.schema[name].kind in LABELS:
        codes, labels = table.labels(name)
        return codes.astype(np.int64), tuple(labels)
    numbers, gone = table.numbers(name), table.missing(name)
    there = numbers[~gone]
    spread = int(there.max()) - int(there.min()) if len(there) and numbers.dtype.kind == "i" else -1
    if 0 <= spread < 4 * len(there):
        low = there.min()  # narrow integers: counting beats sorting
        levels = np.flatnonzero(np.bincount(there - low)) + low
        place = np.zeros(spread + 1, dtype=np.int64)
        place[levels - low] = np.arange(len(levels))
        codes = place[np.where(gone, 0, numbers - low)]
    else:
        levels = np.unique(there)
        codes = np.searchsorted(levels, numbers)
    codes[gone] = MISSING
    return codes, levels


def level_codes(table: Table, name: str, levels: Values) -> Array:
    """Positions in ``levels``; -1 where missing, -2 where not among them; (N,) int64."""
    if isinstance(levels, tuple):
        codes, labels = table.labels(name)
        at = {label: i for i, label in enumerate(levels)}
        known = [at.get(label, UNKNOWN) for label in labels]
        return np.asarray(np.array([*known, MISSING], dtype=np.int64)[codes])
    numbers, gone = table.numbers(name), table.missing(name)
    if not len(levels):
        return np.asarray(np.where(gone, MISSING, UNKNOWN))
    place = np.minimum(np.searchsorted(levels, numbers), len(levels) - 1)
    place[levels[place] != numbers] = UNKNOWN
    place[gone] = MISSING
    return np.asarray(place, dtype=np.int64)


def combine(codes: list[Array], sizes: list[int]) -> Array:
    """One number per row that is equal just when all codes are; (N,) int64, codes from -1 on."""
    ids = codes[0].astype(np.int64) + 1
    width = sizes[0] + 1
    for more, size in zip(codes[1:], sizes[1:], strict=True):
        if width * (size + 1) >= 2**62:
            distinct, ids = np.unique(ids, return_inverse=True)
            width = len(distinct)
        ids = ids * (size + 1) + more + 1
        width *= size + 1
    return ids


def to_arrow(levels: Values, codes: Array, kind: Kind) -> pa.Array:
    """The values at ``codes``, missing where negative, in the canonical type of ``kind``."""
    if isinstance(levels, tuple):
        return labels_to_arrow(codes, levels)
    gone = codes < 0
    values = levels[np.where(gone, 0, codes)] if len(levels) else np.zeros(len(codes))
    return numbers_to_arrow(values, gone, kind)


def _narrow(codes: Array, levels: Values) -> tuple[Array, Values]:
    """The same values with the levels that no code names left out."""
    used = np.unique(codes[codes >= 0])
    place = np.append(np.full(len(levels), MISSING), MISSING)
    place[used] = np.arange(len(used))
    kept = tuple(levels[i] for i in used) if isinstance(levels, tuple) else levels[used]
    return place[codes], kept


def _most_common(groups: Array, codes: Array, count: int, size: int) -> tuple[Array, Array]:
    """The most common code in each group, the lowest on a tie, -1 if empty; and its rows."""
    best, held = np.full(count, MISSING, dtype=np.int64), np.zeros(count, dtype=np.int64)
    pairs, rows = np.unique(groups * max(size, 1) + codes, return_counts=True)
    order = np.lexsort((-pairs, rows))  # the last one written wins
    best[pairs[order] // max(size, 1)] = pairs[order] % max(size, 1)
    held[pairs[order] // max(size, 1)] = rows[order]
    return best, held
