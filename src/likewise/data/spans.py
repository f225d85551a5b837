"""Durations as text: ``26:03:04``, ``1 days 02:03:04`` and ISO 8601 ``P1DT2H3M4S``."""

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from likewise.data.temporal import DAY, SECOND, part_fraction

Array = np.ndarray

CLOCK, DAYS, ISO = "%H:%M:%S", "%D days %H:%M:%S", "P%D"
_TIME = r"(?P<H>\d+):(?P<M>\d{2}):(?P<S>\d{2})(?:\.(?P<f>\d{1,9}))?"
_REGEX = {
    CLOCK: rf"^(?P<s>-)?{_TIME}$",
    DAYS: rf"^(?P<s>-)?(?P<D>\d+) days?,? {_TIME}$",
    ISO: (
        r"^(?P<s>-)?P(?:(?P<W>\d+)W)?(?:(?P<D>\d+)D)?"
        r"(?:T(?:(?P<H>\d+)H)?(?:(?P<M>\d+)M)?(?:(?P<S>\d+)(?:\.(?P<f>\d{1,9}))?S)?)?$"
    ),
}
_MICROS = {"W": 7 * DAY, "D": DAY, "H": 3600 * SECOND, "M": 60 * SECOND, "S": SECOND}


def span_pattern(sample: list[str]) -> str | None:
    """The pattern all texts of ``sample`` follow, if any."""
    for pattern, regex in _REGEX.items():
        if all(re.match(regex, text) and text not in ("P", "-P") for text in sample):
            return pattern
    return None


def read_spans(texts: pa.Array, pattern: str) -> tuple[Array, Array]:
    """Microseconds, and whether each text was read; (N,) int64, (N,) bool."""
    fields = pc.extract_regex(texts, _REGEX.get(pattern, _REGEX[CLOCK]))
    valid = fields.is_valid()
    total = np.zeros(len(texts), dtype=np.int64)
    names = [field.name for field in fields.type]
    for name in names:
        if name in _MICROS:
            digits = fields.field(name)
            given = pc.and_(valid, pc.greater(pc.utf8_length(digits), 0)).fill_null(False)
            total += np.asarray(pc.if_else(given, digits, "0").cast(pa.int64())) * _MICROS[name]
    total += part_fraction(fields.field("f"), valid)
    negative = np.asarray(pc.and_(valid, pc.equal(fields.field("s"), "-")).fill_null(False))
    return np.where(negative, -total, total), np.asarray(valid)


def write_spans(micros: Array, pattern: str) -> pa.Array:
    """The inverse of ``read_spans``; fractions appear where there are any."""
    distinct, codes = np.unique(micros, return_inverse=True)
    words = pa.array([_spell(int(m), pattern) for m in distinct], pa.string())
    return words.take(pa.array(codes))


def _spell(micros: int, pattern: str) -> str:
    sign, left = ("-" if micros < 0 else ""), abs(micros)
    days, rest = divmod(left, DAY) if pattern != CLOCK else (0, left)
    second, micro = divmod(rest, SECOND)
    hour, minute, second = second // 3600, second // 60 % 60, second % 60
    fraction = f".{micro:06d}".rstrip("0") if micro else ""
    if pattern != ISO:
        head = f"{days} days " if pattern == DAYS else ""
        return f"{sign}{head}{hour:02d}:{minute:02d}:{second:02d}{fraction}"
    parts = [f"{n}{unit}" for n, unit in ((hour, "H"), (minute, "M")) if n]
    if second or micro:
        parts.append(f"{second}{fraction}S")
    date, time = (f"{days}D" if days else ""), ("T" + "".join(parts) if parts else "")
    return f"{sign}P{date}{time}" if date or time else "PT0S"
