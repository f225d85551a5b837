"""Dates, times and durations as text: patterns, reading by pattern, writing by pattern.

Patterns are strftime's, with three additions: ``%-d`` and its like are written without a leading
zero, ``%3f`` is a fraction of three digits, and ``%:z`` is an offset with a colon.
"""

import datetime as dt
import re
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

Array = np.ndarray
DAY = 86_400_000_000  # microseconds
SECOND = 1_000_000

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_FIELDS = {
    "%Y": r"(?P<Y>\d{4})",
    "%y": r"(?P<y>\d{2})",
    "%b": r"(?P<b>[A-Za-z]{3})",
    "%B": r"(?P<b>[A-Za-z]{3,9})",
    "%p": r"(?P<p>[AaPp][Mm])",
    "%z": r"(?P<z>[+-]\d{4})",
    "%:z": r"(?P<z>[+-]\d{2}:\d{2})",
    "%f": r"(?P<f>\d{6})",
}
_FIELD = re.compile(r"%(?:-?[A-Za-z]|:z|\d?f)")

_DAY_MONTH = ("%d{s}%m{s}%Y", "%-d{s}%-m{s}%Y", "%d{s}%m{s}%y", "%-d{s}%-m{s}%y")
_MONTH_DAY = ("%m{s}%d{s}%Y", "%-m{s}%-d{s}%Y", "%m{s}%d{s}%y", "%-m{s}%-d{s}%y")
DAY_FIRST = tuple(p.format(s=s) for s in "/-." for p in _DAY_MONTH)
MONTH_FIRST = tuple(p.format(s=s) for s in "/-." for p in _MONTH_DAY)
_NAMED = (
    *(f"%{d}{s}%b{s}%{y}" for s in "- " for y in "Yy" for d in ("d", "-d")),
    *(f"%{d} %B %Y" for d in ("d", "-d")),
    *(f"%{b} %{d}, %Y" for b in "bB" for d in ("d", "-d")),
)
_YEAR_FIRST = (*(f"%Y{s}%m{s}%d" for s in "-/."), *(f"%Y{s}%-m{s}%-d" for s in "-/."))
DATES = (*_YEAR_FIRST, *DAY_FIRST, *MONTH_FIRST, *_NAMED)
TIMES = (
    *(f"%{h}:%M{s}" for s in (":%S", "") for h in ("H", "-H")),
    *(f"%{h}:%M{s}{g}%p" for s in (":%S", "") for h in ("I", "-I") for g in (" ", "")),
    *(f"%H:%M:%S.%{digits}f" for digits in (6, 3, 9, 1, 2, 4, 5, 7, 8)),
)
_ZONES = ("", "Z", "%:z", "%z", " UTC")


def candidates(sample: list[str]) -> list[str]:
    """Patterns of dates, datetimes and times that every text of ``sample`` may follow."""
    first = sample[0]
    if not any("0" <= c <= "9" for c in first) or len(first) > 40:
        return []
    found = [*_continued(first), *(time for time in TIMES if _matches(time, first))]
    return [p for p in found if all(_matches(p, text) for text in sample)]


def looks_dated(text: str) -> bool:
    """Whether the text follows any pattern of a date or datetime."""
    return bool(_continued(text))


def read_moments(texts: pa.Array, pattern: str) -> tuple[Array, Array, Array]:
    """Texts by pattern: microseconds since 1970 (or midnight), whether read, and UTC offset.

    All (N,): int64, bool, int64 microseconds. With an offset the moments are UTC. A day that the
    calendar does not have, such as 30 February, is not read.
    """
    fields = pc.extract_regex(texts, f"^(?:{_regex(pattern)})$")
    read = np.asarray(fields.is_valid().to_numpy(zero_copy_only=False)).copy()
    names = {field.name for field in fields.type}

    def part(name: str) -> Array:
        digits = fields.field(name)
        return np.asarray(pc.if_else(pc.equal(digits, ""), "0", digits).cast(pa.int64()))

    micros = np.zeros(len(texts), dtype=np.int64)
    if names & {"Y", "y"}:
        days, valid = _days(fields, names, part)
        read &= valid
        micros += days * DAY
    if "H" in names:
        hours = part("H")
        read &= hours < 24
        if "p" in names:
            read &= (hours >= 1) & (hours <= 12)
            late = pc.fill_null(pc.equal(pc.utf8_lower(fields.field("p")), "pm"), False)
            hours = hours % 12 + 12 * np.asarray(late)
        minutes = part("M")
        seconds = part("S") if "S" in names else np.zeros_like(minutes)
        read &= (minutes < 60) & (seconds < 60)
        micros += ((hours * 60 + minutes) * 60 + seconds) * SECOND
    if "f" in names:
        micros += part_fraction(fields.field("f"), fields.is_valid())
    offset = np.zeros(len(texts), dtype=np.int64)
    if "z" in names:
        offset = _offsets(fields.field("z"), fields.is_valid())
    return micros - offset, read, offset


