"""Four models written for Mesa as its documentation teaches; started by ``agents.py``.

    PYTHON worker.py '{"model": "schelling", "settings": {...}, "steps": 20, "seeds": [1, 2]}'

Rules and sizes are those that ``likewise.simulate`` has, from the declarations of the comparison of
frameworks by the authors of Agents.jl. Prints one JSON object: for each seed the CPU seconds of
setup and steps together, and the outcome.
"""

# ruff: noqa: ANN001, ANN204

import gc
import json
import math
import sys
import time

import numpy as np
from mesa.discrete_space import CellAgent, FixedAgent, OrthogonalMooreGrid, OrthogonalVonNeumannGrid
from mesa.experimental.continuous_space import ContinuousSpace, ContinuousSpaceAgent
from mesa.experimental.devs import ABMSimulator

from mesa import Agent, Model


class Resident(CellAgent):
    """Happy with enough neighbours of its group, or moves to an empty cell."""

    def __init__(self, model: Model, cell: object, group: int) -> None:
        super().__init__(model)
        self.cell, self.group, self.happy = cell, group, False

    def step(self) -> None:
        """Look around, and stay or go."""
        around = self.cell.get_neighborhood(radius=self.model.radius).agents
        alike = sum(other.group == self.group for other in around)
        self.happy = alike >= self.model.wanted
        if not self.happy:
            self.cell = self.model.grid.select_random_empty_cell()


class Schelling(Model):
    """Segregation."""

    def __init__(self, seed, height, width, density, wanted, radius):
        super().__init__(seed=seed)
        self.wanted, self.radius = wanted, radius
        self.grid = OrthogonalMooreGrid((height, width), torus=True, capacity=1, random=self.random)
        for cell in self.grid.all_cells:
            if self.random.random() < density:
                Resident(self, cell, int(self.random.random() < 0.5))

    def step(self) -> None:
        """All move in random order."""
        self.agents.shuffle_do("step")

    def outcome(self) -> dict:
        """Shares of the happy, and of neighbours alike."""
        pairs = [
            (other.group == agent.group)
            for agent in self.agents
            for other in agent.cell.get_neighborhood(radius=self.radius).agents
        ]
        happy = np.mean([agent.happy for agent in self.agents])
        return {"happy": float(happy), "alike": float(np.mean(pairs))}


class Bird(ContinuousSpaceAgent):
    """Steers by the birds it sees."""

    def __init__(self, model: Model, space: ContinuousSpace, position, heading) -> None:
        super().__init__(space, model)
        self.position, self.heading = position, heading

    def step(self) -> None:
        """Turn and fly."""
        model = self.model
        found, away = self.get_neighbors_in_radius(radius=model.vision)
        others = [bird for bird in found if bird is not self]
        if others:
            away = np.array([d for bird, d in zip(found, away, strict=True) if bird is not self])
            ways = self.space.calculate_difference_vector(self.position, agents=others)
            turn = model.cohesion * ways.sum(axis=0)
            turn -= model.separation * ways[away < model.apart].sum(axis=0)
            turn += model.alignment * np.sum([bird.heading for bird in others], axis=0)
            self.heading = self.heading + turn / len(others)
            self.heading /= np.linalg.norm(self.heading)
        self.position += self.heading * model.speed


class Flocking(Model):
    """Flocks."""

    def __init__(self, seed, birds, width, height, vision):
        super().__init__(seed=seed)
        self.vision, self.apart, self.speed = vision, 1.0, 1.0
        self.cohesion, self.separation, self.alignment = 0.03, 0.015, 0.05
        self.space = ContinuousSpace(
            [[0, width], [0, height]], torus=True, random=self.random, n_agents=birds
        )
        turn = self.rng.uniform(0, 2 * np.pi, birds)
        for place, angle in zip(self.rng.random((birds, 2)) * [width, height], turn, strict=True):
            Bird(self, self.space, place, np.array([np.cos(angle), np.sin(angle)]))

    def step(self) -> None:
        """All fly in random order."""
        self.agents.shuffle_do("step")

    def outcome(self) -> dict:
        """Length of the mean heading, and the mean number of birds in sight."""
        mean = np.mean([bird.heading for bird in self.agents], axis=0)
        seen = [len(b.get_neighbors_in_radius(radius=self.vision)[0]) for b in self.agents]
        return {"order": float(np.hypot(*mean)), "seen": float(np.mean(seen))}


class Animal(CellAgent):
    """Moves, eats, starves, breeds."""

    def __init__(self, model: Model, energy: float, cell: object) -> None:
        super().__init__(model)
        self.energy, self.cell = energy, cell

    def live(self, breed: float) -> None:
        """A step."""
        self.cell = self.cell.neighborhood.select_random_cell()
        self.energy -= 1
        self.feed()
        if self.energy < 0:
            self.remove()
        elif self.random.random() < breed:
            self.energy /= 2
            type(self)(self.model, self.energy, self.cell)


