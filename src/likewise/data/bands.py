"""Labels that bear numbers: age bands, income classes, ``[0,10)``, ``65+``, ``Q3``, ``2nd``.

A column of such labels is ordered when all are read alike, share their unit, and do not overlap.
Codes are kept out by what is asked: words that are no known unit, leading zeros, and ranges most of
which do not touch are no bands.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_TOKEN = re.compile(r"\d+(?:\.\d+)?|\.\d+|[^\W\d_]+|<=|>=|\.\.+|\S")
_NUMBER = re.compile(r"\d+(?:\.\d+)?|\.\d+|∞")
_SIZES = {"k": 1e3, "thousand": 1e3, "tsd": 1e3, "mn": 1e6, "mio": 1e6, "million": 1e6, "bn": 1e9}
_LETTERS = {"m": 1e6, "b": 1e9}  # sizes only among amounts of money or of thousands
_SIGNS = frozenset("$€£¥")
_CURRENCIES = _SIGNS | {"usd", "eur", "gbp", "chf", "inr", "rs"}
_AFTER = _words(
    "% percent pct year yr yo decade month mo week wk day hour hr h minute min second sec ms s "
    "m g l y kg mg lb km cm mm mi mile mph kmh ml liter litre cc hp bhp kw kwh kmpl mpg rpm gb mb "
    "kb tb mhz ghz inch star person people employee child children room bedroom bathroom door item "
    "unit time point visit member seat degree grade class"
)
_BEFORE = _words(
    "age aged grade level lvl stage year yr fy week wk month day quarter q semester term tier "
    "phase step round rank priority severity sev decile quartile quintile tertile percentile band "
    "degree generation gen period top floor"
)
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5, "vi": 6, "vii": 7, "viii": 8, "ix": 9}
_REWRITTEN = tuple(
    (re.compile(pattern), sign)
    for pattern, sign in (
        (r"[\u2010-\u2015\u2212]", "-"),
        (r"[\s_]+", " "),
        (r"\b(?:and|or) (?:over|above|older|more|up|greater|higher|plus)\b|\bplus\b", "+"),
        (r"\b(?:and|or) (?:under|below|younger|less|fewer|lower)\b", "!"),
        (r"\b(?:less|fewer|lower|younger|smaller) than\b|\bunder\b|\bbelow\b", "<"),
        (r"\b(?:more|greater|higher|older|larger) than\b|\bover\b|\babove\b", ">"),
        (r"\b(?:up to|at most)\b", "<="),
        (r"\bat least\b", ">="),
        (r"^(?:between|from) (?=.*\d.* (?:and|to) .*\d)", ""),
        (r"(?<=\d)(?:st|nd|rd|th)\b", " ranked"),
        (r"\b(?:to|and|until)\b", "-"),
        (r"-\s?inf(?:inity)?\b", "-∞"),
        (r"\binf(?:inity)?\b", "∞"),
    )
)
_SHAPES = {  # what is left without units: whether the low and the high end belong to the band
    "#": (True, True),
    "#-#": (True, True),
    "#..#": (True, True),
    "[#,#]": (True, True),
    "#<=x<=#": (True, True),
    "[#,#)": (True, False),
    "[#,#[": (True, False),
    "#-<#": (True, False),
    "#<=x<#": (True, False),
    "(#,#]": (False, True),
    "]#,#]": (False, True),
    "#<x<=#": (False, True),
    ">#-#": (False, True),
    "(#,#)": (False, False),
    "#<x<#": (False, False),
}
_OPEN = {  # one end is all that is said: whether it is the high one, and belongs to the band
    "<#": (True, False),
    "<=#": (True, True),
    "#!": (True, True),
    ">#": (False, False),
    ">=#": (False, True),
    "#+": (False, True),
}


@dataclass(frozen=True)
class Band:
    """The numbers a label stands for.

    Attributes:
        low: lower end, -inf for an open one.
        high: upper end, inf for an open one; a single number is both ends.
        closed_low: whether the lower end belongs to it.
        closed_high: whether the upper end belongs to it.
        step: one in the last place of the ends as written.
        units: words that go with the numbers, after a sign for their place: < before the number,
            > after it, $ for money.
    """

    low: float
    high: float
    closed_low: bool = True
    closed_high: bool = True
    step: float = 1.0
    units: frozenset[str] = frozenset()

    @property
    def single(self) -> bool:
        """Whether it is one number, not an interval."""
        return self.low == self.high


def read_bands(labels: Sequence[str]) -> tuple[Band, ...] | None:
    """The bands of all labels, or None unless every one is read and all share their units."""
    if any(mark in label for label in labels for mark in "#!"):  # what shapes are written with
        return None
    texts = [_normal(label) for label in labels]
    money = any(re.search(r"[$€£¥]|\d ?k\b", text) for text in texts)
    bands = []
    for text in texts:
        band = _signs(text) or _period(text) or _read(text, money=money)
        if band is None:
            return None
        bands.append(band)
    return tuple(bands) if _alike(bands) else None


def rising(bands: Sequence[Band]) -> tuple[int, ...] | None:
    """Positions of the bands from low to high; None where some overlap or hardly any touch."""
    order = sorted(range(len(bands)), key=lambda i: (bands[i].low, bands[i].high))
    pairs = [(bands[i], bands[j]) for i, j in pairwise(order)]
    if all(band.high == inf for band in bands) or all(band.low == -inf for band in bands):
        distinct = all((a.low, a.high) != (b.low, b.high) for a, b in pairs)
        return tuple(order) if distinct else None  # 4+, 9+, 12+: thresholds
    if any(_overlap(a, b) for a, b in pairs):
        return None
    touching = sum(b.low - a.high <= 1.001 * max(a.step, b.step) for a, b in pairs)
    if not all(band.single for band in bands) and 2 * touching < len(pairs):
        return None
    return tuple(order)


def _overlap(a: Band, b: Band) -> bool:
    """Whether b, the higher one, begins before a ends; intervals may share one end."""
    if b.low != a.high:
        return b.low < a.high
    return (a.single or b.single) and a.closed_high and b.closed_low


def _alike(bands: Sequence[Band]) -> bool:
    """Whether units agree, and single numbers have a unit that makes them more than a code."""
    units = frozenset[str]().union(*(band.units for band in bands))
    if any(sum(unit[0] == side for unit in units) > 1 for side in "<>$"):
        return False
    if "<q" in units and any(band.high > 4 for band in bands):  # questions, not quarters
        return False
    if not all(band.single for band in bands):
        return True
    telling = any(not re.fullmatch(r".[a-pr-z]", unit) for unit in units)
    return telling and all(band.units == units for band in bands)


def _normal(label: str) -> str:
    """Small letters, signs for words, plain dashes, no marks between thousands."""
    text = re.sub(r"(?<=\d0)s$", " decade", label.strip())
    text = unicodedata.normalize("NFKC", text).casefold()
    text = text.replace("≤", "<=").replace("≥", ">=").replace("&", " and ")
    if text[:1] not in set("[(]"):
        text = re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", text)
    for pattern, sign in _REWRITTEN:
        text = pattern.sub(sign, text)
    return text.strip()


def _signs(text: str) -> Band | None:
    """Stars and prices: one sign, so many times."""
    found = re.fullmatch(r"([*★⭐$€£+])\1*☆*", text)
    if found is None:
        return None
    count = float(text.count(found[1]))
    return Band(count, count, units=frozenset({"<" + found[1]}))


def _period(text: str) -> Band | None:
    """A quarter or half of a year (2019 Q1, h2 2020), or a season (2018-19), as one number."""
    found = re.fullmatch(r"(\d{4})[ -]?([qh])([1-4])|([qh])([1-4])[ -/]?(\d{4})", text)
    if found is not None:
        value = 4.0 * int(found[1] or found[6]) + int(found[3] or found[5])
        return Band(value, value, units=frozenset({f"<year and {found[2] or found[4]}"}))
    found = re.fullmatch(r"(\d{4})[-/](\d{2})", text)
    if found is None or (int(found[1]) + 1) % 100 != int(found[2]):
        return None
    return Band(float(found[1]), float(found[1]), units=frozenset({"<season"}))


def _read(text: str, *, money: bool) -> Band | None:
    """One band; None for a word that is no unit, a leading zero, or an unknown shape."""
    if re.search(r"(?<![\d.])0\d", text):
        return None
    tokens = _TOKEN.findall(text)
    shape, ends, units, sign = "", list[_End](), set[str](), 1
    for before, token, after in zip(["", *tokens], tokens, [*tokens[1:], ""], strict=False):
        roman = _ROMAN.get(token, 0) if before in _BEFORE and not ends else 0
        if roman or _NUMBER.fullmatch(token):
            value = float(roman or (inf if token == "∞" else token))
            ends.append(_End(sign * value, 10.0 ** -len(token.partition(".")[2])))
            shape, sign = shape + "#", 1
        elif token == "-" and _NUMBER.fullmatch(after) and shape[-1:] != "#":
            sign = -1
        elif _NUMBER.fullmatch(before) and (size := _size(token, money)):
            ends[-1] = _End(ends[-1].value * size, ends[-1].step * size, size)
        elif unit := _unit(token, started=bool(ends)):
            units.add(unit)
        elif token.isalpha() and token != "x":
            return None
        else:
            shape += token
    return _band(shape, ends, frozenset(units))


@dataclass(frozen=True)
class _End:
    """A number in a label: its value, one in its last place, and what a word multiplied it by."""

    value: float
    step: float
    size: float = 1.0


def _size(word: str, money: bool) -> float:
    return _SIZES.get(word, _LETTERS.get(word, 0.0) if money else 0.0)


def _unit(token: str, *, started: bool) -> str:
    """The unit a word is, after a sign for its place; "" if it is none."""
    if token in _CURRENCIES:
        return "$" + token
    if token == "ranked":
        return "#ranked"
    place, known = (">", _AFTER) if started else ("<", _BEFORE)
    return next((place + word for word in (token, token.removesuffix("s")) if word in known), "")


def _band(shape: str, ends: list[_End], units: frozenset[str]) -> Band | None:
    step = min((end.step for end in ends), default=1.0)
    if shape in _OPEN:
        is_high, closed = _OPEN[shape]
        low, high = (-inf, ends[0].value) if is_high else (ends[0].value, inf)
        return Band(low, high, closed and not is_high, closed and is_high, step, units)
    if shape not in _SHAPES:
        return None
    low, high = ends[0].value, ends[-1].value
    if ends[0].size == 1 < ends[-1].size and low * ends[-1].size < high:  # 10-20k
        low *= ends[-1].size
        step = ends[-1].step
    if low > high or (low == high and len(shape) > 3):
        return None
    return Band(low, high, *_SHAPES[shape], step, units)
