import numpy as np
import pandas as pd
import pytest
from tests.series.series_tables import prices, weather

import likewise
from likewise.core.errors import ConfigError
from likewise.data.schema import Schema


def test_frames_go_in_and_come_out_and_a_saved_model_is_the_same(tmp_path):
    frame = weather(400)
    model = likewise.fit_series(frame, generator="bootstrap_series", seed=1)
    made = model.sample(50, seed=2)
    assert isinstance(made, pd.DataFrame)
    assert made.dtypes.equals(frame.dtypes)
    model.save(tmp_path / "m.likewise")
    again = likewise.load(tmp_path / "m.likewise").sample(50, seed=2, like=frame)
    pd.testing.assert_frame_equal(made, again)


def test_working_days_go_on_after_the_last_one():
    frame = prices(300)
    model = likewise.fit_series(frame, time="day", generator="bootstrap_series", seed=1)
    made = model.sample(5, seed=2, given=frame.tail(20))
    assert made["day"].tolist() == pd.bdate_range(frame["day"].iloc[-1], periods=6)[1:].tolist()
    assert made["open"].iloc[0] == pytest.approx(frame["close"].iloc[-1], rel=0.05)


def test_series_are_judged_beside_what_comes_later():
    frame = weather(1_500, gaps=False)
    train, later = frame[:1_000], frame[1_000:]
    fair = likewise.evaluate_series(train, weather(1_000, 5, gaps=False), later, time="at")
    mixed = weather(1_000, 5, gaps=False).sample(frac=1, random_state=0)
    mixed["at"] = np.sort(mixed["at"])
    bad = likewise.evaluate_series(train, mixed, later, time="at")
    for name in ("autocorrelation_error", "spectral_distance", "increment_error"):
        assert bad.scores[name].value > fair.scores[name].value + 0.05
    assert fair.scores["autocorrelation_error"].value < 0.1
    assert bad.verdict == "fail"
    assert fair.scores["window_copies"].value < 0.1


def test_a_method_of_tables_is_no_method_of_series():
    with pytest.raises(ConfigError, match="no method for series"):
        likewise.fit_series(weather(100), generator="trees")


def test_a_past_with_holidays_is_gone_on_from_at_its_last_day():
    frame = prices(300)
    model = likewise.fit_series(frame, time="day", generator="bootstrap_series", seed=1)
    past = frame.tail(30).drop(index=[280, 285, 290])
    made = model.sample(3, seed=2, given=past)
    assert made["day"].tolist() == pd.bdate_range(frame["day"].iloc[-1], periods=4)[1:].tolist()


def events(entities: int, seed: int) -> pd.DataFrame:
    """Walkers who take steps of one or two until they have had three in a row."""
    rng = np.random.default_rng(seed)
    rows = []
    for i in range(entities):
        at, run = int(rng.integers(0, 10)), 0
        while run < 3:
            step = int(rng.integers(1, 3))
            run = run + 1 if step == 2 else 0
            rows.append((i, at, "left" if step == 1 else "right"))
            at += step
    return pd.DataFrame(rows, columns=["who", "at", "turn"])


def test_events_of_entities_go_in_and_come_out_as_frames(tmp_path):
    frame = events(600, 0)
    model = likewise.fit_events(frame, entity="who", time="at", seed=1)
    made = model.sample(200, seed=2)
    assert isinstance(made, pd.DataFrame)
    assert made.dtypes.equals(frame.dtypes)
    assert made["who"].nunique() == 200
    model.save(tmp_path / "m.likewise")
    again = likewise.load(tmp_path / "m.likewise")
    assert repr(again).startswith("<EventsFit: trees, ")
    pd.testing.assert_frame_equal(made, again.sample(200, seed=2, like=frame))
    past = frame.groupby("who").head(1)
    more = again.follow(past, events=1, seed=3, like=frame)
    assert set(more["who"]) == set(past["who"])  # nobody stops after one
    assert set(more["at"] - past["at"].to_numpy()) == {1, 2}
    judged = likewise.evaluate_series(frame, made, events(300, 1), entity="who", time="at")
    assert judged.scores["length_error"].value < 0.12
    assert judged.scores["second_transition_error"].value < 0.12


def test_a_time_of_whole_numbers_that_never_repeat_is_a_time():
    frame = events(60, 0)
    frame["at"] = np.arange(len(frame)) * 3
    made = likewise.fit_events(frame, entity="who", time="at", seed=1).sample(20, seed=1)
    assert made["at"].dtype == frame["at"].dtype


def test_a_moment_is_read_in_the_zone_of_the_column_and_rules_of_events_are_kept():
    frame = events(300, 0)
    frame["at"] = pd.Timestamp("2024-01-01", tz="Asia/Tokyo") + pd.to_timedelta(frame["at"], "h")
    frame["low"] = np.arange(len(frame)) % 7
    frame["high"] = frame["low"] + np.arange(len(frame)) % 3
    frame["age"] = frame["who"] % 50 + 20
    rules = [
        {"rule": "inequality", "low": "low", "high": "high"},
        {"rule": "inequality", "low": "low", "high": "age"},
    ]
    schema = likewise.infer(frame).model_copy(
        update={"rules": Schema(columns=(), rules=rules).rules}
    )
    model = likewise.fit_events(frame, entity="who", time="at", schema=schema, seed=1)
    made = model.sample(100, seed=1)
    assert (made["low"] <= made["high"]).all()
    assert (made.groupby("who")["age"].nunique() == 1).all()
    assert any("is not kept" in note and "age" in note for note in model.notes)
    past = frame.groupby("who").head(1)
    end = pd.Timestamp("2024-01-01 09:00", tz="Asia/Tokyo")
    more = model.follow(past, until="2024-01-01 09:00", seed=1)
    assert len(more)
    assert (more["at"] <= end).all()
    assert more.equals(model.follow(past, until=end.to_pydatetime(), seed=1))
