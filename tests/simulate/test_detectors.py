"""Tables of detectors: how they are read, what follows from them, and how exactly."""

import datetime
import warnings
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from likewise.core.errors import ConfigError, DataError
from likewise.jobs.simulation_facts import read_tables
from likewise.simulate.corridor import Corridor
from likewise.simulate.detectors import day_weights, readings_of
from likewise.simulate.diagram import diagram_facts
from likewise.simulate.following import drive
from likewise.simulate.freeway import Freeway
from likewise.simulate.model import plain
from likewise.simulate.traffic import Traffic

DAY = 1440


def _counts(count: np.ndarray, speed: np.ndarray, every: int = 1) -> pa.Table:
    """Of detectors and times, (D, T) each, without lanes."""
    detectors, times = count.shape
    return pa.table({
        "minute": np.tile(every * np.arange(times), detectors),
        "detector_id": np.repeat(np.arange(detectors), times),
        "count": count.ravel(), "speed": speed.ravel(),
    })  # fmt: skip


def _breakdown(before: float, after: float, minutes: int = 120, at: int = 60) -> pa.Table:
    """Three detectors; from minute ``at`` on the second is in a queue and the third discharges."""
    late = np.arange(minutes) >= at
    count = np.tile(np.where(late, after, before), (3, 1))
    speed = np.full((3, minutes), 100.0)
    speed[1, late], speed[2, late] = 20.0, 80.0
    return _counts(count, speed)


def test_the_drop_of_capacity_is_the_discharge_against_the_flow_before_the_breakdown() -> None:
    facts = diagram_facts({"counts": _breakdown(34.0, 30.0)})
    assert facts["capacity_drop"] == pytest.approx(1 - 30 / 34)
    assert facts["capacity"] == pytest.approx(34 * 60)


def test_flow_after_the_breakdown_does_not_count_as_flow_before_it() -> None:
    table = _breakdown(30.0, 27.0, minutes=180)
    late = table.column("minute").to_numpy() >= 150  # the queue is gone, and flow greater than ever
    count = np.where(late, 36.0, table.column("count").to_numpy())
    speed = np.where(late, 100.0, table.column("speed").to_numpy())
    table = table.set_column(2, "count", pa.array(count)).set_column(3, "speed", pa.array(speed))
    assert diagram_facts({"counts": table})["capacity_drop"] == pytest.approx(0.1)


def test_the_drop_is_the_median_over_breakdowns_of_a_day_each_against_the_flow_since_the_last() -> (
    None
):
    rushes = [_breakdown(before, 27.0, at=60) for before in (36.0, 30.0, 33.75)]
    columns = {
        name: np.concatenate([one[name].to_numpy().reshape(3, -1) for one in rushes], axis=1)
        for name in ("count", "speed")
    }
    facts = diagram_facts({"counts": _counts(columns["count"], columns["speed"])})
    assert facts["capacity_drop"] == pytest.approx(1 - 27 / 33.75)  # of .25, .1 and .2


def test_a_missing_minute_in_each_quarter_of_an_hour_leaves_the_drop_known() -> None:
    table = _breakdown(34.0, 30.0)
    missing = table.column("minute").to_numpy() % 15 == 7
    count = np.where(missing, np.nan, table.column("count").to_numpy())
    table = table.set_column(2, "count", pa.array(count))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        facts = diagram_facts({"counts": table})
        assert facts["capacity_drop"] == pytest.approx(1 - 30 / 34)
        assert facts["capacity"] == pytest.approx(34 * 60)
        before = table.column("minute").to_numpy() < 60
        nothing = pa.array(np.where(before, np.nan, count))
        assert "capacity_drop" not in diagram_facts(
            {"counts": table.set_column(2, "count", nothing)}
        )


def test_a_slow_detector_in_the_merge_is_no_queue_before_it() -> None:
    tables = {"counts": _breakdown(34.0, 30.0), "detectors": pa.table({
        "detector_id": [0, 1, 2], "place": [0.0, 500.0, 1000.0], "after_ramp": ["no", "yes", "yes"],
    })}  # fmt: skip
    assert "capacity_drop" not in diagram_facts(tables)


