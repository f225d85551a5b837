"""What the commands say, and where: data and JSON on stdout, everything else on stderr."""

import contextlib
import json
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from likewise.cli.main import interrupted
from likewise.core.progress import Progress, silent

if TYPE_CHECKING:
    from rich.console import Console


GATE_FAILED = 4
STAGES = ("read", "understand", "learn", "simulate", "sample", "judge")


class Voice:
    """How loudly a command speaks, and the consoles it speaks on.

    Args:
        as_json: stdout carries one JSON object and nothing else; stderr only errors.
        quiet: stderr carries only errors.
    """

    def __init__(self, *, as_json: bool = False, quiet: bool = False) -> None:
        from rich.console import Console

        self.as_json = as_json
        self.err: Console = Console(stderr=True, quiet=quiet or as_json, highlight=False)
        self.out: Console = Console(quiet=quiet or as_json, highlight=False)

    def say(self, text: Any = "") -> None:
        """A line, or anything rich can draw, on stderr."""
        self.err.print(text)

    @contextlib.contextmanager
    def progress(self) -> Iterator[Progress]:
        """A callable that shows stages: bars on a terminal, one line a stage elsewhere."""
        if self.err.quiet:
            yield _stoppable(silent)
        elif self.err.is_terminal:
            with _bars(self.err) as show:
                yield _stoppable(show)
        else:
            yield _stoppable(_lines(self.err))


def print_json(value: Any) -> None:
    """One JSON object on stdout."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False) + "\n")


def end_at_gates(ctx: click.Context, failures: Sequence[str]) -> None:
    """Say which gates failed, and leave with their exit code; go on when none did."""
    for failure in failures:
        click.echo(f"likewise: gate: {failure}.", err=True)
    if failures:
        ctx.exit(GATE_FAILED)


def _stoppable(show: Progress) -> Progress:
    """``show``, but a Ctrl-C that some library has swallowed ends the work here."""

    def listen(stage: str, done: int, total: int) -> None:
        if interrupted.is_set():
            raise KeyboardInterrupt
        show(stage, done, total)

    return listen


@contextlib.contextmanager
def _bars(console: "Console") -> Iterator[Progress]:
    from rich.progress import (
        BarColumn,
        SpinnerColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
    from rich.progress import Progress as Bars

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description:<24}"),
        BarColumn(bar_width=28),
        TimeElapsedColumn(),
        TimeRemainingColumn(elapsed_when_finished=False),
    )
    with Bars(*columns, console=console, transient=True) as bars:
        task = bars.add_task("", total=None)

        def show(stage: str, done: int, total: int) -> None:
            if done == 0:
                bars.reset(task)  # so that the remaining time is that of this stage
            bars.update(task, description=stage, completed=done, total=total or None)

        yield show


def _lines(console: "Console") -> Progress:
    waiting = set(STAGES)

    def show(stage: str, done: int, total: int) -> None:
        if stage in waiting:
            waiting.remove(stage)
            console.print(f"  {stage} …", style="dim", markup=False)

    return show
