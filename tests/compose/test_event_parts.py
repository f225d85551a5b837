"""The parts that events of entities are made of: memory, what follows what, what comes back."""

import dataclasses

import numpy as np

from likewise.compose.following import Following, Labels
from likewise.compose.memory import Memory, State
from likewise.compose.recurrence import EARLIER, LAST, NEW, Recurrence
from likewise.encode.layout import Block, Encoded


def block(name: str, size: int, *, ordered: bool, missing: bool = False) -> Block:
    return Block(name, name, ordered, missing, np.ones(size, dtype=bool),
                 np.arange(size) * 1.5, np.full(size, 10.0))  # fmt: skip


def encoded(codes: np.ndarray) -> Encoded:
    detail = np.zeros(codes.shape, dtype=np.float32, order="F")
    return Encoded(np.asfortranarray(codes.astype(np.int32)), detail)


def test_states_along_all_events_are_those_made_event_by_event() -> None:
    rng = np.random.default_rng(0)
    blocks = (block("kind", 4, ordered=False), block("size", 9, ordered=True, missing=True))
    steps = (block("step", 5, ordered=True),)
    memory = Memory.fit(steps, blocks)
    lengths = [3, 1, 5]
    position = np.concatenate([np.arange(n) for n in lengths])
    own = encoded(np.stack([rng.integers(0, 4, 9), rng.integers(0, 9, 9)], axis=1))
    step = encoded(rng.integers(0, 5, (9, 1)))
    times = rng.integers(0, 100, 9)
    whole = memory.along(step, own, times, position)
    begin = 0
    for length in lengths:
        state = memory.empty(1)
        for row in range(begin, begin + length):
            at = np.array([row])
            state = memory.after(state, step.take(at), own.take(at), times[at])
            _same(memory, state, whole.take(at))
        begin += length
    before = memory.before(whole, position > 0)
    assert (before.count == position).all()
    assert (before.seen[position == 0] == 0).all()


def _same(memory: Memory, one: State, other: State) -> None:
    for field in dataclasses.fields(State):
        if field.name not in ("last", "earlier"):
            assert np.array_equal(getattr(one, field.name), getattr(other, field.name))
    assert np.array_equal(memory.told(one).codes, memory.told(other).codes)


def test_a_wrong_conditional_is_set_right_by_rejection() -> None:
    """Candidates are fair coins over three outcomes; what came was never the last after a 0."""
    rng = np.random.default_rng(1)
    last = rng.integers(0, 2, 20_000)
    none = np.full(20_000, 2)
    real = np.where(last == 0, rng.choice(3, 20_000, p=[0.8, 0.2, 0.0]), rng.integers(0, 3, 20_000))
    found = Following.fit(last, none, real, rng.integers(0, 3, 20_000), 3, 3)
    drawn = rng.integers(0, 3, 60_000)
    where = np.repeat([0, 1], 30_000)
    kept = rng.random(60_000) < found.chance_of(where, np.full(60_000, 2), drawn)
    for label, shares in ((0, (0.8, 0.2, 0.0)), (1, (1 / 3, 1 / 3, 1 / 3))):
        mine = drawn[kept & (where == label)]
        assert np.abs(np.bincount(mine, minlength=3) / len(mine) - shares).max() < 0.02
    assert kept.mean() > 0.4


def test_what_is_too_rare_to_count_is_left_as_it_is() -> None:
    last, none = np.zeros(30, dtype=np.int64), np.full(30, 1)
    found = Following.fit(last, none, np.zeros(30, int), np.ones(30, int), 2, 2)
    assert (found.chance_of(last, none, np.ones(30, int)) == 1).all()


def test_joint_labels_are_told_apart_and_unknown_ones_share_a_code() -> None:
    blocks = [block("a", 3, ordered=False), block("b", 100, ordered=True),
              block("c", 2, ordered=False)]  # fmt: skip
    own = encoded(np.array([[0, 5, 0], [1, 6, 1], [0, 7, 1], [0, 8, 0]]))
    labels = Labels.fit(blocks, own)
    code = labels.of(own)
    assert len(set(code.tolist())) == 3 == labels.count - 1
    assert code[0] == code[3]
    assert labels.of(encoded(np.array([[2, 5, 0]])))[0] == 3


def test_values_come_from_the_events_that_their_flags_name() -> None:
    blocks = [block("kind", 2, ordered=False), block("clerk", 90, ordered=True)]
    values = {"clerk": np.array([7, 7, 3, 7, 3, 3]), "kind": np.zeros(6, dtype=int)}
    position = np.arange(6)
    again = Recurrence.fit(blocks, [0], values, position)
    assert again.names == ()  # two of five are no more than chance among so few
    again = Recurrence(("clerk",), ((1,),))
    flags = again.flags(values, position)
    assert flags[:, 0].tolist() == [NEW, LAST, NEW, EARLIER, EARLIER, LAST]
    own, last, earlier = (encoded(np.array([[0, v], [1, v]])) for v in (50, 60, 70))
    made = again.taken(own, np.array([[LAST], [EARLIER]]), last, earlier, np.array([1, 1]))
    assert made.codes[:, 1].tolist() == [60, 50]  # there is no event before the last one yet
    assert made.codes[:, 0].tolist() == [0, 1]
