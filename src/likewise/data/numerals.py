"""Numbers as text: which marks a column uses, reading them, and writing them alike.

``Format.pattern`` of a number says how its digits are written: ``%.2f`` always two decimals,
``%r`` at least one, None no more than needed.
"""

import re
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

Array = np.ndarray
INT64_DIGITS = 18  # every whole number of so many digits fits in int64

_EXPONENT = r"(?:[eE][+-]?\d{1,3})?"


@dataclass(frozen=True)
class Marks:
    """The decimal mark and the grouping mark, "" for none."""

    decimal: str = "."
    thousands: str = ""

    @property
    def strict(self) -> str:
        """Numbers in which every group of three is marked."""
        point, group = re.escape(self.decimal), re.escape(self.thousands)
        if not self.thousands:
            return rf"^[+-]?(?:\d+{point}?\d*|{point}\d+){_EXPONENT}$"
        return rf"^[+-]?(?:[1-9]\d{{0,2}}(?:{group}\d{{3}})+|\d{{1,3}})(?:{point}\d+)?$"

    @property
    def loose(self) -> str:
        """Numbers in which groups may be marked."""
        point, group = re.escape(self.decimal), re.escape(self.thousands)
        grouped = rf"\d{{1,3}}(?:{group}\d{{3}})+(?:{point}\d+)?|" if self.thousands else ""
        return rf"^[+-]?(?:{grouped}\d+{point}?\d*|{point}\d+){_EXPONENT}$"


PLAIN = Marks()
STYLES = (
    PLAIN,
    *(Marks(".", group) for group in (",", "'", " ", "\u00a0", "\u202f", "\u2019")),
    Marks(",", ""),
    *(Marks(",", group) for group in (".", " ", "\u00a0", "\u202f", "'")),
)


def marks_of(texts: pa.Array, prefer: Marks | None = None) -> Marks | None:
    """The marks under which every text is a number, or None; ``prefer`` is tried first."""
    sample = texts.slice(0, 200).to_pylist()
    order = (prefer, *STYLES) if prefer is not None else STYLES
    for kind in ("strict", "loose"):
        for marks in order:
            regex = getattr(marks, kind)
            if all(re.match(regex, text) for text in sample) and _all_match(texts, regex):
                return marks
    return None


def read_numbers(texts: pa.Array, marks: Marks) -> tuple[Array, Array]:
    """Values, and whether each text is a number; (N,) float64, (N,) bool."""
    plain, read = _plain(texts, marks)
    return np.asarray(plain.cast(pa.float64())), read


def read_integers(texts: pa.Array, marks: Marks) -> tuple[Array, Array]:
    """Whole numbers, and whether each text is one; (N,) int64, (N,) bool."""
    plain, read = _plain(texts, marks)
    plain = pc.replace_substring_regex(plain, r"\.0*$", "")
    whole = pc.match_substring_regex(plain, rf"^-?\d{{1,{INT64_DIGITS}}}$")
    if pc.all(whole).as_py() is not False:
        return np.asarray(plain.cast(pa.int64())), read
    values = np.asarray(pc.if_else(whole, plain, "0").cast(pa.int64())).copy()
    for row in np.flatnonzero(~np.asarray(whole)):  # long ones and exponents: rare
        value = _exact(plain[int(row)].as_py())
        read[row] &= value is not None
        values[row] = value or 0
    return values, read


def write_numbers(values: Array, marks: Marks, pattern: str | None) -> pa.Array:
    """Values as text; the inverse of reading. (N,) float64 or int64 to (N,) texts."""
    if pattern is None or pattern == "%r":
        texts = pa.array(values).cast(pa.string())
        if pattern == "%r":
            bare = pc.match_substring_regex(texts, r"^-?\d+$")
            texts = pc.if_else(bare, pc.binary_join_element_wise(texts, "0", "."), texts)
    else:
        texts = _fixed(values, int(pattern[2:-1]))
    if marks.thousands:
        return pa.array([_grouped(text, marks) for text in texts.to_pylist()], pa.string())
    return pc.replace_substring(texts, ".", marks.decimal) if marks.decimal != "." else texts


def pattern_of(texts: pa.Array, marks: Marks) -> tuple[str | None, int | None]:
    """How digits are written, and the most decimals seen (None: beyond 9, or exponents)."""
    bare = pc.replace_substring(texts, marks.thousands, "") if marks.thousands else texts
    point = re.escape(marks.decimal)
    if pc.any(pc.match_substring_regex(bare, "[eE]")).as_py():
        return None, None
    fraction = pc.replace_substring_regex(bare, rf"^[^{point}]*{point}?", "")
    length = np.asarray(pc.utf8_length(fraction))
    most, least = (int(length.max()), int(length.min())) if len(length) else (0, 0)
    decimals = most if most <= 9 else None
    if most == 0:
        return None, 0
    if most == least:
        return f"%.{most}f", decimals
    zeros = pc.match_substring_regex(fraction, r"^0$")
    return ("%r" if pc.any(zeros).as_py() and least > 0 else None), decimals


def _plain(texts: pa.Array, marks: Marks) -> tuple[pa.Array, Array]:
    """Texts in the computer's own spelling, "0" where they are no numbers."""
    texts = pc.utf8_trim_whitespace(texts)
    read = pc.match_substring_regex(texts, marks.loose)
    if marks.thousands:
        texts = pc.replace_substring(texts, marks.thousands, "")
    if marks.decimal != ".":
        texts = pc.replace_substring(texts, marks.decimal, ".")
    texts = pc.utf8_ltrim(texts, "+")
    return pc.if_else(read, texts, "0"), np.array(read)


def _all_match(texts: pa.Array, regex: str) -> bool:
    return bool(pc.all(pc.match_substring_regex(texts, regex), min_count=0).as_py())


def _exact(text: str) -> int | None:
    """The whole number a text stands for, or None when it has a fraction or exceeds int64."""
    value = Decimal(text)
    return int(value) if abs(value) < 2**63 and value == value.to_integral_value() else None


def _fixed(values: Array, decimals: int) -> pa.Array:
    scale = 10**decimals
    if values.dtype.kind == "i":
        whole, sign = np.abs(values), values < 0
        units, rest = whole, np.zeros_like(whole)
    else:
        if np.abs(values).max(initial=0) * scale >= 2**53:
            return pa.array([f"{value:.{decimals}f}" for value in values.tolist()], pa.string())
        scaled = np.rint(np.abs(values) * scale).astype(np.int64)
        units, rest = np.divmod(scaled, scale)
        sign = (values < 0) & (scaled > 0)
    head = pa.array(units).cast(pa.string())
    if sign.any():
        head = pc.binary_join_element_wise(pa.array(["", "-"]).take(pa.array(sign * 1)), head, "")
    tail = pc.utf8_lpad(pa.array(rest).cast(pa.string()), decimals, "0")
    return pc.binary_join_element_wise(head, tail, ".")


def _grouped(text: str, marks: Marks) -> str:
    head, point, tail = text.partition(".")
    sign, digits = ("-", head[1:]) if head.startswith("-") else ("", head)
    grouped = f"{int(digits):,}".replace(",", marks.thousands) if digits.isdigit() else digits
    return f"{sign}{grouped}{marks.decimal + tail if point else ''}"
