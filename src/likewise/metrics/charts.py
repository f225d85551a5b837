"""One column's distribution in few bins, fit to be shown: no bin tells of fewer than ten rows."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from likewise.data.schema import Column, Kind
from likewise.data.table import Table
from likewise.metrics.cuts import FEWEST, cuts_of, ends_of, merged, titles_of, word_of
from likewise.metrics.views import Array, codes, is_number, values

LEVELS = 20  # labels shown


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
    cuts = cuts_of(x, kind)
    kept = merged(ends_of(x, cuts))
    cuts = [cuts[k - 1] for k in kept[1:-1]]
    titles = titles_of(cuts, kind)
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
    cuts = cuts_of(x, column.kind)
    ends = [ends_of(part, cuts) for part in (x, y)]
    kept = merged(ends[0])
    counts = np.stack([np.diff(end[kept]) for end in ends])
    titles = titles_of([cuts[k - 1] for k in kept[1:-1]], column.kind)
    for i, value in enumerate(_single(x, y, ends[0][kept], ends[1][kept])):
        titles[i] = titles[i] if value is None else word_of(value, column.kind)
    return titles, counts


def _single(x: Array, y: Array, x_ends: Array, y_ends: Array) -> list[float | None]:
    """The one value that all rows of a bin have, in both tables, or None; per bin."""
    found: list[float | None] = []
    for (a, b), (c, d) in zip(pairwise(x_ends), pairwise(y_ends), strict=True):
        inside = np.array([x[a], x[b - 1], *((y[c], y[d - 1]) if d > c else ())])
        found.append(float(inside[0]) if (inside == inside[0]).all() else None)
    return found
