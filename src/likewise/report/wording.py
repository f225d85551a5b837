"""How numbers read: the same words and digits on the page, in the terminal and in findings."""

import math

NOT_MEASURED = "–"


def percent(share: float | None) -> str:
    """A share in [0, 1] as percent with two telling digits: 0.0123 is "1.2 %"."""
    if share is None or not math.isfinite(share):
        return NOT_MEASURED
    value = 100 * share
    if value == 0 or abs(value) >= 99.95:
        return f"{value:.0f} %"
    digits = 1 if abs(value) >= 0.95 else 2
    return f"{value:.{digits}f} %" if abs(value) >= 0.005 else "< 0.01 %"


def number(value: float | None) -> str:
    """A plain number with three digits after the point."""
    return NOT_MEASURED if value is None or not math.isfinite(value) else f"{value:.3f}"


def brief(value: float | None) -> str:
    """A number of any size with four telling digits, whole from 1,000 on: 415,407 or 0.1235."""
    if value is None or not math.isfinite(value):
        return NOT_MEASURED
    return f"{value:,.0f}" if 999.95 <= abs(value) < 1e15 else f"{value:.4g}"


def shown(value: float | None, unit: str) -> str:
    """A value in the unit of its test: "%" for shares, "" for plain numbers."""
    return percent(value) if unit == "%" else number(value)


def span(interval: tuple[float, float] | None, unit: str) -> str:
    """An interval as "1.0 to 1.4 %", or nothing."""
    if interval is None:
        return ""
    low, high = (shown(end, unit) for end in interval)
    return f"{low.removesuffix(' %')} to {high}" if low.endswith(" %") else f"{low} to {high}"


def count(n: int, noun: str) -> str:
    """A number and its noun: "1 row", "2 rows", "12,345 rows"."""
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def listed(names: tuple[str, ...] | list[str], most: int = 3) -> str:
    """Quoted names joined with commas, cut after ``most``."""
    quoted = ", ".join(f"'{name}'" for name in names[:most])
    return f"{quoted} and {len(names) - most:,} more" if len(names) > most else quoted


def titled(text: str) -> str:
    """The text with its first letter large and the others as they are: "Detector AUC"."""
    return text[:1].upper() + text[1:]


def unbroken(text: str) -> str:
    """The text with each percent sign tied to its number, so that no line ends between them."""
    return text.replace(" %", "\u00a0%")
