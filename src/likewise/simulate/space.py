"""Continuous space: points in a rectangle, and who is near whom, by cell lists.

Method: points are sorted into cells no smaller than the radius, so that all neighbours of a point
lie in the block of cells around its own (Hockney and Eastwood, "Computer Simulation Using
Particles", 1988, section 8.4). Cost: O(N + pairs in neighbouring cells).
"""

import math
from dataclasses import dataclass

import numpy as np

from likewise.core.artifact import storable
from likewise.core.errors import ConfigError
from likewise.simulate.compiling import kernel
from likewise.simulate.graph import Graph

Array = np.ndarray
Cells = tuple[Array, Array, Array, Array]  # start, who, (cells along x, along y), (width, height)


@storable
@dataclass(frozen=True)
class Space:
    """A rectangle [0, width) × [0, height) of points; positions are columns x and y, or (N, 2).

    Attributes:
        width, height: sides, above 0.
        torus: whether opposite sides meet.
    """

    width: float
    height: float
    torus: bool = False

    def __post_init__(self) -> None:
        if not (0 < self.width < math.inf and 0 < self.height < math.inf):
            raise ConfigError("space", f"{self.width} × {self.height}", "Give sides above 0")

    def wrapped(self, points: Array) -> Array:
        """Points (N, 2) brought back: around a torus, else to the nearest side."""
        size = np.array([self.width, self.height])
        if self.torus:
            inside: Array = np.mod(points, size)
            inside[inside >= size] = 0.0  # -1e-20 % 1 is 1
            return inside
        clipped: Array = np.clip(points, 0, np.nextafter(size, 0))
        return clipped

    def between(self, a: Array, b: Array) -> Array:
        """The shortest way from a to b; (N, 2), (N, 2) to (N, 2)."""
        way = b - a
        if self.torus:
            size = np.array([self.width, self.height])
            way -= size * np.round(way / size)
        shortest: Array = way
        return shortest

    def cells(self, points: Array, radius: float, skin: float = 0.0) -> Cells:
        """A cell list for a kernel: see ``block``.

        Args:
            points: (N, 2), inside.
            radius: how far neighbours are looked for, above 0.
            skin: how far a point may have moved since the list was made without being missed.
        """
        if not 0 < radius < math.inf or not 0 <= skin < math.inf:
            raise ConfigError("radius", f"{radius}, skin {skin}", "Give a radius above 0")
        reach = radius + skin
        most = math.isqrt(4 * len(points)) + 1  # more cells than this would be empty ones
        sides = [max(min(int(side / reach), most), 1) for side in (self.width, self.height)]
        size = np.array([self.width, self.height])
        start, who = _sorted(np.ascontiguousarray(points, float), size, sides[0], sides[1])
        return start, who, np.array(sides), size

    def near(self, points: Array, radius: float) -> Graph:
        """Who is within ``radius`` of whom, nobody of himself; in order of row.

        Cost: 4 bytes and about 10 ns a pair found; a third of what is looked at.
        """
        points = np.ascontiguousarray(points, float)
        start, who, sides, size = self.cells(points, radius)
        counts = _count(points, start, who, sides, size, self.torus, radius)
        ends = np.concatenate([[0], np.cumsum(counts)])
        found = np.empty(ends[-1], np.int32)
        _collect(points, start, who, sides, size, self.torus, radius, ends, found)
        return Graph(ends, found)


@kernel
def _sorted(points: Array, size: Array, nx: int, ny: int) -> tuple[Array, Array]:
    n = len(points)
    start = np.zeros(nx * ny + 1, np.int64)
    cell = np.empty(n, np.int64)
    for i in range(n):
        cx = min(int(points[i, 0] / size[0] * nx), nx - 1)
        cy = min(int(points[i, 1] / size[1] * ny), ny - 1)
        cell[i] = cy * nx + cx
        start[cell[i] + 1] += 1
    for c in range(nx * ny):
        start[c + 1] += start[c]
    at, who = start[:-1].copy(), np.empty(n, np.int64)
    for i in range(n):
        who[at[cell[i]]] = i
        at[cell[i]] += 1
    return start, who


@kernel
def block(x: float, y: float, sides: Array, size: Array, torus: bool, out: Array) -> int:
    """Fill ``out`` (9,) int64 with the cells around a point, and say how many there are."""
    nx, ny = sides[0], sides[1]
    cx, cy = min(int(x / size[0] * nx), nx - 1), min(int(y / size[1] * ny), ny - 1)
    n = 0
    for dy in range(-1, 2):
        for dx in range(-1, 2):
            px, py = cx + dx, cy + dy
            if torus:
                if (nx == 1 and dx != 0) or (nx == 2 and dx > 0):
                    continue  # the same cell again, from the other side
                if (ny == 1 and dy != 0) or (ny == 2 and dy > 0):
                    continue
                px, py = px % nx, py % ny
            elif px < 0 or px >= nx or py < 0 or py >= ny:
                continue
            out[n] = py * nx + px
            n += 1
    return n


@kernel
def shortest(d: float, size: float, torus: bool) -> float:
    """A difference of coordinates inside the space, around the torus if that is shorter."""
    if torus:
        if d > 0.5 * size:
            return d - size
        if d < -0.5 * size:
            return d + size
    return d


@kernel
def _count(
    points: Array, start: Array, who: Array, sides: Array, size: Array, torus: bool, radius: float
) -> Array:
    counts, around = np.zeros(len(points), np.int64), np.empty(9, np.int64)
    for i in range(len(points)):
        for b in range(block(points[i, 0], points[i, 1], sides, size, torus, around)):
            for at in range(start[around[b]], start[around[b] + 1]):
                j = who[at]
                dx = shortest(points[j, 0] - points[i, 0], size[0], torus)
                dy = shortest(points[j, 1] - points[i, 1], size[1], torus)
                counts[i] += j != i and dx * dx + dy * dy <= radius * radius
    return counts


@kernel
def _collect(
    points: Array, start: Array, who: Array, sides: Array, size: Array, torus: bool,
    radius: float, ends: Array, found: Array,
) -> None:  # fmt: skip
    around = np.empty(9, np.int64)
    for i in range(len(points)):
        at = ends[i]
        for b in range(block(points[i, 0], points[i, 1], sides, size, torus, around)):
            for place in range(start[around[b]], start[around[b] + 1]):
                j = who[place]
                dx = shortest(points[j, 0] - points[i, 0], size[0], torus)
                dy = shortest(points[j, 1] - points[i, 1], size[1], torus)
                if j != i and dx * dx + dy * dy <= radius * radius:
                    found[at] = j
                    at += 1
        found[ends[i] : at].sort()
