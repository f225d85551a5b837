"""What a table looks like as arrays: blocks of levels, and positions inside levels.

Every column becomes zero or more *blocks*. In a block each row has a *code*, the level it falls in,
and a *detail*, where it lies inside that level. Generators learn and draw codes and details and
never see raw columns; only the codec knows what they stand for.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from likewise.core.artifact import storable
from likewise.core.checks import shaped, within

Array = np.ndarray


@storable
@dataclass(frozen=True)
class Block:
    """One block of K levels.

    Attributes:
        name: unique in the layout: the column's name, or "column/part" when it has several blocks.
        column: the column it belongs to.
        ordered: whether levels from ``first`` on rise in value (numbers, times, ordinals,
            booleans).
        missing: whether level 0 stands for a missing value.
        atoms: (K,) bool, levels without inside (single values, labels, missing): detail is 0.
        centers: (K,) float64, the value a level stands for when ordered (mean of its rows, on the
            column's own scale; 0 for missing); the code otherwise.
        counts: (K,) float64, training rows in each level, rare levels already pooled.
    """

    name: str
    column: str
    ordered: bool
    missing: bool
    atoms: Array
    centers: Array
    counts: Array

    def __post_init__(self) -> None:
        shaped("atoms", self.atoms, np.bool_, self.size)
        shaped("centers", self.centers, np.float64, self.size)
        shaped("counts", self.counts, np.float64, self.size)
        within("counts", self.counts, 0, np.inf)

    @property
    def size(self) -> int:
        """Number of levels K."""
        return len(self.atoms)

    @property
    def first(self) -> int:
        """The first level that is a value: 1 when level 0 is missing, else 0."""
        return int(self.missing)


@storable
@dataclass(frozen=True)
class Layout:
    """The blocks of a table, in column order."""

    blocks: tuple[Block, ...]

    @property
    def width(self) -> int:
        """Number of blocks C."""
        return len(self.blocks)

    def of(self, column: str) -> list[int]:
        """Positions of the blocks of ``column``; empty for keys and constants."""
        return [i for i, block in enumerate(self.blocks) if block.column == column]


@dataclass(frozen=True)
class Encoded:
    """Rows as arrays, one column of both per block.

    Attributes:
        codes: (N, C) int32, Fortran order, 0 <= code < size of the block.
        detail: (N, C) float32, Fortran order, in [0, 1); uniform inside a level if the codec fits.
    """

    codes: Array
    detail: Array

    @property
    def rows(self) -> int:
        """Number of rows N."""
        return len(self.codes)

    @classmethod
    def empty(cls, rows: int, width: int) -> "Encoded":
        """All zero; to be filled block by block before anyone else sees it."""
        codes = np.zeros((rows, width), dtype=np.int32, order="F")
        return cls(codes, np.zeros((rows, width), dtype=np.float32, order="F"))

    def take(self, rows: Array) -> "Encoded":
        """The rows at the given positions, or where a mask says so; column by column."""
        at = np.flatnonzero(rows) if rows.dtype == np.bool_ else rows
        return Encoded(self.codes.T.take(at, axis=1).T, self.detail.T.take(at, axis=1).T)


@dataclass(frozen=True)
class Evidence:
    """What is known about rows before they are drawn.

    Attributes:
        fixed: block position -> (codes (N,), detail (N,)): the value of each row.
        allowed: block position -> (K,) bool: the levels all rows may take.
    """

    fixed: dict[int, tuple[Array, Array]]
    allowed: dict[int, Array]

    @property
    def blocks(self) -> set[int]:
        """Positions of the blocks something is known about."""
        return set(self.fixed) | set(self.allowed)

    def take(self, rows: Array) -> "Evidence":
        """The evidence for the rows at the given positions."""
        fixed = {i: (codes[rows], detail[rows]) for i, (codes, detail) in self.fixed.items()}
        return Evidence(fixed, self.allowed)


NOTHING = Evidence({}, {})


def stack(parts: Sequence[tuple[Array, Array]], rows: int) -> Encoded:
    """One ``Encoded`` from (codes, detail) pairs, one per block."""
    whole = Encoded.empty(rows, len(parts))
    for i, (codes, detail) in enumerate(parts):
        whole.codes[:, i] = codes
        whole.detail[:, i] = detail
    return whole
