"""Every generator judged by the package's own report, attacks included; one JSON line a run.

    python benchmarks/reports.py --data DIR [--sets magic adult default] [--generators trees vae]
    python benchmarks/render.py            # docs/methods/reports.md from those lines

Each run is ``likewise fit``, ``sample`` and ``evaluate --full --model`` on the protocol's split, on
one thread. "real: second sample" judges one half of the training rows as a copy of the other.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

import pandas as pd

sys.path.insert(0, str(Path(__file__).parent))
from datasets import DATASETS, Dataset, load
from run import RUNS, declared_schema, header, timed

REAL = "real: second sample"
METHODS = (
    *("independent", "copula", "bayesnet", "trees", "forest"),
    *("gan", "vae", "autoregressive", "diffusion"),
)


def main() -> None:
    """Run what the command line asks for and append the lines to ``runs/reports.jsonl``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--sets", nargs="+", default=["magic", "adult", "default"])
    parser.add_argument("--generators", nargs="+", default=[REAL, *METHODS])
    parser.add_argument("--budget", default="200s", help="as for likewise fit")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--out", type=Path, default=RUNS / "reports.jsonl")
    args = parser.parse_args()
    for method in args.generators:
        for name in args.sets:
            train, holdout = load(DATASETS[name], args.data)
            for seed in range(args.seeds):
                line = run(DATASETS[name], method, seed, train, holdout, args.budget)
                with args.out.open("a", encoding="utf-8") as out:
                    out.write(json.dumps(line) + "\n")
                print(json.dumps(line)[:200], flush=True)


def run(
    data: Dataset, method: str, seed: int, train: pd.DataFrame, holdout: pd.DataFrame, budget: str
) -> dict:
    """What the report says of ``method``: every score with its floor, and every attack."""
    with tempfile.TemporaryDirectory() as folder:
        paths = (Path(folder) / name for name in ("train.parquet", "held.parquet", "s.parquet"))
        real, held, synth = paths
        model, page = Path(folder) / "model", Path(folder) / "report.html"
        if method == REAL:
            order = train.sample(frac=1, random_state=seed).reset_index(drop=True)
            train = order.iloc[: len(order) // 2]
            order.iloc[len(order) // 2 :].to_parquet(synth, index=False)
        train.to_parquet(real, index=False)
        holdout.to_parquet(held, index=False)
        declared = ["--schema", str(declared_schema(data, real)), "--target", str(data.target)]
        shared = ["--seed", str(seed), "--workers", "1", "--quiet"]
        cost = {}
        if method != REAL:
            fit = ["likewise", "fit", str(real), "-o", str(model), "--generator", method, *declared]
            cost["fit"] = timed([*fit, "--budget", budget, *shared])
            draw = ["likewise", "sample", str(model), "-n", str(len(train)), "-o", str(synth)]
            cost["sample"] = timed([*draw, *shared])
        judge = ["likewise", "evaluate", str(real), str(synth), "--holdout", str(held), "--full"]
        judge += ["--model", str(model)] if method != REAL else []
        cost["evaluate"] = timed([*judge, *declared, "-o", str(page), *shared])
        report = json.loads(page.with_suffix(".json").read_text(encoding="utf-8"))
    scores = {
        name: {key: score[key] for key in ("value", "interval", "floor", "floor_interval")}
        | {"verdict": score["verdict"]}
        for name, score in report["scores"].items()
    }
    kept = ("success", "control", "excess", "power", "p_value", "found")
    risks = {risk["name"]: {key: risk[key] for key in kept} for risk in report["risks"]}
    told = {"verdict": report["verdict"], "slices": len(report["slices"])}
    return header(data, method, seed, train) | told | {"scores": scores, "risks": risks} | cost


if __name__ == "__main__":
    main()
