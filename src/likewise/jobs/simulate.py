"""A simulation as files: tables, event logs, a page, and what it takes to repeat it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from likewise.core.atomic import together
from likewise.core.errors import ConfigError
from likewise.core.params import build
from likewise.core.progress import Progress, silent
from likewise.core.run import Run
from likewise.core.seeds import Seed
from likewise.data.database_schema import DECLARATION
from likewise.execution.processes import process_map
from likewise.execution.threads import cores
from likewise.jobs.calibrate import fit_to, write_fit
from likewise.jobs.clock import Clock
from likewise.jobs.simulation_facts import (
    FactRow,
    as_json,
    facts_of_run,
    is_tables,
    real_facts,
    rows_of,
)
from likewise.jobs.simulation_files import about, shown, write_json, write_table
from likewise.jobs.simulation_folder import MANIFEST, RUNS, refuse_folder, run_folder
from likewise.jobs.simulation_plan import SimulationPlan, recipe_of
from likewise.jobs.simulation_populations import populations_of
from likewise.report.simulation_page import write_simulation
from likewise.simulate.address import address_of, simulator_at
from likewise.simulate.engine import simulate
from likewise.simulate.facts import Fact
from likewise.simulate.model import SimulatorModel, name_of
from likewise.simulate.simulator import Simulator

FRAMES = 200  # of an animation, at most, unless said otherwise


@dataclass(frozen=True)
class Simulated:
    """What was simulated.

    Attributes:
        simulator: its name.
        seed: of all.
        steps: that were taken; of several replicates those of the longest.
        rows: by table, of all replicates.
        facts: of the output beside those of real tables, means over replicates.
        last: what was collected at the end; of several replicates the means.
        files: paths by role.
        seconds: wall time by stage.
    """

    simulator: str
    seed: int
    steps: int
    rows: dict[str, int]
    facts: tuple[FactRow, ...]
    last: dict[str, float]
    files: dict[str, str]
    seconds: dict[str, float]

    def as_json(self) -> dict[str, Any]:
        """One versioned object for ``--json``."""
        return {"version": 1, **vars(self), "facts": as_json(self.facts)}


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
    real: Mapping[str, float]
    given: Mapping[str, pa.Table]
    agents: dict[str, Any]
    facts: bool | None


@dataclass(frozen=True)
class Done:
    """What a replicate has left behind."""

    steps: int
    rows: dict[str, int]
    last: dict[str, float]
    facts: tuple[Fact, ...]


def run(plan: SimulationPlan, progress: Progress = silent) -> Simulated:
    """Simulate and write; all files, also of replicates, appear together at the end, or none."""
    clock = Clock()
    simulator, steps = recipe_of(plan)
    if plan.replicates > 1 and plan.checkpoint:
        found = f"beside {plan.replicates} replicates"
        raise ConfigError("--checkpoint", found, "Leave out one of them")
    seed, folder = Seed.of(plan.seed), Path(plan.output)
    refuse_folder(folder, name_of(type(simulator)))
    with clock.stage("agents", progress):
        given = populations_of(plan, simulator, seed, progress)
    model, real = None, _real(plan, simulator)
    if plan.fit is not None:
        with clock.stage("fit", progress):
            model = fit_to(
                simulator, Path(plan.fit), steps=steps, seed=seed, run=Run(progress), given=given,
                evaluations=plan.evaluations,
            )  # fmt: skip
        simulator = build(type(simulator), model.simulator.model_dump(), "fit")
    address = address_of(type(simulator)) if plan.replicates > 1 else ""
    with run_folder(folder) as new:
        parts = [
            Part(
                address, simulator.model_dump(mode="json"), steps, one.value, str(place),
                plan.format, plan.page, plan.film_every, real, given, plan.agents, plan.facts,
            )
            for one, place in _places(plan.replicates, seed, new)
        ]  # fmt: skip
        with clock.stage("simulate", progress):
            if plan.replicates == 1:
                saved = folder.with_name(folder.name + ".checkpoint") if plan.checkpoint else None
                done = [_one(simulator, parts[0], Run(progress, checkpoint=saved))]
            else:
                done = _all(parts, cores() if plan.workers is None else plan.workers, progress)
                _write_summary(new, simulator, seed, steps, parts, done)
        files = _beside(new, done, model)
    return _told(plan, simulator, seed, done, files, clock)


def _real(plan: SimulationPlan, simulator: Simulator) -> Mapping[str, float]:
    """The facts of the real tables, where there are some."""
    if plan.real is None and (plan.fit is None or not is_tables(Path(plan.fit))):
        return {}
    return real_facts(simulator, Path(plan.real or plan.fit or ""), must=plan.real is not None)


def _all(parts: list[Part], workers: int, progress: Progress) -> list[Done]:
    done = []
    for each in process_map(replicate, parts, workers=workers):
        done.append(each)
        progress("simulate", len(done), len(parts))
    return done


def _beside(folder: Path, done: list[Done], model: SimulatorModel | None) -> dict[str, str]:
    """Write facts and fit; the names of their files by role."""
    files = {}
    facts = rows_of(one.facts for one in done)
    if facts:
        files["facts"] = "facts.json"
        with together() as put:
            write_json({"version": 1, "facts": as_json(facts)}, folder / files["facts"], put)
    if model is not None:
        files |= {role: Path(path).name for role, path in write_fit(model, folder).items()}
    return files


def _told(
    plan: SimulationPlan, simulator: Simulator, seed: Seed, done: list[Done],
    beside: Mapping[str, str], clock: Clock,
) -> Simulated:  # fmt: skip
    folder = Path(plan.output)
    rows = {name: sum(one.rows[name] for one in done) for name in done[0].rows}
    last = {k: sum(one.last[k] for one in done) / len(done) for k in done[0].last}
    files = {"folder": str(folder), "manifest": str(folder / MANIFEST)}
    files |= {role: str(folder / name) for role, name in beside.items()}
    facts = rows_of(one.facts for one in done)
    if plan.page and plan.replicates == 1:
        files["page"] = str(folder / "simulation.html")
    longest = max(one.steps for one in done)
    name = name_of(type(simulator))
    return Simulated(name, seed.value, longest, rows, facts, last, files, clock.total())


def replicate(part: Part) -> Done:
    """One of several runs, in whatever process."""
    return _one(build(simulator_at(part.address), part.settings), part, Run())


def _one(simulator: Simulator, part: Part, run: Run) -> Done:
    folder = Path(part.folder)
    film = _film_every(simulator, part)
    with together() as put:
        made = simulate(
            simulator, part.steps, seed=Seed(part.seed), run=run, output=folder, put=put,
            film_every=film, given=part.given,
        )  # fmt: skip
        names = {name: f"{name}.parquet" for name in made.world.logs}
        for name in made.names:
            if name not in names:
                names[name] = f"{name}.{part.format}"
                write_table(made.table(name), folder / names[name], put)
        schema = made.schema().to_yaml()
        with put(folder / DECLARATION) as place:
            place.write_text(schema, encoding="utf-8")
        rows = {name: made.rows(name) for name in made.names}
        tables = {"steps": made.steps, "tables": {n: [names[n], rows[n]] for n in names}}
        record = about(simulator, part.seed, part.steps, part.agents)
        write_json({**record, **tables}, folder / MANIFEST, put)
        facts = facts_of_run(simulator, made, part.real, asked=part.facts)
        if part.page:
            write_simulation(shown(simulator, made, facts), folder / "simulation.html", put=put)
    last = {n: made.series[n][-1].as_py() for n in made.series.column_names if n != "step"}
    return Done(made.steps, rows, last, facts)


def _film_every(simulator: Simulator, part: Part) -> int | None:
    """Steps between frames; None where there is no page, or nothing to draw."""
    if not part.page or type(simulator).frame is Simulator.frame:
        return None
    return part.film_every or max(part.steps // FRAMES, 1)


def _places(replicates: int, seed: Seed, folder: Path) -> list[tuple[Seed, Path]]:
    """The seed and the folder of each run; a single one has those of the order."""
    if replicates == 1:
        return [(seed, folder)]
    width = len(str(replicates))
    return [
        (seed.child("replicate", number), folder / f"replicate-{number + 1:0{width}}")
        for number in range(replicates)
    ]


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
        write_table(pa.table(runs), folder / RUNS, put)
        record = about(simulator, seed.value, steps, parts[0].agents)
        record["replicates"] = len(done)
        write_json(record, folder / MANIFEST, put)
