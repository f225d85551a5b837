"""Replicates and sweeps: the same simulation under many seeds and settings, on many cores."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from likewise.core.errors import ConfigError
from likewise.core.params import build
from likewise.core.run import Run
from likewise.core.seeds import Seed
from likewise.execution.processes import process_map
from likewise.simulate.address import address_of, simulator_at
from likewise.simulate.simulator import Simulator


def sweep(
    simulator: Simulator,
    settings: Mapping[str, Sequence[Any]] | None = None,
    *,
    replicates: int = 1,
    steps: int | None = None,
    seed: Seed | int | None = None,
    run: Run | None = None,
    every_step: bool = False,
) -> pa.Table:
    """What ``collect`` gives at the end of each run; a row a run.

    All combinations of the settings are run ``replicates`` times. The r-th replicate has the same
    seed under all settings, so differences between settings are not those between seeds.

    Args:
        simulator: the settings that are not swept.
        settings: values by field; none runs replicates alone.
        replicates: 1 or more.
        steps: as for ``Simulator.run``.
        seed: of it all.
        run: progress, and ``workers``: processes, one by default. No result depends on them.
        every_step: a row a step instead.

    Returns:
        Columns ``replicate``, the swept fields, ``step``, and the names of ``collect``.

    Raises:
        ConfigError: a field or value that cannot be.
    """
    if replicates < 1:
        raise ConfigError("replicates", f"{replicates}", "Give 1 or more")
    root, told, kind = Seed.of(seed), run or Run(), type(simulator)
    workers = told.workers or 1
    combinations = [
        dict(zip(settings or {}, values, strict=True))
        for values in itertools.product(*(settings or {}).values())
    ]
    plain = simulator.model_dump()
    each = [build(kind, {**plain, **chosen}, "sweep") for chosen in combinations]
    address = address_of(kind) if workers > 1 else ""
    jobs = [
        Job(
            address,
            one if not address else one.model_dump(mode="json"),
            simulator.default_steps if steps is None else steps,
            root.child("replicate", replicate).value,
            every_step,
        )
        for one in each
        for replicate in range(replicates)
    ]
    told.progress("simulate", 0, len(jobs))
    parts = []
    for number, series in enumerate(process_map(run_job, jobs, workers=workers)):
        chosen = combinations[number // replicates]
        rows = len(series["step"])
        labels = {"replicate": number % replicates, **chosen}
        columns = {name: [value] * rows for name, value in labels.items()}
        parts.append(pa.table({**columns, **series}))
        told.progress("simulate", number + 1, len(jobs))
    return pa.concat_tables(parts, promote_options="permissive").combine_chunks()


@dataclass(frozen=True)
class Job:
    """One run, in values that can be sent to another process.

    Attributes:
        address: of the simulator's class; "" when ``simulator`` is the recipe itself.
        simulator: the recipe, or its settings.
        steps, seed: of the run.
        every_step: whether each step is wanted, or the last alone.
    """

    address: str
    simulator: Any
    steps: int
    seed: int
    every_step: bool


def run_job(job: Job) -> dict[str, list[float]]:
    """The series of a run: column to values."""
    simulator = job.simulator
    if job.address:
        simulator = build(simulator_at(job.address), simulator)
    series: pa.Table = simulator.run(job.steps, seed=job.seed).series
    if not job.every_step:
        series = series.slice(series.num_rows - 1)
    found: dict[str, list[float]] = series.to_pydict()
    return found
