"""Facts of a shop whose answers can be told by hand, tables as they may come, and the fit."""

import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from likewise.core.errors import ConfigError, DataError
from likewise.simulate.bgnbd import RepeatModel
from likewise.simulate.model import load_simulator, plain
from likewise.simulate.retail import Retail
from likewise.simulate.retail_facts import retail_facts, retail_weights
from likewise.simulate.retail_items import double_jeopardy, elasticity, rebuy, top_share, zipf
from likewise.simulate.retail_repeats import (
    calendar,
    clock_of,
    histogram_gap,
    history_of,
    regularity,
    season,
    weekly,
)  # fmt: skip
from likewise.simulate.retail_sales import Lines, Sales, read_sales

ORDERS = pa.table({
    "order_id": [10, 11, 12, 13], "customer_id": ["b", "a", "b", None], "day": [1, 2, 9, 3],
})  # fmt: skip
LINES = pa.table({
    "order_id": [10, 10, 11, 12, 12, 13, 12], "product_id": ["x", "y", "x", "x", "z", "x", "y"],
    "quantity": [1, 2, 1, 5, 1, 1, -1], "price": [2.0, 1.0, 3.0, 2.0, 4.0, 9.0, 1.0],
})  # fmt: skip
SHOP = {"orders": ORDERS, "order_lines": LINES}


def _sales() -> tuple[Sales, Lines]:
    sales = read_sales(SHOP)
    assert sales is not None
    assert sales.lines is not None
    return sales, sales.lines


def test_orders_without_a_customer_and_lines_that_are_sent_back_are_left_out() -> None:
    sales, lines = _sales()
    assert (sales.customer.tolist(), sales.day.tolist()) == ([0, 1, 0], [1, 2, 9])
    assert (sales.customers, sales.end, lines.products) == (2, 9, 3)
    assert lines.order.tolist() == [0, 0, 1, 2, 2]
    assert lines.names.to_pylist() == ["x", "y", "z"]


def test_dates_and_other_names_say_the_same_as_days() -> None:
    first = datetime.datetime(2024, 3, 1, 23, 59)
    dates = [first + datetime.timedelta(days=day - 1) for day in (1, 2, 9, 3)]
    orders = ORDERS.drop_columns(["day"]).append_column("date", pa.array(dates))
    lines = LINES.set_column(0, "order_id", LINES["order_id"].cast(pa.int16()))
    assert retail_facts({"orders": orders, "lines": lines}) == retail_facts(SHOP)


def test_shares_of_lines_and_of_money_are_those_one_counts() -> None:
    sales, lines = _sales()
    # After the first day b buys x, bought before, and z; a has no second day.
    assert rebuy(sales, lines) == 0.5
    money = np.array([4.0, 1, 2, 1, 1, 3, 1, 2, 5, 10])  # of ten customers: two lead, with 15
    assert top_share(np.arange(10), money, 10) == 0.5
    found = retail_facts(SHOP)
    assert found["lines"] == pytest.approx(5 / 3)
    assert (found["once"], found["repeats"]) == (0.5, 0.5)
    assert "histogram_gap" not in found  # two customers


def test_customers_drawn_twice_are_two() -> None:
    sales, _ = _sales()
    drawn = sales.of(np.array([1, 0, 0]))
    assert drawn.customer.tolist() == [0, 1, 1, 2, 2]
    assert drawn.lines is not None
    assert drawn.lines.product.tolist() == [0, 0, 1, 0, 2, 0, 1, 0, 2]
    assert drawn.lines.order.tolist() == [0, 1, 1, 2, 2, 3, 3, 4, 4]


def test_zipf_is_the_slope_of_an_exact_law() -> None:
    assert zipf(1e6 / np.arange(1, 501) ** 0.7) == pytest.approx(0.7)


