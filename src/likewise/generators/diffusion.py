"""Diffusion for mixed tables: options by masking, then reals by denoising, from any given part."""

from dataclasses import replace
from typing import Annotated, Any, ClassVar

import numpy as np
from pydantic import Field

from likewise.core.artifact import storable
from likewise.core.run import Run
from likewise.core.seeds import Seed
from likewise.encode.layout import Encoded, Layout
from likewise.generators.diffusion_levels import DiffusionLevels
from likewise.generators.draws import level_shares
from likewise.generators.levels import Levels
from likewise.generators.refined import BACKWARD, refined
from likewise.generators.tabular import Tabular
from likewise.generators.ties import Ties
from likewise.nn import runtime
from likewise.nn.mixed import Mixed, smooth_levels
from likewise.nn.quality import in_words, noise_ratio
from likewise.nn.weights import Weights

NONE = Weights(())
SHOWN = 512  # rows drawn for the quality that progress shows
FEW_ROWS = 6_000  # from which on networks are wider
MANY, FEW_BATCH = 8_000, 256  # rows below which batches are smaller, and how large they are then
LEAST_STEPS = 64
CHOICE_ROWS, CANDIDATES = 20_000, 4  # with fewer rows a choice gains little and comes nearer
EPOCHS, ROWS_BY_EPOCH = (100, 192), 30  # rows are learned by heart if seen often, few ones sooner
PATIENCE = 24, 0.3  # judgements without a better one, at least, and as a share of all
AVERAGED = 0.05  # share of the steps that the average of parameters looks back on
REAL = 2  # times as long to learn as a choice takes a real,
SHARES = (0.25, 0.9)  # and of the time at least and at most where there are both
ENOUGH = 128  # passes over the rows after which options gain little; reals have what time is left
LEARNING, REFINING = 0.5, 0.3  # shares of the budget; the rest is for compiling and judging


