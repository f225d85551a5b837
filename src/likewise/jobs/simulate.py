"""A simulation as files: tables, event logs, a page, and what it takes to repeat it."""

import hashlib
import inspect
import json
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

import likewise
from likewise.core.atomic import Put, together
from likewise.core.errors import ConfigError, DataError
from likewise.core.params import build
from likewise.core.progress import Progress, silent
from likewise.core.run import Run
from likewise.core.seeds import Seed
from likewise.execution.processes import process_map
from likewise.execution.threads import cores
from likewise.io.dialect import Dialect, dialect_for
from likewise.io.write import write_blocks
from likewise.jobs.calibrate import fit_to, write_fit
from likewise.jobs.clock import Clock
from likewise.report.simulation_page import Shown, write_simulation
from likewise.simulate.address import address_of, find_simulator, simulator_at
from likewise.simulate.engine import simulate
from likewise.simulate.model import name_of
from likewise.simulate.simulator import Simulator
from likewise.simulate.trajectory import Trajectory

FORMATS = ("parquet", "csv")
FRAMES = 200  # of an animation, at most, unless said otherwise


@dataclass(frozen=True)
class Order:
    """What is wanted.

    Attributes:
        simulator: a registered name, ``FILE.py`` or ``FILE.py:Class``.
        settings: of the simulator, where they differ from its defaults.
        steps: how long; None for the simulator's default.
        days: how long instead, where the simulator counts days.
        seed: drawn when None.
        output: the folder of all files.
        replicates: runs, each with a seed of its own.
        workers: processes, when there are replicates; None for all cores.
        format: of the tables, parquet or csv; event logs are Parquet always.
        page: whether to write a page with the numbers of each step and the animation.
        film_every: steps between two frames; None for about 200 frames in all.
        checkpoint: leave the state beside the folder, and go on from it if it is there.
        fit: a folder of tables or a file of numbers that the simulator is fitted to first.
        evaluations: parameter vectors that a fit may try.
    """

    simulator: str
    settings: Mapping[str, Any]
    steps: int | None = None
    days: float | None = None
    seed: int | None = None
    output: str = "simulation"
    replicates: int = 1
    workers: int | None = None
    format: str = "parquet"
    page: bool = True
    film_every: int | None = None
    checkpoint: bool = False
    fit: str | None = None
    evaluations: int = 200


@dataclass(frozen=True)
class Simulated:
    """What was simulated.

    Attributes:
        simulator: its name.
        seed: of all.
        steps: that were taken; of several replicates those of the longest.
        rows: by table, of all replicates.
        last: what was collected at the end; of several replicates the means.
        files: paths by role.
        seconds: wall time by stage.
    """

    simulator: str
    seed: int
    steps: int
    rows: dict[str, int]
    last: dict[str, float]
    files: dict[str, str]
    seconds: dict[str, float]

    def as_json(self) -> dict[str, Any]:
        """One versioned object for ``--json``."""
        return {"version": 1, **asdict(self)}


@dataclass(frozen=True)
class Part:
    """One replicate, in values that can be sent to another process."""

    address: str
    settings: dict[str, Any]
    steps: int
    seed: int
    folder: str
    format: str
    page: bool
    film_every: int | None


@dataclass(frozen=True)
class Done:
    """What a replicate has left behind."""

    steps: int
    rows: dict[str, int]
    last: dict[str, float]


def run(order: Order, progress: Progress = silent) -> Simulated:
    """Simulate and write; the files of each run appear together at its end, or none does."""
    clock = Clock()
    kind = find_simulator(order.simulator)
    simulator = build(kind, order.settings, "--set")
    steps = _steps(order, simulator)
    if order.format not in FORMATS:
        raise ConfigError("--format", repr(order.format), f"Choose {' or '.join(FORMATS)}")
    if order.replicates > 1 and order.checkpoint:
        found = f"beside {order.replicates} replicates"
        raise ConfigError("--checkpoint", found, "Leave out one of them")
    seed, folder = Seed.of(order.seed), Path(order.output)
    _refuse_file(folder)
    model = None
    if order.fit is not None:
        with clock.stage("fit", progress):
            model = fit_to(
                simulator, Path(order.fit), steps=steps, seed=seed,
                evaluations=order.evaluations, progress=progress,
            )  # fmt: skip
        simulator = build(kind, model.simulator.model_dump(), "fit")
    plain = simulator.model_dump(mode="json")
    parts = [
        Part(
            address_of(kind) if order.replicates > 1 else "", plain, steps, one.value, str(place),
            order.format, order.page, order.film_every,
        )
        for one, place in _places(order.replicates, seed, folder)
    ]  # fmt: skip
    with clock.stage("simulate", progress):
        if order.replicates == 1:
            saved = folder.with_name(folder.name + ".checkpoint") if order.checkpoint else None
            done = [_one(simulator, parts[0], Run(progress, checkpoint=saved))]
        else:
            workers = cores() if order.workers is None else order.workers
            done = []
            for each in process_map(replicate, parts, workers=workers):
                done.append(each)
                progress("simulate", len(done), order.replicates)
            _write_summary(folder, simulator, seed, steps, parts, done)
    rows = {name: sum(one.rows[name] for one in done) for name in done[0].rows}
    last = {k: sum(one.last[k] for one in done) / len(done) for k in done[0].last}
    files = {"folder": str(folder), "manifest": str(folder / "manifest.json")}
    if model is not None:
        files |= write_fit(model, folder)
    if order.page and order.replicates == 1:
        files["page"] = str(folder / "simulation.html")
    longest = max(one.steps for one in done)
    return Simulated(name_of(kind), seed.value, longest, rows, last, files, clock.total())


