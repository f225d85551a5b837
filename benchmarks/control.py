"""What the nearest-row attack finds where nothing was learned; one JSON line a set.

    python benchmarks/control.py --data DIR [--sets magic default adult] [--sides 300] [--splits 12]
    python benchmarks/render.py            # the documentation's table from those lines

Known, fresh and drawn rows are all real ones here, cut anew at random for each split, so *nearer*
is 50 % up to chance. How far it strays is the interval by which a method's own share is to be read.
"""

import argparse
import json
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parent))
from datasets import DATASETS, load
from judge import NEAR, aligned, nearer
from run import RUNS


def main() -> None:
    """Measure the sets and append one line each to ``runs/control.jsonl``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--sets", nargs="+", default=["adult", "magic", "default"])
    parser.add_argument(
        "--sides", nargs="+", type=int, help="rows learned; as many as can be, unset"
    )
    parser.add_argument("--splits", type=int, default=12)
    parser.add_argument("--out", type=Path, default=RUNS / "control.jsonl")
    args = parser.parse_args()
    for name in args.sets:
        train, holdout = load(DATASETS[name], args.data)
        frames = aligned((train, holdout, train.head(1)), DATASETS[name].categories)
        whole = pd.concat(frames[:2], ignore_index=True)
        for side in args.sides or [min(len(holdout), len(whole) // 3)]:
            found = [split(whole, side, seed) for seed in range(args.splits)]
            line = {
                "set": name,
                "rows a side": side,
                "splits": args.splits,
                "nearer": round(float(np.mean(found)), 2),
                "deviation": round(float(np.std(found, ddof=1)), 2),
            }
            with args.out.open("a", encoding="utf-8") as out:
                out.write(json.dumps(line) + "\n")
            print(json.dumps(line), flush=True)


def split(whole: pd.DataFrame, side: int, seed: int) -> float:
    """*Nearer* of real rows in the place of drawn ones."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(whole))
    ends = (0, side, 2 * side, 2 * side + max(side, min(NEAR, len(whole) - 2 * side)))
    parts = (whole.iloc[order[low:high]] for low, high in pairwise(ends))
    return nearer(*parts, rng)


if __name__ == "__main__":
    main()
