"""Whether the synthetic table reaches everything that is common enough to be learned."""

from dataclasses import dataclass

import numpy as np

from likewise.core.errors import DataError
from likewise.core.seeds import Seed
from likewise.data.table import Table
from likewise.metrics.intervals import Z95, around, wilson
from likewise.metrics.score import SEED, Score, worst_first
from likewise.metrics.views import Array, codes, is_number, measured, values

SHARE, COUNT = 0.001, 10  # a level counts when it has this share of rows and this many rows
EXPECTED = 20  # rows of a level, so many that it must occur
TAIL = 0.001  # left out at either end of a range
SUBSAMPLES, ONE_IN = 200, 4  # of the rows, for the interval of what they reach
OUTERMOST = 40  # rows at either end; a subsample holds none of them with chance .75 ** 40


@dataclass(frozen=True)
class _Reach:
    """The outermost K rows at either end of one column, the most extreme first.

    Attributes:
        low: end of the real range, as ``high``.
        lowest: places of the rows among all, (K,), as ``highest``.
        smallest: their values, (K,), as ``largest``.
    """

    low: float
    high: float
    lowest: Array
    smallest: Array
    highest: Array
    largest: Array

    def share(self, smallest: Array, largest: Array) -> Array:
        """Share of the real range between two values; as their shape."""
        reached = np.minimum(largest, self.high) - np.maximum(smallest, self.low)
        return np.asarray(np.maximum(reached, 0.0) / (self.high - self.low))


def rare_levels(real: Table, synth: Table) -> Score:
    """Share of the real levels that occur in the synthetic table; in [0, 1], 1 is best.

    Only levels with at least 0.1 % of the real rows and at least 10 rows count, over all columns
    of labels; ``by`` gives the share of each column's levels that are lacking.

    Raises:
        DataError: no column has such levels.
    """
    lacking, found, total = {}, 0, 0
    for name in measured(real.schema):
        if is_number(real.schema[name].kind):
            continue
        (x, y), labels = codes((real, synth), name)
        common = np.bincount(x[x >= 0], minlength=len(labels)) >= max(COUNT, SHARE * real.rows)
        present = np.bincount(y[y >= 0], minlength=len(labels)) > 0
        if common.any():
            lacking[name] = 1 - float(present[common].mean())
            found, total = found + int(present[common].sum()), total + int(common.sum())
    if not total:
        raise DataError("rare_levels", "no label has ten rows", "Compare larger tables")
    return Score(
        "rare_levels",
        found / total,
        wilson(found, total),
        better="higher",
        by=_worst(lacking),
        note=f"{found:,} of {total:,} levels with at least 0.1 % of the real rows",
    )


def lost_levels(real: Table, synth: Table) -> Score:
    """Number of levels that do not occur although 20 rows of them are expected; 0 is best.

    Over all columns of labels. By chance a level is lost once in half a billion. ``by`` is the
    number of each column's lost levels.

    Raises:
        DataError: no label is that frequent.
    """
    lost: dict[str, float] = {}
    total = 0
    for name in measured(real.schema):
        if is_number(real.schema[name].kind):
            continue
        (x, y), labels = codes((real, synth), name)
        counts = np.bincount(x[x >= 0], minlength=len(labels))
        certain = (counts >= COUNT) & (counts * synth.rows >= EXPECTED * real.rows)
        lost[name] = float((certain & (np.bincount(y[y >= 0], minlength=len(labels)) == 0)).sum())
        total += int(certain.sum())
    if not total:
        found = f"no label is expected in {EXPECTED} rows"
        raise DataError("lost_levels", found, "Compare larger tables")
    count = float(sum(lost.values()))
    note = f"{total:,} levels of which {EXPECTED} rows or more are expected"
    return Score("lost_levels", count, (count, count), better="lower", by=_worst(lost), note=note)


