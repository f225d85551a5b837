import itertools
import time

import numpy as np
import pyarrow as pa
import pytest

from likewise.compose.certificate import certify
from likewise.compose.hashes import Hashes
from likewise.compose.ruled import fit_ruled
from likewise.core import artifact
from likewise.core.errors import ConfigError, DataError, SchemaError
from likewise.data.rules import (
    Combinations,
    Determines,
    Inequality,
    NotNull,
    Range,
    Sum,
    Unique,
)
from likewise.data.schema import Column, Kind, Schema
from likewise.data.table import CANONICAL, Table, concat
from likewise.generators.independent import Independent

RULES = (
    Unique(columns=("id",)),
    Combinations(columns=("city", "zip")),
    Determines(columns=("product",), then="category"),
    Inequality(low="ordered", high="shipped"),
    Inequality(low="shipped", high="delivered"),
    Sum(parts=("net", "tax", "freight"), total="total"),
    Inequality(low="least", high="most", strict=True),
    Inequality(low="tax", high="net"),
    Range(column="total", low=0, high=500),
    Unique(columns=("ticket", "product")),
    NotNull(column="ordered"),
)


def orders(n=6000, seed=0):
    """Invented orders that keep ``RULES``."""
    rng = np.random.default_rng(seed)
    city, product = rng.choice(12, n), rng.choice(40, n)
    shop = city * 4 + rng.integers(0, 4, n)
    ordered = 18_000 + rng.integers(0, 1000, n)
    shipped = ordered + rng.poisson(3, n)
    net = np.minimum(rng.gamma(2, 30, n), 380).round(2)
    tax, freight = (net * 0.2).round(2), rng.choice([0, 4.9, 9.9], n)
    least = rng.integers(1, 100, n)
    columns = {
        "id": (Kind.KEY, [f"O{i:07d}" for i in range(n)]),
        "city": (Kind.CATEGORY, [f"city {i}" for i in city]),
        "zip": (Kind.CATEGORY, [f"{i:05d}" for i in shop]),
        "product": (Kind.CATEGORY, [f"product {i}" for i in product]),
        "category": (Kind.CATEGORY, [f"category {i // 5}" for i in product]),
        "ordered": (Kind.DATE, ordered),
        "shipped": (Kind.DATE, shipped),
        "delivered": (Kind.DATE, shipped + rng.poisson(2, n)),
        "net": (Kind.NUMERIC, net),
        "tax": (Kind.NUMERIC, tax),
        "freight": (Kind.NUMERIC, freight),
        "total": (Kind.NUMERIC, (net + tax + freight).round(2)),
        "least": (Kind.INTEGER, least),
        "most": (Kind.INTEGER, least + 1 + rng.integers(0, 150, n)),
        "ticket": (Kind.INTEGER, rng.integers(0, 10**9, n)),
    }
    gone = rng.random(n) < 0.1
    arrays = {}
    for name, (kind, values) in columns.items():
        mask = gone if name == "delivered" else None
        plain = np.asarray(values, dtype="int32") if kind is Kind.DATE else values
        arrays[name] = pa.array(plain, mask=mask).cast(CANONICAL[kind])
    described = tuple(
        Column(name=name, kind=kind, decimals=2 if kind is Kind.NUMERIC else None)
        for name, (kind, _) in columns.items()
    )
    return Table(pa.table(arrays), Schema(columns=described))


def small(**columns):
    described = tuple(Column(name=name, kind=kind) for name, (kind, _) in columns.items())
    arrays = {n: pa.array(v, type=CANONICAL[k]) for n, (k, v) in columns.items()}
    return Table(pa.table(arrays), Schema(columns=described))


def violations(model, *blocks):
    return sum(one.violations for one in certify(model.rules, model.references, blocks))


@pytest.fixture(scope="module")
def model():
    return fit_ruled(Independent(), orders(), RULES, seed=1)


def test_every_rule_holds_in_every_row_and_the_schema_is_whole(model):
    table = model.sample(10_000, seed=2)
    assert violations(model, table) == 0
    assert table.schema == orders(10).schema
    assert table.rows == 10_000


