"""Filling missing cells: ours, median and mode, and iterated boosted trees; one JSON line each.

    python benchmarks/imputing.py --data DIR [--sets adult magic] [--seeds 3]
    python benchmarks/render.py            # the table in docs/howto/impute.md

A fifth of all cells but the target's is hidden at random. Every method fills the training rows;
a model learns them and is tested on whole holdout rows. Filled cells are compared with the hidden.
"""

import argparse
import json
import sys
import time
from pathlib import Path

import lightgbm as lgb
import numpy as np
import pandas as pd
from scipy.stats import ks_2samp

sys.path.insert(0, str(Path(__file__).parent))
import likewise
from datasets import DATASETS, Dataset, load
from judge import utility
from run import RUNS, header

HIDDEN = 0.2
ROUNDS = 4
TREES = {"n_estimators": 100, "learning_rate": 0.1, "n_jobs": 1, "verbose": -1, "random_state": 0}


def main() -> None:
    """Append one line per set, seed and method to ``runs/imputing.jsonl``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--sets", nargs="+", default=["adult", "magic"])
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--out", type=Path, default=RUNS / "imputing.jsonl")
    args = parser.parse_args()
    for name in args.sets:
        data = DATASETS[name]
        train, holdout = (typed(frame, data) for frame in load(data, args.data))
        for seed in range(args.seeds):
            for line in lines(data, train, holdout, seed):
                print(json.dumps(line), flush=True)
                with args.out.open("a", encoding="utf-8") as out:
                    out.write(json.dumps(line) + "\n")


def lines(data: Dataset, train: pd.DataFrame, holdout: pd.DataFrame, seed: int) -> list[dict]:
    """Every method on one choice of hidden cells."""
    hidden = np.random.default_rng(seed).random(train.shape) < HIDDEN
    hidden[:, train.columns.get_loc(data.target)] = False
    holes = train.mask(hidden)
    found = []
    for method, fill in METHODS.items():
        start = time.process_time()
        filled = fill(holes, data.target, seed)
        spent = round(time.process_time() - start, 1)
        parts = [same_types(part, train) for part in filled]
        scores = [judged(part, train, holdout, hidden, data) for part in parts]
        means = {key: round(float(np.mean([s[key] for s in scores])), 5) for key in scores[0]}
        found.append(header(data, method, seed, train) | means | {"cpu_s": spent})
    return found


def judged(
    filled: pd.DataFrame,
    train: pd.DataFrame,
    holdout: pd.DataFrame,
    hidden: np.ndarray,
    data: Dataset,
) -> dict[str, float]:
    """Utility of filled rows; labels that were met; how far filled numbers are from hidden ones."""
    right, distance = [], []
    for i, name in enumerate(train.columns):
        mine = hidden[:, i] & train[name].notna().to_numpy()
        if not mine.any() or filled.loc[mine, name].isna().all():
            continue
        if pd.api.types.is_numeric_dtype(train[name]):
            distance.append(ks_2samp(filled.loc[mine, name], train.loc[mine, name]).statistic)
        else:
            truth = train.loc[mine, name].astype(str)
            right.append((filled.loc[mine, name].astype(str) == truth).mean())
    found = {
        "utility": utility(filled, holdout, data.target, data.task),
        "utility_real": utility(train, holdout, data.target, data.task),
    }
    found |= {"labels_right": 100 * float(np.mean(right))} if right else {}
    return found | ({"numbers_ks": 100 * float(np.mean(distance))} if distance else {})


def ours(holes: pd.DataFrame, target: str, seed: int) -> list[pd.DataFrame]:
    """Five draws, each judged by itself."""
    return likewise.impute(holes, target=target, seed=seed, draws=5, workers=1, budget=3_000)


def middle(holes: pd.DataFrame, target: str, seed: int) -> list[pd.DataFrame]:
    """The median of a number, the most frequent label."""
    del target, seed
    filled = holes.copy()
    for name in holes.columns:
        number = pd.api.types.is_numeric_dtype(holes[name])
        value = holes[name].median() if number else holes[name].mode()[0]
        filled[name] = holes[name].fillna(value)
    return [filled]


def iterated(holes: pd.DataFrame, target: str, seed: int) -> list[pd.DataFrame]:
    """Boosted trees for every column on all others, in rounds.

    As in Stekhoven and Bühlmann, "MissForest", Bioinformatics 2012, with boosted trees as forests.
    """
    filled = middle(holes, target, seed)[0]
    for _ in range(ROUNDS):
        for name in holes.columns[holes.isna().any()]:
            gone = holes[name].isna()
            x = filled.drop(columns=name)
            number = pd.api.types.is_numeric_dtype(holes[name])
            model = (lgb.LGBMRegressor if number else lgb.LGBMClassifier)(**TREES)
            y = filled.loc[~gone, name]
            model.fit(x[~gone], y if number else y.astype(str))
            filled.loc[gone, name] = model.predict(x[gone])
    return [filled]


def left(holes: pd.DataFrame, target: str, seed: int) -> list[pd.DataFrame]:
    """Nothing filled: the model deals with missing cells itself."""
    del target, seed
    return [holes]


METHODS = {
    "a draw of ours": ours,
    "iterated boosted trees": iterated,
    "median and mode": middle,
    "left missing": left,
}


def typed(frame: pd.DataFrame, data: Dataset) -> pd.DataFrame:
    """Numbers as floats, everything else as text categories."""
    out = frame.reset_index(drop=True).copy()
    for name in out.columns:
        number = pd.api.types.is_numeric_dtype(out[name]) and name not in data.categories
        text = out[name].astype("string").astype(object)
        out[name] = out[name].astype(float) if number else pd.Categorical(text)
    return out


def same_types(filled: pd.DataFrame, train: pd.DataFrame) -> pd.DataFrame:
    """The columns in the types of ``train``."""
    out = filled.copy()
    for name in train.columns:
        if isinstance(train[name].dtype, pd.CategoricalDtype):
            out[name] = pd.Categorical(out[name], categories=train[name].cat.categories)
        else:
            out[name] = out[name].astype(float)
    return out


if __name__ == "__main__":
    main()
