"""References of several columns to rows that are not there.

Shapes: N children, M parents.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

Array = np.ndarray
Rng = np.random.Generator

FEWEST_STEPS = 3  # values in which steps can be seen
MOST_BETWEEN = 2  # times the values that are there, with those between
MOST_CELLS = 20_000_000  # combinations of the values of a key that are looked through


def gone_of_themselves(mine: Array, theirs: Array, none: Array, count: int, rng: Rng) -> Array:
    """Children whose own values no parent has, up to a number of them; (N,) bool.

    Args:
        mine: (N,) a number for what each child says of its parent, negative for nothing.
        theirs: (M,) the same numbers of the parents.
        none: (N,) bool, children that refer to nothing.
        count: how many are wanted.
        rng: of the choice.
    """
    absent = np.flatnonzero(~none & (mine >= 0) & ~np.isin(mine, theirs))
    gone = np.zeros(len(mine), dtype=bool)
    gone[rng.permutation(absent)[:count]] = True
    return gone


@dataclass(frozen=True)
class Absent:
    """The combinations of the values of a key's columns that no parent has.

    Attributes:
        values: of each column, in rising order.
        codes: (M,) a number for each parent's key, in the order of these values.
        free: (K,) rising numbers of the combinations that no parent has.
    """

    values: tuple[pa.Array, ...]
    codes: Array
    free: Array

    @classmethod
    def of(cls, parents: Sequence[pa.Array], *, between: bool = False) -> "Absent | None":
        """Of a key's columns, M values each; None if none is free, or there are too many cells.

        Args:
            parents: the columns.
            between: also count values of the last column that fall between those there are, such
                as an hour in which nothing was measured anywhere.
        """
        values = tuple(pc.unique(column.drop_null()).sort() for column in parents)
        if between:
            values = (*values[:-1], _with_between(values[-1]))
        cells = float(np.prod([len(column) for column in values], dtype=float))
        if not 0 < cells <= MOST_CELLS:
            return None
        codes = np.zeros(len(parents[0]), dtype=np.int64)
        for column, known in zip(parents, values, strict=True):
            found = pc.index_in(column, known).fill_null(0)
            codes = codes * len(known) + np.asarray(found, dtype=np.int64)
        there = np.zeros(int(cells), dtype=bool)
        there[codes] = True
        free = np.flatnonzero(~there)
        return cls(values, codes, free) if len(free) else None

    def columns(self, numbers: Array) -> list[pa.Array]:
        """The columns of combinations by number."""
        parts = np.unravel_index(numbers, [len(column) for column in self.values])
        return [v.take(pa.array(part)) for v, part in zip(self.values, parts, strict=True)]

    def after(self, place: Array) -> list[pa.Array]:
        """The columns of the next free combination after the key of each of these parents."""
        near = np.searchsorted(self.free, self.codes[place]) % len(self.free)
        return self.columns(self.free[near])


def _with_between(values: pa.Array) -> pa.Array:
    """Rising whole numbers or moments with those between, where they are steps with few gaps."""
    kind = values.type
    if not (pa.types.is_integer(kind) or pa.types.is_temporal(kind)) or len(values) < FEWEST_STEPS:
        return values
    whole = values.cast(pa.int32()) if pa.types.is_date32(kind) else values
    numbers = np.asarray(whole.cast(pa.int64()))
    step = int(np.gcd.reduce(np.diff(numbers)))
    if (numbers[-1] - numbers[0]) // step >= MOST_BETWEEN * len(values):
        return values
    filled = pa.array(np.arange(numbers[0], numbers[-1] + step, step))
    return (filled.cast(whole.type) if whole is not values else filled).cast(kind)
