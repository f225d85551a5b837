"""References whose columns are a key: no row is referred to twice, in circles and to itself too."""

import numpy as np
import pyarrow as pa
import pytest

from likewise.compose.matching import once_each
from likewise.compose.relational import Relational, TableChoice
from likewise.data.convert import to_table
from likewise.data.database import Database
from likewise.data.database_schema import DatabaseSchema, ForeignKey, TableSchema
from likewise.data.infer import infer
from likewise.data.integrity import check_integrity


@pytest.mark.parametrize("strict", [True, False])
def test_who_comes_too_late_gets_a_free_parent_of_the_cell_or_none(strict: bool) -> None:
    mine = np.array([0, 0, 0, 1, 1, 1, -1])
    theirs = np.array([0, 0, 1, 2])
    parent = np.array([0, 0, 0, 2, 2, 2, -1])
    rng = np.random.default_rng(0)
    found = once_each(parent, (mine, theirs), rng, strict=strict, nullable=True)
    assert found[0] == 0 and found[3] == 2  # the first child keeps its parent
    assert sorted(found[1:3].tolist()) in ([-1, 1], [1, 3])
    taken = found[found >= 0]
    assert len(set(taken.tolist())) == len(taken) == (3 if strict else 4)
    assert found[6] == -1  # who refers to nothing still does


def _database(**tables: tuple[pa.Table, str, tuple[tuple[str, str], ...], tuple[str, ...]]
) -> Database:  # fmt: skip
    """Tables with their primary key, references by column, and columns that are unique."""
    made = {name: to_table(one[0], infer(one[0]), name) for name, one in tables.items()}
    entries = tuple(
        TableSchema(
            name=name, primary_key=(key,), unique=tuple((column,) for column in unique),
            foreign_keys=tuple(ForeignKey(columns=(c,), table=other) for c, other in refers),
            schema=made[name].schema,
        )
        for name, (_, key, refers, unique) in tables.items()
    )  # fmt: skip
    return Database.of(made, DatabaseSchema(tables=entries))


def _versions() -> Database:
    """Forty documents of five versions, each after the one before."""
    number = np.arange(1, 201)
    before = pa.array(np.where(number % 5 == 1, 0, number - 1), mask=number % 5 == 1)
    table = pa.table({"id": number, "before": before, "size": number % 7})
    return _database(versions=(table, "id", (("before", "versions"),), ("before",)))


def _ring() -> Database:
    """Everybody follows one and is followed by one."""
    number = np.arange(50)
    table = pa.table({"id": number + 1, "next_id": (number + 1) % 50 + 1, "size": number % 3})
    return _database(ring=(table, "id", (("next_id", "ring"),), ("next_id",)))


def _heads() -> Database:
    """Departments with a head each, whose people belong to departments."""
    rng = np.random.default_rng(1)
    heads = pa.table({"dept_id": np.arange(1, 31), "head_id": rng.permutation(300)[:30] + 1})
    people = pa.table({"person_id": np.arange(1, 301), "dept_id": rng.integers(1, 31, 300)})
    return _database(
        depts=(heads, "dept_id", (("head_id", "people"),), ("head_id",)),
        people=(people, "person_id", (("dept_id", "depts"),), ()),
    )


@pytest.mark.parametrize("scale", [0.5, 1.0, 3.0])
@pytest.mark.parametrize("real", [_versions(), _ring(), _heads()], ids=["chain", "ring", "circle"])
def test_a_unique_reference_repeats_nowhere(real: Database, scale: float) -> None:
    drawn = Relational().fit(real, seed=1).sample(scale, seed=2)
    found = check_integrity(drawn)
    assert found.violations == 0
    assert sum(check.broken for check in found.keys) == 0


def test_chains_of_versions_stay_chains() -> None:
    made = Relational().fit(_versions(), seed=1).sample(seed=2)["versions"].arrow.to_pandas()
    ids = made["id"].astype(int)
    after = dict(zip(ids, made["before"].fillna(0).astype(int), strict=True))
    for start in ids:
        seen, at = {start}, after[start]
        while at:
            assert at not in seen
            seen.add(at)
            at = after[at]
    assert 0.1 < made["before"].isna().mean() < 0.4  # a fifth has nothing before it


def _stints() -> Database:
    """Stints of players' seasons, one a team, and what they did in them: two ways to one row."""
    rng = np.random.default_rng(2)
    rows = [
        (player, year, team, stint)
        for player in range(120)
        for year in range(2000, 2000 + int(rng.integers(1, 6)))
        for stint, team in enumerate(rng.permutation(8)[: int(rng.integers(1, 3))], 1)
    ]
    player, year, team, stint = (np.array(part) for part in zip(*rows, strict=True))
    names = {"player": [f"p{i:04d}" for i in player], "year": year}
    some = np.flatnonzero(rng.random(len(rows)) < 0.5)
    seasons = pa.table(
        {**names, "team": [f"T{i}" for i in team], "games": rng.integers(1, 90, len(rows))}
    )
    batting = pa.table(
        {**names, "stint": stint, "team": seasons["team"], "hits": rng.integers(0, 9, len(rows))}
    )
    pitching = batting.take(pa.array(some)).rename_columns(
        ["player", "year", "stint", "team", "wins"]
    )
    made = {"seasons": seasons, "batting": batting, "pitching": pitching}
    made = {name: to_table(table, infer(table), name) for name, table in made.items()}
    in_season = ForeignKey(columns=("player", "year", "team"), table="seasons")
    at_bat = ForeignKey(columns=("player", "year", "stint"), table="batting")
    keys = {"seasons": in_season.columns, "batting": at_bat.columns, "pitching": at_bat.columns}
    refers = {"batting": (in_season,), "pitching": (in_season, at_bat)}
    entries = tuple(
        TableSchema(
            name=name, primary_key=keys[name], foreign_keys=refers.get(name, ()),
            schema=made[name].schema,
        )
        for name in made
    )  # fmt: skip
    return Database.of(made, DatabaseSchema(tables=entries))


def test_a_key_that_an_owner_tells_in_part_still_leads_to_its_owner() -> None:
    real = _stints()
    owned = {"pitching": TableChoice(parent="seasons")}
    model = Relational(tables=owned).fit(real, seed=1)
    for seed in range(3):
        drawn = model.sample(seed=seed)
        assert check_integrity(drawn).violations == 0
        assert drawn["pitching"].rows > 0.9 * real["pitching"].rows
