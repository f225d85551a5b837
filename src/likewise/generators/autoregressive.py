"""Networks that draw one column after the other, in any order: whatever is known comes first.

Shapes: N rows, C blocks, K levels or options of a block, H hidden units, M parts of a mixture.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import numpy as np
from pydantic import Field

from likewise.core.artifact import storable
from likewise.core.run import Run
from likewise.core.seeds import Seed
from likewise.encode.layout import Encoded, Layout
from likewise.generators.association import association
from likewise.generators.autoregressive_levels import AutoregressiveLevels
from likewise.generators.column_nets import ColumnNets
from likewise.generators.order import drawing_order
from likewise.generators.tabular import Tabular
from likewise.generators.tiles import Tiles
from likewise.nn.mixed import Mixed, smooth_levels
from likewise.nn.quality import in_words, noise_ratio

if TYPE_CHECKING:
    from likewise.generators.autoregressive_net import Network

Array = np.ndarray

NEAR, MOST_NEAR = 32, 64  # blocks that each looks at in tables of more than MOST_NEAR blocks
WIDE = 256  # blocks beyond which each looks at half as many, in smaller batches
BATCH = 256
EPOCHS, MANY_EPOCHS = 24, 16  # passes over up to FEW_ROWS, and over more rows at least
LEAST, MOST = 256, 100_000  # steps that are worth while
FEW_ROWS, MANY_ROWS = 20_000, 28_000
FEW_DROPOUT, DROPOUT = 0.3, 0.15  # fewer rows are sooner learned by heart
DECAY = 0.2  # of weights, from as many rows on: what fewer steps learn is not pulled back
LEARNING = 0.8  # share of the budget that goes into steps
QUALITY_ROWS = 2_000


@storable
class Autoregressive(Tabular):
    """A small network for each column that reads the columns known so far and says what comes next.

    A label is a choice; a number is a choice among its heaps and a Gaussian mixture between them.
    Most rows are learned in the order of drawing, some with a random set of columns known first, so
    that any columns can be given: they are read, never searched for. Missing cells, conditions on
    one column and given rows are drawn from the conditional distribution itself.

    Papers: Uria, Murray and Larochelle, "A deep and tractable density estimator", ICML 2014;
    Germain et al., "MADE", ICML 2015; Tiwald et al., "TabularARGN", 2025; Bishop, "Mixture density
    networks", 1994; Loshchilov and Hutter, "Decoupled weight decay regularization", ICLR 2019.
    Cost: O(C^2) products a row and step; 24 passes over the rows (beyond 20,000 of them as many
    steps, but 16 passes at least) or the budget, whichever is less. In tables of more than 64
    blocks each looks at the 32 (beyond 256 blocks, 16) that go with it most. Not private.

    Attributes:
        budget: seconds of one core for learning, at most.
        hidden: units of a column's network.
        features: numbers that stand for a column's value.
        parts: Gaussians in a mixture.
        any_order: share of rows learned with a random set of columns known first.
        dropout: share of units left out at random while learning; by rows when None.
        decay: pull of the weights towards 0, relative to the rate; by rows when None.
        rate: highest learning rate.
    """

    summary: ClassVar[str] = "a network for each column; any columns can be given, exactly"

    budget: Annotated[float, Field(gt=0)] = 60.0
    hidden: Annotated[int, Field(ge=4, le=1_024)] = 64
    features: Annotated[int, Field(ge=1, le=256)] = 8
    parts: Annotated[int, Field(ge=1, le=64)] = 8
    any_order: Annotated[float, Field(ge=0, le=1)] = 0.25
    dropout: Annotated[float, Field(ge=0, le=0.9)] | None = None
    decay: Annotated[float, Field(ge=0, le=10)] | None = None
    rate: Annotated[float, Field(gt=0, le=1)] = 3e-3

    def fit_levels(
        self,
        rows: Encoded,
        layout: Layout,
        *,
        target: str | None,
        seed: Seed,
        run: Run,
    ) -> AutoregressiveLevels:
        """Choose the order, then learn all columns at once."""
        mixed = Mixed.of(layout, smooth_levels)
        if not layout.width or not rows.rows:
            return AutoregressiveLevels(mixed, np.zeros(0, dtype=np.int32), ColumnNets.of_nothing())
        order = drawing_order(rows, layout, target, seed)
        near = association(rows, layout, seed) if layout.width > MOST_NEAR else None
        options, reals = mixed.encode(rows, seed.stream("places"))
        tiles = Tiles.of(mixed, options, order, near, NEAR // 2 if layout.width > WIDE else NEAR)
        by_block = np.zeros(options.shape, dtype=np.float32)
        by_block[:, mixed.real_blocks] = reals[:, : len(mixed.real_blocks)]

        def levels(params: "Network", notes: tuple[str, ...] = ()) -> AutoregressiveLevels:
            nets = _kept(params, tiles, layout.width)
            return AutoregressiveLevels(mixed, np.array(order, dtype=np.int32), nets, notes)

        def quality(params: "Network") -> str:
            drawn, _ = levels(params).draw(QUALITY_ROWS, seed.stream("quality"))
            return in_words(noise_ratio(drawn, rows, layout))

        params, notes = self._learn(tiles, (options, by_block), seed, run, quality)
        return levels(params, notes)

    def _learn(
        self,
        tiles: Tiles,
        data: tuple[Array, Array],
        seed: Seed,
        run: Run,
        quality: Callable[[Any], str],
    ) -> tuple["Network", tuple[str, ...]]:
        """Parameters, and what cut the learning short."""
        from likewise.generators.autoregressive_net import ColumnLearner
        from likewise.nn import runtime
        from likewise.nn.estimate import planned_steps
        from likewise.nn.optimise import Adam
        from likewise.nn.train import Plan, train

        runtime.start()
        wide, count = tiles.live.sum() > WIDE, len(data[0])
        dropout = float(np.interp(count, (FEW_ROWS, MANY_ROWS), (FEW_DROPOUT, DROPOUT)))
        decay = DECAY if count >= FEW_ROWS else 0.0
        learner = ColumnLearner(
            adam=Adam(rate=self.rate, decay=decay if self.decay is None else self.decay),
            features=self.features,
            hidden=min(self.hidden, 32) if wide else self.hidden,
            parts=self.parts,
            any_order=self.any_order,
            dropout=dropout if self.dropout is None else self.dropout,
        )
        batch = BATCH // 8 if wide else BATCH
        seen = max(EPOCHS * min(count, FEW_ROWS), MANY_EPOCHS * count)
        most = min(max(seen // batch, LEAST), MOST)
        steps = planned_steps(
            learner,
            tiles,
            data,
            batch=batch,
            seconds=LEARNING * min(self.budget, run.deadline.seconds),
            least=64,
            most=most,
        )
        plan = Plan(steps=steps, batch=batch, average=0.99)
        learned = train(
            learner,
            tiles,
            data,
            plan,
            seed=seed.child("network"),
            run=run,
            name="columns",
            quality=quality,
        )
        return learned.params, learned.notes


def _kept(params: "Network", tiles: Tiles, width: int) -> ColumnNets:
    """The parameters as they are stored: without padding, options by block."""
    arrays = {name: np.asarray(value) for name, value in vars(params).items()}
    blocks = range(width)
    return ColumnNets(
        parents=tiles.parents[:width],
        real=tiles.real[:width],
        absent=arrays["absent"],
        single=tuple(tiles.options(arrays["single"], i) for i in blocks),
        leave=tuple(tiles.across(arrays["leave"], i) for i in blocks),
        leave_bias=tuple(tiles.options(arrays["leave_bias"], i) for i in blocks),
        **{
            name: arrays[name][:width]
            for name in (
                "smooth",
                "enter",
                "enter_bias",
                "inner",
                "inner_bias",
                "mixture",
                "mixture_bias",
            )
        },
    )
