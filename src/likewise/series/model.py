"""The contract of series generators: a recipe learns how rows follow each other, a model goes on.

A method is one file: a ``SeriesRecipe`` with ``fit_process`` and a frozen ``Process`` that draws
rows after given ones. Time, names of series, beginnings and tables are the same for all.
"""

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Protocol, runtime_checkable

import numpy as np

from likewise.core.artifact import storable
from likewise.core.errors import ConfigError, DataError
from likewise.core.params import Recipe
from likewise.core.run import Run
from likewise.core.seeds import Seed
from likewise.data.schema import Schema
from likewise.data.table import Table, concat
from likewise.series.bases import SLOPE
from likewise.series.choice import OWN
from likewise.series.clock import Clock
from likewise.series.frame import Frame
from likewise.series.past import Drawn, Past
from likewise.series.start import Start
from likewise.series.view import Rows, SeriesView

Array = np.ndarray

FEWEST = 30  # rows of the longest series below which there is nothing to learn
AT_ONCE = 2_048  # stretches drawn side by side


@runtime_checkable
class Process(Protocol):
    """How rows follow each other."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What cut the learning short, or what has to be known of the rows."""

    def draw(self, view: SeriesView, past: Past, steps: int, rng: np.random.Generator) -> Drawn:
        """``steps`` rows after each stretch of the past."""


class SeriesRecipe(Recipe):
    """Base of the recipes of series generators."""

    summary: ClassVar[str]
    own: ClassVar[float] = OWN  # see ``bases.choose``

    @abstractmethod
    def fit_process(
        self, view: SeriesView, rows: Rows, frame: Frame, *, seed: Seed, run: Run
    ) -> Process:
        """Learn how rows follow each other."""

    def fit(
        self,
        table: Table,
        *,
        time: str | None = None,
        entity: str | None = None,
        seed: Seed | int | None = None,
        run: Run | None = None,
    ) -> "SeriesModel":
        """Learn a series, or several.

        Args:
            table: rows in the order of time, series after series if there are several.
            time: the column of moments, in equal steps; None if rows have none.
            entity: the column that names the series of each row; None if there is one.
            seed: the same seed gives the same model.
            run: progress and budget.

        Raises:
            DataError: fewer than 30 rows in the longest series, steps of time that differ, moments
                that occur twice or are missing, or no column but these two.
        """
        seed, run = Seed.of(seed), run or Run()
        frame, first = Frame.fit(table, time, entity)
        longest = max(frame.lengths, default=0)
        if longest < FEWEST:
            found = f"the longest series has {longest:,} rows"
            raise DataError("series", found, f"Give at least {FEWEST} rows that follow each other")
        inner = table.select([n for n in table.names if n not in (time, entity)])
        if not inner.names:
            hint = "Give a table with at least one more column"
            raise DataError("series", "no column but time and names", hint)
        view = SeriesView.fit(inner, first, own=self.own, seed=seed.child("view"))
        rows = view.rows(inner, first, seed=seed.child("rows"))
        bent = tuple(j for j, base in enumerate(view.bases) if base.how == SLOPE)
        start = Start.fit(inner, first, bent, frame.period, seed=seed.child("start"), run=run)
        process = self.fit_process(view, rows, frame, seed=seed.child("process"), run=run)
        return SeriesModel(self, frame, view, start, process, table.rows)


