"""How a file is written: its format, compression, delimiter, encoding and the like."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from likewise.core.artifact import storable
from likewise.core.errors import FormatError

FileFormat = Literal["csv", "parquet", "jsonl", "feather", "excel"]
Compression = Literal["none", "gz", "zst"]

SUFFIXES: dict[str, FileFormat] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".tab": "csv",
    ".txt": "csv",
    ".data": "csv",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".feather": "feather",
    ".arrow": "feather",
    ".xlsx": "excel",
}
_COMPRESSIONS: dict[str, Compression] = {".gz": "gz", ".zst": "zst"}
_TEXT = ("csv", "jsonl")


@storable
class Dialect(BaseModel):
    """Everything about a file but its cells, so that another can be written like it.

    Attributes:
        format: the family of the file.
        suffix: what its name ended in, without the compression.
        compression: what the whole file is packed with.
        delimiter: between cells of a row (csv).
        spaced: whether a space follows each delimiter (csv).
        quote: around cells that hold a delimiter, a quote or a line break (csv).
        encoding: Python's name of the character encoding (csv, jsonl).
        bom: whether a byte order mark comes first.
        newline: what ends a line.
        header: column names as written, before doubles and blanks were renamed.
        array: whether JSON records stand in one array rather than on lines.
        sheet: name of the worksheet (excel).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    format: FileFormat = "csv"
    suffix: str = ".csv"
    compression: Compression = "none"
    delimiter: str = ","
    spaced: bool = False
    quote: str = '"'
    encoding: str = "utf-8"
    bom: bool = False
    newline: str = "\n"
    header: tuple[str, ...] = ()
    array: bool = False
    sheet: str | None = None

    @property
    def textual(self) -> bool:
        """Whether all cells are read as text."""
        return self.format == "csv"


def dialect_of(name: str | Path) -> Dialect:
    """The dialect a file name promises; an unknown suffix raises FormatError."""
    path = Path(name)
    suffixes = [suffix.lower() for suffix in path.suffixes]
    compression: Compression = "none"
    if suffixes and suffixes[-1] in _COMPRESSIONS:
        compression = _COMPRESSIONS[suffixes.pop()]
    kind = SUFFIXES.get(suffixes[-1]) if suffixes else None
    if kind is None or (compression != "none" and kind not in _TEXT):
        known = ", ".join(SUFFIXES)
        found = f"the suffix {path.suffix!r} names no known format" if path.suffix else "no suffix"
        raise FormatError(str(name), found, f"Use one of {known}; csv and json also with .gz, .zst")
    delimiter = "\t" if suffixes[-1] in (".tsv", ".tab") else ","
    array = suffixes[-1] == ".json"
    return Dialect(
        format=kind,
        suffix=suffixes[-1],
        compression=compression,
        delimiter=delimiter,
        array=array,
    )


def format_notes(path: str | Path, source: Dialect, written: Dialect) -> list[str]:
    """What is said of a source whose format does not go to standard output."""
    if str(path) != "-" or source.format == written.format:
        return []
    kept = f"give a file with -o to keep {source.format}"
    return [f"standard output takes texts: {source.format} is written as {written.format}; {kept}"]


def dialect_for(path: str | Path, like: Dialect | None = None) -> Dialect:
    """The dialect to write ``path`` in: format by its suffix, the rest like the source.

    ``-`` (standard output) takes the format of the source when that is text, else csv.
    """
    if str(path) == "-":
        if like is None or like.format not in _TEXT:
            return Dialect()
        return like.model_copy(update={"compression": "none"})
    own = dialect_of(path)
    if like is None or like.format != own.format:
        return own
    update: dict[str, object] = {"compression": own.compression, "suffix": own.suffix}
    if own.suffix != like.suffix and "\t" in (own.delimiter, like.delimiter):
        update["delimiter"] = own.delimiter
    if own.suffix != like.suffix:
        update["array"] = own.array
    return like.model_copy(update=update)
