"""``likewise impute``."""

import click

from likewise.cli import options


@click.command(epilog="Example: likewise impute survey.csv -o complete.csv --seed 7")
@click.argument("input_path", metavar="INPUT")
@click.option("-o", "output", metavar="OUT", help="Where to; - is stdout. By default beside INPUT.")
@click.option("--model", metavar="MODEL", help="A model to draw from, instead of learning INPUT.")
@click.option(
    "--draws",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    metavar="M",
    help="Tables to write, each with draws of its own.",
)
@click.option("--target", metavar="COL", help="The column that models will be trained to predict.")
@click.option("--schema", metavar="FILE", help="Column kinds; see: likewise inspect -o.")
@click.option(
    "--budget",
    type=options.Seconds(),
    default="60s",
    show_default=True,
    envvar="LIKEWISE_BUDGET",
    help="Time for learning; more time, better data.",
)
@options.seed
@options.workers
@options.talk
def command(
    *,
    input_path: str,
    output: str | None,
    model: str | None,
    draws: int,
    target: str | None,
    schema: str | None,
    budget: float,
    seed: int | None,
    workers: int | None,
    as_json: bool,
    quiet: bool,
    verbose: bool,
) -> None:
    """Fill the missing cells of a table by draws given the cells that are there."""
    from likewise.cli import story
    from likewise.cli.console import Voice, print_json
    from likewise.core.errors import ConfigError
    from likewise.data.schema import read_schema
    from likewise.jobs import impute
    from likewise.jobs.plan import make_plan, refuse_overwriting

    del verbose
    if as_json and output == "-":
        raise ConfigError("-o -", "stdout is taken by --json", "Give a file with -o")
    plan = make_plan(
        input=input_path,
        generator="autoregressive",
        target=target,
        declared=read_schema(schema) if schema else None,
        seed=seed,
        budget=budget,
        workers=workers,
        holdout=0.0,
        judge=False,
    )
    order = impute.Order(plan, output, model, draws)
    refuse_overwriting(order.outputs, [schema])
    voice = Voice(as_json=as_json, quiet=quiet)
    story.seed(voice, plan.seed, drawn=seed is None)
    with voice.progress() as progress:
        imputed = impute.run(order, progress)
    if as_json:
        print_json(imputed.as_json())
    story.impute(voice, imputed)