class Sheep(Animal):
    """Eats grass."""

    def step(self) -> None:
        """A step."""
        self.live(self.model.sheep_breed)

    def feed(self) -> None:
        """Eat the grass of the cell if it is grown."""
        patch = self.cell.patch
        if patch.grown:
            self.energy += self.model.sheep_gain
            patch.eat()


class Wolf(Animal):
    """Eats sheep."""

    def step(self) -> None:
        """A step."""
        self.live(self.model.wolf_breed)

    def feed(self) -> None:
        """Eat a sheep of the cell."""
        prey = [other for other in self.cell.agents if isinstance(other, Sheep)]
        if prey:
            self.random.choice(prey).remove()
            self.energy += self.model.wolf_gain


class Patch(FixedAgent):
    """Grass that grows again."""

    def __init__(self, model: Model, cell: object, wait: int) -> None:
        super().__init__(model)
        self.cell, self.grown = cell, wait == 0
        cell.patch = self
        if wait:
            self.later(wait)

    def grow(self) -> None:
        """Be there again."""
        self.grown = True

    def eat(self) -> None:
        """Be gone for a while."""
        self.grown = False
        self.later(self.model.regrowth)

    def later(self, wait: int) -> None:
        """Be there for the animals of the ``wait``-th step from now; events follow steps."""
        self.model.simulator.schedule_event_relative(self.grow, wait - 1)


class WolfSheep(Model):
    """Predators and prey; grass grows by scheduled events, which is Mesa's quickest way."""

    def __init__(
        self,
        seed,
        height,
        width,
        sheep,
        wolves,
        sheep_breed,
        wolf_breed,
        regrowth,
    ):
        super().__init__(seed=seed)
        self.simulator = ABMSimulator()
        self.simulator.setup(self)
        self.sheep_breed, self.wolf_breed, self.regrowth = sheep_breed, wolf_breed, regrowth
        self.sheep_gain, self.wolf_gain = 5.0, 13.0
        grid = OrthogonalMooreGrid((height, width), torus=True, random=self.random)
        cells = grid.all_cells.cells
        for kind, count, gain in ((Sheep, sheep, 5), (Wolf, wolves, 13)):
            for _ in range(count):
                kind(self, float(self.random.randrange(2 * gain)), self.random.choice(cells))
        for cell in cells:
            grown = self.random.random() < 0.5
            Patch(self, cell, 0 if grown else 1 + self.random.randrange(regrowth))

    def step(self) -> None:
        """Sheep, then wolves, in random order."""
        self.agents_by_type[Sheep].shuffle_do("step")
        self.agents_by_type[Wolf].shuffle_do("step")

    def run(self, steps: int) -> None:
        """All steps, with the events between them."""
        self.simulator.run_for(steps)

    def outcome(self) -> dict:
        """Animals alive."""
        count = {kind: len(self.agents_by_type[kind]) for kind in (Sheep, Wolf)}
        return {"sheep": count[Sheep], "wolves": count[Wolf]}


class Tree(FixedAgent):
    """Green, burning or burnt."""

    def __init__(self, model: Model, cell: object, *, burning: bool) -> None:
        super().__init__(model)
        self.cell, self.state = cell, "burning" if burning else "green"
        self.caught = -1

    def step(self) -> None:
        """A tree that burns since an earlier step sets its neighbours on fire, and is burnt."""
        now = self.model.steps
        if self.state == "burning" and self.caught < now:
            for other in self.cell.neighborhood.agents:
                if other.state == "green":
                    other.state, other.caught = "burning", now
            self.state = "burnt"


class ForestFire(Model):
    """Percolation; all trees at once."""

    def __init__(self, seed, height, width, density):
        super().__init__(seed=seed)
        grid = OrthogonalVonNeumannGrid((height, width), torus=False, random=self.random)
        for cell in grid.all_cells:
            if self.random.random() < density:
                Tree(self, cell, burning=cell.coordinate[1] == 0)

    def step(self) -> None:
        """All trees, in the order in which they stand."""
        self.agents.do("step")

    def outcome(self) -> dict:
        """Share of trees burnt or burning."""
        return {"lost": float(np.mean([tree.state != "green" for tree in self.agents]))}


MODELS = {
    "schelling": Schelling, "flocking": Flocking, "wolf-sheep": WolfSheep,
    "forest-fire": ForestFire,
}  # fmt: skip


def main() -> None:
    """Run what the argument asks for."""
    job = json.loads(sys.argv[1])
    runs = []
    for seed in job["seeds"]:
        gc.collect()
        begun = time.process_time()
        model = MODELS[job["model"]](seed, **job["settings"])
        if hasattr(model, "run"):
            model.run(job["steps"])
        else:
            for _ in range(job["steps"]):
                model.step()
        spent = time.process_time() - begun
        runs.append({"seed": seed, "cpu_s": spent, **model.outcome()})
        assert isinstance(next(iter(model.agents)), Agent)
        assert math.isfinite(spent)
    print(json.dumps({"runs": runs}))


if __name__ == "__main__":
    main()
