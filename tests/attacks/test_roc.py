import numpy as np
import pytest

from likewise.attacks.roc import ranks, ranks_within, top, true_positives


def test_members_found_before_one_control_in_a_hundred_is():
    scores = np.concatenate([np.full(90, 3.0), np.full(10, 0.0), np.ones(100)])
    member = np.arange(200) < 100
    assert true_positives(scores, member, 0.01) == pytest.approx(0.9)
    assert true_positives(np.zeros(200), member, 0.01) == pytest.approx(0.01)
    assert true_positives(-scores, member, 0.01) < 0.12


def test_the_top_counts_as_many_whatever_is_equal():
    scores = np.array([5, 4, 4, 4, 1, 0, 0, 0, 0, 0.0])
    assert top(scores, 0.1).tolist() == [1] + [0] * 9
    assert top(scores, 0.3) == pytest.approx([1, 2 / 3, 2 / 3, 2 / 3] + [0] * 6)
    assert top(np.zeros(10), 0.3).sum() == pytest.approx(3)


def test_ranks_share_and_stay_within():
    assert ranks(np.array([1.0, 5.0, 5.0, -np.inf])).tolist() == [2, 3.5, 3.5, 1]
    some = np.array([True, False, True, True])
    assert ranks_within(np.array([1.0, 9.0, 2.0, 3.0]), some).tolist() == [-1, 0, 0, 1]
