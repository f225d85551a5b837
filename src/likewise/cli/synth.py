"""``likewise synth``."""

from typing import TYPE_CHECKING

import click

from likewise.cli import options

if TYPE_CHECKING:
    from likewise.jobs.plan import Plan


@click.command(epilog="Example: likewise synth adult.csv --target income --seed 7")
@click.argument("input_path", metavar="INPUT")
@click.option(
    "-n",
    "rows",
    type=options.Count(),
    help="Rows to make, or entities with --entity; by default as many as INPUT has.",
)
@click.option("-o", "output", metavar="OUT", help="Where to; - is stdout. By default beside INPUT.")
@click.option(
    "--scale", type=options.Scale(), help="Of a folder: how many times as many rows, such as 0.1x."
)
@click.option(
    "--keep", metavar="TABLES", help="Of a folder: lists whose real rows stay, such as countries."
)
@options.series
@options.method
@click.option("--refit", is_flag=True, help="After judging, learn all rows and sample from that.")
@click.option("--report", metavar="FILE", help="Where the HTML report goes; JSON beside it.")
@click.option("--invent", metavar="TABLES", help="Of a folder: tables whose columns are made up.")
@click.option("--no-report", is_flag=True, help="Judge nothing, and keep no rows back.")
@click.option("--model", metavar="FILE", help="Keep the fitted model.")
@click.option("--resume", is_flag=True, help="Go on where the same command was cut off.")
@options.scope
@options.gate
@options.seed
@options.workers
@options.talk
@click.pass_context
def command(
    ctx: click.Context,
    *,
    input_path: str,
    rows: int | None,
    output: str | None,
    scale: float | None,
    keep: str | None,
    invent: str | None,
    series: bool,
    time: str | None,
    entity: str | None,
    generator: str,
    settings: tuple[str, ...],
    target: str | None,
    schema: str | None,
    budget: float,
    refit: bool,
    report: str | None,
    no_report: bool,
    model: str | None,
    resume: bool,
    full: bool,
    real_cards: bool,
    gate: str | None,
    seed: int | None,
    workers: int | None,
    as_json: bool,
    quiet: bool,
    verbose: bool,
) -> None:
    """Make a synthetic copy of a table, or of a folder of linked tables, and a report on it.

    INPUT is a CSV, TSV, Parquet, JSON lines, Feather or Excel file, a folder with a file for each
    table, or - for standard input. The output has INPUT's format and dialect. One row in five, or
    one family of rows in five, is kept out of training to judge by; with --series, the last fifth
    of the rows; with --entity, the events of one entity in five.
    """
    from pathlib import Path

    from likewise.cli import linked, story
    from likewise.cli.console import Voice, end_at_gates, print_json
    from likewise.core.errors import ConfigError
    from likewise.core.params import parse_settings
    from likewise.data.schema import read_schema
    from likewise.jobs import series as rows_in_time
    from likewise.jobs import synth
    from likewise.jobs.plan import default_output, default_report, make_plan, refuse_overwriting
    from likewise.jobs.resume import left_seed
    from likewise.report.gate_file import read_gates

    if report and no_report:
        raise ConfigError("--no-report", "given together with --report", "Give one of the two")
    if no_report and (full or real_cards):
        option = "--full" if full else "--real-cards"
        raise ConfigError(
            "--no-report", f"given together with {option}", "Leave out one of the two"
        )
    if gate and no_report:
        raise ConfigError("--gate", "given together with --no-report", "Give one of the two")
    if time and not (series or entity):
        hint = "Give --series for equal steps, or --entity for events"
        raise ConfigError("--time", "only for rows that follow each other", hint)
    if Path(input_path).is_dir():
        single = {
            "-n": rows,
            "--target": target,
            "--refit": refit,
            "--resume": resume,
            "--series": series,
            "--time": time,
            "--entity": entity,
        }
        options.refuse_for_folders({**single, "--full": full, "--real-cards": real_cards})
        linked.synth_folder(
            ctx,
            linked.folder_plan(
                input_path,
                output,
                scale=scale,
                keep=keep,
                invent=invent,
                generator=generator,
                settings=settings,
                schema=schema,
                budget=budget,
                report=report,
                no_report=no_report,
                model=model,
                gate=gate,
                seed=seed,
            ),
            drawn=seed is None,
            as_json=as_json,
            quiet=quiet,
            verbose=verbose,
            workers=workers,
        )
        return
    given = {"--scale": scale, "--keep": keep, "--invent": invent}
    for_folders = [name for name, value in given.items() if value is not None]
    if for_folders:
        raise ConfigError(
            for_folders[0], "is for folders of linked tables", "Leave it out; -n says rows"
        )
    output = output or default_output(input_path)
    if as_json and output == "-":
        raise ConfigError("-o -", "stdout is taken by --json", "Give a file with -o")
    plan: Plan = make_plan(
        input=input_path,
        generator=generator,
        settings=parse_settings(settings),
        target=target,
        declared=read_schema(schema) if schema else None,
        seed=left_seed(model or output) if resume and seed is None else seed,
        budget=budget,
        workers=workers,
        holdout=0.0 if no_report else 0.2,
        judge=not no_report,
        full=full,
        real_cards=real_cards,
        refit=refit,
        rows=rows,
        output=output,
        report=None if no_report else report or default_report(input_path),
        model=model,
        gates=(read_gates(gate),) if gate else (),
        resume=resume,
        series=series,
        time=time,
        entity=entity,
    )
    refuse_overwriting(plan.outputs.values(), [schema, gate])
    voice = Voice(as_json=as_json, quiet=quiet)
    story.seed(voice, plan.seed, drawn=seed is None and not resume)
    with voice.progress() as progress:
        followed = series or entity is not None
        outcome = rows_in_time.run(plan, progress) if followed else synth.run(plan, progress)
    if as_json:
        print_json(outcome.as_json())
    story.synth(voice, outcome, verbose=verbose)
    end_at_gates(ctx, outcome.gates_failed)
