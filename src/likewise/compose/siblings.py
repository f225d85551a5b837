"""Rows drawn owner by owner, each given its owner and, where they have an order, the one before.

Without an order, the children of an owner are alike but for chance given what the owner knows of
them all, and are drawn at once. With one, the first child of every owner is drawn, then the second,
and so on; if a column orders them, first the step in time, then the row at that time.

Shapes: F owners, N rows, B blocks of a row, G blocks of what is given.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from likewise.compose.clock import Clock, Features, features_of
from likewise.compose.given_rows import (
    Bins,
    GivenRows,
    before,
    beside,
    learned_rows,
    plain,
    shifted,
)
from likewise.core.artifact import storable
from likewise.core.run import Run
from likewise.core.seeds import Seed
from likewise.encode.layout import Block, Encoded
from likewise.generators.tabular import Tabular

Array = np.ndarray
Rng = np.random.Generator


@dataclass(frozen=True)
class Families:
    """Rows by owner; those of one owner stand together, in order.

    Attributes:
        context: (F, G) what is known of each owner.
        owner: (N,) int64, rising.
        position: (N,) int64, 0 for the first child of an owner.
        counts: (F,) int64, children of each owner.
        first: (F,) int64, the first value of the clock that each owner knows.
        last: (F,) int64, the last one.
        times: (N,) int64, the clock of each row; empty without one.
    """

    context: Encoded
    owner: Array
    position: Array
    counts: Array
    first: Array
    last: Array
    times: Array

    @classmethod
    def of(
        cls, context: Encoded, counts: Array, first: Array, last: Array, times: Array
    ) -> "Families":
        """Families from the number of children of each owner."""
        owner = np.repeat(np.arange(len(counts)), counts)
        start = np.cumsum(counts) - counts
        position = np.arange(len(owner)) - start[owner]
        return cls(context, owner, position, counts, first, last, times)

    @property
    def follows(self) -> Array:
        """Rows that have a sibling before them; (N,) bool."""
        return np.asarray(self.position > 0)


@storable
@dataclass(frozen=True)
class Siblings:
    """How the rows of a table are drawn given their owners.

    Attributes:
        blocks: the B blocks of a row.
        clock: the column that orders siblings; None if none does.
        stepwise: the numbers that a step is drawn given.
        steps: draws steps.
        rowwise: the numbers that a row is drawn given; none if siblings have no order.
        rows: draws rows.
    """

    blocks: tuple[Block, ...]
    clock: Clock | None
    stepwise: tuple[Bins, ...]
    steps: GivenRows
    rowwise: tuple[Bins, ...]
    rows: GivenRows

    @classmethod
    def fit(
        cls,
        recipe: Tabular,
        families: Families,
        context: Sequence[Block],
        own: Encoded,
        blocks: Sequence[Block],
        clock: Clock | None,
        *,
        ordered: bool,
        seed: Seed,
        run: Run,
    ) -> "Siblings":
        """Learn rows of some families; ``own`` are their (N, B) blocks in the order of these.

        Without a clock, ``ordered`` says whether siblings follow from each other as they lie.
        """
        at, none = learned_rows(own.rows, seed), GivenRows(None, 0, 0)
        around = families.context.take(families.owner[at])
        if clock is None and not ordered:
            rows = GivenRows.fit(recipe, around, context, own, blocks, at, seed=seed, run=run)
            return cls(tuple(blocks), None, (), none, (), rows)
        step = Encoded.empty(own.rows, 0)
        if clock is not None:
            step = clock.encode(families.times, families.follows, seed.child("steps"))
        rowwise, codes = features_of(_rowwise(clock, families, at))
        past = [before(block) for block in (*_blocks(clock), *blocks)]
        last = _past_of(clock, families, step, own, blocks, at)
        given = beside(around, plain(codes, len(at)), last)
        parts = [*context, *(one.block for one in rowwise), *past]
        rows = GivenRows.fit(
            recipe, given, parts, own, blocks, at, seed=seed.child("rows"), run=run
        )
        if clock is None:
            return cls(tuple(blocks), None, (), none, rowwise, rows)
        later = np.flatnonzero(families.follows)
        some = learned_rows(len(later), seed.child("step"))
        at = later[some]
        stepwise, codes = features_of(_stepwise(clock, families, at))
        last = _past_of(clock, families, step, own, blocks, at - 1, back=1)
        given = beside(families.context.take(families.owner[at]), plain(codes, len(at)), last)
        parts = [*context, *(one.block for one in stepwise), *past]
        steps = GivenRows.fit(
            recipe, given, parts, step.take(later), clock.blocks, some,
            seed=seed.child("step"), run=run,
        )  # fmt: skip
        return cls(tuple(blocks), clock, stepwise, steps, rowwise, rows)

    @property
    def notes(self) -> tuple[str, ...]:
        """What cut learning short, in sentences."""
        return tuple(dict.fromkeys([*self.rows.notes, *self.steps.notes]))

    def draw(
        self, context: Encoded, counts: Array, first: Array, last: Array, rng: Rng
    ) -> tuple[Families, Encoded, Encoded]:
        """New rows of F owners: families, their (N, B) blocks, and steps.

        Args:
            context: what is known of each owner.
            counts: (F,) how many children it is to have.
            first: (F,) int64, the clock of its first child; ignored without a clock.
            last: (F,) int64, likewise of its last.
            rng: of all draws.

        Cost: without an order that of N rows; with one, a few milliseconds more for each child of
        the largest family.
        """
        families = Families.of(context, counts, first, last, np.empty(0, dtype=np.int64))
        rows = len(families.owner)
        step = Encoded.empty(rows, len(_blocks(self.clock)))
        if not self.rowwise:
            return families, self.rows.draw(context.take(families.owner), rng), step
        own = Encoded.empty(rows, len(self.blocks))
        if self.clock is not None:
            families = replace(families, times=np.empty(rows, dtype=np.int64))
        order = np.argsort(-counts, kind="stable")
        start = (np.cumsum(counts) - counts)[order]
        having, around = np.sort(counts)[::-1], context.take(order)
        for position in range(int(counts.max(initial=0))):
            at = start[: np.searchsorted(-having, -position, side="left")] + position
            known = Encoded(around.codes[: len(at)], around.detail[: len(at)])
            if self.clock is not None and position == 0:
                families.times[at] = first[order[: len(at)]]
            elif self.clock is not None:
                self._step(families, known, step, own, at, rng)
            drawn = self.rows.draw(self._given(families, known, step, own, at), rng)
            own.codes[at], own.detail[at] = drawn.codes, drawn.detail
        return families, own, step

    def redraw(
        self, families: Families, step: Encoded, own: Encoded, rows: Array, rng: Rng
    ) -> Encoded:
        """Some of the rows drawn again, given what they were given."""
        if not self.rowwise:
            return self.rows.draw(families.context.take(families.owner[rows]), rng)
        known = families.context.take(families.owner[rows])
        return self.rows.draw(self._given(families, known, step, own, rows), rng)

    def _step(
        self, families: Families, known: Encoded, step: Encoded, own: Encoded, at: Array, rng: Rng
    ) -> None:
        """Draw the steps to rows ``at``, whose owners' ``known`` is given; fill in their times."""
        assert self.clock is not None
        values = [v for _, v in _stepwise(self.clock, families, at)]
        codes = [one.codes(v) for one, v in zip(self.stepwise, values, strict=True)]
        part = _past_of(self.clock, families, step, own, self.blocks, at - 1, back=1)
        drawn = self.steps.draw(beside(known, plain(codes, len(at)), part), rng)
        step.codes[at], step.detail[at] = drawn.codes, drawn.detail
        length = self.clock.decode(drawn, rng)
        families.times[at] = self._before_last(families, at, families.times[at - 1] + length)

    def _before_last(self, families: Families, at: Array, times: Array) -> Array:
        """Times that leave room for the siblings to come; the last one is when its owner says."""
        assert self.clock is not None
        owner = families.owner[at]
        left = families.counts[owner] - 1 - families.position[at]
        least = self.clock.least * self.clock.unit
        end = np.maximum(families.last[owner] - left * least, families.times[at - 1] + least)
        return np.asarray(np.where(left == 0, end, np.minimum(times, end)))

    def _given(
        self, families: Families, known: Encoded, step: Encoded, own: Encoded, at: Array
    ) -> Encoded:
        """What rows ``at`` are drawn given, beside the ``known`` of their owners."""
        values = [v for _, v in _rowwise(self.clock, families, at)]
        codes = [one.codes(v) for one, v in zip(self.rowwise, values, strict=True)]
        part = _past_of(self.clock, families, step, own, self.blocks, at)
        return beside(known, plain(codes, len(at)), part)


