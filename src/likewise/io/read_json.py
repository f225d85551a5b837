"""JSON records, on lines or in one array, as typed cells; texts stay texts, dates included."""

import io
import json
import re
from collections.abc import Callable
from typing import IO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as pajson

from likewise.core.errors import DataError, FormatError
from likewise.data.arrow_types import DEEPEST
from likewise.io.dialect import Dialect
from likewise.io.sniff import SAMPLE, sniff_encoding

_BLOCK = 16 << 20
_LARGEST = 1 << 30
_NULL = re.compile(rb"null\b(?<![:,\[]null)(?<![:,\[] null)")  # but for those that are values
_SPACE = b" \t\r\n"
_TEXT = re.compile(rb'"(?:[^"\\]|\\.)*+"')
_BRACKETS = re.compile(_TEXT.pattern + rb"|([\[{])|([\]}])")
_STEP = np.zeros(256, dtype=np.int8)  # what a byte adds to the depth, unless it is part of a text
_STEP[list(b"[{")], _STEP[list(b"]}")] = 1, -1


def read_json(
    opened: Callable[[], IO[bytes]], dialect: Dialect, where: str
) -> tuple[pa.Table, Dialect, list[str]]:
    """Cells by the types JSON gives them; a column that mixes types raises DataError.

    Cost: a pass to find the columns and a pass to read; the file is held in memory.
    """
    with opened() as file:
        data = file.read()
    if not data.strip():
        raise DataError(where, "is empty", "Give one JSON record a line")
    encoding, mark = sniff_encoding(data[:SAMPLE], where)
    data = data[mark:] if encoding == "utf-8" else data[mark:].decode(encoding).encode()
    array = data.lstrip()[:1] == b"["
    dialect = dialect.model_copy(update={"array": array, "bom": bool(mark), "encoding": encoding})
    lines = _lines_of_array(data, where) if array else data
    if not array:
        _refuse_nothing(lines, where)
    _refuse_depth(lines, where)
    table = _parse(lines, {}, where)
    texts = {f.name: pa.string() for f in table.schema if pa.types.is_timestamp(f.type)}
    if texts:  # Arrow takes texts that look like times for times; inference must see them
        table = _parse(lines, texts, where).select(table.column_names)
    notes = [
        f"column {field.name!r}: whole numbers too large for JSON readers were read with 16 "
        "digits; write them as texts to keep them"
        for field in table.schema
        if pa.types.is_floating(field.type) and _rounded(table.column(field.name))
    ]
    return table, dialect.model_copy(update={"header": tuple(table.column_names)}), notes


def _refuse_nothing(lines: bytes, where: str) -> None:
    """Null in the place of a record: Arrow takes it for one, or ends the process at the first."""
    for found in _NULL.finditer(lines):
        before = found.start()
        while before and lines[before - 1] in _SPACE:
            before -= 1
        if not before or lines[before - 1 : before] == b"}":
            line = lines[lines.rfind(b"\n", 0, before) + 1 : before]
            if b'"' in _TEXT.sub(b"", line):  # within a text
                continue
            number = lines.count(b"\n", 0, found.start()) + 1
            hint = 'Write records such as {"a": 1}'
            raise DataError(f"{where}:{number}", "not a record with names", hint)


def _refuse_depth(lines: bytes, where: str) -> None:
    """Records within records without end: Arrow follows each level down until the process ends."""
    most = DEEPEST + 1  # the record itself is not a level of its columns
    if _depth_with_texts(lines) <= most:
        return
    depth = 0
    for found in _BRACKETS.finditer(lines):
        depth += (found[1] is not None) - (found[2] is not None)
        if depth > most:
            number = lines.count(b"\n", 0, found.start()) + 1
            said = f"nested more than {DEEPEST} levels deep"
            raise DataError(f"{where}:{number}", said, "Give records of fewer levels")


def _depth_with_texts(lines: bytes) -> int:
    """The greatest depth if brackets within texts counted too; quick, and mostly the true one."""
    depth = deepest = 0
    for start in range(0, len(lines), _BLOCK):
        steps = _STEP[np.frombuffer(lines, np.uint8, min(_BLOCK, len(lines) - start), start)]
        depths = depth + np.cumsum(steps[steps != 0], dtype=np.int64)
        if len(depths):
            depth, deepest = int(depths[-1]), max(deepest, int(depths.max()))
    return deepest


def _rounded(column: pa.ChunkedArray) -> bool:
    """Whether the numbers are whole and so large that floats do not tell them apart."""
    finite = column.filter(pc.is_finite(column))
    whole = pc.all(pc.equal(pc.trunc(finite), finite)).as_py()
    return bool(whole and pc.max(pc.abs(finite)).as_py() > 2.0**53) if len(finite) else False


def _parse(data: bytes, texts: dict[str, pa.DataType], where: str) -> pa.Table:
    block = _BLOCK
    schema = pa.schema(list(texts.items())) if texts else None
    while True:
        options = pajson.ReadOptions(block_size=block, use_threads=False)
        parse = pajson.ParseOptions(explicit_schema=schema)
        try:
            return pajson.read_json(io.BytesIO(data), read_options=options, parse_options=parse)
        except pa.ArrowInvalid as error:
            if "straddl" in str(error) and block < _LARGEST:
                block *= 8
                continue
            raise _refused(data, str(error), where) from None


def _refused(data: bytes, message: str, where: str) -> DataError | FormatError:
    """What is wrong, found by reading line by line; names the line, shows no value."""
    for number, line in enumerate(data.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            hint = "Mend the line: one JSON record on each"
            return FormatError(f"{where}:{number}", "not a JSON record", hint)
        if not isinstance(record, dict):
            hint = 'Write records such as {"a": 1}'
            return DataError(f"{where}:{number}", "not a record with names", hint)
    column = re.search(r"Column\((/[^)]*)\)", message)
    if column is None:
        hint = "Check its strings for broken characters"
        return FormatError(where, "holds JSON that cannot be read", hint)
    place = f"{where}, column {column[1].lstrip('/')!r}"
    if "twice" in message:
        return DataError(place, "is named twice in one record", "Name each value once")
    hint = "Write the column in one type throughout"
    return DataError(place, "holds values of different types", hint)


def _lines_of_array(data: bytes, where: str) -> bytes:
    try:
        records = json.loads(data)
        lines = "\n".join(json.dumps(record, ensure_ascii=False) for record in records).encode()
    except RecursionError:
        raise DataError(where, "nested too deeply", "Give records of fewer levels") from None
    except UnicodeEncodeError:
        hint = "Check its strings for broken characters"
        raise FormatError(where, "holds JSON that cannot be read", hint) from None
    except ValueError as error:
        line = getattr(error, "lineno", None)
        place = f"{where}:{line}" if line else where
        raise FormatError(place, "not valid JSON", "Mend the file there") from None
    if not all(isinstance(record, dict) for record in records):
        hint = 'Write records such as {"a": 1}'
        raise DataError(where, "an array of other things than records", hint)
    if not records:
        raise DataError(where, "has no rows", "Give at least one record")
    return lines