def test_regularity_is_the_shape_of_gamma_times() -> None:
    rng = np.random.default_rng(1)
    for shape in (1, 3):
        days = np.cumsum(1 + (rng.gamma(shape, 1000 / shape, (4000, 4))).astype(int), axis=1)
        seen = history_of(np.repeat(np.arange(4000), 4), days.ravel(), int(days.max()))
        assert regularity(seen) == pytest.approx(shape, rel=0.08)


def test_products_of_few_buyers_who_buy_seldom_are_in_double_jeopardy() -> None:
    # Product j has 5 + j buyers; each buys it 1 + j times, or 30 - j times.
    for rises, wanted in ((True, 1.0), (False, -1.0)):
        rows = [
            (buyer, product)
            for product in range(30)
            for buyer in range(5 + product)
            for _ in range(1 + product if rises else 30 - product)
        ]
        customer, product = np.array(rows).T
        orders = np.arange(len(rows))
        lines = Lines(orders, product, orders * 0 + 1, orders + 1.0, 30, pa.array(range(30)))
        sales = Sales(customer, orders * 0 + 1, 40, 1, lines)
        assert double_jeopardy(sales, lines) == pytest.approx(wanted)


def test_elasticity_is_the_power_of_the_price() -> None:
    rows = [
        (product, week, cost)
        for product in range(4)  # one of them is cheap each week, so that all lines are as many
        for week in range(40)
        for cost in [0.8 if week % 4 == product else 1.0]
        for _ in range(round(100 * cost**-1.5))
    ]
    product, week, paid = np.array(rows).T
    orders = np.arange(len(rows))
    ones = np.ones(len(rows))
    lines = Lines(orders, product.astype(int), ones, paid, 4, pa.array(range(4)))
    sales = Sales(orders, (week * 7 + 1).astype(int), len(rows), 280, lines)
    assert elasticity(sales, lines) == pytest.approx(-1.5, abs=0.02)
    flat = Lines(orders, product.astype(int), ones, ones, 4, pa.array(range(4)))
    assert elasticity(sales, flat) is None


def test_the_histogram_of_the_model_itself_has_a_gap_of_almost_nothing() -> None:
    model = RepeatModel(0.8, 30.0, 0.8, 2.5)
    counts = np.round(20_000 * model.share(np.arange(300), 200.0)).astype(int)
    repeats = np.repeat(np.arange(300), counts)
    customer = np.repeat(np.arange(len(repeats)), repeats + 1)
    within = np.arange(len(customer)) - np.repeat(np.cumsum(repeats + 1) - repeats - 1, repeats + 1)
    seen = history_of(customer, within + 1, 201)
    assert histogram_gap(seen, model) < 0.002
    assert histogram_gap(seen, RepeatModel(0.8, 60.0, 0.8, 2.5)) > 0.1


def test_a_year_is_told_from_growth() -> None:
    shop = Retail(customers=6000, basket=1, products=50, clicks=False, weekday=(1,) * 7,
                  months=(2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0.5, 0.5), word_of_mouth=0)  # fmt: skip
    sales = read_sales(shop.run(365, seed=1, check="never").tables())
    assert sales is not None
    seen = history_of(sales.customer, sales.day, sales.end)
    week, closed = weekly(sales)
    assert not len(closed)
    _, months = season(seen, calendar(seen.end, week, closed))
    assert months == pytest.approx(shop.months, abs=0.1)
    days = calendar(14, np.arange(7) / 3, np.array([14]))
    assert clock_of(days, np.ones(12))[[0, 7, 13, 14]] == pytest.approx([0, 7, 12, 12])


