"""The two files of a report on a database, and the JSON Schema of the second."""

import json
from pathlib import Path
from typing import Any

from likewise.core.atomic import Put, together
from likewise.report.database_document import DatabaseReport
from likewise.report.database_html import render_database

SCHEMA_ID = "likewise-database-report-1.schema.json"


def write_database_report(
    report: DatabaseReport, html_path: Path, json_path: Path, *, put: Put | None = None
) -> None:
    """Write the page and its JSON twin, both or none; with ``put``, together with other files."""
    if put is None:
        with together() as both:
            write_database_report(report, html_path, json_path, put=both)
        return
    for path, text in ((html_path, render_database(report)), (json_path, to_json(report))):
        with put(path) as part:
            part.write_text(text, encoding="utf-8", newline="\n")


def to_json(report: DatabaseReport) -> str:
    """The report as one JSON object, indented, with a newline at its end."""
    return report.model_dump_json(indent=2) + "\n"


def database_schema_text() -> str:
    """The published file ``docs/reference/database-report.schema.json``."""
    body: dict[str, Any] = DatabaseReport.model_json_schema(mode="serialization")
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": SCHEMA_ID}
    return json.dumps({**head, **body}, indent=2, ensure_ascii=False) + "\n"
