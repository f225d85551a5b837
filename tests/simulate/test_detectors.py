"""Tables of detectors: how they are read, what follows from them, and how exactly."""

import datetime

import numpy as np
import pyarrow as pa
import pytest

from likewise.core.errors import ConfigError, DataError
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
    with pytest.raises(ConfigError, match="1 detectors without a place"):
        readings_of({"counts": table, "detectors": places.slice(0, 1)})


def test_errors_of_a_mean_are_those_of_days_drawn_anew() -> None:
    means = np.array([10.0, 14.0, 11.0, 17.0, 9.0, 15.0, 12.0, 13.0])
    data = {"counts": _counts(np.repeat(means, 96)[None], np.full((1, 8 * 96), 90.0), every=15)}

    def mean(tables):
        return {"mean": float(tables["counts"]["count"].to_numpy().mean())}

    weights = day_weights(data, mean, "count")
    assert weights is not None
    assert weights.errors[0] == pytest.approx(means.std() / np.sqrt(8), rel=0.25)
    few = {"counts": data["counts"].slice(0, 3 * 96)}
    assert day_weights(few, mean, "count") is None


def test_simulators_of_roads_say_how_exactly_days_know_their_facts() -> None:
    rng = np.random.default_rng(1)
    day = 60 * (1 + np.exp(-((np.arange(288) / 12 - 8) ** 2)))
    count = np.concatenate([day * (1 + 0.1 * rng.normal()) for _ in range(6)])
    counts = _counts(count[None].repeat(3, axis=0), np.full((3, len(count)), 95.0), every=5)
    speeds = counts.drop_columns(["count"])
    for simulator, table in ((Corridor(), counts), (Traffic(), counts), (Freeway(), speeds)):
        weights = simulator.weights({"counts": table})
        assert weights is not None
        assert set(weights.names) == set(simulator.facts({"counts": table}))
        assert (weights.errors > 0).all()
    capacity = Corridor().weights({"counts": counts})
    assert capacity is not None
    assert 0.02 < capacity.errors[capacity.names.index("capacity")] / 1440 * 3 < 0.5


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


def test_too_little_is_refused() -> None:
    short = {"counts": _counts(np.full((1, 30), 20.0), np.full((1, 30), 90.0))}
    with pytest.raises(DataError, match="less than an hour"):
        Corridor().estimate(short)
    with pytest.raises(DataError, match="no counts and speeds of detectors"):
        Corridor().estimate({"counts": pa.table({"minute": [1], "speed": [90.0]})})
    with pytest.raises(DataError, match="less than a day"):
        Traffic().estimate(short)


def test_a_search_goes_on_where_a_simulation_lacks_a_wanted_fact() -> None:
    quiet = Corridor(length=2500, demand=200, ramp=0, tracked=0)
    model = quiet.fit(facts={"jam_density": 140.0, "free_speed": 100.0}, steps=300, evaluations=2,
                      seed=1)  # fmt: skip
    assert model.calibration is not None
    assert np.isnan(model.calibration.facts["jam_density"])


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
