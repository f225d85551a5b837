"""Whether an event is the last one of its entity.

Drawn as any label is, and set right twice (``following``): by the last two labels, so that what
ends a sequence ends it, and by the number of events, so that lengths come out.

Shapes: N events.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from likewise.compose.following import ROUNDS, Following
from likewise.compose.given_rows import Bins, GivenRows, plain
from likewise.core.artifact import storable
from likewise.core.run import Run
from likewise.core.seeds import Seed
from likewise.encode.layout import Block, Encoded
from likewise.generators.tabular import Tabular

Array = np.ndarray
Rng = np.random.Generator

POSITIONS = 1_000  # events up to which their number counts one by one


@storable
@dataclass(frozen=True)
class Ending:
    """How sequences end.

    Attributes:
        rows: draws whether an event is the last one; nothing if all are.
        by_label: sets it right given the last two labels.
        by_position: likewise given the number of events, and the last label.
    """

    rows: GivenRows
    by_label: Following
    by_position: Following

    @classmethod
    def fit(
        cls, recipe: Tabular, told: Encoded, parts: Sequence[Block], label: Array, before: Array,
        position: Array, last: Array, *, seed: Seed, run: Run,
    ) -> "Ending":  # fmt: skip
        """Learn the ends of N events.

        Args:
            recipe: the method.
            told: (N, G) what is known at each event.
            parts: its G blocks.
            label: (N,) its joint label, and ``before`` that of the one before.
            position: (N,) 0 for the first event of an entity.
            last: (N,) bool, whether it is the last one.
            seed: of the fit.
            run: whom to tell, and how long it may take.
        """
        truth, labels = last.astype(np.int64), int(max(label.max(), before.max())) + 1
        block = Bins.fit("ends", truth).block
        blocks = (block,) if block.size > 1 else ()
        own = plain([last], len(last))
        rows = GivenRows.fit_some(recipe, told, parts, own, blocks, seed=seed.child("fit"), run=run)
        none = Following.nothing(2)
        raw = cls(rows, none, none)
        drawn = raw.draw(told, label, before, position, seed.stream("tried")).astype(np.int64)
        one = cls(rows, Following.fit(label, before, truth, drawn, labels, 2), none)
        again = one.draw(told, label, before, position, seed.stream("again")).astype(np.int64)
        place = np.minimum(position, POSITIONS)
        width = max(labels, int(place.max(initial=0)) + 1)
        return cls(rows, one.by_label, Following.fit(place, label, truth, again, width, 2))

    def draw(self, told: Encoded, label: Array, before: Array, position: Array, rng: Rng) -> Array:
        """Whether each event is the last one; (N,) bool."""
        ended = np.ones(told.rows, dtype=np.int64)
        open_ = np.arange(told.rows if self.rows.drawn else 0)
        place = np.minimum(position, POSITIONS)
        for _ in range(ROUNDS):
            if not len(open_):
                break
            ended[open_] = self.rows.draw(told.take(open_), rng).codes[:, 0]
            chance = self.by_label.chance_of(label[open_], before[open_], ended[open_])
            chance = chance * self.by_position.chance_of(place[open_], label[open_], ended[open_])
            open_ = open_[rng.random(len(open_)) >= chance]
        return np.asarray(ended == 1)
