"""Where columns of numbers are cut, and what the parts are called: round, and never a person's.

No part holds fewer than ten real rows. Outer parts are open, at rounded quantiles, so that no
smallest or largest value is shown.
"""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np

from likewise.data.schema import TEMPORAL, Kind
from likewise.metrics.views import Array

FEWEST = 10  # real rows behind a part
BINS = 16  # about so many for numbers
ATOM = 0.05  # a value with this share of the rows may have a part of its own


Cut = tuple[float, bool]  # where a part ends, and whether the value itself lies below the cut


def cuts_of(x: Array, kind: Kind) -> list[Cut]:
    """Rising cuts for sorted values; a value between two cuts of its own is a bin of its own."""
    distinct = np.unique(x)
    if kind not in TEMPORAL and len(distinct) <= BINS and (x == np.round(x)).all():
        return _around(distinct)
    low, high = np.quantile(x, [0.01, 0.99])
    cuts = _nice(low, high, kind)
    share = np.diff([0, *np.searchsorted(x, cuts), len(x)]) / len(x)
    if share.max() <= 0.5:
        return [(float(cut), False) for cut in cuts]
    # most rows are in one bin: show frequent values singly and follow the quantiles of the rest
    found, counts = np.unique(x, return_counts=True)
    atoms = found[counts >= ATOM * len(x)]
    rest = x[~np.isin(x, atoms)]
    spread = _rounded_quantiles(rest, kind, BINS) if len(rest) >= 2 * FEWEST else np.empty(0)
    return sorted({*_around(atoms), *((float(cut), False) for cut in spread)})


def quantile_cuts(x: Array, kind: Kind, parts: int) -> list[Cut]:
    """Rising cuts at rounded quantiles of sorted values, into about ``parts`` of equal share.

    Values with more than a part's share, and those of columns with few values, stand alone.
    """
    distinct, counts = np.unique(x, return_counts=True)
    if kind not in TEMPORAL and len(distinct) <= parts and (x == np.round(x)).all():
        return _around(distinct)
    atoms = distinct[counts * parts > len(x)]
    rest = x[~np.isin(x, atoms)]
    share = max(round(parts * len(rest) / len(x)), 1)
    spread = _rounded_quantiles(rest, kind, share) if len(rest) and share > 1 else np.empty(0)
    return sorted({*_around(atoms), *((float(cut), False) for cut in spread)})


def ends_of(ordered: Array, cuts: list[Cut]) -> Array:
    """How many values lie below each cut, from 0 to all of them; (number of cuts + 2,)."""
    below = [np.searchsorted(ordered, cut, "right" if over else "left") for cut, over in cuts]
    return np.array([0, *below, len(ordered)])


def merged(ends: Array) -> list[int]:
    """Positions in ``ends`` (cumulative counts) between which there are always enough rows."""
    kept = [0]
    for i in range(1, len(ends) - 1):
        if ends[i] - ends[kept[-1]] >= FEWEST and ends[-1] - ends[i] >= FEWEST:
            kept.append(i)
    return [*kept, len(ends) - 1]


def _around(atoms: Array) -> list[Cut]:
    """A cut below and one above each value."""
    return [(float(atom), over) for atom in atoms for over in (False, True)]


def _nice(low: float, high: float, kind: Kind) -> Array:
    """Round numbers, evenly spaced from ``low`` to ``high``; none if that spans too little."""
    if not high > low or (high - low) < 1e-12 * abs(high):
        return np.empty(0)
    step = _step((high - low) / BINS, kind)
    return np.arange(np.ceil(low / step), np.floor(high / step) + 1) * step


def _rounded_quantiles(x: Array, kind: Kind, parts: int) -> Array:
    """Quantiles at a round spacing of their own neighbourhood, without repetition."""
    found = np.unique(np.quantile(x, np.linspace(0, 1, parts + 1)[1:-1], method="inverted_cdf"))
    if len(found) < 2:
        low, high = np.quantile(x, [0.01, 0.99])
        found = np.unique([low, float(found[0]), high])
    gaps = np.diff(found)
    near = np.minimum(np.append(gaps, np.inf), np.append(np.inf, gaps)) if len(gaps) else found
    step = np.array([_step(gap / 4, kind) if np.isfinite(gap) and gap > 0 else 1 for gap in near])
    return np.unique(np.round(found / step) * step)


def _step(width: float, kind: Kind) -> float:
    """The 1, 2 or 5 times a power of ten nearest above ``width``; whole units of time for times."""
    if kind in TEMPORAL:
        steps = _DAYS if kind is Kind.DATE else _MICROSECONDS
        return float(next((s for s in steps if s >= width), steps[-1]))
    power = 10.0 ** np.floor(np.log10(max(width, 1e-300)))
    step = next(m * power for m in (1, 2, 5, 10) if m * power >= width * (1 - 1e-9))
    return float(step if kind is Kind.NUMERIC else max(step, 1))


_DAYS = [1, 2, 7, 14, 28, 91, 182, 365.25, 730.5, 1826.25, 3652.5, 18262.5, 36525]
_SECONDS = [1, 5, 15, 60, 300, 900, 1800, 3600, 7200, 14400, 28800]
_MICROSECONDS = [s * 10**6 for s in _SECONDS] + [int(d * 86400 * 10**6) for d in _DAYS]


def titles_of(cuts: list[Cut], kind: Kind) -> list[str]:
    """What the bins below, between and above the cuts are called."""
    if not cuts:
        return ["all values"]
    words = [(word_of(cut, kind), over) for cut, over in cuts]
    titles = [f"{'≤' if words[0][1] else '<'} {words[0][0]}"]
    for (low, over), (high, closed) in pairwise(words):
        alone = low == high and closed and not over
        titles.append(low if alone else f"{'over ' * over}{low} to {high}")
    return [*titles, f"{'>' if words[-1][1] else '≥'} {words[-1][0]}"]


def word_of(cut: float, kind: Kind) -> str:
    """A cut point as text."""
    if kind in TEMPORAL:
        return _moment(cut * (86400.0 if kind is Kind.DATE else 1e-6), kind)
    return f"{cut + 0.0:,.6g}" if 1e-4 <= abs(cut) < 1e6 or not cut else f"{cut:.4g}"


def _moment(seconds: float, kind: Kind) -> str:
    if kind is Kind.DURATION:
        return str(timedelta(seconds=round(seconds)))
    try:
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    except OverflowError:
        return f"{seconds / 86400 / 365.25 + 1970:.0f}"
    if kind is Kind.TIME:
        return moment.strftime("%H:%M:%S")
    daily = kind is Kind.DATE or seconds % 86400 == 0
    return moment.strftime("%Y-%m-%d" if daily else "%Y-%m-%d %H:%M")
