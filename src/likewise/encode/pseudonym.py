"""Identifiers that repeat: rows of one identifier share a new code, never the real one.

Identifiers are hashed into buckets, and a level is one or more buckets with at least k rows and two
identifiers. Levels are learned like labels. A drawn level gives one of as many new codes as it had
identifiers, in their format; the seed permutes the codes, so that one identifier's code says
nothing. No identifier is stored, and none has a level of its own.
"""

import re
from collections import Counter
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from likewise.core.artifact import storable
from likewise.core.checks import agree, shaped, within
from likewise.core.seeds import Seed
from likewise.data.schema import Column, Schema
from likewise.data.table import Table
from likewise.encode.key import Key, permute
from likewise.encode.layout import Block

Array = np.ndarray
Pairs = list[tuple[Array, Array]]

MOST_BUCKETS = 4_096
MOST_PREFIXES = 8  # leading letters, such as C of cancelled invoices, that keep their meaning
REPEATS = 0.9  # distinct share of the cells above which a key is one that should not repeat
_PREFIX = re.compile(r"^[^\W\d_]*")


@storable
@dataclass(frozen=True)
class Group:
    """Identifiers that begin with the same letters.

    Attributes:
        prefix: the letters; "" also stands for identifiers of no group.
        key: writes new codes in their format.
        suffix: ".0" when identifiers are whole numbers written as fractions.
        ids: how many different identifiers there are.
        level: (M,) int32, the level of each bucket.
    """

    prefix: str
    key: Key
    suffix: str
    ids: int
    level: Array


@storable
@dataclass(frozen=True)
class Pseudonym:
    """Codec of key columns whose values repeat; one block.

    Attributes:
        groups: by leading letters; the largest first.
        missing: whether level 0 stands for a missing value.
        counts: (K,) rows in each level.
        sizes: (K,) int64, different identifiers in each level; 0 for missing.
        tops: (K,) share of a level's rows that its most frequent identifier has, to 1 %.
    """

    groups: tuple[Group, ...]
    missing: bool
    counts: Array
    sizes: Array
    tops: Array

    def __post_init__(self) -> None:
        size = len(self.counts)
        shaped("counts", self.counts, np.float64, size)
        shaped("sizes", self.sizes, np.int64, size)
        shaped("tops", self.tops, np.float64, size)
        within("counts", self.counts, 0, np.inf)
        within("sizes", self.sizes, 0, sum(group.ids for group in self.groups) + 1)
        agree(self.sizes.sum() == sum(group.ids for group in self.groups), "identifiers")
        for group in self.groups:
            shaped("level", group.level, np.int32, None)
            agree(len(group.level) > 0, "buckets of a group")
            within("level", group.level, 0, size)

    @classmethod
    def fit(cls, table: Table, column: Column, *, k: int) -> "Pseudonym":
        """Learn a column; O(N) and a sort of the identifiers."""
        codes, found = table.labels(column.name)
        rows = np.bincount(codes[codes >= 0], minlength=len(found)).astype(np.int64)
        empty = len(codes) - int(rows.sum())
        prefixes = _prefixes(found, k)
        member = _members(found, prefixes)
        hashes = _hashes(found)
        groups: list[Group] = []
        counts, sizes, tops = ([np.array([first])] if empty else [] for first in (empty, 0, 0.0))
        for g, prefix in enumerate(prefixes):
            mine = np.flatnonzero(member == g)
            first = sum(map(len, counts))
            level, *told = _levels(hashes[mine], rows[mine], k)
            own = [found[i] for i in mine if _letters(found[i]) == prefix or len(prefixes) == 1]
            bare, suffix = _whole(own)
            key = _beyond(_format(bare, column, k), bare)
            groups.append(Group(prefix, key, suffix, len(mine), (level + first).astype(np.int32)))
            for whole, part in zip((counts, sizes, tops), told, strict=True):
                whole.append(part)
        return cls(
            groups=tuple(groups),
            missing=bool(empty),
            counts=np.concatenate(counts).astype(float),
            sizes=np.concatenate(sizes).astype(np.int64),
            tops=np.concatenate(tops).astype(float),
        )

    @property
    def protected(self) -> int:
        """No identifier is kept, so none needs protection."""
        return 0

    def blocks(self, name: str) -> tuple[Block, ...]:
        """The block of the column called ``name``."""
        size = len(self.counts)
        atoms, centers = np.ones(size, dtype=bool), np.arange(size, dtype=float)
        return (Block(name, name, False, self.missing, atoms, centers, self.counts),)

    def encode(self, table: Table, name: str, rng: np.random.Generator) -> Pairs:
        """Codes of the column; an identifier never seen falls into some level."""
        del rng
        codes, found = table.labels(name)
        member, hashes = _members(found, [group.prefix for group in self.groups]), _hashes(found)
        level = np.zeros(len(found) + 1, dtype=np.int32)  # the last stands for missing
        for g, group in enumerate(self.groups):
            mine = np.flatnonzero(member == g)
            level[mine] = group.level[_buckets(hashes[mine], len(group.level))]
        return [(level[codes], np.zeros(len(codes), dtype=np.float32))]

    def decode(
        self, pairs: Pairs, rows: int, rng: np.random.Generator, start: int, seed: Seed
    ) -> pa.Array:
        """New codes; the same in all blocks of a sample for one number."""
        del start
        levels = pairs[0][0].astype(np.int64)
        first = np.cumsum(self.sizes) - self.sizes
        other = 1 + np.floor(rng.random(rows) * (self.sizes[levels] - 1)).astype(np.int64)
        number = first[levels] + np.where(rng.random(rows) < self.tops[levels], 0, other)
        none = levels < int(self.missing)
        different, at = np.unique(np.where(none, 0, number), return_inverse=True)
        words = self._words(different, seed)
        return words.take(pa.array(at, mask=none))

    def _words(self, numbers: Array, seed: Seed) -> pa.Array:
        """The code of each number; sorted numbers, all below the sum of ``sizes``."""
        parts, start = [], 0
        for g, group in enumerate(self.groups):
            low, high = np.searchsorted(numbers, [start, start + group.ids])
            own = seed.child("group", g)
            mixed = permute((numbers[low:high] - start).astype(np.uint64), max(group.ids, 1), own)
            order = np.argsort(mixed)
            back = np.empty(len(order), dtype=np.int64)
            back[order] = np.arange(len(order))
            words = group.key.write(mixed[order].astype(np.int64), own)
            words = pc.binary_join_element_wise(words, group.suffix, "") if group.suffix else words
            parts.append(words.take(pa.array(back)))
            start += group.ids
        return pa.concat_arrays(parts)


