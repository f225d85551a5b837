"""Sections of a freeway: their diagram, conservation, and speeds that are found again."""

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from likewise.core.errors import ConfigError, DataError
from likewise.simulate.freeway import Freeway
from likewise.simulate.model import load_simulator
from likewise.simulate.sections import CRITICAL, flows_of, speed_at

PAGE = Path(__file__).parents[2] / "docs" / "simulators" / "traffic.md"


def _speeds(days: int, detectors: int = 4, seed: int = 0) -> np.ndarray:
    """Two rushes a day, deeper at each detector, but for a few km/h; (detectors, days * 288)."""
    hour = np.arange(288) / 12
    rush = np.exp(-(((hour - 8) / 0.8) ** 2)) + 0.7 * np.exp(-(((hour - 17) / 1.2) ** 2))
    depth = np.linspace(0, 0.8, detectors)[:, None]
    usual = np.tile(105 * (1 - depth * np.minimum(rush, 1)), days)
    return usual + np.random.default_rng(seed).normal(0, 2, usual.shape)


def _table(speed: np.ndarray) -> dict[str, pa.Table]:
    detectors, times = speed.shape
    return {
        "counts": pa.table({
            "minute": np.tile(5 * np.arange(times), detectors),
            "detector_id": np.repeat(700 + np.arange(detectors), times),
            "speed": speed.ravel(),
        })
    }  # fmt: skip


def test_flow_of_a_speed_is_that_of_the_diagram_on_both_branches() -> None:
    free = np.array([[100.0]])
    for density in (3.0, 12.0, 20.0, 40.0, 70.0, 110.0):
        speed = speed_at(density, 100.0, 18.0, 140.0)
        demand, capacity, found = flows_of(np.array([[speed]]), free, 18.0, 140.0)
        assert found[0, 0] == pytest.approx(density)
        congested = speed < CRITICAL * 100
        flow = capacity if congested else demand
        assert flow[0, 0] == pytest.approx(density * speed)


def test_congestion_moves_back_at_the_wave_speed() -> None:
    flows = [k * speed_at(k, 100.0, 18.0, 140.0) for k in (40.0, 90.0)]
    assert (flows[1] - flows[0]) / 50 == pytest.approx(-18.0)


def test_fitting_finds_the_usual_day_again() -> None:
    model = Freeway(lanes=4).fit(_table(_speeds(5)))
    assert model.simulator.detectors == (700, 701, 702, 703)
    assert model.simulator.sections == 4
    made = model.run(2 * 288, seed=1).table("counts").to_pandas()
    got = made.pivot_table(index="detector_id", columns="minute", values="speed").to_numpy()
    wanted = np.tile(_speeds(1, seed=9), 2)
    error = np.abs(got - wanted).sum(axis=1) / wanted.sum(axis=1)
    assert (error < 0.08).all(), error
    assert got[3].min() < 35
    assert got[0].min() > 90


def test_weekends_differ_from_weekdays() -> None:
    speed = _speeds(7)
    speed[:, 5 * 288 :] = 105.0
    model = Freeway(first_day=0).fit(_table(speed))
    assert len(model.simulator.usual[0]) == 192
    made = model.run(7 * 288, seed=1).table("counts").to_pandas()
    slow = made[(made["speed"] < 50)]["minute"] // 1440
    assert set(slow) == {0, 1, 2, 3, 4}


def test_who_came_is_inside_waits_has_left_or_turned_off() -> None:
    run = Freeway(sections=8, peak=1.3).run(288, seed=4, check="rule")
    last = {name: run.series[name][-1].as_py() for name in run.series.column_names}
    counted = run.table("counts")["count"].to_numpy().sum()
    assert counted == last["out"] > 100_000
    assert last["diverted"] > 0
    waiting = run.world.waiting.sum() - run.world.begun.sum()
    assert last["arrived"] == last["out"] + last["inside"] + last["diverted"] + waiting


def test_demand_that_grows_makes_it_slower_and_without_capacity_no_faster() -> None:
    means = [Freeway(sections=10, peak=peak).run(288, seed=1) for peak in (0.7, 1.0, 1.2)]
    speeds = [run.table("counts")["speed"].to_numpy().mean() for run in means]
    assert speeds[0] > speeds[1] > speeds[2]


def test_more_demand_on_a_fitted_freeway_makes_it_slower() -> None:
    model = Freeway().fit(_table(_speeds(3)))
    speeds = [
        model.run(288, seed=1, scenario={"growth": g}).table("counts")["speed"].to_numpy().mean()
        for g in (0.8, 1.0, 1.5)
    ]
    assert speeds[0] > speeds[1] > speeds[2]


def test_facts_of_data_and_of_output_have_the_same_names_and_are_near() -> None:
    data = _table(_speeds(3))
    model = Freeway().fit(data)
    real, made = model.simulator.facts(data), model.simulator.facts(model.run(seed=2).tables())
    assert real.keys() == made.keys() == Freeway.bands.keys()
    assert made["mean_speed"] == pytest.approx(real["mean_speed"], rel=0.05)
    assert made["morning"] == pytest.approx(real["morning"], abs=0.5)


def test_a_kept_model_gives_the_same_rows(tmp_path: Path) -> None:
    model = Freeway().fit(_table(_speeds(1)))
    model.save(tmp_path / "a.model")
    again = load_simulator(tmp_path / "a.model")
    runs = [one.run(50, seed=3).table("counts") for one in (model, again)]
    assert runs[0] == runs[1]


def test_too_little_data_are_refused_clearly() -> None:
    part = {"counts": _table(_speeds(1))["counts"].slice(0, 100)}
    with pytest.raises(DataError, match="at least one whole day of each detector"):
        Freeway().fit(part)
    with pytest.raises(DataError, match="minute, detector_id and speed"):
        Freeway().fit({"counts": pa.table({"count": [1]})})
    with pytest.raises(ConfigError, match="1 sections, 0 free speeds"):
        Freeway(usual=(tuple([100.0] * 96),)).run(1, seed=1)


def test_uncompiled_it_gives_the_same_rows() -> None:
    code = (
        "from likewise.simulate.freeway import Freeway\n"
        "t = Freeway(sections=3).run(120, seed=3)\n"
        "print(repr(t.table('counts').to_pydict()))"
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


def test_the_page_lists_every_setting() -> None:
    section = PAGE.read_text("utf-8").split("## Settings of `freeway`")[1].split("\n## ")[0]
    rows = dict(re.findall(r"^\| `(\w+)` \| ([^|]+) \|", section, re.MULTILINE))
    fields = Freeway.model_fields
    assert rows.keys() == fields.keys()
    numbers = {name: text for name, text in rows.items() if text.strip() != "fitted"}
    assert all(float(text.replace(",", "")) == fields[name].default
               for name, text in numbers.items())  # fmt: skip