def replicate(part: Part) -> Done:
    """One of several runs, in whatever process."""
    return _one(build(simulator_at(part.address), part.settings), part, Run())


def _one(simulator: Simulator, part: Part, run: Run) -> Done:
    folder = Path(part.folder)
    film = _film_every(simulator, part)
    with together() as put:
        made = simulate(
            simulator, part.steps, seed=Seed(part.seed), run=run, output=folder, put=put,
            film_every=film,
        )  # fmt: skip
        names = {name: f"{name}.parquet" for name in made.world.logs}
        for name in made.names:
            if name not in names:
                names[name] = f"{name}.{part.format}"
                _write_table(made.table(name), folder / names[name], put)
        schema = made.schema().to_yaml()
        with put(folder / "schema.yaml") as place:
            place.write_text(schema, encoding="utf-8")
        rows = {name: made.rows(name) for name in made.names}
        facts = {"steps": made.steps, "tables": {n: [names[n], rows[n]] for n in names}}
        manifest = {**_about(simulator, part.seed, part.steps), **facts}
        _write_json(manifest, folder / "manifest.json", put)
        if part.page:
            write_simulation(_shown(simulator, made), folder / "simulation.html", put=put)
    last = {n: made.series[n][-1].as_py() for n in made.series.column_names if n != "step"}
    return Done(made.steps, rows, last)


def _film_every(simulator: Simulator, part: Part) -> int | None:
    """Steps between frames; None where there is no page, or nothing to draw."""
    if not part.page or type(simulator).frame is Simulator.frame:
        return None
    return part.film_every or max(part.steps // FRAMES, 1)


def _steps(order: Order, simulator: Simulator) -> int:
    if order.days is None:
        return simulator.default_steps if order.steps is None else order.steps
    if order.steps is not None:
        raise ConfigError("--days", "beside --steps", "Give one of them")
    if simulator.steps_per_day is None:
        found = f"{type(simulator).__name__} has steps of no length"
        raise ConfigError("--days", found, "Give --steps")
    return round(order.days * simulator.steps_per_day)


def _places(replicates: int, seed: Seed, folder: Path) -> list[tuple[Seed, Path]]:
    """The seed and the folder of each run; a single one has those of the order."""
    if replicates < 1:
        raise ConfigError("--replicates", f"{replicates}", "Give 1 or more")
    if replicates == 1:
        return [(seed, folder)]
    width = len(str(replicates))
    return [
        (seed.child("replicate", number), folder / f"replicate-{number + 1:0{width}}")
        for number in range(replicates)
    ]


def _about(simulator: Simulator, seed: int, steps: int) -> dict[str, Any]:
    """What it takes to do it again; the same for the same run, so no time of day."""
    kind = type(simulator)
    file = Path(inspect.getfile(kind))
    return {
        "version": 1,
        "simulator": name_of(kind),
        "code_sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
        "parameters": simulator.model_dump(mode="json"),
        "seed": seed,
        "steps_wanted": steps,
        "likewise": likewise.__version__,
        "python": platform.python_version(),
    }


def _write_summary(
    folder: Path, simulator: Simulator, seed: Seed, steps: int, parts: list[Part], done: list[Done]
) -> None:
    """What all replicates have in common, and where each ended."""
    runs = {
        "folder": [Path(part.folder).name for part in parts],
        "seed": pa.array([part.seed for part in parts], pa.uint64()),
        "steps": [one.steps for one in done],
        **{name: [one.last[name] for one in done] for name in done[0].last},
    }
    with together() as put:
        _write_table(pa.table(runs), folder / "runs.csv", put)
        about = {**_about(simulator, seed.value, steps), "replicates": len(done)}
        _write_json(about, folder / "manifest.json", put)


def _shown(simulator: Simulator, made: Trajectory) -> Shown:
    kind = type(simulator)
    rows = ", ".join(f"{name} {made.rows(name):,}" for name in made.names)
    settings = ", ".join(f"{k} {v}" for k, v in simulator.model_dump(mode="json").items())
    facts = (
        ("Simulator", name_of(kind)), ("Parameters", settings), ("Seed", str(made.seed)),
        ("Steps", f"{made.steps:,}"), ("Rows", rows), ("likewise", likewise.__version__),
    )  # fmt: skip
    series = made.series.to_pydict()
    title = kind.summary or kind.__name__
    return Shown(title, made.frames, series, facts, likewise.__version__)


def _write_table(table: pa.Table, path: Path, put: Put) -> None:
    for i, field in enumerate(table.schema):
        if pa.types.is_dictionary(field.type) and path.suffix == ".csv":
            table = table.set_column(i, field.name, table.column(i).cast(pa.string()))
    write_blocks([table], path, dialect_for(path, Dialect()), put=put)


def _write_json(value: Any, path: Path, put: Put) -> None:
    with put(path) as part:
        part.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _refuse_file(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise DataError(str(folder), "is a file", "Give a folder with -o")
