"""The shop: its books, its customers beside theory, its prices, visits, and given customers."""

import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from likewise.core.errors import ConfigError
from likewise.core.params import build
from likewise.core.run import Run
from likewise.data.integrity import check_integrity
from likewise.simulate.bgnbd import RepeatModel
from likewise.simulate.facts import measured
from likewise.simulate.model import plain
from likewise.simulate.retail import Retail
from likewise.simulate.retail_fit import retail_settings
from likewise.simulate.retail_items import elasticity, promotion_lift, zipf
from likewise.simulate.retail_sales import read_sales
from likewise.simulate.retail_shop import find, find_by, guide
from likewise.simulate.trajectory import Trajectory

PAGE = Path(__file__).parents[2] / "docs" / "simulators" / "retail.md"
SMALL = Retail(customers=800, products=120)
STEADY = {"weekday": (1,) * 7, "months": (1,) * 12, "word_of_mouth": 0.0}


@cache
def small() -> Trajectory:
    return SMALL.run(200, seed=1)


def frame(run: Trajectory, name: str) -> pd.DataFrame:
    return run.table(name).to_pandas()


def test_every_key_is_one_and_every_reference_leads_somewhere() -> None:
    database = small().database()
    assert check_integrity(database).violations == 0
    relations = {str(relation) for relation in database.schema.relations}
    assert len(relations) == 12
    assert "order_lines (promotion_id) → promotions (promotion_id)" in relations


def test_money_in_lines_orders_and_customers_is_the_same() -> None:
    lines, orders = frame(small(), "order_lines"), frame(small(), "orders")
    paid = (lines["quantity"] * lines["price"]).groupby(lines["order_id"]).sum()
    assert paid.to_numpy() == pytest.approx(orders["total"].to_numpy(), abs=0.0051)
    spent = orders.groupby("customer_id")["total"].sum()
    customers = frame(small(), "customers").set_index("customer_id")
    assert customers["spent"][spent.index].to_numpy() == pytest.approx(spent.to_numpy())
    assert customers["orders"].sum() == len(orders)
    assert small().series["takings"][-1].as_py() == pytest.approx(orders["total"].sum())


def test_no_basket_holds_a_product_twice_and_no_customer_orders_twice_a_day() -> None:
    lines, orders = frame(small(), "order_lines"), frame(small(), "orders")
    assert not lines.duplicated(["order_id", "product_id"]).any()
    assert not orders.duplicated(["customer_id", "day"]).any()
    assert set(lines["order_id"]) == set(orders["order_id"])


def test_lines_are_paid_at_the_price_and_the_promotion_of_their_day() -> None:
    lines = frame(small(), "order_lines").merge(frame(small(), "orders"), on="order_id")
    prices = frame(small(), "prices").sort_values("day", kind="stable")
    before = pd.merge_asof(
        lines.sort_values("day"), prices, on="day", by="product_id", suffixes=("", "_listed")
    )
    assert (before["price"] == before["price_listed"]).all()
    offers = frame(small(), "promotions")
    on = lines.merge(offers, on=["promotion_id", "product_id"])
    assert len(on) == lines["promotion_id"].notna().sum() > 100
    assert on["day"].between(on["first_day"], on["last_day"]).all()
    both = lines.merge(offers, on="product_id", suffixes=("", "_offered"))
    held = both[both["day"].between(both["first_day"], both["last_day"])]
    assert (held["promotion_id"] == held["promotion_id_offered"]).all()
    running = offers.sort_values(["product_id", "first_day"])
    same = running["product_id"].diff() == 0
    assert (running["first_day"] > running["last_day"].shift())[same].all()


def test_who_has_left_orders_no_more_and_prospects_have_not_begun() -> None:
    customers = frame(small(), "customers")
    assert ((customers["state"] == "prospect") == (customers["orders"] == 0)).all()
    assert ((customers["state"] == "left") <= (customers["orders"] > 1)).all()
    first = frame(small(), "orders").groupby("customer_id")["day"].min()
    joined = customers.set_index("customer_id")["joined"].dropna()
    assert (joined[first.index] == first).all()
    assert len(joined) == len(first)


