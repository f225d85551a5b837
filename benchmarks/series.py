"""Series by every method, by the published protocol and our own scores; one JSON line each.

    python benchmarks/series.py --data DIR [--sets stock energy metr_la sp500] [--methods ...]

``windows``: learn a whole series, draw windows of 24 rows, and judge them as the papers do
(``sequence_judges``), with windows as many as the real ones, 4,000 at most. Beside the two networks
stands a boosted detector whose folds never share rows. ``later``: learn the first 80 % of a series,
draw as many rows as one path, and judge it beside the last 20 % (``metrics.sequence_battery``).
The networks get ``--budget`` seconds of one core.
"""

import argparse
import json
import os
import platform
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parent))
from likewise import __version__
from likewise.data.table import Table
from likewise.jobs.model import raw_of
from likewise.jobs.plan import make_plan
from likewise.jobs.understand import understand
from likewise.metrics.sequence_battery import evaluate_sequences
from likewise.metrics.windows import window_detection
from likewise.series import SERIES
from likewise.series.view import numbers_of
from sequence_judges import discriminative, predictive

RUNS = Path(__file__).parent / "runs"
LENGTH, MOST, SEEDS = 24, 4_000, 3
SETS = {
    "stock": ("windows", "stock_goog/stock_data.parquet", ()),
    "energy": ("windows", "energy/energydata_complete.parquet", ("date",)),
    "stock later": ("later", "stock_goog/stock_data.parquet", ()),
    "metr_la": ("later", "metr_la_week/los_speed.parquet", ()),
    "sp500": ("later", "market_ohlcv/SP500.parquet", ()),
}


def main() -> None:
    """Append one line a set and method to ``runs/series.jsonl``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--sets", nargs="+", default=list(SETS))
    parser.add_argument("--methods", nargs="+", default=list(SERIES))
    parser.add_argument("--budget", type=float, default=180.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=RUNS / "series.jsonl")
    args = parser.parse_args()
    for name in args.sets:
        kind, path, dropped = SETS[name]
        frame = pd.read_parquet(args.data / path).drop(columns=list(dropped))
        table = understand(raw_of(frame), make_plan(seed=0))
        judge = by_windows if kind == "windows" else by_later_rows
        for method in args.methods:
            line = {
                "set": name, "kind": kind, "method": method, "seed": args.seed,
                "rows": table.rows, "columns": len(table.names), "likewise": __version__,
                "machine": platform.machine(), "threads": os.environ.get("OMP_NUM_THREADS"),
                **judge(table, method, args),
            }  # fmt: skip
            with args.out.open("a") as out:
                out.write(json.dumps(line) + "\n")
            print(json.dumps(line), flush=True)


def learn(table: Table, method: str, args: argparse.Namespace) -> tuple[object, float]:
    """The model, and CPU seconds it took."""
    recipe = SERIES.load(method)
    settings = {"budget": args.budget} if "budget" in recipe.model_fields else {}
    moments = [c.name for c in table.schema.columns if c.kind.value in ("datetime", "date")]
    start = time.process_time()
    model = recipe(**settings).fit(table, time=moments[0] if moments else None, seed=args.seed)
    return model, time.process_time() - start


def by_windows(table: Table, method: str, args: argparse.Namespace) -> dict[str, object]:
    """The published protocol, and the boosted detector."""
    model, fit = learn(table, method, args)
    names = model.view.numbers
    whole = numbers_of(table, names)
    every = np.lib.stride_tricks.sliding_window_view(whole, LENGTH, axis=0).transpose(0, 2, 1)
    count = min(len(every), MOST)
    start = time.process_time()
    drawn = model.windows(count, LENGTH, seed=args.seed + 1)
    sample = time.process_time() - start
    fake = numbers_of(drawn, names).reshape(count, LENGTH, -1)
    rng = np.random.default_rng(0)
    real = every[rng.permutation(len(every))[:count]]
    named = pd.DataFrame(fake.reshape(-1, len(names)), columns=list(names))
    named["window"] = np.repeat([f"{i:06}" for i in range(count)], LENGTH)
    return {
        "windows": count,
        "discriminative": [discriminative(real, fake, seed) for seed in range(SEEDS)],
        "predictive": predictive(real, fake, 0),
        "predictive_real": predictive(real, real, 0) if method == "autoregressive_series" else None,
        "boosted": boosted(table, named, names),
        "fit_cpu_s": round(fit, 1),
        "sample_cpu_s": round(sample, 1),
    }


def boosted(table: Table, fake: pd.DataFrame, names: tuple[str, ...]) -> float:
    """AUC of the detector of windows: real ones cut end to end, each an entity of its own."""
    count = table.rows // LENGTH
    real = pd.DataFrame(numbers_of(table, names)[: count * LENGTH], columns=list(names))
    real["window"] = np.repeat([f"{i:06}" for i in range(count)], LENGTH)
    fake = fake.iloc[: min(count * LENGTH, len(fake))]
    both = understand(raw_of(pd.concat([real, fake])), make_plan(seed=0))
    sides = both.slice(0, len(real)), both.slice(len(real))
    return window_detection(*sides, entity="window", length=LENGTH, explain=False).value


def by_later_rows(table: Table, method: str, args: argparse.Namespace) -> dict[str, object]:
    """Our own scores of one long path, beside those of the rows that came later."""
    kept = round(0.2 * table.rows)
    train, holdout = table.slice(0, table.rows - kept), table.slice(table.rows - kept)
    model, fit = learn(train, method, args)
    start = time.process_time()
    made = model.sample(train.rows, seed=args.seed + 1)
    sample = time.process_time() - start
    names = [c.name for c in table.schema.columns if c.kind.value not in ("datetime", "date")]
    found, notes = evaluate_sequences(
        train.select(names), made.select(names), holdout.select(names)
    )
    return {
        "scores": {name: [score.value, score.floor] for name, score in found.items()},
        "notes": list(notes),
        "fit_cpu_s": round(fit, 1),
        "sample_cpu_s": round(sample, 1),
    }


if __name__ == "__main__":
    main()
