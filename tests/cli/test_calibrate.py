"""``likewise calibrate``, facts, populations from tables, and plan files of simulations."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from tests.conftest import Ran

from likewise.simulate.model import load_simulator

Call = Callable[..., Ran]

FILE = '''
from typing import ClassVar

from likewise.simulate import Band, Form, Log, Population, Simulator, rule
from likewise.simulate.given import given_columns


class Shop(Simulator):
    """Customers who buy."""

    bounds: ClassVar = {"rate": (0.01, 0.99)}
    bands: ClassVar = {"orders_each": Band("orders of a customer", 5, 8, "a guess")}
    populations: ClassVar = {"customers": "customers"}
    default_steps: ClassVar[int] = 20
    customers: int = 50
    rate: float = 0.3

    def setup(self, world, draws):
        columns, words = given_columns(world, "customers")
        form = Form(key="customer_id", labels=words)
        world.customers = Population(self.customers, form=form, **{"age": 40, **columns})
        world.orders = Log(form=Form(key="order_id", refers={"customer_id": "customers"}),
                           step=int, customer_id=int)

    @rule()
    def buy(self, world, draws):
        who = world.customers.id[draws.chance(world.customers.id, self.rate)]
        world.orders.emit(step=world.step, customer_id=who)

    def estimate(self, data):
        return {"customers": data["customers"].num_rows}

    def facts(self, data):
        if "orders" not in data:
            return {}
        return {"orders_each": len(data["orders"]) / len(data["customers"])}
'''


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A simulator in a file."""
    path = tmp_path / "shop.py"
    path.write_text(FILE)
    return path


@pytest.fixture
def people(tmp_path: Path) -> Path:
    """A table of customers: who is older lives in the south."""
    rng = np.random.default_rng(1)
    age = rng.integers(18, 90, 600)
    region = np.where(age > 50, "south", "north")
    path = tmp_path / "people.csv"
    pd.DataFrame({"age": age, "region": region}).to_csv(path, index=False)
    return path


def test_a_model_is_fitted_judged_on_new_seeds_and_run(
    shop: Path, command: Call, tmp_path: Path
) -> None:
    (tmp_path / "facts.yaml").write_text("orders_each: 12.0")
    model = tmp_path / "shop.model"
    words = ("calibrate", shop, tmp_path / "facts.yaml", "--evaluations", "40", "--seed", "1")
    ran = command(*words, "--set", "customers=400", "--trials", "5", "-o", model, "--json")
    assert ran.code == 0, ran.err
    said = json.loads(ran.out)
    assert said["calibrated"]["rate"] == pytest.approx(0.6, abs=0.03)
    (fact,) = said["facts"]
    assert (fact["wanted"], fact["met"]) == (12.0, 1.0)
    assert fact["simulated"] == pytest.approx(12, abs=0.5)
    assert fact["spread"] == pytest.approx(np.sqrt(20 * 0.6 * 0.4 / 400), rel=0.9)
    kept = json.loads((tmp_path / "shop.fit.json").read_text())
    assert kept["parameters"] == said["parameters"]
    again = command("simulate", shop, "--model", model, "--seed", "3", "-o", tmp_path / "out")
    assert again.code == 0, again.err
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert manifest["parameters"] == said["parameters"]
    orders = manifest["tables"]["orders"][1]
    assert orders / 400 == pytest.approx(12, abs=0.5)
    assert "missed" in again.err  # 12 orders are beyond the band


def test_the_same_seed_gives_the_same_model(shop: Path, command: Call, tmp_path: Path) -> None:
    (tmp_path / "facts.yaml").write_text("orders_each: 9.0")
    made = []
    for name in ("a", "b"):
        model = tmp_path / f"{name}.model"
        words = ("calibrate", shop, tmp_path / "facts.yaml", "--evaluations", "15", "--seed", "4")
        assert command(*words, "--quiet", "-o", model).code == 0
        made.append((model.read_bytes(), (tmp_path / f"{name}.fit.json").read_bytes()))
    assert made[0] == made[1]


