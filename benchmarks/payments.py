"""The world of payments: speed, laws on ten million rows, facts, detectors on other seeds, fits.

    python benchmarks/payments.py --data DIR [--only scale facts columns detector fit]
    python benchmarks/render.py            # the documentation's tables from those lines

*scale*: 10^7 transactions by the command line on one thread, and every row checked afterwards.
*facts*: at default settings on several seeds, beside those of real tables. *columns*: how well
single columns tell labelled rows. *detector*: boosted trees learned on one seed and tried on
others. *fit*: settings from real transactions (Berka), and what simulations with them give.
Writes ``runs/payments.jsonl``; lines of the parts that are run again replace older ones.
"""

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).parent))
from likewise.simulate.facts import measured
from likewise.simulate.model import plain
from likewise.simulate.payments import Payments
from likewise.simulate.payments_detect import (
    average_precision,
    column_auc,
    detector,
    features,
)
from likewise.simulate.payments_tables import TYPOLOGIES
from run import RUNS, timed

SEEDS = range(101, 106)
LARGE = {"clients": 100_000, "merchants": 5_000}
LARGE_DAYS = 74
MONEY = ("amount", "from_before", "from_after", "to_before", "to_after")


def main() -> None:
    """Measure the parts that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="with berka/ and the card sample")
    parser.add_argument(
        "--only", nargs="+", default=["scale", "facts", "columns", "detector", "fit"]
    )
    parser.add_argument("--out", type=Path, default=RUNS / "payments.jsonl")
    args = parser.parse_args()
    parts: dict[str, Callable[[], Iterator[dict]]] = {
        "scale": scale, "facts": lambda: facts(args.data), "columns": columns,
        "detector": detectors, "fit": lambda: fits(args.data),
    }  # fmt: skip
    for name in args.only:
        text = args.out.read_text() if args.out.exists() else ""
        kept = [line for line in map(json.loads, text.splitlines()) if line["part"] != name]
        for line in parts[name]():
            kept.append({"part": name, "machine": machine(), **line})
            print(json.dumps(kept[-1]), flush=True)
        kept.sort(key=lambda line: list(parts).index(line["part"]))
        args.out.write_text("".join(json.dumps(line) + "\n" for line in kept))


def machine() -> str:
    """The processor and the interpreter."""
    return f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"


def scale() -> Iterator[dict]:
    """Ten million transactions from the command line, and its laws on each row."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "out"
        words = [f"--set={name}={value}" for name, value in LARGE.items()]
        command = ["likewise", "simulate", "payments", *words, "--seed", "1", "--quiet"]
        command += ["--no-page", "-o", str(place)]
        timed([*command, "--steps", "30"])  # kernels are compiled
        cost = timed([*command, "--days", str(LARGE_DAYS)])
        size = (place / "transactions.parquet").stat().st_size / 2**20
        checked = checks(place)
        yield {
            **LARGE, "days": LARGE_DAYS, **cost, "file_mb": round(size, 1), **checked,
            "rows_per_cpu_s": checked["rows"] / cost["cpu_s"],
        }  # fmt: skip


def checks(place: Path) -> dict[str, int]:
    """Rows that break a balance identity, and labels that no pattern explains; all must be 0."""
    accounts = pd.read_parquet(place / "accounts.parquet")
    patterns = pd.read_parquet(place / "patterns.parquet").set_index("pattern_id")
    held = cents(accounts["opening"])
    begun = int(held.sum())
    own = broken = rows = unlabelled = 0
    counted = np.zeros(int(patterns.index.max()) + 1, np.int64)
    with pq.ParquetFile(place / "transactions.parquet") as file:
        for group in range(file.num_row_groups):
            part = file.read_row_group(group).to_pandas()
            money = {name: cents(part[name]) for name in MONEY}
            own += int((money["from_before"] - money["amount"] != money["from_after"]).sum())
            own += int((money["to_before"] + money["amount"] != money["to_after"]).sum())
            broken += chained(part, money, held)
            bad = part["pattern_id"].notna()
            unlabelled += int((bad != part["is_fraud"]).sum())
            unlabelled += int((bad != part["typology"].notna()).sum())
            number = part.loc[bad, "pattern_id"].astype(int)
            typology = patterns["typology"].astype(str).reindex(number).to_numpy()
            unlabelled += int((part.loc[bad, "typology"].astype(str).to_numpy() != typology).sum())
            np.add.at(counted, number.to_numpy(), 1)
            rows += len(part)
    unlabelled += int((counted[patterns.index] != patterns["transactions"]).sum())
    return {
        "rows": rows, "labelled": int(counted.sum()), "identities_broken": own,
        "chains_broken": broken + int((held != cents(accounts["balance"])).sum()),
        "labels_unexplained": unlabelled,
        "cents_lost": begun - int(cents(accounts["balance"]).sum()),
    }  # fmt: skip


