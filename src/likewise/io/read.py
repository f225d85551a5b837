"""Files of any supported format as raw tables: texts for text formats, typed cells for others."""

import gzip
import hashlib
import io
import re
import sys
import zlib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, cast

import pyarrow as pa

from likewise.core.errors import DataError, FormatError, LikewiseError
from likewise.io.dialect import Dialect, dialect_of
from likewise.io.formulas import formula_cells
from likewise.io.names import distinct_names
from likewise.io.read_csv import read_csv
from likewise.io.read_json import read_json
from likewise.io.sniff import SAMPLE, decode_head, sniff_encoding, sniff_json


@dataclass(frozen=True)
class Raw:
    """A table as it was read.

    Attributes:
        table: N rows; texts (null where empty) from csv, typed cells otherwise.
        dialect: how the file is written.
        name: the file's name without its suffixes, "stdin" for standard input.
        notes: what was met and mended on the way.
        formulas: in a csv file, how many cells are formulas and the row of the first, by column.
    """

    table: pa.Table
    dialect: Dialect
    name: str
    notes: tuple[str, ...] = ()
    formulas: dict[str, tuple[int, int]] = field(default_factory=dict)


def read_raw(source: str | Path, *, encoding: str | None = None, empty: bool = False) -> Raw:
    """Read a file, or standard input for ``-``.

    Args:
        source: a path whose suffix names the format: csv, tsv, txt, jsonl, json (also .gz and
            .zst), parquet, feather, arrow, xlsx.
        encoding: character encoding of a text file; found out when not given.
        empty: whether a file with columns and no rows will do.

    Raises:
        DataError: the file is missing, empty, ragged, or in another encoding.
        FormatError: the file is damaged or not what its suffix says.
        MissingExtraError: Excel without the ``excel`` extra.

    Cost: the table in memory plus one block; 25 million csv cells a second and core.
    """
    if str(source) == "-":
        return _read_stdin(encoding)
    path = Path(source)
    _check(path)
    dialect = dialect_of(path)
    where = str(path)
    try:
        table, dialect, notes = _READERS[dialect.format](path, dialect, encoding, empty)
    except LikewiseError:
        raise
    except (OSError, EOFError, zlib.error, pa.ArrowException) as error:
        hint = "Fetch or write the file again"
        found = f"is damaged or cut short ({type(error).__name__})"
        raise FormatError(where, found, hint) from None
    return _checked(Raw(table, dialect, stem(path), tuple(notes)), where, empty)


def hash_file(path: str | Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def stem(path: Path) -> str:
    """The file's name without ``.csv``, ``.csv.gz`` and the like."""
    name = path.name
    if path.suffix.lower() in (".gz", ".zst"):
        name = Path(name).stem
    return Path(name).stem


def _check(path: Path) -> None:
    try:
        if path.is_dir():
            raise DataError(str(path), "is a folder", "Give the path of a file")
        if not path.exists() and re.match(r"[A-Za-z][\w+.-]+:/", str(path)):
            hint = "Bring its rows here first, those of a database with: likewise db pull"
            raise DataError(str(path), "is an address, no file", hint)
        if not path.exists():
            raise DataError(str(path), "does not exist", "Check the path")
        if not path.is_file():  # what is read once cannot be sniffed, hashed and read
            hint = "Send it to standard input and give - as the input"
            raise DataError(str(path), "is a pipe or a device, no file", hint)
        if path.stat().st_size == 0:
            raise DataError(str(path), "is empty", "Give a file with a header and rows")
        with path.open("rb"):
            pass
    except OSError as error:
        found = f"cannot be read ({error.strerror})"
        raise DataError(str(path), found, "Check the path and its permissions") from None


def _checked(raw: Raw, where: str, empty: bool = False) -> Raw:
    if not raw.table.num_columns:
        raise DataError(where, "has no columns", "Give a table with named columns")
    if not raw.table.num_rows and not empty:
        raise DataError(where, "has no rows", "Give a table with at least one row")
    names, notes = distinct_names(raw.table.column_names)
    if notes:
        written = raw.dialect.header or tuple(raw.table.column_names)
        dialect = raw.dialect.model_copy(update={"header": written})
        raw = Raw(raw.table.rename_columns(names), dialect, raw.name, (*raw.notes, *notes))
    return replace(raw, formulas=formula_cells(raw.table)) if raw.dialect.format == "csv" else raw


Result = tuple[pa.Table, Dialect, list[str]]


def _csv(path: Path, dialect: Dialect, encoding: str | None, empty: bool) -> Result:
    return read_csv(lambda: _opened(path, dialect), dialect, str(path), encoding, empty=empty)


def _json(path: Path, dialect: Dialect, _: str | None, __: bool) -> Result:
    return read_json(lambda: _opened(path, dialect), dialect, str(path))


def _parquet(path: Path, dialect: Dialect, _: str | None, __: bool) -> Result:
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        return file.read(), dialect, []


def _feather(path: Path, dialect: Dialect, _: str | None, __: bool) -> Result:
    from pyarrow import ipc

    with pa.memory_map(str(path)) as file:
        try:
            table = ipc.open_file(file).read_all()
        except pa.ArrowInvalid:
            file.seek(0)
            table = ipc.open_stream(file).read_all()
        table.validate(full=True)  # Arrow itself trusts what is inside, and would crash
        return table, dialect, []


def _excel(path: Path, dialect: Dialect, _: str | None, __: bool) -> Result:
    from likewise.io.excel import read_excel

    return read_excel(path, dialect)


_READERS = {
    "csv": _csv,
    "jsonl": _json,
    "parquet": _parquet,
    "feather": _feather,
    "excel": _excel,
}


def _opened(path: Path, dialect: Dialect) -> IO[bytes]:
    """The unpacked bytes of a file."""
    if dialect.compression == "gz":
        with path.open("rb") as raw:
            if raw.read(2) != b"\x1f\x8b":
                hint = "Remove .gz from its name, or fetch it again"
                raise FormatError(str(path), "is not gzip data", hint)
        # unlike Arrow's, Python's reader notices a file cut short
        return cast(IO[bytes], gzip.open(path, "rb"))
    if dialect.compression == "zst":
        return _whole_zst(path)
    return path.open("rb")


def _whole_zst(path: Path) -> IO[bytes]:
    try:
        with pa.CompressedInputStream(pa.OSFile(str(path)), "zstd") as stream:
            return io.BytesIO(stream.read())
    except OSError:
        hint = "Remove .zst from its name, or fetch it again"
        raise FormatError(str(path), "is damaged or not Zstandard data", hint) from None


def _read_stdin(encoding: str | None) -> Raw:
    data = sys.stdin.buffer.read()
    where = "standard input"
    if not data.strip():
        raise DataError(where, "is empty", "Pipe in csv or JSON lines")
    head = data[:SAMPLE]
    found, mark = sniff_encoding(head, where)
    try:
        text = decode_head(head[mark:], encoding or found, where)
    except DataError:
        text = head.decode("latin-1")
    if sniff_json(text):
        table, dialect, notes = read_json(lambda: io.BytesIO(data), Dialect(format="jsonl"), where)
    else:
        table, dialect, notes = read_csv(lambda: io.BytesIO(data), Dialect(), where, encoding)
    return _checked(Raw(table, dialect, "stdin", tuple(notes)), where)
