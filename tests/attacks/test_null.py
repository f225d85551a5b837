import numpy as np
import pytest

from likewise.attacks.null import Labels, outcome


def labels(n: int, seed: int = 0) -> Labels:
    return Labels.of(np.arange(n) < n // 2, np.random.default_rng(seed))


def test_labels_are_dealt_out_in_the_same_numbers():
    dealt = labels(40).dealt
    assert (dealt.sum(axis=1) == 20).all()
    assert abs(dealt[:, 0].mean() - 0.5) < 0.05


def test_eight_successes_that_are_all_of_members_are_as_rare_as_counting_says():
    found = labels(200)
    weights = np.zeros((1, 200))
    weights[0, :8] = 1
    expected = np.prod([(100 - i) / (200 - i) for i in range(8)])  # 0.0033
    assert found.test(weights, 0.02).p == pytest.approx(expected, abs=0.004)
    assert found.test(-weights, 0.02).p == 1
    assert found.test(-weights, 0.02).p_both < 0.02


def test_of_noise_the_largest_of_twenty_variants_is_detected_no_more_often_than_allowed():
    found = labels(300)
    rng = np.random.default_rng(1)
    ps = [found.test(rng.normal(size=(20, 300)), 0.02).p for _ in range(300)]
    assert np.mean(np.array(ps) <= 0.05) == pytest.approx(0.05, abs=0.04)
    assert np.mean(ps) == pytest.approx(0.5, abs=0.06)


def test_shares_of_parts_are_detected_as_often_as_allowed_and_rare_ones_by_counting():
    rng, ps = np.random.default_rng(1), []
    found = labels(400)
    for _ in range(300):
        inside = rng.random((6, 400)) < 0.4
        hits = inside & (rng.random((6, 400)) < rng.choice([0.02, 0.2], (6, 1)))
        ps.append(found.test_shares(hits, inside, 0.02).p)
    assert np.mean(np.array(ps) <= 0.05) <= 0.08
    assert np.mean(ps) == pytest.approx(0.5, abs=0.08)
    inside, hits = np.zeros((2, 1, 400), dtype=bool)
    inside[0, 150:250] = True
    hits[0, 150:160] = True
    expected = np.prod([(200 - i) / (400 - i) for i in range(10)])  # 0.0009
    assert found.test_shares(hits, inside, 0.02).p == pytest.approx(expected, abs=0.002)
    assert found.test_shares(hits, inside, 0.02).z[0] > 2.5


def test_no_hit_at_all_and_hits_of_everybody_are_no_evidence():
    inside = np.ones((2, 60), dtype=bool)
    hits = np.stack([inside[0], ~inside[0]])
    result = labels(60).test_shares(hits, inside, 0.02)
    assert (result.z == 0).all()
    assert result.p == 1


def test_what_no_dealing_can_change_is_no_evidence():
    result = labels(50).test(np.ones((2, 50)), 0.02)
    assert (result.z == 0).all()
    assert result.p == result.p_both == 1


def test_a_wider_choice_of_variants_asks_for_a_larger_difference():
    dealt = np.random.default_rng(0).normal(size=(4000, 50))
    one, many = outcome(np.zeros(1), dealt[:, :1], 0.02), outcome(np.zeros(50), dealt, 0.02)
    assert one.critical == pytest.approx(2.05, abs=0.15)
    assert many.critical > 3
    assert many.simultaneous > one.simultaneous
