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
EMPTY = -1


@kernel
def settle(
    order: Array, key: Array, cell: Array, group: Array, happy: Array,
    board: Array, empty: Array, near: Array, wanted: int,
) -> None:  # fmt: skip
    """Each agent in order is happy where it is, or moves to an empty cell.

    Args:
        order: rows; key: of the draws; cell, group, happy: columns (N,).
        board: who is in each cell and, at the end, beyond the edge (cells + 1,): a group, or EMPTY.
        empty: the empty cells (E,).
        near: neighbours of each cell (cells, K); the number of cells stands for beyond an edge.
        wanted: neighbours of the own group it takes to be happy.
    """
    for i in order:
        alike, mine = 0, group[i]
        for k in range(near.shape[1]):
            alike += board[near[cell[i], k]] == mine
            if alike >= wanted:
                break
        happy[i] = alike >= wanted
        if not happy[i] and len(empty):
            j = below(key, i, 0, len(empty))
            left = cell[i]
            cell[i] = empty[j]
            board[cell[i]], board[left] = mine, EMPTY
            empty[j] = left


@kernel
def like_neighbours(cell: Array, group: Array, board: Array, near: Array) -> tuple[int, int]:
    """Neighbours of all agents that are of their group, and neighbours in all."""
    alike, there = 0, 0
    for i in range(len(cell)):
        for k in range(near.shape[1] // 2):  # one of each two opposite neighbours: pairs count once
            other = board[near[cell[i], k]]
            there += other != EMPTY
            alike += other == group[i]
    return 2 * alike, 2 * there


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

    height: Annotated[int, Field(ge=3)] = 50
    width: Annotated[int, Field(ge=3)] = 50
    density: Annotated[float, Field(gt=0, lt=1)] = 0.8
    minority: Annotated[float, Field(ge=0, le=1)] = 0.5
    wanted: Annotated[int, Field(ge=0)] = 3
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
        world.board = np.full(grid.cells + 1, EMPTY, np.int8)
        world.board[cell] = group
        world.empty = np.flatnonzero(~taken)
        near = grid.neighbours(self.radius)
        world.near = np.where(near < 0, grid.cells, near).astype(np.uint32)

    @rule()
    def move(self, world: World, draws: Draws) -> None:
        """The unhappy move, one after the other."""
        people = world.people
        settle(
            draws.order(people.id), draws.key(), people.cell, people.group, people.happy,
            world.board, world.empty, world.near, self.wanted,
        )  # fmt: skip

    @invariant
    def nobody_shares_a_cell(self, world: World) -> bool:
        """Each agent is in a cell of its own, as the board says."""
        people, taken = world.people, np.count_nonzero(world.board != EMPTY)
        return bool(taken == len(people.cell) and (world.board[people.cell] == people.group).all())

    def collect(self, world: World) -> Mapping[str, float]:
        """Share of the happy, and of neighbours alike."""
        people = world.people
        alike, there = like_neighbours(people.cell, people.group, world.board, world.near)
        return {"happy": float(people.happy.mean()), "alike": alike / max(there, 1)}

    def done(self, world: World) -> bool:
        """Nobody moves any more."""
        return bool(world.people.happy.all())

    def frame(self, world: World) -> Frame:
        """The groups on the grid."""
        kinds = ("empty", "majority", "minority")
        return board(world.board[:-1] + 1, width=self.width, height=self.height, kinds=kinds)
