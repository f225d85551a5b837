"""``likewise plan``."""

import click

from likewise.cli import options


@click.group()
def command() -> None:
    """Plan files: what is known of the tables of a database, and how each is made."""


@command.command(epilog="Example: likewise plan init shop/ && likewise run likewise.yaml")
@click.argument("source", metavar="SRC")
@click.option(
    "-o", "output", metavar="FILE", default="likewise.yaml", show_default=True, help="Where to."
)
@click.option("--infer", is_flag=True, help="Look for what a database does not declare.")
@options.talk
def init(
    *, source: str, output: str, infer: bool, as_json: bool, quiet: bool, verbose: bool
) -> None:
    """Write a plan of a folder of tables, a file, or a database, to be looked over and run.

    SRC is read once; the plan names its tables with the keys, relations, kinds and rules that were
    found or are declared. An address is written without its password.
    """
    from rich.text import Text

    from likewise.cli import story
    from likewise.cli.console import Voice, print_json
    from likewise.jobs import plan_init

    voice = Voice(as_json=as_json, quiet=quiet)
    with voice.progress() as progress:
        found = plan_init.run(source, output, infer=infer, progress=progress)
    if as_json:
        print_json(found.as_json())
    for relation in found.relations:
        voice.say(Text(f"  relation  {relation}"))
    for note in found.notes if verbose else ():
        voice.say(Text(f"  note      {note}", "dim"))
    story.ending(voice, {"plan": found.path}, found.seconds)
