import numpy as np
import pytest
from tests.metrics.metric_tables import table

from likewise.core.errors import DataError
from likewise.data.table import Table
from likewise.metrics.dynamics import (
    autocorrelation_error,
    cross_correlation_error,
    increment_error,
    second_transition_error,
    spectral_distance,
    transition_error,
)
from likewise.metrics.entities import boundary_error, entity_detection
from likewise.metrics.sequence_battery import evaluate_sequences
from likewise.metrics.sequences import GAP, sequences
from likewise.metrics.timing import length_error, spacing_error
from likewise.metrics.windows import window_copies, window_detection, windows


def ar1(rows: int, again: float, seed: int) -> np.ndarray:
    noise = np.random.default_rng(seed).standard_normal(rows) * np.sqrt(1 - again**2)
    x = np.empty(rows)
    x[0] = noise[0]
    for t in range(1, rows):
        x[t] = again * x[t - 1] + noise[t]
    return x


def series(rows: int, seed: int, again: float = 0.8) -> Table:
    x = ar1(rows, again, seed)
    other = 0.6 * x + 0.8 * ar1(rows, 0.3, seed + 1_000)
    return table(x=x, y=other, up=np.where(x > 0, "up", "down"))


def shuffled(whole: Table, seed: int = 0) -> Table:
    return whole.take(np.random.default_rng(seed).permutation(whole.rows))


def visits(people: int, seed: int, pace: float = 1.0, stay: float = 0.9) -> Table:
    """Events of people: 3 to 12 each, exponential gaps, a page that stays with a chance."""
    rng = np.random.default_rng(seed)
    counts = rng.integers(3, 13, people)
    who = np.repeat(np.arange(people), counts)
    first = np.append(True, who[1:] != who[:-1])
    page = rng.integers(0, 4, len(who))
    for t in range(1, len(who)):
        if not first[t] and rng.random() < stay:
            page[t] = page[t - 1]
    at = rng.exponential(pace * 3_600, len(who)).cumsum()
    order = rng.permutation(len(who))
    return table(
        who=np.array([f"p{i:04}" for i in who])[order],
        at=at[order],
        page=np.array(["home", "shop", "cart", "help"])[page][order],
        spent=rng.gamma(2.0, 10.0, len(who))[order],
    )


def test_the_autocorrelation_error_of_two_ar1_series_is_the_gap_of_their_powers() -> None:
    real, synth = table(x=ar1(40_000, 0.8, 0)), table(x=ar1(40_000, 0.2, 1))
    lags = np.arange(1, 25)
    expected = np.abs(0.8**lags - 0.2**lags).mean()
    assert autocorrelation_error(real, synth).value == pytest.approx(expected, abs=0.02)


def test_the_cross_correlation_error_is_the_gap_of_correlations() -> None:
    rng = np.random.default_rng(0)
    x, noise = rng.standard_normal((2, 40_000))
    real = table(x=x, y=0.6 * x + 0.8 * noise)
    found = cross_correlation_error(real, table(x=x, y=noise))
    assert found.value == pytest.approx(0.6 / 3, abs=0.02)  # lags 1 and 5 show nothing
    assert list(found.by) == ["x × y"]


def test_the_spectral_distance_of_two_pure_tones_is_one() -> None:
    t = np.arange(4_096)
    tone = [np.sin(2 * np.pi * t * k / 256) for k in (4, 64)]
    assert spectral_distance(table(x=tone[0]), table(x=tone[1])).value > 0.95
    assert spectral_distance(table(x=tone[0]), table(x=tone[0] + 5.0)).value < 0.01


def test_increments_of_half_the_size_are_found_though_levels_agree() -> None:
    real, synth = table(x=ar1(20_000, 0.5, 0)), table(x=ar1(20_000, 0.99, 1))
    assert increment_error(real, synth).value > 0.3
    assert increment_error(real, table(x=ar1(20_000, 0.5, 2))).value < 0.02


def test_the_transition_error_is_the_mass_on_wrong_steps() -> None:
    there = np.tile(["a", "b"], 500)
    real = table(s=there, x=np.arange(1_000) % 7 * 1.0)
    back = table(s=np.repeat(["a", "b"], 500), x=np.arange(1_000) % 7 * 1.0)
    assert transition_error(real, back).value == pytest.approx(1.0, abs=0.01)
    assert transition_error(real, real).value == 0.0


def test_shuffled_rows_fail_every_test_of_order() -> None:
    real = series(4_000, 0)
    mixed = shuffled(series(4_000, 5))
    fine = series(4_000, 7)
    for error in (autocorrelation_error, spectral_distance, increment_error, transition_error):
        assert error(real, mixed).value > 3 * error(real, fine).value + 0.03
    assert window_detection(real, mixed).value > 0.95


def test_another_sample_of_the_same_process_is_not_told_apart() -> None:
    found = window_detection(series(6_000, 0), series(6_000, 5))
    assert found.interval is not None
    assert found.interval[0] < 0.53
    assert found.value < 0.56


def test_copied_stretches_are_found_though_they_were_moved_and_fresh_ones_are_not() -> None:
    real, fresh, other = series(3_000, 0), series(1_500, 5), series(1_500, 6)
    x, y, up = (real.arrow.column(n).to_numpy(zero_copy_only=False) for n in ("x", "y", "up"))
    part = slice(700, 2_200)
    copied = table(x=x[part] + 3.0, y=y[part], up=up[part])
    assert window_copies(real, copied, holdout=fresh).value > 0.95
    assert window_copies(real, other, holdout=fresh).value < 0.04


