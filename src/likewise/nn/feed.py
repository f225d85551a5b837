"""Which rows each step sees: known from the seed and the number of the step alone."""

from dataclasses import dataclass

import numpy as np

from likewise.core.seeds import Seed

Array = np.ndarray


@dataclass(frozen=True)
class Feed:
    """Rows in random order, one epoch after the other, without end.

    Attributes:
        rows: (N,) positions that may be seen.
        seed: of the orders; each epoch has its own.
    """

    rows: Array
    seed: Seed

    def take(self, start: int, count: int) -> Array:
        """Places ``start`` to ``start + count`` of the endless order; (count,) int32."""
        size = len(self.rows)
        epochs = range(start // size, (start + count - 1) // size + 1)
        order = np.concatenate([self.seed.stream("epoch", e).permutation(size) for e in epochs])
        first = start - epochs[0] * size
        return np.asarray(self.rows[order[first : first + count]], dtype=np.int32)

    def steps(self, first: int, count: int, batch: int) -> Array:
        """The rows of ``count`` steps from step ``first`` on; (count, batch) int32."""
        return self.take(first * batch, count * batch).reshape(count, batch)


def split_rows(rows: int, *, share: float, most: int, seed: Seed) -> tuple[Array, Array]:
    """Positions to learn from and positions to judge by; the latter empty below 100 rows."""
    held = 0 if rows < 100 else min(round(rows * share), most)
    order = seed.stream("holdout").permutation(rows)
    return np.sort(order[held:]), np.sort(order[:held])
