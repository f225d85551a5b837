"""The city: conservation, queues and waves against theory, signals, days, and its facts."""

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from likewise.core.errors import ConfigError
from likewise.core.seeds import Seed
from likewise.data.integrity import check_integrity
from likewise.simulate.city import BANDS, city_facts
from likewise.simulate.engine import Simulation
from likewise.simulate.streets import routes_of, ways_of
from likewise.simulate.sweep import sweep
from likewise.simulate.traffic import STEP, Traffic

PAGE = Path(__file__).parents[2] / "docs" / "simulators" / "traffic.md"
TOWN = Traffic(vehicles=4000, rows=7, columns=7, tracked=0.2, incidents=200)
STREET = Traffic(vehicles=400, rows=1, columns=4, avenues=9, block=500, incidents=0, tracked=1)


@pytest.fixture(scope="module")
def day():
    return TOWN.run(17_280, seed=2)


def _sent(simulator: Traffic, home: int, work: int, seed: int = 1) -> Simulation:
    """Everybody sets out from one crossing to another within two seconds of midnight."""
    n = simulator.vehicles
    given = {"vehicles": pa.table({"home": [home] * n, "work": [work] * n})}
    made = Simulation.begin(simulator, Seed.of(seed), given=given)
    made.world.queue.push(np.linspace(0.1, 2, n), np.arange(n), 0)
    return made


def test_vehicles_leave_a_queue_at_the_saturation_flow_of_green() -> None:
    run = _sent(STREET, 0, 3)
    for _ in range(230):
        run.advance()
    passed = run.trajectory().table("trajectories").to_pandas()
    middle = passed[(passed["link_id"] == 1) & passed["left"].between(300, 1100)]
    # 1,800 veh/h while it is green, 35 of 80 seconds
    assert len(middle) / 800 * 3600 == pytest.approx(1800 * 35 / 80, rel=0.04)


def test_free_travel_takes_length_over_speed_and_waiting_for_green_besides() -> None:
    alone = STREET.model_copy(update={"vehicles": 1})
    run = _sent(alone, 0, 3)
    for _ in range(120):
        run.advance()
    passed = run.trajectory().table("trajectories").to_pandas()
    links = run.world.links
    free = links.length[passed["link_id"]] / (links.speed[passed["link_id"]] / 3.6)
    spent = passed["left"] - passed["entered"]
    assert (spent >= free - 1e-9).all()
    assert (spent <= free + 80).all()
    assert passed["entered"].to_numpy()[1:] == pytest.approx(passed["left"].to_numpy()[:-1])


def test_a_closed_exit_fills_the_street_and_the_next_to_the_jam_density_and_no_further() -> None:
    street = STREET.model_copy(update={"vehicles": 400, "rows": 1})
    run = _sent(street, 0, 3)
    last = np.flatnonzero((run.world.links.from_id == 2) & (run.world.links.to_id == 3))
    run.world.factor[last] = 0.0
    for _ in range(500):
        run.advance()
    world = run.world
    behind = [np.flatnonzero((world.links.from_id == a) & (world.links.to_id == a + 1))[0]
              for a in range(3)]  # fmt: skip
    full = np.ceil(0.14 * world.links.length[behind])
    assert list(world.number[behind]) == list(full)
    assert world.ended == 0


def test_a_place_that_becomes_free_is_felt_upstream_after_the_time_of_a_wave() -> None:
    run = _sent(STREET, 0, 3)
    world = run.world
    link = [np.flatnonzero((world.links.from_id == a) & (world.links.to_id == a + 1))[0]
            for a in range(3)]  # fmt: skip
    world.factor[link[2]] = 0.0
    for _ in range(500):
        run.advance()
    world.factor[link[2]] = 1.0
    before, opened = world.outs.copy(), world.step
    moved = dict.fromkeys(link)
    while moved[link[1]] is None:
        run.advance()
        for one in link[1:]:
            if moved[one] is None and world.outs[one] > before[one]:
                moved[one] = world.step
    wave = world.links.length[link[2]] / (18 / 3.6)
    waited = (moved[link[1]] - moved[link[2]]) * STEP
    assert moved[link[2]] - opened <= 80 / STEP
    assert wave - STEP <= waited <= wave + 80 + 2 * STEP


def test_trips_that_began_are_over_or_under_way(day) -> None:
    series = day.series.to_pandas()
    assert series["arrived"].iloc[-1] == day.rows("trips") == day.world.ended
    assert (
        series["driving"].iloc[-1]
        == (day.table("vehicles").to_pandas()["state"] == "driving").sum()
    )
    assert day.rows("trips") > 6000


def test_trips_hang_together_and_are_as_long_as_their_links(day) -> None:
    trips, links = day.table("trips").to_pandas(), day.table("links").to_pandas()
    cars = day.table("vehicles").to_pandas()
    of_one = trips.sort_values(["vehicle_id", "departed"]).groupby("vehicle_id")
    came = of_one["destination"].shift()
    assert (trips.loc[came.index, "origin"][came.notna()] == came[came.notna()]).all()
    assert (trips["arrived"] > trips["departed"]).all()
    assert (trips["metres"] >= links["length"].min()).all()
    at_home = trips[trips["purpose"].isin(["from work", "back"])]
    assert (at_home["destination"] == cars["home"].to_numpy()[at_home["vehicle_id"]]).all()
    points = day.table("trajectories").to_pandas()
    length = links["length"].to_numpy()[points["link_id"]]
    total = np.bincount(points["vehicle_id"], weights=length, minlength=len(cars))
    whole = np.bincount(trips["vehicle_id"], weights=trips["metres"], minlength=len(cars))
    parked = (cars["state"] == "parked") & (np.bincount(points["vehicle_id"],
                                                        minlength=len(cars)) > 0)  # fmt: skip
    assert parked.sum() > 200
    assert total[parked] == pytest.approx(whole[parked])