def test_counts_of_five_minutes_and_of_all_lanes_give_flow_of_an_hour_and_lane() -> None:
    table = _counts(np.full((2, 40), 300.0), np.full((2, 40), 90.0), every=5)
    facts = diagram_facts({"anything": table}, lanes=2)
    assert facts["capacity"] == pytest.approx(300 * 12 / 2)
    assert facts["free_speed"] == pytest.approx(90)


def test_dates_with_times_are_minutes_and_gaps_are_unknown() -> None:
    begin = datetime.datetime(2024, 3, 5, 6, 30)
    times = [begin + datetime.timedelta(minutes=5 * k) for k in (0, 1, 3)]
    table = pa.table({"when": pa.array(times, pa.timestamp("us")), "count": [10, 20, 40],
                      "speed": [80.0, 70.0, 0.0]})  # fmt: skip
    readings = readings_of({"sensor": table})
    assert readings is not None
    assert readings.minute.tolist() == [390, 395, 400, 405]
    assert readings.flow[0, [0, 1, 3]].tolist() == [120, 240, 480]
    assert np.isnan(readings.flow[0, 2])
    assert np.isnan(readings.pace[0, 2:]).all()


def test_detectors_stand_in_order_of_place_and_one_without_a_place_is_refused() -> None:
    table = _counts(np.array([[3.0, 3.0], [7.0, 7.0]]), np.full((2, 2), 90.0))
    places = pa.table({"detector_id": [0, 1], "place": [900.0, 400.0]})
    readings = readings_of({"counts": table, "detectors": places})
    assert readings is not None
    assert readings.names.tolist() == [1, 0]
    assert readings.count[:, 0, 0].tolist() == [7, 3]
    with pytest.raises(DataError, match="1 detector without a place"):
        readings_of({"counts": table, "detectors": places.slice(0, 1)})
    with pytest.raises(DataError, match="2 detectors without a place"):
        readings_of({"counts": table, "detectors": places.slice(0, 0)})
    lost = places.set_column(1, "place", pa.array([900.0, None]))
    with pytest.raises(DataError, match="'place': 1 cell without a number"):
        readings_of({"counts": table, "detectors": lost})
    nobody = table.set_column(1, "detector_id", pa.array([0, 0, None, None]))
    with pytest.raises(DataError, match="'detector_id': 2 cells without a number"):
        readings_of({"counts": nobody})


def test_intervals_of_more_than_a_quarter_of_an_hour_are_refused() -> None:
    for every in (1, 15):
        table = _counts(np.full((1, 8), 300.0), np.full((1, 8), 90.0), every)
        assert readings_of({"counts": table}) is not None
    table = _counts(np.full((1, 8), 300.0), np.full((1, 8), 90.0), every=30)
    with pytest.raises(DataError, match="intervals of 30 minutes"):
        readings_of({"counts": table})


def test_rows_of_the_same_interval_are_added_and_their_speeds_weighed_by_counts() -> None:
    table = pa.table({
        "minute": [0.0, 0.5, 1.0, 1.5, 2.0, 2.5], "count": [10.0, 30.0, 5.0, 0.0, 4.0, None],
        "speed": [50.0, 100.0, 80.0, None, 90.0, None],
    })  # fmt: skip
    readings = readings_of({"counts": table})
    assert readings is not None
    assert readings.flow[0, :2].tolist() == [40 * 60, 5 * 60]
    assert np.isnan(readings.flow[0, 2])  # half of the minute is missing
    assert readings.pace[0, :2] == pytest.approx([40 / (10 / 50 + 30 / 100), 80])
    lanes = pa.table(
        {"minute": [0, 0, 1, 1], "count": [10.0, 20.0, 30.0, 40.0], "speed": [80.0] * 4}
    )
    readings = readings_of({"counts": lanes}, lanes=2)
    assert readings is not None
    assert readings.flow.tolist() == [[15 * 60, 35 * 60]]


