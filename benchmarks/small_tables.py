"""Methods on tables of 100 to 2,000 rows, over several splits; one JSON line a run.

    python benchmarks/small_tables.py --data DIR [--sets magic] [--generators trees copula forest]
    python benchmarks/render.py            # the documentation's table from those lines

Small tables give small holdouts, which give noisy numbers. So the rows to learn are cut from larger
tables where there are any, and the rest judges: up to 8,000 rows, against as many drawn ones. Sets
that are small themselves are cut in half, more splits are taken, and the scores of a model are
means over several drawn tables, which differ by as much as methods do. A split is NumPy's
``default_rng(split)``; utility models learn as many drawn rows as there were real ones to learn.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import statsmodels.datasets as published
from sklearn import datasets as bundled

sys.path.insert(0, str(Path(__file__).parent))
import judge
import likewise
from datasets import DATASETS, Dataset, load
from likewise import Kind
from run import RUNS, header

LARGE, SPLITS_LARGE, SPLITS_SMALL = 8_000, 3, 6
DRAWS_SMALL = 4  # tables drawn from one model of half a small set
SIZES = (300, 1_000, 2_000)


@dataclass(frozen=True)
class Task:
    """One table cut into rows to learn and rows to judge by, and how many tables are drawn."""

    data: Dataset
    split: int
    draws: int
    train: pd.DataFrame
    holdout: pd.DataFrame


def main() -> None:
    """Append one line per run to ``runs/small_tables.jsonl``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--sets", nargs="+", default=[*LARGE_SETS, *SMALL_SETS])
    parser.add_argument("--generators", nargs="+", default=["forest", "trees", "copula"])
    parser.add_argument("--sizes", nargs="+", type=int, default=list(SIZES))
    parser.add_argument("--splits", type=int, help="3 of large tables and 6 of small ones if unset")
    parser.add_argument("--fidelity", action="store_true", help="shapes and pairs, which take long")
    parser.add_argument("--out", type=Path, default=RUNS / "small_tables.jsonl")
    args = parser.parse_args()
    args.out.parent.mkdir(parents=True, exist_ok=True)
    for name in args.sets:
        for task in tasks(name, args.data, args.sizes, args.splits):
            for method in args.generators:
                line = run(task, method, fidelity=args.fidelity)
                with args.out.open("a") as out:
                    out.write(json.dumps(line) + "\n")
                print(json.dumps(line), flush=True)


def tasks(name: str, folder: Path, sizes: list[int], splits: int | None) -> Iterator[Task]:
    """The splits of one set: some sizes of a large one, halves of a small one."""
    if name in LARGE_SETS:
        data = DATASETS[name] if name in DATASETS else SMALL[name]
        whole = pd.concat(load(data, folder)) if name in DATASETS else frame_of(name)
        cuts = [n for n in sizes if 2 * n <= len(whole)]
        count = splits or SPLITS_LARGE
    else:
        data = SMALL.get(name) or DATASETS[name]
        whole = frame_of(name) if name in SMALL else pd.concat(load(data, folder))
        cuts, count = [len(whole) // 2], splits or SPLITS_SMALL
    draws = 1 if name in LARGE_SETS else DRAWS_SMALL
    for rows in cuts:
        for split in range(count):
            order = np.random.default_rng(split).permutation(len(whole))
            train, holdout = order[:rows], order[rows : rows + LARGE]
            parts = (whole.iloc[np.sort(rows)].reset_index(drop=True) for rows in (train, holdout))
            yield Task(data, split, draws, *parts)


def declared(data: Dataset, train: pd.DataFrame) -> dict[str, Any]:
    """Options of ``likewise.fit``: the target, the protocol's categories, one thread."""
    found = likewise.infer(train, target=data.target)
    listed = [column for column in found.columns if column.name in data.categories]
    schema = found.replace(*(c.model_copy(update={"kind": Kind.CATEGORY}) for c in listed))
    return {"target": data.target, "schema": schema, "workers": 1}


def run(task: Task, method: str, *, fidelity: bool = False) -> dict:
    """Fit ``method``, draw as many rows as judge or were learned, and judge them."""
    data = task.data
    options = declared(data, task.train)
    start = time.process_time()
    model = likewise.fit(task.train, generator=method, seed=task.split, **options)
    seconds = time.process_time() - start
    rows, scores, drawing = max(len(task.holdout), len(task.train)), [], 0.0
    for draw in range(task.draws):
        start = time.process_time()
        drawn = model.sample(rows, seed=task.split + 1_000 * draw, workers=1)
        drawing += (time.process_time() - start) / task.draws
        scores.append(judge.small(
            task.train, task.holdout, drawn,
            target=data.target, task=data.task, categories=data.categories, fidelity_too=fidelity,
        ))  # fmt: skip
    means = {key: float(np.mean([one[key] for one in scores])) for key in scores[0]}
    costs = {"fit_cpu_s": round(seconds, 2), "sample_cpu_s": round(drawing, 2)}
    told = {"holdout": len(task.holdout), "draws": task.draws}
    return header(data, method, task.split, task.train) | told | means | costs


def frame_of(name: str) -> pd.DataFrame:
    """A table that comes with scikit-learn or statsmodels, with its columns' own names."""
    if name in ("breast_cancer", "wine"):
        found = getattr(bundled, f"load_{name}")(as_frame=True)
        labels = found.target.map(dict(enumerate(found.target_names)))
        return found.data.assign(target=labels.astype(str))
    if name == "diabetes":
        return bundled.load_diabetes(as_frame=True, scaled=False).frame
    frame = getattr(published, name).load_pandas().data
    return frame.drop(columns=["logpopul"]) if name == "anes96" else frame


CODES = ("rate_marriage", "religious", "occupation", "occupation_husb")
SMALL = {
    data.name: data
    for data in (
        Dataset("breast_cancer", (), "target"),
        Dataset("wine", (), "target"),
        Dataset("diabetes", (), "target", task="number", categories=("sex",)),
        Dataset("anes96", (), "vote", categories=("vote",)),
        Dataset("fair", (), "affairs", task="number", categories=CODES),
    )
}
LARGE_SETS = ("adult", "magic", "default", "california_housing", "fair")
SMALL_SETS = ("german_credit", "breast_cancer", "diabetes", "anes96", "wine")

if __name__ == "__main__":
    main()
