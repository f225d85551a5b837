"""Cells of MySQL and MariaDB: the texts that the server sends and reads, and Arrow."""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from likewise.core.errors import DataError
from likewise.io.sql_cells import fit
from likewise.io.sql_ddl import quote
from likewise.io.sql_schema import SqlColumn
from likewise.io.sql_types import type_of


def is_binary(column: SqlColumn) -> bool:
    """Whether cells are bytes, which travel in hexadecimal."""
    return type_of(column, "mysql").family == "bytes"


def selected(column: SqlColumn) -> str:
    """The column as a text that names each of its values exactly."""
    name = quote(column.name, "mysql")
    if is_binary(column) or column.type.lower().startswith(("bit", "geometry", "point")):
        return f"HEX({name}) AS {name}"
    return name


def received(values: Sequence[Any], kind: pa.DataType, table: str, name: str) -> pa.Array:
    """Texts of the server in the type of their column."""
    words = pa.array([v.decode() if isinstance(v, bytes) else v for v in values], pa.string())
    try:
        if pa.types.is_binary(kind):
            return pa.array([None if v is None else bytes.fromhex(v) for v in words.to_pylist()])
        if pa.types.is_timestamp(kind):
            words = pc.if_else(pc.match_substring_regex(words, "^0000-00-00"), None, words)
            return words.cast(pa.timestamp("us")).cast(kind)
        if pa.types.is_date(kind):
            words = pc.if_else(pc.equal(words, "0000-00-00"), None, words)
        if pa.types.is_boolean(kind):
            return pc.not_equal(words, "0")
        return fit(words, kind)
    except pa.ArrowInvalid:
        found = "cells lie beyond what their type can be read as"
        hint = "Leave the table out, or mend them"
        raise DataError(f"table {table!r}, column {name!r}", found, hint) from None


def texts(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Cells as MySQL reads them from text; bytes in hexadecimal."""
    kind = column.type
    if pa.types.is_boolean(kind):
        return column.cast(pa.int8()).cast(pa.string())
    if pa.types.is_binary(kind):
        plain = [None if cell is None else cell.hex() for cell in column.to_pylist()]
        return pa.chunked_array([pa.array(plain, pa.string())])
    if pa.types.is_timestamp(kind) and kind.tz is not None:
        column = column.cast(pa.timestamp("us"))
    return column.cast(pa.string())


def lines(block: pa.Table) -> bytes:
    r"""Rows as LOAD DATA reads them by default: tabs, line breaks, ``\N`` for what is missing."""
    cells = []
    for column in block.columns:
        spelled = texts(column).combine_chunks()
        if pa.types.is_string(column.type):
            for plain, escaped in (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\0", "\\0")):
                spelled = pc.replace_substring(spelled, plain, escaped)
        cells.append(spelled.fill_null("\\N"))
    whole = cells[0] if len(cells) == 1 else pc.binary_join_element_wise(*cells, "\t")
    return ("\n".join(whole.to_pylist()) + "\n").encode()
