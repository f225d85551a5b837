"""The agents of a simulation from tables: real rows, or rows that a fitted generator draws."""

from collections.abc import Mapping

import pyarrow as pa

from likewise.core.errors import ConfigError, DataError
from likewise.core.progress import Progress
from likewise.core.registry import suggest
from likewise.core.seeds import Seed
from likewise.io.read import read_raw
from likewise.jobs.simulation_plan import PopulationPlan, SimulationPlan
from likewise.simulate.simulator import Simulator


def populations_of(
    plan: SimulationPlan, simulator: Simulator, seed: Seed, progress: Progress
) -> Mapping[str, pa.Table]:
    """The tables of the populations that a plan gives, with a row for each agent.

    Raises:
        ConfigError: the simulator takes no such population.
        DataError: a table cannot be read, or a real one has fewer rows than there are agents.
    """
    wanted = dict(plan.populations)
    known = simulator.populations
    if plan.population is not None:
        if len(known) != 1 or wanted:
            listed = ", ".join(known) or "none"
            found = f"which of the simulator's populations ({listed}) is not said"
            raise ConfigError("population", found, "Give it by name, under populations")
        wanted[next(iter(known))] = plan.population
    for name in wanted:
        if name not in known:
            hint = suggest(name, list(known)) if known else "Leave it out"
            found = f"{type(simulator).__name__} takes no such table"
            raise ConfigError(f"population {name!r}", found, hint)
    made = {}
    for name, one in wanted.items():
        own = seed.child("population", name)
        made[name] = _agents(one, getattr(simulator, known[name]), own, progress)
    return made


def _agents(plan: PopulationPlan, count: int, seed: Seed, progress: Progress) -> pa.Table:
    if plan.learn is not None:
        # Learning brings all generators along, whose import takes longer than many a simulation.
        from likewise.jobs import fit
        from likewise.jobs.model import Model
        from likewise.jobs.plan import Plan

        wanted = Plan(
            input=plan.learn, generator=plan.generator, settings=plan.settings, seed=seed.value
        )
        learned = fit.run(wanted, progress)
        made: pa.Table = Model(learned.saved).sample(count, seed=seed.child("sample"))
        return made
    assert plan.real is not None
    table = read_raw(plan.real).table
    if table.num_rows < count:
        found = f"{table.num_rows:,} rows for {count:,} agents"
        raise DataError(plan.real, found, "Give more rows, ask for fewer agents, or learn it")
    rows = seed.stream("rows").permutation(table.num_rows)[:count]
    return table.take(pa.array(rows))
