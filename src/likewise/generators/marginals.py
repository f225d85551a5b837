"""Blocks set right after they were learned, so that drawn rows have the margins of real ones.

Each block is learned given real values of those before it, and drawn given drawn ones. What is
smoothed away before, such as the few rows that stand out in many columns at once, is then missing
from what comes after: rare levels fade, column by column. So rows are drawn once, block by block,
and the log odds of each question are moved by one number until drawn rows turn right as often as
real ones do; smooth blocks get a curve to the same end.

Paper: Platt, "Probabilistic outputs for support vector machines", 1999 (recalibration of scores).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from likewise.core.seeds import Seed
from likewise.encode.layout import Encoded
from likewise.generators.block_trees import BlockTrees, with_curve
from likewise.generators.descent import add_trees
from likewise.generators.hierarchy import HIGH, LEFT, LOW, MID, RIGHT
from likewise.generators.questions import Questions

Array = np.ndarray

CURVE_ROWS = 65_536  # rows drawn to set the curves of smooth blocks
FEW = 50  # rows, drawn or real, from which a question is moved
MOST = 1.5  # log odds by which it is moved, at most
ROUNDS = 12


@dataclass(frozen=True)
class Margins:
    """How blocks are set right.

    Attributes:
        rows: real rows.
        given: how many of the first blocks are given, and so taken from real rows.
        levels: whether the shares of levels are set right too, not only smooth blocks.
    """

    rows: Encoded
    given: int
    levels: bool

    def of(self, blocks: Sequence[BlockTrees], seed: Seed) -> tuple[BlockTrees, ...]:
        """The blocks set right in order, as each leans on those before it."""
        if not self.levels and not any(block.residual for block in blocks[self.given :]):
            return tuple(blocks)
        rng = seed.stream("curves")
        drawn = Encoded.empty(min(4 * self.rows.rows, CURVE_ROWS), len(blocks))
        weight, done = np.zeros(drawn.rows), []
        real = rng.integers(0, self.rows.rows, drawn.rows if self.given else 0)
        for i, block in enumerate(blocks):
            if i < self.given:
                drawn.codes[:, block.block] = self.rows.codes[real, block.block]
                done.append(block)
                continue
            if block.residual is not None:
                block = with_curve(block, block.total(drawn.codes, rng))  # noqa: PLW2901
            elif self.levels and block.ranked is None and not block.free:
                block = self._moved(block, drawn.codes, rng)  # noqa: PLW2901
            drawn.codes[:, block.block], _ = block.draw(drawn.codes, rng, None, weight)
            done.append(block)
        return tuple(done)

    def _moved(self, block: BlockTrees, codes: Array, rng: np.random.Generator) -> BlockTrees:
        place = block.questions.tree.place[self.rows.codes[:, block.block]]
        counts = np.bincount(place, minlength=len(block.questions.tree.level))
        questions = moved(block.questions, block.predictors(codes, rng), counts, rng)
        return replace(block, questions=questions)


def moved(questions: Questions, x: Array, counts: Array, rng: np.random.Generator) -> Questions:
    """The questions with log odds that send rows right as often as real ones went.

    Args:
        questions: M questions over K places.
        x: (P, N) uint8, predictors of drawn rows.
        counts: (K,) real rows at each place.
        rng: sends the rows down.

    Cost: that of drawing N rows, and a dozen passes over their scores.
    """
    nodes, total = questions.tree.nodes, np.concatenate([[0], np.cumsum(counts)])
    intercept = questions.intercept.copy()
    members: dict[int, Array] = {0: np.arange(x.shape[1])}
    for m in range(len(nodes)):
        rows = members.pop(m, np.empty(0, dtype=np.int64))
        low, mid, high = (int(total[nodes[m, side]]) for side in (LOW, MID, HIGH))
        if len(rows) < FEW:
            continue
        score = _scores(questions, m, np.ascontiguousarray(x[:, rows]))
        if high - low >= FEW:
            shift = _shift(score, (high - mid) / (high - low))
            intercept[m] += np.float32(shift)
            score = score + shift
        right = rng.random(len(rows)) < 1 / (1 + np.exp(-score))
        for child, side in ((nodes[m, LEFT], rows[~right]), (nodes[m, RIGHT], rows[right])):
            if child >= 0:
                members[int(child)] = side
    return replace(questions, intercept=intercept)


def _scores(questions: Questions, m: int, x: Array) -> Array:
    """Log odds of the right side of one question; (N,) float64."""
    first, last = questions.span[m].tolist()
    score = np.full(x.shape[1], questions.intercept[m], dtype=np.float32)
    leaf = np.empty(x.shape[1], dtype=np.uint8)
    add_trees(x, 0, first, last, questions.feature, questions.threshold, questions.value, leaf,
              score)  # fmt: skip
    return score.astype(np.float64)


def _shift(score: Array, share: float) -> float:
    """What to add to the scores so that their mean chance is ``share``; Newton's method."""
    share = min(max(share, 0.5 / len(score)), 1 - 0.5 / len(score))
    shift = 0.0
    for _ in range(ROUNDS):
        chance = 1 / (1 + np.exp(-(score + shift)))
        slope = float((chance * (1 - chance)).mean())
        step = (share - float(chance.mean())) / max(slope, 1e-6)
        shift = float(np.clip(shift + np.clip(step, -1.0, 1.0), -MOST, MOST))
    return shift
