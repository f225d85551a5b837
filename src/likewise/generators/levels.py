"""What a table generator learns: something that draws levels, given evidence about them."""

from typing import Protocol

import numpy as np

from likewise.encode.layout import NOTHING, Encoded, Evidence


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
