import json
from pathlib import Path

import pytest

from likewise.core.errors import DataError, FormatError
from likewise.report.read import read_report
from likewise.report.write import to_json, write


def test_a_report_that_was_written_is_read_back_whole(report, tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    write(report, None, path)
    assert read_report(path) == report


def test_fields_of_a_later_release_are_left_out(report, tmp_path: Path) -> None:
    plain = json.loads(to_json(report))
    plain["gates_failed"] = ["x"]
    plain["another"] = {"deep": [1]}
    plain["scores"]["detector_auc"]["colour"] = "blue"
    plain["columns"][2]["chart"]["more"] = 1
    plain["findings"][0]["more"] = 1
    path = tmp_path / "r.json"
    path.write_text(json.dumps(plain), encoding="utf-8")
    assert read_report(path) == report


def _with(report, **fields) -> str:
    return json.dumps({**json.loads(to_json(report)), **fields})


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"version": 2}, "version 2, and this likewise reads version 1. Update likewise"),
        ({"version": "x"}, "damaged at version"),
        ({"verdict": "splendid"}, "damaged at verdict"),
        ({"scores": {"utility": {"value": "high"}}}, "damaged at scores → utility"),
        ({"columns": 3}, "damaged at columns"),
    ],
)
def test_a_report_that_is_newer_or_damaged_is_refused(report, tmp_path, fields, said) -> None:
    path = tmp_path / "r.json"
    path.write_text(_with(report, **fields), encoding="utf-8")
    with pytest.raises(FormatError, match=said) as caught:
        read_report(path)
    assert caught.value.exit_code == 3


FOREIGN = {
    "nothing": b"",
    "a list": b"[1, 2]",
    "another object": b'{"version": 1, "rows": {}}',
    "a schema": b"columns:\n- name: a\n",
    "no number": b'{"version": NaN}',
    "an endless number": b'{"version": 1e999}',
    "no text": b"\xff\xfe\x00",
    "nested without end": b"[" * 200_000,
}


@pytest.mark.parametrize("what", FOREIGN)
def test_what_is_no_report_is_refused(what: str, tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    path.write_bytes(FOREIGN[what])
    with pytest.raises(FormatError, match=r"r\.json: is no (JSON|report of likewise)"):
        read_report(path)


def test_a_page_leads_to_its_twin_and_a_missing_file_is_told(report, tmp_path: Path) -> None:
    write(report, tmp_path / "r.html", tmp_path / "r.json")
    with pytest.raises(FormatError, match=r"Give .*r\.json, which lies beside the page"):
        read_report(tmp_path / "r.html")
    with pytest.raises(DataError, match="cannot be read"):
        read_report(tmp_path / "no.json")
    with pytest.raises(DataError, match="cannot be read"):
        read_report(tmp_path)
