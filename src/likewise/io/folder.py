"""Folders of files, one table each: read as a database, and written as they were read."""

import contextlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

import pyarrow as pa

from likewise.core.atomic import appearing, together
from likewise.core.errors import DataError, FormatError
from likewise.data.arrow_types import is_opaque
from likewise.data.convert import to_source
from likewise.data.database import Database
from likewise.data.database_schema import DECLARATION, TableSchema, read_tables, tables_to_yaml
from likewise.data.declared import to_declared
from likewise.data.infer_database import infer_database
from likewise.data.schema import Schema
from likewise.data.table import Table
from likewise.io.dialect import Dialect, dialect_of
from likewise.io.read import Raw, read_raw, stem
from likewise.io.write import write_blocks

SQL = "sql.yaml"  # how the tables are declared where they came from, see ``io.sql_schema``
_NO_TABLES = frozenset(
    ["schema.yaml", "schema.json", "likewise.yaml", "database.json", DECLARATION, SQL]
)
_OF_SIMULATIONS = frozenset(["manifest.json", "facts.json"])  # what a run says of itself
_PROSE = frozenset(["readme", "license", "licence", "copying", "changelog", "notice"])
_ROWS = 65_536  # written at once
_UNSAFE = re.compile(r'[/\\:*?"<>|\x00-\x1f]|^\.|%(?=[0-9A-Fa-f]{2})')


