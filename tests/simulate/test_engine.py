"""The laws of a run: seeds, rules, invariants, checkpoints, files."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from tests.simulate.models import Market, TalkingWalk, Walk

from likewise.core.errors import ConfigError, FormatError, SimulationError
from likewise.core.run import Run
from likewise.core.seeds import Seed
from likewise.data.integrity import check_integrity
from likewise.simulate import Simulation, Trajectory, checkpoint, rule
from likewise.simulate.wolf_sheep import WolfSheep


def _same(one: Trajectory, other: Trajectory) -> bool:
    return one.names == other.names and all(one.table(n) == other.table(n) for n in one.names)


def test_the_same_seed_gives_the_same_run_and_another_another() -> None:
    runs = [Market().run(12, seed=seed) for seed in (1, 1, 2)]
    assert _same(runs[0], runs[1])
    assert not _same(runs[0], runs[2])


def test_a_rule_more_shifts_nobodys_draws() -> None:
    assert _same(Walk().run(20, seed=1), TalkingWalk().run(20, seed=1))


def test_a_walker_more_shifts_no_other_walk() -> None:
    some, more = (Walk(walkers=n).run(20, seed=1).table("people")["x"] for n in (100, 101))
    assert more.to_pylist()[:100] == some.to_pylist()


def test_the_variance_of_a_random_walk_is_its_number_of_steps() -> None:
    series = Walk(walkers=4000).run(64, seed=3).series
    for step in (1, 16, 64):
        error = 5 * step * np.sqrt(2 / 4000)
        assert abs(series["variance"][step].as_py() - step) < error
        assert abs(series["mean"][step].as_py()) < 5 * np.sqrt(step / 4000)


def test_a_broken_invariant_stops_the_run_and_names_the_step() -> None:
    with pytest.raises(SimulationError, match="step 3, invariant 'money_is_conserved': broken"):
        Market(greedy=True).run(9, seed=1)
    with pytest.raises(SimulationError, match="after rule 'trade'"):
        Market(greedy=True).run(9, seed=1, check="rule")
    Market(greedy=True).run(9, seed=1, check="never")


def test_plain_python_does_what_the_kernels_do() -> None:
    code = """
import hashlib
from tests.simulate.models import Market
from likewise.simulate.flocking import Flocking
from likewise.simulate.forest_fire import ForestFire
from likewise.simulate.schelling import Schelling
from likewise.simulate.wolf_sheep import WolfSheep
digest = hashlib.sha256()
small = (
    Market(people=30), Flocking(birds=30, width=20, height=20), ForestFire(height=12, width=12),
    Schelling(height=8, width=8, torus=False), WolfSheep(height=8, width=8, sheep=20, wolves=5),
)
for simulator in small:
    trajectory = simulator.run(6, seed=5)
    for name in trajectory.names:
        digest.update(repr(trajectory.table(name).to_pylist()).encode())