def test_without_the_wrapper_independent_columns_break_every_rule_across_columns(model):
    free = Independent().fit(orders(), seed=1)
    found = certify(model.rules, model.references, free.blocks(10_000, seed=2))
    across = [one for one in found if len(one.rule.touches) > 1 and one.rule.rule != "unique"]
    assert all(one.violations > 100 for one in across)


def test_what_is_constructed_is_left_out_of_learning(model):
    names = model.inner.schema.names
    assert "category" not in names
    assert "total" not in names
    assert "shipped" not in names
    assert "shipped - ordered" in names
    assert "city + zip" in names


def test_gaps_and_shares_come_out_as_they_went_in(model):
    real, drawn = orders(), model.sample(20_000, seed=3)
    for table in (real, drawn):
        gap = table.numbers("shipped") - table.numbers("ordered")
        assert abs(gap.mean() - 3) < 0.15
        assert abs(table.missing("delivered").mean() - 0.1) < 0.02


def test_the_same_seed_gives_the_same_rows_whatever_the_number_of_workers(model):
    few, many = (concat(list(model.blocks(140_000, seed=4, workers=w))) for w in (1, 2))
    assert few.arrow.equals(many.arrow)
    assert not few.arrow.equals(model.sample(140_000, seed=5).arrow)


def test_a_loaded_model_draws_the_same_rows(model, tmp_path):
    artifact.save(model, tmp_path / "model")
    loaded = artifact.load(tmp_path / "model")
    assert loaded.sample(2000, seed=6).arrow.equals(model.sample(2000, seed=6).arrow)
    assert loaded.rules == model.rules


@pytest.mark.parametrize("rows", [0, 1])
def test_no_rows_and_one_row_are_drawn(model, rows):
    assert model.sample(rows, seed=1).rows == rows


@pytest.mark.parametrize(
    "names",
    [
        ["category"],
        ["product", "category"],
        ["zip"],
        ["city", "zip"],
        ["ordered", "shipped", "delivered"],
        ["net", "tax", "freight", "total"],
        ["least"],
        ["most"],
        ["ticket", "product"],
    ],
)
def test_given_columns_come_back_and_the_rules_hold(model, names):
    given = orders(200, seed=9).select(names)
    drawn = model.sample(200, seed=1, given=given)
    assert drawn.select(names).arrow.equals(given.arrow)
    assert violations(model, drawn) == 0


def test_one_given_row_serves_all_and_leaves_the_others_free(model):
    given = small(category=(Kind.CATEGORY, ["category 3"]))
    drawn = model.sample(500, seed=1, given=given)
    assert set(drawn.arrow["category"].to_pylist()) == {"category 3"}
    assert len(set(drawn.arrow["product"].to_pylist())) == 5


def test_given_totals_without_parts_name_the_rule_in_their_way(model):
    with pytest.raises(ConfigError, match=r"total = net \+ tax \+ freight"):
        model.sample(10, seed=1, given=orders(10).select(["total"]))


def test_given_values_that_contradict_a_rule_are_refused(model):
    kind = Kind.CATEGORY
    given = small(product=(kind, ["product 0"]), category=(kind, ["category 7"]))
    with pytest.raises(ConfigError, match="category"):
        model.sample(10, seed=1, given=given)
    unseen = small(city=(kind, ["city 0"]), zip=(kind, ["00047"]))
    with pytest.raises(ConfigError, match="'city', 'zip'"):
        model.sample(10, seed=1, given=unseen)
    day = Kind.DATE
    early = small(ordered=(day, [18_500]), shipped=(day, [18_400]))
    with pytest.raises(ConfigError, match="ordered <= shipped"):
        model.sample(10, seed=1, given=early)


@pytest.mark.parametrize(
    "where", ["category = 'category 3'", "total > 150 and city = 'city 3'", "shipped < 2020-01-01"]
)
def test_conditions_on_computed_columns_hold(model, where):
    from likewise.data.predicate import parse

    drawn = model.sample(300, seed=1, where=where)
    assert parse(where, drawn.schema).mask(drawn).all()
    assert violations(model, drawn) == 0


