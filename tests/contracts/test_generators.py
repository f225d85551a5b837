"""What every registered generator keeps, whatever its method."""

import importlib.util
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from tests.contracts.methods import by_method

from likewise.core.artifact import load, save
from likewise.core.errors import ConfigError, DataError
from likewise.core.run import Run
from likewise.data.schema import Column, Kind, Schema
from likewise.data.table import CANONICAL, Table, concat
from likewise.generators import GENERATORS
from likewise.generators.tabular import BLOCK_ROWS, TableModel

BUILT = [
    name
    for name in GENERATORS
    if importlib.util.find_spec(GENERATORS.entries[name].target.partition(":")[0]) is not None
]
FIT_ROWS = 1_500


def marked(names: list[str]) -> pytest.MarkDecorator:
    """One case for each method, those of one method on one worker, as they share a model."""
    return pytest.mark.parametrize("name", by_method(names))


generators = marked(BUILT)


def make(**columns: tuple[Kind, list[object]]) -> Table:
    """A table from name = (kind, values)."""
    schema = Schema(columns=tuple(Column(name=n, kind=k) for n, (k, _) in columns.items()))
    arrays = [pa.array(values, type=CANONICAL[kind]) for kind, values in columns.values()]
    return Table(pa.table(arrays, names=list(columns)), schema)


def people(rows: int = FIT_ROWS, seed: int = 0) -> Table:
    """Made-up people: keys, numbers with gaps, labels, dates, truth values; all dependent."""
    rng = np.random.default_rng(seed)
    age = rng.integers(18, 80, rows)
    income = np.round(np.exp(rng.normal(9 + age / 60, 0.3)), 2)
    job = np.where(age > 62, "retired", rng.choice(["clerk", "nurse", "cook"], rows))
    days = [date.fromordinal(737_000 + int(d)) for d in rng.integers(0, 900, rows)]
    paid: list[object] = [None if rng.random() < 0.2 else float(x) for x in income]
    return make(
        id=(Kind.KEY, [f"P{i:06d}" for i in range(rows)]),
        age=(Kind.INTEGER, age.tolist()),
        income=(Kind.NUMERIC, paid),
        job=(Kind.CATEGORY, job.tolist()),
        joined=(Kind.DATE, days),
        member=(Kind.BOOLEAN, (rng.random(rows) < age / 100).tolist()),
    )


@pytest.fixture(scope="module")
def table() -> Table:
    return people()


class Models(dict[str, TableModel]):
    """One model of each method, fitted when it is first asked for."""

    def __missing__(self, name: str) -> TableModel:
        self[name] = fit(name, people())
        return self[name]


@pytest.fixture(scope="module")
def models() -> Models:
    return Models()


def fit(name: str, table: Table) -> TableModel:
    model: TableModel = GENERATORS.load(name)().fit(table, seed=1, run=Run(workers=1))
    return model


def equal(left: Table, right: Table) -> bool:
    return bool(left.arrow.equals(right.arrow))


@generators
def test_the_schema_of_what_is_sampled_is_the_schema_of_what_was_learned(
    name: str, models: dict[str, TableModel], table: Table
) -> None:
    assert models[name].sample(20, seed=1).schema == table.schema


@generators
def test_the_same_seed_gives_the_same_model_and_the_same_rows(
    name: str, models: dict[str, TableModel], table: Table
) -> None:
    again = fit(name, table).sample(300, seed=5)
    assert equal(models[name].sample(300, seed=5), again)
    assert not equal(models[name].sample(300, seed=6), again)


@generators
def test_rows_do_not_depend_on_the_number_of_workers(
    name: str, models: dict[str, TableModel], table: Table
) -> None:
    recipe = GENERATORS.load(name)()
    two = recipe.fit(table, seed=1, run=Run(workers=2))
    rows = BLOCK_ROWS + 500
    assert equal(models[name].sample(rows, seed=5, workers=1), two.sample(rows, seed=5, workers=2))
    one, both = (two.sample(400, seed=5, where="age > 60", workers=w) for w in (1, 2))
    assert equal(one, both)


