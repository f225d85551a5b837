"""The judge names what is wrong, and holds its tongue where nothing is."""

import pytest
from tests.planted import FAILURES, alarms, caught, clean, judged


@pytest.mark.long
@pytest.mark.parametrize("name", FAILURES)
def test_a_planted_failure_is_called_by_its_name(name: str) -> None:
    found, said = caught(name, seed=1)
    assert found, said


@pytest.mark.long
def test_a_second_real_sample_passes_without_a_warning() -> None:
    for seed in range(3):
        report = judged(clean(seed, 5_000), full=seed == 0)
        assert report.verdict == "pass", alarms(report)
        assert alarms(report) == []
