"""The distinct texts of a column with their counts, and the words that mean "missing"."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from likewise.data.arrow_types import is_text

Array = np.ndarray

MISSING_WORDS = frozenset(
    ["", "na", "n/a", "#n/a", "<na>", "null", "none", "nan", "nat", "-", "--", "?", ".", r"\n"]
)
CLEAR_WORDS = frozenset(["NA", "N/A", "n/a", "#N/A", "<NA>", "null", "NULL", "NaN", "nan", "?"])
SHARED = 10  # rows that must share a value before it is kept, in tables of 1,000 rows or more
INFINITIES = frozenset(["inf", "-inf", "+inf", "infinity", "-infinity"])


@dataclass(frozen=True)
class Distinct:
    """K different texts in order of first appearance.

    Attributes:
        texts: (K,) strings without null.
        counts: (K,) cells that hold each.
        rows: cells in the column, N.
        empty: cells that are null.
    """

    texts: pa.Array
    counts: Array
    rows: int
    empty: int

    @property
    def cells(self) -> int:
        """Cells that hold one of the texts."""
        return int(self.counts.sum())

    def count(self, mask: pa.Array | Array) -> int:
        """Cells whose text is marked in ``mask``; (K,) bool."""
        return int(self.counts[np.asarray(mask, dtype=bool)].sum())

    def keep(self, mask: Array) -> "Distinct":
        """The marked texts alone."""
        return Distinct(self.texts.filter(pa.array(mask)), self.counts[mask], self.rows, self.empty)


def distinct(column: pa.ChunkedArray) -> Distinct:
    """Count the texts of a column in one pass; O(N)."""
    encoded = one_chunk(column).dictionary_encode()
    codes = encoded.indices.drop_null().to_numpy(zero_copy_only=False)
    counts = np.bincount(codes, minlength=len(encoded.dictionary))
    texts = encoded.dictionary.cast(pa.string())
    return Distinct(texts, counts, len(column), int(column.null_count))


def one_chunk(column: pa.ChunkedArray) -> pa.Array:
    """The column as one array; no copy when it already is."""
    if isinstance(column, pa.Array):
        return column
    if column.num_chunks == 1:
        return column.chunk(0)
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)


def are_missing(texts: pa.Array) -> Array:
    """Which texts are blank or a word for "missing"; (K,) bool."""
    lowered = pc.utf8_lower(pc.utf8_trim_whitespace(texts))
    return np.asarray(pc.is_in(lowered, pa.array(sorted(MISSING_WORDS), pa.string())))


def are_infinite(texts: pa.Array) -> Array:
    """Which texts spell an infinite number; (K,) bool."""
    lowered = pc.utf8_lower(pc.utf8_trim_whitespace(texts))
    return np.asarray(pc.is_in(lowered, pa.array(sorted(INFINITIES), pa.string())))


def count_infinite(column: pa.ChunkedArray) -> int:
    """Cells of a column of floats, or of texts that spell numbers, that are infinite; O(N)."""
    if pa.types.is_floating(column.type):
        return int(pc.sum(pc.is_inf(column.cast(pa.float64()))).as_py() or 0)
    if not is_text(column.type):
        return 0
    counts = pc.value_counts(column.cast(pa.string()))
    infinite = are_infinite(counts.field("values"))
    return int(counts.field("counts").to_numpy()[np.asarray(infinite) == 1].sum())


def of(part: int, whole: int, what: str) -> str:
    """The sentence "part of whole cells what"."""
    return f"{part:,} of {whole:,} non-missing cells {what}"


def from_texts(texts: pa.Array, target: pa.DataType) -> pa.Array:
    """Labels back in the type that their column came in; (N,)."""
    if pa.types.is_null(target):
        return pa.nulls(len(texts))
    if pa.types.is_duration(target):
        return texts.cast(pa.int64()).cast(target)
    if pa.types.is_time(target):
        moments = pc.binary_join_element_wise("1970-01-01", texts, " ")
        return moments.cast(pa.timestamp("ns")).cast(pa.time64("ns")).cast(target, safe=False)
    return texts.cast(target, safe=True)


def shared_by(rows: int) -> int:
    """How many of ``rows`` rows must share a value before it is kept: 2 to 10."""
    return int(np.clip(rows // 100, 2, SHARED))
