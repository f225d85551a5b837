"""The markets: the daily one fitted to the S&P 500, the order book's facts and its speed.

    python benchmarks/market.py --prices sp500.csv.gz [--only daily calibrate book speed]
    python benchmarks/render.py            # the documentation's tables from those lines

*daily*: closing prices of 1999–2018, as the Python package arch carries them
(``arch/data/sp500/sp500.csv.gz``); fitted on one seed, judged on new ones. *calibrate*: the order
book's search for settings that meet ``WANTED``. *book*: its facts at the default settings, which
that search found but for three moved by hand, on new seeds. *speed*: messages
and trades a CPU second at 20 times the usual activity. Writes ``runs/market.jsonl``; the parts
that are run replace their older lines.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

sys.path.insert(0, str(Path(__file__).parent))
from agents import lines, machine
from likewise.core.seeds import Seed
from likewise.simulate.calibrate import Weights, bootstrap_weights
from likewise.simulate.facts import measured
from likewise.simulate.market import BLOCK, Market
from likewise.simulate.market_prices import rows_of_bars
from likewise.simulate.market_returns import facts_of_bars
from likewise.simulate.model import plain
from likewise.simulate.order_book import OrderBook
from run import RUNS

OUT = RUNS / "market.jsonl"
YEARS, EVALUATIONS = 40, 4000  # of each simulation, and of the search
TRIALS = 100  # new seeds of the daily market, each as long as the data
DAYS, SEEDS, FIRST_SEED = 20, 40, 200  # of the order book; seeds that no setting was chosen on
BUSY, BUSY_DAYS, REPEATS = 20, 4, 2  # of the speed: times the usual activity; the fastest counts
# Facts of returns within a day that were aimed at, and what counts as one error of each: values
# that lie well within the bands, for no order data of an exchange are at hand.
WANTED = {
    "kurtosis": (8.0, 3.0), "hill": (3.2, 0.3), "acf_1": (-0.1, 0.05), "abs_acf_1": (0.25, 0.05),
    "abs_acf_5": (0.18, 0.04), "abs_acf_20": (0.12, 0.03), "abs_acf_50": (0.07, 0.02),
    "abs_acf_100": (0.05, 0.02), "leverage": (-0.06, 0.03), "cancelled": (0.65, 0.1),
    "skew": (-0.1, 0.3), "volume_volatility": (0.35, 0.1), "sign_memory": (0.55, 0.05),
    "impact": (0.55, 0.05), "order_impact": (0.3, 0.1), "parent_impact": (0.55, 0.08),
    "open_close": (2.0, 0.3), "hump": (2.5, 0.5),
}  # fmt: skip
SEARCHED, SEARCH_DAYS, SEARCH_RUNS = 100, 20, 2


def main() -> None:
    """Measure the parts that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--prices", type=Path, help="a CSV file with Date and Close")
    parser.add_argument("--only", nargs="+", default=["daily", "calibrate", "book", "speed"])
    args = parser.parse_args()
    parts = {"daily": lambda: daily(args.prices), "calibrate": search, "book": book, "speed": speed}
    for name in args.only:
        found = [{"part": name, "machine": machine(), **line} for line in parts[name]()]
        keep = [line for line in lines(OUT) if line["part"] != name]
        ordered = sorted([*keep, *found], key=lambda line: list(parts).index(line["part"]))
        OUT.write_text("".join(json.dumps(line) + "\n" for line in ordered))
        print(name, len(found), "lines", flush=True)


