"""Cells of MySQL and MariaDB: the texts that the server sends and reads, and Arrow."""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from types import ModuleType
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from likewise.core.errors import DataError
from likewise.io.sql_cells import fit
from likewise.io.sql_ddl import quote
from likewise.io.sql_schema import SqlColumn
from likewise.io.sql_types import type_of

_BARE = frozenset(
    ["smallint", "integer", "bigint", "numeric", "real", "double", "boolean", "date", "time",
     "timestamp", "timestamptz"]
)  # fmt: skip
_ESCAPED = (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\0", "\\0"))  # in lines of LOAD DATA
_WHOLE = 1 << 30  # bytes that Arrow takes as one block, which rows may be as long as


def writers(pymysql: ModuleType) -> dict[Any, Any]:
    """What turns Python's values into SQL, without what reads cells: these stay exact texts."""
    known = pymysql.converters.conversions
    return {kind: how for kind, how in known.items() if not isinstance(kind, int)}


def is_binary(column: SqlColumn) -> bool:
    """Whether cells are bytes, which travel in hexadecimal."""
    return type_of(column, "mysql").family == "bytes"


def one_text(columns: Sequence[SqlColumn]) -> str:
    """A row as a line of csv, as an expression: one text is fetched many times faster than many.

    Cells are quoted unless they are missing; bytes are in hexadecimal.
    """
    return f"CONCAT_WS(',', {', '.join(map(_cell, columns))})"


def _cell(column: SqlColumn) -> str:
    name = quote(column.name, "mysql")
    family = type_of(column, "mysql").family
    bits = column.type.lower().startswith(("bit", "geometry", "point"))
    if is_binary(column) or (bits and family != "boolean"):
        name = f"HEX({name})"
    elif family in _BARE:
        return (
            f"IFNULL({name} + 0, '')" if column.type.lower() == "bit(1)" else f"IFNULL({name}, '')"
        )
    return f"IFNULL(CONCAT('\"', REPLACE({name}, '\"', '\"\"'), '\"'), '')"


def received(rows: Sequence[str], wanted: pa.Schema, table: str) -> pa.Table:
    """Lines of csv as cells of the types that are wanted."""
    names = wanted.names
    table_of_texts = pacsv.read_csv(
        pa.py_buffer(("\n".join(rows) + "\n").encode()),
        read_options=pacsv.ReadOptions(column_names=names, use_threads=False, block_size=_WHOLE),
        parse_options=pacsv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
        convert_options=pacsv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()),
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )
    cells = []
    for field in wanted:
        try:
            cells.append(_typed(table_of_texts.column(field.name), field.type))
        except (pa.ArrowInvalid, ValueError):
            found = "cells lie beyond what their type can be read as"
            hint = "Leave the table out, or mend them"
            where = f"table {table!r}, column {field.name!r}"
            raise DataError(where, found, hint) from None
    return pa.table(cells, schema=wanted)


def _typed(words: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    """Texts of the server in the type of their column; days that are none are missing."""
    if pa.types.is_binary(kind):
        plain = [None if word is None else bytes.fromhex(word) for word in words.to_pylist()]
        return pa.chunked_array([pa.array(plain, kind)])
    if pa.types.is_timestamp(kind):
        words = pc.if_else(pc.match_substring_regex(words, "^0000-00-00"), None, words)
        return words.cast(pa.timestamp("us")).cast(kind)
    if pa.types.is_date(kind):
        words = pc.if_else(pc.equal(words, "0000-00-00"), None, words)
    if pa.types.is_boolean(kind):
        return pc.not_equal(words, "0")
    return fit(words, kind)


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


def lines(block: pa.Table) -> pa.Buffer:
    r"""Rows as LOAD DATA reads them by default: tabs, line breaks, ``\N`` for what is missing."""
    cells = []
    for column in block.columns:
        spelled = texts(column).combine_chunks()
        if pa.types.is_string(column.type):
            for plain, escaped in _ESCAPED:
                spelled = pc.replace_substring(spelled, plain, escaped)
        cells.append(spelled.fill_null("\\N"))
    whole = cells[0] if len(cells) == 1 else pc.binary_join_element_wise(*cells, "\t")
    ended = pc.binary_join_element_wise(whole, "", "\n")  # its texts lie one after the other
    size = pc.sum(pc.binary_length(ended)).as_py()
    return ended.buffers()[2].slice(0, size)


def lines_ahead(blocks: Iterable[pa.Table]) -> Iterator[tuple[pa.Table, pa.Buffer]]:
    """Blocks that have rows and their lines; those of the next are written while one is used."""
    with ThreadPoolExecutor(1) as pool:
        last: tuple[pa.Table, Future[pa.Buffer]] | None = None
        for block in blocks:
            if block.num_rows:
                coming = block, pool.submit(lines, block)
                if last is not None:
                    yield last[0], last[1].result()
                last = coming
        if last is not None:
            yield last[0], last[1].result()
