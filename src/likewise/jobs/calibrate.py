"""Fit a simulator from the command line: to a folder of tables, or to published numbers."""

import json
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa

from likewise.core.atomic import together
from likewise.core.errors import ConfigError, DataError
from likewise.core.plain import read_plain
from likewise.core.progress import Progress
from likewise.core.run import Run
from likewise.core.seeds import Seed
from likewise.data.convert import to_table
from likewise.data.infer import infer
from likewise.io.read import read_raw
from likewise.simulate.calibrate import Calibration
from likewise.simulate.model import SimulatorModel
from likewise.simulate.simulator import Simulator

READ = (".parquet", ".csv")  # of a folder; a table is called as its file


def fit_to(
    simulator: Simulator, path: Path, *, steps: int, seed: Seed, evaluations: int,
    progress: Progress,
) -> SimulatorModel:  # fmt: skip
    """Fit to what lies at ``path``: a folder of tables, or a YAML or JSON file of numbers.

    Raises:
        DataError: nothing can be read there.
        ConfigError: the file holds something else than numbers by name, or the simulator has
            nothing to calibrate, or not these facts.
    """
    tables = _tables(path) if path.is_dir() else None
    facts = None if tables is not None else _numbers(path)
    run, asked = Run(progress), seed.child("fit")
    try:
        model = simulator.fit(
            tables, facts=facts, steps=steps, seed=asked, run=run, evaluations=evaluations
        )
    except KeyError as error:
        found = f"{type(simulator).__name__} needs a table or column {error} that is not there"
        raise DataError(str(path), found, "Name files and columns as the simulator does") from None
    if model.calibration is None and model.simulator == simulator:
        found = f"{type(simulator).__name__} says of nothing how it follows from data"
        hint = "Write its methods estimate or facts, and its bounds"
        raise ConfigError("--fit", found, hint)
    return model


def write_fit(model: SimulatorModel, folder: Path) -> dict[str, str]:
    """Write the model, and what was met and missed as JSON; the files by role."""
    files = {"model": folder / "fit.model", "fit": folder / "fit.json"}
    with together() as put:
        model.save(files["model"], put=put)
        with put(files["fit"]) as part:
            said = {"version": 1, "parameters": model.simulator.model_dump(mode="json")}
            found = {} if model.calibration is None else _told(model.calibration)
            part.write_text(json.dumps({**said, **found}, indent=2) + "\n", encoding="utf-8")
    return {role: str(path) for role, path in files.items()}


def _told(found: Calibration) -> dict[str, object]:
    facts = {
        name: {
            "wanted": wanted,
            "simulated": found.facts[name],
            "standard_error": found.errors[name],
            "missed": name in found.missed,
        }
        for name, wanted in found.target.items()
    }
    misfit = {"misfit": found.misfit, "evaluations": found.evaluations}
    return {"calibrated": found.parameters, **misfit, "facts": facts}


def _numbers(path: Path) -> Mapping[str, float]:
    plain = read_plain(path, DataError)
    fine = isinstance(plain, dict) and plain and all(
        isinstance(v, int | float) and not isinstance(v, bool) for v in plain.values()
    )  # fmt: skip
    if not fine:
        raise ConfigError(
            str(path), "no list of numbers by name", "Write lines such as attacked: 0.4"
        )
    return {str(name): float(value) for name, value in plain.items()}


def _tables(folder: Path) -> Mapping[str, pa.Table]:
    """The tables of a folder, in canonical types."""
    files = sorted(path for path in folder.iterdir() if path.suffix in READ)
    if not files:
        raise DataError(str(folder), "holds no Parquet or CSV file", "Put the tables there")
    made = {}
    for path in files:
        raw = read_raw(path)
        made[path.stem] = to_table(raw.table, infer(raw.table), str(path)).arrow
    return made