def chained(part: pd.DataFrame, money: dict[str, np.ndarray], held: np.ndarray) -> int:
    """Rows that do not begin with what the account held; ``held`` goes on to the last row."""
    account = np.stack([part["from_id"], part["to_id"]], axis=1).ravel()
    before = np.stack([money["from_before"], money["to_before"]], axis=1).ravel()
    after = np.stack([money["from_after"], money["to_after"]], axis=1).ravel()
    order = np.argsort(account, kind="stable")
    account, before, after = account[order], before[order], after[order]
    first = np.append(True, account[1:] != account[:-1])
    expected = np.where(first, held[account], np.append(0, after[:-1]))
    last = np.append(first[1:], True)
    held[account[last]] = after[last]
    return int((expected != before).sum())


def cents(values: pd.Series) -> np.ndarray:
    """Money in whole cents."""
    return np.round(100 * values.to_numpy()).astype(np.int64)


def facts(data: Path) -> Iterator[dict]:
    """Every fact of several seeds, and of real tables where they have it."""
    real = {"berka": Payments().facts({"transactions": berka(data)})}
    real["cards"] = Payments().facts({"transactions": cards(data)})
    found: dict[str, list] = {}
    seconds = []
    for seed in SEEDS:
        tables = plain(Payments().run(seed=seed).tables())
        begun = time.process_time()
        for fact in measured(Payments(), tables):
            found.setdefault(fact.name, []).append(fact)
        seconds.append(time.process_time() - begun)
    for name, each in found.items():
        band, values = each[0].band, [fact.value for fact in each]
        yield {
            "fact": name, "meaning": band.meaning, "low": band.low, "high": band.high,
            "source": band.source, "least": min(values), "most": max(values), "seeds": len(values),
            "inside": sum(fact.inside is not False for fact in each),
            "berka": real["berka"].get(name), "cards": real["cards"].get(name),
        }  # fmt: skip
    yield {"fact": "", "cpu_s": float(np.median(seconds))}


def columns() -> Iterator[dict]:
    """The AUC of every column and simple transform: means and the most of several seeds."""
    found: dict[str, list[float]] = {}
    for seed in SEEDS:
        table = plain(Payments().run(seed=seed).tables())["transactions"]
        for name, value in column_auc(table, table["is_fraud"].to_numpy()).items():
            found.setdefault(name, []).append(value)
    for name, values in found.items():
        yield {"column": name, "auc": float(np.mean(values)), "most": max(values)}


def detectors() -> Iterator[dict]:
    """Average precision on worlds that the detector has not seen; what each part of it adds."""
    seen = {
        "the transaction": (0, 5), "balances, too": (0, 10),
        "what both accounts did before, too": (0, 99),
    }  # fmt: skip
    worlds = [world(seed) for seed in SEEDS]
    worlds += [world(SEEDS[0], lookalikes=lookalikes) for lookalikes in (0.0, 3.0)]
    train, tests = worlds[0], worlds[1 : len(SEEDS)]
    for name, (low, high) in seen.items():
        trees = detector(train[0][:, low:high], train[1])
        scores = [scored(trees, x[:, low:high], bad) for x, bad, _ in tests]
        line = {"sees": name, "least": min(scores), "mean": float(np.mean(scores))}
        yield {
            **line,
            "most": max(scores),
            "chance": float(np.mean([b.mean() for _, b, _ in tests])),
        }
    trees = detector(train[0], train[1])
    for kind in TYPOLOGIES:
        scores, shares = [], []
        for x, bad, typology in tests:
            rows = ~bad | (typology == kind)
            scores.append(scored(trees, x[rows], bad[rows]))
            shares.append(float(bad[rows].mean()))
        line = {"typology": kind, "least": min(scores), "mean": float(np.mean(scores))}
        yield {**line, "most": max(scores), "chance": float(np.mean(shares))}
    for lookalikes, (x, bad, _) in zip((0.0, 3.0), worlds[len(SEEDS) :], strict=True):
        other = world(SEEDS[1], lookalikes=lookalikes)
        score = scored(detector(x, bad), other[0], other[1])
        yield {"lookalikes": lookalikes, "mean": score, "chance": float(other[1].mean())}