def test_lengths_and_gaps_of_entities_are_compared() -> None:
    real = visits(400, 0)
    assert length_error(real, visits(400, 1), entity="who").value < 0.12
    assert spacing_error(real, visits(400, 3), entity="who", time="at").value < 0.06
    assert spacing_error(real, visits(400, 3, pace=3.0), entity="who", time="at").value > 0.25


def test_lengths_of_ones_and_twos_are_half_apart() -> None:
    ones = table(who=[f"a{i}" for i in range(100)], x=np.arange(100.0))
    half = table(who=[f"a{i // 2}" for i in range(100)] + [f"b{i}" for i in range(50)],
                 x=np.arange(150.0))  # fmt: skip
    assert length_error(ones, half, entity="who").value == pytest.approx(0.5)


def test_rows_are_put_in_order_within_their_entity() -> None:
    found = sequences([table(who=["b", "a", "b", "a"], at=[9.0, 5.0, 2.0, 1.0], x=[1.0, 2, 3, 4])],
                      entity="who", time="at")[0]  # fmt: skip
    assert found.numbers["x"].tolist() == [4.0, 2.0, 3.0, 1.0]
    assert np.isnan(found.numbers[GAP][[0, 2]]).all()
    assert found.numbers[GAP][[1, 3]].tolist() == [4.0, 7.0]
    assert found.lengths.tolist() == [2, 2]


def test_windows_of_one_block_never_share_rows_with_those_of_another() -> None:
    side = sequences([series(1_000, 0)])[0]
    found = windows(side, 24)
    rows = [set(found.rows[found.group == g].ravel()) for g in np.unique(found.group)]
    assert sum(map(len, rows)) == len(set.union(*rows))


def test_windows_of_short_entities_are_padded() -> None:
    side = sequences([visits(50, 0)], entity="who", time="at")[0]
    found = windows(side, 8)
    assert len(np.unique(found.group)) == 50
    assert (found.rows >= 0).sum(axis=1).min() == side.lengths.min()


def test_the_battery_puts_a_second_real_half_at_the_floor_and_shuffled_rows_far_off() -> None:
    real, fresh = series(4_000, 0), series(2_000, 5)
    good, notes = evaluate_sequences(real, series(2_000, 6), fresh)
    bad, _ = evaluate_sequences(real, shuffled(series(2_000, 6)), fresh)
    assert not notes
    for name in ("autocorrelation_error", "spectral_distance", "increment_error"):
        floor = good[name].floor
        assert floor is not None
        assert good[name].value < 2 * floor + 0.02
        assert bad[name].value > good[name].value + 0.08
    assert good["window_detection"].value < 0.6
    assert bad["window_detection"].value > 0.9
    assert good["window_copies"].floor == pytest.approx(0.01, abs=0.01)


def test_the_battery_takes_events_of_entities() -> None:
    real, fresh = visits(500, 0), visits(250, 1)
    good, _ = evaluate_sequences(real, visits(250, 2), fresh, entity="who", time="at")
    bad, _ = evaluate_sequences(real, visits(250, 2, 4.0, 0.0), fresh, entity="who", time="at")
    assert {"length_error", "spacing_error", "transition_error", "window_detection"} <= set(good)
    for name, low, high in (
        ("transition_error", 0.1, 0.4),
        ("spacing_error", 0.1, 0.3),
        ("window_detection", 0.62, 0.85),
    ):
        assert good[name].value < low
        assert bad[name].value > high


def test_without_a_holdout_the_second_half_is_the_floor_and_a_note_says_so() -> None:
    real = series(3_000, 0)
    found, notes = evaluate_sequences(real, series(3_000, 5))
    assert found["autocorrelation_error"].floor is not None
    assert any("No holdout" in note for note in notes)


def test_too_short_a_series_is_an_error_that_says_so() -> None:
    short = series(30, 0)
    with pytest.raises(DataError, match="Give longer series"):
        window_detection(short, short)


def test_first_and_last_labels_are_compared() -> None:
    names = [f"{i // 2}" for i in range(200)]
    real, turned = (
        table(who=names, step=steps * 50)
        for steps in (["in", "out", "in", "out"], ["out", "in", "in", "out"])
    )
    assert boundary_error(real, real, entity="who").value == 0
    assert boundary_error(real, turned, entity="who").value == pytest.approx(0.5)


def test_triples_see_what_pairs_do_not() -> None:
    """Two coins and their parity have the steps of three coins, pair by pair."""
    rng = np.random.default_rng(0)
    free = rng.integers(0, 2, (4_000, 3))
    tied = free.copy()
    tied[:, 2] = (free[:, 0] + free[:, 1]) % 2
    names = np.repeat(np.arange(4_000), 3).astype(str).tolist()
    sides = [table(who=names, side=np.array(["h", "t"])[x].ravel()) for x in (free, tied)]
    assert transition_error(*sides, entity="who").value < 0.03
    assert second_transition_error(*sides, entity="who").value == pytest.approx(0.5, abs=0.03)


def test_entities_are_told_apart_by_what_adds_up_over_their_events() -> None:
    """Numbers of one entity are alike or not: no row and no pair of neighbours says much."""
    rng = np.random.default_rng(1)
    names = np.repeat(np.arange(400), 6).astype(str).tolist()

    def side(own: float) -> Table:
        mean = np.repeat(rng.normal(size=400), 6) * own
        return table(who=names, x=mean + rng.normal(size=2_400) * np.sqrt(1 - own**2))

    real, like, unlike = side(0.8), side(0.8), side(0.0)
    good = entity_detection(real, like, entity="who")
    assert good.interval is not None
    assert good.interval[0] < 0.5 < good.interval[1]
    assert entity_detection(real, unlike, entity="who").value > 0.8
    with pytest.raises(DataError, match="fewer than 50"):
        entity_detection(real.slice(0, 60), like, entity="who")
