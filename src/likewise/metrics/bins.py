"""The same bins for several tables; edges always come from the first, which is the real one.

Missing values have a bin of their own, the last. Codes are int64 so that two columns' codes can
be joined into one without overflow.

Cost: one sort or histogram of the first table's column and one search per further value.
"""

from collections.abc import Sequence

import numpy as np

from likewise.data.table import Table
from likewise.metrics.views import Array, codes, is_number, values

WIDTH_BINS = 10  # as SDMetrics cuts numbers for its contingency tables
LEVELS = 256  # labels kept apart; rarer ones share a bin


def width_bins(tables: Sequence[Table], name: str) -> tuple[list[Array], int]:
    """Codes in ten bins of equal width over the first table's range; (N_i,) each, and B.

    Values below the range, at its maximum or above it, and missing ones have bins of their own:
    the convention of SDMetrics, but with the real table's edges for every table.
    """
    if not is_number(tables[0].schema[name].kind):
        return label_bins(tables, name, LEVELS)
    columns = [values(table, name) for table in tables]
    seen = columns[0][~np.isnan(columns[0])]
    edges = _equal_width(seen)
    return [_digitize(column, edges, "right") for column in columns], len(edges) + 2


def quantile_bins(
    tables: Sequence[Table], name: str, *, bins: int = 10, levels: int = 20
) -> tuple[list[Array], int]:
    """Codes in bins that hold equal shares of the first table; (N_i,) each, and B.

    Values held by more than a bin's share make a bin end there. Labels beyond the ``levels``
    most frequent share a bin.
    """
    if not is_number(tables[0].schema[name].kind):
        return label_bins(tables, name, levels)
    columns = [values(table, name) for table in tables]
    seen = columns[0][~np.isnan(columns[0])]
    probs = np.linspace(0, 1, bins + 1)[1:-1]
    edges = np.unique(np.quantile(seen, probs)) if len(seen) else np.empty(0)
    return [_digitize(column, edges, "left") for column in columns], len(edges) + 2


def label_bins(tables: Sequence[Table], name: str, levels: int) -> tuple[list[Array], int]:
    """Codes of the ``levels`` most frequent labels, one bin for the rest, one for missing."""
    coded, labels = codes(tables, name)
    kept = min(len(labels), levels)
    return [np.where(c < 0, kept, np.minimum(c, kept - 1)) for c in coded], kept + 1


def _equal_width(seen: Array) -> Array:
    """Edges of ten bins of equal width; (11,), or none for a column without values."""
    if not len(seen):
        return np.empty(0)
    try:
        return np.histogram_bin_edges(seen, WIDTH_BINS)
    except ValueError:  # a range too narrow for its magnitude to be cut
        return np.unique(seen)


def _digitize(column: Array, edges: Array, side: str) -> Array:
    """Bin of each value; NaN goes to bin ``len(edges) + 1``; (N,) int64."""
    found = np.searchsorted(edges, column, side=side)  # type: ignore[call-overload]
    return np.where(np.isnan(column), len(edges) + 1, found).astype(np.int64)
