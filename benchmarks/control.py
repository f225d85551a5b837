"""What the nearest-row attack finds where nothing was learned, and of methods; a JSON line a set.

    python benchmarks/control.py --data DIR [--sets magic default adult] [--sides 300] [--splits 12]
    python benchmarks/control.py --data DIR --sets magic --methods vae gan     # these instead
    python benchmarks/render.py            # the documentation's table from those lines

Known, fresh and drawn rows are all real ones, cut anew at random for each split, so *nearer* is
50 % up to chance. How far it strays is the interval by which a method's own share is to be read.
One split leans to one side for all methods alike; over many a method's own mean shows.
"""

import argparse
import json
import sys
from itertools import pairwise, product
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parent))
import likewise
from datasets import DATASETS, Dataset, load
from judge import NEAR, aligned, nearer
from run import RUNS
from small_tables import declared

REAL = "real rows"


def main() -> None:
    """Measure the sets and append one line each, and of each method, to ``runs/control.jsonl``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--sets", nargs="+", default=["adult", "magic", "default"])
    parser.add_argument(
        "--sides", nargs="+", type=int, help="rows learned; as many as can be, unset"
    )
    parser.add_argument("--splits", type=int, default=12)
    parser.add_argument("--methods", nargs="+", default=[REAL], help="that draw the rows")
    parser.add_argument("--out", type=Path, default=RUNS / "control.jsonl")
    args = parser.parse_args()
    for name in args.sets:
        data = DATASETS[name]
        train, holdout = load(data, args.data)
        whole = pd.concat([train, holdout], ignore_index=True)
        sides = args.sides or [min(len(holdout), len(whole) // 3)]
        for side, method in product(sides, args.methods):
            found = [split(data, whole, side, method, seed) for seed in range(args.splits)]
            line = {
                "set": name,
                "method": method,
                "rows a side": side,
                "splits": args.splits,
                "nearer": round(float(np.mean(found)), 2),
                "deviation": round(float(np.std(found, ddof=1)), 2),
            }
            with args.out.open("a", encoding="utf-8") as out:
                out.write(json.dumps(line) + "\n")
            print(json.dumps(line), flush=True)


def split(data: Dataset, whole: pd.DataFrame, side: int, method: str, seed: int) -> float:
    """*Nearer* of rows drawn by ``method``, which learns all but ``side`` fresh rows."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(whole))
    if method == REAL:
        ends = (0, side, 2 * side, 2 * side + max(side, min(NEAR, len(whole) - 2 * side)))
        parts = [whole.iloc[order[low:high]] for low, high in pairwise(ends)]
    else:
        parts = [whole.iloc[order[side:]], whole.iloc[order[:side]]]
        options = declared(data, parts[0])
        model = likewise.fit(parts[0], generator=method, seed=seed, **options)
        parts.append(model.sample(NEAR, seed=seed, workers=1))
    return nearer(*aligned(tuple(parts), data.categories), rng)


if __name__ == "__main__":
    main()