def test_a_model_of_the_package_is_run_by_its_file_alone(command: Call, tmp_path: Path) -> None:
    (tmp_path / "facts.yaml").write_text("attacked: 0.4")
    model = tmp_path / "e.model"
    words = (
        "calibrate",
        "epidemic",
        tmp_path / "facts.yaml",
        "--set",
        "people=500",
        "--days",
        "40",
    )
    few = ("--days", "40", "--evaluations", "12", "--trials", "2", "--method", "nelder-mead")
    assert command(*words, *few, "--seed", "1", "-o", model).code == 0
    ran = command("simulate", model, "--seed", "2", "--json", "-o", tmp_path / "out")
    assert ran.code == 0, ran.err
    said = json.loads(ran.out)
    assert said["simulator"] == "epidemic"
    fitted = load_simulator(model).simulator.model_dump(mode="json")
    assert json.loads((tmp_path / "out" / "manifest.json").read_text())["parameters"] == fitted


def test_facts_stand_beside_those_of_real_tables(shop: Path, command: Call, tmp_path: Path) -> None:
    words = ("simulate", shop, "--seed", "1", "--no-page")
    assert command(*words, "--set", "rate=0.5", "-o", tmp_path / "real").code == 0
    ran = command(*words, "--real", tmp_path / "real", "--json", "-o", tmp_path / "out")
    assert ran.code == 0, ran.err
    (fact,) = json.loads(ran.out)["facts"]
    counts = [
        pq.read_metadata(tmp_path / name / "orders.parquet").num_rows for name in ("out", "real")
    ]
    assert [fact["value"], fact["real"]] == [count / 50 for count in counts]
    assert (fact["low"], fact["high"], fact["inside"]) == (5, 8, 1.0)
    assert json.loads((tmp_path / "out" / "facts.json").read_text())["facts"] == [fact]
    none = command(*words, "--no-facts", "--json", "-o", tmp_path / "none")
    assert json.loads(none.out)["facts"] == []
    assert not (tmp_path / "none" / "facts.json").exists()


def test_the_page_shows_facts_and_misses(shop: Path, command: Call, tmp_path: Path) -> None:
    ran = command("simulate", shop, "--set", "rate=0.9", "--seed", "1", "-o", tmp_path / "out")
    assert ran.code == 0, ran.err
    page = (tmp_path / "out" / "simulation.html").read_text()
    assert "orders of a customer" in page
    assert 'class="missed"' in page
    assert "orders_each" in ran.err
    assert "missed" in ran.err


@pytest.mark.parametrize("way", ["option", "plan"])
def test_agents_are_drawn_from_a_learned_table(
    way: str, shop: Path, people: Path, command: Call, tmp_path: Path
) -> None:
    if way == "option":
        words = ["simulate", shop, "--set", "customers=2000", "--seed", "5", "--population", people]
        ran = command(*words, "-o", tmp_path / "out")
    else:
        (tmp_path / "plan.yaml").write_text(
            "simulate: shop.py\nsettings: {customers: 2000}\nseed: 5\noutput: out\n"
            "population: {learn: people.csv, generator: trees}\n"
        )
        ran = command("run", tmp_path / "plan.yaml")
    assert ran.code == 0, ran.err
    made = pq.read_table(tmp_path / "out" / "customers.parquet").to_pandas()
    assert len(made) == 2000
    assert np.mean((made.age > 50) == (made.region == "south")) > 0.95
    assert made.age.mean() == pytest.approx(pd.read_csv(people).age.mean(), abs=3)
    given = json.loads((tmp_path / "out" / "manifest.json").read_text())["populations"]
    assert next(iter(given.values()))["generator"] == "trees"


