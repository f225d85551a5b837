"""Intervals and ranks against answers known from elsewhere."""

import numpy as np
import pytest
from scipy.stats import rankdata

from likewise.metrics.intervals import _ranks, auc, wilson


def test_ranks_are_those_of_scipy_with_ties() -> None:
    values = np.random.default_rng(0).integers(0, 30, 500) / 7
    assert np.array_equal(_ranks(values), rankdata(values))


def test_auc_counts_the_pairs_in_the_right_order_and_ties_by_half() -> None:
    value, influence = auc(np.array([1.0, 2.0, 2.0, 3.0]), np.array([False, True, False, True]))
    assert value == pytest.approx(3.5 / 4)
    assert influence.sum() == pytest.approx(0)


def test_wilson_reaches_no_further_than_a_share_can() -> None:
    assert wilson(0, 100) == pytest.approx((0.0, 0.0370), abs=1e-3)
    assert wilson(100, 100)[1] == 1
