"""What a table generator learns: something that draws levels, given evidence about them."""

from typing import Protocol, runtime_checkable

import numpy as np

from likewise.encode.layout import NOTHING, Encoded, Evidence


@runtime_checkable
class Levels(Protocol):
    """What a method learned: draws codes and details for the blocks of a layout."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What cut learning short or was left out, in sentences; mostly none."""

    def draw(
        self, rows: int, rng: np.random.Generator, evidence: Evidence = NOTHING
    ) -> tuple[Encoded, np.ndarray | None]:
        """Rows that agree with ``evidence``, and their log weights.

        The weights are None when the rows are drawn from the conditional distribution itself;
        else (rows,) float64, log of p(rows and evidence) / q(rows) up to a constant, to be
        resampled by the caller.
        """

    def exact(self, evidence: Evidence) -> bool:
        """Whether ``draw`` with this evidence gives rows that need no weights."""


@runtime_checkable
class Sized(Protocol):
    """Levels that say how many there are of each block."""

    @property
    def block_sizes(self) -> tuple[int, ...]:
        """Levels of each block, in layout order."""


@runtime_checkable
class Filling(Protocol):
    """Levels that can also go on from cells known in each row, whichever they are."""

    def fill(
        self,
        rows: Encoded,
        known: np.ndarray,
        allowed: dict[int, np.ndarray],
        rng: np.random.Generator,
    ) -> Encoded:
        """The rows with every block drawn that is not known.

        Args:
            rows: N rows; what is not known is not read.
            known: (N, C) bool.
            allowed: block position -> (K,) bool: the levels that may be drawn; all when left out.
            rng: of the draws.
        """


@runtime_checkable
class Dense(Protocol):
    """Levels that also tell how likely rows are."""

    def log_prob(self, rows: Encoded) -> np.ndarray:
        """Log density of the codes and details of N rows, in nats; (N,)."""
