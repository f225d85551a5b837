"""Grid space: cells numbered row by row, with or without edges, and their neighbourhoods."""

from dataclasses import dataclass

import numpy as np

from likewise.core.artifact import storable
from likewise.core.errors import ConfigError
from likewise.simulate.compiling import kernel

Array = np.ndarray
SHAPES = ("moore", "von_neumann")


@storable
@dataclass(frozen=True)
class Grid:
    """A rectangle of cells 0 … height * width - 1; cell = row * width + column.

    Attributes:
        height: rows, 1 or more.
        width: columns, 1 or more.
        torus: whether opposite edges meet; else there is nothing beyond an edge.
    """

    height: int
    width: int
    torus: bool = False

    def __post_init__(self) -> None:
        if self.height < 1 or self.width < 1:
            found = f"{self.height} × {self.width} cells"
            raise ConfigError("grid", found, "Give at least 1 row and 1 column")

    @property
    def cells(self) -> int:
        """Number of cells."""
        return self.height * self.width

    def places(self, cells: Array) -> tuple[Array, Array]:
        """Rows and columns of cells."""
        return cells // self.width, cells % self.width

    def offsets(self, radius: int = 1, shape: str = "moore") -> Array:
        """Steps (row, column) to the neighbours of a cell, itself left out; (K, 2) int64.

        Neighbours are within ``radius`` steps of a king (moore) or of a rook (von_neumann).
        """
        if shape not in SHAPES:
            raise ConfigError("neighbourhood", f"{shape!r}", f"Choose {' or '.join(SHAPES)}")
        if radius < 1 or (self.torus and 2 * radius + 1 > min(self.height, self.width)):
            found = f"radius {radius} on {self.height} × {self.width} cells"
            raise ConfigError("neighbourhood", found, "Give 1 or more, and less than half a side")
        along = np.arange(-radius, radius + 1)
        dy, dx = (part.ravel() for part in np.meshgrid(along, along, indexing="ij"))
        far = np.maximum(abs(dy), abs(dx)) if shape == "moore" else abs(dy) + abs(dx)
        near = (far > 0) & (far <= radius)
        return np.stack([dy[near], dx[near]], axis=1)

    def neighbours(self, radius: int = 1, shape: str = "moore") -> Array:
        """The neighbours of each cell, -1 beyond an edge; (cells, K) int32.

        Cost: 4 K bytes a cell. On very large grids use ``neighbour`` in a kernel instead.
        """
        offsets = self.offsets(radius, shape)
        table = np.empty((self.height, self.width, len(offsets)), np.int32)
        rows, columns = np.arange(self.height)[:, None], np.arange(self.width)[None, :]
        for k, (dy, dx) in enumerate(offsets):
            table[:, :, k] = self._moved(rows + dy, columns + dx)
        return table.reshape(self.cells, len(offsets))

    def moved(self, cells: Array, steps: Array) -> Array:
        """Cells after a step (row, column) each, -1 beyond an edge; (N,), (N, 2) to (N,) int64."""
        rows, columns = self.places(cells)
        return self._moved(rows + steps[:, 0], columns + steps[:, 1])

    def sum_around(self, values: Array, radius: int = 1, shape: str = "moore") -> Array:
        """The sum of ``values`` (cells,) over the neighbours of each cell; (cells,).

        Cost: one addition a cell and neighbour, at memory speed.
        """
        board = values.reshape(self.height, self.width)
        padded = np.pad(board, radius, mode="wrap" if self.torus else "constant")
        total = np.zeros(board.shape, np.result_type(values.dtype, np.int64))
        for dy, dx in self.offsets(radius, shape):
            top, left = radius + dy, radius + dx
            total += padded[top : top + self.height, left : left + self.width]
        return total.ravel()

    def _moved(self, rows: Array, columns: Array) -> Array:
        if self.torus:
            moved: Array = rows % self.height * self.width + columns % self.width
            return moved
        inside = (rows >= 0) & (rows < self.height) & (columns >= 0) & (columns < self.width)
        return np.where(inside, rows * self.width + columns, -1)


@kernel
def neighbour(cell: int, dy: int, dx: int, height: int, width: int, torus: bool) -> int:
    """The cell ``dy`` rows and ``dx`` columns away; -1 beyond an edge."""
    y, x = cell // width + dy, cell % width + dx
    if torus:
        return y % height * width + x % width
    if y < 0 or y >= height or x < 0 or x >= width:
        return -1
    return y * width + x


@kernel
def members(cells: Array, rows: Array, count: int) -> tuple[Array, Array]:
    """Who is in which cell: ``start`` (count + 1,) into ``who``, the ``rows`` ordered by cell.

    The rows in cell c are ``who[start[c]:start[c + 1]]``, in the order given. A counting sort.
    """
    start = np.zeros(count + 1, np.int64)
    for i in range(len(rows)):
        start[cells[rows[i]] + 1] += 1
    for c in range(count):
        start[c + 1] += start[c]
    who = np.empty(len(rows), np.int64)
    at = start[:-1].copy()
    for i in range(len(rows)):
        c = cells[rows[i]]
        who[at[c]] = rows[i]
        at[c] += 1
    return start, who