def test_fractions_of_a_second_are_of_the_second() -> None:
    begin = datetime.datetime(2024, 3, 5, 6, 30, 0, 250_000)
    times = [begin + datetime.timedelta(seconds=30 * k) for k in range(4)]
    table = pa.table({"when": pa.array(times, pa.timestamp("us")), "count": [1.0, 2.0, 3.0, 4.0],
                      "speed": [80.0] * 4})  # fmt: skip
    readings = readings_of({"counts": table})
    assert readings is not None
    assert readings.minute.tolist() == [390, 391]
    assert readings.count.tolist() == [[[3, 7]]]


def test_yes_and_no_of_a_file_say_where_the_ramp_is(tmp_path: Path) -> None:
    (tmp_path / "detectors.csv").write_text(
        "detector_id,place,after_ramp\n0,0,no\n1,500,yes\n2,1000,yes\n3,1500,yes\n"
    )
    counts = _counts(np.full((4, 20), 20.0), np.full((4, 20), 90.0))
    tables = {**plain(read_tables(tmp_path)), "counts": counts}
    assert tables["detectors"].schema.field("after_ramp").type == pa.bool_()
    readings = readings_of(tables)
    assert readings is not None
    assert readings.before.tolist() == [True, False, False, False]


def test_errors_of_a_mean_are_those_of_days_drawn_anew() -> None:
    means = np.array([10.0, 14.0, 11.0, 17.0, 9.0, 15.0, 12.0, 13.0])
    data = {"counts": _counts(np.repeat(means, 96)[None], np.full((1, 8 * 96), 90.0), every=15)}

    def mean(tables):
        return {"mean": float(tables["counts"]["count"].to_numpy().mean())}

    weights = day_weights(data, mean, "count")
    assert weights is not None
    drawn = [day_weights(data, mean, "count", seed=seed) for seed in range(20)]
    errors = [one.errors[0] for one in drawn if one is not None]
    assert np.mean(errors) == pytest.approx(means.std(ddof=1) / np.sqrt(8), rel=0.03)
    few = {"counts": data["counts"].slice(0, 3 * 96)}
    assert day_weights(few, mean, "count") is None


def test_simulators_of_roads_say_how_exactly_days_know_their_facts() -> None:
    rng = np.random.default_rng(1)
    day = 60 * (1 + np.exp(-((np.arange(288) / 12 - 8) ** 2)))
    factor = 1 + 0.1 * rng.normal(size=6)
    count = (factor[:, None] * day).ravel()
    counts = _counts(count[None].repeat(3, axis=0), np.full((3, len(count)), 95.0), every=5)
    speeds = counts.drop_columns(["count"])
    for simulator, table in ((Corridor(), counts), (Traffic(), counts), (Freeway(), speeds)):
        weights = simulator.weights({"counts": table})
        assert weights is not None
        assert set(weights.names) == set(simulator.facts({"counts": table}))
        assert (weights.errors > 0).all()
    capacity = Corridor().weights({"counts": counts})
    assert capacity is not None
    most = factor * np.convolve(day, np.ones(3) / 3, "valid").max() * 12 / 3
    drawn = np.median(most[rng.integers(0, 6, (20_000, 6))], axis=1)  # days drawn anew, by hand
    expected = np.hypot(drawn.std() * np.sqrt(6 / 5), 0.01 * np.median(most))
    error = capacity.errors[capacity.names.index("capacity")]
    assert error == pytest.approx(expected, rel=0.2)


def _road(flows: list[float], places: list[float], minutes: int = 180) -> dict[str, pa.Table]:
    """Detectors with even flows, vehicles a minute, at these places."""
    count = np.repeat(np.array(flows)[:, None], minutes, axis=1)
    where = pa.table({"detector_id": np.arange(len(places)), "place": places})
    return {"counts": _counts(count, np.full(count.shape, 95.0)), "detectors": where}


def _runs(settings: Corridor, tables: dict[str, pa.Table]) -> Corridor:
    """The road that is estimated, which begins without complaint."""
    found = settings.model_validate({**settings.model_dump(), **settings.estimate(tables)})
    found.run(1, seed=1)
    return found


