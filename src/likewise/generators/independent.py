"""Every block by itself: the margins are kept and nothing else; the baseline of all methods."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from likewise.core.artifact import storable
from likewise.core.checks import agree, shaped, spread
from likewise.core.run import Run
from likewise.core.seeds import Seed
from likewise.encode.layout import NOTHING, Encoded, Evidence, Layout
from likewise.generators.draws import draw_codes, draw_detail, level_shares, restricted
from likewise.generators.tabular import Tabular

Array = np.ndarray


@storable
class Independent(Tabular):
    """Columns drawn independently from their own distributions.

    Keeps each column's shares and values, and no dependence between columns. Conditions are exact
    and change nothing but the columns they name.
    Cost: O(N C) time to fit and to draw; one number a level is stored.
    """

    summary: ClassVar[str] = "every column by itself; right margins, no dependence"

    def fit_levels(
        self,
        rows: Encoded,
        layout: Layout,
        *,
        target: str | None,  # noqa: ARG002
        seed: Seed,  # noqa: ARG002
        run: Run,
    ) -> "IndependentLevels":
        """Count the levels of every block."""
        shares = []
        for i, block in enumerate(layout.blocks):
            shares.append(level_shares(rows.codes[:, i], block.size))
            run.progress("margins", i + 1, layout.width)
        return IndependentLevels(tuple(shares), tuple(block.atoms for block in layout.blocks))


@storable
@dataclass(frozen=True)
class IndependentLevels:
    """The shares of the levels of each block.

    Attributes:
        shares: per block, (K,) float64, sums to 1.
        atoms: per block, (K,) bool, levels without inside.
    """

    notes: ClassVar[tuple[str, ...]] = ()

    shares: tuple[Array, ...]
    atoms: tuple[Array, ...]

    def __post_init__(self) -> None:
        agree(len(self.shares) == len(self.atoms), "shares and atoms of blocks")
        for shares, atoms in zip(self.shares, self.atoms, strict=True):
            shaped("atoms", atoms, np.bool_, None)
            shaped("shares", shares, np.float64, len(atoms))
            spread("shares", shares)

    @property
    def block_sizes(self) -> tuple[int, ...]:
        """Levels of each block, in layout order."""
        return tuple(map(len, self.atoms))

    def draw(
        self, rows: int, rng: np.random.Generator, evidence: Evidence = NOTHING
    ) -> tuple[Encoded, None]:
        """Rows that agree with ``evidence``; they need no weights."""
        drawn = Encoded.empty(rows, len(self.shares))
        for i, (shares, atoms) in enumerate(zip(self.shares, self.atoms, strict=True)):
            if i in evidence.fixed:
                drawn.codes[:, i], drawn.detail[:, i] = evidence.fixed[i]
                continue
            mass = restricted(shares, evidence.allowed.get(i))
            drawn.codes[:, i] = draw_codes(mass, rng.random(rows))
            drawn.detail[:, i] = draw_detail(atoms[drawn.codes[:, i]], rng)
        return drawn, None

    def exact(self, evidence: Evidence) -> bool:  # noqa: ARG002
        """Always: independent columns tell nothing about each other."""
        return True
