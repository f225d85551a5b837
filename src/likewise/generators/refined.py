"""Draws brought nearer to the data: each row chosen among candidates by how real trees find them.

Boosted trees that tell real rows from drawn ones estimate the ratio of the two densities, and see
what a smooth network blurs: differences and sums of numbers, narrow ridges, rare combinations.
Candidates chosen in proportion to it are draws from nearly the real density.

Papers: Azadi et al., "Discriminator rejection sampling", ICLR 2019; Grover et al., "Bias correction
of learned generative models using likelihood-free importance weighting", NeurIPS 2019.
"""

from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
from scipy.special import logsumexp

from likewise.core.artifact import storable
from likewise.core.checks import agree, bounded, shaped, within
from likewise.core.run import Run
from likewise.core.seeds import Seed
from likewise.encode.layout import NOTHING, Block, Encoded, Evidence, Layout
from likewise.generators.descent import predictors
from likewise.generators.hierarchy import hierarchy
from likewise.generators.levels import Levels, Sized
from likewise.generators.questions import Growth, Questions
from likewise.generators.recode import predictor_maps

Array = np.ndarray
Rng = np.random.Generator

REAL_ROWS, FEWEST_ROWS = 32_768, 1_000  # that train the trees, at most and at least
TOLD, WEIGHED = 2, 1  # rows drawn for each of them: to be told from it, and to set shares by
ROUND_ROWS = 4_096  # drawn between looks at the clock
SPEED = 2e8  # rows times blocks times trees in a second, measured
MOST_TREES, FEWEST_TREES = 3_000, 100
WIDEST = 250  # blocks; trees number what they look at in bytes
MANY_ROWS = 20_000  # fewer are sooner learned by heart: smaller trees, that end with their gain
GROUPS = 16  # parts of a block whose shares are set,
FEWEST_SHARED, FARTHEST = 30, 1.5  # rows of a part of its own; how far a log share is moved
ROUNDS, SETTINGS = 20, 2_000  # how often, and how often those of any block in all, at most
AT_ONCE = 65_536  # candidates held at once
BACKWARD = 3  # times as long as evaluating a network takes a step of its learning


