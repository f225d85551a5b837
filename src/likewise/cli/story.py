"""What the commands tell people: a few aligned lines, readable without colour."""

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from likewise.cli.console import Voice, end_at_gates, print_json

if TYPE_CHECKING:
    from rich.console import RenderableType

    from likewise.data.discover import Found
    from likewise.data.schema import Schema
    from likewise.jobs.fit import Fitted
    from likewise.jobs.impute import Imputed
    from likewise.jobs.inspect import Inspected
    from likewise.jobs.sample import Sampled
    from likewise.jobs.series import SeriesOutcome
    from likewise.jobs.synth import Outcome
    from likewise.report.database_document import DatabaseReport
    from likewise.report.document import Candidate, Report

RULES_SHOWN = 3
LEVELS_SHOWN = 6


def seed(voice: Voice, value: int, *, drawn: bool) -> None:
    """The seed, first of all, so that a run that ends badly can be repeated."""
    rest = f"  [dim](drawn; --seed {value} repeats this run)[/]" if drawn else ""
    voice.say(f"  [dim]seed[/]      {value}{rest}")


def synth(voice: Voice, outcome: "Outcome | SeriesOutcome", *, verbose: bool) -> None:
    """What was found, how it was learned, the verdict, the files and the time."""
    from rich.text import Text

    facts = _found(outcome.schema, outcome.rules, outcome.rows["input"], verbose)
    if outcome.rows.get("holdout"):
        kept = f"{outcome.rows['holdout']:,} rows, to judge by"
        facts.append(("kept back", kept + (", then learned too" if outcome.plan.refit else "")))
    candidates = outcome.report.candidates if outcome.report else ()
    facts.append(("method", _method(outcome.saved.generator, candidates)))
    voice.say(lines(facts))
    for note in outcome.changed:
        voice.say(Text(f"  note        {note}"))
    if outcome.report is not None:
        _verdict(voice, outcome.report, verbose)
    ending(voice, outcome.files, outcome.seconds, outcome.rows.get("synthetic"))


def fit(voice: Voice, fitted: "Fitted", *, verbose: bool) -> None:
    """What was found and learned, and where the model is."""
    from rich.text import Text

    facts = _found(fitted.schema, fitted.rules, fitted.saved.model.rows, verbose)
    voice.say(lines([*facts, ("method", _method(fitted.saved.generator, fitted.candidates))]))
    for note in fitted.mended:
        voice.say(Text(f"  note        {note}"))
    for note in fitted.saved.model.notes if verbose else ():
        voice.say(Text(f"  {note}", "dim"))
    ending(voice, fitted.files, fitted.seconds, None)


def sample(voice: Voice, sampled: "Sampled") -> None:
    """How rows under a condition came about, and how many went where."""
    from rich.text import Text

    for note in sampled.notes:
        voice.say(Text(f"  {note}", "dim"))
    ending(voice, sampled.files, sampled.seconds, sampled.rows)


def impute(voice: Voice, imputed: "Imputed") -> None:
    """How many cells were filled, what was not, and where the tables are."""
    from rich.text import Text

    filled, columns = sum(imputed.filled.values()), len(imputed.filled)
    voice.say(f"  [dim]filled[/]    {filled:,} cells in {columns:,} columns")
    for note in imputed.notes:
        voice.say(Text(f"  {note}", "dim"))
    ending(voice, imputed.files, imputed.seconds, imputed.rows)


def end_evaluation(
    ctx: click.Context,
    voice: Voice,
    report: "Report | DatabaseReport",
    failed: Sequence[str],
    *,
    verbose: bool,
) -> None:
    """The verdict on standard output: it is what was asked for; gates that failed come last."""
    from likewise.report.terminal import summary

    if voice.as_json:
        print_json({**report.model_dump(mode="json"), "gates_failed": failed})
    voice.out.print(summary(report, findings=10 if verbose else 5))
    ending(voice, report.files, report.seconds, None)
    end_at_gates(ctx, failed)


