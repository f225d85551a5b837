import numpy as np
import pytest

from likewise.attacks.null import Labels, Outcome
from likewise.attacks.risk import Risk, Share, Tries, detectable, excess, judged, of_shares

LEVEL = 0.003


def answer(p: float, p_both: float = 1.0) -> Outcome:
    return Outcome(np.array([1.0]), p, p_both, critical=2.8, simultaneous=1.96)


def verdict(synth: float, planted: float = 0.0005, fresh: float = 1.0, power: float = 0.1) -> str:
    tests = answer(synth), answer(planted), answer(1.0, fresh)
    return judged(Tries(tests, LEVEL), power)[0]


def test_the_excess_is_what_the_population_does_not_give_away():
    assert excess(0.9, 0.8) == pytest.approx(0.5)
    assert excess(0.3, 0.3) == 0
    assert excess(1.0, 1.0) == 0


def test_verdicts():
    assert verdict(0.001) == "detected"
    assert verdict(0.02) == "not detected"
    assert verdict(0.02, power=0.5) == "inconclusive"
    assert verdict(0.02, planted=0.2) == "inconclusive"
    assert verdict(0.001, fresh=0.0005) == "inconclusive"


def test_what_is_not_detected_names_the_leak_that_would_have_been():
    sides = Share(10, 1000, 1000), Share(12, 1000, 1000)
    tries = Tries((answer(0.7), answer(0.0005), answer(0.5)), LEVEL)
    risk = of_shares("x", sides, tries, baseline=0.0, by={}, power=0.1, note="Measured.")
    assert risk.verdict == "not detected"
    assert f"An excess of {risk.power:.3f} or more would have been detected." in risk.note
    assert risk.interval[0] < 0.01 < risk.interval[1]
    assert risk.excess_interval[0] < 0 < risk.excess_interval[1]


@pytest.mark.parametrize("n", [100, 1000])
@pytest.mark.parametrize("control", [0.0, 0.1, 0.6])
def test_a_leak_of_the_size_called_power_is_detected_four_times_out_of_five(n, control):
    rng = np.random.default_rng(0)
    labels = Labels.of(np.arange(2 * n) < n, rng)
    critical = labels.test(rng.random((1, 2 * n)), LEVEL).critical
    share = Share(control * n, n, n)
    high = control + detectable((share, share), critical) * (1 - control)
    seen = 0
    for _ in range(200):
        hits = np.concatenate([rng.random(n) < high, rng.random(n) < control])
        seen += labels.test(hits[None].astype(float), LEVEL).p <= LEVEL
    assert 0.68 <= seen / 200 <= 0.97  # cautious where controls never succeed


def test_intervals_of_the_excess_hold_the_truth():
    rng = np.random.default_rng(0)
    tries = Tries((answer(0.7), answer(0.0005), answer(0.5)), LEVEL)
    held = []
    for _ in range(300):
        sides = Share.of(rng.random(500) < 0.25), Share.of(rng.random(500) < 0.2)
        risk = of_shares("x", sides, tries, baseline=0, by={}, power=0.1, note="")
        held.append(risk.excess_interval[0] <= excess(0.25, 0.2) <= risk.excess_interval[1])
    assert np.mean(held) >= 0.92


def test_there_is_no_single_privacy_score():
    fields = set(Risk.__dataclass_fields__)
    assert not fields & {"score", "privacy", "grade", "value"}
