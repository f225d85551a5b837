"""Peers and our own methods on the same split, one after the other; one JSON line a run.

    python benchmarks/peers/environments.py                    # once: the peers' environments
    python benchmarks/peers/compare.py --data DIR [--sets adult,magic] [--methods trees,sdv-tvae]
    python benchmarks/render.py                                # docs/methods/peers.md

Every run is a process of its own on one thread, in its method's own environment; all samples meet
the same judge. Methods take turns, so that a busy hour hurts all alike; read CPU seconds, not wall.
Runs that ``runs/peers.jsonl`` already has are skipped: delete a line to measure it again.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from itertools import chain, product, zip_longest
from pathlib import Path

import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parent))
from catalogue import LINES, PEERS, PLACE, python, recorded
from worker import Job

from datasets import DATASETS, Dataset, load
from likewise.generators import GENERATORS
from run import floor, header, measured, timed

SMOKE_ROWS, SMOKE_EPOCHS = 2_000, 3
WARM_ROWS = 300
FLOORS = ("floor: half", "floor: bootstrap")
# One thread for OpenMP, BLAS, numba, joblib and XLA; torch's idle threads would spin
ONE_THREAD = {
    **dict.fromkeys(
        (
            "OMP_NUM_THREADS",
            "MKL_NUM_THREADS",
            "OPENBLAS_NUM_THREADS",
            "NUMBA_NUM_THREADS",
            "LOKY_MAX_CPU_COUNT",
            "NPROC",
        ),
        "1",
    ),
    "OMP_WAIT_POLICY": "PASSIVE",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false",
    "HF_HUB_OFFLINE": "1",
}


@dataclass(frozen=True)
class Task:
    """One run.

    Attributes:
        data: the table.
        method: a peer's name, one of our generators, or a floor.
        seed: of the fit.
        limit: CPU seconds a run may take; 0 is no limit.
        smoke: on few rows and with few epochs, to see that it works.
    """

    data: Dataset
    method: str
    seed: int
    limit: int
    smoke: bool


def main() -> None:
    """Run what is asked for and not yet there."""
    args = arguments()
    lines = list(recorded(args.out))
    done = {(line["set"], line["generator"], line["seed"], line["rows"]) for line in lines}
    for seed, name in product(range(args.seeds), args.sets.split(",")):
        train, holdout = load(DATASETS[name], args.data)
        if args.smoke:
            train = train.sample(SMOKE_ROWS, random_state=0).reset_index(drop=True)
        for method in args.methods.split(","):
            if method in FLOORS and seed > 0:
                continue
            if args.smoke or (name, method, seed, len(train)) not in done:
                task = Task(DATASETS[name], method, seed, args.time_limit, args.smoke)
                line = json.dumps(run(task, args.envs, train, holdout))
                print(line, flush=True)
                if not args.smoke:
                    with args.out.open("a", encoding="utf-8") as out:
                        out.write(line + "\n")


def arguments() -> argparse.Namespace:
    """The command line; every method by default, ours and the peers' in turns."""
    turns = chain(FLOORS, *zip_longest(GENERATORS, PEERS))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--sets", default="adult,magic,default")
    parser.add_argument("--methods", default=",".join(filter(None, turns)))
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--time-limit", type=int, default=1_800, help="CPU seconds a run; 0: none")
    parser.add_argument("--envs", type=Path, default=PLACE, help="where the environments are")
    parser.add_argument("--smoke", action="store_true", help="few rows and epochs; nothing is kept")
    parser.add_argument("--out", type=Path, default=LINES)
    args = parser.parse_args()
    unknown = {*args.methods.split(",")} - {*FLOORS, *GENERATORS, *PEERS}
    if unknown:
        parser.error(f"no method {', '.join(sorted(unknown))}")
    return args


def run(task: Task, envs: Path, train: pd.DataFrame, holdout: pd.DataFrame) -> dict:
    """Fit and sample in a process of its own, then judge; a failure is a result too."""
    if task.method in FLOORS:
        return floor(task.data, task.method, train, holdout)
    line = header(task.data, task.method, task.seed, train) | {"load": round(os.getloadavg()[0], 1)}
    with tempfile.TemporaryDirectory() as folder:
        try:
            if task.method in GENERATORS:  # kernels are compiled once for each machine
                work(task, envs, train.sample(WARM_ROWS, random_state=0), Path(folder))
            cost = work(task, envs, train, Path(folder))
        except subprocess.CalledProcessError as error:
            return line | {"failed": reason(error, task.limit, Path(folder, "log"))}
        found = measured(task.data, train, holdout, pd.read_parquet(Path(folder, "synth")))
    return line | found | cost


def work(task: Task, envs: Path, train: pd.DataFrame, folder: Path) -> dict:
    """One worker on ``train``; its rows go to ``folder``, what it cost is given back."""
    numbers = set(train.select_dtypes("number").columns) - set(task.data.categories)
    paths = {name: str(folder / name) for name in ("train", "synth", "cost", "log")}
    job = Job(
        method=task.method,
        target=task.data.target,
        categories=[name for name in train.columns if name not in numbers],
        seed=task.seed,
        epochs=SMOKE_EPOCHS if task.smoke else None,
        **paths,
    )
    train.reset_index(drop=True).to_parquet(job.train)
    (folder / "job").write_text(json.dumps(asdict(job)), encoding="utf-8")
    peer = PEERS.get(task.method)
    interpreter = python(peer.environment, envs) if peer else Path(sys.executable)
    command = [str(interpreter), str(Path(__file__).with_name("worker.py")), str(folder / "job")]
    cost = timed(command, ONE_THREAD | {"TMPDIR": str(folder)}, limit=task.limit)
    return cost | json.loads(Path(job.cost).read_text(encoding="utf-8"))


def reason(error: subprocess.CalledProcessError, limit: int, log: Path) -> str:
    """Why a run did not end well, in one line."""
    if error.returncode in (-signal.SIGXCPU, -signal.SIGKILL) and limit:
        return f"stopped after {limit} CPU s"
    printed = log.read_text(errors="replace").splitlines() if log.exists() else []
    return printed[-1][:300] if printed else f"ended with {error.returncode}"


if __name__ == "__main__":
    main()
