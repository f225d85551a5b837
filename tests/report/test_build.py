import math

import numpy as np
import pandas as pd
import pytest

import likewise
from likewise.metrics.battery import PairsResult
from likewise.metrics.score import Score
from likewise.report.build import PAIR_COLUMNS, _pairs


def test_columns_come_worst_first_and_shares_are_percent(make_report) -> None:
    report = make_report()
    over = [(c.error or 0) - (c.floor or 0) for c in report.columns]
    assert over == sorted(over, reverse=True)
    assert report.columns[0].chart is not None
    assert sum(report.columns[0].chart.real) == pytest.approx(100, abs=0.1)


def test_numbers_that_are_not_finite_become_null(make_report) -> None:
    scores = {"shape_error": Score("shape_error", math.nan, (math.nan, 1.0), better="lower")}
    number = make_report(scores=scores).scores["shape_error"]
    assert number.value is None
    assert number.interval is None


def test_a_report_of_nothing_is_a_report(make_report) -> None:
    report = make_report(scores={}, names=(), kinds=())
    assert report.sentence.startswith("Not judged")
    assert report.pairs.columns == ()


def test_the_pairs_keep_the_worst_columns_and_the_worst_pairs() -> None:
    size = PAIR_COLUMNS + 20
    error = np.full((size, size), 0.01)
    error[70, 75] = error[75, 70] = 0.9
    names = tuple(f"c{i}" for i in range(size))
    pairs = _pairs(PairsResult(names, error, None))
    assert len(pairs.columns) == len(pairs.error) == PAIR_COLUMNS
    assert set(pairs.columns[:2]) == {"c70", "c75"}
    assert pairs.worst[0] == ("c70 × c75", 0.9, None)
    assert pairs.error[0][0] is None


def test_a_table_of_a_row_is_judged_but_does_not_pass() -> None:
    rng = np.random.default_rng(0)
    real = pd.DataFrame({"a": rng.normal(size=120), "b": rng.integers(0, 4, 120)})
    found = likewise.evaluate(real, real[:1])
    assert found.verdict == "warn"
    assert found.report.findings[0].what == "Only 1 row in the synthetic table"
