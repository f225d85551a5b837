"""Whether numbers or labels identify things: by their name, and by how many there are."""

import re

import numpy as np
import pyarrow.compute as pc

from likewise.data import numerals
from likewise.data.cells import Distinct
from likewise.data.numerals import Marks

Array = np.ndarray

KEY_ROWS = 20  # fewer rows cannot show that values are meant to be unique
FEW_LEVELS = 50
MOST_ROWS_PER_ID = 1_000  # a label that more rows share names a kind of thing, not a thing

_KEY_NAME = re.compile(
    r"(?:^|[^a-z])(?:id|ids|key|uuid|guid|index|idx|nr|no|num|number|code|unnamed: 0)$"
    r"|^column_1$|^unnamed",
    re.IGNORECASE,
)
_CAMEL_KEY = re.compile(r"[a-z](?:ID|Id|Key|No|Nr|Code|Number)$")
_SHARED_CODE = re.compile(r"code$", re.IGNORECASE)  # of a place, product or illness: no identity


def named_like_key(name: str) -> bool:
    """Whether the column's name ends in id, key, number or the like."""
    return bool(_KEY_NAME.search(name) or _CAMEL_KEY.search(name))


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


def text_key_reason(name: str, values: Distinct, marks: Marks, pattern: str | None) -> str | None:
    """Why whole numbers written as texts are identifiers, or None."""
    texts = pc.utf8_trim_whitespace(values.texts)
    signed = pc.any(pc.match_substring_regex(texts, r"^\+|^-0")).as_py()
    if marks.thousands or signed:
        return None
    integers, _ = numerals.read_integers(texts, marks)
    if pattern is None and len(texts) == values.cells:
        reason = key_integers(name, integers, values.rows)
        if reason:
            return reason
    return repeated_integers(name, integers, values.cells)
