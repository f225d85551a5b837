"""``likewise calibrate``."""

import click

from likewise.cli import options, simulation


@click.command(epilog="Example: likewise calibrate market prices.csv --seed 7 -o market.model")
@click.argument("simulator", metavar="NAME|FILE.py|FILE.model")
@click.argument("data", metavar="DATA")
@simulation.what
@click.option("-o", "output", metavar="FILE.model", help="The fitted model; by default NAME.model.")
@click.option(
    "--evaluations",
    type=click.IntRange(1),
    default=1000,
    show_default=True,
    metavar="N",
    help="Vectors of parameters that may be tried.",
)
@click.option(
    "--replicates",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    metavar="N",
    help="Simulations that are averaged for each vector.",
)
@click.option(
    "--method",
    type=click.Choice(["differential-evolution", "nelder-mead"]),
    default="differential-evolution",
    show_default=True,
    help="Search everywhere, or go downhill from the middle with fewer evaluations.",
)
@click.option("--posterior", is_flag=True, help="Also find which other parameters are as likely.")
@click.option(
    "--trials",
    type=click.IntRange(0),
    default=10,
    show_default=True,
    metavar="N",
    help="New seeds on which the fit is judged.",
)
@click.option(
    "--budget", type=click.FloatRange(0, min_open=True), metavar="SECONDS", help="For the search."
)
@options.seed
@options.talk
def command(
    *,
    simulator: str,
    data: str,
    settings: tuple[str, ...],
    steps: int | None,
    days: float | None,
    model: str | None,
    populations: tuple[str, ...],
    output: str | None,
    evaluations: int,
    replicates: int,
    method: str,
    posterior: bool,
    trials: int,
    budget: float | None,
    seed: int | None,
    as_json: bool,
    quiet: bool,
    verbose: bool,
) -> None:
    """Find the parameters of a simulator that data ask for, and keep the model.

    DATA is a folder of tables, a table, or a YAML or JSON file of published numbers.
    """
    from pathlib import Path

    from likewise.cli import story
    from likewise.cli.console import Voice, print_json
    from likewise.cli.simulation_story import calibrated
    from likewise.core.params import parse_settings
    from likewise.core.seeds import Seed
    from likewise.jobs import calibrate
    from likewise.jobs.simulation_plan import plan_of

    voice = Voice(as_json=as_json, quiet=quiet)
    value = Seed.of(seed).value
    plan = plan_of(
        "",
        simulate=simulator,
        model=model,
        settings=parse_settings(settings),
        steps=steps,
        days=days,
        seed=value,
        output=output or f"{Path(simulator.partition(':')[0]).stem}.model",
        fit=data,
        evaluations=evaluations,
        **simulation.given_populations(populations),
    )
    story.seed(voice, value, drawn=seed is None)
    with voice.progress() as progress:
        done = calibrate.run(
            plan,
            trials=trials,
            budget=budget,
            replicates=replicates,
            method=method.replace("-", "_"),
            posterior=posterior,
            progress=progress,
        )
    if as_json:
        print_json(done.as_json())
    calibrated(voice, done, verbose=verbose)
