"""Corridors: laws of following and lane change, conservation, and the facts of the diagram."""

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from likewise.core.errors import ConfigError
from likewise.data.integrity import check_integrity
from likewise.simulate.corridor import Corridor
from likewise.simulate.diagram import BANDS, diagram_facts
from likewise.simulate.following import equilibrium, idm
from likewise.simulate.lane_change import neighbour

PAGE = Path(__file__).parents[2] / "docs" / "simulators" / "traffic.md"
SHORT = Corridor(length=2500, profile=(1.0,), ramp=400, tracked=1.0)
RING = Corridor(
    ring=True, length=230, lanes=1, vehicles=22, trucks=0, spread=0.1, wanted=40, gap=1.9,
    tiring=0, tracked=1, sampled=1,
)  # fmt: skip
ALIKE = tuple(np.full(2, value) for value in (30.0, 1.4, 1.0, 2.0, 2.0, 5.0))


@pytest.fixture(scope="module")
def short():
    return SHORT.run(600, seed=3, check="rule")


def test_at_the_equilibrium_gap_nobody_accelerates() -> None:
    for speed in (0.0, 5.0, 12.0, 25.0):
        gap = equilibrium(speed, 0, ALIKE)
        assert idm(gap, speed, 0.0, 0, ALIKE) == pytest.approx(0, abs=1e-12)
        assert idm(1.1 * gap, speed, 0.0, 0, ALIKE) > 0 > idm(0.9 * gap, speed, 0.0, 0, ALIKE)


def test_on_a_free_road_the_wanted_speed_is_kept_and_a_car_at_rest_starts_with_all_it_has() -> None:
    assert idm(1e9, 30.0, 0.0, 0, ALIKE) == pytest.approx(0, abs=1e-6)
    assert idm(1e9, 0.0, 0.0, 0, ALIKE) == pytest.approx(1.0)


def test_neighbours_are_those_that_a_search_by_hand_finds() -> None:
    rng = np.random.default_rng(1)
    place, lane = np.sort(rng.uniform(0, 100, 30))[::-1].copy(), rng.integers(0, 3, 30)
    state, order = (place, np.zeros(30), lane, np.zeros(30)), np.arange(30)
    for ring in (0.0, 100.0):
        for rank in range(30):
            for target in range(3):
                for sign, ahead in ((1, True), (-1, False)):
                    ways = sign * (place - place[rank])
                    ways = np.where((ways < 0) & (ring > 0), ways + ring, ways)
                    ways[(lane != target) | (ways < 0) | (order == rank)] = np.inf
                    found, way = neighbour(rank, target, ahead, order, state, ring)
                    if np.isinf(ways).all():
                        assert found == -1
                    else:
                        assert (found, way) == (ways.argmin(), pytest.approx(ways.min()))


def test_vehicles_that_came_wait_drive_or_have_left(short) -> None:
    cars = short.table("vehicles").to_pandas()
    series = short.series.to_pandas()
    assert (series[["waiting", "driving", "left"]].sum(axis=1).diff().dropna() >= 0).all()
    assert len(cars) == series[["waiting", "driving", "left"]].iloc[-1].sum()
    gone = cars[cars["state"] == "left"]
    assert len(gone) > 300
    assert ((gone["left"] - gone["entered"]) * gone["wanted"] * 1.02 > 0.9 * 500).all()
    assert (cars["entered"].dropna() >= cars["arrived"][cars["entered"].notna()]).all()


def test_every_vehicle_passes_every_detector_of_its_way_once_and_in_order(short) -> None:
    passed = short.table("passages").to_pandas()
    cars = short.table("vehicles").to_pandas().set_index("vehicle_id")
    assert not passed.duplicated(["vehicle_id", "detector_id"]).any()
    through = cars.index[(cars["state"] == "left") & (cars["origin"] == "road")]
    each = passed[passed["vehicle_id"].isin(through)].groupby("vehicle_id")
    assert (each.size() == 4).all()
    assert each["detector_id"].apply(lambda d: d.is_monotonic_increasing).all()
    counted = short.table("counts")["count"].to_numpy().sum()
    lanes = passed["lane"] < SHORT.lanes
    assert counted == lanes.sum()


def test_trajectories_keep_vehicles_of_a_lane_apart(short) -> None:
    points = short.table("trajectories").to_pandas()
    cars = short.table("vehicles").to_pandas().set_index("vehicle_id")
    points = points.sort_values(["second", "lane", "place"])
    same = (points["second"].diff() == 0) & (points["lane"].diff() == 0)
    gap = points["place"].diff() - points["vehicle_id"].map(cars["length"])
    assert same.sum() > 5000
    assert (gap[same] >= 0).all()
    assert short.table("vehicles").to_pandas()["changes"].sum() > 100


