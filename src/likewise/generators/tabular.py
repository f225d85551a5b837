"""The contract of table generators: a frozen recipe fits levels, a frozen model draws them.

A method is one file: a ``Tabular`` recipe with ``fit_levels`` and a frozen ``Levels`` that draws
codes. Encoding, decoding, blocks, seeds, saving, conditions and streaming are the same for all and
live here.
"""

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np

from likewise.core.artifact import storable
from likewise.core.params import Recipe
from likewise.core.progress import Deadline, Progress, silent
from likewise.core.seeds import Seed
from likewise.data.schema import Schema
from likewise.data.table import Table, concat
from likewise.encode.codec import TableCodec
from likewise.encode.layout import NOTHING, Encoded, Evidence, Layout
from likewise.execution.threads import ordered_map

BLOCK_ROWS = 65_536  # rows drawn from one random stream; part of what makes rows reproducible


class Levels(Protocol):
    """What a method learned: draws codes and details for the blocks of a layout."""

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
        progress: Progress,
        deadline: Deadline,
        workers: int | None,
    ) -> Levels:
        """Learn the joint distribution of codes and details."""

    def fit(
        self,
        table: Table,
        *,
        seed: Seed | int | None = None,
        progress: Progress = silent,
        deadline: Deadline | None = None,
        workers: int | None = None,
    ) -> "TableModel":
        """Learn ``table``; the result draws new rows and holds none of the given ones."""
        seed = Seed.of(seed)
        codec = TableCodec.fit(table, seed=seed.child("codec"))
        levels = self.fit_levels(
            codec.encode(table, seed=seed.child("encode")),
            codec.layout,
            target=table.schema.target,
            seed=seed.child("fit"),
            progress=progress,
            deadline=deadline or Deadline(),
            workers=workers,
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
        return self.codec.notes

    def sample(
        self,
        rows: int,
        *,
        seed: Seed | int | None = None,
        given: Table | None = None,
        workers: int | None = None,
    ) -> Table:
        """Draw ``rows`` rows; ``given`` fixes some columns, one row of it for each row drawn."""
        blocks = self.blocks(rows, seed=seed, given=given, workers=workers)
        return concat(list(blocks))

    def blocks(
        self,
        rows: int,
        *,
        seed: Seed | int | None = None,
        given: Table | None = None,
        workers: int | None = None,
    ) -> Iterator[Table]:
        """The rows of ``sample`` in blocks of 65,536, in bounded memory; at least one block."""
        seed = Seed.of(seed)
        starts = range(0, max(rows, 1), BLOCK_ROWS)

        def block(start: int) -> Table:
            count = min(BLOCK_ROWS, rows - start)
            known = None if given is None else given.slice(start, count)
            return self._block(start, count, seed, known)

        yield from ordered_map(block, starts, workers=workers)

    def _block(self, start: int, count: int, seed: Seed, given: Table | None) -> Table:
        rng = seed.stream("sample", start // BLOCK_ROWS)
        drawn, _ = self.levels.draw(count, rng)
        return self.codec.decode(drawn, rng, start=start, seed=seed)
