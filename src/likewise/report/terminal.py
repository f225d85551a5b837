"""The report in a few lines for a terminal; reads in 80 columns and without colour."""

from typing import TYPE_CHECKING

from likewise.report.database_document import DatabaseGauge, DatabaseReport
from likewise.report.document import Gauge, Report, Verdict
from likewise.report.wording import listed

if TYPE_CHECKING:
    from rich.console import RenderableType

BAR = 24
_STYLE: dict[Verdict, str] = {"pass": "bold", "warn": "bold yellow", "fail": "bold red"}
_WORD: dict[Verdict, str] = {"pass": "PASS", "warn": "WARN", "fail": "FAIL"}


def summary(report: Report | DatabaseReport, findings: int = 3) -> "RenderableType":
    """Verdict, gauges and the first findings; imports rich only when called."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    head = Text.assemble((_WORD[report.verdict], _STYLE[report.verdict]), "  ", report.sentence)
    dials = Table.grid(padding=(0, 2))
    gauges: tuple[Gauge | DatabaseGauge, ...] = report.gauges
    for gauge in gauges:
        value = "not measured" if gauge.value is None else f"{gauge.value:.0f} of 100"
        style = _STYLE[gauge.verdict] if gauge.verdict != "pass" else ""
        dials.add_row(
            gauge.name, Text(_bar(gauge), style="cyan"), Text(value, style=style), Text(gauge.text)
        )
    lines = []
    for finding in report.findings[:findings]:
        word = "note" if finding.severity == "pass" else finding.severity
        where = f"{listed(finding.where)}: " if finding.where else ""
        line = Text.assemble((f"{word:<5}", _STYLE[finding.severity]), f" {where}{finding.what}.")
        if finding.help and finding.severity != "pass":
            line.append(f" {finding.help}", style="dim")
        lines.append(line)
    return Group(head, "", dials, "", *lines)


def _bar(gauge: Gauge | DatabaseGauge) -> str:
    if gauge.value is None:
        return "·" * BAR
    full = round(BAR * gauge.value / 100)
    return "█" * full + "░" * (BAR - full)
