"""Wolves, sheep and grass on a grid: births and deaths that drive cycles.

At a step every sheep in random order moves to a neighbouring cell, loses 1 energy, eats grass if
it is grown there, and starves or bears a young; then wolves do likewise, and eat a sheep of their
cell. Eaten grass grows again after a fixed time.

Model: Wilensky, "NetLogo wolf sheep predation model", 1997; the rules are those of the comparison
of frameworks by the authors of Agents.jl.
"""

from collections.abc import Mapping
from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field

from likewise.simulate.compiling import kernel
from likewise.simulate.draws import Draws
from likewise.simulate.film import Frame, points
from likewise.simulate.form import Form
from likewise.simulate.grid import Grid, members, neighbour
from likewise.simulate.philox import uniforms
from likewise.simulate.population import Population
from likewise.simulate.rules import invariant, rule
from likewise.simulate.simulator import MOST, Simulator
from likewise.simulate.world import World

Array = np.ndarray


@kernel
def roam(cell: int, u: float, height: int, width: int) -> int:
    """One of the 8 cells around on a torus, by a number in [0, 1)."""
    k = int(u * 8)
    k += k >= 4  # 4 would be the cell itself
    return neighbour(cell, k // 3 - 1, k % 3 - 1, height, width, True)


@kernel
def graze(
    rows: Array, ids: Array, key: Array, cell: Array, energy: Array, alive: Array, births: Array,
    grown: Array, size: tuple[int, int], gain: float, breed: float, now: int, regrowth: int,
) -> None:  # fmt: skip
    """Sheep in the order of ``rows`` move, eat, starve, or are marked in ``births``.

    ``grown`` holds the step from which each cell has grass.
    """
    for i in rows:
        u, v = uniforms(key, ids[i], 0)
        cell[i] = roam(cell[i], u, size[0], size[1])
        energy[i] -= 1
        if grown[cell[i]] <= now:
            energy[i] += gain
            grown[cell[i]] = now + regrowth
        if energy[i] < 0:
            alive[i] = False
        elif v < breed:
            energy[i] /= 2
            births[i] = True


@kernel
def hunt(
    rows: Array, ids: Array, key: Array, cell: Array, energy: Array, alive: Array, births: Array,
    start: Array, who: Array, prey: Array, size: tuple[int, int], gain: float, breed: float,
) -> None:  # fmt: skip
    """Wolves in the order of ``rows`` move, eat a sheep of their cell, starve, or bear a young.

    ``start`` and ``who`` list the sheep of each cell; ``prey`` tells which of them live.
    """
    left = start[1:] - start[:-1]  # sheep that still live in each cell, listed first
    for i in rows:
        u, v = uniforms(key, ids[i], 0)
        cell[i] = roam(cell[i], u, size[0], size[1])
        energy[i] -= 1
        c = cell[i]
        if left[c]:
            at = start[c] + int((8 * u - int(8 * u)) * left[c])  # what roam left of u is uniform
            prey[who[at]] = False
            left[c] -= 1
            who[at] = who[start[c] + left[c]]
            energy[i] += gain
        if energy[i] < 0:
            alive[i] = False
        elif v < breed:
            energy[i] /= 2
            births[i] = True


class WolfSheep(Simulator):
    """Wolves, sheep and grass.

    Attributes:
        height, width: cells of the grid, whose opposite edges meet.
        sheep, wolves: animals at the start.
        sheep_breed, wolf_breed: chance of a young at a step.
        sheep_gain, wolf_gain: energy of a meal.
        regrowth: steps until eaten grass has grown again.
    """

    summary: ClassVar[str] = "Wolves, sheep and grass: births, deaths and cycles"
    default_steps: ClassVar[int] = 500

    height: Annotated[int, Field(ge=3, le=10_000)] = 25
    width: Annotated[int, Field(ge=3, le=10_000)] = 25
    sheep: Annotated[int, Field(ge=0, le=MOST)] = 60
    wolves: Annotated[int, Field(ge=0, le=MOST)] = 40
    sheep_breed: Annotated[float, Field(ge=0, le=1)] = 0.2
    wolf_breed: Annotated[float, Field(ge=0, le=1)] = 0.1
    sheep_gain: Annotated[float, Field(ge=0, le=1000)] = 5.0
    wolf_gain: Annotated[float, Field(ge=0, le=1000)] = 13.0
    regrowth: Annotated[int, Field(ge=1, le=1_000_000)] = 20

    def setup(self, world: World, draws: Draws) -> None:
        """Animals anywhere with some energy; half of the grass is grown."""
        cells = Grid(self.height, self.width, torus=True).cells
        for name, key, count, gain in (
            ("sheep", "sheep_id", self.sheep, self.sheep_gain),
            ("wolves", "wolf_id", self.wolves, self.wolf_gain),
        ):
            energy = draws.below(count, max(int(2 * gain), 1)).astype(float)
            form = Form(key=key)
            place = draws.below(count, cells)
            animals = Population(count, form=form, cell=place, energy=energy, born=0)
            setattr(world, name, animals)
        waits = draws.below(cells, self.regrowth) + 1
        world.grown = np.where(draws.chance(cells, 0.5), 0, waits)

    @rule()
    def sheep_live(self, world: World, draws: Draws) -> None:
        """Sheep move, eat, starve and breed."""
        sheep = world.sheep
        rows, births = sheep.rows, np.zeros(len(sheep.alive), bool)
        graze(
            rows[draws.order(sheep.id[rows])], sheep.id, draws.key(), sheep.cell, sheep.energy,
            sheep.alive, births, world.grown, (self.height, self.width), self.sheep_gain,
            self.sheep_breed, world.step, self.regrowth,
        )  # fmt: skip
        _bear(sheep, births, world.step)

    @rule()
    def wolves_live(self, world: World, draws: Draws) -> None:
        """Wolves move, eat, starve and breed."""
        wolves, sheep = world.wolves, world.sheep
        rows, births = wolves.rows, np.zeros(len(wolves.alive), bool)
        start, who = members(sheep.cell, sheep.rows, len(world.grown))
        hunt(
            rows[draws.order(wolves.id[rows])], wolves.id, draws.key(), wolves.cell, wolves.energy,
            wolves.alive, births, start, who, sheep.alive, (self.height, self.width),
            self.wolf_gain, self.wolf_breed,
        )  # fmt: skip
        _bear(wolves, births, world.step)

    @invariant
    def the_living_have_energy(self, world: World) -> bool:
        """Whoever has none is dead."""
        return all((p.energy[p.alive] >= 0).all() for p in world.populations.values())

    def collect(self, world: World) -> Mapping[str, float]:
        """Animals alive, and cells with grass."""
        grass = int(np.count_nonzero(world.grown <= world.step))
        return {"sheep": len(world.sheep), "wolves": len(world.wolves), "grass": grass}

    def done(self, world: World) -> bool:
        """All animals are dead."""
        return not len(world.sheep) and not len(world.wolves)

    def frame(self, world: World) -> Frame:
        """The animals."""
        herds = [(world.sheep, 0), (world.wolves, 1)]
        cell = np.concatenate([herd.cell[herd.alive] for herd, _ in herds])
        kind = np.concatenate([np.full(len(herd), code) for herd, code in herds])
        x, y = cell % self.width + 0.5, cell // self.width + 0.5
        kinds = ("sheep", "wolf")
        return points(x, y, kind, width=self.width, height=self.height, kinds=kinds)


def _bear(animals: Population, births: Array, step: int) -> None:
    """A young for each row marked, in its parent's cell, with as much energy."""
    parents = np.flatnonzero(births)
    cell, energy = animals.cell[parents], animals.energy[parents]
    animals.add(len(parents), cell=cell, energy=energy, born=step)