@dataclass(frozen=True)
class RawFolder:
    """Files as they were read, before any kind was decided.

    Attributes:
        raws: by name of the table.
        declared: what ``database.yaml`` says of them; () without one.
        notes: what was met on the way, files that are no table included.
    """

    raws: Mapping[str, Raw]
    declared: tuple[TableSchema, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class FolderRead:
    """A database that was read from files.

    Attributes:
        database: its tables in the order of their names, with keys and relations.
        dialects: how each table's file is written, for ``write_folder``.
        notes: what was met and mended on the way, with the file.
        formulas: tables of csv files with formulas: by column, how many and the first row.
    """

    database: Database
    dialects: Mapping[str, Dialect]
    notes: tuple[str, ...]
    formulas: Mapping[str, Mapping[str, tuple[int, int]]] = field(default_factory=dict)


def read_folder(
    path: str | Path | Sequence[str | Path], declared: Sequence[TableSchema] = ()
) -> FolderRead:
    """Read a folder, or a list of files, as one database.

    Args:
        path: a folder, whose files with a suffix that names a format are a table each; others are
            told in the notes. Folders within are not looked into. ``database.yaml`` says what is
            known of the tables, in the format of the page on linked tables.
        declared: what is known besides; stands before the entry of the same name in that file.

    Raises:
        DataError: there is no table, or two files have the name of one table.
        SchemaError: a declaration contradicts the tables.
        LikewiseError: what ``read_raw`` raises for a file. A table without rows is none of it.

    Cost: that of ``read_raw`` and ``infer`` for each file, and of ``infer_database``.
    """
    return understood(read_raws(path), declared)


def understood(folder: RawFolder, declared: Sequence[TableSchema] = ()) -> FolderRead:
    """The database that raw files amount to; see ``read_folder``."""
    known = {entry.name: entry for entry in (*folder.declared, *declared)}
    tables, notes = {}, list(folder.notes)
    for name, raw in folder.raws.items():
        content = known[name].content if name in known else Schema(columns=())
        lost = {field.name for field in raw.table.schema if is_opaque(field.type)}
        notes += [f"table {name!r}, column {c!r}: bytes and the like; left out" for c in lost]
        given = Schema(
            columns=tuple(column for column in content.columns if column.name not in lost),
            rules=tuple(rule for rule in content.rules if not lost & set(rule.touches)),
            target=content.target,
        )
        tables[name] = to_declared(raw.table.drop(lost), given, where=f"table {name!r}")
    found = infer_database(tables, declared=tuple(known.values()))
    return FolderRead(
        Database.of(tables, found),
        {name: raw.dialect for name, raw in folder.raws.items()},
        tuple(notes),
        {name: raw.formulas for name, raw in folder.raws.items() if raw.formulas},
    )


def read_raws(path: str | Path | Sequence[str | Path]) -> RawFolder:
    """Read the files of a folder, or listed files, as raw tables; see ``read_folder``."""
    files, declaration, notes = _files(path)
    raws: dict[str, Raw] = {}
    for file in files:
        name = table_name(file)
        if name in raws:
            found = f"a second file for the table {name!r}"
            raise DataError(str(file), found, "Keep one of them, or rename it")
        raws[name] = read_raw(file, empty=True)
        notes += [f"{file.name}: {note}" for note in raws[name].notes]
        if not raws[name].table.num_rows:
            notes.append(f"{file.name}: no rows")
    if not raws:
        where = str(path) if isinstance(path, str | Path) else "files"
        hint = "Give a folder with a file for each table, such as csv or Parquet"
        raise DataError(where, "no file with a table", hint)
    declared = read_tables(declaration) if declaration else ()
    return RawFolder(raws, declared, tuple(notes))


def write_folder(
    database: Database,
    path: str | Path,
    dialects: Mapping[str, Dialect],
    *,
    into_existing: bool = False,
    declaration: bool = False,
    empty: Mapping[str, pa.Table] | None = None,
) -> tuple[str, ...]:
    """Write each table as a file of its own, as its dialect says; the notes.

    The folder appears whole or not at all.

    Args:
        database: the tables.
        path: a folder that is new or empty.
        dialects: by table, such as those of a ``FolderRead``; csv where there is none.
        into_existing: write into a folder that holds files, too; those of the same names are
            replaced, all at the end or none, and others stay.
        declaration: write ``database.yaml`` as well, so that the keys need not be found again.
        empty: further tables without rows, as they were read; their dialect is in ``dialects``.

    Raises:
        DataError: the folder is not empty, or cannot be written.
    """
    blocks: dict[str, Iterable[pa.Table]] = {
        name: _blocks(database[name], dialects.get(name, Dialect())) for name in database.names
    }
    blocks |= {name: [table] for name, table in (empty or {}).items()}
    declared = database.schema.tables if declaration else ()
    return write_files(blocks, path, dialects, into_existing=into_existing, declared=declared)


def write_files(
    tables: Mapping[str, Iterable[pa.Table]],
    path: str | Path,
    dialects: Mapping[str, Dialect],
    *,
    into_existing: bool = False,
    declared: Sequence[TableSchema] = (),
    texts: Mapping[str, str] | None = None,
    done: Callable[[str, int], None] | None = None,
) -> tuple[str, ...]:
    """Write raw tables, block by block, as ``write_folder`` does; the notes.

    Args:
        tables: by name, each at least one block, which may have no rows.
        path: see ``write_folder``, as are ``dialects`` and ``into_existing``.
        declared: what ``database.yaml`` is to say; no such file without it.
        texts: further files by name.
        done: called with each table that was written and its rows.
    """
    path = Path(path)
    notes: list[str] = []
    extra = dict(texts or {}) | ({DECLARATION: tables_to_yaml(declared)} if declared else {})
    with contextlib.ExitStack() as stack:
        if into_existing and path.is_dir() and any(path.iterdir()):
            folder, put = path, stack.enter_context(together())
        else:
            folder = stack.enter_context(appearing(path))
            put = stack.enter_context(together())
        for name, blocks in tables.items():
            dialect = dialects.get(name, Dialect())
            told: list[str] = []
            file = folder / file_name(name, dialect)
            rows = write_blocks(blocks, file, dialect, notes=told, put=put)
            if done is not None:
                done(name, rows)
            notes += [f"{file.name}: {note}" for note in told]
        for name, text in extra.items():
            with put(folder / name) as part:
                part.write_text(text, encoding="utf-8")
    return tuple(notes)


def table_name(file: Path) -> str:
    """The table that a file of this name holds; the inverse of ``file_name``."""
    written = stem(file)
    name = unquote(written)
    return name if _safe(name) == written else written


def file_name(table: str, dialect: Dialect) -> str:
    """The name of a table's file; letters that file systems refuse are written as %2F."""
    packed = "" if dialect.compression == "none" else f".{dialect.compression}"
    return f"{_safe(table)}{dialect.suffix}{packed}"


def _safe(name: str) -> str:
    return _UNSAFE.sub(lambda found: f"%{ord(found[0]):02X}", name)


def _files(
    path: str | Path | Sequence[str | Path],
) -> tuple[list[Path], Path | None, list[str]]:
    """Files that hold tables, the declaration if there is one, and notes on the rest."""
    if not isinstance(path, str | Path):
        listed = [Path(file) for file in path]
        return listed, None, []
    folder = Path(path)
    if not folder.is_dir():
        found = "is no folder" if folder.exists() else "does not exist"
        raise DataError(str(folder), found, "Give the path of a folder with a file for each table")
    files, notes = [], []
    for file in sorted(folder.iterdir()):
        if file.name in _NO_TABLES or file.name.startswith("."):
            continue
        if why := _no_table(file):
            notes.append(f"{file.name}: {why}; left out")
        else:
            files.append(file)
    declaration = folder / DECLARATION
    return files, declaration if declaration.is_file() else None, notes


def _no_table(file: Path) -> str:
    """Why a file is taken for none that holds a table; "" if it is."""
    if file.is_dir():
        return "a folder within the folder is not looked into"
    if file.name in _OF_SIMULATIONS:
        return "what a simulation says of itself, no table"
    if stem(file).lower() in _PROSE:
        return "its name says that it is prose, no table"
    try:
        dialect_of(file.name)
    except FormatError as error:
        return error.found
    return ""


def _blocks(table: Table, dialect: Dialect) -> Iterator[pa.Table]:
    for start in range(0, max(table.rows, 1), _ROWS):
        yield to_source(table.slice(start, _ROWS), typed=not dialect.textual)
