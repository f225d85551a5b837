"""The Pareto set keeps its laws, and the recommendation says what it rests on."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from likewise.report.frontier import Attack, Measure, Trial
from likewise.report.pareto import beats, clearly_better, pareto, recommend

BETTER = {"fidelity": "lower", "utility": "higher", "membership": "lower"}


def measure(value: float, half: float, better: str, floor: float | None = None) -> Measure:
    return Measure(value=value, interval=(value - half, value + half), better=better, floor=floor)


def trial(
    number: int,
    values: tuple[float, float, float],
    halves: tuple[float, float, float] = (0, 0, 0),
    verdict: str = "not detected",
) -> Trial:
    found = [
        measure(value, half, BETTER[name])
        for name, value, half in zip(BETTER, values, halves, strict=True)
    ]
    attack = Attack(success=found[2], verdict=verdict)
    return Trial(
        number=number,
        generator="trees",
        settings={"leaf": number},
        fidelity=found[0],
        utility=found[1],
        attacks={"membership": attack},
    )


GRID = st.tuples(*[st.integers(0, 5).map(lambda k: k / 5)] * 3)
WIDTHS = st.tuples(*[st.integers(0, 2).map(lambda k: k / 5)] * 3)
SWEEPS = st.lists(st.tuples(GRID, WIDTHS), min_size=1, max_size=9).map(
    lambda rows: [trial(i + 1, *row) for i, row in enumerate(rows)]
)


laws = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def as_good(one: Trial, other: Trial) -> list[bool]:
    return [
        a.value <= b.value if a.better == "lower" else a.value >= b.value
        for a, b in zip(one.measures.values(), other.measures.values(), strict=True)
    ]


def dominates(one: Trial, other: Trial) -> bool:
    return all(as_good(one, other)) and not all(as_good(other, one))


@laws
@given(st.lists(GRID, min_size=1, max_size=9))
def test_without_noise_it_is_the_plain_set_found_by_comparing_all_with_all(rows) -> None:
    trials = [trial(i + 1, row) for i, row in enumerate(rows)]
    plain = {a.number for a in trials if not any(dominates(b, a) for b in trials)}
    # without intervals every difference is clear, so only who is equal or better in all can beat
    assert set(pareto(trials)) == plain


@laws
@given(SWEEPS)
def test_with_noise_it_is_what_no_judge_beats_found_by_comparing_all_with_all(trials) -> None:
    judges = [a for a in trials if not any(dominates(b, a) for b in trials)]
    judged = {a.number for a in trials if not any(beats(b.measures, a.measures) for b in judges)}
    assert set(pareto(trials)) == (judged or {a.number for a in judges})
    assert pareto(trials)


@laws
@given(SWEEPS, st.data())
def test_a_trial_that_another_equals_or_betters_changes_nothing_for_the_rest(trials, data) -> None:
    model = data.draw(st.sampled_from(trials))
    values = [m.value for m in model.measures.values()]
    worse = data.draw(GRID.filter(any))
    signs = [1, -1, 1]
    row = tuple(v + s * w for v, s, w in zip(values, signs, worse, strict=True))
    added = trial(len(trials) + 1, row, data.draw(WIDTHS))
    assert set(pareto([*trials, added])) - {added.number} == set(pareto(trials))


@laws
@given(SWEEPS)
def test_the_order_of_trials_does_not_matter(trials) -> None:
    assert set(pareto(trials[::-1])) == set(pareto(trials))


@pytest.mark.parametrize(("half_a", "half_b"), [(a, b) for a in (0.0, 0.2) for b in (0.0, 0.2)])
def test_a_gap_that_either_interval_covers_is_no_clear_one(half_a, half_b) -> None:
    better, worse = measure(0.5, half_a, "lower"), measure(0.6, half_b, "lower")
    assert clearly_better(better, worse) == (half_a == half_b == 0)
    assert not clearly_better(worse, better)


def test_a_lead_that_is_only_noise_does_not_save_a_clearly_worse_trial() -> None:
    halves = (0.01, 0.01, 0.1)
    good, bad = trial(1, (0.55, 0.9, 0.52), halves), trial(2, (0.8, 0.7, 0.51), halves)
    assert pareto([good, bad]) == (1,)


def test_a_failed_trial_is_on_no_front() -> None:
    failed = Trial(number=2, generator="trees", error="DataError: no.")
    assert pareto([trial(1, (0.6, 0.8, 0.5)), failed]) == (1,)
    assert pareto([failed]) == ()
    assert recommend([failed], ())[0] is None


def test_the_best_utility_without_a_leak_is_recommended() -> None:
    trials = [
        trial(1, (0.51, 0.95, 0.9), verdict="detected"),
        trial(2, (0.6, 0.9, 0.5)),
        trial(3, (0.55, 0.8, 0.5)),
    ]
    number, reason = recommend(trials, pareto(trials))
    assert number == 2
    assert "no attack is detected (membership)" in reason


def test_fidelity_decides_where_utility_is_a_tie_within_noise() -> None:
    halves = (0.01, 0.05, 0.05)
    trials = [trial(1, (0.6, 0.9, 0.5), halves), trial(2, (0.55, 0.88, 0.5), halves)]
    assert recommend(trials, pareto(trials))[0] == 2


def test_if_all_leak_the_least_is_recommended_and_it_is_said() -> None:
    trials = [
        trial(1, (0.51, 0.95, 0.9), verdict="detected"),
        trial(2, (0.6, 0.9, 0.6), verdict="detected"),
    ]
    number, reason = recommend(trials, pareto(trials))
    assert number == 2
    assert reason.startswith("Every trial leaks")
    assert "membership" in reason


def test_what_could_not_be_judged_is_said() -> None:
    trials = [trial(1, (0.6, 0.9, 0.5), verdict="inconclusive"), trial(2, (0.6, 0.8, 0.5))]
    number, reason = recommend(trials, (1, 2))
    assert number == 1
    assert "could not be judged" in reason


def test_more_near_copies_than_fresh_rows_show_are_a_leak() -> None:
    near = Measure(value=0.08, interval=(0.06, 0.1), floor=0.01, better="lower")
    copier = trial(1, (0.5, 0.9, 0.5)).model_copy(update={"near_copies": near})
    assert copier.leaks == ("near copies",)
    trials = [copier, trial(2, (0.7, 0.8, 0.5))]
    assert recommend(trials, pareto(trials))[0] == 2