def _blocks(clock: Clock | None) -> tuple[Block, ...]:
    """The blocks of a step; none without a clock."""
    return () if clock is None else tuple(clock.blocks)


def _rowwise(clock: Clock | None, families: Families, at: Array) -> Features:
    """Numbers that rows are drawn given: where they stand, and what their time says."""
    yield "position", families.position[at]
    yield "left", families.counts[families.owner[at]] - 1 - families.position[at]
    if clock is not None:
        yield from clock.moments(families.times[at])


def _stepwise(clock: Clock, families: Families, at: Array) -> Features:
    """Numbers that steps to the rows are drawn given, all known at the sibling before."""
    owner, times = families.owner[at], families.times[at - 1]
    left = families.counts[owner] - families.position[at]
    yield "position", families.position[at]
    yield from clock.on_the_way(times, families.last[owner], left)
    yield from clock.moments(times)


def _past_of(
    clock: Clock | None, families: Families, step: Encoded, own: Encoded, blocks: Sequence[Block],
    at: Array, back: int = 0,
) -> Encoded:  # fmt: skip
    """The last step and the last row, at rows ``at``: their own step and the row before.

    With ``back`` 1 it is their own step and their own row: what the next sibling's step is drawn
    given.
    """
    follows = families.position[at] > 0
    last = np.maximum(at - 1 + back, 0)
    return beside(
        shifted(step.take(at), _blocks(clock), follows),
        shifted(own.take(last), blocks, follows | bool(back)),
    )
