"""Draws brought nearer to the data: each row chosen among candidates by how real trees find them.

Boosted trees that tell real rows from drawn ones estimate the ratio of the two densities, and see
what a smooth network blurs: differences and sums of numbers, narrow ridges, rare combinations.
Candidates chosen in proportion to it are draws from nearly the real density.

Papers: Azadi et al., "Discriminator rejection sampling", ICLR 2019; Grover et al., "Bias correction
of learned generative models using likelihood-free importance weighting", NeurIPS 2019.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp

from likewise.core.artifact import storable
from likewise.core.run import Run
from likewise.core.seeds import Seed
from likewise.encode.layout import NOTHING, Encoded, Evidence, Layout
from likewise.generators.descent import predictors
from likewise.generators.hierarchy import hierarchy
from likewise.generators.levels import Levels
from likewise.generators.questions import Growth, Questions
from likewise.generators.recode import predictor_maps

Array = np.ndarray
Rng = np.random.Generator

REAL_ROWS, FEWEST_ROWS = 32_768, 400  # that train the trees, at most and at least
DRAWN = 2  # rows drawn for each of them
ROUND_ROWS = 4_096  # of them between looks at the clock
SPEED = 2e8  # rows times blocks times trees in a second, measured
MOST_TREES, FEWEST_TREES = 2_000, 100
AT_ONCE = 65_536  # candidates held at once


@storable
@dataclass(frozen=True)
class Ratio:
    """How much denser real rows lie than drawn ones, as trees on the codes of all blocks tell it.

    Attributes:
        offsets: (C,) int64 and maps: uint8, from codes to predictors.
        question: is the row real?
    """

    offsets: Array
    maps: Array
    question: Questions

    @classmethod
    def fit(cls, real: Array, drawn: Array, layout: Layout, trees: int, seed: Seed) -> "Ratio":
        """Learn to tell real codes (N, C) from drawn ones, until rows left out gain no more."""
        codes = np.asfortranarray(np.concatenate([real, drawn]))
        is_real = np.repeat(np.array([1, 0], dtype=np.int32), [len(real), len(drawn)])
        blocks = np.arange(layout.width, dtype=np.int32)
        maps, offsets = predictor_maps(codes, layout.blocks, blocks, is_real, 2)
        growth = Growth(
            trees=trees, depth=5, rate=0.1, leaf=30, rows=len(codes), patience=20, location=False
        )
        sides = hierarchy(np.array([len(drawn), len(real)]), ordered=True)
        x = predictors(codes, blocks, offsets, maps)
        everything = np.arange(len(codes), dtype=np.int32)
        state = int(seed.stream("ratio").integers(2**62))
        return cls(offsets, maps, Questions.fit(x, is_real, sides, everything, growth, state))

    def log(self, rows: Encoded) -> Array:
        """Log ratio of densities, up to a constant; (N,)."""
        blocks = np.arange(len(self.offsets), dtype=np.int32)
        chance = self.question.right(predictors(rows.codes, blocks, self.offsets, self.maps))[:, 0]
        return np.asarray(np.log(chance) - np.log1p(-chance))


@storable
@dataclass(frozen=True)
class Refined:
    """Levels whose rows are chosen among candidates of other levels.

    Attributes:
        inner: what draws the candidates.
        ratio: how much likelier real rows are than candidates.
        candidates: for each row.
    """

    inner: Levels
    ratio: Ratio
    candidates: int

    @property
    def notes(self) -> tuple[str, ...]:
        """Those of the levels inside."""
        return self.inner.notes

    def exact(self, evidence: Evidence) -> bool:
        """Whether the candidates need no weights of their own."""
        return self.inner.exact(evidence)

    def draw(
        self, rows: int, rng: Rng, evidence: Evidence = NOTHING
    ) -> tuple[Encoded, Array | None]:
        """One of ``candidates`` for each row, all with the evidence of that row."""
        out = Encoded.empty(rows, len(self.ratio.offsets))
        weight = None if self.exact(evidence) else np.zeros(rows)
        size = max(AT_ONCE // self.candidates, 1)
        for start in range(0, max(rows, 1), size):
            part = slice(start, min(start + size, rows))
            own = np.repeat(np.arange(part.start, part.stop), self.candidates)
            drawn, inner = self.inner.draw(len(own), rng, evidence.take(own))
            score = self.ratio.log(drawn) + (0 if inner is None else inner)
            score = score.reshape(-1, self.candidates)
            chosen = (score + rng.gumbel(size=score.shape)).argmax(axis=1)
            picked = drawn.take(np.arange(len(chosen)) * self.candidates + chosen)
            out.codes[part], out.detail[part] = picked.codes, picked.detail
            if weight is not None:
                weight[part] = logsumexp(score, axis=1)
        return out, weight


def learn_ratio(
    levels: Levels,
    rows: Encoded,
    layout: Layout,
    *,
    seconds: float,
    row_seconds: float,
    seed: Seed,
    run: Run,
) -> tuple[Ratio | None, tuple[str, ...]]:
    """The ratio for ``levels``, None where trees see no difference or time is short; and notes.

    Args:
        levels: what draws the candidates; they need not be weighted when nothing is known.
        rows: the training rows.
        seconds: of one core for drawing and growing, by a count of the work, not by the clock.
        row_seconds: that ``levels`` take to draw a row.

    Raises:
        KeyboardInterrupt: Ctrl-C when there is a checkpoint to go on from; else a note says so.
    """
    each = DRAWN * row_seconds + (1 + DRAWN) * layout.width * FEWEST_TREES / SPEED
    count = int(min(rows.rows, REAL_ROWS, seconds / each))
    if count < FEWEST_ROWS:
        return None, ()
    real = rows.take(seed.stream("refine").permutation(rows.rows)[:count])
    left = seconds - DRAWN * count * row_seconds
    trees = int(min(left * SPEED / ((1 + DRAWN) * count * layout.width), MOST_TREES))
    parts: list[Array] = []
    try:
        for start in range(0, DRAWN * count, ROUND_ROWS):
            run.progress("refining", start, DRAWN * count)
            if run.deadline.passed:
                return None, ("time ran out before rows could be refined",)
            some = min(ROUND_ROWS, DRAWN * count - start)
            parts.append(levels.draw(some, seed.stream("refine", start))[0].codes)
        ratio = Ratio.fit(real.codes, np.concatenate(parts), layout, trees, seed)
    except KeyboardInterrupt:
        if run.checkpoint:
            raise
        return None, ("interrupted before rows could be refined",)
    run.progress("refining", DRAWN * count, DRAWN * count)
    return (ratio if len(ratio.question.value) else None), ()