def test_parameters_of_the_bgnbd_model_are_found_within_a_tenth() -> None:
    shop = Retail(customers=20_000, basket=1, clicks=False, products=50)
    found = shop.estimate(shop.run(730, seed=1, check="never").tables())
    for name in ("r", "alpha", "a", "b"):
        assert found[name] == pytest.approx(getattr(shop, name), rel=0.1), name
    assert (found["regularity"], found["cohorts"], found["devoted"]) == (1, (1.0,), 0)
    assert found["weekday"] == pytest.approx(shop.weekday, abs=0.03)
    assert found["months"] == pytest.approx(shop.months, abs=0.05)


def test_regular_customers_are_told_from_others_and_repeats_are_those_of_theory() -> None:
    shop = Retail(customers=8_000, basket=1, clicks=False, products=50, regularity=3, **STEADY)
    run = shop.run(300, seed=2, check="never")
    assert shop.estimate(run.tables())["regularity"] == 3
    customers = frame(run, "customers")
    bought = customers[customers["orders"] > 0]
    model = RepeatModel(shop.r, shop.alpha, shop.a, shop.b, 3)
    expected = model.expected(300 - bought["joined"].to_numpy())
    repeats = bought["orders"].to_numpy() - 1
    error = np.std(repeats - expected) / np.sqrt(len(repeats))
    assert repeats.mean() == pytest.approx(expected.mean(), abs=5 * error)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_all_facts_of_the_default_shop_lie_in_their_bands(seed: int) -> None:
    shop = Retail(clicks=False)
    facts = measured(shop, plain(shop.run(seed=seed, check="never").tables()))
    assert len(facts) == len(shop.bands)
    assert [fact.name for fact in facts if fact.inside is False] == []


def test_demand_answers_to_prices_as_was_asked_for() -> None:
    for wanted in (0.0, 3.0):
        shop = Retail(
            customers=20_000,
            products=100,
            elasticity=wanted,
            repricing=0.1,
            display=0,
            habit=0,
            taste=0,
            basket=1,
            clicks=False,
        )
        sales = read_sales(shop.run(365, seed=3, check="never").tables())
        assert sales is not None
        assert sales.lines is not None
        found = elasticity(sales, sales.lines)
        assert found == pytest.approx(-wanted, abs=0.1 + 0.06 * wanted)


def test_goods_on_display_are_bought_as_much_more_as_they_are_seen() -> None:
    # Products alike and often on promotion: the fact is a ratio of sums over products, and below
    # the ratio of each where popular products differ in how long they were on promotion.
    shop = Retail(
        customers=20_000, products=200, elasticity=0, display=1, habit=0, basket=1, clicks=False,
        popularity=0, promotions=0.2,
    )  # fmt: skip
    tables = shop.run(365, seed=3, check="never").tables()
    sales = read_sales(tables)
    assert sales is not None
    assert sales.lines is not None
    assert promotion_lift(sales, sales.lines, tables["promotions"]) == pytest.approx(2, abs=0.1)


def test_what_sells_follows_the_law_that_was_asked_for() -> None:
    shop = Retail(customers=4000, products=500, popularity=1, habit=0, taste=0, repricing=0,
                  promotions=0, spending=0, quantity=1, basket=2, clicks=False)  # fmt: skip
    sold = frame(shop.run(365, seed=3, check="never"), "order_lines")["product_id"].value_counts()
    assert zipf(sold.to_numpy()) == pytest.approx(1, abs=0.06)


def test_habit_makes_customers_buy_the_same_again_and_returns_are_as_many_as_asked_for() -> None:
    again = []
    for habit in (0.0, 0.8):
        shop = Retail(customers=1500, habit=habit, returns=0.1, clicks=False)
        tables = shop.run(300, seed=4, check="never").tables()
        again.append(shop.facts(tables)["rebuy"])
        back = tables["order_lines"]["returned"].to_numpy()
        assert back.mean() == pytest.approx(0.1, abs=5 * np.sqrt(0.09 / len(back)))
    assert again[1] > again[0] + 0.3


