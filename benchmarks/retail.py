"""The shop of ``likewise simulate retail``: CDNOW, recovery, facts, Online Retail, speed.

    python benchmarks/retail.py --data DIR [--cdnow FILE] [--only cdnow recovery facts online speed]
    python benchmarks/retail.py --data DIR --tables OUT     # Online Retail as two tables, and stop
    python benchmarks/render.py            # the documentation's tables from those lines

*cdnow*: the BG/NBD model's likelihood on the 2,357 customers of CDNOW beside the published
estimates; FILE is a CSV with frequency, recency and T in weeks (``cdnow_customers_summary.csv`` in
the Python package lifetimes). *recovery*: parameters found from simulated orders. *facts*: of the
shop as it is by default. *online*: fitted to Online Retail (DIR holds ``online_retail.parquet``),
judged on new seeds. *speed*: order lines a CPU second. Writes ``runs/retail.jsonl``; lines of the
parts that are run again replace older ones.
"""

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).parent))
from likewise.simulate.bgnbd import Purchases, fit_repeats
from likewise.simulate.model import plain
from likewise.simulate.retail import Retail
from likewise.simulate.retail_facts import BANDS, retail_facts
from likewise.simulate.retail_repeats import History, histogram, history_of
from likewise.simulate.retail_sales import Sales, read_sales
from run import RUNS, timed

OUT = RUNS / "retail.jsonl"
PUBLISHED = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426, "log_likelihood": -9582.4}
SEEDS = range(1, 11)
NEW = range(101, 121)  # seeds on which a fit is judged
DRAWS = 2000  # of the bootstrap
WEEK = 7


