"""Blocks that another block all but determines: which of its few common values is it?

Trees see at most 256 values of a predictor, too few to know thousands of products apart. So each
level of such a block keeps a list of the values that are common beside it, and what is learned is
the rank in that list: first, second, ..., or none of them. A list holds only values that many rows
share at that level.

Shapes: N rows, K levels of the parent, R ranks.
"""

from dataclasses import dataclass

import numpy as np

from likewise.core.artifact import storable
from likewise.core.checks import agree, shaped
from likewise.data.cells import shared_by
from likewise.encode.layout import Block
from likewise.generators.hierarchy import Hierarchy
from likewise.generators.questions import Growth, Questions

Array = np.ndarray
WIDE = 256  # levels of a label block beyond which trees cannot know them apart
RANKS = 6
TOLD = 0.5  # share of a block's code length that ranks must save


@dataclass(frozen=True)
class Lists:
    """What is common beside each level of a block.

    Attributes:
        values: (K, R) int32, codes by falling frequency; -1 where there are no more.
        rank: (N,) int32, the rank of each row's code, R when it is not in the list.
        saved: share of the code length of the codes that knowing the lists saves.
    """

    values: Array
    rank: Array
    saved: float


@storable
@dataclass(frozen=True)
class Ranked:
    """A block's values as ranks in the lists of another block.

    Attributes:
        parent: position of the block with the lists.
        values: (K, R) int32; see ``Lists``.
        rates: (K, R) uint8, how often a row that got to this rank stays there, in 255ths.
        questions: R questions in a chain: not the first? not the second? ...
    """

    parent: int
    values: Array
    rates: Array
    questions: Questions

    def __post_init__(self) -> None:
        shaped("values", self.values, np.int32, None, RANKS)
        shaped("rates", self.rates, np.uint8, len(self.values), RANKS)
        agree(len(self.questions.intercept) == RANKS, "a question for each rank")

    def draw(
        self,
        codes: Array,
        x: Array,
        rng: np.random.Generator,
        allowed: Array | None,
        log_weight: Array,
    ) -> Array:
        """A code for every row, -1 for none in its list; adds to ``log_weight``."""
        values, chance = self._chances(codes, x)
        if allowed is not None:
            chance[:, :-1] *= np.where(values >= 0, allowed[values], False)
            chance[:, -1] *= allowed.any()
            mass = chance.sum(axis=1)
            log_weight += np.log(np.maximum(mass, 1e-300))
        else:
            mass = np.ones(len(chance))
        uniform = rng.random(len(chance)) * mass
        rank = np.minimum((np.cumsum(chance, axis=1) <= uniform[:, None]).sum(axis=1), RANKS)
        found = np.append(values, np.full((len(values), 1), -1), axis=1)
        return np.asarray(np.take_along_axis(found, rank[:, None], axis=1)[:, 0])

    def weigh(self, codes: Array, x: Array, fixed: Array) -> tuple[Array, Array]:
        """Chance of the fixed codes by rank, and of codes outside the list; (N,) both."""
        values, chance = self._chances(codes, x)
        return (chance[:, :-1] * (values == fixed[:, None])).sum(axis=1), chance[:, -1]

    def _chances(self, codes: Array, x: Array) -> tuple[Array, Array]:
        """The lists of rows (N, R) and the chance of each rank, the last of none; (N, R + 1)."""
        level = codes[:, self.parent]
        values = self.values[level]
        on = self.questions.right(with_rates(x, self.rates, level))  # (N, R)
        on[values < 0] = 1
        before = np.cumprod(np.concatenate([np.ones((len(on), 1)), on], axis=1), axis=1)
        stays = np.concatenate([1 - on, np.ones((len(on), 1))], axis=1)
        return values, before * stays


def with_rates(x: Array, rates: Array, level: Array) -> Array:
    """Predictors, and the base rates of a row's parent level; (P, N) -> (P + R, N)."""
    return np.vstack([x, rates[level].T])


def fit_ranked(
    codes: Array, lists: Lists, parent: int, x: Array, growth: Growth, seed: int
) -> Ranked:
    """Learn which rank in the lists of ``parent`` a row's value has."""
    size, level = len(lists.values), codes[:, parent]
    cell = level.astype(np.int64) * (RANKS + 1) + lists.rank
    counts = np.bincount(cell, minlength=size * (RANKS + 1)).reshape(size, RANKS + 1)
    left = counts[:, ::-1].cumsum(axis=1)[:, :0:-1]  # rows that get to each rank
    rates = np.rint(255 * (counts[:, :-1] + 0.5) / (left + 1)).astype(np.uint8)
    ranks = np.arange(RANKS, dtype=np.int32)
    nodes = np.stack(
        [ranks, ranks + 1, np.full(RANKS, RANKS + 1), np.full(RANKS, -1), ranks + 1], axis=1
    ).astype(np.int32)
    nodes[-1, 4] = -1
    chain = Hierarchy(np.arange(RANKS + 1, dtype=np.int32), nodes)
    seen = with_rates(x, rates, level)
    questions = Questions.fit(seen, lists.rank, chain, np.arange(len(level)), growth, seed)
    return Ranked(parent, lists.values, rates, questions)


def best_lists(
    codes: Array, blocks: tuple[Block, ...], me: int, parents: Array
) -> tuple[int, Lists] | None:
    """The wide label block among ``parents`` that tells most of block ``me``, and its lists.

    None if there is no such block, or none that halves the block's code length.
    Cost: O(N log N) for each wide parent.
    """
    best: tuple[int, Lists] | None = None
    for parent in parents.tolist():
        if not wide(blocks[parent]):
            continue
        lists = common_values(codes[:, parent], codes[:, me], blocks[parent].size, blocks[me].size)
        if lists.saved > (best[1].saved if best else TOLD):
            best = parent, lists
    return best


def wide(block: Block) -> bool:
    """Whether a block has more labels than trees can know apart."""
    return not block.ordered and block.size > WIDE


def common_values(level: Array, code: Array, levels: int, size: int) -> Lists:
    """The lists of a block's codes (N,) beside the levels (N,) of another one."""
    pair, inverse, rows = np.unique(
        level.astype(np.int64) * size + code, return_inverse=True, return_counts=True
    )
    of = pair // size
    order = np.lexsort((-rows, of))
    start = np.searchsorted(of, np.arange(levels))
    rank = np.empty(len(pair), dtype=np.int32)
    rank[order] = np.arange(len(pair)) - start[of]  # pairs are sorted by level already
    kept = (rank < RANKS) & (rows >= shared_by(len(code)))
    rank[~kept] = RANKS
    values = np.full((levels, RANKS), -1, dtype=np.int32)
    values[of[kept], rank[kept]] = pair[kept] % size
    alone = _code_length(np.bincount(code, minlength=size))
    total = np.bincount(level, minlength=levels)
    shared = rows[kept] / total[of[kept]]
    inside = -(rows[kept] * np.log(shared)).sum()
    outside = np.bincount(of[~kept], weights=rows[~kept], minlength=levels)
    some = outside > 0
    inside -= (outside[some] * np.log(outside[some] / total[some])).sum()
    told = inside + outside.sum() * alone / max(len(code), 1)
    return Lists(values, rank[inverse], 1 - told / alone if alone > 0 else 0.0)


def _code_length(counts: Array) -> float:
    """Nats to tell all rows' codes apart by their shares alone."""
    counts = counts[counts > 0]
    return float(-(counts * np.log(counts / counts.sum())).sum())
