"""Excel workbooks; needs the ``excel`` extra. Rows are held in memory."""

import datetime as dt
import io
import re
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

import pyarrow as pa

from likewise.core.errors import DataError, FormatError, MissingExtraError
from likewise.io.dialect import Dialect
from likewise.io.formulas import without_value
from likewise.io.names import distinct_names
from likewise.io.spelling import guard_notes, risky

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")  # characters that XML cannot hold
_MOST_ROWS = 1_048_575  # of a worksheet, less the header
_LONGEST = 32_767  # characters of a cell
_EXACT = 2**53  # whole numbers up to here are exact: a worksheet holds them as float64


def read_excel(path: Path, dialect: Dialect) -> tuple[pa.Table, Dialect, list[str]]:
    """The first worksheet: columns of one cell type keep it, mixed ones become texts."""
    try:
        import python_calamine as calamine
    except ImportError:
        raise MissingExtraError.of(str(path), "python-calamine", "excel") from None
    try:
        book = calamine.CalamineWorkbook.from_path(str(path))
        sheet = book.sheet_names[0]
        rows = book.get_sheet_by_name(sheet).to_python()
        unknown = without_value(path)
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException:  # a panic of the Rust reader is no Exception
        hint = "Save the workbook again as xlsx"
        raise FormatError(str(path), "is no workbook, or damaged", hint) from None
    if unknown is not None:
        hint = "Open the workbook in a spreadsheet program, save it, and try again"
        place = f"{path}, sheet {sheet!r}, cell {unknown}"
        raise DataError(place, "a formula without a stored value", hint)
    if not rows:
        raise DataError(f"{path}, sheet {sheet!r}", "is empty", "Put a table with a header there")
    plain = [_plain(cell) for cell in rows[0]]
    written = ["" if cell is None else str(cell) for cell in plain]
    names, notes = distinct_names(written)
    body = list(zip(*rows[1:], strict=True)) if len(rows) > 1 else [() for _ in names]
    arrays = [_column([_plain(cell) for cell in cells]) for cells in body]
    if len(book.sheet_names) > 1:
        notes.append(f"the first of {len(book.sheet_names)} sheets was read")
    found = dialect.model_copy(update={"sheet": sheet, "header": tuple(written)})
    return pa.Table.from_arrays(arrays, names=names), found, notes


def write_excel(
    blocks: Iterable[pa.Table], file: IO[bytes], dialect: Dialect, notes: list[str]
) -> int:
    """Write one worksheet; texts that would run as formulas get a leading apostrophe."""
    try:
        import openpyxl
    except ImportError:
        raise MissingExtraError.of("Excel output", "openpyxl", "excel") from None
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(dialect.sheet or "Sheet1")
    guarded: Counter[str] = Counter()
    lost: Counter[tuple[str, str]] = Counter()
    whole = io.BytesIO()  # a zip archive that fails while closing complains a second time
    try:
        rows = _append(sheet, blocks, dialect, guarded, lost)
        book.save(whole)
    except BaseException:
        _discard(sheet)
        raise
    file.write(whole.getbuffer())
    notes += guard_notes(guarded, list(guarded))
    notes += [
        f"column {name!r}: {count:,} {what}; write csv or Parquet to keep them whole"
        for (name, what), count in lost.items()
    ]
    return rows


def _discard(sheet: Any) -> None:
    """Remove the file that the rows lie in, which an end by signal would leave.

    What is still open would write to it later on, and complain of a full disk a second time.
    """
    for part, end in (("_rows", "close"), ("_writer", "close"), ("_writer", "cleanup")):
        with suppress(Exception):
            getattr(getattr(sheet, part), end)()


def _append(
    sheet: Any,
    blocks: Iterable[pa.Table],
    dialect: Dialect,
    guarded: Counter[str],
    lost: Counter[tuple[str, str]],
) -> int:
    """Write the header and the rows of all blocks; how many rows there were."""
    rows = 0
    started = False
    for block in blocks:
        if not started:
            started = True
            known = distinct_names(dialect.header)[0] == block.column_names
            sheet.append(list(dialect.header) if known else block.column_names)
        if rows + block.num_rows > _MOST_ROWS:
            hint = "Write csv or Parquet instead"
            raise DataError("Excel output", f"more than {_MOST_ROWS:,} rows", hint)
        columns = []
        for name, column in zip(block.column_names, block.columns, strict=True):
            cells, count = _guarded(column)
            guarded[name] += count
            lost.update((name, what) for what in map(_loss, cells) if what)
            columns.append(cells)
        for row in zip(*columns, strict=True):
            sheet.append(row)
        rows += block.num_rows
    return rows


def _plain(cell: Any) -> Any:
    """A cell without the workbook's habits: blank is missing, whole floats are integers."""
    if cell == "":
        return None
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53:
        return int(cell)
    return cell


def _column(cells: list[Any]) -> pa.Array:
    kinds = {type(cell) for cell in cells if cell is not None}
    if kinds <= {dt.date, dt.datetime} and len(kinds) == 2:
        cells = [_midnight(cell) for cell in cells]
        kinds = {dt.datetime}
    if len(kinds) <= 1 or kinds == {int, float}:
        kind = pa.timestamp("us") if kinds == {dt.datetime} else None
        kind = pa.float64() if kinds == {int, float} else kind
        return pa.array(cells, pa.string() if not kinds else kind)
    return pa.array([None if cell is None else str(cell) for cell in cells], pa.string())


def _midnight(cell: Any) -> Any:
    plain_date = isinstance(cell, dt.date) and not isinstance(cell, dt.datetime)
    return dt.datetime.combine(cell, dt.time()) if plain_date else cell


def _guarded(column: pa.ChunkedArray) -> tuple[list[Any], int]:
    cells = column.to_pylist()
    texts = [cell if isinstance(cell, str) else None for cell in cells]
    flags = risky(pa.array(texts, pa.string())).to_pylist()
    count = sum(flags)
    if count:
        cells = [f"'{c}" if flag else c for c, flag in zip(cells, flags, strict=True)]
    return [_cell(cell) for cell in cells], count


def _loss(cell: Any) -> str | None:
    """What a worksheet cannot hold of a cell; None for nothing."""
    if isinstance(cell, str) and len(cell) > _LONGEST:
        return f"texts were cut to the {_LONGEST:,} characters that a worksheet's cell holds"
    if isinstance(cell, int | Decimal) and not -_EXACT <= cell <= _EXACT and cell != float(cell):
        return "numbers lost digits, of which a worksheet holds 15"
    return None


def _cell(cell: Any) -> Any:
    """A value a worksheet can hold."""
    if isinstance(cell, dt.date) and (cell.year < 1900 or getattr(cell, "tzinfo", None)):
        return cell.isoformat()  # a worksheet knows neither zones nor days before 1900
    if isinstance(cell, str):
        return _CONTROL.sub("", cell)
    return str(cell) if isinstance(cell, list | dict | bytes) else cell