def test_impossible_conditions_end_with_an_error_that_names_them(model):
    with pytest.raises(DataError, match="total > 10000"):
        model.sample(20, seed=1, where="total > 10000")
    with pytest.raises(ConfigError, match="'city'"):
        model.sample(20, seed=1, where="city = 'nowhere'")


def test_codes_and_descriptions_determine_each_other():
    rng = np.random.default_rng(0)
    years = rng.integers(1, 9, 2000)
    table = small(
        degree=(Kind.CATEGORY, [f"degree {i * 5 % 9}" for i in years]),
        years=(Kind.INTEGER, years),
    )
    rules = [
        Determines(columns=("degree",), then="years"),
        Determines(columns=("years",), then="degree"),
    ]
    model = fit_ruled(Independent(), table, rules, seed=1)
    assert model.inner.schema.names == ("years",)
    drawn = model.sample(5000, seed=2)
    real = set(zip(*table.arrow.to_pydict().values(), strict=True))
    assert set(zip(*drawn.arrow.to_pydict().values(), strict=True)) <= real
    assert violations(model, drawn) == 0


def test_rows_in_rare_combinations_leave_no_trace():
    table = small(
        a=(Kind.CATEGORY, ["x"] * 600 + ["y"] * 600 + ["secret"]),
        b=(Kind.CATEGORY, ["u"] * 300 + ["v"] * 900 + ["w"]),
    )
    model = fit_ruled(Independent(), table, [Combinations(columns=("a", "b"))], seed=1)
    drawn = model.sample(5000, seed=2)
    assert set(zip(*drawn.arrow.to_pydict().values(), strict=True)) == {
        ("x", "u"),
        ("x", "v"),
        ("y", "v"),
    }


def test_missing_parts_make_missing_totals_and_missing_values_keep_their_share():
    rng = np.random.default_rng(0)
    a, b = rng.integers(0, 50, (2, 3000))
    gone = rng.random(3000) < 0.2
    table = small(
        a=(Kind.INTEGER, [None if g else int(v) for v, g in zip(a, gone, strict=True)]),
        b=(Kind.INTEGER, b),
        c=(Kind.INTEGER, [None if g else int(v) for v, g in zip(a + b, gone, strict=True)]),
    )
    model = fit_ruled(Independent(), table, [Sum(parts=("a", "b"), total="c")], seed=1)
    drawn = model.sample(5000, seed=2)
    assert (drawn.missing("c") == drawn.missing("a")).all()
    assert abs(drawn.missing("c").mean() - 0.2) < 0.03


def test_a_fixed_total_is_kept_by_computing_a_part():
    rng = np.random.default_rng(0)
    shares = rng.multinomial(100, [0.5, 0.3, 0.2], 2000)
    table = small(
        **{name: (Kind.INTEGER, shares[:, i]) for i, name in enumerate("abc")},
        all=(Kind.INTEGER, np.full(2000, 100)),
    )
    rules = [Sum(parts=("a", "b", "c"), total="all"), Range(column="all", low=100, high=100)]
    rules += [Range(column=name, low=0) for name in "abc"]
    model = fit_ruled(Independent(), table, rules, seed=1)
    assert violations(model, model.sample(5000, seed=2)) == 0


def test_uniqueness_holds_across_blocks_and_ends_where_no_value_is_left():
    rng = np.random.default_rng(0)
    table = small(
        n=(Kind.INTEGER, rng.permutation(200_000)[:3000]),
        label=(Kind.CATEGORY, rng.choice(["a", "b"], 3000)),
    )
    rule = Unique(columns=("n",))
    model = fit_ruled(Independent(), table, [rule], seed=1)
    assert violations(model, *model.blocks(100_000, seed=2)) == 0
    with pytest.raises(DataError, match="n unique"):
        model.sample(300_000, seed=2)


@pytest.mark.parametrize(
    "rules",
    [
        [Range(column="least", low=5, high=1)],
        [Range(column="least", high=1), Range(column="least", low=2)],
        [
            Inequality(low="least", high="most", strict=True),
            Inequality(low="most", high="least"),
        ],
    ],
)
def test_rules_that_contradict_each_other_are_refused_by_name(rules):
    with pytest.raises(SchemaError, match=r"rule '.*least"):
        fit_ruled(Independent(), orders(300), rules)