def range_coverage(real: Table, synth: Table, *, seed: Seed = SEED) -> Score:
    """Mean share of the real range, from the 0.1 % to the 99.9 % quantile, that is reached.

    In [0, 1], 1 is best; over columns of numbers that are not constant. ``by`` gives the part of
    each column's range that is not reached.

    The interval covers the sampling of the synthetic rows. Extremes have no influence function
    and cannot be resampled with replacement, so it is as wide as random quarters of the rows
    scatter: largest values under an exponential tail scatter alike whatever the number of rows,
    under a shorter tail less when there are more. Of one column with a heavy tail and few rows it
    is too narrow (three of four contain the truth for 100 lognormal values, 97 % for 2,000).

    Papers: Gumbel, "Statistics of extremes", 1958; Politis, Romano and Wolf, "Subsampling", 1999.

    Raises:
        DataError: there is no such column.
    """
    names = [name for name in measured(real.schema) if is_number(real.schema[name].kind)]
    found = {name: reach for name in names if (reach := _reach(real, synth, name)) is not None}
    if not found:
        raise DataError(
            "range_coverage", "no column of numbers varies", "Compare labels by rare_levels"
        )
    shares = {name: float(_whole(reach)) for name, reach in found.items()}
    value = float(np.mean(list(shares.values())))
    kept = seed.stream("subsamples").integers(0, ONE_IN, (SUBSAMPLES, synth.rows), np.uint8) == 0
    scattered = np.mean([_subsampled(reach, kept) for reach in found.values()], axis=0)
    half = Z95 * float(np.std(scattered))
    return Score(
        "range_coverage",
        value,
        (max(value - half, 0.0), min(value + half, 1.0)) if synth.rows > 1 else None,
        better="higher",
        by=_worst({name: 1 - share for name, share in shares.items()}),
        note=f"{len(found)} columns, 0.1 % to 99.9 % quantile of the real rows",
    )


def missingness(real: Table, synth: Table) -> Score:
    """Mean absolute difference of the columns' shares of missing values; in [0, 1], 0 is best."""
    names = real.schema.names
    gap = np.zeros(len(names))
    by_row = np.zeros(synth.rows)
    for i, name in enumerate(names):
        missing = synth.missing(name)
        gap[i] = missing.mean() - real.missing(name).mean()
        by_row += np.sign(gap[i]) * missing / len(names)
    value = float(np.abs(gap).mean())
    return Score(
        "missingness",
        value,
        around(value, by_row, 0, 1),
        better="lower",
        by=_worst(dict(zip(names, np.abs(gap).tolist(), strict=True))),
        note=f"{len(names)} columns, {synth.rows:,} rows",
    )


def _reach(real: Table, synth: Table, name: str) -> _Reach | None:
    """Both ends of a column; None if the real one does not vary."""
    x, y = values(real, name), values(synth, name)
    x = x[~np.isnan(x)]
    low, high = np.quantile(x, [TAIL, 1 - TAIL]) if len(x) else (0.0, 0.0)
    if not high > low:
        return None
    rows = np.flatnonzero(~np.isnan(y))
    count = min(OUTERMOST, len(rows))
    ends = []
    for sign in (1, -1):
        ordered = sign * y[rows]
        outer = np.argpartition(ordered, count - 1)[:count] if count else rows
        ends.append(rows[outer[np.argsort(ordered[outer], kind="stable")]])
    lowest, highest = ends
    return _Reach(float(low), float(high), lowest, y[lowest], highest, y[highest])


def _whole(reach: _Reach) -> Array:
    """The share that all rows reach."""
    if not len(reach.lowest):
        return np.zeros(())
    return reach.share(reach.smallest[0], reach.largest[0])


def _subsampled(reach: _Reach, kept: Array) -> Array:
    """The share that each subsample reaches, ``kept`` (B, M) telling its rows; (B,)."""
    if not len(reach.lowest):
        return np.zeros(len(kept))
    first = []
    for rows in (reach.lowest, reach.highest):
        inside = kept[:, rows]
        inside[:, -1] = True
        first.append(inside.argmax(axis=1))
    return reach.share(reach.smallest[first[0]], reach.largest[first[1]])


def _worst(parts: dict[str, float]) -> dict[str, float]:
    """What is lacking or differs at all, most first."""
    found = {name: part for name, part in parts.items() if part > 0}
    return worst_first(list(found), np.array(list(found.values())))
