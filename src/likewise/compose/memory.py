"""What an entity remembers of its events: what the next one is drawn given.

Of the last two events all is known, of those before what adds up: how many there were, since when,
how often each label came, and the mean of each number. A process whose next event depends on no
more than that, such as a Markov chain of second order, is told exactly by it.

Shapes: N rows or entities, B blocks of an event, T labels that are counted, M numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from likewise.compose.clock import Clock, Features
from likewise.compose.given_rows import before, beside, shifted
from likewise.core.artifact import storable
from likewise.encode.layout import Block, Encoded

Array = np.ndarray

LABELS_EACH, MOST_LABELS, FREQUENT = 16, 32, 0.005  # of a column, in all, and share of rows
MOST_NUMBERS = 8


@dataclass(frozen=True)
class State:
    """Where N entities stand; only ``Memory`` fills it in.

    Attributes:
        count: (N,) int64, events so far.
        began: (N,) int64, the clock of the first event; 0 without a clock.
        now: (N,) int64, that of the last one.
        seen: (N, T) float64, how often each label came.
        total: (N, M) float64, sum of each number, and ``known`` (N, M) of how many events.
        last: the last event, (N, S + B): the step to it, and its blocks.
        earlier: the one before.
    """

    count: Array
    began: Array
    now: Array
    seen: Array
    total: Array
    known: Array
    last: Encoded
    earlier: Encoded

    def take(self, rows: Array) -> "State":
        """Some of the entities."""
        return State(
            self.count[rows], self.began[rows], self.now[rows], self.seen[rows], self.total[rows],
            self.known[rows], self.last.take(rows), self.earlier.take(rows),
        )  # fmt: skip


@storable
@dataclass(frozen=True)
class Memory:
    """Which labels are counted and which numbers averaged.

    Attributes:
        steps: the blocks of a step; none without a clock.
        blocks: the B blocks of an event.
        label_block: (T,) int64, the block of each label that is counted.
        label_level: (T,) int64, its level there.
        numbers: (M,) int64, blocks whose values are averaged.
    """

    steps: tuple[Block, ...]
    blocks: tuple[Block, ...]
    label_block: Array
    label_level: Array
    numbers: Array

    @classmethod
    def fit(cls, steps: Sequence[Block], blocks: Sequence[Block]) -> "Memory":
        """The frequent labels of each column, and the first numbers."""
        found: list[tuple[float, int, int]] = []
        for i, block in enumerate(blocks):
            if block.ordered:
                continue
            share = block.counts / max(block.counts.sum(), 1)
            best = np.argsort(-share, kind="stable")[:LABELS_EACH]
            found += [(float(share[k]), i, int(k)) for k in best if share[k] >= FREQUENT]
        found = sorted(found, reverse=True)[:MOST_LABELS]
        numbers = [i for i, block in enumerate(blocks) if block.ordered][:MOST_NUMBERS]
        return cls(
            tuple(steps),
            tuple(blocks),
            np.array([i for _, i, _ in found], dtype=np.int64),
            np.array([k for _, _, k in found], dtype=np.int64),
            np.array(numbers, dtype=np.int64),
        )

    @property
    def past(self) -> list[Block]:
        """The blocks of ``told``."""
        one = [before(block) for block in (*self.steps, *self.blocks)]
        return [*one, *one]

    def empty(self, entities: int) -> State:
        """Entities without an event."""
        zero = np.zeros(entities, dtype=np.int64)
        width = len(self.steps) + len(self.blocks)
        none = Encoded.empty(entities, width)
        sums = np.zeros((entities, len(self.numbers)))
        seen = np.zeros((entities, len(self.label_block)))
        return State(zero, zero, zero, seen, sums, sums, none, none)

    def after(self, state: State, step: Encoded, own: Encoded, times: Array) -> State:
        """The state one event later; ``times`` (N,) is its clock."""
        seen, values, there = self._added(own)
        return State(
            state.count + 1,
            np.where(state.count == 0, times, state.began),
            times,
            state.seen + seen,
            state.total + values,
            state.known + there,
            beside(step, own),
            state.last,
        )

    def along(self, step: Encoded, own: Encoded, times: Array, position: Array) -> State:
        """The states of all entities after each of their events; O(N (T + M)).

        Args:
            step: (N, S) the step to each event, those of an entity next to each other in order.
            own: (N, B) its blocks.
            times: (N,) its clock.
            position: (N,) 0 for the first event of an entity.
        """
        rows = np.arange(own.rows)
        first = rows - position
        seen, values, there = self._added(own)
        event = beside(step, own)
        return State(
            position + 1,
            times[first],
            times,
            _summed(seen, first),
            _summed(values, first),
            _summed(there, first),
            event,
            event.take(np.maximum(rows - 1, 0)),
        )

    def before(self, state: State, follows: Array) -> State:
        """The states before each of the events of ``along``; ``follows`` (N,) are not the first."""
        prior = state.take(np.maximum(np.arange(len(follows)) - 1, 0))
        there = follows[:, None]
        return replace(
            prior,
            count=np.where(follows, prior.count, 0),
            began=np.where(follows, prior.began, 0),
            now=np.where(follows, prior.now, 0),
            seen=np.where(there, prior.seen, 0.0),
            total=np.where(there, prior.total, 0.0),
            known=np.where(there, prior.known, 0.0),
        )

    def events(self, state: State) -> tuple[Encoded, Encoded]:
        """The blocks of the last event of each entity, and of the one before; (N, B)."""
        width = len(self.steps)
        last, earlier = (columns(e, slice(width, None)) for e in (state.last, state.earlier))
        return last, earlier

    def told(self, state: State) -> Encoded:
        """The codes of the last two events, as blocks ``past``."""
        parts = []
        for back, event in enumerate((state.last, state.earlier)):
            width = len(self.steps)
            step, own = columns(event, slice(width)), columns(event, slice(width, None))
            parts.append(shifted(step, self.steps, state.count > back + 1))
            parts.append(shifted(own, self.blocks, state.count > back))
        return beside(*parts)

    def numbers_of(self, state: State, clock: Clock | None, now: Array) -> Features:
        """What adds up: events, the time since the first, counts of labels and means of numbers.

        ``now`` (N,) is the moment at which it is asked; it says how much time has passed.
        """
        yield "position", state.count
        if clock is not None:
            passed = np.where(state.count > 0, now - state.began, 0) / clock.unit
            yield "since first", np.round(np.log2(1 + np.maximum(passed, 0)), 2)
            yield from clock.moments(now)
        for i in range(len(self.label_block)):
            yield f"seen {i}", state.seen[:, i]
        mean = state.total / np.maximum(state.known, 1)
        for i in range(len(self.numbers)):
            yield f"mean {i}", mean[:, i]

    def _added(self, own: Encoded) -> tuple[Array, Array, Array]:
        """What events add: labels (N, T), values (N, M), and whether these are there (N, M)."""
        seen = (own.codes[:, self.label_block] == self.label_level).astype(float)
        codes = own.codes[:, self.numbers]
        values, there = np.zeros(codes.shape), np.ones(codes.shape)
        for i, number in enumerate(self.numbers):
            block = self.blocks[number]
            values[:, i] = block.centers[codes[:, i]]
            there[:, i] = codes[:, i] >= block.first
        return seen, values * there, there


def _summed(values: Array, first: Array) -> Array:
    """Sums from the first row of each entity on; (N, K)."""
    whole = np.cumsum(values, axis=0)
    return np.asarray(whole - whole[first] + values[first])


def columns(rows: Encoded, places: Array | slice) -> Encoded:
    """Some of the blocks."""
    return Encoded(
        np.asfortranarray(rows.codes[:, places]), np.asfortranarray(rows.detail[:, places])
    )
