"""How often labels follow the last two, set right after learning.

Methods for tables smooth: of what never follows what they draw a little, and over a sequence that
adds up. So one candidate is drawn for every real row, what came out is counted by the labels of
the last two events, and candidates are from then on kept with a chance in proportion to how much
too often they come (rejection). Where a pair of labels is too rare to count, the last one alone
is; where that is too, candidates stay as they are.

Paper: von Neumann, "Various techniques used in connection with random digits", 1951 (rejection).

Shapes: N rows, J joint labels, Q contexts, Y outcomes.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from likewise.core.artifact import storable
from likewise.encode.layout import Block, Encoded

Array = np.ndarray

MOST_LABELS = 200  # joint labels that are told apart
FEW_VALUES = 16  # values up to which a number counts as a label
ENOUGH = 100, 50  # real rows from which a pair of labels, and one label, is counted
MOST = 10.0  # times by which what comes too rarely is preferred, at most
ROUNDS = 40  # candidates for one row, at most


@storable
@dataclass(frozen=True)
class Labels:
    """The joint labels of events.

    Attributes:
        blocks: (K,) int64, the blocks that are joined.
        radix: (K,) int64, what their codes are multiplied by.
        known: (J,) int64, the joint codes that are told apart, rising; all others are one more.
    """

    blocks: Array
    radix: Array
    known: Array

    @classmethod
    def fit(cls, blocks: Sequence[Block], own: Encoded) -> "Labels":
        """The label blocks that together have few enough joint labels, small ones first."""
        possible = [
            i for i, block in enumerate(blocks)
            if not block.ordered or (block.size <= FEW_VALUES and bool(block.atoms.all()))
        ]  # fmt: skip
        whole = np.zeros(own.rows, dtype=np.int64)
        chosen, radix, width = [], [], 1
        for i in sorted(possible, key=lambda i: blocks[i].size):
            wider = whole + width * own.codes[:, i].astype(np.int64)
            if len(np.unique(wider)) > MOST_LABELS or width > 2**50:
                continue
            whole = wider
            chosen.append(i)
            radix.append(width)
            width *= blocks[i].size
        return cls(np.array(chosen, np.int64), np.array(radix, np.int64), np.unique(whole))

    @property
    def count(self) -> int:
        """How many codes there are, that of unknown labels counted."""
        return len(self.known) + 1

    def of(self, own: Encoded) -> Array:
        """The joint label of each event; (N,) int64."""
        return self._joined(own.codes[:, self.blocks])

    def joint(self, kind: Encoded) -> Array:
        """The same where the first K blocks are those that are joined."""
        return self._joined(kind.codes[:, : len(self.blocks)])

    def _joined(self, codes: Array) -> Array:
        whole = (codes.astype(np.int64) * self.radix).sum(axis=1)
        at = np.minimum(np.searchsorted(self.known, whole), len(self.known) - 1)
        return np.asarray(np.where(self.known[at] == whole, at, len(self.known)))


@storable
@dataclass(frozen=True)
class Following:
    """The chances with which candidates are kept.

    Attributes:
        width: one more than the largest label of a context.
        contexts: (Q,) int64, rising: last label * width + label before; ``width`` - 1 is any.
        chance: (Q, Y) float64 in [0, 1].
    """

    width: int
    contexts: Array
    chance: Array

    @classmethod
    def fit(
        cls, last: Array, earlier: Array, real: Array, drawn: Array, labels: int, outcomes: int
    ) -> "Following":
        """Count real and drawn outcomes by context; O(N log N).

        Args:
            last: (N,) the label of the event before, in [0, labels).
            earlier: (N,) that of the one before it.
            real: (N,) what came, in [0, outcomes).
            drawn: (N,) a candidate for each.
            labels: how many labels there are, none counted.
            outcomes: Y.
        """
        width, found, chances = labels + 1, [], []
        open_ = np.ones(len(last), dtype=bool)
        for enough, before in zip(ENOUGH, (earlier, np.full(len(last), labels)), strict=True):
            context = last * width + before
            names, place = np.unique(context, return_inverse=True)
            size = np.bincount(place[open_], minlength=len(names))
            kept = np.flatnonzero(size >= enough)
            cell = place * outcomes
            tables = [
                np.bincount((cell + y)[open_], minlength=len(names) * outcomes).reshape(
                    len(names), outcomes)[kept].astype(float)
                for y in (real, drawn)
            ]  # fmt: skip
            ratio = np.minimum(tables[0] / np.maximum(tables[1], 0.5), MOST)
            found.append(names[kept])
            chances.append(ratio / np.maximum(ratio.max(axis=1, keepdims=True), 1e-12))
            open_ &= ~np.isin(place, kept)
        contexts, chance = np.concatenate(found), np.concatenate(chances)
        order = np.argsort(contexts)
        return cls(width, contexts[order], chance[order])

    @classmethod
    def nothing(cls, outcomes: int) -> "Following":
        """Keeps all candidates."""
        return cls(1, np.empty(0, dtype=np.int64), np.empty((0, outcomes)))

    def chance_of(self, last: Array, earlier: Array, candidate: Array) -> Array:
        """The chance with which each candidate is kept; (N,) in [0, 1]."""
        chance = np.ones(len(last))
        if not len(self.contexts):
            return chance
        for before in (np.full(len(last), self.width - 1), earlier):  # the pair goes above
            context = last * self.width + before
            at = np.minimum(np.searchsorted(self.contexts, context), len(self.contexts) - 1)
            there = self.contexts[at] == context
            chance = np.where(there, self.chance[at, candidate], chance)
        return chance
