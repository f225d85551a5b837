"""The benchmark tables and their splits, as the protocol fixes them.

``--data DIR`` points at a folder with one sub-folder per data set, in Parquet. Adult has its
published train and test files; the others are cut 80/20 with NumPy ``default_rng(0)``.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Dataset:
    """One benchmark table.

    Attributes:
        name: folder name under the data directory.
        files: Parquet files; two mean a published train and test split.
        target: the column whose prediction measures utility, or None.
        task: "class" or "number".
        drop: identifier columns, left out by the protocol.
        unjudged: repeated identifiers, learned (and renamed) but not judged.
        categories: numeric codes that are categories.
    """

    name: str
    files: tuple[str, ...]
    target: str | None
    task: str = "class"
    drop: tuple[str, ...] = ()
    unjudged: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()


PAYMENTS = ("PAY_0", "PAY_2", "PAY_3", "PAY_4", "PAY_5", "PAY_6")
DATASETS = {
    data.name: data
    for data in (
        Dataset("adult", ("train.parquet", "test.parquet"), "income"),
        Dataset(
            "default",
            ("default.parquet",),
            "default payment next month",
            drop=("ID",),
            categories=("SEX", "EDUCATION", "MARRIAGE", *PAYMENTS, "default payment next month"),
        ),
        Dataset("magic", ("magic.parquet",), "class"),
        Dataset("california_housing", ("housing.parquet",), "median_house_value", task="number"),
        Dataset("german_credit", ("german.parquet",), "class", categories=("class",)),
        Dataset("kdd99_10pct", ("kddcup_10_percent.parquet",), "label"),
        Dataset(
            "online_retail", ("online_retail.parquet",), None, unjudged=("InvoiceNo", "CustomerID")
        ),
    )
}


def load(data: Dataset, folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Train and holdout frames of ``data``, identifiers dropped."""
    frames = [pd.read_parquet(folder / data.name / name) for name in data.files]
    frames = [frame.drop(columns=list(data.drop)) for frame in frames]
    if len(frames) == 2:
        return frames[0], frames[1]
    whole = frames[0]
    order = np.random.default_rng(0).permutation(len(whole))
    cut = len(whole) // 5
    train, holdout = np.sort(order[cut:]), np.sort(order[:cut])
    return whole.iloc[train].reset_index(drop=True), whole.iloc[holdout].reset_index(drop=True)


def schema_yaml(data: Dataset, inferred: dict) -> dict:
    """The inferred schema with the protocol's categories declared."""
    for column in inferred["columns"]:
        if column["name"] in data.categories:
            column["kind"] = "category"
    return inferred
