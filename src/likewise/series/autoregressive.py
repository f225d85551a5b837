"""A network that reads the rows so far and draws the next one, column after column.

Shapes: N stretches, R rows of memory, F features of a row, B blocks, E features of a block.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import numpy as np
from pydantic import Field

from likewise.core.artifact import storable
from likewise.core.run import Run
from likewise.core.seeds import Seed
from likewise.generators.tiles import Tiles
from likewise.nn import runtime
from likewise.nn.blocks import bucket
from likewise.nn.weights import Weights
from likewise.series.drawers import HEAD, RowNets, kept
from likewise.series.frame import Frame
from likewise.series.model import SeriesRecipe
from likewise.series.past import Drawn, Past
from likewise.series.view import Rows, SeriesView

if TYPE_CHECKING:
    from likewise.series.autoregressive_net import World

Array = np.ndarray

WIDE = 64  # blocks beyond which networks and batches are smaller
BATCH, BATCH_WIDE = 256, 64
EPOCHS, LEAST, MOST = 60, 1_500, 20_000  # steps that are worth while
FEW_ROWS, FEW_DROPOUT = 5_000, 0.1  # fewer rows are sooner learned by heart
LEARNING = 0.8  # share of the budget that goes into steps


@storable
class AutoregressiveSeries(SeriesRecipe):
    """Rows drawn one after the other, each given those before it and the columns drawn so far.

    Numbers are told as what is left of the row before, of its slope or of another column, whichever
    leaves least; a choice among heaps and a mixture of Gaussians between them draws what is left.
    The network sees the last ``memory`` rows, cut short at random while learning, so that it goes
    on from one row as well as from many, and as far as is asked for. Numbers that return from their
    extremes stay in their range.

    Papers: Salinas et al., "DeepAR", International Journal of Forecasting, 2020; van den Oord et
    al., "WaveNet", 2016; Germain et al., "MADE", ICML 2015; Bishop, "Mixture density networks",
    1994.
    Cost: O(T (memory F width + B^2 E hidden)) an epoch. Not private.

    Attributes:
        budget: seconds of one core for learning, at most.
        memory: rows that are read, a power of two.
        width: of the network that reads them.
        hidden: units of a column's network.
        features: numbers that stand for a column's value.
        parts: Gaussians in a mixture.
        dropout: share of units left out at random while learning; by rows when None: none from
            5,000 rows on.
        noise: of what is read, in standard deviations, while learning.
        rate: highest learning rate.
    """

    summary: ClassVar[str] = "a network over time; any columns, any horizon, goes on from a past"

    budget: Annotated[float, Field(gt=0)] = 120.0
    memory: Annotated[int, Field(ge=2, le=1_024)] = 32
    width: Annotated[int, Field(ge=8, le=1_024)] = 64
    hidden: Annotated[int, Field(ge=4, le=1_024)] = 48
    features: Annotated[int, Field(ge=1, le=256)] = 8
    parts: Annotated[int, Field(ge=1, le=64)] = 6
    dropout: Annotated[float, Field(ge=0, le=0.9)] | None = None
    noise: Annotated[float, Field(ge=0, le=2)] = 0.05
    rate: Annotated[float, Field(gt=0, le=1)] = 3e-3

    def fit_process(
        self, view: SeriesView, rows: Rows, frame: Frame, *, seed: Seed, run: Run
    ) -> "AutoregressiveProcess":
        """Learn all blocks at once."""
        memory = 1 << max(int(self.memory) - 1, 1).bit_length()
        found, learner = self._learn(view, rows, frame, memory, seed, run)
        if found is None:
            return AutoregressiveProcess(frame, memory, self.width, 0, Weights(()), None, ())
        params, tiles, notes = found
        return AutoregressiveProcess(
            frame,
            memory,
            learner.width,
            learner.features,
            Weights.of(params.reader),
            kept(params.drawers, tiles, view.blocks),
            notes,
        )

    def _learn(
        self, view: SeriesView, rows: Rows, frame: Frame, memory: int, seed: Seed, run: Run
    ) -> Any:
        from likewise.nn.estimate import planned_steps
        from likewise.nn.optimise import Adam
        from likewise.nn.train import Plan, train
        from likewise.series.autoregressive_net import SeriesLearner

        runtime.start()
        targets = np.flatnonzero(np.arange(len(rows.values)) > rows.first).astype(np.int32)
        wide = view.blocks > WIDE
        usual = FEW_DROPOUT if len(targets) < FEW_ROWS else 0.0
        learner = SeriesLearner(
            adam=Adam(rate=self.rate),
            memory=memory,
            width=self.width,
            features=max(self.features // 2, 1) if wide else self.features,
            hidden=min(self.hidden, 24) if wide else self.hidden,
            parts=self.parts,
            dropout=usual if self.dropout is None else self.dropout,
            noise=self.noise,
        )
        if not len(targets) or not view.blocks:
            return None, learner
        world = _world(view, rows, frame)
        batch = BATCH_WIDE if wide else BATCH
        steps = planned_steps(
            learner, world, targets, batch=batch,
            seconds=LEARNING * min(self.budget, run.deadline.seconds),
            least=64, most=min(max(EPOCHS * len(targets) // batch, LEAST), MOST),
        )  # fmt: skip
        found = train(
            learner, world, targets, Plan(steps=steps, batch=batch, average=0.99, patience=20),
            seed=seed.child("network"), run=run, name="rows",
        )  # fmt: skip
        return (found.params, world.tiles, found.notes), learner


@storable
@dataclass(frozen=True)
class AutoregressiveProcess:
    """The networks.

    Attributes:
        frame: time and names of series.
        memory: rows that are read R.
        width: of the reader.
        size: features of a block E.
        reader: its parameters.
        nets: of the blocks; None if there is nothing to draw.
        notes: what cut the learning short.
    """

    frame: Frame
    memory: int
    width: int
    size: int
    reader: Weights
    nets: RowNets | None
    notes: tuple[str, ...]

    def draw(self, view: SeriesView, past: Past, steps: int, rng: np.random.Generator) -> Drawn:
        """``steps`` rows after the past, each a pass over all blocks."""
        from likewise.series.reader import read

        count, blocks = len(past.at), view.blocks
        reals_at = [view.real(i) for i in range(blocks)]
        values = np.full((count, steps, len(view.numbers)), np.nan)
        options = np.zeros((count, steps, blocks), dtype=np.int32)
        reals = np.zeros((count, steps, view.mixed.geometry.reals), dtype=np.float32)
        seen = self._seen(view, past)  # (N, R, F + 1)
        before, reader, e = past.before, self._reader(seen.shape[2] - 1, past), self.size
        for step in range(steps):
            known = np.zeros((count, (HEAD + blocks) * e), dtype=np.float32)
            if self.nets is not None:
                moment = self.frame.moment(past.at + step, past.series)
                known[:, : HEAD * e] = read(reader, seen, moment)
            mine = _own(view, seen)
            now = np.full((count, len(view.numbers)), np.nan)
            left = np.full((count, len(view.numbers)), np.nan)
            for i in range(blocks):
                option, real = np.zeros(count, np.int32), np.zeros(count, np.float32)
                if self.nets is not None:
                    option, real = self.nets.draw(i, known, mine[i], rng)
                    place = (HEAD + i) * e
                    known[:, place : place + e] = self.nets.read(i, option, real)
                options[:, step, i] = option
                if reals_at[i] >= 0:
                    reals[:, step, reals_at[i]] = real
                if i >= view.labels:
                    j = i - view.labels
                    base = view.bases[j]
                    left[:, j] = view.residual(j, option, real)
                    now[:, j] = before.value(j, base, left[:, j], now)
            values[:, step] = now
            before = before.after(now)
            row = view.features(now, left, before.slope, options[:, step])
            seen = np.concatenate([seen[:, 1:], _marked(row)[:, None]], axis=1)
        return Drawn(values, options, reals)

    def _seen(self, view: SeriesView, past: Past) -> Array:
        """Features of the past, as far as it is remembered, the latest last; (N, R, F + 1)."""
        count, known = past.values.shape[:2]
        start = max(known - self.memory, 0)
        rows = []
        for k in range(start, known):
            row = view.features(
                past.values[:, k], past.residuals[:, k], past.slope[:, k], past.options[:, k]
            )
            rows.append(_marked(row * view.steady if k == start else row))
        width = rows[0].shape[1]
        blank = np.zeros((count, self.memory - len(rows), width), dtype=np.float32)
        return np.concatenate([blank, np.stack(rows, axis=1)], axis=1)

    def _reader(self, features: int, past: Past) -> Any:
        """The reader on the device."""
        import jax

        from likewise.series.reader import shapes

        runtime.start()
        if self.nets is None:
            return None
        moment = self.frame.moment(past.at[:1], past.series[:1]).shape[1]
        form = shapes(self.memory, self.width, HEAD * self.size, features, moment)
        return jax.device_put(self.reader.like(form))


def _world(view: SeriesView, rows: Rows, frame: Frame) -> "World":
    """The series as the learner sees it."""
    from likewise.series.autoregressive_net import World

    series = np.searchsorted(np.unique(rows.first), rows.first)
    moment = frame.moment(np.arange(len(rows.values)) - rows.first, series)
    padded = bucket(len(rows.values))
    count = bucket(view.blocks + 1)
    options = np.zeros((padded, count), dtype=np.int32)
    options[: len(rows.options), : view.blocks] = rows.options
    tiles = Tiles.of(view.mixed, options[: len(rows.options)], range(view.blocks), None, 0)
    reals = np.zeros((padded, count), dtype=np.float32)
    for i in range(view.blocks):
        if view.real(i) >= 0:
            reals[: len(rows.reals), i] = rows.reals[:, view.real(i)]
    fill = padded - len(rows.values)
    features = view.features(rows.values, rows.residuals, rows.slope, rows.options)
    column = np.full(count, -1, dtype=np.int32)
    column[view.labels : view.blocks] = np.arange(len(view.numbers))
    return World(
        features=np.pad(features, ((0, fill), (0, 0))),
        steady=view.steady,
        levels=_levels(view, features.shape[1]),
        moment=np.pad(moment, ((0, fill), (0, 0))),
        options=options,
        reals=reals,
        column=column,
        first=np.pad(rows.first, (0, fill)).astype(np.int32),
        tiles=tiles,
    )


def _levels(view: SeriesView, width: int) -> Array:
    """Which features are levels of numbers; (F,) float32 of 0 and 1."""
    found = np.zeros(width, dtype=np.float32)
    found[: 4 * len(view.numbers) : 4] = 1
    return found


def _own(view: SeriesView, seen: Array) -> Array:
    """Features of the last two rows of each block's own number; see ``own_rows``."""
    found = np.zeros((view.blocks, len(seen), 9), dtype=np.float32)
    count = len(view.numbers)
    for k in (0, 1):
        rows = seen[:, -1 - k, : 4 * count].reshape(len(seen), count, 4)
        found[view.labels :, :, 4 * k : 4 * k + 4] = rows.transpose(1, 0, 2)
    found[view.labels :, :, 8] = seen[:, -2, -1]
    return found


def _marked(row: Array) -> Array:
    """Features with the mark of a known row; (N, F) -> (N, F + 1)."""
    return np.concatenate([row, np.ones((len(row), 1), np.float32)], axis=1)
