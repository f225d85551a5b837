"""The kind of a column of texts: boolean, number, date, time, duration, or labels."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from likewise.core.errors import SchemaError
from likewise.data import numerals, spans, temporal
from likewise.data.cells import Distinct, are_infinite, are_missing, distinct, of
from likewise.data.infer_keys import KEY_ROWS, text_key_reason
from likewise.data.infer_labels import CONSTANT_ROWS, declared_order, judge_labels
from likewise.data.numerals import Marks
from likewise.data.schema import LABELS, NUMBERS, TEMPORAL, Column, Format, Kind

Array = np.ndarray

AMBIGUOUS = "day and month cannot be told apart in any cell"
BOOLEANS = (("1", "0"), ("y", "n"), ("yes", "no"), ("t", "f"), ("true", "false"), ("on", "off"))
_LEADING_ZERO = r"^[+-]?0\d"
_SAMPLE = 100


@dataclass(frozen=True)
class Hints:
    """What the other columns of the table say.

    Attributes:
        day_first: whether their dates put the day before the month.
        marks: the marks their numbers use.
    """

    day_first: bool | None = None
    marks: Marks | None = None


@dataclass(frozen=True)
class _Case:
    """One column under judgement: its name, source type, texts, and texts that may be values."""

    name: str
    arrow: str
    all: Distinct
    values: Distinct
    hints: Hints

    @property
    def null(self) -> str:
        """The most common way in which a missing cell is written."""
        gone = self.all.keep(are_missing(self.all.texts))
        if not len(gone.texts) or self.all.empty >= gone.counts.max():
            return ""
        return str(gone.texts[int(gone.counts.argmax())].as_py())

    def column(self, kind: Kind, why: list[str], **fields: Any) -> Column:
        """The column of this kind, with the evidence that all kinds share."""
        form = Format(arrow=self.arrow, null=self.null).model_copy(
            update={k: v for k, v in fields.items() if k in Format.model_fields}
        )
        own = {k: v for k, v in fields.items() if k in Column.model_fields}
        gone = self.all.cells - self.values.cells
        if gone:
            why = [*why, f"{gone:,} cells hold a word for missing"]
        if self.all.empty:
            why = [*why, f"{self.all.empty:,} of {self.all.rows:,} cells are empty"]
        missing = self.values.cells < self.all.rows
        return Column(
            name=self.name, kind=kind, nullable=missing, format=form, evidence=tuple(why), **own
        )


def infer_text(
    name: str, column: pa.ChunkedArray, *, kind: Kind | None = None, hints: Hints | None = None
) -> Column:
    """Judge a column of texts; ``kind`` asks for that kind and raises SchemaError if it fails.

    Cost: one pass to count distinct texts, then regular expressions over the distinct ones.
    """
    found = distinct(column)
    values = found.keep(~are_missing(found.texts))
    case = _Case(name, str(column.type), found, values, hints or Hints())
    if kind in LABELS:
        return _labels(case, kind)
    if not values.cells:
        if kind is None:
            return case.column(Kind.CONSTANT, ["no cell holds a value"])
        return case.column(kind, ["no cell holds a value"])
    constant = len(values.texts) == 1 and values.cells == found.rows >= CONSTANT_ROWS
    if kind is None and constant:
        return _labels(case, None)
    for kinds, read in _READERS:
        if kind is None or kind in kinds:
            judged = read(case, kind)
            if judged is not None:
                return judged
    if kind is not None:
        raise SchemaError(
            f"column {name!r}",
            f"declared {kind}, but its {values.cells:,} non-missing cells do not all read so",
            "Declare it as text or category, or mend the cells",
        )
    return _labels(case, None)


def date_order(pattern: str | None) -> bool | None:
    """True for patterns with the day before the month, False for the reverse, else None."""
    head = pattern or ""
    if any(head.startswith(first) for first in temporal.DAY_FIRST):
        return True
    return False if any(head.startswith(first) for first in temporal.MONTH_FIRST) else None


def _boolean(case: _Case, kind: Kind | None) -> Column | None:
    words = case.values.texts.slice(0, 3).to_pylist()
    if len(words) > 2 or (len(words) == 1 and kind is None):
        return None
    lowered = {word.strip().lower(): word for word in words}
    for true, false in BOOLEANS:
        if set(lowered) <= {true, false}:
            said = of(case.values.cells, case.values.cells, f"are a word for {true} or {false}")
            spelled = {"true": lowered.get(true, true), "false": lowered.get(false, false)}
            return case.column(Kind.BOOLEAN, [said], **spelled)
    return None


def _number(case: _Case, kind: Kind | None) -> Column | None:
    infinite = are_infinite(case.values.texts)
    values = case.values.keep(~infinite)
    texts = pc.utf8_trim_whitespace(values.texts)
    marks = numerals.marks_of(texts, case.hints.marks) if len(texts) else None
    if marks is None:
        return None
    zeros = values.count(pc.match_substring_regex(texts, _LEADING_ZERO))
    if zeros and kind is None:
        return None
    whole, long = _wholeness(texts, marks)
    if long and kind is None:
        return None
    said = [of(values.cells, values.cells, f"are {'whole ' if whole else ''}numbers")]
    if marks.thousands or marks.decimal != ".":
        group = f", grouping mark {marks.thousands!r}" if marks.thousands else ""
        said.append(f"decimal mark {marks.decimal!r}{group}")
    if infinite.any():
        said.append(f"{case.values.count(infinite):,} cells are infinite: taken as missing")
    pattern, decimals = numerals.pattern_of(texts, marks)
    form = {"decimal": marks.decimal, "thousands": marks.thousands, "pattern": pattern}
    if kind is Kind.NUMERIC or (not whole and kind is None):
        return case.column(Kind.NUMERIC, said, decimals=decimals, **form)
    if not whole:
        return None
    if pattern is not None:
        said.append("they are written with decimals that are all zero")
    if kind is None and pattern is None and not marks.thousands:
        dated = _compact_date(case, texts)
        if dated is not None:
            return dated
    finite = kind is None and not infinite.any()
    reason = text_key_reason(case.name, values, marks, pattern) if finite else None
    if reason:
        return case.column(Kind.KEY, [*said, reason])
    return case.column(Kind.INTEGER, said, **form)


def _wholeness(texts: pa.Array, marks: Marks) -> tuple[bool, bool]:
    """Whether all are whole numbers, and whether some of these exceed int64."""
    point = "" if marks.thousands else r"\d+|"
    mark = "[.]" if marks.decimal == "." else ","
    bare = pc.replace_substring(texts, marks.thousands, "") if marks.thousands else texts
    whole = pc.match_substring_regex(bare, rf"^[+-]?(?:{point}\d+(?:{mark}0*)?)$")
    long = pc.match_substring_regex(bare, r"^[+-]?\d{19,}$")
    return bool(pc.all(whole).as_py()), bool(pc.any(long).as_py())


def _compact_date(case: _Case, texts: pa.Array) -> Column | None:
    """Dates such as 20240131: eight digits that are all days of 1900 to 2100."""
    pattern = "%Y%m%d"
    if len(texts) < KEY_ROWS or not temporal.matches_all(texts, pattern):
        return None
    micros, read, _ = temporal.read_moments(texts, pattern)
    years = micros.astype("datetime64[us]").astype("datetime64[Y]").astype(int) + 1970
    if not (read.all() and ((years >= 1900) & (years <= 2100)).all()):
        return None
    said = of(case.values.cells, case.values.cells, "are eight digits that name a day")
    return case.column(Kind.DATE, [said], pattern=pattern)


def _moment(case: _Case, kind: Kind | None) -> Column | None:
    values = case.values
    texts = values.texts
    patterns = temporal.candidates(texts.slice(0, _SAMPLE).to_pylist())
    wanted = [p for p in patterns if kind in (None, _moment_kind(p))]
    if not wanted and kind is Kind.DATE:
        wanted = ["%Y%m%d"] if temporal.matches_all(texts, "%Y%m%d") else []
    fitting = [p for p in wanted if temporal.read_moments(texts, p)[1].all()]
    if not fitting:
        return None
    orders = {date_order(pattern) for pattern in fitting} - {None}
    said = []
    pattern = fitting[0]
    if len(orders) == 2:
        first = case.hints.day_first
        said.append(AMBIGUOUS)
        if first is not None:
            said.append(f"other columns put the {'day' if first else 'month'} first")
        else:
            first = True
            said.append("the day is taken to come first; declare a pattern to change it")
        pattern = next(p for p in fitting if date_order(p) is first)
    elif orders:
        said.append(f"the {'day' if orders == {True} else 'month'} comes first in all cells")
    if pattern.endswith("%Y %H:%M"):
        said.append("times are kept to the minute")
    zone = _zone(texts, pattern, said)
    shown = of(values.cells, values.cells, f"follow the pattern {pattern}")
    return case.column(_moment_kind(pattern), [shown, *said], pattern=pattern, timezone=zone)


def _moment_kind(pattern: str) -> Kind:
    dated = "%Y" in pattern or "%y" in pattern
    if not dated:
        return Kind.TIME
    return Kind.DATETIME if "%M" in pattern else Kind.DATE


def _zone(texts: pa.Array, pattern: str, said: list[str]) -> str | None:
    if not temporal.is_zoned(pattern):
        return None
    _, _, offsets = temporal.read_moments(texts, pattern)
    different = np.unique(offsets)
    if len(different) > 1:
        said.append(f"{len(different)} different offsets: written in UTC")
    if len(different) > 1 or not different[0]:
        return "UTC"
    return temporal.zone_name(int(different[0]), ":")


def _span(case: _Case, kind: Kind | None) -> Column | None:  # noqa: ARG001
    texts = case.values.texts
    pattern = spans.span_pattern(texts.slice(0, _SAMPLE).to_pylist())
    if pattern is None or not spans.read_spans(texts, pattern)[1].all():
        return None
    said = of(case.values.cells, case.values.cells, f"are durations written {pattern}")
    return case.column(Kind.DURATION, [said], pattern=pattern)


def _labels(case: _Case, kind: Kind | None) -> Column:
    judged = judge_labels(case.name, case.all, ordered=kind is None)
    if kind is Kind.ORDINAL:
        judged = declared_order(case.name, case.all, judged)
    why = list(judged.evidence)
    if kind is None:
        kind = judged.kind
        why += _near_misses(case) if kind not in (Kind.CONSTANT, Kind.ORDINAL) else []
    form = Format(arrow=case.arrow, null=judged.null)
    levels = judged.levels
    if kind is Kind.CONSTANT and case.all.cells:
        levels = (str(case.all.texts[0].as_py()),)
    if case.all.empty:
        why.append(f"{case.all.empty:,} of {case.all.rows:,} cells are empty")
    missing = bool(case.all.empty or judged.null)
    return Column(
        name=case.name, kind=kind, nullable=missing, levels=levels, format=form, evidence=tuple(why)
    )


def _near_misses(case: _Case) -> list[str]:
    """Why a column that looks like numbers or dates is none."""
    values, said = case.values, []
    if not values.cells:
        return []
    numbers = values.count(pc.match_substring_regex(values.texts, numerals.PLAIN.loose))
    if numbers == values.cells:
        zeros = values.count(pc.match_substring_regex(values.texts, _LEADING_ZERO))
        if zeros:
            return [f"{zeros:,} cells have leading zeros: kept as text"]
        return ["whole numbers beyond 64 bits: kept as text"] if len(values.texts) > 1 else []
    if 2 * numbers >= values.cells:
        said.append(of(values.cells - numbers, values.cells, "are no numbers: kept as text"))
    sample = values.texts.slice(0, _SAMPLE).to_pylist()
    if sum(temporal.looks_dated(text) for text in sample) > 0.9 * len(sample):
        said.append("cells hold dates in formats that do not agree: kept as text")
    return said


_Reader = Callable[[_Case, Kind | None], Column | None]
_READERS: tuple[tuple[frozenset[Kind], _Reader], ...] = (
    (frozenset({Kind.BOOLEAN}), _boolean),
    (NUMBERS, _number),
    (TEMPORAL - {Kind.DURATION}, _moment),
    (frozenset({Kind.DURATION}), _span),
)