@generators
def test_a_full_block_does_not_depend_on_how_many_rows_are_asked_for(
    name: str, models: dict[str, TableModel]
) -> None:
    more = models[name].sample(BLOCK_ROWS + 4_000, seed=9)
    assert equal(more.slice(0, BLOCK_ROWS), models[name].sample(BLOCK_ROWS, seed=9))


@generators
def test_blocks_join_to_the_sample_and_stay_small(name: str, models: dict[str, TableModel]) -> None:
    blocks = list(models[name].blocks(BLOCK_ROWS + 10, seed=2))
    assert [block.rows for block in blocks] == [BLOCK_ROWS, 10]
    assert equal(concat(blocks), models[name].sample(BLOCK_ROWS + 10, seed=2))


@generators
@pytest.mark.parametrize("rows", [0, 1])
def test_no_row_and_one_row_can_be_sampled(
    name: str, rows: int, models: dict[str, TableModel]
) -> None:
    for where in (None, "age > 40"):
        drawn = models[name].sample(rows, seed=2, where=where)
        assert drawn.rows == rows
        assert drawn.schema == models[name].schema


@generators
def test_a_negative_number_of_rows_is_refused(name: str, models: dict[str, TableModel]) -> None:
    with pytest.raises(ConfigError, match="-1 asked for"):
        models[name].sample(-1, seed=2)


@generators
def test_a_saved_and_loaded_model_draws_the_same_rows(
    name: str, models: dict[str, TableModel], tmp_path: Path
) -> None:
    save(models[name], tmp_path / "model.likewise")
    loaded = load(tmp_path / "model.likewise")
    assert equal(loaded.sample(500, seed=3), models[name].sample(500, seed=3))
    where = "age >= 70 and member"
    assert equal(
        loaded.sample(50, seed=3, where=where), models[name].sample(50, seed=3, where=where)
    )


@generators
def test_keys_are_unique_also_under_a_condition(name: str, models: dict[str, TableModel]) -> None:
    for where in (None, "age > 30"):
        keys = models[name].sample(3_000, seed=3, where=where).arrow.column("id").to_pylist()
        assert len(set(keys)) == 3_000


@generators
@pytest.mark.parametrize(
    "data",
    [
        make(x=(Kind.INTEGER, [7]), y=(Kind.CATEGORY, ["a"])),
        make(x=(Kind.NUMERIC, [0.5 * i for i in range(200)])),
        make(x=(Kind.NUMERIC, [None] * 40), y=(Kind.CATEGORY, [None] * 40)),
        make(x=(Kind.INTEGER, [3] * 50), y=(Kind.CATEGORY, ["same"] * 50)),
        make(x=(Kind.KEY, [str(i) for i in range(60)])),
        make(x=(Kind.INTEGER, []), y=(Kind.CATEGORY, [])),
    ],
    ids=["one row", "one column", "all missing", "constant", "only keys", "no rows"],
)
def test_degenerate_tables_work(name: str, data: Table) -> None:
    drawn = fit(name, data).sample(30, seed=1)
    assert drawn.rows == 30
    assert drawn.schema == data.schema


@generators
def test_missing_and_constant_columns_come_out_as_they_are(name: str) -> None:
    data = make(x=(Kind.NUMERIC, [None] * 40), y=(Kind.CATEGORY, ["same"] * 40))
    drawn = fit(name, data).sample(25, seed=1)
    assert drawn.missing("x").all()
    assert set(drawn.arrow.column("y").to_pylist()) == {"same"}


@generators
def test_unicode_empty_and_odd_names_work(name: str) -> None:
    rng = np.random.default_rng(0)
    names = ["", " ", "größe\u2003m", "a/b", "select", "a'b\"c", "😀"]
    values = {n: (Kind.INTEGER, rng.integers(0, 5, 300).tolist()) for n in names}
    drawn = fit(name, make(**values)).sample(40, seed=1, where='"größe\u2003m" >= 2 and "" < 4')
    assert drawn.names == tuple(names)
    assert drawn.numbers("größe\u2003m").min() >= 2