def test_links_follow_each_other_in_a_trajectory(day) -> None:
    points = day.table("trajectories").to_pandas().sort_values(["vehicle_id", "entered"])
    links = day.table("links").to_pandas()
    follows = points["vehicle_id"].diff().eq(0) & points["entered"].eq(points["left"].shift())
    end = links["to_id"].to_numpy()[points["link_id"]]
    start = links["from_id"].to_numpy()[points["link_id"]]
    assert follows.sum() > 1000
    assert (start[1:] == end[:-1])[follows.to_numpy()[1:]].all()


def test_detectors_count_all_who_leave_their_link(day) -> None:
    counts = day.table("counts").to_pandas()
    points = day.table("trajectories").to_pandas()
    assert counts["count"].sum() == pytest.approx(len(points) / 0.2, rel=0.1)
    limit = day.table("links").to_pandas()["speed"].to_numpy()[counts["link_id"]]
    assert (counts["speed"].dropna() <= (limit + 1e-6)[counts["speed"].notna()]).all()
    assert (counts["density"] <= 150).all()


def test_incidents_are_as_frequent_and_as_long_as_was_asked_for(day) -> None:
    closed, links = day.table("closures").to_pandas(), day.table("links").to_pandas()
    expected = 200 * links["length"].sum() / 1e5
    assert len(closed) == pytest.approx(expected, abs=5 * np.sqrt(expected))
    assert closed["minutes"].median() == pytest.approx(30, rel=0.4)


def test_every_reference_leads_somewhere(day) -> None:
    assert check_integrity(day.database()).violations == 0


def test_days_have_two_peaks_and_flow_follows_density(day) -> None:
    facts = city_facts(day.tables())
    assert facts.keys() >= BANDS.keys() - {"mfd_loop"}
    judged = {name for name in facts if BANDS[name].bounded}
    assert len(judged) == 4
    assert {name for name in judged if not BANDS[name].holds(facts[name])} == set()


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_at_default_settings_all_facts_lie_in_their_bands(seed: int) -> None:
    facts = city_facts(Traffic().run(seed=seed).tables())
    judged = {name for name in facts if BANDS[name].bounded}
    assert {name for name in judged if not BANDS[name].holds(facts[name])} == set()


@pytest.mark.long
def test_in_gridlock_flow_falls() -> None:
    full = Traffic(vehicles=60_000, rows=8, columns=8, commuters=1.0, block=150)
    facts = city_facts(full.run(8640, seed=1).tables())
    assert facts["mfd_fall"] > 0.2
    assert facts["mfd_fit"] > 0.8


def test_routes_are_the_quickest_that_there_are() -> None:
    start, end = np.array([0, 0, 1, 2, 2, 1]), np.array([1, 2, 2, 1, 0, 0])
    quick = routes_of(3, start, end, np.array([10.0, 1.0, 1.0, 2.0, 5.0, 5.0]))
    assert quick[1, 0] == 1  # to 1 by way of 2: 3 seconds instead of 10
    assert quick[1, 2] == 3
    assert quick[0, 1] == 5
    assert ways_of(3, start).tolist() == [[0, 1], [2, 5], [3, 4]]


def test_one_worker_and_two_give_the_same_numbers() -> None:
    small = Traffic(vehicles=200, rows=3, columns=3)
    from likewise.core.run import Run

    runs = [
        sweep(small, {"informed": [0.0, 1.0]}, replicates=1, steps=4700, seed=1,
              run=Run(workers=workers))
        for workers in (1, 2)
    ]  # fmt: skip
    assert runs[0] == runs[1]
    assert runs[0]["arrived"].to_numpy().min() > 0


def test_uncompiled_it_gives_the_same_rows() -> None:
    code = (
        "import numpy as np\n"
        "from likewise.core.seeds import Seed\n"
        "from likewise.simulate.engine import Simulation\n"
        "from likewise.simulate.traffic import Traffic\n"
        "s = Simulation.begin(Traffic(vehicles=40, rows=2, columns=3, tracked=1), Seed.of(3))\n"
        "s.world.queue.push(np.linspace(0, 60, 40), np.arange(40), 0)\n"
        "[s.advance() for _ in range(60)]\n"
        "t = s.trajectory()\n"
        "print([repr(t.table(n).to_pydict()) for n in ('trips', 'trajectories', 'counts')])"
    )
    printed = []
    for disabled in ("0", "1"):
        environment = {**os.environ, "NUMBA_DISABLE_JIT": disabled}
        ran = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True,
            env=environment,
        )  # fmt: skip
        printed.append(ran.stdout)
    assert len(printed[0]) > 3000
    assert printed[0] == printed[1]


def test_homes_that_are_no_crossings_are_refused() -> None:
    table = pa.table({"home": [1, 2, 99]})
    small = Traffic(vehicles=3, rows=2, columns=2)
    with pytest.raises(ConfigError, match="column 'home': no crossing of the city"):
        small.run(1, seed=1, given={"vehicles": table})


def test_the_page_lists_every_setting_with_its_default() -> None:
    section = PAGE.read_text("utf-8").split("## Settings of `traffic`")[1].split("\n## ")[0]
    rows = dict(re.findall(r"^\| `(\w+)` \| ([\d.,]+) \|", section, re.MULTILINE))
    fields = Traffic.model_fields
    assert rows.keys() == fields.keys()
    assert all(float(rows[name].replace(",", "")) == fields[name].default for name in fields)
