"""``likewise inspect``."""

import click

from likewise.cli import options


@click.command(epilog="Example: likewise inspect adult.csv -o schema.yaml")
@click.argument("input_path", metavar="INPUT")
@click.option("-o", "output", metavar="FILE", help="Write the schema as YAML, or JSON by its name.")
@click.option("--schema", metavar="FILE", help="Kinds and rules that stand above what is found.")
@click.option("--target", metavar="COL", help="The column that models will be trained to predict.")
@options.talk
def command(
    *,
    input_path: str,
    output: str | None,
    schema: str | None,
    target: str | None,
    as_json: bool,
    quiet: bool,
    verbose: bool,
) -> None:
    """Show what the columns of a table are, and why."""
    from likewise.cli import story
    from likewise.cli.console import Voice, print_json
    from likewise.data.schema import read_schema
    from likewise.jobs import inspect

    found = inspect.run(
        input_path,
        declared=read_schema(schema) if schema else None,
        target=target,
        output=output,
    )
    if as_json:
        print_json(found.as_json())
    story.inspect(Voice(as_json=as_json, quiet=quiet), found, verbose=verbose)
