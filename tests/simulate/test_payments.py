"""Payments: money is kept to the cent, labels are what was injected, alerts are not the labels."""

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from likewise.core.errors import ConfigError
from likewise.core.run import Run
from likewise.data.integrity import check_integrity
from likewise.jobs import simulate as job
from likewise.jobs.simulation_plan import SimulationPlan
from likewise.simulate import Trajectory
from likewise.simulate.engine import Simulation, checkpoint
from likewise.simulate.payments import Payments
from likewise.simulate.payments_setup import alias
from likewise.simulate.payments_tables import TYPOLOGIES

PAGE = Path(__file__).parents[2] / "docs" / "simulators" / "payments.md"
SMALL = Payments(
    clients=1500, merchants=100, fraud=0.01, mules=0.04, launderers=0.01, fraudsters=0.01
)
DAYS = 28 * 24


@pytest.fixture(scope="module")
def made() -> Trajectory:
    """A small run of four weeks in which one transaction in a hundred is illicit."""
    return SMALL.run(DAYS, seed=1)


@pytest.fixture(scope="module")
def rows(made: Trajectory) -> pd.DataFrame:
    """Its transactions, money in whole cents."""
    frame = made.table("transactions").to_pandas()
    for name in ("amount", "from_before", "from_after", "to_before", "to_after"):
        frame[name] = np.round(100 * frame[name]).astype(np.int64)
    return frame


def cents(values: pd.Series) -> np.ndarray:
    return np.round(100 * values.to_numpy()).astype(np.int64)


def test_every_row_moves_its_amount_from_one_balance_to_the_other(rows: pd.DataFrame) -> None:
    assert (rows["from_before"] - rows["amount"] == rows["from_after"]).all()
    assert (rows["to_before"] + rows["amount"] == rows["to_after"]).all()
    assert (rows["amount"] > 0).all()
    assert (rows["from_id"] != rows["to_id"]).all()


def test_each_account_begins_with_what_its_last_row_left(
    made: Trajectory, rows: pd.DataFrame
) -> None:
    assert rows["time"].is_monotonic_increasing
    sides = [
        pd.DataFrame({
            "row": rows["transaction_id"], "account": rows[f"{side}_id"],
            "before": rows[f"{side}_before"], "after": rows[f"{side}_after"],
        })
        for side in ("from", "to")
    ]  # fmt: skip
    chain = pd.concat(sides).sort_values(["account", "row"])
    account = chain["account"].to_numpy()
    same = account[1:] == account[:-1]
    assert (chain["before"].to_numpy()[1:][same] == chain["after"].to_numpy()[:-1][same]).all()
    accounts = made.table("accounts").to_pandas().set_index("account_id")
    first, last = chain.groupby("account").first(), chain.groupby("account").last()
    assert (cents(accounts["opening"][first.index]) == first["before"]).all()
    assert (cents(accounts["balance"][last.index]) == last["after"]).all()
    idle = accounts.drop(first.index)
    assert (idle["opening"] == idle["balance"]).all()


def test_no_money_is_made_or_lost_and_nobody_goes_below_the_overdraft(made: Trajectory) -> None:
    accounts = made.table("accounts").to_pandas()
    assert cents(accounts["opening"]).sum() == cents(accounts["balance"]).sum()
    people = made.world.accounts
    assert (people.cents >= -people.limit_cents).all()
    assert made.series["refused"][-1].as_py() > 0


