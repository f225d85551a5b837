"""Columns as the cells of text files: csv and JSON spellings, vectorised over distinct texts."""

import json
import re
from collections.abc import Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from likewise.data.arrow_types import is_dictionary, is_nested, is_text
from likewise.io.dialect import Dialect

_FORMULA = r"^[\t\r]?[=+\-@]"  # a tab or carriage return before it is skipped by spreadsheets
_HARMLESS = r"^[+-]+[\d.,:'eE%\s]*$"  # numbers, offsets, phone numbers, and the lone dash


def csv_cells(column: pa.Array, dialect: Dialect) -> tuple[pa.Array, int]:
    """Cells ready to be joined by the delimiter, and how many were guarded against formulas.

    A text that a spreadsheet would run (it starts with = + - or @ and is no number) gets a leading
    apostrophe. Quotes stand only where they are needed.
    """
    kind = column.type
    if not (is_text(kind) or is_dictionary(kind) or is_nested(kind)):
        return plain_cells(column).fill_null(""), 0
    encoded = _encoded(column)
    words = encoded.dictionary
    formulas = risky(words)
    guarded = 0
    if pc.any(formulas).as_py():
        hit = formulas.take(encoded.indices)
        guarded = pc.sum(hit.cast(pa.int64())).as_py() or 0
        marked = pc.binary_join_element_wise("'", words, "")
        words = pc.if_else(formulas, marked, words)
    return quoted(words, dialect).take(encoded.indices).fill_null(""), guarded


def quoted(words: pa.Array, dialect: Dialect) -> pa.Array:
    """Texts with quotes around those that need them."""
    special = "[" + re.escape(dialect.delimiter + dialect.quote) + r"\r\n]"
    needs = pc.or_(pc.match_substring_regex(words, special), pc.equal(words, ""))
    if dialect.spaced:
        needs = pc.or_(needs, pc.match_substring_regex(words, r"^\s"))
    if not pc.any(needs).as_py():
        return words
    doubled = pc.replace_substring(words, dialect.quote, dialect.quote * 2)
    marked = pc.binary_join_element_wise(dialect.quote, doubled, dialect.quote, "")
    return pc.if_else(needs, marked, words)


def json_cells(column: pa.Array) -> pa.Array:
    """Cells as JSON values."""
    kind = column.type
    if is_text(kind) or is_dictionary(kind):
        encoded = _encoded(column)
        dumped = [json.dumps(word, ensure_ascii=False) for word in encoded.dictionary.to_pylist()]
        return pa.array(dumped, pa.string()).take(encoded.indices).fill_null("null")
    cells = plain_cells(column)
    if pa.types.is_temporal(kind):
        cells = pc.binary_join_element_wise('"', cells, '"', "")
    return cells.fill_null("null")


def risky(words: pa.Array) -> pa.Array:
    """Which texts a spreadsheet would take for a formula."""
    starts = pc.match_substring_regex(words, _FORMULA)
    harmless = pc.match_substring_regex(words, _HARMLESS)
    return pc.and_(starts, pc.invert(harmless)).fill_null(False)


def guard_notes(guarded: Mapping[str, int], names: Sequence[str]) -> list[str]:
    """What is said about guarded cells, by column, and about names that are left as they are."""
    notes = []
    if total := sum(guarded.values()):
        where = _listed([name for name, count in guarded.items() if count])
        notes.append(
            f"{where}: {total:,} cells that a spreadsheet would run as formulas got a leading "
            "apostrophe; write Parquet or JSON lines to keep them as they are"
        )
    flags = risky(pa.array(names, pa.string())).to_pylist()
    if any(flags):
        where = _listed([name for name, flag in zip(names, flags, strict=True) if flag])
        notes.append(
            f"{where}: a spreadsheet would run this name as a formula; rename it before the file "
            "is opened in one"
        )
    return notes


def _listed(names: Sequence[str], most: int = 3) -> str:
    quoted = ", ".join(map(repr, names[:most]))
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return f"column{'s' if len(names) > 1 else ''} {quoted}{more}"


def plain_cells(column: pa.Array) -> pa.Array:
    """Typed cells in their plainest spelling; null where missing or not finite."""
    kind = column.type
    if pa.types.is_floating(kind):
        return pc.if_else(pc.is_finite(column), column, None).cast(pa.string())
    if pa.types.is_null(kind):
        return pa.nulls(len(column), pa.string())
    if is_nested(kind):
        cells = [None if c is None else json.dumps(c, default=str) for c in column.to_pylist()]
        return pa.array(cells, pa.string())
    if pa.types.is_duration(kind):
        return column.cast(pa.int64()).cast(pa.string())
    texts = column.cast(pa.string())
    clocked = pa.types.is_timestamp(kind) or pa.types.is_time(kind)
    if clocked and not pc.any(pc.match_substring_regex(texts, r"\.0*[1-9]")).as_py():
        texts = pc.replace_substring_regex(texts, r"\.0+", "")
    return texts


def _encoded(column: pa.Array) -> pa.DictionaryArray:
    if is_nested(column.type):
        column = plain_cells(column)
    if is_dictionary(column.type):
        words = column.dictionary.cast(pa.string())
        return pa.DictionaryArray.from_arrays(column.indices, words)
    return column.cast(pa.string()).dictionary_encode()
