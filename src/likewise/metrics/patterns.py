"""Are values missing together in the synthetic table as they are in the real one?

Shapes: N real rows, M synthetic rows, K patterns.
"""

import numpy as np

from likewise.core.errors import DataError
from likewise.data.table import Table
from likewise.metrics.intervals import around
from likewise.metrics.score import Score
from likewise.metrics.views import Array

SHARE, COUNT = 0.001, 10  # a pattern stands alone with this share of real rows and as many rows
NAMED = 3  # columns of a pattern that are named
LISTED = 10


def missing_patterns(real: Table, synth: Table) -> Score:
    """Distance between the distributions of what is missing in a row; in [0, 1], 0 is best.

    The share of rows with the wrong set of missing columns (total variation). Sets with fewer
    than ten real rows, or with less than 0.1 % of them, are told apart only by how many columns
    are missing. ``by`` names the sets whose shares differ most. The interval covers the sampling
    of the synthetic rows.

    Raises:
        DataError: nothing is missing in either table.
    """
    tables = (real, synth)
    flags = [np.stack([t.missing(name) for name in real.names], axis=1) for t in tables]
    some = np.flatnonzero(flags[0].any(axis=0) | flags[1].any(axis=0))
    if not len(some):
        raise DataError("missing_patterns", "nothing is missing", "Look at other scores")
    (x, y), titles = _coded([flag[:, some] for flag in flags], [real.names[i] for i in some])
    p, q = (np.bincount(code, minlength=len(titles)) / len(code) for code in (x, y))
    gap = np.abs(p - q)
    slope = np.sign(q - p) / 2  # not its expectation: of so few shares none may be certain
    order = [int(i) for i in np.argsort(-gap, kind="stable") if gap[i] > 0]
    value = float(gap.sum() / 2)
    return Score(
        "missing_patterns",
        value,
        around(value, slope[y] - slope @ q, 0, 1),
        better="lower",
        by={titles[i]: float(gap[i]) for i in order[:LISTED]},
        note=f"{len(titles)} patterns of {len(some)} columns, {synth.rows:,} rows",
    )


def _coded(flags: list[Array], names: list[str]) -> tuple[list[Array], list[str]]:
    """Each row's pattern, frequent ones first and then those pooled by size; and what they are."""
    packed = np.ascontiguousarray(np.packbits(np.concatenate(flags), axis=1))
    rows = packed.view(np.dtype((np.void, packed.shape[1]))).ravel()
    _, first, place = np.unique(rows, return_index=True, return_inverse=True)
    sets = np.concatenate(flags)[first]  # (K, C)
    count = len(flags[0])
    real = np.bincount(place[:count], minlength=len(sets))
    alone = np.flatnonzero(real >= max(COUNT, SHARE * count))
    code = len(alone) + sets.sum(axis=1)
    code[alone] = np.arange(len(alone))
    used, compact = np.unique(code, return_inverse=True)
    titles = [_title(sets[i], names) for i in alone]
    titles += [f"rare: {size - len(alone)} missing" for size in used[len(alone) :]]
    found = compact[place]
    return [found[:count], found[count:]], titles


def _title(missing: Array, names: list[str]) -> str:
    absent = [names[i] for i in np.flatnonzero(missing)]
    if not absent:
        return "nothing missing"
    more = f" and {len(absent) - NAMED} more" if len(absent) > NAMED else ""
    return f"missing: {', '.join(absent[:NAMED])}{more}"
