"""Flocking: each bird steers by the birds it sees, one after the other.

A bird turns towards the middle of its neighbours (cohesion), away from those too near
(separation) and into their mean direction (alignment), then flies on at constant speed.

Paper: Reynolds, "Flocks, herds and schools: a distributed behavioral model", SIGGRAPH 1987. The
weights are those of the comparison of frameworks by the authors of Agents.jl.
"""

import math
from collections.abc import Mapping
from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field

from likewise.simulate.compiling import kernel
from likewise.simulate.draws import Draws
from likewise.simulate.film import Frame, points
from likewise.simulate.form import Form
from likewise.simulate.population import Population
from likewise.simulate.rules import invariant, rule
from likewise.simulate.simulator import MOST, Simulator
from likewise.simulate.space import Cells, Space, block, shortest
from likewise.simulate.world import World

Array = np.ndarray


@kernel
def fly(
    order: Array, place: Array, heading: Array, cells: Cells,
    vision: float, apart: float, speed: float, weights: tuple[float, float, float],
) -> None:  # fmt: skip
    """Each bird in order turns by those it sees and flies on; the space is a torus.

    Args:
        order: rows; place, heading: (N, 2), headings of length 1; cells: a cell list.
        vision, apart: radii within which birds are seen, and are too near.
        speed: way of a step.
        weights: of cohesion, separation and alignment.
    """
    start, who, sides, size = cells
    around = np.empty(9, np.int64)
    for i in order:
        seen, cx, cy, sx, sy, mx, my = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
        for b in range(block(place[i, 0], place[i, 1], sides, size, True, around)):
            for at in range(start[around[b]], start[around[b] + 1]):
                j = who[at]
                dx = shortest(place[j, 0] - place[i, 0], size[0], True)
                dy = shortest(place[j, 1] - place[i, 1], size[1], True)
                away = dx * dx + dy * dy
                near = 1.0 * (away <= vision * vision and j != i)  # a factor is quicker than an if
                seen += near
                cx, cy = cx + near * dx, cy + near * dy
                mx, my = mx + near * heading[j, 0], my + near * heading[j, 1]
                if away < apart * apart:
                    sx, sy = sx - dx, sy - dy
        if seen:
            x = heading[i, 0] + (weights[0] * cx + weights[1] * sx + weights[2] * mx) / seen
            y = heading[i, 1] + (weights[0] * cy + weights[1] * sy + weights[2] * my) / seen
            length = math.sqrt(x * x + y * y)
            if length > 0:
                heading[i, 0], heading[i, 1] = x / length, y / length
        for axis in range(2):
            moved = (place[i, axis] + speed * heading[i, axis]) % size[axis]
            place[i, axis] = moved if moved < size[axis] else 0.0


Wish = Annotated[float, Field(ge=-1e6, le=1e6)]


class Flocking(Simulator):
    """Birds that follow their neighbours.

    Attributes:
        birds: how many.
        width, height: sides of the space, whose opposite sides meet.
        vision: how far a bird sees.
        apart: how near is too near.
        speed: way of a step.
        cohesion, separation, alignment: weights of the three wishes.
    """

    summary: ClassVar[str] = "Birds that follow their neighbours: flocks"
    default_steps: ClassVar[int] = 100

    birds: Annotated[int, Field(ge=1, le=MOST)] = 300
    width: Annotated[float, Field(gt=0, le=1e6)] = 100.0
    height: Annotated[float, Field(gt=0, le=1e6)] = 100.0
    vision: Annotated[float, Field(gt=0, le=1e6)] = 5.0
    apart: Annotated[float, Field(ge=0, le=1e6)] = 1.0
    speed: Annotated[float, Field(ge=0, le=1e6)] = 1.0
    cohesion: Wish = 0.03
    separation: Wish = 0.015
    alignment: Wish = 0.05

    def setup(self, world: World, draws: Draws) -> None:
        """Birds anywhere, in any direction."""
        n = self.birds
        world.space = Space(self.width, self.height, torus=True)
        x, y = draws.uniform(n) * self.width, draws.uniform(n) * self.height
        turn = draws.uniform(n) * 2 * np.pi
        heading = np.stack([np.cos(turn), np.sin(turn)], axis=1)
        world.birds = Population(
            n, form=Form(key="bird_id"), place=np.stack([x, y], axis=1), heading=heading
        )

    @rule()
    def steer(self, world: World, draws: Draws) -> None:
        """All birds fly, one after the other."""
        birds = world.birds
        cells = world.space.cells(birds.place, self.vision, skin=self.speed)
        fly(
            draws.order(birds.id), birds.place, birds.heading, cells, self.vision, self.apart,
            self.speed, (self.cohesion, self.separation, self.alignment),
        )  # fmt: skip

    @invariant
    def birds_stay_inside(self, world: World) -> bool:
        """Places lie within the space."""
        place = world.birds.place
        return bool((place >= 0).all() and (place < [self.width, self.height]).all())

    def collect(self, world: World) -> Mapping[str, float]:
        """Length of the mean heading, in [0, 1]: 1 if all fly in one direction."""
        return {"order": float(np.hypot(*world.birds.heading.mean(axis=0)))}

    def frame(self, world: World) -> Frame:
        """The birds."""
        x, y = world.birds.place.T
        return points(x, y, 0, width=self.width, height=self.height, kinds=("bird",))
