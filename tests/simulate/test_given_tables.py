"""Tables that are given to a world: its own as text files hold them, empty ones, and bad cells."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pytest

from likewise.core.errors import DataError
from likewise.jobs.simulation_facts import read_tables, real_facts
from likewise.simulate.city import city_facts
from likewise.simulate.dynamics import Data
from likewise.simulate.epidemic import Epidemic
from likewise.simulate.epidemic_facts import epidemic_facts, people_of
from likewise.simulate.freeway import Freeway
from likewise.simulate.market_book_facts import facts_of_book
from likewise.simulate.model import plain
from likewise.simulate.order_book import OrderBook
from likewise.simulate.payments import Payments
from likewise.simulate.payments_facts import payment_facts
from likewise.simulate.payments_fit import estimated
from likewise.simulate.retail import Retail
from likewise.simulate.retail_items import promotion_lift
from likewise.simulate.retail_sales import read_sales
from likewise.simulate.simulator import Simulator

PEOPLE = pa.table({"household_id": [1, 1, 2, 2], "condition": ["no", "yes", "No", "no"]})
INFECTIONS = pa.table({
    "person_id": ["a", "b", "c"], "by_id": [None, "a", "b"], "day": [0, 3, 5],
    "place": ["imported", "home", "elsewhere"],
})  # fmt: skip
OUTBREAK = {"people": PEOPLE, "infections": INFECTIONS}
PAID = pa.table({
    "time": range(300), "type": ["transfer"] * 300, "amount": [1.5, 20.0, 30.0] * 100,
    "from_id": [f"a{i % 120}" for i in range(300)], "to_id": [f"b{i % 7}" for i in range(300)],
})  # fmt: skip


def _written(tables: Mapping[str, pa.Table], folder: Path) -> Path:
    folder.mkdir()
    for name, table in tables.items():
        pyarrow.csv.write_csv(table, folder / f"{name}.csv")
    return folder


def _with(table: pa.Table, column: str, values: list[Any] | None) -> pa.Table:
    place = table.column_names.index(column)
    if values is None:
        return table.remove_column(place)
    return table.set_column(place, column, pa.array(values))


@pytest.mark.parametrize(
    ("simulator", "steps", "settled"),
    [
        (Epidemic(people=300), 20, {"people": 300}),
        (Payments(clients=200, merchants=10, fraud=0.0), 48, {"clients": 200}),
        (OrderBook(minutes=30, maker_rate=2.0, noise_rate=10.0), 1, {}),
    ],
)
def test_a_world_reads_its_own_tables_from_text_files(
    simulator: Simulator, steps: int, settled: Mapping[str, int], tmp_path: Path
) -> None:
    """A column that never changes, and one of yes and no, come back from there as texts."""
    tables = plain(simulator.run(steps, seed=1, check="never").tables())
    again = plain(read_tables(_written(tables, tmp_path / "csv")))
    assert simulator.facts(again) == pytest.approx(simulator.facts(tables), rel=1e-6)
    if settled:
        assert settled.items() <= simulator.estimate(again).items()


def test_facts_of_an_outbreak_are_those_one_counts() -> None:
    assert people_of(OUTBREAK) == {"people": 4, "household": 2, "condition": 0.25}
    found = epidemic_facts(OUTBREAK)
    assert found == pytest.approx(
        {"attacked": 0.75, "at_home": 0.5, "interval": 2.5, "overdispersion": 1 / 3}
    )
    nobody = _with(INFECTIONS, "by_id", [None] * 3)
    assert set(epidemic_facts({**OUTBREAK, "infections": nobody})) == {"attacked", "at_home"}


@pytest.mark.parametrize(
    ("table", "column", "values", "said"),
    [
        ("people", "household_id", None, "has no column 'household_id'"),
        ("people", "household_id", [1, None, 2, 2], "1 cell without a value"),
        ("people", "condition", None, "has no column 'condition'"),
        ("people", "condition", ["mild", "no", "some", "yes"], "2 cells with neither yes nor no"),
        ("infections", "place", None, "has no column 'place'"),
        ("infections", "place", ["home", "work", "bus"], "2 cells with another word"),
        ("infections", "person_id", ["a", None, "c"], "1 cell without a value"),
        ("infections", "day", ["Mon", "Tue", "Wed"], "not all are numbers"),
        ("infections", "day", [1, None, None], "2 cells without a number"),
    ],
)
def test_tables_of_an_outbreak_that_cannot_be_used_are_refused(
    table: str, column: str, values: list[Any] | None, said: str
) -> None:
    changed = {**OUTBREAK, table: _with(OUTBREAK[table], column, values)}
    with pytest.raises(DataError, match=said):
        people_of(changed)
        epidemic_facts(changed)


def test_a_table_of_an_outbreak_that_is_not_there_is_named() -> None:
    for name in OUTBREAK:
        with pytest.raises(DataError, match=f"there is no table '{name}'"):
            people_of({k: v for k, v in OUTBREAK.items() if k != name})
            epidemic_facts({k: v for k, v in OUTBREAK.items() if k != name})
    with pytest.raises(DataError, match="has no rows"):
        people_of({"people": PEOPLE.slice(0, 0)})


def test_transfers_to_nobody_are_no_ties_and_bad_cells_of_payments_are_refused() -> None:
    whole = payment_facts({"transactions": PAID}, Payments())
    assert "reciprocity" in whole
    gaps = _with(PAID, "from_id", pa.nulls(300, pa.string()).to_pylist())
    assert "reciprocity" not in payment_facts({"transactions": gaps}, Payments())
    assert payment_facts({}, Payments()) == {}
    for column, values, said in (
        ("time", ["noon"] * 300, "not all are numbers"),
        ("time", [None, *range(299)], "1 cell without a value"),
        ("amount", None, "has no column 'amount'"),
    ):
        with pytest.raises(DataError, match=said):
            payment_facts({"transactions": _with(PAID, column, values)}, Payments())
    with pytest.raises(DataError, match="no table 'transactions'"):
        estimated(Payments(), {})


def test_bad_cells_of_an_order_book_a_city_and_a_freeway_are_refused_or_left_out() -> None:
    orders = pa.table({"action": ["limit"], "day": ["1"], "seconds": [2.0], "size": ["many"]})
    with pytest.raises(DataError, match="column 'size': not all are numbers"):
        facts_of_book({"orders": orders})
    counts = pa.table({"minute": [0, 5], "link_id": [1, 1], "count": [3, 4], "speed": [None, None]})
    with pytest.raises(DataError, match="table links: has no column 'link_id'"):
        city_facts({"counts": counts, "links": pa.table({"length": [1.0]})})
    assert Freeway().facts({"counts": counts}) == {}


def test_promotions_of_a_shop_are_days_and_of_products_by_any_type_of_id() -> None:
    sales = read_sales(
        plain(Retail(customers=200, products=5, clicks=False).run(60, seed=1).tables())
    )
    assert sales is not None
    assert sales.lines is not None
    table = pa.table(
        {"product_id": ["0", "1", "2"], "first_day": ["8"] * 3, "last_day": [21.0] * 3}
    )
    assert promotion_lift(sales, sales.lines, table) is not None
    with pytest.raises(DataError, match="column 'first_day': 1 cell without a number"):
        promotion_lift(sales, sales.lines, _with(table, "first_day", [1, None, 8]))


def test_a_table_without_rows_is_one_of_a_folder(tmp_path: Path) -> None:
    """Of events that did not happen, such as closures of streets."""
    folder = _written({**OUTBREAK, "tests": pa.table({"day": pa.array([], pa.int64())})},
                      tmp_path / "given")  # fmt: skip
    assert real_facts(Epidemic(), folder, must=True)["attacked"] == 0.75
    with pytest.raises(DataError, match="no rows"):
        read_tables(folder / "tests.csv")


class Asking(Epidemic):
    """Asks for a column as Arrow gives it."""

    def facts(self, data: Data) -> Mapping[str, float]:
        return {"x": data["people"]["age"][0].as_py()}


def test_a_column_that_a_simulator_asks_for_in_vain_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="needs a table or column 'age' that is not there"):
        real_facts(Asking(), _written(OUTBREAK, tmp_path / "given"), must=True)
