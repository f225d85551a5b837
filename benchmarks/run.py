"""Fit, sample and judge on the benchmark tables; one JSON line a run.

    python benchmarks/run.py --data DIR [--sets adult magic] [--generators trees] [--seeds 1]
    python benchmarks/render.py            # the documentation's tables from those lines

Every step is a fresh process of the ``likewise`` command on one thread, as a user would run it, so
CPU seconds and peak memory are whole-process numbers, import included.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

import pandas as pd
import yaml

sys.path.insert(0, str(Path(__file__).parent))
from datasets import DATASETS, Dataset, load, schema_yaml
from judge import judge

RUNS = Path(__file__).parent / "runs"
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "NUMBA_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")


def main() -> None:
    """Run what the command line asks for and append the lines to ``runs/single_table.jsonl``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--sets", nargs="+", default=list(DATASETS))
    parser.add_argument("--generators", nargs="+", default=["trees"])
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--floors", action="store_true", help="judge real halves and a bootstrap")
    parser.add_argument("--set", action="append", default=[], dest="settings")
    parser.add_argument("--out", type=Path, default=RUNS / "single_table.jsonl")
    args = parser.parse_args()
    args.out.parent.mkdir(parents=True, exist_ok=True)
    for name in args.sets:
        train, holdout = load(DATASETS[name], args.data)
        jobs = [("floor: half", None), ("floor: bootstrap", None)] if args.floors else []
        jobs += [(method, s) for s in range(args.seeds) for method in args.generators]
        for method, seed in jobs:
            if seed is None:
                line = floor(DATASETS[name], method, train, holdout)
            else:
                line = run(DATASETS[name], method, seed, train, holdout, args.settings)
            with args.out.open("a") as out:
                out.write(json.dumps(line) + "\n")
            print(json.dumps(line), flush=True)


def run(
    data: Dataset,
    method: str,
    seed: int,
    train: pd.DataFrame,
    holdout: pd.DataFrame,
    settings: list[str],
) -> dict:
    """Fit ``method`` on train, draw as many rows, judge them against the holdout."""
    with tempfile.TemporaryDirectory() as folder:
        real, model, synth = (Path(folder) / name for name in ("train.parquet", "m", "s.parquet"))
        train.to_parquet(real)
        schema = declared_schema(data, real)
        command = ["likewise", "fit", str(real), "-o", str(model), "--schema", str(schema)]
        command += ["--generator", method, "--seed", str(seed), "--workers", "1", "--quiet"]
        command += [part for pair in settings for part in ("--set", pair)]
        command += ["--target", data.target] if data.target else []
        fit = timed(command)
        draw = ["likewise", "sample", str(model), "-n", str(len(train)), "-o", str(synth)]
        sample = timed([*draw, "--seed", str(seed), "--workers", "1", "--quiet"])
        found = measured(data, train, holdout, pd.read_parquet(synth))
        size = model.stat().st_size / 2**20
    costs = {f"fit_{k}": v for k, v in fit.items()} | {f"sample_{k}": v for k, v in sample.items()}
    return header(data, method, seed, train) | found | costs | {"model_mb": round(size, 2)}


def floor(data: Dataset, name: str, train: pd.DataFrame, holdout: pd.DataFrame) -> dict:
    """One half of train as a copy of the other, or a bootstrap of train: the two yardsticks."""
    order = train.sample(frac=1, random_state=0).reset_index(drop=True)
    cut = len(order) // 2
    if name == "floor: half":
        found = measured(data, order.iloc[:cut], holdout, order.iloc[cut:])
    else:
        found = measured(data, train, holdout, train.sample(frac=1, replace=True, random_state=0))
    return header(data, name, 0, train) | found


def measured(
    data: Dataset, train: pd.DataFrame, holdout: pd.DataFrame, synth: pd.DataFrame
) -> dict[str, float]:
    """The judge's numbers on the columns that are judged."""
    frames = (
        frame.drop(columns=list(data.unjudged)).reset_index(drop=True)
        for frame in (train, holdout, synth)
    )
    options = {"target": data.target, "task": data.task, "categories": data.categories}
    return judge(*frames, **options)


def declared_schema(data: Dataset, path: Path) -> Path:
    """What ``likewise inspect`` finds, with the protocol's categories declared."""
    found = path.with_name("schema.yaml")
    timed(["likewise", "inspect", str(path), "-o", str(found), "--quiet"])
    declared = schema_yaml(data, yaml.safe_load(found.read_text()))
    found.write_text(yaml.safe_dump(declared, sort_keys=False, allow_unicode=True))
    return found


METER = """
import json, resource, subprocess, sys, time
if limit := int(sys.argv[2]):
    resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))
start = time.perf_counter()
code = subprocess.call(sys.argv[3:])
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
with open(sys.argv[1], "w") as out:
    json.dump([code, usage.ru_utime + usage.ru_stime, time.perf_counter() - start,
               usage.ru_maxrss / 1024], out)
"""


def timed(
    command: list[str], threads: dict[str, str] = ONE_THREAD, *, limit: int = 0
) -> dict[str, float]:
    """Run a command to its end; CPU seconds, wall seconds and peak memory in MB.

    A small process stands between: a child's peak memory starts at its parent's size, and this
    one holds data frames. A command that needs more than ``limit`` CPU seconds is stopped; 0 is
    no limit. One that does not end well raises CalledProcessError.
    """
    bin_folder = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = os.environ | threads | {"PATH": bin_folder}
    with tempfile.NamedTemporaryFile("r", suffix=".json") as out:
        subprocess.run(
            [sys.executable, "-S", "-c", METER, out.name, str(limit), *command],
            env=environment,
            check=True,
        )
        code, cpu, wall, peak = json.load(out)
    if code:
        raise subprocess.CalledProcessError(code, command)
    return {"cpu_s": round(cpu, 2), "wall_s": round(wall, 2), "peak_mb": round(peak, 1)}


def header(data: Dataset, method: str, seed: int, train: pd.DataFrame) -> dict:
    """What identifies a run."""
    packages = ("likewise", "numpy", "scikit-learn", "lightgbm", "sdmetrics")
    return {
        "set": data.name,
        "generator": method,
        "seed": seed,
        "rows": len(train),
        "columns": train.shape[1],
        "python": platform.python_version(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "versions": {name: version(name) for name in packages},
    }


if __name__ == "__main__":
    main()
