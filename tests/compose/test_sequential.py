"""Events of entities come out as rows that follow from each other."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from likewise.compose.sequential import Sequential, SequentialModel
from likewise.core import artifact
from likewise.core.errors import ConfigError, DataError, SchemaError
from likewise.data.convert import to_table
from likewise.data.infer import infer
from likewise.data.table import Table

STATES = ("start", "work", "check", "done")


def visits(entities: int = 400, seed: int = 0) -> Table:
    """A state walks forward from the first to the last, mostly a step at a time."""
    rng = np.random.default_rng(seed)
    rows = []
    for i in range(entities):
        group = "fast" if rng.random() < 0.5 else "slow"
        day, state = int(rng.integers(0, 300)), 0
        while True:
            rows.append((f"E{i:04d}", group, day, STATES[state]))
            if state == len(STATES) - 1:
                break
            day += int(rng.integers(1, 4) if group == "fast" else rng.integers(10, 40))
            state += int(rng.random() < 0.8)
    entity, group, day, state = map(list, zip(*rows, strict=True))
    days = np.datetime64("2021-01-01") + np.array(day)
    table = pa.table({"entity": entity, "group": group, "day": days, "state": state})
    return to_table(table, infer(table), "visits")


@pytest.fixture(scope="module")
def real() -> Table:
    return visits()


@pytest.fixture(scope="module")
def model(real: Table) -> SequentialModel:
    recipe = Sequential(entity="entity", time="day", settings={"leaf": 10})
    return recipe.fit(real, seed=1)


@pytest.fixture(scope="module")
def made(model: SequentialModel) -> Table:
    return model.sample(seed=2)


def facts(table: Table) -> dict[str, float]:
    """Transitions, lengths and steps of a table whose entities stand together."""
    owner = table.labels("entity")[0]
    names = table.arrow.column("state").to_pylist()
    state = np.array([STATES.index(name) for name in names])
    group = np.array(table.arrow.column("group").to_pylist())
    day = table.numbers("day")
    inner = owner[1:] == owner[:-1]
    move, step = np.diff(state)[inner], np.diff(day)[inner]
    fast = (group[1:] == "fast")[inner]
    starts = np.append(True, ~inner)
    return {
        "forward": float((move == 1).mean()),
        "backward": float((move < 0).mean()),
        "length": float(len(owner) / starts.sum()),
        "starts at the start": float((state[starts] == 0).mean()),
        "fast step": float(step[fast].mean()),
        "slow step": float(step[~fast].mean()),
    }


def test_what_follows_what_comes_out(real: Table, made: Table) -> None:
    a, b = facts(real), facts(made)
    assert abs(a["forward"] - b["forward"]) < 0.06
    assert b["backward"] < 0.03
    assert abs(a["length"] - b["length"]) < 0.4
    assert b["starts at the start"] > 0.95
    assert b["fast step"] < b["slow step"] / 4  # 2 and 25 days in the real rows
    assert abs(a["slow step"] - b["slow step"]) < 4


def test_what_never_changes_of_an_entity_does_not_change(made: Table) -> None:
    owner, group = made.labels("entity")[0], made.labels("group")[0]
    assert len(set(zip(owner.tolist(), group.tolist(), strict=True))) == len(set(owner.tolist()))


def test_entities_stand_together_in_order_and_as_many_as_asked_for(model: SequentialModel) -> None:
    drawn = model.sample(100, seed=3)
    owner, day = drawn.labels("entity")[0], drawn.numbers("day")
    inner = owner[1:] == owner[:-1]
    assert (np.diff(day)[inner] >= 0).all()
    assert len(np.unique(owner)) == 1 + int((~inner).sum()) == 100


def test_a_saved_model_draws_the_same(model: SequentialModel, made: Table, tmp_path: Path) -> None:
    artifact.save(model, tmp_path / "model")
    assert artifact.load(tmp_path / "model").sample(seed=2).arrow.equals(made.arrow)


def test_what_cannot_be_a_sequence_is_refused(real: Table) -> None:
    with pytest.raises(SchemaError):
        Sequential(entity="nobody").fit(real)
    with pytest.raises(ConfigError, match="so no names"):
        Sequential(entity="day").fit(real)
    with pytest.raises(ConfigError, match="state"):
        Sequential(entity="entity", time="state").fit(real)
    with pytest.raises(DataError, match="fewer than two"):
        Sequential(entity="entity").fit(real.slice(0, 3))


def chain(entities: int, seed: int) -> Table:
    """A Markov chain on three states, of which the last one ends it; exponential waits."""
    rng = np.random.default_rng(seed)
    move = np.array([[0.6, 0.3, 0.1], [0.2, 0.5, 0.3]])
    rows = []
    for i in range(entities):
        state, at = 0, int(rng.integers(0, 10_000))
        rows.append((f"E{i:05d}", at, "abc"[state]))
        while state != 2:
            state = int(rng.choice(3, p=move[state]))
            at += int(rng.geometric(0.02))
            rows.append((f"E{i:05d}", at, "abc"[state]))
    return of(rows, ("who", "at", "state"))


def of(rows: list[tuple[object, ...]], names: tuple[str, ...]) -> Table:
    table = pa.table(dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)))
    return to_table(table, infer(table), "events")


def starting(rows: list[tuple[object, ...]], like: Table) -> Table:
    """A past of so many rows in the kinds of another table."""
    table = pa.table(dict(zip(like.names, map(list, zip(*rows, strict=True)), strict=True)))
    return to_table(table, like.schema, "past")


@pytest.fixture(scope="module")
def chained() -> tuple[Table, SequentialModel]:
    table = chain(1_500, 0)
    return table, Sequential(entity="who", time="at").fit(table, seed=1)


def test_a_markov_chain_keeps_its_moves_and_ends_where_it_is_absorbed(
    chained: tuple[Table, SequentialModel],
) -> None:
    made = chained[1].sample(3_000, seed=2)
    owner = made.labels("who")[0]
    state = np.array(["abc".index(s) for s in made.arrow.column("state").to_pylist()])
    inner = owner[1:] == owner[:-1]
    assert not (state[:-1][inner] == 2).any()  # nothing follows the last state
    assert (state[np.append(~inner, True)] == 2).all()  # and nothing ends before it
    for here, row in enumerate(((0.6, 0.3, 0.1), (0.2, 0.5, 0.3))):
        after = state[1:][inner & (state[:-1] == here)]
        assert np.abs(np.bincount(after, minlength=3) / len(after) - row).max() < 0.03
    # from "a" on, 3 / (.4 * .5 - .3 * .2) * ... steps: mean length of the fundamental matrix
    steps = np.linalg.inv(np.eye(2) - np.array([[0.6, 0.3], [0.2, 0.5]])).sum(axis=1)[0]
    assert abs(len(owner) / 3_000 - (1 + steps)) < 0.25


def test_what_follows_a_past_is_the_learned_law(chained: tuple[Table, SequentialModel]) -> None:
    like, model = chained
    rng, rows = np.random.default_rng(9), list[tuple[object, ...]]()
    ends = {}
    for i in range(2_000):
        at, wait = int(rng.integers(0, 10_000)), int(rng.geometric(0.02))
        name = f"D{i}" if i % 5 == 0 else f"N{i}"
        rows += [(name, at, "a"), (name, at + wait, "c" if i % 5 == 0 else "b")]
        ends[name] = at + wait
    more = model.follow(starting(rows, like), events=1, seed=4)
    names = more.arrow.column("who").to_pylist()
    assert all(name.startswith("N") for name in names)  # the absorbed ones stay where they are
    assert len(names) == 1_600
    state = more.arrow.column("state").to_pylist()
    for label, share in (("a", 0.2), ("b", 0.5), ("c", 0.3)):
        assert abs(state.count(label) / 1_600 - share) < 0.05
    waits = more.numbers("at") - np.array([ends[name] for name in names])
    assert waits.min() >= 1
    assert abs(waits.mean() - 50) < 6  # geometric waits of mean 50


def test_a_past_is_gone_on_with_until_the_end_and_not_beyond_a_moment(
    chained: tuple[Table, SequentialModel],
) -> None:
    like, model = chained
    rows: list[tuple[object, ...]] = [(f"N{i}", 100, "b") for i in range(400)]
    past = starting(rows, like)
    whole = model.follow(past, seed=5)
    owner = whole.labels("who")[0]
    last = np.append(owner[1:] != owner[:-1], True)
    ended = np.array(whole.arrow.column("state").to_pylist())[last]
    assert (ended == "c").all()
    assert len(ended) == 400
    some = model.follow(past, until=150, seed=5)
    assert 0 < some.rows < whole.rows
    assert some.numbers("at").max() <= 150
    assert model.follow(past, events=0, seed=5).rows == 0


def test_lengths_given_that_there_were_so_many_follow_from_lengths() -> None:
    """Of sequences of 2, 4 or 8 equal events, those that have had 4 stop there or go on to 8."""
    rng = np.random.default_rng(3)
    rows: list[tuple[object, ...]] = []
    for i, size in enumerate(rng.choice([2, 4, 8], 1_500, p=[0.5, 0.3, 0.2])):
        rows += [(f"E{i}", float(rng.normal())) for _ in range(size)]
    table = of(rows, ("who", "value"))
    model = Sequential(entity="who").fit(table, seed=1)
    drawn = model.sample(2_000, seed=2)
    size = np.bincount(drawn.labels("who")[0])
    assert {2, 4, 8} == set(size.tolist())
    assert abs((size == 2).mean() - 0.5) < 0.05
    past = starting([(f"N{i}", 0.1) for i in range(1_000) for _ in range(3)], table)
    more = np.bincount(model.follow(past, seed=3).labels("who")[0])
    assert set(more.tolist()) == {1, 5}
    assert abs((more == 5).mean() - 0.4) < 0.06


def test_a_renewal_process_forgets_all_but_the_last_event() -> None:
    """Waits are 1 or 100, each by its own coin: the next one is so whatever came before."""
    rng = np.random.default_rng(5)
    rows: list[tuple[object, ...]] = []
    for i in range(800):
        at = int(rng.integers(0, 1_000))
        for _ in range(6):
            rows.append((f"E{i}", at, "x" if rng.random() < 0.5 else "y"))
            at += 1 if rng.random() < 0.7 else 100
    table = of(rows, ("who", "at", "kind"))
    model = Sequential(entity="who", time="at").fit(table, seed=1)
    for waits in ((1, 1), (100, 100)):
        past: list[tuple[object, ...]] = []
        for i in range(600):
            at = 0
            for wait in (0, *waits):
                at += wait
                past.append((f"N{i}", 500 + at, "x"))
        more = model.follow(starting(past, table), events=1, seed=2)
        step = more.numbers("at") - 500 - sum(waits)
        assert set(step.tolist()) == {1, 100}
        assert abs((step == 1).mean() - 0.7) < 0.07


def test_a_past_that_cannot_be_is_refused(
    model: SequentialModel, real: Table, chained: tuple[Table, SequentialModel]
) -> None:
    like, chain_model = chained
    with pytest.raises(DataError, match="not learned"):
        chain_model.follow(starting([("N", 1, "z")], like))
    with pytest.raises(DataError, match="no rows"):
        model.follow(real.slice(0, 0))
    with pytest.raises(ConfigError, match="until"):
        model.follow(real.slice(0, 3), until="soon")
    with pytest.raises(ConfigError, match="events"):
        model.follow(real.slice(0, 3), events=-1)
    rows = real.slice(0, 3).arrow
    mixed = rows.set_column(1, "group", pa.array(["fast", "slow", "fast"]))
    with pytest.raises(DataError, match="changes within an entity"):
        model.follow(Table(mixed, real.schema))


def test_a_value_that_comes_back_comes_back() -> None:
    """A clerk of fifty keeps a case for four of five events."""
    rng = np.random.default_rng(1)
    rows: list[tuple[object, ...]] = []
    for i in range(1_000):
        clerk = int(rng.integers(0, 50))
        for _ in range(int(rng.integers(2, 8))):
            clerk = clerk if rng.random() < 0.8 else int(rng.integers(0, 50))
            rows.append((f"E{i}", 1_000 + 7 * clerk))
    table = of(rows, ("who", "clerk"))
    made = Sequential(entity="who").fit(table, seed=1).sample(seed=2)
    share = []
    for side in (table, made):
        owner, clerk = side.labels("who")[0], side.numbers("clerk")
        share.append((np.diff(clerk)[owner[1:] == owner[:-1]] == 0).mean())
    assert abs(share[0] - share[1]) < 0.03


def test_one_event_each_and_equal_lengths_are_kept() -> None:
    ones = of([(f"E{i}", i // 2, "ab"[i % 2]) for i in range(200)], ("who", "at", "kind"))
    assert Sequential(entity="who", time="at").fit(ones, seed=1).sample(50, seed=1).rows == 50
    rows: list[tuple[object, ...]] = [(f"E{i}", k) for i in range(60) for k in range(45)]
    table = of(rows, ("who", "step"))
    made = Sequential(entity="who").fit(table, seed=1).sample(20, seed=1)
    assert set(np.bincount(made.labels("who")[0]).tolist()) == {45}
