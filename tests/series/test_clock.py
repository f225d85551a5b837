import numpy as np
import pandas as pd
import pytest

from likewise.core.errors import DataError
from likewise.series.clock import MONTHS, SPAN, WEEKDAYS, learn_clock


def micros(stamps) -> np.ndarray:
    return pd.DatetimeIndex(stamps).to_numpy().astype("datetime64[us]").astype(np.int64)


@pytest.mark.parametrize(
    ("freq", "kind"),
    [("h", SPAN), ("10min", SPAN), ("D", SPAN), ("MS", MONTHS), ("ME", MONTHS), ("QS", MONTHS),
     ("B", WEEKDAYS)],
)  # fmt: skip
def test_a_clock_goes_on_as_the_calendar_does(freq, kind):
    stamps = pd.date_range("2023-01-31 06:00", periods=300, freq=freq)
    clock, notes = learn_clock(micros(stamps[:200]), "column 't'")
    assert clock.kind == kind
    assert not notes
    assert clock.moments(np.arange(300)).tolist() == micros(stamps).tolist()


def test_holidays_are_let_pass_with_a_note():
    days = pd.bdate_range("2020-01-01", periods=500).delete([10, 200, 300])
    clock, notes = learn_clock(micros(days), "column 't'")
    assert clock.kind == WEEKDAYS
    assert "3 working days" in notes[0]


def test_days_and_weeks_are_periods_where_the_series_holds_enough_of_them():
    hours = micros(pd.date_range("2024-01-01", periods=24 * 30, freq="h"))
    assert learn_clock(hours, "t")[0].periods == (24, 168)
    assert learn_clock(hours[:100], "t")[0].periods == (24,)


def test_features_return_after_a_period():
    hours = micros(pd.date_range("2024-01-01", periods=100, freq="h"))
    found = learn_clock(hours, "t")[0].features(np.array([3, 27, 9]))
    np.testing.assert_allclose(found[0], found[1], atol=1e-6)
    assert np.abs(found[0] - found[2]).max() > 0.5


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda t: np.delete(t, 50), "steps differ: 1 of 198"),
        (lambda t: np.insert(t, 50, t[50]), "occur twice"),
        (lambda t: t[::-1], "does not rise"),
    ],
)
def test_what_is_no_grid_is_refused_with_the_row(change, said):
    hours = micros(pd.date_range("2024-01-01", periods=200, freq="h"))
    with pytest.raises(DataError, match=said) as error:
        learn_clock(change(hours), "column 't'")
    assert "row" in str(error.value)


@pytest.mark.parametrize("freq", ["h", "MS", "ME", "B"])
def test_the_place_of_a_moment_is_where_it_came_from(freq):
    moments = micros(pd.date_range("2023-01-31 06:00", periods=120, freq=freq))
    clock, _ = learn_clock(moments[:60], "t")
    assert [clock.place(int(m)) for m in moments] == list(range(120))
