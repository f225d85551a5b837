"""Agents that are objects, one's own or Mesa's, are collected like those of arrays."""

from typing import ClassVar

import pytest
from tests.simulate.models import Walk

from likewise.core.errors import ConfigError
from likewise.simulate import Simulator, from_mesa, population_of, rule
from likewise.simulate.sweep import sweep

mesa = pytest.importorskip("mesa")


class Trader:
    """Gives 1 of what it has to another."""

    def __init__(self) -> None:
        self.money = 1

    def step(self, other: "Trader") -> None:
        if self.money:
            self.money -= 1
            other.money += 1


class Exchange(Simulator):
    """Traders that are objects."""

    size: int = 20

    def setup(self, world, draws):
        world.traders = [Trader() for _ in range(self.size)]

    @rule()
    def trade(self, world, draws):
        partners = draws.below(self.size, self.size)
        for i in draws.order(self.size):
            world.traders[i].step(world.traders[partners[i]])

    def collect(self, world):
        return {"richest": max(trader.money for trader in world.traders)}

    def finish(self, world):
        world.people = population_of(world.traders, ["money"])


def test_objects_become_numbers_and_tables() -> None:
    runs = [Exchange().run(10, seed=1) for _ in range(2)]
    assert runs[0].series == runs[1].series
    assert sum(runs[0].table("people")["money"].to_pylist()) == 20
    assert runs[0].database()["people"].rows == 20


class Walker(mesa.Agent):
    def __init__(self, model) -> None:
        super().__init__(model)
        self.x = 0

    def step(self) -> None:
        self.x += self.random.choice((-1, 1))
        if abs(self.x) > self.model.most:
            self.remove()


class Walkers(mesa.Model):
    def __init__(self, walkers=100, most=1000, seed=None) -> None:
        super().__init__(seed=seed)
        self.most = most
        Walker.create_agents(self, walkers)
        self.datacollector = mesa.DataCollector({"left": lambda m: len(m.agents)})
        self.datacollector.collect(self)

    def step(self) -> None:
        self.agents.shuffle_do("step")
        self.datacollector.collect(self)
        self.running = len(self.agents) > 0


class TestMesa:
    tables: ClassVar = {"walkers": (Walker, ["x"])}

    def test_a_mesa_model_runs_by_seed_and_gives_tables(self) -> None:
        kind = from_mesa(Walkers, tables=self.tables)
        runs = [kind(walkers=50).run(20, seed=seed) for seed in (1, 1, 2)]
        tables = [run.table("walkers") for run in runs]
        assert tables[0] == tables[1] != tables[2]
        assert tables[0].column_names == ["unique_id", "x"]
        assert runs[0].series["left"].to_pylist() == [50] * 21
        assert runs[0].database().schema["walkers"].primary_key == ("unique_id",)

    def test_it_walks_as_far_as_the_same_walk_on_arrays(self) -> None:
        kind = from_mesa(
            Walkers, collect={"spread": lambda m: sum(a.x**2 for a in m.agents) / len(m.agents)}
        )
        spread = kind(walkers=2000).run(16, seed=1).series["spread"][-1].as_py()
        ours = Walk(walkers=2000).run(16, seed=1).series["variance"][-1].as_py()
        assert spread == pytest.approx(16, rel=0.16)
        assert ours == pytest.approx(16, rel=0.16)

    def test_it_stops_when_the_model_does_and_can_be_swept(self) -> None:
        kind = from_mesa(Walkers)
        assert kind(walkers=5, most=0).run(20, seed=1).steps == 1
        made = sweep(kind(walkers=5), {"most": [0, 9]}, replicates=2, steps=3, seed=1)
        assert made["left"].to_pylist() == [0, 0, 5, 5]
        with pytest.raises(ConfigError, match="Did you mean 'walkers'"):
            sweep(kind(), {"walker": [1]})

    def test_models_that_cannot_be_run_by_seed_are_refused(self) -> None:
        class Seedless(mesa.Model):
            def __init__(self) -> None:
                super().__init__()

        with pytest.raises(ConfigError, match="model Seedless: takes no seed"):
            from_mesa(Seedless)
        with pytest.raises(ConfigError, match="numbers"):
            population_of([Walkers()], ["agents"])
