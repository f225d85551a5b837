"""``likewise simulate``."""

from typing import TYPE_CHECKING, Literal

import click

from likewise.cli import options, simulation

if TYPE_CHECKING:
    from likewise.cli.console import Voice


@click.command(
    epilog="Example: likewise simulate wolf-sheep --set sheep=100 --steps 500 --seed 7 -o meadow"
)
@click.argument("simulator", metavar="[NAME|FILE.py|FILE.model]", required=False)
@simulation.what
@click.option(
    "-o",
    "output",
    metavar="DIR",
    default="simulation",
    show_default=True,
    help="The folder of tables, event logs, schema, page and manifest.",
)
@click.option(
    "--replicates",
    type=click.IntRange(1),
    default=1,
    metavar="N",
    help="Runs, each with a seed and a folder of its own.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["parquet", "csv"]),
    default="parquet",
    show_default=True,
    help="Of the tables; event logs are always Parquet.",
)
@click.option(
    "--fit",
    "fitted_to",
    metavar="DIR|FILE",
    help="First find the parameters that data ask for: tables, or published numbers (YAML).",
)
@click.option(
    "--evaluations",
    type=click.IntRange(1),
    default=200,
    show_default=True,
    metavar="N",
    help="Parameters that --fit may try.",
)
@click.option(
    "--real", metavar="DIR|FILE", help="Tables whose facts are shown beside the output's."
)
@click.option(
    "--facts/--no-facts",
    default=None,
    help="Hold the output against what is known of such data; by default up to 5 million rows.",
)
@click.option("--no-page", is_flag=True, help="Draw no page with curves and animation.")
@click.option(
    "--film-every",
    type=click.IntRange(1),
    metavar="N",
    help="Steps between two frames; by default about 200 frames in all.",
)
@click.option(
    "--checkpoint",
    is_flag=True,
    help="Leave the state beside DIR every half minute, and go on from it if it is there.",
)
@options.seed
@options.workers
@options.talk
def command(
    *,
    simulator: str | None,
    settings: tuple[str, ...],
    steps: int | None,
    days: float | None,
    model: str | None,
    populations: tuple[str, ...],
    output: str,
    replicates: int,
    form: Literal["parquet", "csv"],
    fitted_to: str | None,
    evaluations: int,
    real: str | None,
    facts: bool | None,
    no_page: bool,
    film_every: int | None,
    checkpoint: bool,
    seed: int | None,
    workers: int | None,
    as_json: bool,
    quiet: bool,
    verbose: bool,
) -> None:
    """Let agents act step by step, and write what happens as tables.

    NAME is a simulator of the package, FILE.py one of your own, which is run as Python runs it,
    and FILE.model what calibrate has fitted; without any, the simulators of the package are
    listed with their settings.
    """
    from likewise.cli.console import Voice
    from likewise.core.errors import ConfigError
    from likewise.core.params import parse_settings
    from likewise.core.seeds import Seed
    from likewise.jobs.simulation_plan import plan_of

    voice = Voice(as_json=as_json, quiet=quiet)
    if simulator is None:
        if settings:
            raise ConfigError("--set", "no simulator named", "Give its name first")
        _list(voice, as_json=as_json)
        return
    if checkpoint and seed is None:
        hint = "Give --seed, so that the same command finds its run again"
        raise ConfigError("--checkpoint", "without a seed", hint)
    plan = plan_of(
        "",
        simulate=simulator,
        model=model,
        settings=parse_settings(settings),
        steps=steps,
        days=days,
        seed=Seed.of(seed).value,
        output=output,
        replicates=replicates,
        workers=workers,
        format=form,
        page=not no_page,
        film_every=film_every,
        checkpoint=checkpoint,
        fit=fitted_to,
        evaluations=evaluations,
        real=real,
        facts=facts,
        **simulation.given_populations(populations),
    )
    simulation.run(voice, plan, drawn=seed is None)


def _list(voice: "Voice", *, as_json: bool) -> None:
    """The simulators with their settings, on standard output."""
    from dataclasses import asdict

    from rich.table import Table
    from rich.text import Text

    from likewise.cli.console import print_json
    from likewise.jobs.methods import described
    from likewise.simulate import SIMULATORS

    found = {name: described(SIMULATORS.load(name))[1] for name in SIMULATORS}
    if as_json:
        listed = [
            {
                "name": name,
                "summary": SIMULATORS.entries[name].summary,
                "settings": [asdict(setting) for setting in settings],
            }
            for name, settings in found.items()
        ]
        print_json({"version": 1, "simulators": listed})
        return
    for name, settings in found.items():
        voice.out.print(f"\n  [bold]{name}[/]: {SIMULATORS.entries[name].summary}")
        table = Table(box=None, padding=(0, 0, 0, 2), show_header=False)
        for s in settings:
            table.add_row(
                Text(s.name, "cyan"), str(s.default), Text(s.type, "dim"), Text(s.meaning)
            )
        voice.out.print(table)
