"""The report as one HTML file that needs nothing else: no network, no server, no JavaScript.

The page's own style and scripts are allowed by their hashes in a content security policy, and
nothing else is: a column called ``<script>`` is a word like any other. ECharts travels compressed
and is unpacked by the browser when the first interactive chart is wanted.
"""

import base64
import gzip
import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from jinja2 import Environment

from likewise.report import drawing
from likewise.report.document import ColumnReport, Number, Provenance, Report
from likewise.report.findings import SHOWN
from likewise.report.limit import AREAS
from likewise.report.limits import LIMITS
from likewise.report.offline import asset, asset_bytes, environment, policy
from likewise.report.risks import ATTACKS
from likewise.report.verdict import COLUMN_FAIL, COLUMN_WARN, PAIR_WARN

DRAWN = 40  # columns with a chart of their own, when there are more than 60
ALL_DRAWN = 60
LISTED = 1_000  # columns named in a table below the charts; the rest are in the JSON twin
ECHARTS = "echarts.min.js.gz"
TABS = {
    "overview": "Overview", "columns": "Columns", "pairs": "Pairs", "slices": "Slices",
    "utility": "Utility", "privacy": "Privacy", "rules": "Rules", "cards": "Cards",
    "about": "About",
}  # fmt: skip
TOUCHING_KINDS = {"numeric", "integer", "date", "datetime", "time", "duration"}  # bins, no labels


def render(report: Report) -> str:
    """The page; equal reports give equal text. About 0.6 MB, of which 0.5 MB are ECharts."""
    drawn = report.columns if len(report.columns) <= ALL_DRAWN else report.columns[:DRAWN]
    listed = report.columns[len(drawn) : len(drawn) + LISTED]
    style, script = asset("report.css"), asset("report.js")
    page = _environment().get_template("report.html.j2")
    return page.render(
        report=report,
        tabs=[(key, title) for key, title in TABS.items() if key != "cards" or report.cards],
        attacks=ATTACKS,
        drawn=[(column, _column_chart(column)) for column in drawn],
        listed=listed,
        unlisted=len(report.columns) - len(drawn) - len(listed),
        places={column.name: place for place, column in enumerate(drawn)},
        worst=report.findings[:SHOWN],
        further=report.findings[SHOWN:],
        areas={area: _numbers(report, area) for area in AREAS},
        limits=LIMITS,
        column_limits=(COLUMN_WARN, COLUMN_FAIL, PAIR_WARN),
        facts=origin_facts(report.provenance, report.files, report.seconds),
        style=style,
        script=script,
        policy=policy(style, script, _echarts_source()),
        echarts=_echarts_packed(),
        data=_embedded(report, drawn),
        heat_columns=drawing.HEAT_COLUMNS,
    )


@cache
def _environment() -> Environment:
    return environment(gauge=drawing.gauge, heat_map=drawing.heat_map)


def _column_chart(column: ColumnReport) -> Any:
    if column.chart is None or not column.chart.labels:
        return None
    label = f"Shares of real and synthetic rows in {column.name}; the numbers are in the table"
    return drawing.overlay(column.chart, ordered=column.kind in TOUCHING_KINDS, label=label)


def _numbers(report: Report, area: str) -> list[tuple[str, Number]]:
    return [
        (name, report.scores[name])
        for name in LIMITS
        if name in report.scores and LIMITS[name].area == area
    ]


def origin_facts(
    made: Provenance, files: Mapping[str, str], seconds: Mapping[str, float]
) -> list[tuple[str, str]]:
    """What the provenance section lists, as terms and texts."""
    facts = [
        *([("Made", made.created)] if made.created else []),
        ("Seed", "none" if made.seed is None else str(made.seed)),
        ("Method", made.generator or "not recorded (the rows were made elsewhere)"),
        ("Settings", ", ".join(f"{k}={v}" for k, v in made.settings.items()) or "defaults"),
        ("Rows", ", ".join(f"{k} {v:,}" for k, v in made.rows.items()) or "not recorded"),
        *((f"SHA-256 of {name}", value) for name, value in made.data_sha256.items()),
        *((f"File: {role}", path) for role, path in files.items()),
        ("likewise", made.likewise),
        ("Python", made.python),
        ("Packages", ", ".join(f"{k} {v}" for k, v in made.packages.items()) or "not recorded"),
        ("Machine", made.machine or "not recorded"),
    ]
    if seconds:
        spent = ", ".join(f"{k} {v:.1f} s" for k, v in seconds.items())
        facts.append(("Time", spent))
    return facts


def _embedded(report: Report, drawn: tuple[ColumnReport, ...]) -> str:
    """What the interactive charts need, as JSON that cannot end the element it stands in."""
    data = {
        "columns": [
            {
                "name": column.name,
                "ordered": column.kind in TOUCHING_KINDS,
                **(column.chart.model_dump() if column.chart else {}),
            }
            for column in drawn
        ],
        "pairs": report.pairs.model_dump(include={"columns", "error", "floor"}),
        "steps": drawing.STEPS,
    }
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text


@cache
def _echarts_source() -> str:
    return gzip.decompress(asset_bytes(ECHARTS)).decode()


@cache
def _echarts_packed() -> str:
    return base64.b64encode(asset_bytes(ECHARTS)).decode()
