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
    whether it is learned or kept. Paths in it are taken from its own folder.
    """
    from likewise.cli import linked
    from likewise.jobs.linked_plan import read_plan

    plan = read_plan(plan_path, seed=seed)
    drawn = seed is None and not plan.seeded
    if scale is not None:
        plan = plan.model_copy(update={"scale": scale})
    linked.synth_folder(
        ctx, plan, drawn=drawn, as_json=as_json, quiet=quiet, verbose=verbose, workers=workers
    )
