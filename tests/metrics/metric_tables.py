"""Tables for the tests of metrics: built by hand, or from data sets that packages ship."""

import functools

import numpy as np
import pandas as pd
import pyarrow as pa

from likewise.data.schema import Column, Kind, Schema
from likewise.data.table import CANONICAL, Table
from likewise.metrics.score import Score


def table(kinds: dict[str, Kind] | None = None, /, **columns) -> Table:
    """A table of the given columns; kinds follow from the values unless named."""
    made, arrays = [], []
    for name, values in columns.items():
        kind = (kinds or {}).get(name) or _kind(values)
        made.append(Column(name=name, kind=kind))
        cells = [None if _absent(v) else v for v in np.asarray(values, dtype=object)]
        if CANONICAL[kind] == pa.string():
            cells = [None if v is None else str(v) for v in cells]
        arrays.append(pa.array(cells, type=CANONICAL[kind]))
    names = [column.name for column in made]
    return Table(pa.table(arrays, names=names), Schema(columns=tuple(made)))


def _kind(values) -> Kind:
    kinds = {type(v) for v in np.asarray(values).tolist() if not _absent(v)}
    if kinds <= {bool} and kinds:
        return Kind.BOOLEAN
    if kinds <= {int} and kinds:
        return Kind.INTEGER
    return Kind.NUMERIC if kinds <= {int, float} and kinds else Kind.CATEGORY


def _absent(value) -> bool:
    return value is None or (isinstance(value, float) and np.isnan(value))


def people(n: int, seed: int = 0) -> Table:
    """Dependent columns of several kinds, some values missing."""
    rng = np.random.default_rng(seed)
    age = rng.gamma(9, 5, n).round().astype(int)
    income = np.exp(rng.normal(9 + age / 50, 0.4))
    city = np.where(income > np.exp(10), "north", rng.choice(["south", "east", "west"], n))
    owner = rng.random(n) < 1 / (1 + np.exp(-(age - 45) / 8))
    income = np.where(rng.random(n) < 0.05, np.nan, income)
    return table(age=age, income=income, city=city, owner=owner)


def shuffled(real: Table, name: str, seed: int = 0) -> Table:
    """The table with one column permuted on its own."""
    order = np.random.default_rng(seed).permutation(real.rows)
    place = real.names.index(name)
    column = real.arrow.column(name).take(pa.array(order))
    return Table(real.arrow.set_column(place, name, column), real.schema)


def resampled(real: Table, rows: int, seed: int = 0) -> Table:
    """Rows drawn with replacement: the perfect copier."""
    return real.take(np.random.default_rng(seed).integers(0, real.rows, rows))


def share_that_hold(scores: list[Score], truth: float | None = None) -> float:
    """Share of intervals that hold the truth, else the mean of all scores."""
    truth = float(np.mean([score.value for score in scores])) if truth is None else truth
    return float(np.mean([s.interval[0] <= truth <= s.interval[1] for s in scores]))


@functools.cache
def breast_cancer() -> Table:
    from sklearn.datasets import load_breast_cancer

    frame = load_breast_cancer(as_frame=True).frame
    columns = {name: frame[name].to_numpy() for name in frame}
    return table({"target": Kind.CATEGORY}, **columns)


@functools.cache
def fair() -> Table:
    """6,366 answers to a survey, eight numbers and a number to predict."""
    from statsmodels.datasets import fair as source

    frame: pd.DataFrame = source.load_pandas().data
    labels = {"occupation": Kind.CATEGORY, "religious": Kind.CATEGORY}
    return table(labels, **{name: frame[name].to_numpy() for name in frame})
