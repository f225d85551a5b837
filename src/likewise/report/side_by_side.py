"""Two reports side by side in a terminal; reads in 80 columns and without colour."""

from typing import TYPE_CHECKING

from likewise.report.document import Finding
from likewise.report.wording import NOT_MEASURED, count, listed, shown

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

    from likewise.report.difference import Change, Difference, RuleChange

COLUMNS_SHOWN, LINES_SHOWN = 5, 5
_STYLE: dict[str, str] = {"better": "bold green", "worse": "bold red", "lost": "bold red"}
_WORDS = ("better", "worse", "new", "lost")  # that say it all; of the others the reason is told


def side_by_side(difference: "Difference") -> "RenderableType":
    """The answer, what speaks against comparing, and a table; imports rich only when called."""
    from rich.console import Group
    from rich.text import Text

    judgement = difference.judgement
    style = _STYLE.get(judgement, "bold")
    head: list[RenderableType] = [
        Text.assemble((judgement.upper(), style), "  ", difference.sentence),
        *(Text(f"not comparable  {warning}", "yellow") for warning in difference.warnings),
        "",
        _table(difference),
    ]
    lines = [
        *_lines("new", difference.appeared),
        *_lines("gone", difference.vanished),
        *(_rule(rule) for rule in difference.rules[:LINES_SHOWN]),
    ]
    tail: list[RenderableType] = ["", *(Text(line) for line in lines)] if lines else []
    return Group(*head, *tail)


def _table(difference: "Difference") -> "Table":
    """Verdicts, gauges, scores, and the columns that changed most."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("", overflow="fold")
    for title in ("before", "after", "change", "real data"):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("", overflow="fold")
    table.add_row("verdict", difference.before.verdict, difference.after.verdict, "", "", "")
    columns = [change for change in difference.columns if change.change][:COLUMNS_SHOWN]
    for title, changes in (
        ("gauges", difference.gauges),
        ("scores", difference.scores),
        ("columns", columns),
    ):
        if changes:
            table.add_row()
            table.add_row(Text(title, "dim"))
        for change in changes:
            word = change.judgement if change.judgement in _WORDS else change.why
            said = Text(word, _STYLE.get(change.judgement, "dim"))
            old, new = (_value(value, change, title) for value in (change.before, change.after))
            floor = change.before_floor if change.after_floor is None else change.after_floor
            real = "" if floor is None else shown(floor, change.unit)
            table.add_row(Text(change.label), old, new, _moved(change, title), real, said)
    if difference.risks:
        table.add_row()
        table.add_row(Text("attacks", "dim"))
    for risk in difference.risks:
        said = Text(risk.judgement, _STYLE.get(risk.judgement, "dim"))
        one, two = (NOT_MEASURED if found is None else found for found in (risk.before, risk.after))
        table.add_row(Text(risk.label), one, two, "", "", said)
    return table


def _value(value: float | None, change: "Change", title: str) -> str:
    if title == "gauges":
        return NOT_MEASURED if value is None else f"{value:.0f}"
    return shown(value, change.unit)


def _moved(change: "Change", title: str) -> str:
    if change.change is None:
        return ""
    if not change.change:
        return "0"
    return f"{'+' if change.change > 0 else '-'}{_value(abs(change.change), change, title)}"


def _lines(word: str, findings: tuple[Finding, ...]) -> list[str]:
    said = []
    for finding in findings[:LINES_SHOWN]:
        where = f"{listed(finding.where)}: " if finding.where else ""
        said.append(f"{word:<5} {finding.severity}  {where}{finding.what}.")
    if len(findings) > LINES_SHOWN:
        said.append(f"{word:<5} and {len(findings) - LINES_SHOWN:,} more")
    return said


def _rule(rule: "RuleChange") -> str:
    """Such as "rule  “a <= b”: 3 violations, 0 before"."""
    if rule.after is None:
        return f"rule  “{rule.rule}”: no longer checked"
    if rule.before is None:
        return f"rule  “{rule.rule}”: {count(rule.after, 'violation')}, not checked before"
    return f"rule  “{rule.rule}”: {count(rule.after, 'violation')}, {rule.before:,} before"