def test_labelled_rows_are_those_of_patterns_and_no_others(
    made: Trajectory, rows: pd.DataFrame
) -> None:
    patterns = made.table("patterns").to_pandas().set_index("pattern_id")
    labelled = rows[rows["is_fraud"]]
    assert labelled["pattern_id"].notna().all()
    assert rows[~rows["is_fraud"]][["pattern_id", "typology"]].isna().all(axis=None)
    counted = labelled.groupby("pattern_id").agg(
        rows=("amount", "size"), amount=("amount", "sum"), kinds=("typology", "nunique"),
        kind=("typology", "first"), first=("time", "min"),
    )  # fmt: skip
    assert set(counted.index) == set(patterns.index)
    patterns = patterns.loc[counted.index]
    assert (counted["rows"] == patterns["transactions"]).all()
    assert (counted["rows"] <= patterns["planned"]).all()
    assert (counted["amount"] == cents(patterns["amount"])).all()
    assert (counted["kinds"] == 1).all()
    assert (counted["kind"].astype(str) == patterns["typology"].astype(str)).all()
    assert (counted["first"] >= patterns["begun"]).all()
    assert set(patterns["typology"]) == set(TYPOLOGIES)


def test_patterns_have_the_shapes_they_are_named_after(
    made: Trajectory, rows: pd.DataFrame
) -> None:
    patterns = made.table("patterns").to_pandas().set_index("pattern_id")
    whole = patterns.index[patterns["transactions"] == patterns["planned"]]
    parts = dict(list(rows[rows["pattern_id"].isin(whole)].groupby("pattern_id")))
    clients = made.table("clients").to_pandas()["role"].astype(str)
    seen = set()
    for number, part in parts.items():
        kind = patterns["typology"][number]
        seen.add(kind)
        source, to = part["from_id"], part["to_id"]
        if kind in ("fan_in", "structuring"):
            assert to.nunique() == 1
            assert clients[to.iloc[0]] == "launderer"
        if kind == "fan_in":
            assert source.nunique() == len(part) >= 3
            assert (clients[source] == "mule").all()
        if kind == "fan_out":
            assert source.nunique() == 1
            assert to.nunique() == len(part) >= 3
        if kind == "cycle":
            assert source.iloc[0] == to.iloc[-1]
            assert (source.to_numpy()[1:] == to.to_numpy()[:-1]).all()
            assert (np.diff(part["amount"]) <= 0).all()
        if kind == "scatter_gather":
            ends = [set(source) - set(to), set(to) - set(source)]
            assert [len(end) for end in ends] == [1, 1]
        if kind == "structuring":
            assert (part["type"] == "cash_in").all()
            assert part["amount"].max() < 100 * SMALL.reported * SMALL.means[2]
        if kind == "account_takeover":
            first = part.iloc[0]
            assert 0.39 < first["amount"] / first["from_before"] < 1
        if kind == "card_testing":
            assert (part["type"] == "payment").all()
    assert seen == set(TYPOLOGIES)


@pytest.mark.parametrize("share", [0.001, 0.02])
def test_the_share_of_fraud_is_as_asked(share: float) -> None:
    asked = SMALL.model_copy(update={"fraud": share, "clients": 3000})
    table = asked.run(DAYS, seed=2).table("transactions")
    expected = share * table.num_rows
    assert abs(np.sum(table["is_fraud"].to_numpy()) - expected) < 3 * np.sqrt(12 * expected)


def test_without_fraud_nothing_is_labelled_and_amounts_are_as_asked() -> None:
    calm = Payments(clients=4000, fraud=0, overdraft=1000, spread=0.5)
    run = calm.run(DAYS, seed=3)
    assert run.rows("patterns") == 0
    frame = run.table("transactions").to_pandas()
    assert not frame["is_fraud"].any()
    groups = frame.groupby("type", observed=True)["amount"]
    for kind, mean, std, rate in zip(
        ("payment", "transfer", "cash_in", "cash_out", "debit"), calm.means, calm.stds, calm.rates,
        strict=True,
    ):  # fmt: skip
        some = groups.get_group(kind)
        error = 5 * std / np.sqrt(min(len(some), 4000))  # amounts of a client belong together
        assert some.mean() == pytest.approx(mean, abs=error + 0.02 * mean)
        assert some.std() == pytest.approx(std, rel=0.25)
        expected = 4000 * 28 * rate
        assert abs(len(some) - expected) < 5 * np.sqrt(expected)