@storable
@dataclass(frozen=True)
class Ratio:
    """How much denser real rows lie than drawn ones, as trees on the codes of all blocks tell it.

    Attributes:
        offsets: (C,) int64, where the levels of each block begin among those of all.
        maps: (L,) uint8, from levels to predictors.
        question: is the row real?
        shift: (L,) float32, added to the log ratio of rows with these levels.
    """

    offsets: Array
    maps: Array
    question: Questions
    shift: Array

    def __post_init__(self) -> None:
        shaped("offsets", self.offsets, np.int64, None)
        shaped("maps", self.maps, np.uint8, None)
        within("offsets", self.offsets, 0, len(self.maps))
        shaped("shift", self.shift, np.float32, len(self.maps))
        bounded("shift", self.shift)
        agree((self.sizes > 0).all(), "maps of blocks")
        agree(len(self.question.tree.level) == 2, "real or not")
        agree(self.question.predictors <= len(self.offsets), "predictors of the question")

    @property
    def sizes(self) -> Array:
        """Levels of each block; (C,) int64."""
        return np.diff(self.offsets, append=len(self.maps))

    @classmethod
    def fit(cls, real: Array, drawn: Array, layout: Layout, trees: int, seed: Seed) -> "Ratio":
        """Learn to tell real codes (N, C) from drawn ones, until rows left out gain no more."""
        codes = np.asfortranarray(np.concatenate([real, drawn]))
        is_real = np.repeat(np.array([1, 0], dtype=np.int32), [len(real), len(drawn)])
        blocks = np.arange(layout.width, dtype=np.int32)
        maps, offsets = predictor_maps(codes, layout.blocks, blocks, is_real, 2)
        many = len(real) >= MANY_ROWS
        growth = Growth(
            trees=trees, depth=6 if many else 5, rate=0.1, leaf=100 if many else 30,
            rows=len(codes), patience=20, location=False, share=0.5 if many else 0.7,
            stretch=4.0 if many else 1.0,
        )  # fmt: skip
        sides = hierarchy(np.array([len(drawn), len(real)]), ordered=True)
        x = predictors(codes, blocks, offsets, maps)
        everything = np.arange(len(codes), dtype=np.int32)
        state = int(seed.stream("ratio").integers(2**62))
        question = Questions.fit(x, is_real, sides, everything, growth, state)
        return cls(offsets, maps, question, np.zeros(len(maps), dtype=np.float32))

    def log(self, codes: Array) -> Array:
        """Log ratio of densities for codes (N, C), up to a constant; (N,)."""
        agree(codes.shape[1] == len(self.offsets), "blocks drawn and told apart")
        known = (codes >= 0).all() and (codes < self.sizes).all()
        agree(known, "levels drawn and told apart")  # whoever drew them
        blocks = np.arange(len(self.offsets), dtype=np.int32)
        chance = self.question.right(predictors(codes, blocks, self.offsets, self.maps))[:, 0]
        found = np.log(chance) - np.log1p(-chance)
        for block, start in enumerate(self.offsets):
            found += self.shift[start + codes[:, block]]
        return np.asarray(found)

    def balanced(self, real: Array, drawn: Array, layout: Layout, candidates: int) -> "Ratio":
        """With the real shares of levels among rows chosen from drawn codes (M, C).

        A choice among few candidates moves rows only part of the way to the real density, and
        takes margins with it that were right. One block after the other gets back its own; levels
        of few rows are taken together, as their shares among drawn rows are chance.

        Paper: Deming and Stephan, "On a least squares adjustment of a sampled frequency table when
        the expected marginal totals are known", 1940.
        """
        rows = len(drawn) // candidates
        drawn = drawn[: rows * candidates]
        log = self.log(drawn).reshape(rows, candidates)
        weight = np.exp(log - log.max(axis=1, keepdims=True))
        pull = candidates / (candidates - 1)  # as rows among few candidates follow less readily
        groups = [_groups(b, real[:, i], drawn[:, i]) for i, b in enumerate(layout.blocks)]
        totals = [np.zeros(group.max() + 1) for group in groups]
        for _ in range(max(min(ROUNDS, SETTINGS // len(groups)), 1)):
            for i, group in enumerate(groups):
                own, total = group[drawn[:, i]], totals[i]
                chosen = (weight / weight.sum(axis=1, keepdims=True)).ravel()
                have = np.bincount(own, chosen, minlength=len(total))
                wanted = np.bincount(group[real[:, i]], minlength=len(total)) * rows / len(real)
                step = pull * np.log((wanted + 1) / (have + 1)) * (have > 0)
                step = np.clip(total + step, -FARTHEST, FARTHEST) - total
                totals[i] = total + step
                weight *= np.exp(step)[own].reshape(weight.shape)
        shift = [total[group] for group, total in zip(groups, totals, strict=True)]
        return replace(self, shift=np.concatenate(shift).astype(np.float32))


def _groups(block: Block, real: Array, drawn: Array) -> Array:
    """The group of each level (K,): neighbours, or levels of their own, by real and drawn codes.

    Missing stands alone; groups of few real or drawn rows are joined into one.
    """
    counts = [np.bincount(codes, minlength=block.size) for codes in (real, drawn)]
    group = np.arange(block.size)
    if block.ordered and block.size > GROUPS:
        middle = (np.cumsum(counts[0]) - counts[0] / 2) / len(real)
        group = np.minimum(middle * GROUPS, GROUPS - 1).astype(np.int64) + block.first
        group[: block.first] = 0
    few = [np.bincount(group, rows) < FEWEST_SHARED for rows in counts]
    return np.where((few[0] | few[1])[group], group.max() + 1, group)


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

    def __post_init__(self) -> None:
        agree(1 <= self.candidates <= AT_ONCE, "candidates for each row")
        told = not isinstance(self.inner, Sized) or self.inner.block_sizes == self.block_sizes
        agree(told, "levels drawn and told apart")

    @property
    def block_sizes(self) -> tuple[int, ...]:
        """Levels of each block, in layout order."""
        return tuple(self.ratio.sizes.tolist())

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
            score = self.ratio.log(drawn.codes) + (0 if inner is None else inner)
            score = score.reshape(-1, self.candidates)
            chosen = (score + rng.gumbel(size=score.shape)).argmax(axis=1)
            picked = drawn.take(np.arange(len(chosen)) * self.candidates + chosen)
            out.codes[part], out.detail[part] = picked.codes, picked.detail
            if weight is not None:
                weight[part] = logsumexp(score, axis=1)
        return out, weight


def refined(
    levels: Levels,
    rows: Encoded,
    layout: Layout,
    *,
    candidates: int,
    seconds: float,
    row_seconds: float,
    seed: Seed,
    run: Run,
) -> Levels:
    """``levels`` with each row chosen among candidates, if trees see a difference to the data.

    Levels that were cut off while they learned, and have a note of it, stay as they are.

    Args:
        levels: draw the candidates.
        rows: the training rows.
        candidates: for each row; 1 leaves the levels as they are.
        seconds: of one core for drawing and growing, by a count of the work, not by the clock.
        row_seconds: that ``levels`` take to draw a row.

    Raises:
        KeyboardInterrupt: Ctrl-C when there is a checkpoint to go on from; else a note says so.
    """
    drawn_rows, told = TOLD + WEIGHED, (1 + TOLD) * layout.width / SPEED
    each = drawn_rows * row_seconds + told * FEWEST_TREES
    count = int(min(rows.rows, REAL_ROWS, seconds / each)) if 0 < layout.width <= WIDEST else 0
    if candidates == 1 or levels.notes or count < FEWEST_ROWS:
        return levels
    real = rows.codes[seed.stream("refine").permutation(rows.rows)[:count]]
    trees = int(min(seconds / count - drawn_rows * row_seconds, MOST_TREES * told) / told)
    try:
        drawn = _drawn(levels, drawn_rows * count, seed, run)
        if drawn is None:
            return _noted(levels, "time ran out before rows were refined")
        ratio = Ratio.fit(real, drawn[: TOLD * count], layout, trees, seed)
        ratio = ratio.balanced(rows.codes, drawn[TOLD * count :], layout, candidates)
    except KeyboardInterrupt:
        if run.checkpoint:
            raise
        return _noted(levels, "interrupted before rows were refined")
    run.progress("refining", 1, 1)
    return Refined(levels, ratio, candidates) if len(ratio.question.value) else levels


def _noted(levels: Any, note: str) -> Levels:
    return cast("Levels", replace(levels, notes=(note,)))


def _drawn(levels: Levels, count: int, seed: Seed, run: Run) -> Array | None:
    """Codes of drawn rows; None if the time is up before they are all there."""
    parts = []
    for start in range(0, count, ROUND_ROWS):
        run.progress("refining", start, count)
        if run.deadline.passed:
            return None
        rng = seed.stream("refine", start)
        parts.append(levels.draw(min(ROUND_ROWS, count - start), rng)[0].codes)
    return np.concatenate(parts)
