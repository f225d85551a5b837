"""``likewise frontier``."""

from typing import TYPE_CHECKING, Any

import click

from likewise.cli import options

if TYPE_CHECKING:
    from rich.console import RenderableType

    from likewise.cli.console import Voice
    from likewise.report.frontier import Frontier, Measure, Trial


@click.command(
    epilog="Example: likewise frontier adult.csv --generators trees,bayesnet --target income "
    "--budget 10m --seed 7"
)
@click.argument("input_path", metavar="INPUT")
@click.option(
    "--generators",
    metavar="A,B",
    help="Methods to try. Default: trees,bayesnet,copula,independent.",
)
@click.option("--budget", type=options.Seconds(), help="Time for it all. Default: 10m.")
@click.option(
    "--trials", type=click.IntRange(1), metavar="N", help="Trials in all; no limit of time then."
)
@click.option("--target", metavar="COL", help="The column that models will be trained to predict.")
@click.option("--schema", metavar="FILE", help="Column kinds and rules; see: likewise inspect -o.")
@click.option(
    "-o", "output", metavar="FILE", help="Where the trials go. Default: STEM.frontier.jsonl."
)
@click.option("--page/--no-page", default=True, help="Draw a page beside the trials, or none.")
@click.option("--resume", is_flag=True, help="Go on from the trials of an earlier run.")
@options.seed
@options.workers
@options.talk
def command(
    *,
    input_path: str,
    generators: str | None,
    budget: float | None,
    trials: int | None,
    target: str | None,
    schema: str | None,
    output: str | None,
    page: bool,
    resume: bool,
    seed: int | None,
    workers: int | None,
    as_json: bool,
    quiet: bool,
    verbose: bool,
) -> None:
    """Try methods and their privacy dials: utility, fidelity and attacks.

    Each setting is fitted, judged on held-out rows and attacked; the settings that no other beats
    are shown, and one is recommended. Needs the extra tune.
    """
    from likewise.cli.console import Voice, print_json
    from likewise.core.errors import DataError
    from likewise.core.seeds import Seed
    from likewise.data.schema import read_schema
    from likewise.jobs import frontier
    from likewise.jobs.plan import refuse_overwriting

    drawn = seed is None and not resume
    sweep = frontier.Sweep(
        input=input_path,
        generators=_names(generators),
        target=target,
        declared=read_schema(schema) if schema else None,
        seed=Seed.of(None).value if drawn else seed,
        budget=budget,
        trials=trials,
        workers=workers,
        output=output,
        page=page,
        resume=resume,
    )
    refuse_overwriting(sweep.files.values(), [schema])
    voice = Voice(as_json=as_json, quiet=quiet)
    if sweep.seed is not None:
        rest = f"  [dim](drawn; --seed {sweep.seed} repeats this run)[/]" if drawn else ""
        voice.say(f"  [dim]seed[/]      {sweep.seed}{rest}")
    with voice.progress() as progress:
        found = frontier.run(sweep, progress, lambda trial: voice.say(_line(trial)))
    if as_json:
        print_json(found.model_dump(mode="json"))
    _tell(voice, found, verbose=verbose)
    if found.best is None:
        failed = f"all {len(found.trials)} trials failed"
        raise DataError(found.files["trials"], failed, "Its lines say why")


def _names(text: str | None) -> tuple[str, ...] | None:
    return tuple(name.strip() for name in text.split(",")) if text is not None else None


def _line(trial: "Trial") -> Any:
    """A trial in one line, as soon as it has ended."""
    from rich.text import Text

    spent = sum(trial.seconds.values())
    line = Text.assemble(("  trial     ", "dim"), f"{trial.number} {trial.name}")
    if trial.error:
        return line.append(f"  failed: {trial.error}", "yellow")
    return line.append(f"  {spent:.1f} s", "dim")


def _tell(voice: "Voice", found: "Frontier", *, verbose: bool) -> None:
    """All trials, the recommended one, the command that makes its rows, and the files."""
    from rich.markup import escape
    from rich.padding import Padding
    from rich.text import Text

    voice.say()
    voice.say(Padding(_table(found, verbose=verbose), (0, 0, 0, 2)))
    voice.say()
    voice.say(Padding(Text(found.reason), (0, 0, 0, 2)))
    if found.best is not None:
        voice.err.print(f"  [bold]{escape(found.best.command)}[/]", soft_wrap=True)
    voice.say()
    for role, path in found.files.items():
        voice.err.print(f"  [dim]{role:<9}[/] [cyan]{escape(path)}[/]", soft_wrap=True)
    voice.say(f"  [dim]time[/]      {found.seconds:.1f} s  [dim]({found.ended})[/]")


def _table(found: "Frontier", *, verbose: bool) -> "RenderableType":
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, padding=(0, 1, 0, 0), header_style="bold")
    table.add_column("trial")
    for title in ("detector", "utility", "membership", "outliers", "copies"):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("outcome", no_wrap=not verbose)
    for trial in found.trials:
        best = trial.number == found.recommended
        name = Text(f"{trial.number} {trial.name}", "bold" if best else "")
        if trial.error:
            table.add_row(name, *[""] * 5, Text("failed", "yellow"))
            continue
        numbers = [
            trial.fidelity,
            trial.utility,
            *(
                trial.attacks[kind].success if kind in trial.attacks else None
                for kind in ("membership", "outliers")
            ),
        ]
        cells = [_cell(one, verbose=verbose) for one in numbers]
        near = trial.near_copies
        copies = "–" if near is None else f"{near.value:.1%}"
        table.add_row(name, *cells, copies, _outcome(trial, found, verbose=verbose))
    first = next((trial for trial in found.trials if not trial.error), None)
    if first is not None:
        table.add_row(Text("real rows", "dim"), *(Text(one, "dim") for one in _floors(first)), "")
    return table


def _cell(measure: "Measure | None", *, verbose: bool) -> str:
    if measure is None:
        return "–"
    low, high = measure.ends
    return f"{measure.value:.3f}" + (f" ({low:.3f} to {high:.3f})" if verbose else "")


def _floors(trial: "Trial") -> list[str]:
    attacks = [trial.attacks[name].success for name in ("membership", "outliers")]
    floors = [m.floor if m else None for m in (trial.fidelity, trial.utility, *attacks)]
    near = trial.near_copies.floor if trial.near_copies else None
    shown = ["–" if floor is None else f"{floor:.3f}" for floor in floors]
    return [*shown, "–" if near is None else f"{near:.1%}"]


def _outcome(trial: "Trial", found: "Frontier", *, verbose: bool) -> Any:
    """Where the trial stands, in a word; which attacks were detected is on the page."""
    from rich.text import Text

    if trial.leaks:
        which = f": {', '.join(trial.leaks)}" if verbose else ""
        text = Text(f"leaks{which}", "red")
        return text.append(", use this") if trial.number == found.recommended else text
    if trial.number == found.recommended:
        return Text("use this", "bold")
    return Text("Pareto" if trial.number in found.pareto else "")
