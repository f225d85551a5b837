"""Segregation: two groups on a grid, each content with a few neighbours of its own.

Each agent in random order counts the neighbours of its group; with fewer than ``wanted`` it moves
to an empty cell. Mild wishes give strong separation.

Paper: Schelling, "Dynamic models of segregation", Journal of Mathematical Sociology 1971.
"""

from collections.abc import Mapping
from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field

from likewise.core.errors import ConfigError
from likewise.simulate.compiling import kernel
from likewise.simulate.draws import Draws
from likewise.simulate.film import Frame, board
from likewise.simulate.form import Form
from likewise.simulate.grid import Grid
from likewise.simulate.philox import below
from likewise.simulate.population import Population
from likewise.simulate.rules import invariant, rule
from likewise.simulate.simulator import Simulator
from likewise.simulate.world import World

Array = np.ndarray


@kernel
def settle(
    order: Array, key: Array, cell: Array, group: Array, happy: Array,
    around: Array, empty: Array, near: Array, wanted: int,
) -> None:  # fmt: skip
    """Each agent in order is happy where it is, or moves to an empty cell.

    Args:
        order: rows; key: of the draws; cell, group, happy: columns (N,).
        around: agents of each group near each cell (2, cells + 1), kept up to date; the last
            column takes what falls beyond an edge.
        empty: the empty cells (E,).
        near: neighbours of each cell (cells, K), -1 beyond an edge.
        wanted: neighbours of the own group it takes to be happy.
    """
    for i in order:
        here, mine = cell[i], group[i]
        happy[i] = around[mine, here] >= wanted
        if not happy[i] and len(empty):
            j = below(key, i, 0, len(empty))
            there = empty[j]
            cell[i], empty[j] = there, here
            for k in range(near.shape[1]):
                around[mine, near[here, k]] -= 1
                around[mine, near[there, k]] += 1


class Schelling(Simulator):
    """Two groups that want neighbours of their own.

    Attributes:
        height, width: cells of the grid.
        density: share of cells with an agent.
        minority: share of agents in the second group.
        wanted: neighbours of the own group it takes to be happy.
        radius: of the neighbourhood (Moore), in cells.
        torus: whether opposite edges meet.
    """

    summary: ClassVar[str] = "Two groups that want neighbours of their own: segregation"
    default_steps: ClassVar[int] = 20

    height: Annotated[int, Field(ge=3, le=10_000)] = 50
    width: Annotated[int, Field(ge=3, le=10_000)] = 50
    density: Annotated[float, Field(gt=0, lt=1)] = 0.8
    minority: Annotated[float, Field(ge=0, le=1)] = 0.5
    wanted: Annotated[int, Field(ge=0, le=440)] = 3
    radius: Annotated[int, Field(ge=1, le=10)] = 1
    torus: bool = True

    def setup(self, world: World, draws: Draws) -> None:
        """Agents in random cells, one a cell."""
        grid = Grid(self.height, self.width, self.torus)
        taken = draws.chance(grid.cells, self.density)
        cell = np.flatnonzero(taken)
        if not len(cell):
            raise ConfigError("density", "no agent at all", "Give a larger density or grid")
        group = draws.chance(len(cell), self.minority).astype(np.int8)
        form = Form(labels={"group": ("majority", "minority")})
        world.people = Population(len(cell), form=form, cell=cell, group=group, happy=False)
        world.empty, world.near = np.flatnonzero(~taken), grid.neighbours(self.radius)
        world.around = np.zeros((2, grid.cells + 1), np.int32)
        for code in (0, 1):
            there = np.bincount(cell[group == code], minlength=grid.cells)
            world.around[code, :-1] = grid.sum_around(there, self.radius)

    @rule()
    def move(self, world: World, draws: Draws) -> None:
        """The unhappy move, one after the other."""
        people = world.people
        settle(
            draws.order(people.id), draws.key(), people.cell, people.group, people.happy,
            world.around, world.empty, world.near, self.wanted,
        )  # fmt: skip

    @invariant
    def every_cell_holds_one_agent_or_none(self, world: World) -> bool:
        """Each cell is an agent's or empty, once."""
        cells = np.bincount(world.people.cell, minlength=self.height * self.width)
        cells[world.empty] += 1
        return bool((cells == 1).all())

    def collect(self, world: World) -> Mapping[str, float]:
        """Share of the happy, and of neighbours alike."""
        people, around = world.people, world.around
        alike = int(around[people.group, people.cell].sum())
        there = int(around[:, people.cell].sum())
        return {"happy": float(people.happy.mean()), "alike": alike / max(there, 1)}

    def done(self, world: World) -> bool:
        """Nobody moves any more."""
        return bool(world.people.happy.all())

    def frame(self, world: World) -> Frame:
        """The groups on the grid."""
        kinds = ("empty", "majority", "minority")
        cells = np.zeros(self.height * self.width, np.uint8)
        cells[world.people.cell] = world.people.group + 1
        return board(cells, width=self.width, height=self.height, kinds=kinds)
