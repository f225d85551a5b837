"""Whether a column of labels is a category, text, a key or a constant."""

import re
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from likewise.core.errors import SchemaError
from likewise.data.cells import CLEAR_WORDS, Distinct, of
from likewise.data.schema import Kind

Array = np.ndarray

KEY_ROWS = 20  # fewer rows cannot show that values are meant to be unique
CONSTANT_ROWS = 10  # fewer rows may be one person's
MOST_LEVELS = 5_000
MOST_ROWS_PER_ID = 1_000  # a label that more rows share names a kind of thing, not a thing
FEW_LEVELS = 50

_KEY_NAME = re.compile(
    r"(?:^|[^a-z])(?:id|ids|key|uuid|guid|index|idx|nr|no|num|number|code|unnamed: 0)$"
    r"|^column_1$|^unnamed",
    re.IGNORECASE,
)
_CAMEL_KEY = re.compile(r"[a-z](?:ID|Id|Key|No|Nr|Code|Number)$")
_SHARED_CODE = re.compile(r"code$", re.IGNORECASE)  # of a place, product or illness: no identity
_UUID = r"^\{?[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}\}?$"


@dataclass(frozen=True)
class Judged:
    """A kind of label, the word that means missing, and why."""

    kind: Kind
    evidence: tuple[str, ...]
    null: str = ""


def named_like_key(name: str) -> bool:
    """Whether the column's name ends in id, key, number or the like."""
    return bool(_KEY_NAME.search(name) or _CAMEL_KEY.search(name))


def judge_labels(name: str, found: Distinct) -> Judged:
    """The kind of a column of labels, from its distinct texts and their counts."""
    found, null, said = _without_missing(found)
    levels, cells = len(found.texts), found.cells
    missing = found.rows - cells
    if not cells:
        return Judged(Kind.CONSTANT, (*said, f"all {found.rows:,} cells are missing"), null)
    if levels == 1 and not missing and cells >= CONSTANT_ROWS:
        return Judged(Kind.CONSTANT, (f"all {cells:,} cells are the same",), null)
    mean = cells / levels
    if levels == cells and cells >= KEY_ROWS and not missing:
        reason = _key_reason(name, found)
        if reason:
            return Judged(Kind.KEY, (f"all {cells:,} cells differ", reason), null)
    counted = f"{levels:,} different labels in {cells:,} non-missing cells"
    if identifying(name, levels, cells) and _spelled_like_key(found):
        reason = "the name is that of a key, whose values repeat"
        return Judged(Kind.KEY, (*said, f"{counted}, {mean:,.1f} cells each", reason), null)
    if (levels <= FEW_LEVELS and mean >= 2) or (levels <= MOST_LEVELS and mean >= 10):
        return Judged(Kind.CATEGORY, (*said, f"{counted}, {mean:,.1f} cells each"), null)
    return Judged(Kind.TEXT, (*said, counted, _manner(found)), null)


def identifying(name: str, levels: int, cells: int) -> bool:
    """Whether a column that is named like a key has too many values to be a set of labels.

    Names that end in code are left out: codes of places, products or illnesses are shared words.
    """
    if not named_like_key(name) or _SHARED_CODE.search(name) or cells < KEY_ROWS:
        return False
    return levels > FEW_LEVELS and cells < MOST_ROWS_PER_ID * levels


def repeated_integers(name: str, values: Array, cells: int) -> str | None:
    """Why whole numbers are identifiers that repeat, or None; int64, those of ``cells`` cells."""
    if not named_like_key(name) or not len(values):
        return None
    different = np.unique(values)
    years = different[0] >= 1000 and different[-1] <= 2200
    if years or different[0] < 0 or not identifying(name, len(different), cells):
        return None
    return (
        f"{len(different):,} different whole numbers in {cells:,} cells and the name is that "
        "of a key, whose values repeat"
    )


def key_integers(name: str, values: Array, rows: int) -> str | None:
    """Why whole numbers are identifiers, or None; (N,) int64 in file order, none missing."""
    if len(values) != rows or rows < KEY_ROWS:
        return None
    steps = np.diff(values)
    rising = bool((steps > 0).all())
    if not rising and len(np.unique(values)) != rows:
        return None
    low, high = int(values.min()), int(values.max())
    named, dense = named_like_key(name), high - low < 2 * rows
    if named:
        return f"all {rows:,} cells are different whole numbers and the name is that of a key"
    years = low >= 1000 and high <= 2200
    if rising and dense and not years:
        return f"{rows:,} whole numbers that rise steadily, none twice"
    return None


def in_order(name: str, texts: list[str]) -> tuple[str, ...]:
    """Labels of an ordinal column in rising order, which only numbers have by themselves."""
    try:
        return tuple(sorted(texts, key=float))
    except ValueError:
        found = f"declared ordinal without the order of its {len(texts):,} labels"
        hint = "List them under levels in the schema, lowest first"
        raise SchemaError(f"column {name!r}", found, hint) from None


def _without_missing(found: Distinct) -> tuple[Distinct, str, tuple[str, ...]]:
    """Labels without the one clear word for missing, if there is one and no empty cell."""
    clear = pc.is_in(found.texts, pa.array(sorted(CLEAR_WORDS), pa.string()))
    mask = np.asarray(clear)
    if found.empty or mask.sum() != 1 or len(found.texts) == 1:
        return found, "", ()
    word = found.texts[int(np.flatnonzero(mask)[0])].as_py()
    rest = found.keep(~mask)
    capitals = rest.count(pc.match_substring_regex(rest.texts, r"^[A-Z]{2}$"))
    if word == "NA" and 2 * capitals >= rest.cells:
        sentence = "'NA' stands among other labels of two capitals: kept as a label"
        return found, "", (sentence,)
    count = found.cells - rest.cells
    return rest, word, (f"{count:,} cells hold the word {word!r}: missing",)


def _key_reason(name: str, found: Distinct) -> str | None:
    if _share(found, _UUID) == 1:
        return "all cells are UUIDs"
    spaced = _share(found, r"\s")
    if named_like_key(name) and spaced < 0.05:
        return "the name is that of a key"
    shapes = pc.replace_substring_regex(found.texts, r"[0-9]+", "0")
    kinds = len(shapes.unique())
    if kinds <= max(3, 0.01 * len(found.texts)) and _share(found, r"\d") == 1 and spaced == 0:
        return f"they follow {kinds:,} pattern{'s' if kinds > 1 else ''} with digits"
    return None


def _spelled_like_key(found: Distinct) -> bool:
    """Whether nearly all labels are single words, most of them with digits."""
    return _share(found, r"\s") < 0.05 and _share(found, r"\d") > 0.8


def _manner(found: Distinct) -> str:
    spaced = found.count(pc.match_substring_regex(found.texts, r"\S\s+\S"))
    if 2 * spaced >= found.cells:
        return of(spaced, found.cells, "hold several words: prose or names")
    digits = found.count(pc.match_substring_regex(found.texts, r"^\S*\d\S*$"))
    if 2 * digits >= found.cells:
        return of(digits, found.cells, "are single words with digits: codes")
    return "mostly single words"


def _share(found: Distinct, regex: str) -> float:
    return found.count(pc.match_substring_regex(found.texts, regex)) / max(found.cells, 1)