print(digest.hexdigest())
"""
    said = []
    for plain in ("0", "1"):
        around = {**os.environ, "NUMBA_DISABLE_JIT": plain}
        ran = subprocess.run(
            [sys.executable, "-W", "error", "-c", code],
            capture_output=True, text=True, env=around, check=False,
            cwd=Path(__file__).parents[2],
        )  # fmt: skip
        assert ran.returncode == 0, ran.stderr
        said.append(ran.stdout)
    assert said[0] == said[1]


class _CutOffError(Exception):
    """What stops a run between two steps."""


def _stop_at(step: int) -> Run:
    def progress(stage: str, done: int, total: int) -> None:
        if done == step:
            raise _CutOffError

    return Run(progress=progress)


@pytest.mark.parametrize("to_files", [False, True])
def test_a_run_that_was_cut_off_and_resumed_equals_an_uninterrupted_one(
    tmp_path: Path, to_files: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("likewise.simulate.log.CHUNK", 300)  # several chunks before and after
    saved = tmp_path / "run.checkpoint"
    output = [tmp_path / name if to_files else None for name in ("whole", "resumed")]
    whole = Market().run(12, seed=1, output=output[0])
    run = _stop_at(7)
    with pytest.raises(_CutOffError):
        Market().run(12, seed=1, output=output[1], run=Run(run.progress, checkpoint=saved))
    assert saved.exists()
    assert not output[1] or not list(output[1].iterdir())
    resumed = Market().run(12, seed=1, output=output[1], run=Run(checkpoint=saved))
    assert _same(whole, resumed)
    assert [path.name for path in tmp_path.iterdir() if "checkpoint" in path.name] == []
    if output[0] and output[1]:
        written = [path / "payments.parquet" for path in output if path]
        assert written[0].read_bytes() == written[1].read_bytes()


def test_a_checkpoint_of_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "run.checkpoint"
    checkpoint.save(Simulation.begin(Market(), Seed(1)), path)
    for simulator, seed in ((Market(people=3), 1), (Market(), 2), (Walk(), 1)):
        with pytest.raises(ConfigError, match="another simulator, other parameters or"):
            simulator.run(3, seed=seed, run=Run(checkpoint=path))
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(FormatError):
        Market().run(3, seed=1, run=Run(checkpoint=path))


def test_what_no_checkpoint_can_hold_is_named(tmp_path: Path) -> None:
    simulation = Simulation.begin(Market(), Seed(1))
    simulation.world.friends = {"a": object()}
    with pytest.raises(SimulationError, match=r"world\.friends: a dict, which no checkpoint"):
        checkpoint.save(simulation, tmp_path / "x")


def test_logs_stream_into_files_that_appear_at_the_end_or_not_at_all(tmp_path: Path) -> None:
    kept, memory = Market().run(12, seed=1, output=tmp_path / "a"), Market().run(12, seed=1)
    assert pq.read_table(tmp_path / "a" / "payments.parquet") == memory.table("payments")
    assert _same(kept, memory)
    with pytest.raises(SimulationError):
        Market(greedy=True).run(12, seed=1, output=tmp_path / "b")
    assert list((tmp_path / "b").iterdir()) == []


def test_a_trajectory_is_a_database_with_keys_and_references() -> None:
    database = Market().run(12, seed=1).database()
    schema = database.schema
    assert schema["people"].primary_key == ("person_id",)
    assert schema["payments"].primary_key == ("payment_id",)
    assert {str(relation) for relation in schema.relations} == {
        "payments (from_id) → people (person_id)",
        "payments (to_id) → people (person_id)",
    }
    assert set(database["people"].labels("kind")[1]) <= {"poor", "rich"}
    keys = check_integrity(database).keys
    assert keys
    assert all(key.broken == 0 for key in keys)


class Clumsy(Walk):
    """Fails at its third step."""

    @rule()
    def stumble(self, world, draws):
        world.people.x[3 - world.step] / [1, 2, 3, "a name"][world.step]


def test_what_goes_wrong_in_a_rule_is_told_by_place_without_a_value() -> None:
    with pytest.raises(SimulationError) as told:
        Clumsy().run(9, seed=1)
    said = str(told.value)
    assert said.startswith("step 3, rule 'stumble': ")
    assert "in line" in said
    assert "test_engine.py. Mend it there." in said
    assert "a name" not in said
    assert told.value.__cause__ is not None


def test_impossible_settings_are_told() -> None:
    for settings, said in (
        ({"steps": -1}, "steps: -1"),
        ({"steps": 1, "check": "often"}, "check: 'often'. Choose one of: step, rule, never"),
        ({"steps": 1, "film_every": 0}, "film_every: 0"),
        ({"steps": 1, "film_every": 1}, "Walk draws no frames"),
    ):
        with pytest.raises(ConfigError, match=said):
            Walk().run(seed=1, **settings)


def test_no_animal_is_lost_or_counted_twice() -> None:
    run = WolfSheep().run(60, seed=2)
    for name in ("sheep", "wolves"):
        animals = run.world.populations[name]
        assert run.series[name][-1].as_py() == len(animals) == run.table(name).num_rows
        assert len(set(animals.ids.tolist())) == len(animals)
    energy = run.world.sheep.energy[run.world.sheep.alive]
    assert (energy >= 0).all()
