"""A synthetic database keeps every reference, and what its tables say of each other."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from tests.compose.shops import shop

from likewise.compose.distinct import moved_apart
from likewise.compose.ordering import as_written
from likewise.compose.relational import Relational, RelationalModel, TableChoice
from likewise.core import artifact
from likewise.core.errors import ConfigError, DataError
from likewise.data.convert import to_table
from likewise.data.database import Database
from likewise.data.database_schema import DatabaseSchema, ForeignKey, TableSchema
from likewise.data.infer import infer
from likewise.data.integrity import check_integrity
from likewise.data.table import Table


@pytest.fixture(scope="module")
def real() -> Database:
    return shop()


@pytest.fixture(scope="module")
def model(real: Database) -> RelationalModel:
    """With small leaves: on a few hundred rows the copy check may take all dependence away."""
    return Relational(settings={"leaf": 10}).fit(real, seed=1)


@pytest.fixture(scope="module")
def made(model: RelationalModel) -> Database:
    return model.sample(seed=2)


def same(one: Database, other: Database) -> bool:
    return all(one[name].arrow.equals(other[name].arrow) for name in one.names)


def cells(table: Table, name: str) -> list[str | None]:
    """A column as it is spelled."""
    found: list[str | None] = table.arrow.column(name).cast(pa.string()).to_pylist()
    return found


def children(database: Database, child: str, column: str, parent: str, key: str) -> np.ndarray:
    """How many rows of the child each row of the parent has."""
    place = {name: i for i, name in enumerate(cells(database[parent], key))}
    rows = [place[x] for x in cells(database[child], column)]
    return np.bincount(rows, minlength=len(place))


def test_every_reference_is_kept_and_no_key_repeats(made: Database) -> None:
    assert check_integrity(made).violations == 0


@pytest.mark.parametrize("scale", [0.05, 0.5, 3.0])
def test_references_are_kept_at_every_scale(model: RelationalModel, scale: float) -> None:
    drawn = model.sample(scale, seed=3)
    assert check_integrity(drawn).violations == 0
    assert drawn["customers"].rows == round(400 * scale)


def test_the_same_seed_gives_the_same_rows_before_and_after_saving(
    model: RelationalModel, made: Database, tmp_path: Path
) -> None:
    artifact.save(model, tmp_path / "model")
    assert same(made, model.sample(seed=2))
    assert same(made, artifact.load(tmp_path / "model").sample(seed=2))
    assert not same(made, model.sample(seed=3))


def test_parents_have_as_many_children_as_real_ones_do(real: Database, made: Database) -> None:
    for child, column, parent, key in (
        ("orders", "customer_id", "customers", "customer_id"),
        ("lines", "order_id", "orders", "order_id"),
        ("lines", "product_id", "products", "product_id"),
    ):
        a, b = (children(d, child, column, parent, key) for d in (real, made))
        size = max(a.max(), b.max()) + 1
        shares = [np.cumsum(np.bincount(x, minlength=size)) / len(x) for x in (a, b)]
        limit = 1.63 * np.sqrt(1 / len(a) + 1 / len(b))  # Kolmogorov-Smirnov at 1 %
        assert np.abs(shares[0] - shares[1]).max() < limit, column


def test_children_depend_on_what_their_parent_is(real: Database, made: Database) -> None:
    for database in (real, made):
        counts = children(database, "orders", "customer_id", "customers", "customer_id")
        gold = np.array(database["customers"].arrow.column("level").to_pylist()) == "gold"
        assert counts[gold].mean() > 2.5 * counts[~gold].mean()


def test_siblings_are_as_alike_as_real_ones(real: Database, made: Database) -> None:
    def likeness(database: Database) -> float:
        owner = database["orders"].labels("customer_id")[0]
        amount = database["orders"].numbers("amount")
        mean = np.bincount(owner, weights=amount) / np.bincount(owner)
        return float(np.var(mean[owner]) / np.var(amount))

    assert likeness(real) > 0.9
    assert likeness(made) > 0.8


def test_a_chosen_parent_fits_its_child_across_two_references(
    real: Database, made: Database
) -> None:
    def share(database: Database) -> float:
        lines, orders = database["lines"], database["orders"]
        amount = dict(zip(cells(orders, "order_id"), orders.numbers("amount"), strict=True))
        products = database["products"]
        kind = dict(zip(cells(products, "product_id"), cells(products, "kind"), strict=True))
        dear = [amount[x] > 100 for x in cells(lines, "order_id")]
        toys = [kind[x] == "toy" for x in cells(lines, "product_id")]
        return float(np.mean(np.array(dear) == np.array(toys)))

    assert share(real) == 1
    assert share(made) > 0.85


def test_nothing_happens_before_what_it_follows_from(made: Database) -> None:
    customers, orders = made["customers"], made["orders"]
    since = dict(zip(cells(customers, "customer_id"), customers.numbers("since"), strict=True))
    days, ids = orders.numbers("day"), cells(orders, "customer_id")
    assert all(day >= since[name] for day, name in zip(days, ids, strict=True))


def test_self_references_lead_to_a_row_without_one(made: Database) -> None:
    boss = dict(zip(cells(made["staff"], "staff_id"), cells(made["staff"], "boss"), strict=True))
    for start in boss:
        row, steps = start, 0
        while boss[row] is not None:
            row, steps = boss[row], steps + 1
            assert steps <= len(boss)


def test_what_one_customer_repeats_is_not_kept(real: Database, made: Database) -> None:
    assert not set(cells(real["orders"], "street")) & set(cells(made["orders"], "street"))


def test_kept_tables_come_out_as_they_are(real: Database) -> None:
    recipe = Relational(tables={"products": TableChoice(mode="real")})
    drawn = recipe.fit(real, seed=1).sample(2.0, seed=2)
    assert drawn["products"].arrow.equals(real["products"].arrow)
    assert check_integrity(drawn).violations == 0


def test_a_kept_table_cannot_refer_to_one_that_is_made_anew(real: Database) -> None:
    with pytest.raises(ConfigError, match="customers"):
        Relational(tables={"orders": TableChoice(mode="real")}).fit(real)


@pytest.mark.parametrize("name", ["independent", "copula", "bayesnet"])
def test_any_generator_keeps_references(name: str) -> None:
    drawn = Relational(generator=name).fit(shop(60), seed=1).sample(seed=2)
    assert check_integrity(drawn).violations == 0


def test_gaps_come_out_as_often_as_they_are_real() -> None:
    rng = np.random.default_rng(0)
    planes = pa.table({"plane_id": np.arange(1, 301), "seats": rng.integers(2, 400, 300)})
    names = rng.integers(1, 401, 4_000).astype(float)
    names[rng.random(4_000) < 0.1] = np.nan
    flights = pa.table(
        {"plane_id": pa.array(names, from_pandas=True).cast(pa.int64()), "air": rng.random(4_000)}
    )
    drawn = Relational().fit(linked(planes=planes, flights=flights), seed=1).sample(seed=2)
    check = check_integrity(drawn).relations[0]
    assert abs(check.missing / check.rows - 0.1) < 0.03
    assert abs(check.orphans / (check.rows - check.missing) - 0.25) < 0.05


def linked(**tables: pa.Table) -> Database:
    made = {name: to_table(table, infer(table), name) for name, table in tables.items()}
    parent, child = made
    key = f"{parent[:-1]}_id"
    entries = (
        TableSchema(name=parent, primary_key=(key,), schema=made[parent].schema),
        TableSchema(
            name=child,
            primary_key=(),
            foreign_keys=(ForeignKey(columns=(key,), table=parent),),
            schema=made[child].schema,
        ),
    )
    return Database.of(made, DatabaseSchema(tables=entries))


def test_circles_of_tables_are_closed() -> None:
    rng = np.random.default_rng(0)
    teams = pa.table({"team_id": np.arange(1, 51), "captain": rng.integers(1, 501, 50)})
    people = pa.table({"person_id": np.arange(1, 501), "team_id": rng.integers(1, 51, 500)})
    tables = {"teams": teams, "people": people}
    made = {name: to_table(table, infer(table), name) for name, table in tables.items()}
    entries = (
        TableSchema(
            name="teams",
            primary_key=("team_id",),
            foreign_keys=(ForeignKey(columns=("captain",), table="people"),),
            schema=made["teams"].schema,
        ),
        TableSchema(
            name="people",
            primary_key=("person_id",),
            foreign_keys=(ForeignKey(columns=("team_id",), table="teams"),),
            schema=made["people"].schema,
        ),
    )
    database = Database.of(made, DatabaseSchema(tables=entries))
    drawn = Relational().fit(database, seed=1).sample(2.0, seed=2)
    assert check_integrity(drawn).violations == 0
    assert not drawn["teams"].missing("captain").any()


def accounts(rows: int, seed: int) -> Database:
    """Accounts of one or two holders, the owner first, and holders that know a person each."""
    rng = np.random.default_rng(seed)
    counts = rng.integers(1, 3, rows)
    account = np.repeat(np.arange(rows), counts)
    first = np.append(True, account[1:] != account[:-1])
    persons = rng.permutation(len(account))
    raw = {
        "accounts": pa.table({"account": np.arange(rows), "since": rng.integers(0, 30, rows)}),
        "persons": pa.table({"person": persons, "age": rng.integers(18, 90, len(persons))}),
        "holders": pa.table(
            {
                "person": rng.permutation(persons),
                "account": account,
                "role": np.where(first, "owner", "user"),
            }
        ),
    }
    made = {name: to_table(table, infer(table), name) for name, table in raw.items()}
    refers = {
        "holders": tuple(
            ForeignKey(columns=(name,), table=f"{name}s") for name in ("person", "account")
        )
    }
    keys = {"accounts": ("account",), "persons": ("person",)}
    entries = [
        TableSchema(
            name=name,
            primary_key=keys.get(name, ()),
            foreign_keys=refers.get(name, ()),
            schema=table.schema,
        )
        for name, table in made.items()
    ]
    return Database.of(made, DatabaseSchema(tables=tuple(entries)))


def test_an_account_has_one_owner_who_comes_first() -> None:
    drawn = Relational().fit(accounts(400, 0), seed=1).sample(seed=2)
    account = np.array(cells(drawn["holders"], "account"))
    role = np.array(cells(drawn["holders"], "role"))
    owners = [(role[account == one] == "owner").sum() for one in np.unique(account)]
    assert np.mean(np.array(owners) == 1) > 0.98
    _, start = np.unique(account, return_index=True)
    assert np.mean(role[start] == "owner") > 0.98


def test_a_table_belongs_where_its_rows_have_siblings() -> None:
    real = accounts(400, 0)
    [holders] = [
        p.roles for p in Relational().fit(real, seed=1).parts if p.roles.table == "holders"
    ]
    assert real.schema.relations[holders.owner].parent == "accounts"


@pytest.mark.parametrize("seed", range(5))
def test_draws_that_say_nothing_of_each_other_have_no_order(seed: int) -> None:
    rng = np.random.default_rng(seed)
    place = np.repeat(np.arange(300), rng.integers(0, 6, 300))
    like = rng.normal(size=300)[place]  # siblings are alike, but any may come first
    raw = pa.table({"x": like + rng.normal(size=len(place)),
                    "kind": rng.choice(["a", "b", "c"], len(place))})  # fmt: skip
    assert not as_written(to_table(raw, infer(raw)), place)


def test_siblings_that_never_repeat_a_label_are_no_mere_draws() -> None:
    rng = np.random.default_rng(0)
    kinds = np.concatenate([rng.permutation(["a", "b", "c", "d"])[:2] for _ in range(300)])
    raw = pa.table({"kind": kinds})
    assert as_written(to_table(raw, infer(raw)), np.repeat(np.arange(300), 2))


def test_empty_tables_and_impossible_wishes_are_refused(real: Database) -> None:
    with pytest.raises(ConfigError, match="scale"):
        Relational().fit(shop(40), seed=1).sample(0)
    with pytest.raises(ConfigError, match="does not refer"):
        Relational(tables={"orders": TableChoice(parent="products")}).fit(real)
    with pytest.raises(DataError, match="no rows"):
        empty = {name: real[name].slice(0, 0) for name in real.names}
        Relational().fit(Database.of(empty, real.schema))


def test_numbers_that_repeat_within_a_group_move_up_as_little_as_they_can() -> None:
    values, group = np.array([1, 1, 1, 5, 1, 2, 2]), np.array([0, 0, 0, 0, 1, 1, 1])
    assert moved_apart(values, group, 1).tolist() == [1, 2, 3, 5, 1, 2, 3]
    assert moved_apart(values[::-1], group[::-1], 2).tolist() == [3, 5, 1, 7, 1, 3, 5]


def test_references_that_share_a_column_agree_in_it() -> None:
    """Players of teams of a year, which are named by year and code, and prizes of a year."""
    rng = np.random.default_rng(0)
    teams = pa.table(
        {
            "year": np.repeat(np.arange(1990, 2010), 6),
            "code": [f"T{i % 6}X" for i in range(120)],
            "wins": rng.integers(40, 110, 120),
        }
    )
    players = pa.table({"player": [f"p{i:04d}" for i in range(300)], "height": rng.random(300)})
    rows = sorted({(int(rng.integers(300)), int(rng.integers(120))) for _ in range(1_500)})
    who, team = np.array(rows).T
    seasons = pa.table(
        {
            "player": players.column("player").take(pa.array(who)),
            "year": teams.column("year").take(pa.array(team)),
            "code": teams.column("code").take(pa.array(team)),
            "games": rng.integers(1, 160, len(rows)),
        }
    )
    tables = {"teams": teams, "players": players, "seasons": seasons}
    made = {name: to_table(table, infer(table), name) for name, table in tables.items()}
    refers = (
        ForeignKey(columns=("year", "code"), table="teams"),
        ForeignKey(columns=("player",), table="players"),
    )
    entries = (
        TableSchema(name="teams", primary_key=("year", "code"), schema=made["teams"].schema),
        TableSchema(name="players", primary_key=("player",), schema=made["players"].schema),
        TableSchema(
            name="seasons",
            primary_key=("player", "year", "code"),
            foreign_keys=refers,
            schema=made["seasons"].schema,
        ),
    )
    database = Database.of(made, DatabaseSchema(tables=entries))
    drawn = Relational().fit(database, seed=1).sample(seed=2)
    assert check_integrity(drawn).violations == 0
    assert drawn["seasons"].rows > 0.9 * len(rows)


def _stations(seed: int) -> tuple[pa.Table, pa.Table]:
    """Readings of 6 stations on 120 days, one in ten not there, and what was seen on those days."""
    rng = np.random.default_rng(seed)
    station, day = (axis.ravel() for axis in np.meshgrid(np.arange(6), np.arange(120)))
    there = rng.random(len(station)) > 0.1
    readings = pa.table(
        {"station": station[there], "day": day[there], "rain": rng.random(there.sum())}
    )
    seen = rng.integers(0, len(station), 4_000)
    birds = pa.table({"station": station[seen], "day": day[seen], "count": rng.poisson(4, 4_000)})
    return readings, birds


@pytest.mark.parametrize("owner", ["readings", ""])
def test_gaps_of_references_of_several_columns_come_out(owner: str) -> None:
    readings, birds = _stations(3)
    made = {n: to_table(t, infer(t), n) for n, t in {"readings": readings, "birds": birds}.items()}
    key = ("station", "day")
    entries = (
        TableSchema(name="readings", primary_key=key, schema=made["readings"].schema),
        TableSchema(
            name="birds", foreign_keys=(ForeignKey(columns=key, table="readings"),),
            schema=made["birds"].schema,
        ),
    )  # fmt: skip
    real = Database.of(made, DatabaseSchema(tables=entries))
    recipe = Relational(tables={"birds": TableChoice(parent=owner)})
    drawn = recipe.fit(real, seed=1).sample(seed=2)
    shares = [check.orphans / check.rows for db in (real, drawn)
              for check in check_integrity(db).relations]  # fmt: skip
    assert shares[0] == pytest.approx(0.1, abs=0.03)
    assert shares[1] == pytest.approx(shares[0], abs=0.03)


def test_a_grid_of_two_keys_is_filled() -> None:
    station, hour = (axis.ravel() for axis in np.meshgrid(np.arange(5), np.arange(300)))
    start = np.datetime64("2024-01-01T00:00")
    when = start + hour.astype("timedelta64[h]")
    rng = np.random.default_rng(2)
    readings = pa.table({
        "station": [f"S{s}" for s in station], "at": pa.array(when.astype("datetime64[us]")),
        "rain": rng.random(len(hour)),
    })  # fmt: skip
    table = to_table(readings, infer(readings), "readings")
    entry = TableSchema(name="readings", primary_key=("station", "at"), schema=table.schema)
    real = Database.of({"readings": table}, DatabaseSchema(tables=(entry,)))
    drawn = Relational().fit(real, seed=1).sample(seed=2)
    assert check_integrity(drawn).violations == 0
    made = drawn["readings"].arrow.to_pandas()
    assert len(made) > 0.93 * len(hour)
