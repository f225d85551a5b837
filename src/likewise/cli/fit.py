"""``likewise fit``."""

import click

from likewise.cli import options


@click.command(epilog="Example: likewise fit adult.csv -o adult.model --seed 7")
@click.argument("input_path", metavar="INPUT")
@click.option("-o", "model", metavar="MODEL", required=True, help="Where the model goes.")
@options.method
@click.option("--resume", is_flag=True, help="Go on where the same command was cut off.")
@options.seed
@options.workers
@options.talk
def command(
    *,
    input_path: str,
    model: str,
    generator: str,
    settings: tuple[str, ...],
    target: str | None,
    schema: str | None,
    budget: float,
    resume: bool,
    seed: int | None,
    workers: int | None,
    as_json: bool,
    quiet: bool,
    verbose: bool,
) -> None:
    """Learn a table, all its rows, and keep the model."""
    from likewise.cli import story
    from likewise.cli.console import Voice, print_json
    from likewise.core.params import parse_settings
    from likewise.data.schema import read_schema
    from likewise.jobs import fit
    from likewise.jobs.plan import make_plan, refuse_overwriting
    from likewise.jobs.resume import left_seed

    plan = make_plan(
        input=input_path,
        generator=generator,
        settings=parse_settings(settings),
        target=target,
        declared=read_schema(schema) if schema else None,
        seed=left_seed(model) if resume and seed is None else seed,
        budget=budget,
        workers=workers,
        holdout=0.0,
        judge=False,
        model=model,
        resume=resume,
    )
    refuse_overwriting(plan.outputs.values(), [schema])
    voice = Voice(as_json=as_json, quiet=quiet)
    story.seed(voice, plan.seed, drawn=seed is None and not resume)
    with voice.progress() as progress:
        fitted = fit.run(plan, progress)
    if as_json:
        print_json(fitted.as_json())
    story.fit(voice, fitted, verbose=verbose)
