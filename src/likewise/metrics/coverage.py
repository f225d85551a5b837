"""Whether the synthetic table reaches everything that is common enough to be learned."""

import numpy as np

from likewise.core.errors import DataError
from likewise.data.table import Table
from likewise.metrics.intervals import around, wilson
from likewise.metrics.score import Score, worst_first
from likewise.metrics.views import codes, is_number, measured, values

SHARE, COUNT = 0.001, 10  # a level counts when it has this share of rows and this many rows
TAIL = 0.001  # left out at either end of a range


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


def range_coverage(real: Table, synth: Table) -> Score:
    """Mean share of the real range, from the 0.1 % to the 99.9 % quantile, that is reached.

    In [0, 1], 1 is best; over columns of numbers that are not constant. ``by`` gives the part of
    each column's range that is not reached.

    Raises:
        DataError: there is no such column.
    """
    lacking = {}
    for name in measured(real.schema):
        if not is_number(real.schema[name].kind):
            continue
        x, y = values(real, name), values(synth, name)
        x, y = x[~np.isnan(x)], y[~np.isnan(y)]
        if not len(x):
            continue
        low, high = np.quantile(x, [TAIL, 1 - TAIL])
        if high > low:
            reached = max(min(y.max(), high) - max(y.min(), low), 0.0) if len(y) else 0.0
            lacking[name] = 1 - float(reached / (high - low))
    if not lacking:
        raise DataError(
            "range_coverage", "no column of numbers varies", "Compare labels by rare_levels"
        )
    parts = np.array(list(lacking.values()))
    return Score(
        "range_coverage",
        1 - float(parts.mean()),
        better="higher",
        by=_worst(lacking),
        note=f"{len(parts)} columns, 0.1 % to 99.9 % quantile of the real rows",
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


def _worst(parts: dict[str, float]) -> dict[str, float]:
    """What is lacking or differs at all, most first."""
    found = {name: part for name, part in parts.items() if part > 0}
    return worst_first(list(found), np.array(list(found.values())))