def test_rules_that_the_data_break_are_refused_with_the_number_of_rows():
    table = orders(500)
    with pytest.raises(SchemaError, match=r"zip determines product.*of 500 rows"):
        fit_ruled(Independent(), table, [Determines(columns=("zip",), then="product")])


def test_few_rows_that_break_a_rule_are_left_out_and_counted():
    values = list(range(1000))
    table = small(
        a=(Kind.INTEGER, values), b=(Kind.INTEGER, [-1, -1, -1, *[v + 1 for v in values[3:]]])
    )
    model = fit_ruled(Independent(), table, [Inequality(low="a", high="b")], seed=1)
    assert any("3 rows break it" in note for note in model.notes)
    assert violations(model, model.sample(3000, seed=1)) == 0


def test_a_set_of_hashes_knows_what_it_has_seen():
    rng = np.random.default_rng(0)
    seen, known = Hashes(), set()
    for size in (1, 500, 3, 900, 0, 70):
        values = rng.integers(0, 1500, size).astype(np.uint64)
        earlier = [set(values[:i].tolist()) | known for i in range(size)]
        expected = [v not in e for v, e in zip(values.tolist(), earlier, strict=True)]
        fresh = seen.new(values)
        assert fresh.tolist() == expected
        seen.add(values[fresh])
        known |= set(values.tolist())


@pytest.mark.slow
def test_a_million_rows_keep_eleven_rules_at_once(model):
    start = time.perf_counter()
    found = certify(model.rules, model.references, model.blocks(1_000_000, seed=7))
    assert time.perf_counter() - start < 60
    assert [one.violations for one in found] == [0] * len(RULES)
    assert {one.rows for one in found} == {1_000_000}


def test_rules_in_any_order_hold_together():
    table = orders(1500)
    some = RULES[1:7]
    for order in itertools.islice(itertools.permutations(some), 0, 720, 240):
        model = fit_ruled(Independent(), table, order, seed=1)
        assert violations(model, model.sample(1000, seed=1)) == 0


@pytest.mark.parametrize(("low", "high"), [(2, 1), (1, 2)])
def test_a_rule_still_holds_when_its_columns_are_written_with_their_own_digits(low, high):
    rng = np.random.default_rng(0)
    start = np.round(rng.gamma(2, 50, 3_000), low)
    end = np.ceil((start + rng.gamma(1, 0.5, 3_000)) * 10**high) / 10**high
    columns = (
        Column(name="start", kind=Kind.NUMERIC, decimals=low),
        Column(name="end", kind=Kind.NUMERIC, decimals=high),
    )
    table = Table(pa.table({"start": start, "end": end}), Schema(columns=columns))
    model = fit_ruled(Independent(), table, [Inequality(low="start", high="end")], seed=1)
    assert model.steps  # built from the difference, not drawn again
    drawn = model.sample(20_000, seed=2)
    written = np.round(drawn.numbers("start"), low), np.round(drawn.numbers("end"), high)
    assert (written[0] <= written[1]).all()


def test_a_total_with_fewer_digits_than_its_parts_is_not_the_one_computed():
    rng = np.random.default_rng(0)
    fine = np.round(rng.random(2_000) * 10, 2)
    total = np.round(rng.random(2_000) * 100, 1)
    columns = tuple(
        Column(name=name, kind=Kind.NUMERIC, decimals=digits)
        for name, digits in (("fine", 2), ("rest", 2), ("total", 1))
    )
    arrow = pa.table({"fine": fine, "rest": np.round(total - fine, 2), "total": total})
    table = Table(arrow, Schema(columns=columns))
    model = fit_ruled(Independent(), table, [Sum(parts=("fine", "rest"), total="total")], seed=1)
    (step,) = model.steps
    assert step.makes == ("rest",)
    drawn = model.sample(5_000, seed=2)
    assert np.allclose(drawn.numbers("total"), np.round(drawn.numbers("total"), 1), atol=1e-9)
