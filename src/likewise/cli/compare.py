"""``likewise compare``."""

import click

from likewise.cli import options


@click.command(epilog="Example: likewise compare last.report.json new.report.json --fail-if-worse")
@click.argument("before", metavar="BEFORE.json")
@click.argument("after", metavar="AFTER.json")
@click.option(
    "--fail-if-worse", is_flag=True, help="Exit 4 if a score is worse beyond noise, or a rule."
)
@options.talk
@click.pass_context
def command(
    ctx: click.Context,
    *,
    before: str,
    after: str,
    fail_if_worse: bool,
    as_json: bool,
    quiet: bool,
    verbose: bool,
) -> None:
    """Compare two reports: what got better, what got worse, what stayed within noise.

    BEFORE and AFTER are the JSON files that synth and evaluate write beside their pages.
    """
    from likewise.cli.console import Voice, end_at_gates, print_json
    from likewise.jobs.compare import compare
    from likewise.report.side_by_side import side_by_side

    voice = Voice(as_json=as_json, quiet=quiet)
    difference = compare(before, after)
    if as_json:
        print_json(difference.as_json())
    voice.out.print(side_by_side(difference))
    end_at_gates(ctx, difference.worse if fail_if_worse else ())
