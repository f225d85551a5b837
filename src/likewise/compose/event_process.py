"""Events of entities one after the other: whether there is another one, when it comes, what it is.

Each of the three is drawn given the entity and what it remembers (``memory``), so the law of what
follows a past is the law that was learned, wherever the past comes from. How long sequences are
follows from when they end; nothing is planned ahead.

Papers: Daley and Vere-Jones, "An introduction to the theory of point processes", 2003 (marked
point processes by their conditional intensity); Tax, Verenich, La Rosa and Dumas, "Predictive
business process monitoring with LSTM neural networks", CAiSE 2017 (next event, time and end).

Shapes: F entities, N events, B blocks of an event, S blocks of a step.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from likewise.compose.clock import Clock, features_of
from likewise.compose.ending import Ending
from likewise.compose.following import ROUNDS, Following, Labels
from likewise.compose.given_rows import Bins, GivenRows, beside, plain
from likewise.compose.memory import Memory, State
from likewise.compose.recurrence import Recurrence
from likewise.core.artifact import storable
from likewise.core.run import Run
from likewise.core.seeds import Seed
from likewise.encode.layout import Block, Encoded
from likewise.generators.tabular import Tabular

Array = np.ndarray
Rng = np.random.Generator

LONGER = 2  # times the longest sequence that was learned: where one is cut off at the latest


@dataclass(frozen=True)
class Events:
    """Events by entity; those of one entity stand together, in order.

    Attributes:
        owner: (N,) int64, the entity of each.
        own: (N, B) blocks.
        times: (N,) int64, the clock; zeros without one.
    """

    owner: Array
    own: Encoded
    times: Array


@storable
@dataclass(frozen=True)
class EventProcess:
    """How events follow each other.

    Attributes:
        memory: what is remembered.
        clock: the column of time; None if only the order counts, or no entity has two events.
        later: the numbers that ends and steps are drawn given.
        steps: draws the time to the next event.
        event: the numbers that an event is drawn given.
        labels: the labels of an event that are drawn first.
        again: the other columns whose values come back.
        kinds: draws labels, and whether values come back.
        rest: the blocks that are no labels.
        values: draws these.
        ending: draws whether an event is the last one of its entity.
        coming: sets labels right.
        longest: events of the longest sequence that was learned.
    """

    memory: Memory
    clock: Clock | None
    later: tuple[Bins, ...]
    steps: GivenRows
    event: tuple[Bins, ...]
    labels: Labels
    again: Recurrence
    kinds: GivenRows
    rest: Array
    values: GivenRows
    ending: Ending
    coming: Following
    longest: int

    @classmethod
    def fit(
        cls,
        recipe: Tabular,
        context: Encoded,
        around: Sequence[Block],
        events: Events,
        blocks: Sequence[Block],
        values: Mapping[str, Array],
        clock: Clock | None,
        *,
        seed: Seed,
        run: Run,
    ) -> "EventProcess":
        """Learn the events of F entities.

        Args:
            recipe: the method for all three.
            context: (F, G) what is known of each entity.
            around: its G blocks.
            events: all of them.
            blocks: the B blocks of an event.
            values: (N,) a number for each value of a column, by name.
            clock: the scale of steps.
            seed: of the fits.
            run: whom to tell, and how long each of the four may take.
        """
        owner, own, times = events.owner, events.own, events.times
        follows = np.append(False, owner[1:] == owner[:-1])[: len(owner)]
        rows = np.arange(len(owner))
        position = rows - np.maximum.accumulate(np.where(follows, 0, rows))
        memory = Memory.fit(clock.blocks if clock else (), blocks)
        step = Encoded.empty(own.rows, 0)
        if clock is not None:
            step = clock.encode(times, follows, seed.child("steps"))
        state = memory.along(step, own, times, position)
        given = context.take(owner)

        later, codes = features_of(memory.numbers_of(state, clock, state.now))
        told = beside(given, plain(codes, own.rows), memory.told(state))
        parts = [*around, *(one.block for one in later), *memory.past]
        last = np.append(~follows[1:], True)[: len(owner)]
        labels = Labels.fit(blocks, own)
        mine = labels.of(own)
        before = np.where(follows, mine[np.maximum(rows - 1, 0)], labels.count)
        earlier = np.where(position > 1, mine[np.maximum(rows - 2, 0)], labels.count)
        ending = Ending.fit(
            recipe, told, parts, mine, before, position, last, seed=seed.child("ends"), run=run
        )
        next_ = np.flatnonzero(follows)
        steps = GivenRows.fit(
            recipe, told.take(next_ - 1), parts, step.take(next_), memory.steps,
            seed=seed.child("step"), run=run,
        )  # fmt: skip

        prior = _prior(memory, state, follows)
        event, codes = features_of(memory.numbers_of(prior, clock, times))
        told = beside(
            given, plain(codes, own.rows), _step_told(step, follows), memory.told(prior)
        )
        parts = [
            *around, *(one.block for one in event), *map(_waited, memory.steps), *memory.past
        ]  # fmt: skip
        again = Recurrence.fit(blocks, labels.blocks, values, position)
        flags = again.flags(values, position)
        kind = beside(_columns(own, labels.blocks), plain(list(flags.T), own.rows))
        kind_blocks = [*(blocks[i] for i in labels.blocks), *again.blocks(flags)]
        kinds = GivenRows.fit(
            recipe, told, parts, kind, kind_blocks, seed=seed.child("kinds"), run=run
        )
        tried = kinds.draw(told, seed.stream("kinds tried"))
        coming = Following.fit(
            before, earlier, mine, labels.joint(tried), labels.count + 1, labels.count
        )
        rest = np.setdiff1d(np.arange(len(blocks)), labels.blocks)
        values_ = GivenRows.fit(
            recipe, beside(told, kind), [*parts, *kind_blocks], _columns(own, rest),
            [blocks[i] for i in rest], seed=seed.child("values"), run=run,
        )  # fmt: skip
        return cls(
            memory=memory, clock=clock, later=later, steps=steps, event=event,
            labels=labels, again=again, kinds=kinds, rest=rest, values=values_, ending=ending,
            coming=coming, longest=int(position.max(initial=0)) + 1,
        )  # fmt: skip

    @property
    def notes(self) -> tuple[str, ...]:
        """What cut learning short, in sentences."""
        parts = self.ending.rows, self.steps, self.kinds, self.values
        told = [note for part in parts for note in part.notes]
        return tuple(dict.fromkeys(told))

    def draw(self, context: Encoded, began: Array, rng: Rng) -> Events:
        """All events of F new entities, the first ones at ``began`` (F,).

        Cost: that of N rows, and a few milliseconds for each event of the longest sequence.
        """
        state = self.memory.empty(len(began))
        step = Encoded.empty(len(began), len(self.memory.steps))
        own = self._events(context, state, step, began, rng)
        first = Events(np.arange(len(began)), own, began)
        state = self.memory.after(state, step, own, began)
        return _joined([first, *self._on(context, state, rng, self.longest * LONGER, None)])

    def follow(
        self, context: Encoded, past: State, rng: Rng, *, events: int | None = None,
        until: int | None = None,
    ) -> Events:  # fmt: skip
        """What comes after a past, until entities end.

        Args:
            context: (F, G) what is known of each entity.
            past: where each stands.
            rng: of all draws.
            events: most new events of each.
            until: the clock beyond which none is drawn.
        """
        most = self.longest * LONGER if events is None else events
        none = Events(
            np.empty(0, dtype=np.int64), Encoded.empty(0, len(self.memory.blocks)),
            np.empty(0, dtype=np.int64),
        )  # fmt: skip
        return _joined([none, *self._on(context, past, rng, most, until)])

    def state_of(self, events: Events, entities: int, seed: Seed) -> State:
        """Where entities stand after some events; each of them has at least one."""
        owner = events.owner
        follows = np.append(False, owner[1:] == owner[:-1])[: len(owner)]
        rows = np.arange(len(owner))
        position = rows - np.maximum.accumulate(np.where(follows, 0, rows))
        step = Encoded.empty(len(owner), 0)
        if self.clock is not None:
            step = self.clock.encode(events.times, follows, seed)
        last = np.zeros(entities, dtype=np.int64)
        last[owner] = rows
        return self.memory.along(step, events.own, events.times, position).take(last)

    def _on(
        self, context: Encoded, state: State, rng: Rng, most: int, until: int | None
    ) -> list[Events]:
        """Turn by turn the next event of all entities that have one."""
        found: list[Events] = []
        alive = np.arange(len(state.count))
        for _ in range(most):
            given = self._given(context.take(alive), state)
            goes = np.flatnonzero(~self._ended(given, state, rng))
            alive, state, given = alive[goes], state.take(goes), given.take(goes)
            step, times = self._stepped(given, state, rng)
            if until is not None:
                early = np.flatnonzero(times <= until)
                alive, state = alive[early], state.take(early)
                step, times = step.take(early), times[early]
            if not len(alive):
                break
            own = self._events(context.take(alive), state, step, times, rng)
            found.append(Events(alive, own, times))
            state = self.memory.after(state, step, own, times)
        return found

    def _given(self, context: Encoded, state: State) -> Encoded:
        """What ends and steps are drawn given."""
        values = [v for _, v in self.memory.numbers_of(state, self.clock, state.now)]
        codes = [one.codes(v) for one, v in zip(self.later, values, strict=True)]
        return beside(context, plain(codes, len(state.count)), self.memory.told(state))

    def _ended(self, given: Encoded, state: State, rng: Rng) -> Array:
        """Which entities have no further event; (N,) bool."""
        return self.ending.draw(given, *self._labels(state), state.count - 1, rng)

    def _stepped(self, given: Encoded, state: State, rng: Rng) -> tuple[Encoded, Array]:
        """The step to the next event of each entity, and its time."""
        if self.clock is None:
            return Encoded.empty(given.rows, 0), state.now
        step = self.steps.draw(given, rng)
        return step, state.now + self.clock.decode(step, rng)

    def _events(
        self, context: Encoded, state: State, step: Encoded, times: Array, rng: Rng
    ) -> Encoded:
        """The next event of each entity, given the step to it and its time."""
        values = [v for _, v in self.memory.numbers_of(state, self.clock, times)]
        codes = [one.codes(v) for one, v in zip(self.event, values, strict=True)]
        waited = _step_told(step, state.count > 0)
        given = beside(context, plain(codes, len(times)), waited, self.memory.told(state))
        kind, open_, before = self.kinds.draw(given, rng), np.arange(given.rows), self._labels(state)
        for _ in range(ROUNDS):
            found = self.labels.joint(kind.take(open_))
            chance = self.coming.chance_of(*(c[open_] for c in before), found)
            open_ = open_[rng.random(len(open_)) >= chance]
            if not len(open_):
                break
            again = self.kinds.draw(given.take(open_), rng)
            kind.codes[open_], kind.detail[open_] = again.codes, again.detail
        drawn = self.values.draw(beside(given, kind), rng)
        own, width = Encoded.empty(given.rows, len(self.memory.blocks)), len(self.labels.blocks)
        for place, part in ((self.labels.blocks, kind), (self.rest, drawn)):
            own.codes[:, place] = part.codes[:, : len(place)]
            own.detail[:, place] = part.detail[:, : len(place)]
        skip = np.arange(len(self.memory.steps), len(self.memory.steps) + own.codes.shape[1])
        past = (_columns(event, skip) for event in (state.last, state.earlier))
        return self.again.taken(own, kind.codes[:, width:], *past)

    def _labels(self, state: State) -> tuple[Array, Array]:
        """The labels of the last event of each entity and of the one before."""
        none, skip = self.labels.count, len(self.memory.steps)
        own = np.arange(skip, skip + len(self.memory.blocks))
        last, earlier = (
            self.labels.of(_columns(event, own)) for event in (state.last, state.earlier)
        )
        return np.where(state.count > 0, last, none), np.where(state.count > 1, earlier, none)


def _prior(memory: Memory, state: State, follows: Array) -> State:
    """Where entities stood before each of their events."""
    rows = np.arange(len(follows))
    prior = state.take(np.maximum(rows - 1, 0))
    none = memory.empty(1)
    first = ~follows
    wide = first[:, None]
    return replace(
        prior,
        count=np.where(first, 0, prior.count),
        began=np.where(first, none.began, prior.began),
        now=np.where(first, none.now, prior.now),
        seen=np.where(wide, 0.0, prior.seen),
        total=np.where(wide, 0.0, prior.total),
        known=np.where(wide, 0.0, prior.known),
    )


def _columns(rows: Encoded, places: Array) -> Encoded:
    """Some of the blocks."""
    return Encoded(
        np.asfortranarray(rows.codes[:, places]), np.asfortranarray(rows.detail[:, places])
    )


def _step_told(step: Encoded, there: Array) -> Encoded:
    """The step to an event as it is given; 0 for a first event, to which none leads."""
    codes = np.where(there[:, None], step.codes + 1, 0).astype(np.int32)
    detail = np.where(there[:, None], step.detail, 0).astype(np.float32)
    return Encoded(np.asfortranarray(codes), np.asfortranarray(detail))


def _waited(block: Block) -> Block:
    """The block of a step as it is given: its levels, and one for none."""
    return Block(
        f"waited: {block.name}", f"waited: {block.column}", block.ordered, True,
        np.append(True, block.atoms), np.append(0.0, block.centers), np.append(1.0, block.counts),
    )  # fmt: skip


def _joined(turns: list[Events]) -> Events:
    """The events of all turns, entity by entity in order."""
    owner = np.concatenate([turn.owner for turn in turns])
    order = np.argsort(owner, kind="stable")
    codes = np.concatenate([turn.own.codes for turn in turns])[order]
    detail = np.concatenate([turn.own.detail for turn in turns])[order]
    times = np.concatenate([turn.times for turn in turns])[order]
    return Events(owner[order], Encoded(np.asfortranarray(codes), np.asfortranarray(detail)), times)