def test_friends_bring_friends() -> None:
    told, alone = (
        Retail(customers=3000, arrivals=(1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1), word_of_mouth=share)
        .run(200, seed=5)
        for share in (0.3, 0.0)
    )  # fmt: skip
    assert told.rows("referrals") > 500
    assert alone.rows("referrals") == 0
    assert told.series["prospects"][-1].as_py() < alone.series["prospects"][-1].as_py() - 500
    referrals = frame(told, "referrals")
    customers = frame(told, "customers").set_index("customer_id")
    came = customers.loc[referrals["customer_id"]]
    assert (came["referred_by"].to_numpy() == referrals["by_id"].to_numpy()).all()
    done = referrals["day"] < told.steps
    assert (came["joined"].to_numpy() == referrals["day"].to_numpy() + 1)[done].all()
    bought = frame(told, "orders").groupby("customer_id")["day"].agg(set)
    assert all(
        day in bought[by] for day, by in zip(referrals["day"], referrals["by_id"], strict=True)
    )


def test_clicks_of_a_visit_lead_to_its_order() -> None:
    clicks, orders = frame(small(), "clickstream"), frame(small(), "orders")
    ordered = clicks[clicks["action"] == "order"]
    assert ordered["order_id"].tolist() == orders["order_id"].tolist()
    assert (ordered["customer_id"].to_numpy() == orders["customer_id"].to_numpy()).all()
    assert (ordered["day"].to_numpy() == orders["day"].to_numpy()).all()
    carts = clicks[clicks["action"] == "cart"].merge(
        ordered[["visit", "order_id"]], on="visit", suffixes=("_none", "")
    )
    lines = frame(small(), "order_lines")
    assert carts[["order_id", "product_id"]].to_numpy().tolist() == (
        lines[["order_id", "product_id"]].to_numpy().tolist()
    )
    visits = clicks["visit"].nunique()
    assert len(orders) / visits == pytest.approx(SMALL.conversion, abs=0.02)
    seen = clicks[clicks["action"] == "view"].groupby("visit")["product_id"].agg(set)
    abandoned = clicks[(clicks["action"] == "cart") & ~clicks["visit"].isin(ordered["visit"])]
    assert len(abandoned) > 100
    assert all(
        product in seen[visit]
        for visit, product in zip(abandoned["visit"], abandoned["product_id"], strict=True)
    )


