"""What a text file looks like, judged from its first bytes: encoding, delimiter, quotes."""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator

from likewise.core.errors import DataError, FormatError
from likewise.io.dialect import Dialect

SAMPLE = 1 << 20  # bytes looked at

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_MAGIC = {
    b"PAR1": "Parquet",
    b"PK\x03\x04": "zip or Excel",
    b"\x1f\x8b": "gzip",
    b"\x28\xb5\x2f\xfd": "Zstandard",
    b"ARROW1": "Arrow",
    b"%PDF": "PDF",
    b"SQLite format 3": "SQLite",
}
_DELIMITERS = ",;\t|"
_ROWS = 200


def sniff_encoding(head: bytes, where: str) -> tuple[str, int]:
    """The encoding of a text and the length of its byte order mark; FormatError if binary.

    Without a mark it is UTF-8 unless zeros betray UTF-16; a later byte may still refute UTF-8.
    """
    for magic, name in _MAGIC.items():
        if head.startswith(magic):
            hint = "Give the file the suffix of its format"
            raise FormatError(where, f"holds {name} data, not text", hint)
    for bom, encoding in _BOMS:
        if head.startswith(bom):
            return encoding, len(bom)
    if b"\0" in head:
        even, odd = head[0::2].count(0), head[1::2].count(0)
        if max(even, odd) > 0.3 * len(head) / 2 > 2 * min(even, odd):
            return ("utf-16-le" if odd > even else "utf-16-be"), 0
        raise FormatError(where, "holds binary data, not text", "Give a text or Parquet file")
    return "utf-8", 0


def decode_head(head: bytes, encoding: str, where: str) -> str:
    """The sample as text; a character cut at its end is dropped."""
    try:
        decoder = codecs.getincrementaldecoder(encoding)()
    except LookupError:
        raise DataError(where, f"no encoding {encoding!r}", "Give one such as utf-8") from None
    try:
        return decoder.decode(head)
    except UnicodeDecodeError as error:
        line = head[: error.start].count(b"\n") + 1
        hint = "Give the encoding the file was written in, such as cp1252"
        raise DataError(f"{where}:{line}", f"not valid {encoding}", hint) from None


def sniff_csv(text: str, dialect: Dialect) -> Dialect:
    """The delimiter, quote and line ending that fit the sample best."""
    first = re.search(r"\r\n|\n|\r", text)
    newline = first[0] if first else "\n"
    quote = '"'
    bounded = re.findall(r"(?:^|[,;\t|])'[^'\n]*'(?=[,;\t|]|\r?$)", text[:20_000], re.MULTILINE)
    if '"' not in text and len(bounded) >= 2:
        quote = "'"
    scored = [(*_fit(text, mark, quote), mark) for mark in _DELIMITERS]
    best = max(scored, key=lambda score: (score[:2], score[2] == dialect.delimiter))
    delimiter = best[2] if best[1] > 1 else dialect.delimiter
    spaced = _spaced(text, delimiter, quote)
    update = {"delimiter": delimiter, "quote": quote, "newline": newline, "spaced": spaced}
    return dialect.model_copy(update=update)


def first_record(text: str, dialect: Dialect) -> list[str]:
    """The cells of the first row that is not blank."""
    reader = _reader(text, dialect.delimiter, dialect.quote, dialect.spaced)
    try:
        return next((row for row in reader if row), [])
    except csv.Error:
        return []


def sniff_json(text: str) -> bool:
    """Whether the text starts like JSON records."""
    return text.lstrip()[:1] in ("{", "[")


def _fit(text: str, delimiter: str, quote: str) -> tuple[float, int]:
    """Share of sample rows with the header's number of cells, and that number."""
    widths: list[int] = []
    try:
        for row in _reader(text, delimiter, quote, False):
            if row:
                widths.append(len(row))
            if len(widths) >= _ROWS:
                break
    except csv.Error:
        return 0.0, 0
    if not widths or widths[0] < 2:
        return 0.0, 1
    if len(widths) > 2 and len(text) >= SAMPLE // 4:
        widths.pop()  # the sample may end inside the last row
    usual, count = Counter(widths).most_common(1)[0]
    return (count / len(widths) if usual == widths[0] else 0.3 * count / len(widths)), widths[0]


def _spaced(text: str, delimiter: str, quote: str) -> bool:
    if delimiter == "\t":
        return False
    rows = []
    for row in _reader(text, delimiter, quote, False):
        rows.append(row)
        if len(rows) > 50:
            break
    cells = [cell for row in rows[1:-1] or rows for cell in row[1:]]
    return bool(cells) and all(cell.startswith(" ") and cell[1:2] != " " for cell in cells)


def _reader(text: str, delimiter: str, quote: str, spaced: bool) -> Iterator[list[str]]:
    csv.field_size_limit(max(csv.field_size_limit(), SAMPLE))
    return csv.reader(
        io.StringIO(text, newline=""),
        delimiter=delimiter,
        quotechar=quote,
        skipinitialspace=spaced,
    )
