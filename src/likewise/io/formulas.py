"""Formulas where values are expected: in texts, and in worksheets that lack their results.

A formula in a text file is read by nobody but a spreadsheet, which runs it. Spreadsheet programs
store results beside the formulas of a workbook; libraries that write workbooks may not, and such
cells would read as blank. Layout of the files: ECMA-376, "Office Open XML file formats", part 1,
sections 10.2 and 18.3.1.
"""

import posixpath
import re
import zipfile
from contextlib import suppress
from pathlib import Path
from xml.etree import ElementTree

import pyarrow as pa
import pyarrow.compute as pc

_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_TEXT_FORMULA = r"""^\s*=\s*[\pL\d_("'$@+\-]"""  # not a line of equals signs, nor an arrow


def formula_cells(table: pa.Table) -> dict[str, tuple[int, int]]:
    """How many texts are formulas that begin with =, and the row of the first, by column.

    Columns without one are left out; rows count from 1. Cost: 5 ns a cell.
    """
    found = {}
    for name, cells in zip(table.column_names, table.columns, strict=True):
        if pa.types.is_string(cells.type) and pc.any(pc.match_substring(cells, "=")).as_py():
            hits = pc.match_substring_regex(cells, _TEXT_FORMULA)
            if count := pc.sum(hits).as_py():
                found[name] = count, pc.index(hits, True).as_py() + 1
    return found


def without_value(path: Path) -> str | None:
    """The first cell of the first worksheet that holds a formula and no value, such as B7.

    None too where the archive is laid out in another way than spreadsheet programs do.
    Cost: a search of the sheet's bytes, and where there are formulas at all, one pass of XML.
    """
    with suppress(KeyError, StopIteration, ElementTree.ParseError, zipfile.BadZipFile):
        return _without_value(path)
    return None


def _without_value(path: Path) -> str | None:
    with zipfile.ZipFile(path) as file:
        member = _first_sheet(file)
        if member not in file.namelist() or not _FORMULA.search(file.read(member)):
            return None
        with file.open(member) as sheet:
            for _, element in ElementTree.iterparse(sheet):
                name = _local(element.tag)
                if name == "c" and _lacks_value(element):
                    return element.get("r", "of unknown place")
                if name == "row":
                    element.clear()  # its cells are done; a whole sheet as a tree is large
    return None


def _lacks_value(cell: ElementTree.Element) -> bool:
    parts = {_local(part.tag): part for part in cell}
    stored = parts["v"].text if "v" in parts else None
    texts = ("str", "inlineStr")  # which may well be empty
    return "f" in parts and not stored and cell.get("t") not in texts


def _first_sheet(file: zipfile.ZipFile) -> str:
    """The name in the archive of the sheet that the workbook lists first."""
    book = ElementTree.fromstring(file.read("xl/workbook.xml"))
    sheet = next(part for part in book.iter() if _local(part.tag) == "sheet")
    link = next(value for key, value in sheet.attrib.items() if _local(key) == "id")
    links = ElementTree.fromstring(file.read("xl/_rels/workbook.xml.rels"))
    target = next(part.attrib["Target"] for part in links if part.get("Id") == link)
    return posixpath.join("xl", target).lstrip("/")


def _local(name: str) -> str:
    """A name of XML without its namespace."""
    return name.rpartition("}")[2]
