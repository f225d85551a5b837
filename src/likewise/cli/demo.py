"""``likewise demo``."""

import click

from likewise.cli import options


@click.command(epilog="Example: likewise demo")
@click.argument("folder", metavar="[DIR]", default="demo", required=False)
@options.seed
@options.workers
@options.talk
def command(
    *,
    folder: str,
    seed: int | None,
    workers: int | None,
    as_json: bool,
    quiet: bool,
    verbose: bool,
) -> None:
    """Try it all on real data that need no download; writes into DIR, "demo" by default."""
    from likewise.cli import story
    from likewise.cli.console import Voice, print_json
    from likewise.jobs import demo, synth

    voice = Voice(as_json=as_json, quiet=quiet)
    prepared = demo.prepare(folder, seed=7 if seed is None else seed, workers=workers)
    voice.say(f"  [bold]{prepared.story}[/]\n")
    story.seed(voice, prepared.plan.seed, drawn=False)
    with voice.progress() as progress:
        outcome = synth.run(prepared.plan, progress)
    if as_json:
        print_json(outcome.as_json())
    story.synth(voice, outcome, verbose=verbose)
    voice.say("\n  Next: [cyan]likewise synth YOUR.csv[/]")