def test_what_is_estimated_is_not_refused() -> None:
    without = _runs(Corridor(), _road([20.0] * 3, [0.0, 300.0, 600.0]))  # 1,200 m and no ramp
    assert (without.length, without.ramp) == (1200, 0)
    for apart in (207.0, 211.0, 207.03, 333.37, 207.04):
        places = [apart * k for k in range(12)]
        late = _runs(Corridor(), _road([20.0] * 11 + [26.0], places))
        assert late.ramp == pytest.approx(6 * 60)
        start = min(11.5 * apart, late.length - late.merge)  # the merge ends with the road
        assert late.ramp_at * late.length == pytest.approx(start, abs=0.5)
    short = _runs(Corridor(), _road([20.0, 26.0], [0.0, 150.0]))
    assert (short.length, short.merge) == (450, 250)
    unplaced = {"counts": _road([20.0, 26.0], [0.0, 1.0])["counts"]}
    assert _runs(Corridor(length=500), unplaced).merge == 300
    with pytest.raises(DataError, match="flow grows on a road of 180 m"):
        Corridor().estimate(_road([20.0, 26.0], [0.0, 60.0]))


def test_a_silent_detector_does_not_hide_the_ramp() -> None:
    places = [500.0 * k for k in range(6)]
    for silent in (0, 2, 5):
        tables = _road([20.0] * 3 + [24.0] * 3, places)
        counts = tables["counts"]
        hidden = counts.column("detector_id").to_numpy() == silent
        hidden &= (counts.column("minute").to_numpy() >= 15) | (silent == 0)
        count = np.where(hidden, np.nan, counts.column("count").to_numpy())
        tables["counts"] = counts.set_column(2, "count", pa.array(count))
        found = Corridor().estimate(tables)
        assert found["ramp"] == pytest.approx(4 * 60)
        assert found["demand"] == pytest.approx(20 * 60 / 3, abs=0.1)


def test_a_lane_that_ends_is_no_ramp() -> None:
    lanes = {0: 4, 1: 4, 2: 3, 3: 3}
    rows = [(m, d, lane) for m in range(180) for d, many in lanes.items() for lane in range(many)]
    minute, detector, lane = np.array(rows).T
    count = np.where(detector < 2, 15.0, 20.0)  # 60 vehicles a minute everywhere
    count[(minute % 10 == 3) & (lane == 0)] = np.nan  # a minute without one lane tells nothing
    table = pa.table({
        "minute": minute, "detector_id": detector, "lane": lane, "place": 500.0 * detector,
        "count": count, "speed": np.full(len(rows), 95.0),
    })  # fmt: skip
    found = Corridor().estimate({"counts": table})
    assert (found["lanes"], found["ramp"]) == (4, 0)
    assert found["demand"] == pytest.approx(900)


@pytest.mark.parametrize("every", [1, 5, 15])
def test_all_knots_of_a_profile_are_found_again(every: int) -> None:
    knots = np.array([0.4, 0.5, 0.7, 0.9, 1.0, 0.95, 0.85, 0.8, 0.7, 0.6, 0.4])
    whole = np.interp((np.arange(1500) + 0.5) / 150, np.arange(11), knots)  # tenths of a minute
    count = 30 * every * whole.reshape(-1, 10 * every).mean(axis=1)
    table = _counts(count[None], np.full((1, len(count)), 95.0), every)
    found = Corridor(lanes=1).estimate({"counts": table})
    close = 0.003 if every < 15 else 0.03
    assert found["demand"] == pytest.approx(1800, rel=close)
    assert found["profile"] == pytest.approx(knots[:10], abs=close)


def test_a_road_is_found_again_from_its_detectors() -> None:
    road = Corridor(
        length=3000, lanes=2, demand=1300, ramp=400, ramp_at=0.5, wanted=100, tracked=0,
        profile=(0.2, 0.4, 0.7, 1.0, 1.0, 1.0),
    )  # fmt: skip
    tables = plain(road.run(5400, seed=3).tables())
    kept = {name: tables[name] for name in ("counts", "detectors")}
    found = Corridor().fit(kept, evaluations=1, steps=1800, seed=1).simulator
    assert (found.lanes, found.length, found.spacing) == (2, 3000, 500)
    assert found.demand == pytest.approx(1300, rel=0.1)
    assert found.ramp == pytest.approx(400, rel=0.25)
    assert found.ramp_at == pytest.approx(0.5, abs=0.1)
    assert found.wanted == pytest.approx(100, rel=0.05)
    assert np.mean(found.profile[3:5]) == pytest.approx(1, abs=0.1)


