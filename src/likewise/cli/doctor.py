"""``likewise doctor``."""

import click

from likewise.cli import options


@click.command(epilog="Example: likewise doctor")
@options.talk
def command(*, as_json: bool, quiet: bool, verbose: bool) -> None:
    """Show versions, cores, memory, optional parts, and how to get what is missing."""
    from dataclasses import asdict

    from likewise.cli.console import Voice, print_json
    from likewise.jobs.doctor import examine

    checks = examine()
    if as_json:
        print_json({"version": 1, "checks": [asdict(check) for check in checks]})
        return
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, show_header=False, padding=(0, 1))
    for check in checks:
        mark = Text("✓", "green") if check.ok and not check.fix else Text("·", "dim")
        if not check.ok:
            mark = Text("!", "bold yellow")
        fix = Text(check.fix, "cyan")
        table.add_row(mark, check.name, Text(check.found, "dim"), fix)
    Voice(quiet=quiet).out.print(table)