def inspect(voice: Voice, found: "Inspected", *, verbose: bool) -> None:
    """Columns with their kinds and the evidence, then the rules, on standard output."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for title in ("column", "kind", "evidence"):
        table.add_column(title, no_wrap=title == "kind")
    for column in found.schema.columns:
        kind = Text(str(column.kind), "cyan")
        evidence = column.evidence if verbose else column.evidence[:2]
        told = Text("; ".join(evidence), "dim")
        if column.kind == "ordinal" and column.levels:
            told = Text(_rising(column.levels) + "; ").append_text(told)
        table.add_row(Text(column.name or '""'), kind, told)
    voice.out.print(table)
    for note in found.notes:
        voice.out.print(Text(f"note  {note}", "dim"))
    shown = [rule for rule in found.rules if rule.hard]
    if shown:
        voice.out.print(f"\n[bold]rules[/] that all {found.rows:,} rows keep")
        for line in _rule_texts(shown):
            voice.out.print(Text(f"  {line}"))
    if found.output:
        voice.say(Text(f"\nwrote {found.output}", "dim"))


def _rising(levels: tuple[str, ...]) -> str:
    """Levels from low to high; of many the first and last two."""
    shown = levels if len(levels) <= LEVELS_SHOWN else (*levels[:2], "…", *levels[-2:])
    return " < ".join(shown)


def _found(
    schema: "Schema", rules: "tuple[Found, ...]", rows: int, verbose: bool
) -> list[tuple[str, str]]:
    from rich.markup import escape

    kinds = Counter(str(column.kind) for column in schema.columns)
    listed = ", ".join(f"{count} {kind}" for kind, count in kinds.most_common())
    facts = [("found", f"{rows:,} rows × {len(schema.columns)} columns: {listed}")]
    hard = [rule for rule in rules if rule.hard]
    if hard:
        texts = _rule_texts(hard)
        shown = texts if verbose else texts[:RULES_SHOWN]
        rest = f" and {len(texts) - len(shown)} more" if len(shown) < len(texts) else ""
        facts.append(("rules", f"{len(hard)} kept: {escape('; '.join(shown))}{rest}"))
    return facts


def _rule_texts(rules: "list[Found]") -> list[str]:
    """The telling rules first, then bounds; that columns are never missing comes last, counted."""
    from likewise.data.rules import NotNull, Range, describe

    full = sum(isinstance(found.rule, NotNull) for found in rules)
    told = [found.rule for found in rules if not isinstance(found.rule, NotNull)]
    texts = [describe(rule) for rule in sorted(told, key=lambda rule: isinstance(rule, Range))]
    columns = "column is" if full == 1 else "columns are"
    return [*texts, f"{full} {columns} never missing"] if full else texts


def _method(name: str, candidates: "tuple[Candidate, ...]") -> str:
    """The method, and what it was chosen over; who does not suit the table is in the report."""
    scored = [
        f"{c.generator} {c.score:.3f}" for c in candidates if c.score is not None and not c.chosen
    ]
    failed = [f"{c.generator} ({c.reason})" for c in candidates if c.reason.startswith("failed")]
    texts = [*scored, *failed]
    if not texts:
        return name
    won = next((f" {c.score:.3f}" for c in candidates if c.chosen and c.score is not None), "")
    return f"{name}{won}, chosen over {', '.join(texts)}"


def _verdict(voice: Voice, report: "Report", verbose: bool) -> None:
    from rich.padding import Padding
    from rich.text import Text

    from likewise.report.terminal import summary

    voice.say()
    voice.say(Padding(summary(report, findings=10 if verbose else 3), (0, 0, 0, 2)))
    for note in report.notes if verbose else ():
        voice.say(Text(f"  {note}", "dim"))


def ending(
    voice: Voice, files: dict[str, str], seconds: dict[str, float], rows: int | None = None
) -> None:
    """Where everything is, and the time it took."""
    from rich.markup import escape

    facts = []
    for role, path in files.items():
        count = f"  [dim]{rows:,} rows[/]" if rows is not None and role == "synthetic" else ""
        facts.append((role.replace("_json", ""), f"[cyan]{escape(path)}[/]{count}"))
    parts = ", ".join(f"{name} {spent:.1f}" for name, spent in seconds.items() if name != "total")
    total = seconds.get("total")
    if total is not None:
        facts.append(("time", f"{total:.1f} s" + (f"  [dim]({parts})[/]" if parts else "")))
    voice.say()
    for name, text in facts:  # one line each however long, so that paths can be copied
        voice.err.print(f"  [dim]{name:<9}[/] {text}", soft_wrap=True)


def lines(facts: list[tuple[str, str]]) -> "RenderableType":
    """Facts under each other, their names in a column of their own."""
    from rich.table import Table

    table: Table = Table.grid(padding=(0, 1))
    table.add_column(width=11, no_wrap=True)
    table.add_column()
    for name, text in facts:
        table.add_row(f"  [dim]{name}[/]", text)
    return table
