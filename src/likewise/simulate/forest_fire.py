"""A forest fire: the first column burns, and fire goes from tree to tree, side by side.

All cells change at once. Above a density of 0.593 the fire crosses a large forest, below it dies.

Model: site percolation (Stauffer and Aharony, "Introduction to Percolation Theory", 1994).
"""

from collections.abc import Mapping
from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field

from likewise.simulate.compiling import kernel
from likewise.simulate.draws import Draws
from likewise.simulate.film import Frame, board
from likewise.simulate.grid import Grid, neighbour
from likewise.simulate.log import Log
from likewise.simulate.rules import rule
from likewise.simulate.simulator import Simulator
from likewise.simulate.world import World

Array = np.ndarray
EMPTY, GREEN, BURNING, BURNT = range(4)
KINDS = ("empty", "tree", "burning", "burnt")


@kernel
def spread(state: Array, front: Array, height: int, width: int) -> Array:
    """The cells that catch fire from those of ``front``, which are burnt after; (K,) int64."""
    caught = np.empty(4 * len(front), np.int64)
    n = 0
    for cell in front:
        for dy, dx in ((-1, 0), (0, -1), (0, 1), (1, 0)):
            other = neighbour(cell, dy, dx, height, width, False)
            if other >= 0 and state[other] == GREEN:
                state[other] = BURNING
                caught[n] = other
                n += 1
        state[cell] = BURNT
    return caught[:n]


class ForestFire(Simulator):
    """A fire that spreads from tree to tree.

    Attributes:
        height, width: cells of the forest.
        density: share of cells with a tree.
    """

    summary: ClassVar[str] = "A fire that spreads from tree to tree: percolation"
    default_steps: ClassVar[int] = 100

    height: Annotated[int, Field(ge=1, le=10_000)] = 100
    width: Annotated[int, Field(ge=1, le=10_000)] = 100
    density: Annotated[float, Field(ge=0, le=1)] = 0.7

    def setup(self, world: World, draws: Draws) -> None:
        """Trees by chance; those of the first column burn, later ones are logged."""
        grid = Grid(self.height, self.width)
        state = draws.chance(grid.cells, self.density).astype(np.int8)
        first = np.arange(self.height) * self.width
        world.front = first[state[first] == GREEN]
        state[world.front] = BURNING
        world.state = state
        world.trees, world.lost = int(np.count_nonzero(state)), len(world.front)
        world.fires = Log(step=int, row=np.int32, column=np.int32)

    @rule()
    def burn(self, world: World, draws: Draws) -> None:
        """Every burning tree sets its neighbours on fire, and is burnt."""
        world.front = spread(world.state, world.front, self.height, self.width)
        world.lost += len(world.front)
        row, column = world.front // self.width, world.front % self.width
        world.fires.emit(step=world.step, row=row, column=column)

    def collect(self, world: World) -> Mapping[str, float]:
        """Burning trees, and the share of trees burnt or burning."""
        return {"burning": len(world.front), "lost": world.lost / max(world.trees, 1)}

    def done(self, world: World) -> bool:
        """Nothing burns."""
        return not len(world.front)

    def frame(self, world: World) -> Frame:
        """The forest."""
        return board(world.state, width=self.width, height=self.height, kinds=KINDS)