@pytest.mark.slow
def test_the_same_seed_gives_the_same_tables_compiled_or_not_and_clicks_change_nothing() -> None:
    code = """
import hashlib
from likewise.simulate.retail import Retail
made = hashlib.sha256()
run = Retail(customers=60, products=30, regularity=2, word_of_mouth=0.2).run(40, seed=5)
for name in run.names:
    made.update(repr(run.table(name).to_pylist()).encode())
print(made.hexdigest())
"""
    said = []
    for uncompiled in ("0", "1"):
        around = {**os.environ, "NUMBA_DISABLE_JIT": uncompiled}
        ran = subprocess.run(
            [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True,
            env=around, check=False, cwd=Path(__file__).parents[2],
        )  # fmt: skip
        assert ran.returncode == 0, ran.stderr
        said.append(ran.stdout)
    assert said[0] == said[1]
    silent = SMALL.model_copy(update={"clicks": False}).run(200, seed=1)
    for name in silent.names:
        assert silent.table(name).equals(small().table(name)), name


def test_a_shop_that_was_cut_off_goes_on_as_if_nothing_had_been(tmp_path) -> None:
    def stop(stage: str, done: int, total: int) -> None:
        if done == 90:
            raise KeyboardInterrupt

    saved = tmp_path / "state"
    with pytest.raises(KeyboardInterrupt):
        SMALL.run(200, seed=1, run=Run(stop, checkpoint=saved))
    again = SMALL.run(200, seed=1, run=Run(checkpoint=saved))
    for name in small().names:
        assert again.table(name).equals(small().table(name)), name


def test_nobody_orders_on_a_day_on_which_the_shop_is_closed() -> None:
    shop = Retail(
        customers=2000, alpha=2, weekday=(1, 1, 1, 1, 1, 0, 0), word_of_mouth=0.5, clicks=False
    )
    days = frame(shop.run(100, seed=1), "orders")["day"]
    assert set((days - 1) % 7) == {0, 1, 2, 3, 4}


def test_holidays_are_found_and_kept() -> None:
    shop = Retail(
        customers=4000, basket=1, products=50, clicks=False, closed=(40, 41, 42, 90, 500), **STEADY
    )
    tables = shop.run(120, seed=1).tables()
    assert not np.isin(tables["orders"]["day"], shop.closed).any()
    assert shop.estimate(tables)["closed"] == (40, 41, 42, 90)
    first = tables["customers"].to_pandas()["joined"]
    assert (first.between(31, 60).sum() / first.between(61, 90).sum()) == pytest.approx(1, abs=0.2)


def test_customers_who_came_early_are_told_from_those_who_came_late() -> None:
    # Customers are slow: of fast ones, rounding to days joins purchases, and devotion is less.
    shop = Retail(
        customers=9000, basket=1, products=50, clicks=False, arrivals=(1, 1, 1), a=0.2, alpha=100,
        cohorts=(1.5, 0.75, 0.75), devoted=0.08, devotion=8, **STEADY,
    )  # fmt: skip
    found = shop.estimate(shop.run(500, seed=1, check="never").tables())
    pace = np.array(found["cohorts"])
    assert pace[0] / pace[1:] == pytest.approx([2, 2], rel=0.15)
    assert found["devoted"] == pytest.approx(0.08, abs=0.03)
    assert found["devotion"] == pytest.approx(8, rel=0.3)


def test_a_product_is_found_as_well_with_a_guide() -> None:
    rng = np.random.default_rng(1)
    for likes in (rng.pareto(1, 500), np.array([0.0, 0, 1, 0, 3, 0, 0]), np.ones(1)):
        reach, start = np.cumsum(likes), np.zeros(len(likes), np.int32)
        guide(reach, start)
        ends = (reach / reach[-1])[:-1]
        places = [0.0, *rng.random(2000), *ends[ends < 1], *np.nextafter(ends, 0), 1 - 2**-53]
        assert all(find_by(start, reach, at) == find(reach, at) for at in places)


@pytest.mark.slow
def test_replicates_are_the_same_files_with_one_and_two_workers(command, tmp_path) -> None:
    for workers in ("1", "2"):
        ran = command(
            "simulate", "retail", "--set", "customers=200", "--days", "40", "--seed", "3",
            "--replicates", "2", "--workers", workers, "--no-page", "-o", tmp_path / workers,
        )  # fmt: skip
        assert ran.code == 0, ran.err
    files = {path.relative_to(tmp_path / "1") for path in (tmp_path / "1").rglob("*.parquet")}
    assert len(files) == 2 * len(small().names)
    for file in files:
        assert (tmp_path / "1" / file).read_bytes() == (tmp_path / "2" / file).read_bytes(), file


@pytest.mark.parametrize(
    "settings",
    [
        {"customers": 1, "products": 1, "categories": 5},
        {"customers": 30, "products": 3, "basket": 50},
        {"customers": 30, "arrivals": ()},
        {"customers": 30, "weekday": (0, 0, 0, 0, 0, 0, 1)},
        {"customers": 30, "r": 0.01, "alpha": 1e5},
        {"customers": 30, "r": 50, "alpha": 1, "word_of_mouth": 1, "friends": 29},
    ],
)
def test_shops_at_the_edge_keep_their_books(settings: dict) -> None:
    run = build(Retail, settings).run(40, seed=1, check="rule")
    assert run.steps == 40
    assert check_integrity(run.database()).violations == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [("r", 0), ("weekday", [1] * 6), ("months", [1] * 13), ("conversion", 0), ("habit", 1.1),
     ("customers", 0), ("arrivals", [-1]), ("regularity", 0), ("custommers", 5)],
)  # fmt: skip
def test_settings_that_cannot_be_are_refused(name: str, value: object) -> None:
    with pytest.raises(ConfigError, match=name):
        build(Retail, {name: value})


