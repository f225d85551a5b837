"""``likewise evaluate``."""

import click

from likewise.cli import options


@click.command(
    epilog="Example: likewise evaluate real.csv synth.csv --holdout held.csv "
    "--fail-over detector_auc=0.6"
)
@click.argument("real")
@click.argument("synth")
@click.option("--holdout", metavar="FILE", help="Real rows that no model has seen.")
@click.option("--target", metavar="COL", help="The column that models are trained to predict.")
@click.option("--schema", metavar="FILE", help="Column kinds and rules of REAL.")
@click.option("-o", "output", metavar="R.html", help="Write the HTML report, and JSON beside it.")
@click.option("--fail-under", multiple=True, metavar="NAME=X", help="Exit 4 if the score is less.")
@click.option("--fail-over", multiple=True, metavar="NAME=X", help="Exit 4 if the score is more.")
@options.gate
@click.option(
    "--model", metavar="FILE", help="The model that made SYNTH, for an attack that looks into it."
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
    """Judge a synthetic table against the real one.

    With --holdout, every score stands beside what those fresh real rows would have scored.
    """
    from pathlib import Path

    from likewise.cli import story
    from likewise.cli.console import Voice, end_at_gates, print_json
    from likewise.data.schema import read_schema
    from likewise.jobs import evaluate
    from likewise.jobs.plan import refuse_overwriting, twin
    from likewise.report.gate_file import gates_of_options, read_gates
    from likewise.report.gates import failures

    gates = ((read_gates(gate),) if gate else ()) + gates_of_options(fail_under, fail_over)
    voice = Voice(as_json=as_json, quiet=quiet)
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
        seed=evaluate.SEED if seed is None else seed,
        workers=workers,
    )
    if output:
        refuse_overwriting((output, twin(Path(output))), [schema, gate])
    with voice.progress() as progress:
        report = evaluate.run(wanted, progress)
    failed = failures(report, *gates)
    if as_json:
        print_json({**report.model_dump(mode="json"), "gates_failed": failed})
    story.evaluate(voice, report, verbose=verbose)
    end_at_gates(ctx, failed)
