"""What the next event is: its labels first, then its numbers.

Labels are set right by the last two (``following``); values that come back are learned as such
(``recurrence``). All is drawn given what the entity remembers, and the time that has passed.

Shapes: N events, B blocks of an event, K of them labels.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from likewise.compose.following import ROUNDS, Following, Labels
from likewise.compose.given_rows import GivenRows, beside, plain
from likewise.compose.memory import columns
from likewise.compose.recurrence import Recurrence
from likewise.core.artifact import storable
from likewise.core.run import Run
from likewise.core.seeds import Seed
from likewise.encode.layout import Block, Encoded
from likewise.generators.tabular import Tabular

Array = np.ndarray
Rng = np.random.Generator


@dataclass(frozen=True)
class Known:
    """Where N entities stand, as the next event needs it.

    Attributes:
        last: (N, B) the last event, and ``earlier`` the one before; zeros where there is none.
        count: (N,) events so far.
    """

    last: Encoded
    earlier: Encoded
    count: Array

    def labels(self, labels: Labels) -> tuple[Array, Array]:
        """The joint labels of both; ``labels.count`` where there is none."""
        none = labels.count
        last = np.where(self.count > 0, labels.of(self.last), none)
        return last, np.where(self.count > 1, labels.of(self.earlier), none)


@storable
@dataclass(frozen=True)
class NextEvent:
    """How events are drawn.

    Attributes:
        labels: the labels that are drawn first.
        again: the other columns whose values come back.
        kinds: draws labels, and whether values come back.
        coming: sets labels right.
        rest: the blocks that are no labels.
        values: draws these.
    """

    labels: Labels
    again: Recurrence
    kinds: GivenRows
    coming: Following
    rest: Array
    values: GivenRows

    @classmethod
    def fit(
        cls,
        recipe: Tabular,
        labels: Labels,
        told: Encoded,
        parts: Sequence[Block],
        known: Known,
        own: Encoded,
        blocks: Sequence[Block],
        values: Mapping[str, Array],
        *,
        seed: Seed,
        run: Run,
    ) -> "NextEvent":
        """Learn N events.

        Args:
            recipe: the method.
            labels: the labels that are told apart.
            told: (N, G) what is known before each event.
            parts: its G blocks.
            known: where their entities stood.
            own: (N, B) the events.
            blocks: their B blocks.
            values: (N,) a number for each value of a column, by name.
            seed: of the fits.
            run: whom to tell, and how long each of the two may take.
        """
        position = known.count
        again = Recurrence.fit(blocks, labels.blocks.tolist(), values, position)
        flags = again.flags(values, position)
        kind = beside(columns(own, labels.blocks), plain(list(flags.T), own.rows))
        kind_blocks = [*(blocks[i] for i in labels.blocks), *again.blocks(flags)]
        kinds = GivenRows.fit_some(
            recipe, told, parts, kind, kind_blocks, seed=seed.child("kinds"), run=run
        )
        tried = labels.joint(kinds.draw(told, seed.stream("kinds tried")))
        coming = Following.fit(
            *known.labels(labels), labels.of(own), tried, labels.count + 1, labels.count
        )
        rest = np.setdiff1d(np.arange(len(blocks)), labels.blocks)
        drawn = GivenRows.fit_some(
            recipe, beside(told, kind), [*parts, *kind_blocks], columns(own, rest),
            [blocks[i] for i in rest], seed=seed.child("values"), run=run,
        )  # fmt: skip
        return cls(labels, again, kinds, coming, rest, drawn)

    @property
    def notes(self) -> tuple[str, ...]:
        """What cut learning short, in sentences."""
        return (*self.kinds.notes, *self.values.notes)

    def draw(self, told: Encoded, known: Known, rng: Rng) -> Encoded:
        """The next event of N entities; (N, B)."""
        kind, open_ = self.kinds.draw(told, rng), np.arange(told.rows)
        last, earlier = known.labels(self.labels)
        for _ in range(ROUNDS):
            found = self.labels.joint(kind.take(open_))
            chance = self.coming.chance_of(last[open_], earlier[open_], found)
            open_ = open_[rng.random(len(open_)) >= chance]
            if not len(open_):
                break
            more = self.kinds.draw(told.take(open_), rng)
            kind.codes[open_], kind.detail[open_] = more.codes, more.detail
        drawn, count = self.values.draw(beside(told, kind), rng), len(self.labels.blocks)
        own = Encoded.empty(told.rows, count + len(self.rest))
        for place, part in ((self.labels.blocks, kind), (self.rest, drawn)):
            own.codes[:, place] = part.codes[:, : len(place)]
            own.detail[:, place] = part.detail[:, : len(place)]
        flags = kind.codes[:, count:]
        return self.again.taken(own, flags, known.last, known.earlier, known.count)
