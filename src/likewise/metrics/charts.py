"""One column's distribution in few bins, fit to be shown: no bin tells of fewer than ten rows.

Outer bins are open, at rounded quantiles, so that no smallest or largest value is shown.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np

from likewise.data.schema import TEMPORAL, Column, Kind
from likewise.data.table import Table
from likewise.metrics.views import Array, codes, is_number, values

FEWEST = 10  # real rows behind a bin
BINS = 16  # about so many for numbers
LEVELS = 20  # labels shown
ATOM = 0.05  # a value with this share of the rows may have a bin of its own


Cut = tuple[float, bool]  # where a bin ends, and whether the value itself lies below the cut


@dataclass(frozen=True)
class Bins:
    """Shares of real and synthetic rows in the same bins; (B,) each, fractions of all rows."""

    labels: tuple[str, ...]
    real: tuple[float, ...]
    synth: tuple[float, ...]


def chart_bins(real: Table, synth: Table, name: str) -> Bins:
    """The column's bins; empty for keys, and where fewer than ten real rows have a value.

    Shares may sum to less than one: a few missing values are not shown.
    """
    column = real.schema[name]
    if column.kind is Kind.KEY:
        return Bins((), (), ())
    labels, counts = (
        _number_counts(real, synth, column)
        if is_number(column.kind)
        else _label_counts(real, synth, column)
    )
    missing = np.array([[table.missing(name).sum()] for table in (real, synth)])
    if missing[0, 0] >= FEWEST or (missing[0, 0] == 0 and missing[1, 0] > 0):
        labels, counts = [*labels, "missing"], np.concatenate([counts, missing], axis=1)
    shares = counts / np.array([[max(real.rows, 1)], [max(synth.rows, 1)]])
    return Bins(tuple(labels), tuple(shares[0].tolist()), tuple(shares[1].tolist()))


def coarse(real: Table, rows: Table, name: str) -> list[str]:
    """The cells of some rows, each told by a bin or label that ten real rows share; (N,) texts.

    A cell that too few real rows share is "rare", and a missing one among few is so too.
    """
    kind, missing = real.schema[name].kind, rows.missing(name)
    gone = "missing" if real.missing(name).sum() >= FEWEST else "rare"
    if not is_number(kind):
        (known, given), labels = codes((real, rows), name)
        common = np.bincount(known[known >= 0], minlength=len(labels)) >= FEWEST
        return [gone if c < 0 else labels[c] if common[c] else "rare" for c in given]
    x, y = values(real, name), values(rows, name)
    x = np.sort(x[~np.isnan(x)])
    if len(x) < FEWEST:
        return ["rare"] * rows.rows
    cuts = _cuts(x, kind)
    kept = _merged(_ends(x, cuts))
    cuts = [cuts[k - 1] for k in kept[1:-1]]
    titles = _titles(cuts, kind)
    place = sum((y > cut if over else y >= cut).astype(int) for cut, over in cuts) + 0 * missing
    unit = " characters" if kind is Kind.TEXT else ""
    return [
        gone if lost or not known else titles[at] + unit
        for at, lost, known in zip(place, missing, ~np.isnan(y), strict=True)
    ]


def _label_counts(real: Table, synth: Table, column: Column) -> tuple[list[str], Array]:
    """The commonest labels, in the schema's order if ordinal, and "other"; counts (2, B)."""
    coded, labels = codes((real, synth), column.name)
    counts = np.stack([np.bincount(c[c >= 0], minlength=len(labels)) for c in coded])
    shown = int((counts[0, :LEVELS] >= FEWEST).sum())  # codes are by falling real count
    while shown and 0 < counts[0, shown:].sum() < FEWEST:
        shown -= 1
    order = list(range(shown))
    if column.kind is Kind.ORDINAL and column.levels:
        place = {level: i for i, level in enumerate(column.levels)}
        order.sort(key=lambda i: place.get(labels[i], len(place)))
    titles, parts = [labels[i] for i in order], counts[:, order]
    rest = counts[:, shown:].sum(axis=1, keepdims=True)
    if rest[0, 0] >= FEWEST or (rest[0, 0] == 0 and rest[1, 0] > 0):
        titles, parts = [*titles, "other"], np.concatenate([parts, rest], axis=1)
    return titles, parts


