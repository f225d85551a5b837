"""The report on a database as one HTML file that needs nothing else: no network, no JavaScript.

The content security policy allows the page's own style by its hash, and nothing that runs.
"""

from functools import cache
from typing import Any

from jinja2 import Environment

from likewise.report import drawing
from likewise.report.database_document import DatabaseReport, RelationReport
from likewise.report.database_drawing import diagram
from likewise.report.database_findings import SHOWN
from likewise.report.html import TOUCHING_KINDS, origin_facts
from likewise.report.limits_linked import LINKED
from likewise.report.offline import asset, environment, policy
from likewise.report.verdict import KNOWN, ORDER

TIMED = {"interval_error", "order_error"}
CHARTS = 24  # relations whose numbers of children are drawn, the worst first


def render_database(report: DatabaseReport) -> str:
    """The page; about 30 KB and 5 KB for each table and relation."""
    style = asset("report.css") + asset("database.css")
    relations = sorted(report.relations, key=_badness)
    charted = [one for one in relations if one.chart is not None][:CHARTS]
    tables = sorted(report.tables, key=lambda table: -ORDER[table.verdict])
    return (
        _environment()
        .get_template("database.html.j2")
        .render(
            report=report,
            relations=relations,
            charted=[(one, _chart(one)) for one in charted],
            timed=[one for one in relations if TIMED & one.scores.keys()],
            tables=tables,
            drawn=diagram(report),
            worst=report.findings[:SHOWN],
            further=report.findings[SHOWN:],
            limits=LINKED,
            known=KNOWN,
            style=style,
            policy=policy(style),
            facts=origin_facts(report.provenance, report.files, report.seconds),
        )
    )


@cache
def _environment() -> Environment:
    return environment(gauge=drawing.gauge, column_chart=_column_chart)


def _badness(relation: RelationReport) -> tuple[int, float]:
    """The worst verdict first, then the largest excess in numbers of children."""
    score = relation.scores.get("cardinality_error")
    over = 0.0 if score is None else (score.value or 0.0) - (score.floor or 0.0)
    return -ORDER[relation.verdict], -over


def _chart(relation: RelationReport) -> Any:
    assert relation.chart is not None
    label = f"Shares of real and synthetic {relation.parent} by number of {relation.child}"
    return drawing.overlay(relation.chart, ordered=True, label=label)


def _column_chart(column: Any) -> Any:
    if column.chart is None or not column.chart.labels:
        return None
    label = f"Shares of real and synthetic rows in {column.name}"
    return drawing.overlay(column.chart, ordered=column.kind in TOUCHING_KINDS, label=label)
