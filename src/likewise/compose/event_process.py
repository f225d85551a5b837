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
from dataclasses import dataclass

import numpy as np

from likewise.compose.clock import Clock, features_of
from likewise.compose.ending import Ending
from likewise.compose.following import Labels
from likewise.compose.given_rows import Bins, GivenRows, beside, plain
from likewise.compose.memory import Memory, State
from likewise.compose.next_event import Known, NextEvent
from likewise.core.artifact import storable
from likewise.core.progress import Deadline
from likewise.core.run import Run
from likewise.core.seeds import Seed
from likewise.encode.layout import Block, Encoded
from likewise.generators.tabular import Tabular

Array = np.ndarray
Rng = np.random.Generator

ENDS, STEPS = 0.1, 0.4  # shares of the time; the rest is for events
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

    @property
    def follows(self) -> Array:
        """Events that have one of their entity before them; (N,) bool."""
        return np.append(False, self.owner[1:] == self.owner[:-1])[: len(self.owner)]

    @property
    def position(self) -> Array:
        """0 for the first event of an entity, and so on; (N,) int64."""
        rows = np.arange(len(self.owner))
        return np.asarray(rows - np.maximum.accumulate(np.where(self.follows, 0, rows)))


@storable
@dataclass(frozen=True)
class EventProcess:
    """How events follow each other.

    Attributes:
        memory: what is remembered.
        clock: the column of time; None if only the order counts, or no entity has two events.
        later: the numbers that ends and steps are drawn given.
        ending: draws whether an event is the last one of its entity.
        steps: draws the time to the next event.
        coming: the numbers that an event is drawn given.
        event: draws events.
        longest: events of the longest sequence that was learned.
    """

    memory: Memory
    clock: Clock | None
    later: tuple[Bins, ...]
    ending: Ending
    steps: GivenRows
    coming: tuple[Bins, ...]
    event: NextEvent
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
            run: whom to tell, and how long all may take.
        """
        owner, own, times = events.owner, events.own, events.times
        seconds = run.deadline.seconds
        follows, position = events.follows, events.position
        rows = np.arange(len(owner))
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
        ending = Ending.fit(
            recipe,
            told,
            parts,
            mine,
            before,
            position,
            last,
            seed=seed.child("ends"),
            run=run.within(Deadline(seconds * ENDS)),
        )
        next_ = np.flatnonzero(follows)
        steps = GivenRows.fit_some(
            recipe, told.take(next_ - 1), parts, step.take(next_), memory.steps,
            seed=seed.child("step"), run=run.within(Deadline(seconds * STEPS)),
        )  # fmt: skip

        prior = memory.before(state, follows)
        coming, codes = features_of(memory.numbers_of(prior, clock, times))
        told = beside(given, plain(codes, own.rows), _step_told(step, follows), memory.told(prior))
        parts = [
            *around, *(one.block for one in coming), *map(_waited, memory.steps), *memory.past
        ]  # fmt: skip
        known = Known(*memory.events(prior), prior.count)
        event = NextEvent.fit(
            recipe, labels, told, parts, known, own, blocks, values, seed=seed.child("event"),
            run=run.within(Deadline(seconds * (1 - ENDS - STEPS) / 2)),
        )  # fmt: skip
        longest = int(position.max(initial=0)) + 1
        return cls(memory, clock, later, ending, steps, coming, event, longest)

    @property
    def notes(self) -> tuple[str, ...]:
        """What cut learning short, in sentences."""
        told = [*self.ending.rows.notes, *self.steps.notes, *self.event.notes]
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
        step = Encoded.empty(events.own.rows, 0)
        if self.clock is not None:
            step = self.clock.encode(events.times, events.follows, seed)
        last = np.zeros(entities, dtype=np.int64)
        last[events.owner] = np.arange(events.own.rows)
        whole = self.memory.along(step, events.own, events.times, events.position)
        return whole.take(last)

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
        labels = self._known(state).labels(self.event.labels)
        return self.ending.draw(given, *labels, state.count - 1, rng)

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
        codes = [one.codes(v) for one, v in zip(self.coming, values, strict=True)]
        waited = _step_told(step, state.count > 0)
        given = beside(context, plain(codes, len(times)), waited, self.memory.told(state))
        return self.event.draw(given, self._known(state), rng)

    def _known(self, state: State) -> Known:
        return Known(*self.memory.events(state), state.count)


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
