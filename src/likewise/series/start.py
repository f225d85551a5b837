"""How a series begins: a row drawn from all rows of the training series, and its slope.

A table of single rows is learned by the package's sequential trees, numbers told from other numbers
of the same row where that leaves less (``bases``), so that what belongs together stays together.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from likewise.core.artifact import storable
from likewise.core.run import Run
from likewise.core.seeds import Seed
from likewise.data.cells import shared_by
from likewise.data.schema import Column, Kind, Schema
from likewise.data.table import Table
from likewise.generators.tabular import TableModel
from likewise.generators.trees import Trees
from likewise.series.bases import Base, Before, history, residuals
from likewise.series.choice import choose, digits_of
from likewise.series.view import numbers_of

Array = np.ndarray

SLOPES, PHASE = "likewise slope", "likewise phase"
CHOICES = 64  # rows of which the one closest to the first real ones begins a series
EARLY = 0.02  # share of a series whose mean the beginning is held against


@storable
@dataclass(frozen=True)
class Start:
    """First rows.

    Attributes:
        numbers: names of the C columns that are numbers.
        others: names of the other columns.
        bases: of numbers within a row.
        bent: positions of the numbers whose slope is drawn as well.
        period: rows after which a place in time recurs; 0 where rows do not depend on it.
        early: (C,) mean of the numbers early in the series.
        spread: (C,) their standard deviation in all.
        model: of rows.
    """

    numbers: tuple[str, ...]
    others: tuple[str, ...]
    bases: tuple[Base, ...]
    bent: tuple[int, ...]
    period: int
    early: Array
    spread: Array
    model: TableModel

    @classmethod
    def fit(
        cls,
        table: Table,
        first: Array,
        bent: tuple[int, ...],
        period: int,
        *,
        seed: Seed,
        run: Run,
    ) -> "Start":
        """Learn rows of a series; ``bent`` are numbers whose slope matters."""
        names = tuple(
            c.name for c in table.schema.columns if c.kind.value in ("numeric", "integer")
        )
        others = tuple(name for name in table.names if name not in names)
        values = numbers_of(table, names)
        own = np.arange(len(values))
        bases = choose(values, own, tuple(map(digits_of, values.T)), own=0.0)
        before = history(values, first)
        left = residuals(values, bases, before)
        columns = {name: left[:, j] for j, name in enumerate(names)}
        columns |= {f"{SLOPES} {j}": before.slope[:, j] for j in bent}
        rows = np.arange(len(values))
        keep = rows > first + 1 if (rows > first + 1).sum() > 2 else rows >= first
        if period:
            columns[PHASE] = (rows % period).astype(float)
        schema = Schema(columns=(
            *(table.schema[name] for name in others),
            *(Column(name=name, kind=Kind.NUMERIC) for name in columns),
        ))  # fmt: skip
        arrays = [table.arrow.column(name).combine_chunks() for name in others]
        arrays += [pa.array(x, mask=np.isnan(x)) for x in columns.values()]
        whole = Table(pa.table(arrays, names=list(schema.names)), schema)
        whole = whole.take(np.flatnonzero(keep))
        model = Trees().fit(whole, seed=seed, run=run)
        early = rows < first + max(EARLY * len(rows), shared_by(len(rows)))
        with np.errstate(invalid="ignore"):
            mean = np.nan_to_num(np.nanmean(values[early], axis=0))
            spread = np.nan_to_num(np.nanstd(values, axis=0)) + 1e-12
        return cls(names, others, bases, bent, period, mean, spread, model)

    def draw(
        self, count: int, rng: np.random.Generator, *, early: bool
    ) -> tuple[Array, Before, Array, Table]:
        """Numbers (N, C), what they follow on from, places in time (N,), and the other columns.

        ``early`` chooses rows like those with which the series begins, at place 0.
        """
        many = count * CHOICES if early else count
        drawn = self.model.sample(many, seed=Seed(int(rng.integers(2**62))), workers=1)
        left = numbers_of(drawn, self.numbers)
        nothing = Before(np.full(left.shape, np.nan), np.zeros(left.shape))
        values = np.full(left.shape, np.nan)
        for j, base in enumerate(self.bases):
            values[:, j] = base.value(left[:, j], nothing.base(j, base, values))
        slope = np.zeros(values.shape)
        for j in self.bent:
            slope[:, j] = np.nan_to_num(numbers_of(drawn, (f"{SLOPES} {j}",))[:, 0])
        at = np.zeros(many, dtype=np.int64)
        if self.period:
            at = numbers_of(drawn, (PHASE,))[:, 0].round().astype(np.int64) % self.period
        others = drawn.select(list(self.others))
        if early:
            away = np.nan_to_num(((values - self.early) / self.spread) ** 2).sum(axis=1)
            chosen = np.argmin(away.reshape(count, CHOICES), axis=1) + np.arange(count) * CHOICES
            values, slope, others = values[chosen], slope[chosen], others.take(chosen)
            at = np.zeros(count, dtype=np.int64)
        last = np.where(np.isnan(values), self.early, values)
        return values, Before(last, slope), at, others