def main() -> None:
    """Measure the parts that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="the folder with online_retail.parquet")
    parser.add_argument("--cdnow", type=Path, help="a CSV with frequency, recency and T")
    parser.add_argument("--tables", type=Path, help="write the two tables there, and stop")
    parser.add_argument("--evaluations", type=int, default=200)
    parser.add_argument("--method", default="differential_evolution", help="of the search")
    parser.add_argument("--only", nargs="+")
    args = parser.parse_args()
    if args.tables:
        args.tables.mkdir(parents=True, exist_ok=True)
        for name, table in online_retail(args.data).items():
            pq.write_table(table, args.tables / f"{name}.parquet")
        return
    parts = {"recovery": recovery, "facts": facts, "speed": speed}
    if args.cdnow:
        parts["cdnow"] = lambda: cdnow(args.cdnow)
    if args.data:
        parts["online"] = lambda: online(args.data, args.evaluations, args.method)
    for name in args.only or parts:
        found = [{"part": name, "machine": machine(), **line} for line in parts[name]()]
        old = [json.loads(line) for line in OUT.read_text().splitlines()] if OUT.exists() else []
        keep = [line for line in old if line["part"] != name]
        text = "".join(json.dumps(line) + "\n" for line in [*keep, *found])
        OUT.write_text(text, encoding="utf-8")
        for line in found:
            print(json.dumps(line), flush=True)


def machine() -> str:
    """The processor and the interpreter."""
    return f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"


def online_retail(folder: Path) -> dict[str, pa.Table]:
    """Online Retail (UCI) as orders and their lines.

    Left out: rows without a customer, cancellations (their invoice begins with C), and quantities
    or prices that are not above 0. Day 1 is 1 December 2010, a Wednesday.
    """
    rows = pd.read_parquet(folder / "online_retail.parquet")
    invoice = rows["InvoiceNo"].astype(str)
    rows = rows[
        rows["CustomerID"].notna() & ~invoice.str.startswith("C")
        & (rows["Quantity"] > 0) & (rows["UnitPrice"] > 0)
    ]  # fmt: skip
    day = rows["InvoiceDate"].dt.normalize()
    rows = rows.assign(
        order_id=rows["InvoiceNo"].astype(str), customer_id=rows["CustomerID"].astype(int),
        product_id=rows["StockCode"].astype(str), quantity=rows["Quantity"].astype(int),
        price=rows["UnitPrice"], day=(day - day.min()).dt.days + 1,
        hour=rows["InvoiceDate"].dt.hour,
    )  # fmt: skip
    orders = rows.groupby("order_id", as_index=False)[["customer_id", "day", "hour"]].first()
    lines = rows[["order_id", "product_id", "quantity", "price"]]
    return {
        "orders": pa.Table.from_pandas(orders, preserve_index=False),
        "order_lines": pa.Table.from_pandas(lines, preserve_index=False),
    }


def cdnow(path: Path) -> Iterator[dict]:
    """The maximum of the likelihood, and the published one."""
    rows = pd.read_csv(path)
    seen = Purchases(*(rows[name].to_numpy(float) for name in ("frequency", "recency", "T")))
    began = time.process_time()
    model = fit_repeats(seen)
    spent = time.process_time() - began
    found = {name: getattr(model, name) for name in ("r", "alpha", "a", "b")}
    found["log_likelihood"] = model.log_likelihood(seen)
    yield {"customers": len(rows), "cpu_s": spent, "found": found, "published": PUBLISHED}


def recovery() -> Iterator[dict]:
    """Relative errors of the parameters over seeds, at 20,000 customers."""
    for days in (365, 730):
        shop = Retail(customers=20_000, products=50, basket=1, clicks=False)
        errors: dict[str, list[float]] = {name: [] for name in ("r", "alpha", "a", "b")}
        for seed in SEEDS:
            found = shop.estimate(shop.run(days, seed=seed, check="never").tables())
            for name, values in errors.items():
                values.append(found[name] / getattr(shop, name) - 1)
        yield {"days": days, "customers": shop.customers, "errors": errors}


def facts() -> Iterator[dict]:
    """Facts of the default shop, and whether each lies in its band."""
    shop = Retail(clicks=False)
    runs = [retail_facts(plain(shop.run(seed=s, check="never").tables())) for s in SEEDS]
    for name, band in BANDS.items():
        values = [run[name] for run in runs]
        yield {"fact": name, "values": values, "inside": sum(map(band.holds, values)),
               "low": band.low, "high": band.high}  # fmt: skip


def online(folder: Path, evaluations: int, method: str) -> Iterator[dict]:
    """The fit, its facts, the histogram of repeats and the week, each on new seeds."""
    tables = online_retail(folder)
    real = read_sales(tables)
    began = time.process_time()
    search = {"method": method, "evaluations": evaluations}
    model = Retail(clicks=False).fit(tables, steps=real.end, seed=1, **search)
    spent = time.process_time() - began
    shop, found = model.simulator, model.calibration
    runs = [plain(model.run(seed=seed, check="never").tables()) for seed in NEW]
    settings = shop.model_dump(mode="json")
    yield {"case": "fit", "cpu_s": spent, "evaluations": found.evaluations, "settings": settings,
           "days": real.end, "seeds": len(NEW)}  # fmt: skip
    measured = [retail_facts(run) for run in runs]
    for name, wanted in found.target.items():
        values = [one[name] for one in measured]
        yield {"case": "fact", "fact": name, "real": wanted, "error": found.errors[name],
               "mean": float(np.mean(values)), "sd": float(np.std(values, ddof=1))}  # fmt: skip
    sold = [read_sales(run) for run in runs]
    seen = history_of(real.customer, real.day, real.end)
    shares = np.array([histogram(history_of(s.customer, s.day, s.end)) for s in sold])
    yield within("histogram", histogram(seen), shares, resampled(seen))
    yield alike(histogram(seen), len(seen.repeats))
    weeks = np.array([week_of(one) for one in sold])
    yield within("week", week_of(real), weeks, reweeked(real))


def within(case: str, real: np.ndarray, made: np.ndarray, drawn: np.ndarray) -> dict:
    """Shares beside those of the bootstrap (draws, K).

    Simultaneous bands: 95 % of draws lie within them in all K places at once. The distance is total
    variation; its limit is one that 95 % of draws are nearer than. That is for the mean over many
    runs, which has no sampling error of its own. A single run is as small a sample as the data, so
    even one of the data's own law is often farther away (see ``alike``). Its limit, ``single``, is
    what 95 % of pairs of draws are nearer than.
    """
    error = np.maximum(drawn.std(axis=0), 1e-9)
    widest = np.quantile((np.abs(drawn - real) / error).max(axis=1), 0.95)
    low, high = real - widest * error, real + widest * error
    limit, single = limits(real, drawn)
    mean = made.mean(axis=0)
    each = apart(made, real)
    return {
        "case": case, "real": real.tolist(), "mean": mean.tolist(), "low": low.tolist(),
        "high": high.tolist(), "distance": float(apart(mean, real)), "limit": limit,
        "runs_within": int(np.count_nonzero(each <= limit)), "single": single,
        "runs_within_single": int(np.count_nonzero(each <= single)), "runs": len(made),
    }  # fmt: skip


def apart(p: np.ndarray, q: np.ndarray) -> np.ndarray:
    """Total variation between shares; (..., K) -> (...)."""
    return 0.5 * np.abs(p - q).sum(axis=-1)


def limits(real: np.ndarray, drawn: np.ndarray) -> tuple[float, float]:
    """Distances that 95 % of draws (draws, K) are nearer than: to the data, and to each other."""
    pairs = apart(drawn, np.roll(drawn, 1, axis=0))
    return tuple(float(np.quantile(d, 0.95)) for d in (apart(drawn, real), pairs))


def alike(shares: np.ndarray, customers: int, tries: int = 400) -> dict:
    """How often a second sample of the data's own law is within both limits of the first one.

    The law is ``shares``; the first sample stands for the data, from which limits are drawn.
    """
    rng = np.random.default_rng(0)
    within = np.zeros(2)
    for _ in range(tries):
        data, other = rng.multinomial(customers, shares, 2) / customers
        drawn = rng.multinomial(customers, data, 500) / customers
        within += apart(data, other) <= np.array(limits(data, drawn))
    return {"case": "alike", "limit": within[0] / tries, "single": within[1] / tries}


def resampled(seen: History) -> np.ndarray:
    """Histograms of repeats of customers drawn anew."""
    rng = np.random.default_rng(0)
    n = len(seen.repeats)
    capped = np.minimum(seen.repeats, 10)
    drawn = (np.bincount(rng.choice(capped, n), minlength=11) / n for _ in range(DRAWS))
    return np.array(list(drawn))


def week_of(sales: Sales) -> np.ndarray:
    """Share of orders on the 1st, 2nd, … day of the week."""
    return np.bincount((sales.day - 1) % WEEK, minlength=WEEK) / len(sales.day)


def reweeked(sales: Sales) -> np.ndarray:
    """Shares of weekdays of whole weeks drawn anew."""
    rng = np.random.default_rng(0)
    weeks = -(-sales.end // WEEK)
    counts = np.bincount(sales.day - 1, minlength=weeks * WEEK).reshape(weeks, WEEK)
    drawn = counts[rng.integers(0, weeks, (DRAWS, weeks))].sum(axis=1)
    return drawn / drawn.sum(axis=1, keepdims=True)


def speed() -> Iterator[dict]:
    """Order lines a CPU second: in memory, and by the command line into Parquet."""
    Retail(customers=50, products=20).run(10, seed=1)  # compiled code is loaded
    for customers, basket in ((20_000, 4.0), (200_000, 4.0), (20_000, 20.0)):
        shop = Retail(customers=customers, basket=basket, clicks=False)
        began = time.process_time()
        lines = shop.run(365, seed=1).rows("order_lines")
        yield {"case": "memory", "customers": customers, "basket": basket, "lines": lines,
               "cpu_s": time.process_time() - began}  # fmt: skip
    for clicks in (False, True):
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder) / "shop"
            spent = timed([
                sys.executable, "-m", "likewise", "simulate", "retail", "--set",
                "customers=200000", "--set", f"clicks={clicks}", "--seed", "1", "--quiet",
                "--no-page", "--no-facts", "-o", str(place),
            ])  # fmt: skip
            rows = {p.stem: pq.read_metadata(p).num_rows for p in place.glob("*.parquet")}
        yield {"case": "files", "customers": 200_000, "basket": 4.0, "clicks": clicks,
               "lines": rows["order_lines"], "rows": sum(rows.values()), **spent}  # fmt: skip


if __name__ == "__main__":
    main()