def world(seed: int, **settings: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Features, labels and typologies of the transactions of a run."""
    run = Payments.model_validate(settings).run(seed=seed)
    table = plain(run.tables())["transactions"]
    typology = np.array(table["typology"].to_pylist(), dtype=object)
    return features(table)[0], table["is_fraud"].to_numpy(), typology


def scored(trees, x: np.ndarray, bad: np.ndarray) -> float:  # noqa: ANN001
    """Average precision of a fitted detector."""
    return average_precision(trees.predict_proba(x)[:, 1], bad)


def fits(data: Path) -> Iterator[dict]:
    """Berka's transactions, and those of simulations with the settings that were estimated."""
    real = berka(data)
    begun = time.process_time()
    model = Payments(fraud=0).fit({"transactions": real}, seed=1)
    spent = time.process_time() - begun
    days = 364
    made = [model.run(days * 24, seed=seed).table("transactions") for seed in SEEDS[:3]]
    span = int(np.ptp(real["time"].to_numpy().astype("datetime64[D]").astype(int))) + 1
    for kind in ("cash_in", "cash_out", "debit"):
        wanted = of_kind(real, kind, span)
        given = [of_kind(plain({"t": table})["t"], kind, days) for table in made]
        for what, value in wanted.items():
            numbers = [one[what] for one in given]
            yield {
                "data": "berka", "kind": kind, "what": what, "real": value,
                "simulated": float(np.mean(numbers)), "seeds": len(numbers),
                "fit_cpu_s": round(spent, 2),
            }  # fmt: skip


def of_kind(table: pa.Table, kind: str, days: int) -> dict[str, float]:
    """Transactions of a kind a day, mean and deviation of amounts, and their middle."""
    frame = table.select(["type", "amount"]).to_pandas()
    amount = frame.loc[frame["type"].astype(str) == kind, "amount"].to_numpy(float)
    return {
        "a day": len(amount) / days, "mean": float(amount.mean()), "std": float(amount.std()),
        "median": float(np.median(amount)), "whole tens": float((amount % 10 == 0).mean()),
    }  # fmt: skip


def berka(data: Path) -> pa.Table:
    """Czech accounts of 1993 and 1994: deposits, withdrawals and orders; no interest credited."""
    rows = pd.read_parquet(data / "berka" / "trans.parquet")
    names = {"VKLAD": "cash_in", "VYBER": "cash_out", "VYBER KARTOU": "cash_out"}
    names |= {"PREVOD NA UCET": "debit", "PREVOD Z UCTU": "income"}
    kind = rows["operation"].map(names)
    rows, kind = rows[kind.notna()], kind[kind.notna()]
    return pa.table({
        "time": rows["date"].to_numpy().astype("datetime64[s]"), "type": kind.to_numpy(),
        "amount": rows["amount"].to_numpy(float), "account_id": rows["account_id"].to_numpy(),
        "balance": rows["balance"].to_numpy(float),
    })  # fmt: skip


def cards(data: Path) -> pa.Table:
    """European card payments of two days of 2013: those that are no fraud."""
    rows = pd.read_parquet(data / "creditcard_fraud_sample" / "creditcard_sample.parquet")
    rows = rows[rows["Class"] == 0].sort_values("Time")
    return pa.table({
        "time": rows["Time"].to_numpy().astype(np.int64), "amount": rows["Amount"].to_numpy(float),
        "type": ["payment"] * len(rows),
    })  # fmt: skip


if __name__ == "__main__":
    main()
