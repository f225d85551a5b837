"""``likewise sample``."""

import click

from likewise.cli import options


@click.command(
    epilog="""Example: likewise sample adult.model -n 1000 --where "age > 65" -o old.csv"""
)
@click.argument("model", metavar="MODEL")
@click.option(
    "-n",
    "rows",
    type=options.Count(),
    help="Rows to draw, or entities of events; by default as many as learned.",
)
@click.option("-o", "output", metavar="OUT", help="Where to; - is stdout. By default beside MODEL.")
@click.option(
    "--scale", type=options.Scale(), help="Of a database: how many times as many rows, as 0.1x."
)
@click.option(
    "--given",
    metavar="FILE",
    help="A table of known columns: one row drawn for each; of series and events, a past to go on.",
)
@click.option(
    "--events", type=options.Count(), help="Of events after --given: most new ones of an entity."
)
@click.option(
    "--until", metavar="MOMENT", help="Of events after --given: none is drawn beyond this moment."
)
@click.option("--where", metavar="CONDITION", help="Such as: age > 65 and city = 'Basel'.")
@click.option(
    "--balance",
    metavar="COL=SHARES",
    help="Target shares: COL=equal, or COL=LEVEL:SHARE,LEVEL:SHARE.",
)
@options.seed
@options.workers
@options.talk
def command(
    *,
    model: str,
    rows: int | None,
    output: str | None,
    scale: float | None,
    given: str | None,
    events: int | None,
    until: str | None,
    where: str | None,
    balance: str | None,
    seed: int | None,
    workers: int | None,
    as_json: bool,
    quiet: bool,
    verbose: bool,
) -> None:
    """Draw rows from a model, in the format of the table it has learned."""
    from likewise.cli import story
    from likewise.cli.console import Voice, print_json
    from likewise.core.errors import ConfigError
    from likewise.jobs import sample

    if as_json and output == "-":
        raise ConfigError("-o -", "stdout is taken by --json", "Give a file with -o")
    voice = Voice(as_json=as_json, quiet=quiet)
    wanted = sample.Order(
        model=model,
        rows=rows,
        output=output,
        given=given,
        where=where,
        balance=balance,
        seed=seed,
        workers=workers,
        scale=scale,
        events=events,
        until=until,
    )
    with voice.progress() as progress:
        sampled = sample.run(wanted, progress)
    if as_json:
        print_json(sampled.as_json())
    story.seed(voice, sampled.seed, drawn=seed is None)
    story.sample(voice, sampled)
