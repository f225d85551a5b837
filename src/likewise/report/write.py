"""The report's two files, and the JSON Schema of the second."""

import json
from pathlib import Path
from typing import Any

from likewise.core.atomic import Put, together
from likewise.report.document import Report
from likewise.report.html import render

SCHEMA_ID = "likewise-report-1.schema.json"


def write(
    report: Report,
    html_path: str | Path | None,
    json_path: str | Path | None,
    *,
    put: Put | None = None,
) -> None:
    """Write the page and its JSON twin, both or none; None leaves one out.

    With ``put``, as ``together`` gives it, they appear when its block ends.
    """
    if put is None:
        with together() as both:
            write(report, html_path, json_path, put=both)
        return
    if html_path is not None:
        _text(put, Path(html_path), render(report))
    if json_path is not None:
        _text(put, Path(json_path), to_json(report))


def to_json(report: Report) -> str:
    """The report as one JSON object, indented, with a newline at its end."""
    return report.model_dump_json(indent=2) + "\n"


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) that every report of this version validates against."""
    body = Report.model_json_schema(mode="serialization")
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": SCHEMA_ID}
    return {**head, **body}


def json_schema_text() -> str:
    """The published file ``docs/reference/report.schema.json``."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


def _text(put: Put, path: Path, text: str) -> None:
    with put(path) as part:
        part.write_text(text, encoding="utf-8", newline="\n")