@marked([name for name in BUILT if name != "independent"])
def test_two_equal_columns_stay_nearly_equal(name: str) -> None:
    rng = np.random.default_rng(0)
    label = rng.choice(["a", "b", "c"], 2_000).tolist()
    data = make(x=(Kind.CATEGORY, label), y=(Kind.CATEGORY, list(label)))
    drawn = fit(name, data).sample(2_000, seed=1)
    same = np.mean(drawn.labels("x")[0] == drawn.labels("y")[0])
    assert same > 0.85  # a third for independent columns


@marked([name for name in BUILT if name != "independent"])
def test_the_joint_distribution_of_two_columns_is_kept(name: str) -> None:
    rng = np.random.default_rng(0)
    rows = 4_000
    x = rng.random(rows) < 0.4
    y = rng.random(rows) < np.where(x, 0.8, 0.3)
    data = make(x=(Kind.BOOLEAN, x.tolist()), y=(Kind.BOOLEAN, y.tolist()))
    drawn = fit(name, data).sample(20_000, seed=1)
    cell = drawn.numbers("x") * 2 + drawn.numbers("y")
    shares = np.bincount(cell, minlength=4) / 20_000
    wanted = np.bincount(x * 2 + y, minlength=4) / rows
    assert np.abs(shares - wanted).max() < 0.02  # five standard errors of the draws, and smoothing


@generators
def test_margins_are_kept(name: str, models: dict[str, TableModel], table: Table) -> None:
    drawn = models[name].sample(20_000, seed=4)
    for column in ("age", "income", "joined"):
        real = table.numbers(column)[~table.missing(column)]
        synth = drawn.numbers(column)[~drawn.missing(column)]
        error = real.std() / np.sqrt(len(real))
        assert abs(synth.mean() - real.mean()) < 5 * error
    assert abs(drawn.missing("income").mean() - table.missing("income").mean()) < 0.03


@generators
def test_given_columns_come_back_as_they_were_given(
    name: str, models: dict[str, TableModel], table: Table
) -> None:
    given = table.slice(0, 120).select(["income", "job", "id", "joined"])
    drawn = models[name].sample(120, seed=2, given=given)
    assert drawn.select(given.names).arrow.equals(given.arrow)
    assert len(set(drawn.numbers("age").tolist())) > 5


@generators
def test_a_value_never_seen_is_given_back_unless_it_is_a_label(
    name: str, models: dict[str, TableModel]
) -> None:
    given = make(age=(Kind.INTEGER, [150]))
    assert set(models[name].sample(9, seed=2, given=given).numbers("age").tolist()) == {150}
    with pytest.raises(DataError, match="'job'"):
        models[name].sample(1, seed=2, given=make(job=(Kind.CATEGORY, ["astronaut"])))


@generators
def test_one_given_row_serves_all_and_other_numbers_are_refused(
    name: str, models: dict[str, TableModel]
) -> None:
    given = make(job=(Kind.CATEGORY, ["nurse"]))
    drawn = models[name].sample(50, seed=2, given=given)
    assert set(drawn.arrow.column("job").to_pylist()) == {"nurse"}
    with pytest.raises(ConfigError, match="2 rows for 50"):
        models[name].sample(50, seed=2, given=concat([given, given]))


@generators
@pytest.mark.parametrize(
    "where",
    [
        "age > 65",
        "age between 30 and 31 and not member",
        "job = 'retired' or income > 30000",
        "income is null and job in ('cook', 'nurse')",
        "joined >= 2019-06-01 and income is not null",
        "not (age < 70 or member)",
    ],
)
def test_a_condition_holds_in_every_row(
    name: str, where: str, models: dict[str, TableModel]
) -> None:
    from likewise.data.predicate import parse

    drawn = models[name].sample(400, seed=2, where=where)
    assert drawn.rows == 400
    assert parse(where, drawn.schema).mask(drawn).all()