def part_fraction(digits: pa.Array, valid: pa.Array) -> Array:
    """Digits after the point of a second as whole microseconds; (N,) int64."""
    padded = pc.utf8_slice_codeunits(pc.utf8_rpad(digits, 6, "0"), 0, 6)
    filled = pc.if_else(pc.and_(valid, pc.greater(pc.utf8_length(digits), 0)), padded, "0")
    return np.asarray(filled.fill_null("0").cast(pa.int64()))


def write_moments(micros: Array, pattern: str, offset: int = 0) -> pa.Array:
    """The inverse of ``read_moments``; one ``offset`` in microseconds for all. (N,) texts.

    Every distinct day and second of day is spelled once, so 65,536 rows take some 20 ms.
    """
    local = micros + offset
    day, within = np.divmod(local, DAY)
    date, time = _halves(
        pattern.replace("%:z", zone_name(offset, ":")).replace("%z", zone_name(offset))
    )
    parts = []
    if date:
        parts.append(_spelled(day, lambda d: _strftime(_date(d), date)))
    if time:
        fraction = re.search(r"%(\d?)f", time)
        second = within // SECOND
        if fraction is None:
            parts.append(_spelled(second, lambda s: _strftime(_clock(s), time)))
        else:
            head, tail = time[: fraction.start()], time[fraction.end() :]
            digits = int(fraction[1] or 6)
            parts.append(_spelled(second, lambda s: _strftime(_clock(s), head)))
            text = pa.array(within % SECOND).cast(pa.string())
            text = pc.utf8_rpad(pc.utf8_lpad(text, 6, "0"), max(digits, 6), "0")
            parts.append(pc.utf8_slice_codeunits(text, 0, digits))
            if tail:
                parts.append(pa.repeat(tail, len(micros)))
    return parts[0] if len(parts) == 1 else pc.binary_join_element_wise(*parts, "")


def is_zoned(pattern: str) -> bool:
    """Whether texts of this pattern say where they stand against UTC."""
    return pattern.endswith(("%z", "%:z", "Z", " UTC"))


def matches_all(texts: pa.Array, pattern: str) -> bool:
    """Whether every text follows the pattern."""
    found = pc.match_substring_regex(texts, f"^(?:{_regex(pattern)})$")
    return bool(pc.all(found, min_count=0).as_py())


def zone_name(offset: int, colon: str = "") -> str:
    """An offset in microseconds as ``+hhmm``, or ``+hh:mm`` with a colon."""
    minutes = abs(offset) // (60 * SECOND)
    return f"{'-' if offset < 0 else '+'}{minutes // 60:02d}{colon}{minutes % 60:02d}"


def _continued(text: str) -> list[str]:
    """Date and datetime patterns that ``text`` follows."""
    found: list[str] = []
    for date in DATES:
        head = re.match(_regex(date), text)
        if not head:
            continue
        rest = text[head.end() :]
        if not rest:
            found.append(date)
            continue
        for separator in ("T", " ", ", "):
            if rest.startswith(separator):
                after = rest[len(separator) :]
                times = (f"{t}{z}" for t in TIMES for z in _ZONES)
                found += [f"{date}{separator}{t}" for t in times if _matches(t, after)]
    return found


_COMPILED: dict[str, str] = {}