def daily(path: Path) -> Iterator[dict]:
    """The fit in one line, then a line for each fact."""
    prices = pd.read_csv(path)[["Date", "Close"]]
    data = {"prices": pa.Table.from_pandas(prices, preserve_index=False)}
    Market().fit(data, steps=2, evaluations=2, seed=0)  # compiles
    start = time.process_time()
    model = Market().fit(data, steps=YEARS, evaluations=EVALUATIONS, seed=1)
    spent, found = time.process_time() - start, model.calibration
    assert found is not None
    rows = rows_of_bars(data["prices"])
    assert rows is not None
    whole = bootstrap_weights(rows, facts_of_bars, block=BLOCK, seed=0)
    apart = np.array([found.facts[n] - found.target[n] for n in whole.names])
    new = []
    for trial in range(TRIALS):
        run = model.run(round(len(rows) / 252), seed=Seed(2).child(trial), check="never")
        new.append(model.simulator.facts(plain(run.tables())))
    scores = {
        name: np.array([(one[name] - wanted) / found.errors[name] for one in new])
        for name, wanted in found.target.items()
    }
    near = np.sum([abs(score) <= 2 for score in scores.values()], axis=0)
    yield {
        "rows": len(rows), "moments": len(found.target), "misfit": found.misfit,
        "misfit_unshrunk": float(apart @ np.linalg.inv(whole.covariance) @ apart),
        "cpu_s": spent, "evaluations": found.evaluations, "years": YEARS, "trials": TRIALS,
        "near": float(near.mean()), "nine": float(np.mean(near >= 9)),
        "on_average": int(sum(abs(score.mean()) <= 2 for score in scores.values())),
        "parameters": found.parameters,
    }  # fmt: skip
    for name, wanted in found.target.items():
        values = np.array([one[name] for one in new])
        yield {
            "fact": name, **_band(Market.bands[name]), "real": wanted, "error": found.errors[name],
            "mean": float(values.mean()), "sd": float(values.std(ddof=1)),
            "near": float(np.mean(abs(scores[name]) <= 2)),
        }  # fmt: skip


def search() -> Iterator[dict]:
    """The calibration of the order book in one line."""
    errors = np.array([error for _, error in WANTED.values()])
    weights = Weights(tuple(WANTED), np.diag(errors**2))
    wanted = {name: value for name, (value, _) in WANTED.items()}
    OrderBook().run(1, seed=0)  # compiles
    start = time.process_time()
    model = OrderBook().fit(
        facts=wanted, steps=SEARCH_DAYS, evaluations=SEARCHED, seed=1, weights=weights,
        replicates=SEARCH_RUNS, method="nelder_mead",
    )  # fmt: skip
    found = model.calibration
    assert found is not None
    yield {
        "misfit": found.misfit, "cpu_s": time.process_time() - start, "days": SEARCH_DAYS,
        "runs": SEARCH_RUNS, "evaluations": found.evaluations, "parameters": found.parameters,
        "wanted": wanted, "facts": found.facts, "missed": found.missed,
    }  # fmt: skip


def book() -> Iterator[dict]:
    """A line for each fact of the order book."""
    market = OrderBook()
    runs = []
    for seed in range(FIRST_SEED, FIRST_SEED + SEEDS):
        tables = plain(market.run(DAYS, seed=seed).tables())
        runs.append({fact.name: fact for fact in measured(market, tables)})
    for name in runs[0]:
        values = np.array([run[name].value for run in runs if name in run])
        inside = [run[name].inside for run in runs if name in run]
        yield {
            "fact": name, **_band(market.bands[name]), "mean": float(values.mean()),
            "sd": float(values.std(ddof=1)), "days": DAYS, "seeds": SEEDS,
            "inside": None if inside[0] is None else float(np.mean(inside)),
        }  # fmt: skip


def speed() -> Iterator[dict]:
    """Rates of whole runs: agents, book, bars and tables, in memory and to Parquet."""
    rates = ("maker_rate", "institution_rate", "speculator_rate", "noise_rate", "cancel_rate")
    market = OrderBook(**{name: BUSY * getattr(OrderBook(), name) for name in rates})
    market.run(1, seed=1)
    for kept in ("memory", "parquet"):
        times = []
        for _ in range(REPEATS):
            with tempfile.TemporaryDirectory() as folder:
                start = time.process_time()
                run = market.run(BUSY_DAYS, seed=2, output=folder if kept == "parquet" else None)
                times.append(time.process_time() - start)
                sent, traded = run.rows("orders"), run.rows("trades")
        yield {
            "kept": kept, "messages": sent, "trades": traded, "cpu_s": min(times),
            "repeats": REPEATS,
        }  # fmt: skip


def _band(band: object) -> dict:
    return {"meaning": band.meaning, "low": band.low, "high": band.high, "source": band.source}


if __name__ == "__main__":
    main()
