"""Corrections of a network over time from what it draws when it is left alone.

A network that was right about every single step drifts when it reads its own rows: bursts die out,
and steps become too small. So stretches are drawn after real rows, and what comes out of each block
is held against what the series shows: options get an offset, reals a rising curve. Twice, as what
is corrected is read again.

Paper: Ranzato et al., "Sequence level training with recurrent neural networks", ICLR 2016 (what is
called exposure bias there).

Shapes: B blocks, N stretches, S steps.
"""

from dataclasses import replace

import numpy as np
from scipy.special import ndtri

from likewise.series.bases import Before
from likewise.series.drawers import GRID, RowNets
from likewise.series.past import Drawn, Past
from likewise.series.view import Rows, SeriesView

Array = np.ndarray

STRETCHES, STEPS = 800, 24
ROUNDS, STRENGTH = 2, 0.8  # and the part of a difference that is made up for in each
FEWEST = 500  # reals that a curve is taken from
RANKS = (np.arange(64) + 0.5) / 64
LARGEST = 1.0  # offset of a log share, either way


def real_pasts(rows: Rows, known: int, rng: np.random.Generator) -> Past | None:
    """Stretches of ``known`` real rows from anywhere; None if no series is so long."""
    at = np.arange(len(rows.first))
    fitting = np.flatnonzero(at - known >= rows.first)
    if not len(fitting):
        return None
    chosen = rng.choice(fitting, STRETCHES)
    place = chosen[:, None] - known + np.arange(known)
    series = np.searchsorted(np.unique(rows.first), rows.first[chosen])
    last = np.where(np.isnan(rows.values[chosen - 1]), 0.0, rows.values[chosen - 1])
    return Past(
        rows.values[place],
        rows.residuals[place],
        rows.slope[place],
        rows.options[place],
        Before(last, rows.slope[chosen - 1]),
        (chosen - rows.first[chosen]).astype(np.int64),
        series,
    )


def corrected(nets: RowNets, view: SeriesView, rows: Rows, drawn: Drawn) -> RowNets:
    """The networks, set right by what they have drawn."""
    told = np.flatnonzero(np.arange(len(rows.first)) > rows.first)
    biases, bent = list(nets.leave_bias), nets.bent.copy()
    for i in range(view.blocks):
        size = len(biases[i])
        shares = [
            (np.bincount(x.ravel(), minlength=size) + 5.0) / (x.size + 5.0 * size)
            for x in (rows.options[told, i], drawn.options[:, :, i])
        ]
        offset = np.clip(np.log(shares[0] / shares[1]), -LARGEST, LARGEST)
        biases[i] = (biases[i] + STRENGTH * offset).astype(np.float32)
        r = view.real(i)
        if r < 0:
            continue
        reals = drawn.reals[:, :, r][drawn.options[:, :, i] == nets.real[i]]
        if len(reals) < FEWEST:
            continue
        found = np.quantile(reals, RANKS) + 1e-6 * np.arange(len(RANKS))
        wanted = ndtri(RANKS)
        beyond = bent[i] - np.clip(bent[i], found[0], found[-1])
        moved = np.interp(bent[i], found, wanted) + beyond
        curve = bent[i] + STRENGTH * (moved - bent[i])
        bent[i] = np.clip(np.maximum.accumulate(curve), GRID[0], GRID[-1])
    return replace(nets, leave_bias=tuple(biases), bent=bent)