@pytest.mark.parametrize(
    ("table", "column", "values", "said"),
    [
        ("orders", "customer_id", None, "has no column 'customer_id'"),
        ("orders", "day", None, "does not say when"),
        ("orders", "day", [0, 1, 2, 3], "days before 1"),
        ("orders", "day", [1, None, 2, 3], "1 missing cells"),
        ("orders", "day", ["Mon", "Tue", "Sun", "Sun"], "not all are numbers"),
        ("orders", "order_id", [10, 10, 12, 13], "an id stands twice"),
        ("order_lines", "price", None, "has no column 'price'"),
        (
            "order_lines",
            "price",
            [-1.0] * 7,
            "no line of a product with a quantity and a price above 0",
        ),
        ("order_lines", "quantity", ["one"] * 7, "not all are numbers"),
        ("order_lines", "order_id", [10, 10, 11, 12, 12, 13, 99], "1 lines of orders"),
    ],
)
def test_tables_that_cannot_be_used_are_refused(table, column, values, said) -> None:
    place = SHOP[table].column_names.index(column)
    changed = (
        SHOP[table].remove_column(place)
        if values is None
        else SHOP[table].set_column(place, column, pa.array(values))
    )
    with pytest.raises(DataError, match=said):
        retail_facts({**SHOP, table: changed})


def test_too_little_data_and_impossible_targets_are_refused() -> None:
    with pytest.raises(DataError, match="1 customers who bought on a second day"):
        Retail().fit(SHOP)
    with pytest.raises(DataError, match="no orders of known customers"):
        Retail().fit({"customers": pa.table({"customer_id": [1]})})
    few = Retail(customers=200, clicks=False)
    with pytest.raises(ConfigError, match="the simulation gives"):
        few.fit(facts={"loyalty": 0.5}, steps=100, seed=1, evaluations=2)
    with pytest.raises(ConfigError, match="wanted to be inf"):
        few.fit(facts={"zipf": np.inf}, steps=100, seed=1, evaluations=2)


def test_facts_are_only_those_that_tables_allow() -> None:
    tables = plain(Retail(customers=600, clicks=False).run(120, seed=1).tables())
    assert retail_facts({"customers": tables["customers"]}) == {}
    assert retail_facts(plain(Retail(arrivals=(), clicks=False).run(3, seed=1).tables())) == {}
    without = set(retail_facts({"orders": tables["orders"]}))
    assert without == {"repeats", "once", "weekday_strength", "histogram_gap", "regularity"}
    goods = set(retail_facts({name: tables[name] for name in ("orders", "order_lines")}))
    assert goods - without == {
        "lines", "top_fifth", "rebuy", "zipf", "double_jeopardy", "elasticity",
    }  # fmt: skip


def test_errors_of_facts_are_those_of_counting() -> None:
    tables = plain(Retail(customers=400, clicks=False, products=100).run(120, seed=1).tables())
    weights = retail_weights({"orders": tables["orders"]})
    assert weights is not None
    share, people = retail_facts(tables)["once"], pc.count_distinct(tables["orders"]["customer_id"])
    wanted = np.sqrt(share * (1 - share) / people.as_py())
    assert weights.errors[weights.names.index("once")] == pytest.approx(wanted, rel=0.4)
    assert np.count_nonzero(weights.covariance) == len(weights.names)


def test_a_shop_is_fitted_to_tables_and_found_again_from_its_file(tmp_path) -> None:
    truth = Retail(customers=700, products=150, clicks=False, spending=1.2, arrivals=(1,))
    tables = truth.run(150, seed=1).tables()
    data = {name: tables[name] for name in ("orders", "order_lines")}
    model = Retail(clicks=False).fit(data, steps=150, seed=2, evaluations=30, method="nelder_mead")
    assert model.calibration is not None
    assert set(model.calibration.target) >= {"zipf", "rebuy", "top_fifth", "elasticity"}
    fitted = model.simulator
    assert isinstance(fitted, Retail)
    assert (fitted.products, fitted.word_of_mouth) == (150, 0)
    model.save(tmp_path / "shop.model")
    again = load_simulator(tmp_path / "shop.model")
    rows = again.sample(seed=3)["order_lines"].rows
    assert rows == model.sample(seed=3)["order_lines"].rows
    assert rows == pytest.approx(tables["order_lines"].num_rows, rel=0.25)