def _number_counts(real: Table, synth: Table, column: Column) -> tuple[list[str], Array]:
    """Bins between cuts, merged until each holds enough real rows; counts (2, B)."""
    x, y = values(real, column.name), values(synth, column.name)
    x, y = np.sort(x[~np.isnan(x)]), np.sort(y[~np.isnan(y)])
    if len(x) < FEWEST:
        return [], np.zeros((2, 0), dtype=np.int64)
    cuts = _cuts(x, column.kind)
    ends = [_ends(p, cuts) for p in (x, y)]
    kept = _merged(ends[0])
    counts = np.stack([np.diff(end[kept]) for end in ends])
    titles = _titles([cuts[k - 1] for k in kept[1:-1]], column.kind)
    for i, value in enumerate(_single(x, y, ends[0][kept], ends[1][kept])):
        titles[i] = titles[i] if value is None else _word(value, column.kind)
    return titles, counts


def _single(x: Array, y: Array, x_ends: Array, y_ends: Array) -> list[float | None]:
    """The one value that all rows of a bin have, in both tables, or None; per bin."""
    found: list[float | None] = []
    for (a, b), (c, d) in zip(pairwise(x_ends), pairwise(y_ends), strict=True):
        inside = np.array([x[a], x[b - 1], *((y[c], y[d - 1]) if d > c else ())])
        found.append(float(inside[0]) if (inside == inside[0]).all() else None)
    return found


def _ends(ordered: Array, cuts: list[Cut]) -> Array:
    """How many values lie below each cut, from 0 to all of them; (number of cuts + 2,)."""
    below = [np.searchsorted(ordered, cut, "right" if over else "left") for cut, over in cuts]
    return np.array([0, *below, len(ordered)])


def _merged(ends: Array) -> list[int]:
    """Positions in ``ends`` (cumulative counts) between which there are always enough rows."""
    kept = [0]
    for i in range(1, len(ends) - 1):
        if ends[i] - ends[kept[-1]] >= FEWEST and ends[-1] - ends[i] >= FEWEST:
            kept.append(i)
    return [*kept, len(ends) - 1]


def _cuts(x: Array, kind: Kind) -> list[Cut]:
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
    spread = _rounded_quantiles(rest, kind) if len(rest) >= 2 * FEWEST else np.empty(0)
    return sorted({*_around(atoms), *((float(cut), False) for cut in spread)})


def _around(atoms: Array) -> list[Cut]:
    """A cut below and one above each value."""
    return [(float(atom), over) for atom in atoms for over in (False, True)]


def _nice(low: float, high: float, kind: Kind) -> Array:
    """Round numbers, evenly spaced from ``low`` to ``high``; none if that spans too little."""
    if not high > low or (high - low) < 1e-12 * abs(high):
        return np.empty(0)
    step = _step((high - low) / BINS, kind)
    return np.arange(np.ceil(low / step), np.floor(high / step) + 1) * step


def _rounded_quantiles(x: Array, kind: Kind) -> Array:
    """Quantiles at a round spacing of their own neighbourhood, without repetition."""
    found = np.unique(np.quantile(x, np.linspace(0, 1, BINS + 1)[1:-1], method="inverted_cdf"))
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


def _titles(cuts: list[Cut], kind: Kind) -> list[str]:
    """What the bins below, between and above the cuts are called."""
    if not cuts:
        return ["all values"]
    words = [(_word(cut, kind), over) for cut, over in cuts]
    titles = [f"{'≤' if words[0][1] else '<'} {words[0][0]}"]
    for (low, over), (high, closed) in pairwise(words):
        alone = low == high and closed and not over
        titles.append(low if alone else f"{'over ' * over}{low} to {high}")
    return [*titles, f"{'>' if words[-1][1] else '≥'} {words[-1][0]}"]


def _word(cut: float, kind: Kind) -> str:
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