@generators
def test_given_columns_and_a_condition_hold_together(
    name: str, models: dict[str, TableModel]
) -> None:
    given = make(job=(Kind.CATEGORY, ["cook", "nurse", "clerk"] * 20))
    drawn = models[name].sample(60, seed=2, given=given, where="age < 40")
    assert drawn.select(["job"]).arrow.equals(given.arrow)
    assert drawn.numbers("age").max() < 40


@generators
def test_rows_under_a_condition_are_like_rows_that_happen_to_meet_it(
    name: str, models: dict[str, TableModel]
) -> None:
    free = models[name].sample(40_000, seed=2)
    old = free.numbers("age")[free.arrow.column("job").to_numpy() == "retired"]
    drawn = models[name].sample(4_000, seed=3, where="job = 'retired'").numbers("age")
    assert abs(drawn.mean() - old.mean()) < 5 * old.std() / np.sqrt(2_000)


@generators
def test_an_impossible_condition_is_refused_at_once(
    name: str, models: dict[str, TableModel]
) -> None:
    for where in ("age > 500", "age < 20 and age > 60", "joined is null", "job = 'astronaut'"):
        with pytest.raises(ConfigError, match="no row can meet it"):
            models[name].sample(5, seed=2, where=where)
    with pytest.raises(ConfigError, match="contradict"):
        given = make(age=(Kind.INTEGER, [30]))
        models[name].sample(5, seed=2, given=given, where="age > 50")
    with pytest.raises(ConfigError, match="is a key"):
        models[name].sample(5, seed=2, where="id = 'P000001'")


@generators
def test_a_condition_too_rare_ends_with_an_error_that_says_how_rare(
    name: str, models: dict[str, TableModel]
) -> None:
    with pytest.raises(DataError, match="candidate rows met it"):
        models[name].sample(100, seed=2, where="income = 12345.67 and age = 18")


@generators
def test_how_conditioned_rows_came_about_is_told_once(
    name: str, models: dict[str, TableModel]
) -> None:
    told: list[str] = []
    models[name].sample(500, seed=2, where="age > 30 or member", tell=told.append)
    assert len(told) == 1
    assert "candidates" in told[0] or "conditional distribution" in told[0]


@generators
def test_a_value_of_one_row_appears_neither_in_the_model_nor_in_the_sample(
    name: str, tmp_path: Path
) -> None:
    rows = 1_200
    rng = np.random.default_rng(0)
    label = rng.choice(["north", "south"], rows).tolist()
    label[7] = "Rumpelstiltskin"
    amount = rng.normal(100, 10, rows).round(2).tolist()
    amount[7] = 987_654.25
    data = make(
        place=(Kind.CATEGORY, label),
        amount=(Kind.NUMERIC, amount),
        note=(Kind.TEXT, [f"secret-{i}-{rng.integers(10**9)}" for i in range(rows)]),
    )
    model = fit(name, data)
    save(model, tmp_path / "model.likewise")
    stored = (tmp_path / "model.likewise").read_bytes()
    drawn = model.sample(5_000, seed=3)
    assert b"Rumpelstiltskin" not in stored
    assert np.float64(987_654.25).tobytes() not in stored
    assert "Rumpelstiltskin" not in drawn.arrow.column("place").to_pylist()
    assert 987_654.25 not in drawn.arrow.column("amount").to_pylist()
    notes = set(data.arrow.column("note").to_pylist())
    assert not notes & set(drawn.arrow.column("note").to_pylist())


@pytest.mark.long
@generators
def test_two_thousand_columns_work(name: str) -> None:
    rng = np.random.default_rng(0)
    base = rng.normal(size=400)
    values = {
        f"c{i}": (Kind.NUMERIC, (base * (i % 3) + rng.normal(size=400)).round(3).tolist())
        for i in range(2_000)
    }
    model = fit(name, make(**values))
    drawn = model.sample(200, seed=1, where="c1 > 0")
    assert drawn.numbers("c1").min() > 0
