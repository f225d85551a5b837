"""How long sequences are, and how their events lie in time."""

import numpy as np

from likewise.core.errors import DataError
from likewise.data.table import Table
from likewise.metrics.dynamics import largest_gap
from likewise.metrics.score import Score
from likewise.metrics.sequences import GAP, sequences


def length_error(real: Table, synth: Table, *, entity: str, time: str | None = None) -> Score:
    """Distance of the distributions of rows in a sequence; 0 to 1, low is good.

    The largest gap between cumulative curves (Kolmogorov-Smirnov).
    """
    sides = sequences([real, synth], entity=entity, time=time)
    if any(len(side.lengths) < 2 for side in sides):
        raise DataError("length_error", "fewer than two sequences", "Leave it out")
    value = largest_gap(*(side.lengths for side in sides))
    note = f"{len(sides[1].lengths):,} synthetic and {len(sides[0].lengths):,} real sequences"
    return Score("length_error", value, better="lower", note=note)


def spacing_error(real: Table, synth: Table, *, entity: str | None = None, time: str) -> Score:
    """Distance of the distributions of time between rows of one sequence; 0 to 1, low is good.

    The largest gap between cumulative curves (Kolmogorov-Smirnov).
    """
    sides = sequences([real, synth], entity=entity, time=time)
    gaps = [side.numbers[GAP][~np.isnan(side.numbers[GAP])] for side in sides]
    if any(not len(gap) for gap in gaps):
        raise DataError("spacing_error", "no sequence of two rows", "Leave it out")
    note = f"{len(gaps[1]):,} synthetic and {len(gaps[0]):,} real gaps"
    return Score("spacing_error", largest_gap(*gaps), better="lower", note=note)