def test_every_reference_leads_somewhere(short) -> None:
    database = short.database()
    assert check_integrity(database).violations == 0
    assert "passages (detector_id) → detectors (detector_id)" in {
        str(relation) for relation in database.schema.relations
    }


def test_the_same_seed_gives_the_same_tables_and_another_one_others() -> None:
    runs = [SHORT.run(120, seed=seed).table("passages") for seed in (5, 5, 6)]
    assert runs[0] == runs[1]
    assert runs[0] != runs[2]


def test_uncompiled_it_gives_the_same_rows() -> None:
    small = (
        "Corridor(length=600, spacing=200, ramp_at=0.4, merge=300, tracked=1.0, profile=(1.0,), "
        "demand=3000, ramp=1500)"
    )
    code = (
        "from likewise.simulate.corridor import Corridor; "
        f"r = {small}.run(30, seed=2); "
        "print([repr(r.table(n).to_pydict()) for n in ('trajectories', 'passages', 'counts')])"
    )
    printed = []
    for disabled in ("0", "1"):
        environment = {**os.environ, "NUMBA_DISABLE_JIT": disabled}
        ran = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True,
            env=environment,
        )  # fmt: skip
        printed.append(ran.stdout)
    assert len(printed[0]) > 1000
    assert printed[0] == printed[1]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_on_a_ring_a_jam_forms_by_itself_and_travels_backwards(seed: int) -> None:
    run = RING.run(900, seed=seed)
    facts = RING.facts(run.tables())
    assert facts.keys() == {"ring_stopped", "ring_fastest", "ring_wave"}
    assert all(BANDS[name].holds(value) for name, value in facts.items()), facts
    assert run.world.stopped_short == 0


def test_far_apart_on_a_ring_there_is_no_jam() -> None:
    free = RING.model_copy(update={"length": 2300.0, "spacing": 500.0})
    facts = free.facts(free.run(600, seed=1).tables())
    assert facts["ring_stopped"] == 0


def test_facts_need_only_the_tables_that_are_there(short) -> None:
    tables = short.tables()
    assert diagram_facts({"counts": tables["counts"]}).keys() >= {"capacity", "free_speed"}
    assert "capacity" not in diagram_facts({"passages": tables["passages"]})
    assert diagram_facts({}) == {}


def test_drivers_of_a_table_drive_on_the_ring() -> None:
    import pyarrow as pa

    table = pa.table({"wanted": [5.0] * 10, "city": ["Aachen", "Basel"] * 5})
    ring = RING.model_copy(update={"vehicles": 10, "length": 500.0})
    run = ring.run(200, seed=1, given={"vehicles": table})
    cars = run.table("vehicles").to_pandas()
    assert list(cars["city"][:2]) == ["Aachen", "Basel"]
    assert cars["speed"].max() <= 5.0
    bad = pa.table({"wanted": [500.0] * 10})
    with pytest.raises(ConfigError, match="column 'wanted': values out of range"):
        ring.run(1, seed=1, given={"vehicles": bad})
    with pytest.raises(ConfigError, match="ring=true"):
        Corridor(vehicles=10).run(1, seed=1, given={"vehicles": table})


def test_an_empty_road_has_no_facts_and_a_ramp_behind_the_road_is_refused() -> None:
    empty = Corridor(demand=0, ramp=0)
    assert empty.facts(empty.run(70, seed=1).tables()) == {}
    assert empty.facts(empty.run(10, seed=1).tables()) == {}
    with pytest.raises(ConfigError, match="the ramp: from 950 to 1350 m of 1000 m"):
        Corridor(length=1000, ramp_at=0.95).run(1, seed=1)


def test_a_ring_that_is_too_full_is_refused() -> None:
    with pytest.raises(ConfigError, match="60 vehicles on 230 m"):
        RING.model_copy(update={"vehicles": 60}).run(1, seed=1)


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 2, 3, 4])  # those on which the defaults were chosen
def test_at_default_settings_all_facts_of_the_diagram_lie_in_their_bands(seed: int) -> None:
    facts = Corridor(tracked=0.0).run(seed=seed).tables()
    found = diagram_facts(facts)
    assert found.keys() == {name for name in BANDS if not name.startswith("ring")}
    assert {name for name, value in found.items() if not BANDS[name].holds(value)} == set()


def test_the_page_lists_every_setting_with_its_default() -> None:
    section = PAGE.read_text("utf-8").split("## Settings of `corridor`")[1].split("\n## ")[0]
    rows = dict(re.findall(r"^\| `(\w+)` \| ([^|]+) \|", section, re.MULTILINE))
    fields = Corridor.model_fields
    assert rows.keys() == fields.keys()
    for name, text in rows.items():
        shown = text.strip().replace(",", "")
        if name not in ("ring", "profile"):
            assert float(shown) == fields[name].default, name
