"""``likewise simulate``: tables, logs, page and manifest; and what is said when it cannot be."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from tests.conftest import Ran

from likewise.data.database_schema import read_database_schema
from likewise.simulate import SIMULATORS

Call = Callable[..., Ran]
SMALL = ("--steps", "12", "--seed", "7")

FILE = '''
"""A user's own simulation."""
from typing import ClassVar

from likewise.simulate import Form, Log, Population, Simulator, rule


class Shop(Simulator):
    """Customers who buy."""

    steps_per_day: ClassVar[float] = 4
    customers: int = 50

    def setup(self, world, draws):
        world.customers = Population(self.customers, form=Form(key="customer_id"), bought=0)
        world.orders = Log(form=Form(key="order_id", refers={"customer_id": "customers"}),
                           step=int, customer_id=int)

    @rule()
    def buy(self, world, draws):
        who = world.customers.id[draws.chance(world.customers.id, 0.3)]
        world.customers.bought[who] += 1
        world.orders.emit(step=world.step, customer_id=who)

    def collect(self, world):
        return {"orders": len(world.orders)}
'''


def _digests(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }


@pytest.mark.parametrize("name", list(SIMULATORS))
def test_every_simulator_runs_and_the_same_seed_writes_the_same_bytes(
    name: str, command: Call, tmp_path: Path
) -> None:
    for folder in ("a", "b"):
        ran = command("simulate", name, *SMALL, "-o", tmp_path / folder)
        assert ran.code == 0, ran.err
    assert _digests(tmp_path / "a") == _digests(tmp_path / "b")
    manifest = json.loads((tmp_path / "a" / "manifest.json").read_text())
    assert manifest["seed"] == 7
    assert manifest["simulator"] == name
    for file, rows in manifest["tables"].values():
        assert pq.read_metadata(tmp_path / "a" / file).num_rows == rows
    schema = read_database_schema(tmp_path / "a" / "database.yaml")
    assert set(schema.names) == set(manifest["tables"])


def test_days_are_rounded_up_to_whole_steps(command: Call, tmp_path: Path) -> None:
    words = ("simulate", "market", "--seed", "1", "--json", "--no-page", "--no-facts")
    for days, steps in ((1, 1), (252, 1), (253, 2)):
        ran = command(*words, "--days", str(days), "-o", tmp_path / str(days))
        assert json.loads(ran.out)["steps"] == steps


def test_a_file_of_ones_own_gives_linked_tables(command: Call, tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text(FILE)
    words = ("simulate", tmp_path / "shop.py", "--days", "2", "--seed", "1", "--set", "customers=9")
    ran = command(*words, "--format", "csv", "--json", "-o", tmp_path / "out")
    assert ran.code == 0, ran.err
    said = json.loads(ran.out)
    assert (said["version"], said["steps"], said["rows"]["customers"]) == (1, 8, 9)
    orders = pq.read_table(tmp_path / "out" / "orders.parquet")
    customers = (tmp_path / "out" / "customers.csv").read_text().splitlines()
    assert customers[0] == "customer_id,bought"
    assert sum(int(line.split(",")[1]) for line in customers[1:]) == orders.num_rows
    schema = read_database_schema(tmp_path / "out" / "database.yaml")
    assert [str(r) for r in schema.relations] == ["orders (customer_id) → customers (customer_id)"]


@pytest.mark.slow
def test_replicates_are_the_same_with_one_and_two_workers(command: Call, tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text(FILE)
    for workers in ("1", "2"):
        ran = command(
            "simulate", tmp_path / "shop.py", *SMALL, "--replicates", "3", "--workers", workers,
            "-o", tmp_path / workers,
        )  # fmt: skip
        assert ran.code == 0, ran.err
    made = _digests(tmp_path / "1")
    assert made == _digests(tmp_path / "2")
    assert len({made[f"replicate-{i}/orders.parquet"] for i in (1, 2, 3)}) == 3
    runs = (tmp_path / "1" / "runs.csv").read_text().splitlines()
    assert len(runs) == 4


def test_a_run_that_is_cut_off_goes_on_with_checkpoint(
    command: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "shop.py").write_text(FILE)
    words = ("simulate", tmp_path / "shop.py", *SMALL, "--checkpoint", "--quiet", "-o")
    assert command(*words, tmp_path / "whole").code == 0

    from likewise.simulate import Simulation

    advance = Simulation.advance

    def cut_off(self) -> None:
        advance(self)
        if self.world.step == 7:
            monkeypatch.setattr(Simulation, "advance", advance)
            from likewise.cli.main import interrupted

            interrupted.set()

    monkeypatch.setattr(Simulation, "advance", cut_off)
    assert command(*words, tmp_path / "cut").code == 6
    assert (tmp_path / "cut.checkpoint").exists()
    from likewise.cli.main import interrupted

    interrupted.clear()
    assert command(*words, tmp_path / "cut").code == 0
    assert not (tmp_path / "cut.checkpoint").exists()
    assert _digests(tmp_path / "cut") == _digests(tmp_path / "whole")


FITTED = FILE.replace(
    "    customers: int = 50",
    "    bounds: ClassVar = {'rate': (0.01, 0.99)}\n    customers: int = 50\n    rate: float = 0.3",
)
FITTED = (
    FITTED.replace("world.customers.id, 0.3", "world.customers.id, self.rate")
    + """
    def estimate(self, data):
        return {"customers": data["customers"].num_rows}

    def facts(self, data):
        return {"orders_each": len(data["orders"]) / len(data["customers"])}
"""
)


@pytest.mark.parametrize("source", ["numbers", "tables"])
def test_a_simulator_is_fitted_to_numbers_or_to_tables(
    source: str, command: Call, tmp_path: Path
) -> None:
    (tmp_path / "shop.py").write_text(FITTED)
    words = ("simulate", tmp_path / "shop.py", "--steps", "20", "--seed", "1", "--no-page")
    if source == "numbers":
        given = tmp_path / "facts.yaml"
        given.write_text("orders_each: 12.0")
    else:
        given = tmp_path / "real"
        true = ("--set", "rate=0.6", "--set", "customers=400", "--format", "csv")
        assert command(*words, *true, "-o", given).code == 0
    ran = command(*words, "--fit", given, "--evaluations", "30", "-o", tmp_path / "out")
    assert ran.code == 0, ran.err
    said = json.loads((tmp_path / "out" / "fit.json").read_text())
    assert said["parameters"]["rate"] == pytest.approx(0.6, abs=0.06)
    assert said["parameters"]["customers"] == (50 if source == "numbers" else 400)
    assert said["facts"]["orders_each"]["missed"] is False
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert manifest["parameters"] == said["parameters"]


@pytest.mark.parametrize(
    ("content", "code", "said"),
    [
        ("[1, 2]", 2, "no list of numbers by name"),
        ("orders: many", 2, "no list of numbers by name"),
        ("orders: 3", 2, "fact 'orders': the simulation gives orders_each"),
        (None, 3, "cannot be read"),
        ("folder", 3, "holds no Parquet or CSV file"),
        ("tables", 3, "needs a table or column 'customers' that is not there"),
    ],
)
def test_fits_that_cannot_be_are_said(
    content: str | None, code: int, said: str, command: Call, tmp_path: Path
) -> None:
    (tmp_path / "shop.py").write_text(FITTED)
    given = tmp_path / "given"
    if content in ("folder", "tables"):
        given.mkdir()
        if content == "tables":
            (given / "orders.csv").write_text("order_id\n1\n2\n")
    elif content is not None:
        given.write_text(content)
    ran = command("simulate", tmp_path / "shop.py", *SMALL, "--fit", given, "-o", tmp_path / "out")
    assert (ran.code, ran.out) == (code, "")
    assert said in ran.err


def test_a_simulator_that_knows_nothing_of_data_is_not_fitted(
    command: Call, tmp_path: Path
) -> None:
    (tmp_path / "facts.yaml").write_text("happy: 0.5")
    ran = command("simulate", "schelling", *SMALL, "--fit", tmp_path / "facts.yaml")
    assert ran.code == 2
    assert "Schelling has no bounds" in ran.err


def test_without_a_name_the_simulators_are_listed(command: Call) -> None:
    ran = command("simulate")
    assert ran.code == 0
    assert all(name in ran.out for name in SIMULATORS)
    assert "sheep_breed" in ran.out
    listed = json.loads(command("simulate", "--json").out)["simulators"]
    assert [one["name"] for one in listed] == list(SIMULATORS)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["wolfsheep"], 2, "Did you mean 'wolf-sheep'"),
        (["schelling", "--set", "density=1.5"], 2, "--set 'density'"),
        (["schelling", "--set", "densty=0.5"], 2, "Did you mean 'density'"),
        (["schelling", "--set", "height=2"], 2, "--set 'height'"),
        (["schelling", "--set", "radius=10", "--set", "width=12"], 2, "less than half a side"),
        (["schelling", "--days", "3"], 2, "steps of no length"),
        (["nothing.py"], 3, "nothing.py: no such file"),
        (["schelling", "--checkpoint"], 2, "--checkpoint: without a seed"),
        (
            ["schelling", "--checkpoint", "--seed", "1", "--replicates", "2"],
            2,
            "beside 2 replicates",
        ),
        (["--set", "a=1"], 2, "no simulator named"),
        (["schelling", "--steps", "-1"], 2, "--steps"),
        (["epidemic", "--days", "-1"], 2, "--days"),
        (["epidemic", "--days", "inf"], 2, "--days"),
        (["epidemic", "--days", "nan"], 2, "--days"),
        (["epidemic", "--steps", "99999999999999999999"], 2, "--steps"),
        (["epidemic", "--set", "people=99999999999999999999"], 2, "--set 'people'"),
        (["epidemic", "--set", "imported=1e12"], 2, "--set 'imported'"),
        (["epidemic", "--set", "meetings=.nan"], 2, "--set 'meetings'"),
    ],
)
def test_what_cannot_be_is_said_in_a_line(
    words: list[str], code: int, said: str, command: Call, tmp_path: Path
) -> None:
    ran = command("simulate", *words, "-o", tmp_path / "out")
    assert (ran.code, ran.out) == (code, "")
    assert said in ran.err
    assert not list(tmp_path.rglob("*.parquet"))


def test_a_file_in_the_way_is_not_touched(command: Call, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    ran = command("simulate", "schelling", *SMALL, "-o", tmp_path / "out")
    assert ran.code == 3
    assert (tmp_path / "out").read_text() == "mine"