@storable
class Diffusion(Tabular):
    """Masked diffusion of options, then denoising diffusion of numbers given the options.

    A row is a choice among options in every block, and a normal score where a number has a smooth
    distribution. One network learns options from any part of the row, another turns noise into
    numbers given the options; both also learn with parts given at random, so any columns can be
    conditions. Labels, heaps and missing values come first and never depend on half-made numbers.
    At the end trees learn to tell real rows from drawn ones, and choose each row among
    ``candidates``, if there are 20,000 rows or it is asked for.
    Papers: Kotelnikov et al., "TabDDPM", ICML 2023; Shi et al., "TabDiff", ICLR 2025; Karras et
    al., "Elucidating the design space of diffusion-based generative models", NeurIPS 2022; Sahoo et
    al., "Simple and effective masked diffusion language models", NeurIPS 2024.
    Azadi et al., "Discriminator rejection sampling", ICLR 2019.
    Cost: the budget to learn; min(C, jumps) + steps evaluations of a network to draw a candidate.

    Attributes:
        budget: seconds of one core for learning, at most; steps are planned, not timed.
        width: features of the networks; by rows and budget when None.
        depth: residual blocks of each.
        batch: rows a step.
        rate: highest learning rate.
        epochs: passes over the rows at most, by their number when None; held-out rows may end
            learning earlier.
        steps: noise levels when numbers are drawn.
        jumps: steps in which options are drawn, at most; blocks of one step are independent.
        candidates: drawn for each row; 1 draws rows as the networks give them; by rows when None.
    """

    summary: ClassVar[str] = "diffusion networks: labels by unmasking, numbers by denoising"

    budget: Annotated[float, Field(gt=0)] = 400.0
    width: Annotated[int, Field(ge=8, le=4_096)] | None = None
    depth: Annotated[int, Field(ge=1, le=32)] = 3
    batch: Annotated[int, Field(ge=16)] = 512
    rate: Annotated[float, Field(gt=0)] = 8e-3
    epochs: Annotated[int, Field(ge=1)] | None = None
    steps: Annotated[int, Field(ge=4, le=1_000)] = 60
    jumps: Annotated[int, Field(ge=1, le=1_000)] = 32
    candidates: Annotated[int, Field(ge=1, le=64)] | None = None

    def fit_levels(
        self,
        rows: Encoded,
        layout: Layout,
        *,
        target: str | None,  # noqa: ARG002
        seed: Seed,
        run: Run,
    ) -> Levels:
        """Learn options, then reals, each in a share of the time; then what they miss."""
        margins = tuple(
            level_shares(rows.codes[:, i], block.size) for i, block in enumerate(layout.blocks)
        )
        atoms = tuple(block.atoms for block in layout.blocks)
        rows = rows if rows.rows else Encoded.empty(1, layout.width)
        width = self.width or (64 if rows.rows < FEW_ROWS else 128)
        sizes = (width, self.depth, self.steps, self.jumps)
        ties = Ties.of(rows, layout, Mixed.of(layout, smooth_levels).smooth)
        view = Mixed.of(layout, smooth_levels, more=ties.sizes)
        levels = DiffusionLevels(view, ties, NONE, NONE, margins, atoms, sizes, ())
        choices = sum(size > 1 for size in (*map(len, view.level), *ties.sizes))
        reals = REAL * len(view.share)
        share = float(np.clip(choices / max(reals + choices, 1), 1 - SHARES[1], 1 - SHARES[0]))
        share = share if choices and reals else float(choices > 0)
        budget = min(self.budget, run.deadline.seconds)
        seconds, row_seconds = LEARNING * budget, 0.0
        if choices:
            levels, used, each = self._learn(
                "options", share * seconds, levels, rows, layout, seed, run
            )
            seconds -= used
            row_seconds += min(choices, self.jumps) * each
        if reals:
            levels, _, each = self._learn("reals", seconds, levels, rows, layout, seed, run)
            row_seconds += self.steps * each
        return refined(
            levels, rows, layout, seconds=REFINING * budget,
            candidates=self.candidates or (CANDIDATES if rows.rows >= CHOICE_ROWS else 1),
            row_seconds=row_seconds / BACKWARD, seed=seed, run=run,
        )  # fmt: skip

    def _learn(
        self,
        part: str,
        seconds: float,
        levels: DiffusionLevels,
        rows: Encoded,
        layout: Layout,
        seed: Seed,
        run: Run,
    ) -> tuple[DiffusionLevels, float, float]:
        """The levels with the network of one part; seconds it should take, in all and a row."""
        from likewise.generators import diffusion_net as net
        from likewise.nn.estimate import step_seconds
        from likewise.nn.optimise import Adam
        from likewise.nn.train import Plan, train

        def quality(params: Any) -> str:
            now = levels.having(part, Weights.of(params))
            drawn, _ = now.draw(SHOWN, seed.stream("quality"))
            return in_words(noise_ratio(drawn, shown, layout))

        runtime.start()
        learner = net.PARTS[part](Adam(rate=self.rate), *levels.sizes[:2])
        world, data = levels.view.geometry, levels.encode(rows, seed.stream("inside"))
        shown = rows.take(np.arange(min(rows.rows, SHOWN)))
        batch = self.batch if rows.rows >= MANY else min(self.batch, FEW_BATCH)
        epochs = self.epochs or int(np.clip(rows.rows / ROWS_BY_EPOCH, *EPOCHS))
        epochs = min(epochs, ENOUGH) if part == "options" and not self.epochs else epochs
        each = step_seconds(learner, world, data, batch)
        planned = int(min(seconds / each, rows.rows * epochs // batch))
        planned = max(planned, LEAST_STEPS)
        memory = 1 - 1 / (10 + planned * AVERAGED)
        plan = Plan(planned, batch=batch, average=memory)
        plan = replace(plan, patience=max(PATIENCE[0], int(PATIENCE[1] * plan.chunks)))
        found = train(
            learner, world, data, plan, seed=seed.child(part), run=run, name=part, quality=quality
        )
        levels = levels.having(part, Weights.of(found.params), found.notes)
        return levels, found.steps * each, each / batch
