"""``likewise run``."""

import click

from likewise.cli import options


@click.command(epilog="Example: likewise run likewise.yaml --seed 7")
@click.argument("plan_path", metavar="PLAN")
@click.option("--scale", type=options.Scale(), help="In place of the plan's, such as 0.1x.")
@options.seed
@options.workers
@options.talk
@click.pass_context
def command(
    ctx: click.Context,
    *,
    plan_path: str,
    scale: float | None,
    seed: int | None,
    workers: int | None,
    as_json: bool,
    quiet: bool,
    verbose: bool,
) -> None:
    """Make synthetic tables as a plan file says.

    PLAN names where tables come from and go to, and each table: its keys, columns and rules, and
    whether it is learned or kept; or a simulation: its settings, and what its agents are drawn
    from. Paths in it are taken from its own folder.
    """
    from likewise.cli import linked, simulation
    from likewise.cli.console import Voice
    from likewise.core.errors import ConfigError
    from likewise.core.seeds import Seed
    from likewise.jobs.linked_plan import read_plan
    from likewise.jobs.simulation_plan import is_simulation, read_simulation_plan

    if is_simulation(plan_path):
        if scale is not None:
            hint = "Set how many agents there are in the plan"
            raise ConfigError("--scale", "the plan is one of a simulation", hint)
        wanted = read_simulation_plan(plan_path, seed=seed)
        drawn = wanted.seed is None
        update = {"seed": Seed.of(wanted.seed).value, "workers": workers or wanted.workers}
        voice = Voice(as_json=as_json, quiet=quiet)
        simulation.run(voice, wanted.model_copy(update=update), drawn=drawn)
        return
    plan = read_plan(plan_path, seed=seed)
    drawn = seed is None and not plan.seeded
    if scale is not None:
        plan = plan.model_copy(update={"scale": scale})
    linked.synth_folder(
        ctx, plan, drawn=drawn, as_json=as_json, quiet=quiet, verbose=verbose, workers=workers
    )
