"""Whole databases on the command line: what ``synth`` of a folder and ``run`` share."""

from typing import TYPE_CHECKING, Any

import click

from likewise.cli.console import Voice, end_at_gates, print_json

if TYPE_CHECKING:
    from likewise.data.database_schema import TableSchema
    from likewise.jobs.linked_plan import LinkedPlan
    from likewise.jobs.synth_linked import LinkedOutcome

TOLD = 12  # tables that are listed unless more is asked for


def folder_plan(
    folder: str,
    output: str | None,
    *,
    scale: float | None,
    keep: str | None,
    invent: str | None,
    generator: str,
    settings: tuple[str, ...],
    schema: str | None,
    budget: float,
    report: str | None,
    no_report: bool,
    model: str | None,
    gate: str | None,
    seed: int | None,
) -> "LinkedPlan":
    """The plan of ``likewise synth FOLDER``."""
    from pathlib import Path

    from likewise.core.params import parse_settings
    from likewise.data.database_schema import read_tables
    from likewise.jobs.linked_plan import LinkedPlan, TablePlan

    stem = str(Path(folder).resolve())
    declared = read_tables(schema) if schema else ()
    entries = {entry.name: _fields(entry) for entry in declared}
    for mode, names in (("real", keep), ("invent", invent)):
        for name in names.split(",") if names else ():
            entries.setdefault(name.strip(), {"name": name.strip()})["mode"] = mode
    given: dict[str, Any] = {} if seed is None else {"seed": seed}
    return LinkedPlan(
        source=folder,
        target=output or f"{stem}.synthetic",
        scale=1.0 if scale is None else scale,
        generator="trees" if generator == "auto" else generator,
        settings=parse_settings(settings),
        budget=budget * 10,
        report=None if no_report else report or f"{stem}.report.html",
        holdout=0.0 if no_report else 0.2,
        model=model,
        gates=gate,
        tables=tuple(TablePlan(**fields) for fields in entries.values()),
        **given,
    )


def _fields(entry: "TableSchema") -> dict[str, Any]:
    """What a declaration says, without what it leaves open."""
    fields = {name: getattr(entry, name) for name in entry.model_fields_set}
    if "content" in fields:
        fields["schema"] = fields.pop("content")
    return fields


def synth_folder(
    ctx: click.Context,
    plan: "LinkedPlan",
    *,
    drawn: bool,
    as_json: bool,
    quiet: bool,
    verbose: bool,
    workers: int | None,
) -> None:
    """Run a plan and tell of it."""
    from likewise.cli import story
    from likewise.jobs import synth_linked

    voice = Voice(as_json=as_json, quiet=quiet)
    story.seed(voice, plan.seed, drawn=drawn)
    with voice.progress() as progress:
        outcome = synth_linked.run(plan, progress, workers)
    if as_json:
        print_json(outcome.as_json())
    _tell(voice, outcome, verbose=verbose)
    end_at_gates(ctx, outcome.gates_failed)


def _tell(voice: Voice, outcome: "LinkedOutcome", *, verbose: bool) -> None:
    """Tables and relations that were found, rows, the verdict, and where everything is."""
    from rich.text import Text

    from likewise.cli import story
    from likewise.report.terminal import summary

    relations = outcome.database.schema.relations
    shown = list(outcome.rows.items())[: None if verbose else TOLD]
    voice.say(Text(f"  found     {len(outcome.rows):,} tables, {len(relations):,} relations"))
    width = max(len(name) for name, _ in shown)
    for name, (real, made) in shown:
        voice.say(Text(f"            {name:<{width}}  {real:>11,} real  {made:>11,} synthetic"))
    if len(shown) < len(outcome.rows):
        voice.say(
            Text(f"            and {len(outcome.rows) - len(shown):,} more (--verbose)", "dim")
        )
    kept = "every key and reference holds"
    if outcome.violations:
        kept = f"{outcome.violations:,} rows break a key or a reference"
    voice.say(Text(f"  kept      {kept}"))
    if outcome.lists:
        names = ", ".join(outcome.lists)
        voice.say(
            Text(f"  lists     {names}: made anew; --keep {','.join(outcome.lists)} keeps them")
        )
    for note in outcome.notes if verbose else ():
        voice.say(Text(f"  note      {note}", "dim"))
    if outcome.report is not None:
        voice.say(summary(outcome.report, findings=10 if verbose else 3))
    story.ending(voice, outcome.files, outcome.seconds)
