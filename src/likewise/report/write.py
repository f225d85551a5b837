"""The report's two files, and the JSON Schema of the second."""

import json
from pathlib import Path
from typing import Any

from likewise.core.atomic import replacing
from likewise.report.document import Report
from likewise.report.html import render

SCHEMA_ID = "likewise-report-1.schema.json"


def write(report: Report, html_path: str | Path | None, json_path: str | Path | None) -> None:
    """Write the page and its JSON twin, each whole or not at all; None leaves one out."""
    if html_path is not None:
        _put(Path(html_path), render(report))
    if json_path is not None:
        _put(Path(json_path), to_json(report))


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


def _put(path: Path, text: str) -> None:
    with replacing(path) as part:
        part.write_text(text, encoding="utf-8", newline="\n")