@storable
@dataclass(frozen=True)
class SeriesModel:
    """A fitted generator of series.

    Attributes:
        recipe: the settings it was fitted with.
        frame: time, and names of series.
        view: between tables and arrays.
        start: how a series begins.
        process: how it goes on.
        rows: training rows; the default number to sample.
    """

    recipe: SeriesRecipe
    frame: Frame
    view: SeriesView
    start: Start
    process: Process
    rows: int

    @property
    def schema(self) -> Schema:
        """The schema of what is sampled."""
        return self.frame.schema

    @property
    def spent(self) -> None:
        """Privacy paid; None: no differential-privacy guarantee is claimed."""
        return None

    @property
    def notes(self) -> tuple[str, ...]:
        """What could not be learned, or has to be known, in sentences for the report."""
        return (*self.frame.notes, *self.view.rest.notes, *self.process.notes)

    def sample(
        self,
        rows: int | None = None,
        *,
        seed: Seed | int | None = None,
        given: Table | None = None,
    ) -> Table:
        """Draw a series, or several: as many as were learned, in the same order.

        Args:
            rows: how many in all, split over several series as they were learned; as many as were
                learned by default.
            seed: the same seed gives the same rows.
            given: a past with the columns that were learned; the rows drawn go on from its end, and
                do not repeat it. Without one a series begins like the real one.

        Raises:
            ConfigError: negative ``rows``.
            DataError: a past without rows, with gaps in time, or labels that were never learned.
        """
        count = self.rows if rows is None else rows
        if count < 0:
            raise ConfigError("rows", f"{count} asked for", "Ask for 0 rows or more")
        seed = Seed.of(seed)
        lengths = self.frame.split(count)
        past, clocks = self._past(given, seed)
        steps = max(lengths, default=0)
        values, options, reals, at = self._drawn(past, steps, seed, fresh=given is None)
        parts = []
        for i, length in enumerate(lengths):
            inner = self.view.table(
                values[i, :length], options[i, :length], reals[i, :length],
                seed.stream("decode", i), seed.child("decode", i),
            )  # fmt: skip
            parts.append(self.frame.dressed(inner, i, clocks[i].moments(at[i] + np.arange(length))))
        return concat(parts)

    def windows(self, count: int, length: int, *, seed: Seed | int | None = None) -> Table:
        """``count`` stretches of ``length`` rows, each from anywhere in the series, end to end.

        The columns are those learned without time and names of series.
        """
        seed = Seed.of(seed)
        parts = []
        for block, at in enumerate(range(0, count, AT_ONCE)):
            own = seed.child("windows", block)
            size = min(AT_ONCE, count - at)
            names = own.stream("series").choice(
                len(self.frame.lengths), size, p=np.array(self.frame.lengths) / self.rows
            )
            past = self._begin(size, own, names, early=False)
            values, options, reals, _ = self._drawn(past, length, own, fresh=True)
            rows = size * length
            parts.append(
                self.view.table(
                    values.reshape(rows, -1),
                    options.reshape(rows, -1),
                    reals.reshape(rows, -1),
                    own.stream("decode"),
                    own.child("decode"),
                )
            )
        return concat(parts)

    def _past(self, given: Table | None, seed: Seed) -> tuple[Past, list[Clock]]:
        count = len(self.frame.lengths)
        if given is None:
            past = self._begin(count, seed, np.arange(count), early=True)
            return past, [self.frame.clocks[i] for i in range(count)]
        return self.frame.past(given, self.view, seed.child("given"))

    def _begin(self, count: int, seed: Seed, series: Array, *, early: bool) -> Past:
        """First rows, as a past of one row."""
        values, before, at, others = self.start.draw(count, seed.stream("start"), early=early)
        coded = self.view.rest.encode(others, seed=seed.child("first"))
        options = np.zeros((count, 1, self.view.blocks), dtype=np.int32)
        for i in range(self.view.labels):
            options[:, 0, i] = self.view.mixed.option[i][coded.codes[:, i]]
        left = np.full((count, 1, values.shape[1]), np.nan)
        for j, base in enumerate(self.view.bases):
            if base.how in ("level", "same"):
                found = base.residual(values[:, j], before.base(j, base, values))
                left[:, 0, j] = found
        left = np.where(np.isfinite(left), left, np.nan)
        return Past(
            values[:, None],
            left,
            before.slope[:, None],
            options,
            before,
            at + 1,
            np.asarray(series),
        )

    def _drawn(
        self, past: Past, steps: int, seed: Seed, *, fresh: bool
    ) -> tuple[Array, Array, Array, Array]:
        """Rows after the past, with the past's own row in front where the series begins with it."""
        own = 1 if fresh and steps else 0
        drawn = self.process.draw(self.view, past, max(steps - own, 0), seed.stream("steps"))
        values, options, reals = drawn.values, drawn.options, drawn.reals
        if own:
            values = np.concatenate([past.values, values], axis=1)
            options = np.concatenate([past.options, options], axis=1)
            reals = np.concatenate(
                [
                    np.zeros_like(reals[:, :1])
                    if reals.shape[1]
                    else np.zeros((len(reals), 1, reals.shape[2]), np.float32),
                    reals,
                ],
                axis=1,
            )
        return values, options, reals, past.at - own
