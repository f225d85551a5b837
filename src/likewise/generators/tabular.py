"""The contract of table generators: a frozen recipe fits levels, a frozen model draws them.

A method is one file: a ``Tabular`` recipe with ``fit_levels`` and a frozen ``Levels`` that draws
codes. Encoding, decoding, blocks, seeds, saving, conditions and streaming are the same for all and
live here.
"""

import math
from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from likewise.core.artifact import storable
from likewise.core.checks import agree
from likewise.core.errors import ConfigError
from likewise.core.params import Recipe
from likewise.core.run import Run
from likewise.core.seeds import Seed
from likewise.data.schema import Schema
from likewise.data.table import Table, concat
from likewise.encode.codec import TableCodec
from likewise.encode.layout import Encoded, Layout
from likewise.execution.threads import ordered_map
from likewise.generators.conditional import Condition, Tell, draw, prepare
from likewise.generators.levels import Dense, Levels, Sized
from likewise.generators.rejection import Effort

__all__ = ["BLOCK_ROWS", "Levels", "TableModel", "Tabular"]

BLOCK_ROWS = 65_536  # rows drawn from one random stream; part of what makes rows reproducible


class Tabular(Recipe):
    """Base of the recipes of table generators."""

    summary: ClassVar[str]

    @abstractmethod
    def fit_levels(
        self,
        rows: Encoded,
        layout: Layout,
        *,
        target: str | None,
        seed: Seed,
        run: Run,
    ) -> Levels:
        """Learn the joint distribution of codes and details."""

    def fit_given(
        self,
        rows: Encoded,
        layout: Layout,
        given: int,
        *,
        seed: Seed,
        run: Run,
    ) -> Levels:
        """Learn the blocks from ``given`` on; those before will be given whenever rows are drawn.

        A method that draws blocks in an order of its own puts the given ones first, and need not
        learn how they are spread.
        """
        del given
        return self.fit_levels(rows, layout, target=None, seed=seed, run=run)

    def fit(
        self,
        table: Table,
        *,
        seed: Seed | int | None = None,
        run: Run | None = None,
    ) -> "TableModel":
        """Learn ``table``; the result draws new rows and holds none of the given ones."""
        seed = Seed.of(seed)
        codec = TableCodec.fit(table, seed=seed.child("codec"))
        levels = self.fit_levels(
            codec.encode(table, seed=seed.child("encode")),
            codec.layout,
            target=table.schema.target,
            seed=seed.child("fit"),
            run=run or Run(),
        )
        return TableModel(recipe=self, codec=codec, levels=levels, rows=table.rows)


@storable
@dataclass(frozen=True)
class TableModel:
    """A fitted generator of one table: what a method learned, and the codec around it.

    Attributes:
        recipe: the settings it was fitted with.
        codec: between tables and levels.
        levels: the method's own part.
        rows: training rows N; the default number to sample.
    """

    recipe: Tabular
    codec: TableCodec
    levels: Levels
    rows: int

    def __post_init__(self) -> None:
        if isinstance(self.levels, Sized):
            sizes = tuple(block.size for block in self.codec.layout.blocks)
            agree(self.levels.block_sizes == sizes, "levels learned and written")

    @property
    def schema(self) -> Schema:
        """The schema of what is sampled."""
        return self.codec.schema

    @property
    def spent(self) -> None:
        """Privacy paid; None: no differential-privacy guarantee is claimed."""
        return None

    @property
    def notes(self) -> tuple[str, ...]:
        """What could not be learned or was protected, in sentences for the report."""
        return (*self.codec.notes, *self.levels.notes)

    @property
    def block_rows(self) -> int:
        """Rows drawn from one random stream: 65,536, fewer in tables of more than 64 blocks."""
        width = max(self.codec.layout.width, 1)
        return max(BLOCK_ROWS >> max(math.ceil(math.log2(width / 64)), 0), 1024)

    def sample(
        self,
        rows: int,
        *,
        seed: Seed | int | None = None,
        given: Table | None = None,
        where: str | None = None,
        workers: int | None = None,
        tell: Tell | None = None,
    ) -> Table:
        """Draw ``rows`` rows.

        Args:
            rows: how many, 0 or more.
            seed: the same seed gives the same rows, whatever the number of workers.
            given: columns that are fixed and come back as they are: one row for each row drawn,
                or a single row for all.
            where: a condition that every row meets, such as ``age > 65 and sex = 'Female'``; see
                ``likewise.data.predicate``.
            workers: threads; all cores by default.
            tell: called once at the end with a sentence on how conditioned rows came about.

        Raises:
            ConfigError: negative ``rows``, or a malformed or impossible condition.
            DataError: a given label that the model does not know, or a condition so rare that
                200 candidates a row (and 100,000 more) would not suffice.
        """
        blocks = self.blocks(rows, seed=seed, given=given, where=where, workers=workers, tell=tell)
        return concat(list(blocks))

    def blocks(
        self,
        rows: int,
        *,
        seed: Seed | int | None = None,
        given: Table | None = None,
        where: str | None = None,
        workers: int | None = None,
        tell: Tell | None = None,
    ) -> Iterator[Table]:
        """The rows of ``sample`` in blocks of ``block_rows``, in bounded memory; at least one.

        A full block depends on the seed and its position alone, not on how many rows are asked
        for in all.
        """
        if rows < 0:
            raise ConfigError("rows", f"{rows} asked for", "Ask for 0 rows or more")
        condition = prepare(self.codec, rows, given, where)
        return self._blocks(rows, Seed.of(seed), condition, workers, tell)

    def log_prob(self, table: Table, *, seed: Seed | int = 0) -> np.ndarray:
        """Log density of each row under the model, in nats; (N,) float64.

        Rows with a label that was never learned have -inf. Densities are those of codes and of
        places within them: they compare rows under one model, not models.

        Args:
            table: rows with all columns of the model.
            seed: draws the place of values on a grid.

        Raises:
            ConfigError: the method gives no probabilities.
        """
        if not isinstance(self.levels, Dense):
            found = f"{type(self.recipe).__name__.lower()} gives no probabilities of rows"
            raise ConfigError("log_prob", found, "Use autoregressive")
        known = self.codec.learned(table)
        rows = self.codec.encode(table.take(np.flatnonzero(known)), seed=Seed.of(seed))
        found_for = np.full(table.rows, -np.inf)
        found_for[known] = self.levels.log_prob(rows)
        return found_for

    def _blocks(
        self,
        rows: int,
        seed: Seed,
        condition: Condition | None,
        workers: int | None,
        tell: Tell | None,
    ) -> Iterator[Table]:
        def block(start: int) -> tuple[Table, Effort]:
            rng = seed.stream("sample", start // size)
            count = min(size, rows - start)
            return draw(
                self.levels,
                self.codec,
                condition,
                start=start,
                count=count,
                rng=rng,
                seed=seed,
            )

        size = self.block_rows
        total = Effort(0, 0)
        for table, effort in ordered_map(block, range(0, max(rows, 1), size), workers=workers):
            total += effort
            yield table
        if tell is not None and condition is not None:
            tell(total.sentence())
