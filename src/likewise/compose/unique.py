"""Uniqueness over a stream of blocks: rows that repeat earlier ones are drawn again."""

from collections.abc import Sequence

import numpy as np

from likewise.compose.hashes import Hashes, row_hashes
from likewise.compose.keeper import Keeper
from likewise.core.errors import DataError
from likewise.data.rules import Unique, describe
from likewise.data.table import Table

Array = np.ndarray

ROUNDS = 20  # redraws of repeated rows before uniqueness is called impossible


class Distinct:
    """Makes the rows of ordered blocks distinct and remembers their values.

    Blocks come in order, so what counts as a repeat does not depend on the number of workers.
    Memory: 8 bytes a row for each rule.

    Args:
        keeper: draws more rows that keep the other rules.
        rules: the uniqueness rules.
    """

    def __init__(self, keeper: Keeper, rules: Sequence[Unique]) -> None:
        self._keeper = keeper
        self._rules = [(rule, Hashes()) for rule in rules]

    def made(self, index: int, start: int, table: Table) -> Table:
        """The block with repeated rows drawn again.

        Args:
            index: number of the block.
            start: position of its first row in the sample.
            table: its rows, which keep all other rules.

        Raises:
            DataError: no distinct rows were found in 20 rounds.
        """
        new = self._new(table)
        repeats = np.flatnonzero(~new)
        self._learn(table.take(np.flatnonzero(new)))
        rows = np.arange(start, start + table.rows)
        for turn in range(ROUNDS):
            if not len(repeats):
                return table
            seed = self._keeper.seed.child("new", index, turn)
            want = max(2 * len(repeats), 256)
            fresh, wrong = self._keeper.fresh(want, rows[repeats], seed)
            good = np.flatnonzero(self._new(fresh) & ~wrong)
            if self._keeper.request.known is None:
                at, good = repeats[: len(good)], good[: len(repeats)]
            else:
                at = repeats[good]
            self._learn(fresh.take(good))
            table = self._keeper.merged(table, at, fresh, good)
            repeats = np.setdiff1d(repeats, at, assume_unique=True)
        if not len(repeats):
            return table
        names = ", ".join(describe(rule) for rule, _ in self._rules)
        found = f"{len(repeats):,} of rows {start + 1:,} to {rows[-1] + 1:,} repeat others"
        raise DataError(f"rule '{names}'", found, "Ask for fewer rows or drop the rule")

    def _new(self, table: Table) -> Array:
        """Rows that repeat nothing seen and nothing above them, for all rules; (N,) bool."""
        new = np.ones(table.rows, dtype=bool)
        for rule, seen in self._rules:
            hashes, there = row_hashes(table, rule.columns)
            new[there] &= seen.new(hashes[there])
        return new

    def _learn(self, table: Table) -> None:
        for rule, seen in self._rules:
            hashes, there = row_hashes(table, rule.columns)
            seen.add(hashes[there])
