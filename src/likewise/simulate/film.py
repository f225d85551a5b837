"""Frames of a simulation, for an animation: points in a rectangle, or a board of cells."""

from dataclasses import dataclass

import numpy as np

from likewise.core.artifact import storable
from likewise.core.errors import ConfigError

Array = np.ndarray
KINDS = 8  # as many colours as can be told apart


@storable
@dataclass(frozen=True)
class Frame:
    """A picture of one step.

    Attributes:
        width, height: of the rectangle, or columns and rows of the board.
        kinds: words for the codes 0, 1, …; at most 8.
        kind: the code of each point (N,), or of each cell in order of row (height * width,).
        x, y: places of the points (N,); without any, it is a board.
        step: when it was taken.
    """

    width: float
    height: float
    kinds: tuple[str, ...]
    kind: Array
    x: Array
    y: Array
    step: int = 0

    @property
    def is_board(self) -> bool:
        """Whether it shows cells."""
        return not len(self.x) and len(self.kind) == int(self.width) * int(self.height)


def points(
    x: Array, y: Array, kind: Array | int, *, width: float, height: float, kinds: tuple[str, ...]
) -> Frame:
    """A frame of points: y grows downwards, as on a screen."""
    codes = np.broadcast_to(np.asarray(kind, np.uint8), np.shape(x)).copy()
    return _checked(
        Frame(width, height, kinds, codes, np.array(x, np.float32), np.array(y, np.float32))
    )


def board(cells: Array, *, width: int, height: int, kinds: tuple[str, ...]) -> Frame:
    """A frame of cells (height * width,)."""
    nowhere = np.empty(0, np.float32)
    return _checked(Frame(width, height, kinds, np.array(cells, np.uint8), nowhere, nowhere))


def _checked(frame: Frame) -> Frame:
    most = int(frame.kind.max(initial=0))
    if not 1 <= len(frame.kinds) <= KINDS or most >= len(frame.kinds):
        found = f"codes up to {most} for {len(frame.kinds)} kinds"
        raise ConfigError("frame", found, f"Give a word for each code, at most {KINDS}")
    return frame
