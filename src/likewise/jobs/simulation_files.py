"""What a simulation leaves beside its event logs: tables, a record of the run, and its page."""

import hashlib
import inspect
import json
import platform
from pathlib import Path
from typing import Any

import pyarrow as pa

import likewise
from likewise.core.atomic import Put
from likewise.io.dialect import Dialect, dialect_for
from likewise.io.write import write_blocks
from likewise.report.simulation_page import Shown
from likewise.simulate.facts import Fact
from likewise.simulate.model import name_of
from likewise.simulate.simulator import Simulator
from likewise.simulate.trajectory import Trajectory


def about(simulator: Simulator, seed: int, steps: int, agents: dict[str, Any]) -> dict[str, Any]:
    """What it takes to do it again; the same for the same run, so no time of day."""
    kind = type(simulator)
    file = Path(inspect.getfile(kind))
    return {
        "version": 1,
        "simulator": name_of(kind),
        "code_sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
        "parameters": simulator.model_dump(mode="json"),
        "populations": agents,
        "seed": seed,
        "steps_wanted": steps,
        "likewise": likewise.__version__,
        "python": platform.python_version(),
    }


def shown(simulator: Simulator, made: Trajectory, judged: tuple[Fact, ...]) -> Shown:
    """What the page tells of a run."""
    kind = type(simulator)
    rows = ", ".join(f"{name} {made.rows(name):,}" for name in made.names)
    settings = ", ".join(f"{k} {v}" for k, v in simulator.model_dump(mode="json").items())
    facts = (
        ("Simulator", name_of(kind)), ("Parameters", settings), ("Seed", str(made.seed)),
        ("Steps", f"{made.steps:,}"), ("Rows", rows), ("likewise", likewise.__version__),
    )  # fmt: skip
    series = made.series.to_pydict()
    title = kind.summary or kind.__name__
    return Shown(title, made.frames, series, judged, facts, likewise.__version__)


def write_table(table: pa.Table, path: Path, put: Put) -> None:
    """Write a table in the format of its file's name."""
    for i, field in enumerate(table.schema):
        if pa.types.is_dictionary(field.type) and path.suffix == ".csv":
            table = table.set_column(i, field.name, table.column(i).cast(pa.string()))
    write_blocks([table], path, dialect_for(path, Dialect()), put=put)


def write_json(value: Any, path: Path, put: Put) -> None:
    """Write plain values, indented."""
    with put(path) as part:
        part.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
