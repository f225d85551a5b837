"""The simplest sequential trees, as the yardstick that ``trees`` has to beat; one JSON line a run.

    python benchmarks/baseline.py --data DIR [--sets adult magic default]

One scikit-learn tree a column, columns by rising number of values after the target; labels as
predictors are sorted by the first principal score of what is predicted; leaves of at least 100
rows; a label is drawn from its leaf, a number between two neighbours in it.
"""

import argparse
import json
import sys
import time
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.tree import DecisionTreeRegressor

sys.path.insert(0, str(Path(__file__).parent))
from datasets import DATASETS, load
from run import RUNS, header, measured

LEAF = 100


def main() -> None:
    """Append one line per set and seed to ``runs/single_table.jsonl``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--sets", nargs="+", default=["adult", "magic", "default"])
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--out", type=Path, default=RUNS / "single_table.jsonl")
    args = parser.parse_args()
    for name, seed in product(args.sets, range(args.seeds)):
        data = DATASETS[name]
        train, holdout = load(data, args.data)
        start = time.process_time()
        synth = draw(train, data.target, set(data.categories), np.random.default_rng(seed))
        seconds = round(time.process_time() - start, 2)
        found = measured(data, train, holdout, synth)
        line = header(data, "plain trees", seed, train) | found | {"fit_cpu_s": seconds}
        with args.out.open("a") as out:
            out.write(json.dumps(line) + "\n")
        print(json.dumps(line), flush=True)


def draw(
    train: pd.DataFrame, target: str, categories: set[str], rng: np.random.Generator
) -> pd.DataFrame:
    """As many rows as ``train`` has."""
    rest = sorted(train.columns.drop(target), key=lambda name: train[name].nunique())
    done: list[str] = []
    synth = pd.DataFrame(index=train.index)
    for name in [target, *rest]:
        label = name in categories or not pd.api.types.is_numeric_dtype(train[name])
        child = pd.factorize(train[name])[0] if label else train[name].to_numpy(float)
        profile = one_hot(child) if label else child[:, None]
        real, made = (np.zeros((len(train), max(len(done), 1))) for _ in range(2))
        for j, other in enumerate(done):
            if other in categories or not pd.api.types.is_numeric_dtype(train[other]):
                score = scores(train[other].astype(str), profile)
                real[:, j] = train[other].astype(str).map(score)
                made[:, j] = synth[other].astype(str).map(score)
            else:
                real[:, j], made[:, j] = train[other], synth[other]
        tree = DecisionTreeRegressor(min_samples_leaf=LEAF, random_state=0)
        tree.fit(np.nan_to_num(real, nan=-1e9), np.nan_to_num(profile, nan=-1e9))
        leaf_of = tree.apply(np.nan_to_num(real, nan=-1e9))
        wanted = tree.apply(np.nan_to_num(made, nan=-1e9))
        values = np.empty(len(train), dtype=object)
        column = train[name].to_numpy(object)
        for leaf in np.unique(wanted):
            mine, rows = column[leaf_of == leaf], np.flatnonzero(wanted == leaf)
            values[rows] = (
                mine[rng.integers(0, len(mine), len(rows))]
                if label
                else between(mine, len(rows), rng)
            )
        whole = not label and pd.api.types.is_integer_dtype(train[name])
        made_column = pd.Series(values, index=train.index)
        synth[name] = made_column.astype(float).round() if whole else made_column
        synth[name] = synth[name].astype(train[name].dtype)
        done.append(name)
    return synth[train.columns]


def between(values: np.ndarray, rows: int, rng: np.random.Generator) -> np.ndarray:
    """Draws between neighbouring values, missing ones in proportion."""
    known = np.sort(values[~pd.isna(values)].astype(float))
    place = rng.random(rows) * (len(known) - 1) if len(known) else np.zeros(rows)
    drawn = np.interp(place, np.arange(len(known)), known) if len(known) else place * np.nan
    drawn[rng.random(rows) < pd.isna(values).mean()] = np.nan
    return drawn


def one_hot(codes: np.ndarray) -> np.ndarray:
    """Codes as columns of 0 and 1."""
    return (codes[:, None] == np.unique(codes)).astype(float)


def scores(labels: pd.Series, profile: np.ndarray) -> dict[str, float]:
    """Each label's first principal score by the mean profile of its rows."""
    means = pd.DataFrame(profile).fillna(0).groupby(labels.to_numpy()).mean()
    centred = means.to_numpy() - means.to_numpy().mean(axis=0)
    axes = np.linalg.svd(centred, full_matrices=False)[2]
    return dict(zip(means.index, centred @ axes[0], strict=True))


if __name__ == "__main__":
    main()
