"""Cells of keys as numbers that are equal just when the cells are, in all tables alike.

Whole numbers, labels and booleans are compared as they are spelled, since a key of one table may
be read as labels where another has few enough of its values to be counted as numbers. Labels that
are all written as 17.0, as frames write whole numbers beside gaps, are read as 17. Other kinds
compare with their own kind only.

Shapes: N rows of a table, K different values of a column, G different values in all columns.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from likewise.data.cells import one_chunk
from likewise.data.reference import MISSING, UNKNOWN, combine
from likewise.data.schema import LABELS, Column, Kind
from likewise.data.table import Table

Array = np.ndarray
Place = tuple[str, str]  # a table and one of its columns

_SPELLED = LABELS | {Kind.INTEGER, Kind.BOOLEAN}


def scale_of(column: Column) -> str:
    """What cells of this column compare with: ``labels``, or the name of their own kind.

    Moments of a time zone are no moments of an unknown one.
    """
    zone = " of a zone" if column.timezone else ""
    return "labels" if column.kind in _SPELLED else f"{column.kind}{zone}"


class Numbered(NamedTuple):
    """Values that are whole numbers (K,) int64, all after the same text, mostly none."""

    prefix: str
    numbers: Array


@dataclass(frozen=True)
class Coded:
    """A column of a key in numbers.

    Attributes:
        rows: (N,) int32, position in ``codes`` of each row's value; -1 where it is missing.
        codes: (K,) int64, the common numbers of the K values.
        counts: (K,) int64, rows that hold each.
        values: (K,) the values, labels as they compare.
    """

    rows: Array
    codes: Array
    counts: Array
    values: pa.Array

    @property
    def present(self) -> int:
        """Rows that hold a value."""
        return int(self.counts.sum())

    @property
    def unique(self) -> bool:
        """Whether no value occurs twice; false where there is none."""
        return 0 < len(self.codes) == self.present

    @cached_property
    def numbered(self) -> Numbered | None:
        """The values as whole numbers, or None when some is none or their prefixes differ."""
        if pa.types.is_int64(self.values.type):
            return Numbered("", np.asarray(self.values.to_numpy(zero_copy_only=False)))
        if not pa.types.is_string(self.values.type):
            return None
        parts = pc.extract_regex(self.values, r"^(?P<prefix>\D*)(?P<digits>[1-8]?\d{1,18})$")
        prefixes = pc.unique(pc.struct_field(parts, "prefix"))
        if len(prefixes) != 1 or prefixes.null_count:
            return None
        digits = pc.struct_field(parts, "digits").cast(pa.int64())
        return Numbered(prefixes[0].as_py(), np.asarray(digits.to_numpy(zero_copy_only=False)))

    @cached_property
    def length(self) -> float:
        """Letters of a value on average; at least one value."""
        return float(pc.mean(pc.utf8_length(self.values.cast(pa.string()))).as_py())

    def common(self) -> Array:
        """The common number of the value of each row, -1 where missing; (N,) int64."""
        return np.asarray(np.append(self.codes, MISSING)[self.rows])


def code_columns(tables: Mapping[str, Table], places: Iterable[Place]) -> dict[Place, Coded]:
    """The named columns in common numbers; O(N) for each and one more pass over all K values."""
    encoded = {place: _encode(tables[place[0]], place[1]) for place in dict.fromkeys(places)}
    scales: dict[str, list[Place]] = {}
    for table, name in encoded:
        scales.setdefault(scale_of(tables[table].schema[name]), []).append((table, name))
    coded = {}
    for members in scales.values():
        common = _number([encoded[place].dictionary for place in members])
        for place, codes in zip(members, common, strict=True):
            rows = encoded[place].indices.fill_null(MISSING).to_numpy(zero_copy_only=False)
            counts = np.bincount(rows[rows >= 0], minlength=len(codes))
            coded[place] = Coded(rows, codes, counts, encoded[place].dictionary)
    return coded


def _encode(table: Table, name: str) -> pa.DictionaryArray:
    """The column as its different values and where they stand."""
    array, column = one_chunk(table.arrow.column(name)), table.schema[name]
    if column.kind is Kind.BOOLEAN:
        words = column.format
        array = pc.if_else(array, words.true or "true", words.false or "false")
    encoded = array.dictionary_encode()
    if not pa.types.is_string(encoded.dictionary.type):
        return encoded
    return pa.DictionaryArray.from_arrays(encoded.indices, _without_point(encoded.dictionary))


def _without_point(texts: pa.Array) -> pa.Array:
    """Whole numbers that are all written with one zero after the point, without; others as is."""
    for some in (texts.slice(0, 100), texts):
        if not pc.all(pc.match_substring_regex(some, r"^-?\d+\.0$"), min_count=0).as_py():
            return texts
    return pc.utf8_slice_codeunits(texts, 0, -2)


def _number(dictionaries: list[pa.Array]) -> list[Array]:
    """One number for each value that is the same in all dictionaries; (K,) int64 for each."""
    kinds = {values.type for values in dictionaries}
    if len(kinds) > 1:
        dictionaries = [values.cast(pa.string()) for values in dictionaries]
    together = pa.chunked_array(dictionaries).dictionary_encode()
    parts = [np.asarray(part.indices, dtype=np.int64) for part in together.chunks]
    codes = np.concatenate([np.empty(0, dtype=np.int64), *parts])  # Arrow drops empty chunks
    return np.split(codes, np.cumsum([len(values) for values in dictionaries])[:-1])


def complete(columns: Sequence[Coded], rows: slice = slice(None)) -> Array:
    """Rows in which no column is missing; (N,) bool."""
    return np.asarray(np.logical_and.reduce([c.rows[rows] >= 0 for c in columns]))


def repeats(columns: Sequence[Coded], rows: slice = slice(None)) -> int:
    """Complete rows that agree in all columns with an earlier one; O(N log N)."""
    if len(columns) == 1 and rows == slice(None):
        return columns[0].present - len(columns[0].codes)
    inside = complete(columns, rows)
    parts = [column.rows[rows][inside] for column in columns]
    ids = combine(parts, [len(column.codes) for column in columns])
    return len(ids) - len(np.unique(ids))


def find_parents(child: Sequence[Coded], parent: Sequence[Coded]) -> Array:
    """The row of the parent that each child row refers to; (N,) int64.

    It is the first such row should the key repeat, -1 where a part of the reference is missing,
    and -2 where there is no such row: an orphan. Cost: O(N + M + G) for a key of one column, with
    M rows of the parent; a sort of M rows and N searches among them for one of several.
    """
    if len(child) == 1:
        return _find_values(child[0], parent[0])
    whole, known = complete(child), complete(parent)
    mine, theirs = _ids(child, parent)
    keys, first = np.unique(theirs[known], return_index=True)
    found = np.where(whole, UNKNOWN, MISSING)
    if len(keys):
        place = np.minimum(np.searchsorted(keys, mine), len(keys) - 1)
        hit = whole & (keys[place] == mine)
        found[hit] = np.flatnonzero(known)[first[place[hit]]]
    return found


def _find_values(child: Coded, parent: Coded) -> Array:
    """``find_parents`` for keys of one column, by one look into a list of all values."""
    size = max(int(c.codes.max(initial=MISSING)) for c in (child, parent)) + 1
    first = np.zeros(len(parent.codes) + 1, dtype=np.int64)
    first[parent.rows[::-1]] = np.arange(len(parent.rows) - 1, -1, -1)  # the last write is first
    rows = np.full(size, UNKNOWN, dtype=np.int64)
    rows[parent.codes] = first[:-1]
    return np.asarray(np.append(rows[child.codes], MISSING)[child.rows])


def _ids(child: Sequence[Coded], parent: Sequence[Coded]) -> tuple[Array, Array]:
    """One number for each row, equal just when all columns are; (N,) and (M,) int64."""
    rows, parts, sizes = len(child[0].rows), [], []
    for mine, theirs in zip(child, parent, strict=True):
        parts.append(np.concatenate([mine.common(), theirs.common()]))
        sizes.append(max(int(c.codes.max(initial=MISSING)) for c in (mine, theirs)) + 1)
    ids = combine(parts, sizes)
    return ids[:rows], ids[rows:]