GIVEN = pa.table({
    "segment": ["shop", "home"] * 200, "rate": [0.05, 0.2] * 200, "leaving": [0.0] * 400,
    "city": ["Lima", "Oslo", "Rome", "Bern"] * 100, "age": np.arange(400) % 60 + 18,
})  # fmt: skip


def test_given_customers_keep_their_columns_and_act_by_them() -> None:
    shop = Retail(customers=400, arrivals=(1,), **STEADY)
    run = shop.run(330, seed=1, given={"customers": GIVEN})
    made = run.table("customers")
    for name in GIVEN.column_names:
        assert made[name].to_pylist() == GIVEN[name].to_pylist()
    customers = made.to_pandas()
    assert (customers["state"] == "active").all()
    means = customers.groupby("segment", observed=True)["orders"].mean()
    days = 330 - customers["joined"].mean()
    assert means["shop"] == pytest.approx(1 + 0.05 * days, abs=5 * np.sqrt(0.05 * days / 200))
    # Waits of less than half a day end on the next one, which slows the fast ones down a little.
    assert means["home"] == pytest.approx(1 + 0.2 * days, rel=0.05)


@pytest.mark.parametrize(
    ("column", "values", "said"),
    [
        ("rate", [-0.1] * 400, "not all are numbers from"),
        ("leaving", [2.0] * 400, "numbers from 0 to 1"),
        ("units", ["many", "few"] * 200, "not all are numbers from 1"),
        ("segment", [1.5, None] * 200, "missing cells"),
        ("segment", ["a", None] * 200, "missing cells"),
        ("orders", [1] * 400, "kept by the simulation"),
        ("customer_id", list(range(400)), "kept by the simulation"),
    ],
)
def test_given_customers_that_cannot_be_are_refused(column: str, values: list, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        Retail(customers=400).run(1, seed=1, given={"customers": pa.table({column: values})})


def test_settings_of_goods_and_baskets_follow_from_tables() -> None:
    shop = Retail()
    found = retail_settings(plain(shop.run(seed=6, check="never").tables()))
    assert found["customers"] == shop.customers
    assert (found["products"], found["categories"]) == (shop.products, shop.categories)
    for name, off in (("basket", 0.05), ("basket_spread", 0.15), ("price", 0.1), ("discount", 0.1),
                      ("price_spread", 0.1), ("promotions", 0.1), ("returns", 0.15),
                      ("conversion", 0.05), ("browsing", 0.05)):  # fmt: skip
        assert found[name] == pytest.approx(getattr(shop, name), rel=off), name
    assert (found["arrivals_days"], found["closed"], found["cohorts"]) == (7, (), (1.0,))
    weeks = np.array(found["arrivals"])  # those within the first, second, … 30 days
    shares = [weeks[4 * i : 4 * i + 4].mean() for i in (0, 3, 6, 9)]
    assert np.array(shares) / shares[0] == pytest.approx([1, 1 / 6, 1 / 6, 1 / 6], abs=0.05)


def test_the_page_tells_every_setting_with_its_default_and_every_fact() -> None:
    text = PAGE.read_text("utf-8")
    settings = text.split("## Settings")[1].split("\n## ")[0]
    rows = dict(re.findall(r"^\| `(\w+)` \| ([^|]+) \|", settings, re.MULTILINE))
    assert rows.keys() == Retail.model_fields.keys()
    for name, field in Retail.model_fields.items():
        told, default = rows[name], field.default
        if isinstance(default, tuple):
            numbers = [] if told == "–" else told.split(", ")
            assert tuple(map(float, numbers)) == default, name
        elif isinstance(default, bool):
            assert told == str(default).lower(), name
        else:
            assert float(told.replace(",", "")) == default, name
    assert [name for name in Retail.bands if f"`{name}`" not in text] == []
