"""Tables made up from what is said of them: nothing of their cells comes out."""

import numpy as np
import pyarrow as pa
import pytest
from tests.compose.shops import shop

from likewise.compose.invented import invented
from likewise.compose.relational import Relational, TableChoice
from likewise.core.errors import ConfigError, SchemaError
from likewise.core.seeds import Seed
from likewise.data.convert import to_table
from likewise.data.database import Database
from likewise.data.database_schema import DatabaseSchema, TableSchema
from likewise.data.infer import infer
from likewise.data.integrity import check_integrity
from likewise.data.rules import Determines, Inequality, Range, Sum
from likewise.data.schema import Column, Kind, Schema

SAID = Schema(
    columns=(
        Column(name="level", kind=Kind.CATEGORY, levels=("red", "green")),
        Column(name="age", kind=Kind.INTEGER, minimum=200, maximum=210),
        Column(name="since", kind=Kind.DATE, minimum="1900-01-01", maximum="1900-01-31"),
    )
)


def test_an_invented_table_has_what_is_said_and_nothing_of_its_cells():
    drawn = Relational(
        tables={"customers": TableChoice(mode="invent", columns=SAID)}
    ).fit(shop(300), seed=1).sample(seed=2)  # fmt: skip
    people = drawn["customers"].arrow.to_pandas()
    assert set(people["level"]) == {"red", "green"}
    assert people["age"].between(200, 210).all()
    assert people["age"].nunique() > 5
    assert all(day.year == 1900 and day.month == 1 for day in people["since"])
    assert check_integrity(drawn).violations == 0


def test_who_refers_to_an_invented_table_is_learned():
    real = shop(300)
    made = invented(real, {"customers": SAID}, Seed(1))
    assert made["orders"].arrow.equals(real["orders"].arrow)
    assert made["customers"].arrow["customer_id"].equals(real["customers"].arrow["customer_id"])
    drawn = Relational().fit(made, seed=1).sample(seed=2)
    counts = [db["orders"].rows / db["customers"].rows for db in (real, drawn)]
    assert counts[1] == pytest.approx(counts[0], rel=0.15)


def _every_kind() -> Database:
    rng = np.random.default_rng(0)
    n = 500
    table = pa.table({
        "id": np.arange(n),
        "city": rng.choice(["Basel", "Chur"], n),
        "size": rng.choice(["low", "medium", "high"], n),
        "email": [f"someone{i}@real.example" for i in range(n)],
        "paid": rng.random(n) < 0.9,
        "price": rng.normal(5_000, 3, n).round(3),
        "count": rng.integers(7_000, 7_010, n),
        "born": np.datetime64("1950-01-01") + rng.integers(0, 365, n),
        "at": np.datetime64("1999-05-05T05:05", "us") + rng.integers(0, 900, n) * 60_000_000,
    })  # fmt: skip
    made = to_table(table, infer(table), "people")
    entry = TableSchema(name="people", primary_key=("id",), schema=made.schema)
    return Database.of({"people": made}, DatabaseSchema(tables=(entry,)))


def test_without_a_word_every_kind_has_a_default_that_shows_no_cell():
    real = _every_kind()
    made = invented(real, {"people": Schema(columns=())}, Seed(1))["people"]
    seen, before = made.arrow.to_pandas(), real["people"].arrow.to_pandas()
    for name in ("city", "size", "email", "price", "count", "born", "at"):
        assert not set(seen[name]) & set(before[name]), name
    assert not {"Basel", "low", "7000"} & set(made.schema.to_yaml().split())
    assert seen["id"].equals(before["id"])
    assert 0.4 < seen["paid"].mean() < 0.6
    recipe = Relational(tables={"people": TableChoice(mode="invent")})
    drawn = recipe.fit(real, seed=1).sample(seed=1)
    assert not set(drawn["people"].arrow["city"].to_pylist()) & {"Basel", "Chur"}


def _with_rules(*rules) -> Database:
    real = _every_kind()
    table = real["people"].with_schema(real["people"].schema.replace(rules=rules))
    entry = TableSchema(name="people", primary_key=("id",), schema=table.schema)
    return Database.of({"people": table}, DatabaseSchema(tables=(entry,)))


@pytest.mark.parametrize(
    ("rule", "holds"),
    [
        (Range(column="price", low=1, high=2), lambda t: t["price"].between(1, 2)),
        (Inequality(low="price", high="count"), lambda t: t["price"] <= t["count"]),
        (Sum(parts=("count",), total="price"), lambda t: t["price"] == t["count"]),
    ],
)
def test_declared_ranges_orders_and_sums_hold(rule, holds):
    made = invented(_with_rules(rule), {"people": Schema(columns=())}, Seed(1))["people"]
    assert holds(made.arrow.to_pandas()).all()


@pytest.mark.parametrize(
    ("said", "rules", "error", "text"),
    [
        (Schema(columns=()), (Determines(columns=("city",), then="size"),), ConfigError,
         "only real rows can tell"),
        (Schema(columns=(Column(name="born", kind=Kind.DATE, minimum="1999-01-01",
                                maximum="1990-01-01"),)), (), SchemaError, "above its maximum"),
    ],
)  # fmt: skip
def test_what_cannot_be_invented_is_refused(said, rules, error, text):
    with pytest.raises(error, match=text):
        invented(_with_rules(*rules), {"people": said}, Seed(1))


def test_a_table_that_is_not_there_is_refused():
    with pytest.raises(SchemaError, match="persons"):
        invented(_every_kind(), {"persons": SAID}, Seed(1))