def repeats(table: Table, column: Column) -> bool:
    """Whether the keys of a column stand for something that several rows share."""
    there = table.rows - table.arrow.column(column.name).null_count
    different: int = pc.count_distinct(table.arrow.column(column.name)).as_py()
    return bool(0 < different <= REPEATS * there)


def _prefixes(found: list[str], k: int) -> list[str]:
    """Leading letters that many identifiers share, the most frequent first."""
    tally = Counter(_letters(text) for text in found)
    if len(tally) > MOST_PREFIXES:
        return [""]
    common = tally.most_common()
    return [common[0][0], *(prefix for prefix, count in common[1:] if count >= 2 * k)]


def _members(found: list[str], prefixes: list[str]) -> Array:
    """The group of each identifier; the first for those of none."""
    index = {prefix: g for g, prefix in enumerate(prefixes)}
    if len(index) == 1:
        return np.zeros(len(found), dtype=np.int64)
    return np.array([index.get(_letters(text), 0) for text in found], dtype=np.int64)


def _letters(text: str) -> str:
    match = _PREFIX.match(text)
    return match[0] if match else ""


def _hashes(found: list[str]) -> Array:
    from pandas.util import hash_array

    return np.asarray(hash_array(np.array(found, dtype=object), categorize=False))


def _buckets(hashes: Array, count: int) -> Array:
    return (hashes % np.uint64(count)).astype(np.int64)


def _levels(hashes: Array, rows: Array, k: int) -> tuple[Array, Array, Array, Array]:
    """The level of each bucket; rows, identifiers and greatest share of each level."""
    size = int(np.clip(len(hashes) // 2, 1, MOST_BUCKETS))
    bucket = _buckets(hashes, size)
    level, have, ids, at = np.zeros(size, dtype=np.int64), 0.0, 0.0, 0
    in_rows = np.bincount(bucket, weights=rows, minlength=size).tolist()
    in_ids = np.bincount(bucket, minlength=size).tolist()
    for b in range(size):
        level[b] = at
        have, ids = have + in_rows[b], ids + in_ids[b]
        if have >= k and ids >= 2:
            have, ids, at = 0.0, 0.0, at + 1
    if at:  # what is left at the end joins the level before it
        level = np.minimum(level, at - 1)
    mine = level[bucket]
    count = int(level[-1]) + 1
    total = np.bincount(mine, weights=rows, minlength=count)
    most = np.zeros(count)
    np.maximum.at(most, mine, rows)
    return level, total, np.bincount(mine, minlength=count), np.round(most / total, 2)


def _whole(found: list[str]) -> tuple[list[str], str]:
    """Identifiers without the ".0" that all of them end in, and what was cut off."""
    if found and all(text.endswith(".0") for text in found):
        return [text[:-2] for text in found], ".0"
    return found, ""


def _format(found: list[str], column: Column, k: int) -> Key:
    """How the identifiers are written."""
    texts = pa.table({column.name: pa.array(found, pa.string())})
    return Key.fit(Table(texts, Schema(columns=(column,))), column, k=k)


def _beyond(key: Key, found: list[str]) -> Key:
    """A sequence that starts after the last real number, so that no real one comes out."""
    if key.alphabets or not found:
        return key
    numbers = [int(text[len(key.prefix) :] or 0) for text in found]
    low, high = min(numbers), max(numbers)
    coarse = 10 ** max(len(str(high - low)) - 1, 0)
    start = (high // coarse + 1) * coarse
    start += (low - start) % key.step
    limit = 10**key.digits if key.digits else min(key.most or 10**18, 10**18)
    return replace(key, start=start) if start + key.step * len(found) < limit else key
