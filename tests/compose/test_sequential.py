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
    with pytest.raises(ConfigError, match="state"):
        Sequential(entity="entity", time="state").fit(real)
    with pytest.raises(DataError, match="fewer than two"):
        Sequential(entity="entity").fit(real.slice(0, 3))
