"""``likewise generators``."""

from typing import TYPE_CHECKING

import click

from likewise.cli import options

if TYPE_CHECKING:
    from rich.table import Table


@click.command(epilog="Example: likewise generators trees")
@click.argument("name", required=False)
@options.talk
def command(*, name: str | None, as_json: bool, quiet: bool, verbose: bool) -> None:
    """List the methods; with NAME, show the settings that --set takes."""
    from dataclasses import asdict

    from likewise.cli.console import Voice, print_json
    from likewise.jobs.methods import LISTED, explain

    out = Voice(quiet=quiet).out
    if name is None and not as_json:
        out.print(_methods({n: LISTED.entries[n].summary for n in LISTED}))
        out.print("\n  Settings of one: [cyan]likewise generators trees[/]")
        return
    names = [name] if name else list(LISTED)
    explained = {each: explain(each) for each in names}
    if as_json:
        methods = [
            {
                "name": each,
                "summary": LISTED.entries[each].summary,
                "settings": [asdict(setting) for setting in settings],
            }
            for each, (_, settings) in explained.items()
        ]
        print_json({"version": 1, "generators": methods})
        return
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    for each, (doc, settings) in explained.items():
        out.print(f"\n  [bold]{each}[/]: {LISTED.entries[each].summary}\n")
        about = doc.split("Attributes:")[0].strip()
        told = about if verbose else "\n\n".join(about.split("\n\n")[:2])
        out.print(Padding(Text(told, "dim"), (0, 2)))
        table = Table(box=None, padding=(0, 0, 0, 2), header_style="bold")
        for title in ("--set", "default", "type", "meaning"):
            table.add_column(title)
        for s in settings:
            table.add_row(
                Text(s.name, "cyan"), str(s.default), Text(s.type, "dim"), Text(s.meaning)
            )
        out.print()
        out.print(table if settings else "  no settings")


def _methods(summaries: dict[str, str]) -> "Table":
    from rich.table import Table

    table = Table(box=None, show_header=False, padding=(0, 2))
    for name, summary in summaries.items():
        table.add_row(f"[cyan]{name}[/]", summary)
    return table
