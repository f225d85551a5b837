"""Raw tables to files, block by block: whole or not at all, in the dialect of the source."""

import codecs
import contextlib
import gzip
import itertools
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from likewise.core.atomic import Put, replacing
from likewise.data.arrow_types import is_dictionary
from likewise.data.cells import one_chunk
from likewise.io.dialect import Dialect, dialect_for
from likewise.io.names import distinct_names
from likewise.io.spelling import csv_cells, guard_notes, json_cells, quoted

__all__ = ["dialect_for", "write_blocks"]

_CELLS = 1 << 21  # cells spelled at a time, so that memory is bounded however wide the table
_BOMS = {
    "utf-8": codecs.BOM_UTF8,
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
    "utf-32-le": codecs.BOM_UTF32_LE,
    "utf-32-be": codecs.BOM_UTF32_BE,
}


def write_blocks(
    blocks: Iterable[pa.Table],
    path: str | Path,
    dialect: Dialect,
    *,
    notes: list[str] | None = None,
    put: Put = replacing,
) -> int:
    """Write the blocks one after the other and return the number of rows.

    The file appears whole or not at all; ``-`` writes to standard output. Memory is bounded by a
    block, except for Excel, and for Feather with dictionary columns, which need all rows.

    Args:
        blocks: tables with the same columns; at least one, which may have no rows.
        path: where to write.
        dialect: how, as from ``dialect_for``.
        notes: receives a sentence on cells that were guarded against being run as formulas.
        put: when the file appears: as soon as it is written, or ``together`` with others.

    Raises:
        DataError: the file cannot be written, or the disk is full.
    """
    told = notes if notes is not None else []
    if str(path) == "-":
        rows = _WRITERS[dialect.format](blocks, sys.stdout.buffer, dialect, told)
        sys.stdout.buffer.flush()
        return rows
    with put(Path(path)) as part, part.open("wb") as file:
        return _WRITERS[dialect.format](blocks, file, dialect, told)


def _csv(blocks: Iterable[pa.Table], file: IO[bytes], dialect: Dialect, notes: list[str]) -> int:
    rows = 0
    guarded: Counter[str] = Counter()
    started = False
    mark = dialect.delimiter + (" " if dialect.spaced else "")
    with _packed(file, dialect) as out:
        for block in blocks:
            if not started:
                names = [name or None for name in _header(block, dialect)]
                header = quoted(pa.array(names, pa.string()), dialect).fill_null("")
                line = mark.join(header.to_pylist()) + dialect.newline
                out.write(_encoded(line.encode(), dialect, first=True))
                started = True
            for piece in _pieces(block):
                cells = [csv_cells(one_chunk(column), dialect) for column in piece.columns]
                for name, (_, count) in zip(block.column_names, cells, strict=True):
                    guarded[name] += count
                lines = _joined([texts for texts, _ in cells], mark)
                out.write(_encoded(_bytes(_ended(lines, dialect.newline)), dialect))
            rows += block.num_rows
    notes += guard_notes(guarded, list(guarded))
    return rows


def _jsonl(blocks: Iterable[pa.Table], file: IO[bytes], dialect: Dialect, _: list[str]) -> int:
    rows = 0
    with _packed(file, dialect) as out:
        out.write(_encoded(b"[\n" if dialect.array else b"", dialect, first=True))
        for block in blocks:
            names = [json.dumps(n, ensure_ascii=False) for n in _header(block, dialect)]
            for piece in _pieces(block):
                parts: list[Any] = []
                for i, column in enumerate(piece.columns):
                    parts += [f"{', ' if i else '{'}{names[i]}: ", json_cells(one_chunk(column))]
                lines = pc.binary_join_element_wise(*parts, "}", "")
                data = _bytes(_ended(lines, ",\n" if dialect.array else "\n"))
                if dialect.array:  # the comma goes before every record but the first
                    data = (b",\n" if rows else b"") + data[:-2]
                out.write(_encoded(data, dialect))
                rows += piece.num_rows
        if dialect.array:
            out.write(_encoded(b"\n]\n", dialect))
    return rows


