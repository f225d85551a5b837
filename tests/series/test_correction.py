import numpy as np
import pandas as pd
from tests.series.series_tables import as_table

from likewise.core.seeds import Seed
from likewise.series.autoregressive import AutoregressiveSeries
from likewise.series.correction import GRID, corrected
from likewise.series.past import Drawn
from likewise.series.view import SeriesView


def fitted():
    rng = np.random.default_rng(0)
    table = as_table(pd.DataFrame({"x": rng.normal(size=600).cumsum(), "y": rng.normal(size=600)}))
    first = np.zeros(600, dtype=int)
    view = SeriesView.fit(table, first, seed=Seed(0))
    return table, view, view.rows(table, first, seed=Seed(1))


def test_what_is_drawn_as_the_series_is_stays_as_it_is_and_small_steps_are_stretched():
    table, view, rows = fitted()
    model = AutoregressiveSeries(budget=0.5, memory=4, width=8, hidden=8).fit(table, seed=1)
    nets = model.process.nets
    at = np.arange(1, 600)
    same = Drawn(rows.values[None, at], rows.options[None, at], rows.reals[None, at])
    half = Drawn(same.values, same.options, np.tile(same.reals / 2, (3, 1, 1)))
    half = Drawn(half.values, np.tile(same.options, (3, 1, 1)), half.reals)
    again, wider = (corrected(nets, view, rows, drawn) for drawn in (same, half))
    for i in range(view.blocks):
        np.testing.assert_allclose(again.leave_bias[i], nets.leave_bias[i], atol=0.02)
    i = view.blocks - 1
    inside = np.abs(GRID) < 1
    slope = np.polyfit(GRID[inside], wider.bent[i][inside] - nets.bent[i][inside], 1)[0]
    assert slope > 0.3
    assert (np.diff(wider.bent[i]) >= 0).all()
