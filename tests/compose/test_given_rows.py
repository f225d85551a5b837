"""Which rows are learned, and how numbers become levels."""

import numpy as np
import pytest

from likewise.compose.given_rows import MOST_LEARNED, Bins, learned_rows
from likewise.core.seeds import Seed


def test_all_rows_are_learned_up_to_the_limit() -> None:
    assert learned_rows(1_000, Seed(0)).tolist() == list(range(1_000))


def test_beyond_the_limit_different_rows_from_everywhere_are_learned() -> None:
    rows = learned_rows(3 * MOST_LEARNED, Seed(0))
    assert len(rows) == MOST_LEARNED
    assert (np.diff(rows) > 0).all()
    thirds = np.bincount(rows // MOST_LEARNED, minlength=3) / MOST_LEARNED
    assert np.abs(thirds - 1 / 3).max() < 0.01


@pytest.mark.parametrize("far", [0, 10**12])
def test_few_whole_numbers_are_a_level_each_however_far_apart(far: int) -> None:
    values = np.array([-3, 5, 5, 0, 7, -3, 7, 7 + far])
    found = Bins.fit("x", values)
    expected = np.unique(values)
    assert len(found.counts) == len(expected)
    assert found.codes(values).tolist() == np.searchsorted(expected, values).tolist()
