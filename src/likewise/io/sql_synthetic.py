"""Made-up cells that have to be of a type which not every text is: JSON, UUIDs, arrays, lengths."""

import hashlib
import ipaddress
import json
import uuid
from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from likewise.core.errors import DataError
from likewise.data.cells import shared_by
from likewise.io.sql_schema import SqlColumn, SqlTable
from likewise.io.sql_types import type_of
from likewise.io.sql_url import Engine

_NEUTRAL = {
    "[]": "{}",
    "inet": "0.0.0.0",
    "cidr": "0.0.0.0/0",
    "macaddr": "00:00:00:00:00:00",
    "json": "{}",
    "jsonb": "{}",
}


def as_declared(
    drawn: pa.Table, real: pa.Table, table: SqlTable, engine: Engine
) -> tuple[pa.Table, list[str]]:
    """Drawn rows as the types of their columns want them, and notes on what was changed.

    Of JSON, addresses, arrays and other types that travel as texts, a cell is kept if it reads as
    one, or if enough real rows share it for everyone to know it; others become missing, or an empty
    value of the type. UUIDs that are none become the UUID that their text amounts to, the same in
    every table. Texts too long for their column are cut. Columns of bytes are missing, or empty
    where they must not be.

    Args:
        drawn: N synthetic rows; columns that were not learned are not among them.
        real: the rows of the source.
        table: its declaration.
        engine: of the source.
    """
    notes, arrays, names = list[str](), [], []
    for column in table.columns:
        if column.generated:
            continue
        where = f"table {table.name!r}, column {column.name!r}"
        names.append(column.name)
        if column.name not in drawn.column_names:
            empty = None if column.nullable else b""
            kind = real.schema.field(column.name).type
            arrays.append(pa.array([empty] * drawn.num_rows, kind))
            notes.append(f"{where}: bytes are not made up: left empty")
            continue
        cells, told = _fitting(drawn.column(column.name), real, column, engine, where)
        arrays.append(cells)
        notes += [f"{where}: {told}"] if told else []
    return pa.table(arrays, names=names), notes


def _fitting(
    cells: pa.ChunkedArray, real: pa.Table, column: SqlColumn, engine: Engine, where: str
) -> tuple[pa.ChunkedArray, str]:
    """Cells that fit their column, and how many were changed in which way."""
    family, args = type_of(column, engine)
    if not pa.types.is_string(cells.type):
        return cells, ""
    if family == "uuid":
        return _replaced(cells, {word: _uuid(word) for word in _distinct(cells)}), ""
    if family in ("json", "other") and engine != "sqlite":
        known = _shared(real.column(column.name))
        kind = column.type.lower()
        wrong = {w for w in _distinct(cells) if w not in known and not _reads_as(w, kind)}
        if not wrong:
            return cells, ""
        neutral = _neutral(column, where)
        count = sum(cell in wrong for cell in cells.to_pylist())
        told = f"{count:,} cells were no {column.type}: {neutral or 'missing'}"
        return _replaced(cells, dict.fromkeys(wrong, neutral)), told
    if family in ("char", "varchar") and args:
        count = pc.sum(pc.greater(pc.utf8_length(cells), args[0]), min_count=0).as_py()
        told = f"{count:,} texts were cut to {args[0]} letters" if count else ""
        return pc.utf8_slice_codeunits(cells, 0, args[0]), told
    return cells, ""


def _distinct(cells: pa.ChunkedArray) -> list[str]:
    return [word for word in cells.unique().to_pylist() if word is not None]


def _replaced(cells: pa.ChunkedArray, words: Mapping[str, str | None]) -> pa.ChunkedArray:
    """The cells with some texts for others."""
    plain = [None if cell is None else words.get(cell, cell) for cell in cells.to_pylist()]
    return pa.chunked_array([pa.array(plain, pa.string())])


def _shared(real: pa.ChunkedArray) -> set[str]:
    """Real values that enough rows share."""
    counts = pc.value_counts(real.drop_null())
    least = shared_by(len(real))
    return {entry["values"] for entry in counts.to_pylist() if entry["counts"] >= least}


def _reads_as(text: str, kind: str) -> bool:
    """Whether the text is a JSON document or a network address, as its type asks."""
    try:
        if kind in ("json", "jsonb"):
            json.loads(text)
        elif kind == "inet":
            ipaddress.ip_interface(text)
        elif kind == "cidr":
            ipaddress.ip_network(text)
        else:
            return False
    except ValueError:
        return False
    return True


def _uuid(text: str) -> str:
    """The text if it is a UUID, or the one that it amounts to."""
    try:
        return str(uuid.UUID(text))
    except ValueError:
        digest = hashlib.blake2b(text.encode(), digest_size=16).digest()
        return str(uuid.UUID(bytes=digest, version=4))


def _neutral(column: SqlColumn, where: str) -> str | None:
    """A value of the type that says nothing: missing, if that may be."""
    if column.nullable:
        return None
    for end, value in _NEUTRAL.items():
        if column.type.lower().endswith(end):
            return value
    found = f"no value of the type {column.type} can be made up, and none may be missing"
    raise DataError(where, found, "Let it be missing, or leave the table out")