def test_published_free_speed_and_jam_density_say_wanted_speed_and_gap() -> None:
    told = Corridor(trucks=0, car=5).published({"free_speed": 91.0, "jam_density": 125.0})
    assert told == {"wanted": 100.0, "gap": 3.0}


def test_a_city_is_as_large_as_its_detectors_say() -> None:
    city = Traffic(vehicles=4000, rows=6, columns=6, speed=35)
    counts = plain(city.run(seed=1).tables())["counts"]
    found = Traffic(rows=6, columns=6).estimate({"detectors": counts})
    assert found["vehicles"] == pytest.approx(4000, rel=0.03)
    assert found["speed"] == pytest.approx(35, rel=0.03)


def test_missing_counts_of_links_are_not_counts_of_nothing() -> None:
    rng = np.random.default_rng(1)
    count, speed = np.full((4, 288), 20.0), np.full((4, 288), 35.0)
    whole = Traffic(rows=3, columns=3).estimate({"counts": _counts(count, speed, every=5)})
    holes = np.where(rng.random(count.shape) < 0.4, np.nan, count)
    assert Traffic(rows=3, columns=3).estimate({"counts": _counts(holes, speed, 5)}) == whole
    with pytest.raises(DataError, match="no count that is known"):
        Traffic().estimate({"counts": _counts(np.full((1, 288), np.nan), speed[:1], every=5)})


@pytest.mark.slow
def test_vehicles_and_speed_of_a_city_are_searched_where_no_table_says_them() -> None:
    city = Traffic(vehicles=2000, rows=3, columns=3, tracked=0)
    told = city.fit(facts={"busiest": 300.0}, steps=60, evaluations=2, seed=1).calibration
    assert told is not None
    assert set(told.parameters) == {"commuters", "saturation", "vehicles", "speed"}
    counts = {"counts": _counts(np.full((4, 288), 20.0), np.full((4, 288), 35.0), every=5)}
    given = city.fit(counts, evaluations=2, seed=1).calibration
    assert given is not None
    assert set(given.parameters) == {"commuters", "saturation"}


def test_too_little_is_refused() -> None:
    short = {"counts": _counts(np.full((1, 30), 20.0), np.full((1, 30), 90.0))}
    with pytest.raises(DataError, match="less than an hour"):
        Corridor().estimate(short)
    with pytest.raises(DataError, match="no counts and speeds of detectors"):
        Corridor().estimate({"counts": pa.table({"minute": [1], "speed": [90.0]})})
    with pytest.raises(DataError, match="less than a day"):
        Traffic().estimate(short)


def test_a_wanted_fact_that_no_simulation_shows_is_said_after_the_search() -> None:
    quiet = Corridor(length=2500, demand=200, ramp=0, tracked=0)
    facts = {"jam_density": 140.0, "free_speed": 100.0}
    with pytest.raises(
        ConfigError, match="'jam_density': the simulation gives none, tried 2 times"
    ):
        quiet.fit(facts=facts, steps=300, evaluations=2, seed=1)


def test_two_vehicles_side_by_side_where_lanes_merge_do_not_wait_for_each_other_for_ever() -> None:
    place, speed = np.array([798.9, 798.2]), np.zeros(2)
    lane, since = np.array([1, 0]), np.zeros(2)
    drivers = tuple(np.full(2, value) for value in (30.0, 1.2, 1.2, 2.0, 2.0, 4.5))
    passed = np.empty(8, np.int64), np.empty(8, np.int64), np.empty(8), np.empty(8)
    order = np.arange(2)
    for _ in range(10):
        drive(order, (place, speed, lane, since), drivers, (1, 0.0, 400.0, 800.0), 4,
              np.empty(0), passed)  # fmt: skip
    assert place[0] < 800
    assert place[1] > 830