def _parquet(
    blocks: Iterable[pa.Table], file: IO[bytes], _dialect: Dialect, _notes: list[str]
) -> int:
    import pyarrow.parquet as pq

    rows = 0
    writer = None
    try:
        for block in blocks:
            if writer is None:
                texts = [f.name for f in block.schema if not pa.types.is_primitive(f.type)]
                writer = pq.ParquetWriter(
                    file, block.schema, compression="zstd", use_dictionary=texts or False
                )
            aligned = block if block.schema == writer.schema else block.cast(writer.schema)
            if aligned.num_rows or not rows:
                writer.write_table(aligned, row_group_size=max(aligned.num_rows, 1))
            rows += block.num_rows
    finally:
        if writer is not None:
            writer.close()
    return rows


def _feather(
    blocks: Iterable[pa.Table], file: IO[bytes], _dialect: Dialect, _notes: list[str]
) -> int:
    from pyarrow import ipc

    rows, waiting = 0, iter(blocks)
    first = next(waiting)
    if any(is_dictionary(kind) for kind in first.schema.types):  # one dictionary for the file
        whole = pa.concat_tables([first, *(b.cast(first.schema) for b in waiting)])
        first, waiting = whole.unify_dictionaries(), iter(())
    options = ipc.IpcWriteOptions(compression="zstd")
    with ipc.new_file(file, first.schema, options=options) as writer:
        for block in itertools.chain([first], waiting):
            writer.write_table(block)
            rows += block.num_rows
    return rows


def _excel(blocks: Iterable[pa.Table], file: IO[bytes], dialect: Dialect, notes: list[str]) -> int:
    from likewise.io.excel import write_excel

    return write_excel(blocks, file, dialect, notes)


_Writer = Callable[[Iterable[pa.Table], IO[bytes], Dialect, list[str]], int]
_WRITERS: dict[str, _Writer] = {
    "csv": _csv,
    "jsonl": _jsonl,
    "parquet": _parquet,
    "feather": _feather,
    "excel": _excel,
}


def _header(block: pa.Table, dialect: Dialect) -> list[str]:
    """Column names as the source wrote them, if these are its columns."""
    if distinct_names(dialect.header)[0] == block.column_names:
        return list(dialect.header)
    return list(block.column_names)


def _pieces(block: pa.Table) -> Iterator[pa.Table]:
    step = max(_CELLS // max(block.num_columns, 1), 1)
    for start in range(0, block.num_rows, step):
        yield block.slice(start, step)


def _joined(cells: list[pa.Array], mark: str) -> pa.Array:
    return cells[0] if len(cells) == 1 else pc.binary_join_element_wise(*cells, mark)


def _ended(lines: pa.Array, newline: str) -> pa.Array:
    return pc.binary_join_element_wise(lines, "", newline)


def _bytes(lines: pa.Array) -> bytes:
    """All texts one after the other: so they lie in memory already."""
    offsets = np.frombuffer(lines.buffers()[1], np.int32)
    start, end = offsets[lines.offset], offsets[lines.offset + len(lines)]
    return bytes(memoryview(lines.buffers()[2])[start:end])


def _encoded(text: bytes, dialect: Dialect, *, first: bool = False) -> bytes:
    data = text
    if dialect.encoding not in ("utf-8", "utf8"):
        data = text.decode().encode(dialect.encoding, errors="replace")
    return _BOMS.get(dialect.encoding, b"") + data if first and dialect.bom else data


@contextlib.contextmanager
def _packed(file: IO[bytes], dialect: Dialect) -> Iterator[IO[bytes]]:
    """The file, or a compressor in front of it; equal rows give equal bytes."""
    if dialect.compression == "gz":
        with gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0, compresslevel=6) as out:
            yield out  # type: ignore[misc]
    elif dialect.compression == "zst":
        with pa.CompressedOutputStream(pa.PythonFile(file, mode="w"), "zstd") as out:
            yield out
    else:
        yield file