def test_clients_are_paid_once_a_month_by_their_employer() -> None:
    run = Payments(clients=500, incomes=0.8, fraud=0).run(60 * 24, seed=1)
    frame = run.table("transactions").to_pandas()
    paid = frame[frame["type"] == "income"]
    assert (paid.groupby("to_id").size() == 2).all()
    assert paid["to_id"].nunique() == pytest.approx(400, abs=5 * np.sqrt(80))
    assert (paid.groupby("to_id")["from_id"].nunique() == 1).all()
    assert (np.diff(paid.sort_values(["to_id", "time"])["time"])[::2] // 86_400 - 30 <= 0).all()


def test_references_lead_somewhere_and_alerts_are_not_the_labels(
    made: Trajectory, rows: pd.DataFrame
) -> None:
    assert check_integrity(made.database()).violations == 0
    alerts = made.table("alerts").to_pandas()
    found = rows["is_fraud"].to_numpy()[alerts["transaction_id"]]
    assert 0 < found.mean() < 0.9
    assert 0 < found.sum() < 0.9 * rows["is_fraud"].sum()
    told = alerts.sort_values(["account_id", "time"])
    again = np.diff(told["account_id"]) == 0
    assert (np.diff(told["time"])[again] >= 86_400).all()


def test_a_deposit_that_must_be_reported_is() -> None:
    rich = Payments(clients=300, fraud=0, stds=(75, 400, 3000, 110, 120), reported=5)
    run = rich.run(14 * 24, seed=1)
    frame, alerts = run.table("transactions").to_pandas(), run.table("alerts").to_pandas()
    large = frame[(frame["type"] == "cash_in") & (frame["amount"] >= 5 * 300)]
    assert len(large) > 5
    for row in large.itertuples():
        near = alerts[alerts["account_id"] == row.to_id]["time"]
        assert ((row.time - near >= 0) & (row.time - near < 86_400)).any()


def test_the_same_seed_gives_the_same_tables_and_another_does_not(made: Trajectory) -> None:
    again, other = SMALL.run(48, seed=1), SMALL.run(48, seed=2)
    some = made.table("transactions").slice(0, again.rows("transactions"))
    assert again.table("transactions") == some
    assert other.table("transactions") != some


def test_a_run_that_goes_on_from_a_checkpoint_is_the_same(tmp_path: Path) -> None:
    whole = SMALL.run(60, seed=1)
    halted = Simulation.begin(SMALL, seed=whole.world.seed)
    for _ in range(37):
        halted.advance()
    for name, log in halted.world.logs.items():
        assert log.chunks == 0, name
    checkpoint.save(halted, tmp_path / "half")
    (tmp_path / "half.logs").mkdir()
    resumed = SMALL.run(60, seed=1, run=Run(checkpoint=tmp_path / "half"))
    assert resumed.tables() == whole.tables()


SCRIPT = """
import hashlib
from likewise.simulate.payments import Payments
small = Payments(
    clients=100, merchants=20, fraud=0.1, mules=0.2, launderers=0.05, fraudsters=0.05
)
tables = small.run(12, seed=5).tables()
text = "".join(str(table.to_pydict()) for table in tables.values())
print(len(text), hashlib.sha256(text.encode()).hexdigest())
"""


def test_kernels_give_the_same_uncompiled() -> None:
    said = [
        subprocess.run(
            [sys.executable, "-c", SCRIPT], check=True, capture_output=True, text=True,
            env={**os.environ, "NUMBA_DISABLE_JIT": off},
        ).stdout
        for off in ("0", "1")
    ]  # fmt: skip
    assert said[0] == said[1]
    assert int(said[0].split()[0]) > 10_000


@pytest.mark.long
def test_one_and_two_workers_write_the_same_files(tmp_path: Path) -> None:
    folders = []
    for workers in (1, 2):
        folder = tmp_path / str(workers)
        plan = SimulationPlan(
            simulate="payments", settings=SMALL.model_dump(), steps=48, seed=3, replicates=2,
            workers=workers, output=str(folder),
        )  # fmt: skip
        job.run(plan)
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        folders.append({str(p.relative_to(folder)): p.read_bytes() for p in files})
    assert folders[0] == folders[1]
    assert len(folders[0]) > 10


def test_clients_may_come_from_a_table() -> None:
    rng = np.random.default_rng(0)
    table = pa.table({
        "city": rng.choice(["Bern", "Lyon", "Rome"], 300), "income": rng.lognormal(8, 1, 300),
        "activity": np.where(np.arange(300) < 10, 50.0, 1.0), "age": rng.integers(18, 90, 300),
    })  # fmt: skip
    few = Payments(clients=300, merchants=50, fraud=0)
    run = few.run(14 * 24, seed=1, given={"clients": table})
    out = run.table("clients")
    assert out["city"].to_pylist() == table["city"].to_pylist()
    assert out["age"].to_pylist() == table["age"].to_pylist()
    assert set(run.table("merchants")["city"].to_pylist()) <= {"Bern", "Lyon", "Rome"}
    frame = run.table("transactions").to_pandas()
    frame = frame[(frame["type"] == "payment") & (frame["from_id"] < 300)]
    counts = np.bincount(frame["from_id"], minlength=300)
    assert counts[:10].mean() > 25 * counts[10:].mean()
    mean = frame.groupby("from_id")["amount"].mean()
    assert np.corrcoef(np.log(mean), np.log(table["income"].to_numpy()[mean.index]))[0, 1] > 0.3


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"income": [1.0, -2.0]}, "column 'income': not all are numbers above 0"),
        ({"activity": ["a", "b"]}, "column 'activity': not all are numbers above 0"),
        ({"city": [None, "Rome"]}, "column 'city': some are missing"),
        ({"payday": [1, 2]}, "column 'payday': a name of the world's own"),
    ],
)
def test_tables_of_clients_that_cannot_be_are_refused(columns: dict, message: str) -> None:
    table = pa.table({name: values * 150 for name, values in columns.items()})
    with pytest.raises(ConfigError, match=message):
        Payments(clients=300, fraud=0).run(1, seed=1, given={"clients": table})


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"clients": 200}, "mules: 2 of 200 clients, and patterns need 12"),
        ({"rates": (0, 0, 0, 0, 0)}, "rates: nobody does anything"),
        ({"hours": (0,) * 24}, "no hour or day has weight"),
        ({"typologies": (0,) * 7}, "typologies: none has weight"),
        ({"mules": 0.6}, "0.604 of clients"),
    ],
)
def test_settings_that_cannot_be_together_are_refused(settings: dict, message: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(message)):
        Payments(**settings).run(1, seed=1)


def test_an_alias_table_draws_by_weight() -> None:
    weights = np.array([0.5, 3.0, 0.0, 1.5, 7.0])
    share, other = alias(weights)
    drawn = share.copy()
    np.add.at(drawn, other, 1 - share)
    assert drawn / 5 == pytest.approx(weights / weights.sum())


def test_the_page_lists_every_setting_with_its_default() -> None:
    text = PAGE.read_text("utf-8").split("## Settings")[1].split("## Fitting")[0]
    found = dict(re.findall(r"^\| `(\w+)` \| ([\d.,; ]+|see below) \|", text, re.MULTILINE))
    fields = Payments.model_fields
    assert found.keys() == fields.keys()
    for name, said in found.items():
        default = fields[name].default
        if said != "see below":
            values = [float(one.replace(",", "")) for one in said.split(";")]
            assert values == list(default if isinstance(default, tuple) else (default,)), name


def test_patterns_that_nobody_has_the_money_for_are_refused() -> None:
    poor = Payments(savings=0, typologies=(0, 1, 1, 0, 0, 0, 0))
    with pytest.raises(ConfigError, match="on day 1 nobody has the money"):
        poor.run(24, seed=1)