def _regex(pattern: str) -> str:
    if pattern not in _COMPILED:
        parts, end = [], 0
        for field in _FIELD.finditer(pattern):
            parts += [re.escape(pattern[end : field.start()]), _field(field[0])]
            end = field.end()
        _COMPILED[pattern] = "".join([*parts, re.escape(pattern[end:])]).replace("\\ ", " ")
    return _COMPILED[pattern]


def _field(field: str) -> str:
    if field in _FIELDS:
        return _FIELDS[field]
    if field.endswith("f"):
        return rf"(?P<f>\d{{{field[1]}}})"
    name = {"I": "H"}.get(field[-1], field[-1])
    return rf"(?P<{name}>\d{{1,2}})" if "-" in field else rf"(?P<{name}>\d{{2}})"


def _matches(pattern: str, text: str) -> bool:
    return re.fullmatch(_regex(pattern), text) is not None


def _days(
    fields: pa.StructArray, names: set[str], part: Callable[[str], Array]
) -> tuple[Array, Array]:
    """Days since 1970 and whether the calendar has them; (N,) int64, (N,) bool."""
    year = part("Y") if "Y" in names else part("y")
    if "Y" not in names:  # POSIX: 69-99 are the 1900s
        year = np.where(year < 69, 2000 + year, 1900 + year)
    if "b" in names:
        short = pc.utf8_slice_codeunits(pc.utf8_lower(fields.field("b")), 0, 3)
        month = np.asarray(pc.index_in(short, pa.array(_MONTHS)).fill_null(-1)) + 1
    else:
        month = part("m")
    day = part("d")
    valid = (month >= 1) & (month <= 12) & (day >= 1) & (year >= 1)
    months = ((year - 1970) * 12 + np.clip(month, 1, 12) - 1).astype("datetime64[M]")
    days = months.astype("datetime64[D]") + (day - 1)
    valid &= days.astype("datetime64[M]") == months
    return days.astype(np.int64), valid


def _offsets(texts: pa.Array, valid: pa.Array) -> Array:
    plain = pc.replace_substring(texts, ":", "")
    plain = pc.if_else(valid, plain, "+0000").fill_null("+0000")
    sign = np.where(np.asarray(pc.starts_with(plain, "-")), -1, 1)
    hours = np.asarray(pc.utf8_slice_codeunits(plain, 1, 3).cast(pa.int64()))
    minutes = np.asarray(pc.utf8_slice_codeunits(plain, 3, 5).cast(pa.int64()))
    return np.asarray(sign * (hours * 60 + minutes) * 60 * SECOND)


def _halves(pattern: str) -> tuple[str, str]:
    """The date part, with what follows it up to the hour, and the time part of a pattern."""
    hour = re.search(r"%-?[HI]", pattern)
    return (pattern, "") if hour is None else (pattern[: hour.start()], pattern[hour.start() :])


def _spelled(numbers: Array, spell: Callable[[int], str]) -> pa.Array:
    distinct, codes = np.unique(numbers, return_inverse=True)
    words = pa.array([spell(int(n)) for n in distinct], pa.string())
    return words.take(pa.array(codes))


def _strftime(moment: dt.date | dt.time, pattern: str) -> str:
    def one(field: re.Match[str]) -> str:
        code = field[0]
        if code.startswith("%-"):
            return moment.strftime("%" + code[-1]).lstrip("0") or "0"
        if code == "%Y":
            return f"{moment.year:04d}"  # type: ignore[union-attr]
        return moment.strftime(code)

    return _FIELD.sub(one, pattern)


def _date(day: int) -> dt.date:
    lowest, highest = dt.date.min.toordinal(), dt.date.max.toordinal()
    return dt.date.fromordinal(min(max(day + 719_163, lowest), highest))


def _clock(second: int) -> dt.time:
    return dt.time(second // 3600, second // 60 % 60, second % 60)


def too_far(array: pa.Array) -> Array:
    """Moments and durations beyond 292,000 years, which int64 microseconds do not reach."""
    scale = {"s": 10**6, "ms": 10**3}.get(getattr(array.type, "unit", ""), 1)
    if scale == 1 or pa.types.is_time(array.type):
        return np.zeros(len(array), dtype=bool)
    ticks, most = array.cast(pa.int64()).fill_null(0), (2**63 - 1) // scale
    return np.asarray(pc.or_(pc.greater(ticks, most), pc.less(ticks, -most)))