def test_real_rows_may_be_agents(shop: Path, people: Path, command: Call, tmp_path: Path) -> None:
    text = f"customers={people}:real"
    words = ("simulate", shop, "--set", "customers=600", "--seed", "5", "--population", text)
    assert command(*words, "-o", tmp_path / "out").code == 0
    made = pq.read_table(tmp_path / "out" / "customers.parquet").to_pandas()
    real = pd.read_csv(people)
    assert sorted(zip(made.age, made.region, strict=True)) == sorted(
        zip(real.age, real.region, strict=True)
    )


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["simulate", "shop.py", "--population", "people.csv:real"], 0, ""),
        (["simulate", "shop.py", "--set", "customers=601", "--population", "people.csv:real"], 3,
         "600 rows for 601 agents"),
        (["simulate", "shop.py", "--population", "clients=people.csv"], 2, "takes no such table"),
        (["simulate", "schelling", "--population", "people.csv"], 2, "is not said"),
        (["simulate", "shop.py", "--population", "nobody.csv"], 3, "does not exist"),
        (["simulate", "shop.py", "--real", "people.csv"], 3, "holds nothing from which"),
        (["simulate", "shop.py", "--model", "people.csv"], 3, "people.csv"),
        (["calibrate", "shop.py", "people.csv"], 3, "needs a table or column 'customers'"),
        (["calibrate", "shop.py", "facts.yaml", "-o", "x.txt"], 2, "ends in .model"),
        (["calibrate", "shop.py", "facts.yaml", "-o", "no/x.model"], 3, "does not exist"),
        (["calibrate", "shop.py", "beyond.yaml", "--evaluations", "20"], 2,
         "fact 'orders_each': wanted to be 90, but simulations gave"),
        (["simulate", "shop.py", "--fit", "beyond.yaml", "--evaluations", "20"], 2,
         "wanted to be 90"),
        (["calibrate", "shop.py", "unknown.yaml"], 2, "the simulation gives orders_each"),
        (["run", "bad.yaml"], 2, "no such field. Did you mean 'settings'"),
        (["run", "two.yaml"], 2, "needs one table"),
        (["run", "plan.yaml", "--scale", "2x"], 2, "the plan is one of a simulation"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_in_a_line(
    words: list[str], code: int, said: str, shop: Path, people: Path, command: Call,
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    Path("facts.yaml").write_text("orders_each: 3.0")
    Path("beyond.yaml").write_text("orders_each: 90")
    Path("unknown.yaml").write_text("orders: 3.0")
    Path("bad.yaml").write_text("simulate: shop.py\nsetings: {}")
    Path("two.yaml").write_text("simulate: shop.py\npopulation: {learn: a.csv, real: b.csv}")
    Path("plan.yaml").write_text("simulate: shop.py\n")
    where = ("-o", "out") if words[0] == "simulate" else ()
    ran = command(*words, *where, "--seed", "1")
    assert ran.code == code, ran.err
    assert said in ran.err
    if code:
        assert not Path("out").exists()
        assert not list(tmp_path.glob("*.model"))


@pytest.mark.slow
def test_a_motorway_is_calibrated_by_one_file_of_detectors(command: Call, tmp_path: Path) -> None:
    from likewise.simulate.corridor import Corridor

    road = Corridor(length=3000, lanes=2, demand=1200, ramp=300, ramp_at=0.5, tracked=0)
    counts = road.run(3600, seed=2).table("counts").to_pandas()
    counts["place"] = 500 + 500 * counts["detector_id"]
    path = tmp_path / "detectors.csv"
    counts[["minute", "detector_id", "lane", "place", "count", "speed"]].to_csv(path, index=False)
    ran = command("calibrate", "corridor", str(path), "--steps", "900", "--evaluations", "2",
                  "--trials", "0", "--seed", "1", "-o", str(tmp_path / "road.model"))  # fmt: skip
    assert ran.code == 0, ran.err
    found = load_simulator(tmp_path / "road.model").simulator
    assert isinstance(found, Corridor)
    assert (found.lanes, found.length) == (2, 3000)
    assert len(found.profile) == 4


def test_a_fact_that_a_new_seed_lacks_is_not_met_by_it(
    shop: Path, command: Call, tmp_path: Path
) -> None:
    """As a jam's density is, where no jam forms."""
    lacks = 'if "orders" not in data or len(data["orders"]) % 2:'
    shop.write_text(FILE.replace('if "orders" not in data:', lacks))
    (tmp_path / "facts.yaml").write_text("orders_each: 6.0")
    words = ("calibrate", shop, tmp_path / "facts.yaml", "--evaluations", "40", "--seed", "1")
    done = command(*words, "--trials", "8", "-o", tmp_path / "shop.model", "--json")
    assert done.code == 0, done.err
    fact = json.loads(done.out)["facts"][0]
    assert fact["simulated"] == pytest.approx(6.0, abs=1.0)
    assert 0 < fact["met"] < 1


def test_a_fact_that_no_simulation_shows_is_said_to_be_missing(
    shop: Path, command: Call, tmp_path: Path
) -> None:
    shop.write_text(FILE.replace('if "orders" not in data:', "if data:"))
    (tmp_path / "facts.yaml").write_text("orders_each: 6.0")
    words = ("calibrate", shop, tmp_path / "facts.yaml", "--evaluations", "10", "--seed", "1")
    done = command(*words, "-o", tmp_path / "shop.model")
    assert done.code == 2
    assert "the simulation gives none, tried 10 times" in done.err
    assert not (tmp_path / "shop.model").exists()


@pytest.mark.parametrize(
    ("wanted", "error", "met"),
    [("0", 0.01, 0.0), ("{wanted: 0, error: 0.2}", 0.2, 1.0), ("0.9", 0.09, 0.0)],
)
def test_a_wanted_nothing_is_not_met_by_a_tenth(
    wanted: str, error: float, met: float, command: Call, tmp_path: Path
) -> None:
    """A tenth of the people incubate from the start, so that fewer cannot be infected."""
    (tmp_path / "facts.yaml").write_text(f"attacked: {wanted}")
    words = ("--set", "people=300", "--set", "infected=30", "--days", "2", "--seed", "1")
    shown = ("--json",) if met else ()
    ran = command("calibrate", "epidemic", tmp_path / "facts.yaml", *words, "--evaluations", "3",
                  "--trials", "2", "-o", tmp_path / "e.model", *shown)  # fmt: skip
    if not met:
        assert ran.code == 2
        assert "but simulations gave 0.1" in ran.err
        return
    (fact,) = json.loads(ran.out)["facts"]
    assert (fact["wanted"], fact["standard_error"], fact["met"]) == (0, error, met)


def test_the_error_that_a_wanted_nothing_is_taken_to_have_is_said(
    command: Call, tmp_path: Path
) -> None:
    (tmp_path / "facts.yaml").write_text("attacked: 0")
    words = ("--set", "people=2000", "--set", "infected=2", "--days", "2", "--seed", "1")
    ran = command("calibrate", "epidemic", tmp_path / "facts.yaml", *words, "--evaluations", "3",
                  "--trials", "2", "-o", tmp_path / "e.model")  # fmt: skip
    assert ran.code == 0, ran.err
    assert "A wanted 0 is taken to have an error of 0.01 (attacked)" in " ".join(ran.err.split())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("attacked: {wanted: 0}", "no list of numbers by name"),
        ("attacked: {wanted: 0, error: much}", "no list of numbers by name"),
        ("attacked: {wanted: 0, error: 0}", "an error of 0"),
    ],
)
def test_errors_that_cannot_be_are_said(
    text: str, said: str, command: Call, tmp_path: Path
) -> None:
    (tmp_path / "facts.yaml").write_text(text)
    ran = command("calibrate", "epidemic", tmp_path / "facts.yaml", "-o", tmp_path / "e.model")
    assert ran.code == 2
    assert said in ran.err
