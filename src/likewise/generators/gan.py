"""A conditional generative adversarial network for tables, of the CTGAN line.

Shapes: N rows, C blocks, W options of all blocks, R reals, G points of a curve.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, ClassVar

import numpy as np
from pydantic import Field
from scipy.special import logsumexp, ndtri

from likewise.core.artifact import storable
from likewise.core.run import Run
from likewise.core.seeds import Seed
from likewise.encode.layout import NOTHING, Encoded, Evidence, Layout
from likewise.generators.gan_world import Hints, world_of
from likewise.generators.pool import Pool
from likewise.generators.tabular import Tabular
from likewise.nn.mixed import Mixed
from likewise.nn.quality import in_words, noise_ratio
from likewise.nn.weights import Weights

if TYPE_CHECKING:
    from likewise.generators.gan_net import Players

Array = np.ndarray
Rng = np.random.Generator

SECONDS = 60.0  # budget when none is given
LEARNING = 0.9  # share of it that goes into steps
FEWEST_STEPS = 200  # however small the budget or the table
RANKS = (np.arange(1_024) + 0.5) / 1_024  # points of a curve
ROUNDS = 4  # of drawing and correcting the shares of options
CELLS, LEAST_ROWS = 2**21, 1_024  # most that a round draws, but so many rows at least
STRAY = 3.0  # most that a share is corrected, in logs
FEW = 50  # drawn values from which no curve is made
MISS = 8.0  # log weight that a row loses for each given option it does not have
NEAR = 0.1  # distance of normal scores at which a given number counts as met


@storable
class GAN(Tabular):
    """A conditional GAN: two networks, one that draws rows and one that tells them from real ones.

    Rows are seen as options (labels, single values, missing) and smooth reals. Each row reveals one
    of its options, rather a rare one, and the generator completes the row: so no option that the
    table has can vanish. It draws options by straight-through Gumbel-softmax, then reals that
    know them. Besides the critic it follows the mean products of all pairs of features. Afterwards
    drawn rows correct the shares of options and the margins of reals, and the critic chooses one
    of ``tries`` drawn rows for each row.

    Given options lead the drawing; given numbers and further options are met by choosing among
    candidates, the nearest where none has them, so conditional distributions are approximate.

    Papers: Goodfellow et al., "Generative adversarial nets", NeurIPS 2014; Xu et al., "Modeling
    tabular data using conditional GAN", NeurIPS 2019; Zhao et al., "CTAB-GAN+", Frontiers in Big
    Data, 2024; Jang, Gu and Poole, "Categorical reparameterization with Gumbel-softmax", ICLR 2017;
    Azadi et al., "Discriminator rejection sampling", ICLR 2019; those of its game in ``gan_game``.
    Cost: steps are planned to fit the budget (60 s when none is given), O(batch (W width +
    depth width^2 + F^2)) each; about 1 MB.
    """

    summary: ClassVar[str] = "a conditional GAN: smooth rows from noise, no label lost"

    width: Annotated[int, Field(ge=8, description="numbers in a hidden layer")] = 128
    depth: Annotated[
        int, Field(ge=1, le=8, description="hidden layers of the critic beyond the first")
    ] = 2
    batch: Annotated[int, Field(ge=16, description="rows a step")] = 256
    pack: Annotated[int, Field(ge=1, le=16, description="rows the critic sees together")] = 1
    epochs: Annotated[
        float, Field(gt=0, description="most times that each row is seen, in 200 steps or more")
    ] = 40.0
    rate: Annotated[
        float, Field(gt=0, description="learning rate of the generator; twice it for the critic")
    ] = 1e-3
    moments: Annotated[
        float, Field(ge=0, description="weight of the match of pairs beside the critic")
    ] = 1.0
    slope: Annotated[float, Field(gt=0, description="how much a steep critic is penalised")] = 0.02
    tries: Annotated[
        int, Field(ge=1, le=64, description="drawn rows from which the critic chooses one")
    ] = 4

    def fit_levels(
        self,
        rows: Encoded,
        layout: Layout,
        *,
        target: str | None,  # noqa: ARG002
        seed: Seed,
        run: Run,
    ) -> "GanLevels":
        """Let the networks play, then correct shares and margins by what they draw."""
        pool = Pool.of(layout)
        mixed = Mixed.of(pool.layout(layout))
        options, reals = mixed.encode(pool.encode(rows), seed.stream("mixed"))
        world = world_of(mixed.geometry, options, reals)
        bias = np.zeros(mixed.geometry.options.width, dtype=np.float32)
        curves = np.tile(ndtri(RANKS), (len(mixed.share), 1))
        sizes = self.width, self.depth, self.pack
        blank = GanLevels(
            pool, mixed, world.turn, world.hints, Weights(()), bias, curves, sizes, self.tries, ()
        )
        if not layout.width or not rows.rows:
            return blank
        from likewise.generators.gan_game import learned

        def quality(players: "Players") -> str:
            now = replace(blank, weights=Weights.of(players), tries=1)
            drawn, _ = now.draw(2_048, seed.stream("quality"))
            return in_words(noise_ratio(drawn, rows, layout))

        seconds = run.deadline.seconds if np.isfinite(run.deadline.seconds) else SECONDS
        most = max(int(self.epochs * rows.rows / self.batch), FEWEST_STEPS)
        players, notes = learned(
            self, world, (options, reals), seconds * LEARNING, (FEWEST_STEPS, most), seed, run,
            quality,
        )  # fmt: skip
        raw = replace(blank, weights=Weights.of(players), notes=notes)
        return raw.corrected(options, seed.stream("correct"))


@storable
@dataclass(frozen=True)
class GanLevels:
    """Both networks, and what brings their rows to the margins of the table.

    Attributes:
        pool: labels that share one level.
        mixed: between levels, and options with reals.
        turn: (C,) int32, in which turn each block is drawn.
        hints: how options are revealed.
        weights: of both networks; empty when there was nothing to learn.
        bias: (W,) float32, added to the logits of the options.
        curves: (R, G) float64, drawn reals at equally spaced ranks.
        sizes: width, depth and pack of the networks.
        tries: drawn rows from which the critic chooses one.
        notes: what cut learning short, in sentences.
    """

    pool: Pool
    mixed: Mixed
    turn: Array
    hints: Hints
    weights: Weights
    bias: Array
    curves: Array
    sizes: tuple[int, int, int]
    tries: int
    notes: tuple[str, ...]

    def exact(self, evidence: Evidence) -> bool:
        """Only when nothing is known: else rows are chosen by weight."""
        return not evidence.blocks

    def draw(
        self, rows: int, rng: Rng, evidence: Evidence = NOTHING
    ) -> tuple[Encoded, Array | None]:
        """Rows that reveal a known option where there is one.

        Weights undo that such rows are drawn in proportion to how readily they reveal it. Rows
        that miss what is given lose weight but are kept: the nearest stand in where none meets it.
        """
        if not self.weights.leaves:
            return Encoded.empty(rows, len(self.mixed.level)), None
        known = self.pool.evidence(evidence)
        lead = self._lead(known)
        options, reals = self._rows(self._places(rows, rng, known, lead), rng)
        reals = self._straightened(reals)
        drawn = self.mixed.decode(options, reals)
        weight = self.pool.decode(drawn, rng, evidence.allowed)
        if lead is None and not evidence.fixed and not weight.any():
            return drawn, None
        if lead is not None:
            pull = self.hints.log_pull[options + self.mixed.geometry.options.offset]
            weight += logsumexp(pull.astype(float), axis=1) - pull[:, lead]
        given = Encoded.empty(rows, len(self.mixed.level))
        for i, (codes, detail) in evidence.fixed.items():
            given.codes[:, i], given.detail[:, i] = known.fixed[i]
            drawn.codes[:, i], drawn.detail[:, i] = codes, detail
        if evidence.fixed:
            weight -= self._distance(given, list(evidence.fixed), options, reals, rng)
        return drawn, weight

    def corrected(self, options: Array, rng: Rng) -> "GanLevels":
        """With shares of options and margins of reals as in the training rows (N, C)."""
        blocks = self.mixed.geometry.options
        count = 4_096 if len(options) <= 4_096 else 16_384
        count = max(min(count, CELLS // blocks.count), LEAST_ROWS)
        wanted = np.bincount((options + blocks.offset).ravel(), minlength=blocks.width)
        goal = wanted * (count / len(options)) + 1.0
        found = self
        for number in range(1, ROUNDS + 1):  # ever smaller steps average out the draws' noise
            drawn, _ = found._rows(found._places(count, rng, NOTHING, None), rng)
            have = np.bincount((drawn + blocks.offset).ravel(), minlength=blocks.width) + 1.0
            bias = np.clip(found.bias + np.log(goal / have) / number, -STRAY, STRAY)
            found = replace(found, bias=bias.astype(np.float32))
        drawn, reals = found._rows(found._places(2 * count, rng, NOTHING, None), rng)
        curves = found.curves.copy()
        for r, i in enumerate(self.mixed.real_blocks):
            here = drawn[:, i] == self.mixed.geometry.option[r]
            if here.sum() >= FEW:
                curves[r] = np.quantile(reals[here, r], RANKS)
        return replace(found, curves=curves)

    def _rows(self, places: Array, rng: Rng) -> tuple[Array, Array]:
        """Options (N, C) and reals (N, R) of rows that reveal the options at these places."""
        from likewise.generators.gan_game import draw

        return draw(self, places, rng)

    def _straightened(self, reals: Array) -> Array:
        """Reals with a standard normal margin; beyond the curve they move with its ends."""
        out, scores = reals.copy(), ndtri(RANKS)
        for r, curve in enumerate(self.curves):
            x = reals[:, r].astype(float)
            beyond = np.minimum(x - curve[0], 0) + np.maximum(x - curve[-1], 0)
            out[:, r] = np.interp(x, curve, scores) + beyond
        return out

    def _lead(self, evidence: Evidence) -> int | None:
        """The block of the known options that are met most rarely; None if all are common."""
        chance, blocks = self.hints.chance, self.mixed.geometry.options
        rarest: dict[int, float] = {}
        for i in evidence.blocks:
            own = chance[blocks.offset[i] : blocks.offset[i] + blocks.size[i]]
            if i in evidence.fixed:
                met = own[self.mixed.option[i][evidence.fixed[i][0]]]
                rarest[i] = float(met.mean()) if len(met) and met.all() else 0.0
            else:
                met = own[np.unique(self.mixed.option[i][evidence.allowed[i]])].sum()
                rarest[i] = float(met)
            if not 0 < rarest[i] < own.sum():
                del rarest[i]
        return min(rarest, key=lambda i: rarest[i]) if rarest else None

    def _places(self, rows: int, rng: Rng, evidence: Evidence, lead: int | None) -> Array:
        """Options to reveal, as places on the option axis; (rows,) int32."""
        blocks = self.mixed.geometry.options
        if lead is not None and lead in evidence.fixed:
            own = self.mixed.option[lead][evidence.fixed[lead][0]]
            return np.asarray(blocks.offset[lead] + own)
        chance = self.hints.chance
        if lead is not None:
            allowed = np.zeros(len(chance), dtype=bool)
            allowed[blocks.offset[lead] + self.mixed.option[lead][evidence.allowed[lead]]] = True
            chance = np.where(allowed, chance, 0.0)
        below = np.cumsum(chance)
        places = np.searchsorted(below, rng.random(rows) * below[-1], side="right")
        return np.asarray(np.minimum(places, np.flatnonzero(chance)[-1]).astype(np.int32))

    def _distance(
        self, given: Encoded, known: list[int], options: Array, reals: Array, rng: Rng
    ) -> Array:
        """How far rows are from what is given, as log weight to lose; (N,)."""
        wanted, scores = self.mixed.encode(given, rng)
        away = MISS * (options[:, known] != wanted[:, known]).sum(axis=1).astype(float)
        for r, i in enumerate(self.mixed.real_blocks):
            if i in known:
                both = (options[:, i] == wanted[:, i]) & (
                    wanted[:, i] == self.mixed.geometry.option[r]
                )
                gap = (reals[:, r] - scores[:, r]) / NEAR
                away += np.where(both, np.minimum(gap * gap / 2, MISS), 0.0)
        return np.asarray(away)
