"""Column shapes and pair trends by SDMetrics, in its own environment; started by ``fidelity.py``.

    PYTHON sdmetrics_worker.py FOLDER

The folder has train and synth in Parquet, and job.json with the columns' types. Pairs are compared
twice: as SDMetrics cuts numbers, each table between its own ends, and cut alike beforehand, between
the ends of the training table. Prints one JSON object.
"""

import json
import sys
import warnings
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
from sdmetrics.column_pairs import ContingencySimilarity, CorrelationSimilarity
from sdmetrics.reports.single_table._properties import ColumnPairTrends, ColumnShapes

BINS = 10


def main() -> None:
    """Compare and print."""
    warnings.simplefilter("ignore")
    folder = Path(sys.argv[1])
    kinds = json.loads((folder / "job.json").read_text())
    train, synth = (pd.read_parquet(folder / f"{name}.parquet") for name in ("train", "synth"))
    metadata = {"columns": {name: {"sdtype": kind} for name, kind in kinds.items()}}
    shapes, trends = ColumnShapes(), ColumnPairTrends()
    trends.num_rows_subsample = None
    trends.real_correlation_threshold = trends.real_association_threshold = 0
    shape = shapes.get_score(train, synth, metadata)
    pair = trends.get_score(train, synth, metadata)
    by = shapes.details.set_index("Column")["Score"]
    aligned = float(np.mean(list(similar(train, synth, kinds))))
    found = {"shape": shape, "by": by.to_dict(), "pair": pair, "aligned": aligned}
    print(json.dumps(found))


def similar(train: pd.DataFrame, synth: pd.DataFrame, kinds: dict[str, str]) -> Iterator[float]:
    """Of all pairs, numbers beside labels cut alike in both tables."""
    cut = [alike(table, train, kinds) for table in (train, synth)]
    for a, b in combinations(kinds, 2):
        if kinds[a] == kinds[b] == "numerical":
            yield CorrelationSimilarity.compute(train[[a, b]], synth[[a, b]])
        else:
            yield ContingencySimilarity.compute(*(part[[a, b]] for part in cut))


def alike(table: pd.DataFrame, train: pd.DataFrame, kinds: dict[str, str]) -> pd.DataFrame:
    """Numbers as SDMetrics' bins, but between the ends of the training table for both."""
    parts = table.copy()
    for name in (name for name, kind in kinds.items() if kind == "numerical"):
        edges = np.histogram_bin_edges(train[name].dropna(), BINS)
        parts[name] = np.digitize(table[name], edges).astype(str)
    return parts


if __name__ == "__main__":
    main()
