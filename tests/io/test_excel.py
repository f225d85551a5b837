"""What workbooks hold and cannot hold is said, not lost."""

import zipfile
from decimal import Decimal
from pathlib import Path

import openpyxl
import pyarrow as pa
import pytest

from likewise.core.errors import DataError
from likewise.io.dialect import dialect_for
from likewise.io.read import read_raw
from likewise.io.write import write_blocks


def _book(path: Path, *, formula: str = "=A2*2") -> Path:
    book = openpyxl.Workbook()
    book.active.title = "Prices"
    for row in (["a", "b"], [1, 2], [3, 4]):
        book.active.append(row)
    book.active["B3"] = formula
    book.create_sheet("Other")["A1"] = "=1+1"  # is not read, so its formulas do not matter
    book.save(path)
    return path


def _rewritten(path: Path, old: bytes, new: bytes) -> Path:
    """The workbook with its first sheet's XML changed."""
    with zipfile.ZipFile(path) as file:
        members = {name: file.read(name) for name in file.namelist()}
    sheet = members["xl/worksheets/sheet1.xml"]
    assert old in sheet
    members["xl/worksheets/sheet1.xml"] = sheet.replace(old, new)
    with zipfile.ZipFile(path, "w") as file:
        for name, content in members.items():
            file.writestr(name, content)
    return path


def test_a_formula_without_a_stored_value_is_refused_with_its_cell(tmp_path: Path) -> None:
    path = _book(tmp_path / "in.xlsx")
    with pytest.raises(DataError, match="sheet 'Prices', cell B3: a formula without a stored"):
        read_raw(path)


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        (b'<c r="B3"><f>A2*2</f><v>2</v></c>', 2),
        (b'<c r="B3" t="str"><f>A2&amp;""</f><v></v></c>', None),
        (b'<c r="B3"><f t="shared" si="0"/><v>7</v></c>', 7),
    ],
)
def test_stored_values_of_formulas_are_read(tmp_path: Path, cell: bytes, value: object) -> None:
    path = _book(tmp_path / "in.xlsx")
    _rewritten(path, b'<c r="B3"><f>A2*2</f><v /></c>', cell)
    assert read_raw(path).table.column("b").to_pylist() == [2, value]


def test_what_a_worksheet_cannot_hold_is_said_by_column_with_a_count(tmp_path: Path) -> None:
    table = pa.table(
        {
            "long": ["x" * 32_768, "y" * 32_767, "z" * 40_000],
            "wide": [2**53 + 1, 2**53, -(2**60) - 1],
            "exact": [2**54, 2**60, 5],
            "money": [Decimal("0.10"), Decimal("0.20"), Decimal("12345678901234567.89")],
        }
    )
    notes: list[str] = []
    path = tmp_path / "out.xlsx"
    write_blocks([table], path, dialect_for(path), notes=notes)
    kept = "; write csv or Parquet to keep them whole"
    assert notes == [
        "column 'long': 2 texts were cut to the 32,767 characters that a worksheet's cell holds"
        + kept,
        "column 'wide': 2 numbers lost digits, of which a worksheet holds 15" + kept,
        "column 'money': 1 numbers lost digits, of which a worksheet holds 15" + kept,
    ]


@pytest.mark.parametrize("renamed", ["xl/Workbook.xml", "xl\\workbook.xml"])
def test_workbooks_laid_out_in_another_way_are_read_as_before(tmp_path: Path, renamed: str) -> None:
    path = _book(tmp_path / "in.xlsx", formula="plain")
    parts = {}
    with zipfile.ZipFile(path) as book:
        for name in book.namelist():
            parts[renamed if name == "xl/workbook.xml" else name] = book.read(name)
    with zipfile.ZipFile(path, "w") as book:
        for name, content in parts.items():
            book.writestr(name, content)
    assert read_raw(path).table.num_rows == 2
