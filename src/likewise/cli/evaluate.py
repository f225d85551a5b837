"""``likewise evaluate``."""

import click

from likewise.cli import options


@click.command(
    epilog="Example: likewise evaluate real.csv synth.csv --holdout held.csv "
    "--fail-over detector_auc=0.6"
)
@click.argument("real")
@click.argument("synth")
@click.option("--holdout", metavar="FILE", help="Real rows, or tables, that no model has seen.")
@click.option("--target", metavar="COL", help="The column that models are trained to predict.")
@click.option(
    "--schema", metavar="FILE", help="Column kinds and rules of REAL; of a folder, its keys."
)
@click.option("-o", "output", metavar="R.html", help="Write the HTML report, and JSON beside it.")
@click.option("--fail-under", multiple=True, metavar="NAME=X", help="Exit 4 if the score is less.")
@click.option("--fail-over", multiple=True, metavar="NAME=X", help="Exit 4 if the score is more.")
@options.gate
@click.option(
    "--model", metavar="FILE", help="The model that made SYNTH, for an attack that looks into it."
)
@click.option(
    "--entity", metavar="COL", help="Rows are events: the column that says whose each is."
)
@click.option(
    "--time", metavar="COL", help="Rows follow each other in time: the column of moments."
)
@options.scope
@options.seed
@options.workers
@options.talk
@click.pass_context
def command(
    ctx: click.Context,
    *,
    real: str,
    synth: str,
    holdout: str | None,
    target: str | None,
    schema: str | None,
    output: str | None,
    model: str | None,
    entity: str | None,
    time: str | None,
    full: bool,
    real_cards: bool,
    fail_under: tuple[str, ...],
    fail_over: tuple[str, ...],
    gate: str | None,
    seed: int | None,
    workers: int | None,
    as_json: bool,
    quiet: bool,
    verbose: bool,
) -> None:
    """Judge a synthetic table, or a folder of linked tables, against the real one.

    With --holdout, every score stands beside what those fresh real rows would have scored. With
    --entity or --time, it is also judged how rows follow each other.
    """
    from pathlib import Path

    from likewise.cli import story
    from likewise.cli.console import Voice
    from likewise.data.database_schema import read_tables
    from likewise.data.schema import read_schema
    from likewise.jobs import evaluate, evaluate_database, evaluate_series
    from likewise.jobs.plan import refuse_overwriting, twin
    from likewise.report.gate_file import gates_of_options, read_gates
    from likewise.report.gates import database_failures, failures

    gates = ((read_gates(gate),) if gate else ()) + gates_of_options(fail_under, fail_over)
    voice = Voice(as_json=as_json, quiet=quiet)
    if output:
        refuse_overwriting((output, twin(Path(output))), [schema, gate])
    seeded = evaluate.SEED if seed is None else seed
    if Path(real).is_dir() or Path(synth).is_dir():
        only_tables = {"--target": target, "--model": model, "--full": full,
                       "--entity": entity, "--time": time}  # fmt: skip
        options.refuse_for_folders({**only_tables, "--real-cards": real_cards})
        linked = evaluate_database.DatabaseEvaluation(
            real=real,
            synth=synth,
            holdout=holdout,
            declared=read_tables(schema) if schema else (),
            report=output,
            gates=gates,
            seed=seeded,
            workers=workers,
        )
        with voice.progress() as progress:
            found = evaluate_database.run(linked, progress)
        story.end_evaluation(ctx, voice, found, database_failures(found, *gates), verbose=verbose)
        return
    wanted = evaluate.Evaluation(
        real=real,
        synth=synth,
        holdout=holdout,
        target=target,
        declared=read_schema(schema) if schema else None,
        report=output,
        model=model,
        full=full,
        real_cards=real_cards,
        gates=gates,
        seed=seeded,
        workers=workers,
    )
    with voice.progress() as progress:
        if entity is not None or time is not None:
            report = evaluate_series.run(wanted, time=time, entity=entity, progress=progress)
        else:
            report = evaluate.run(wanted, progress)
    story.end_evaluation(ctx, voice, report, failures(report, *gates), verbose=verbose)
