import json
from pathlib import Path

import jsonschema
import pytest

from likewise.core.errors import DataError
from likewise.report.document import Report
from likewise.report.write import json_schema, json_schema_text, write

PUBLISHED = Path(__file__).parents[2] / "docs" / "reference" / "report.schema.json"


def test_the_published_schema_is_current() -> None:
    assert PUBLISHED.read_text(encoding="utf-8") == json_schema_text()


@pytest.mark.parametrize("empty", [False, True])
def test_a_report_agrees_with_its_schema(make_report, tmp_path, empty) -> None:
    report = make_report(scores={}, names=(), kinds=()) if empty else make_report()
    write(report, None, tmp_path / "r.json")
    plain = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(json_schema())
    jsonschema.validate(plain, json_schema())
    assert Report.model_validate_json((tmp_path / "r.json").read_bytes()) == report


def test_the_schema_refuses_what_is_no_report(report) -> None:
    plain = {**report.model_dump(mode="json"), "verdict": "fine"}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(plain, json_schema())


def test_both_files_are_written(report, tmp_path) -> None:
    write(report, tmp_path / "r.html", tmp_path / "r.json")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["r.html", "r.json"]
    assert (tmp_path / "r.html").read_text(encoding="utf-8").startswith("<!doctype html>")


def test_a_folder_that_is_not_there_is_an_error_and_leaves_nothing(report, tmp_path) -> None:
    with pytest.raises(DataError):
        write(report, tmp_path / "missing" / "r.html", None)
    assert list(tmp_path.iterdir()) == []
