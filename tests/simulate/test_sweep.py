"""Sweeps and addresses: the same result on any number of processes."""

from pathlib import Path

import pytest
from tests.simulate.models import Walk

from likewise.core.errors import ConfigError, DataError
from likewise.core.run import Run
from likewise.simulate.address import address_of, find_simulator, simulator_at
from likewise.simulate.schelling import Schelling
from likewise.simulate.sweep import sweep

FILE = """
from likewise.simulate import Population, Simulator

class Still(Simulator):
    size: int = 3

    def setup(self, world, draws):
        world.people = Population(self.size, u=draws.uniform(self.size))

    def collect(self, world):
        return {"u": float(world.people.u[0])}
"""


@pytest.mark.slow
def test_one_and_two_workers_give_the_same_table(tmp_path: Path) -> None:
    (tmp_path / "still.py").write_text(FILE)
    still = find_simulator(str(tmp_path / "still.py"))()
    made = [
        sweep(still, {"size": [5, 20]}, replicates=2, steps=3, seed=1, run=Run(workers=workers))
        for workers in (1, 2)
    ]
    assert made[0] == made[1]
    assert made[0].num_rows == 4


def test_a_sweep_has_a_row_for_each_setting_and_replicate() -> None:
    made = sweep(Walk(), {"walkers": [5, 6]}, replicates=3, steps=4, seed=1)
    assert made["walkers"].to_pylist() == [5, 5, 5, 6, 6, 6]
    assert made["replicate"].to_pylist() == [0, 1, 2, 0, 1, 2]
    assert set(made["step"].to_pylist()) == {4}
    assert len(set(made["variance"].to_pylist())) > 3
    every = sweep(Walk(), replicates=2, steps=4, seed=1, every_step=True)
    assert every["step"].to_pylist() == [0, 1, 2, 3, 4] * 2


def test_settings_that_cannot_be_are_told_before_anything_runs() -> None:
    with pytest.raises(ConfigError, match="sweep 'walker': Walk has no such setting"):
        sweep(Walk(), {"walker": [5]}, steps=4)
    with pytest.raises(ConfigError, match="'density'"):
        sweep(Schelling(), {"density": [0.5, 2]}, steps=4)
    with pytest.raises(ConfigError, match="replicates: 0"):
        sweep(Walk(), replicates=0)


def test_a_simulator_is_found_by_name_by_file_and_by_address(tmp_path: Path) -> None:
    assert find_simulator("schelling") is Schelling
    assert simulator_at(address_of(Walk)) is Walk
    file = tmp_path / "still.py"
    file.write_text(FILE)
    still = find_simulator(str(file))
    assert still.__name__ == "Still"
    assert find_simulator(f"{file}:Still") is still
    assert simulator_at(address_of(still)) is still


def test_simulators_that_are_not_there_are_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="Did you mean 'schelling'"):
        find_simulator("shelling")
    with pytest.raises(DataError, match="no such file"):
        find_simulator(str(tmp_path / "nothing.py"))
    for text, said in (
        ("x = 1\ny = 1 / 0\n", "fails in line 2 .ZeroDivisionError"),
        ("def (:\n", "fails in line 1 .SyntaxError"),
    ):
        file = tmp_path / "broken.py"
        file.write_text(text)
        with pytest.raises(DataError, match=said):
            find_simulator(str(file))
    file = tmp_path / "two.py"
    file.write_text(FILE + FILE.replace("Still", "Moving"))
    with pytest.raises(ConfigError, match="there is Still, Moving"):
        find_simulator(str(file))
    with pytest.raises(ConfigError, match="Did you mean 'Still'"):
        find_simulator(f"{file}:Stil")
    file = tmp_path / "none.py"
    file.write_text("x = 1\n")
    with pytest.raises(ConfigError, match="there is none"):
        find_simulator(str(file))


def test_a_class_in_a_function_cannot_be_sent_elsewhere() -> None:
    class Hidden(Walk):
        pass

    assert sweep(Hidden(), steps=1, seed=1).num_rows == 1
    with pytest.raises(ConfigError, match="Put it into a file, or use workers=1"):
        sweep(Hidden(), replicates=2, steps=1, seed=1, run=Run(workers=2))
