"""Bad input of every kind: one line, the right exit code, no traceback, nothing half-written."""

import csv
import decimal
import gzip
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import feather
from tests.conftest import Ran, people

from likewise.core import artifact

Call = Callable[..., Ran]
FAST = ("--generator", "independent", "--seed", "1")
BRIEF = (*FAST, "--no-report")


def _truncated_parquet() -> bytes:
    whole = io.BytesIO()
    pq.write_table(pa.table({"a": list(range(1000))}), whole)
    return whole.getvalue()[:-200]


def _parquet(column: pa.Array) -> bytes:
    whole = io.BytesIO()
    pq.write_table(pa.table({"a": column}), whole)
    return whole.getvalue()


def _bad_excel() -> bytes:
    return b"PK\x03\x04 not a workbook"


UNREADABLE: dict[str, tuple[str, bytes]] = {
    "an empty file": ("in.csv", b""),
    "blank lines only": ("in.csv", b"\n\n\n"),
    "a header and no rows": ("in.csv", b"a,b,c\n"),
    "a header and no line break": ("in.csv", b"a,b"),
    "null for a record": ("in.jsonl", b'null\n{"a": 1}\n'),
    "null after a record": ("in.jsonl", b'{"a": 1}\nnull\n'),
    "null beside a record": ("in.jsonl", b'null {"a": 1}\n'),
    "null twice": ("in.jsonl", b'null null\n{"a": 1}\n'),
    "nothing but null": ("in.json", b"null"),
    "an array of no records": ("in.json", b"[]"),
    "a record that is nested without end": (
        "in.jsonl",
        b'{"a":' + b"[" * 2000 + b"]" * 2000 + b"}\n",
    ),
    "records within records": ("in.jsonl", b'{"a":' * 30_000 + b"1" + b"}" * 30_000 + b"\n"),
    "a record nested over many lines": (
        "in.jsonl",
        b'{"a":' + b"[\n" * 60_000 + b"1" + b"]\n" * 60_000 + b"}\n",
    ),
    "records nested over many lines": (
        "in.jsonl",
        b'{"a":\n' * 60_000 + b"1" + b"}" * 60_000 + b"\n",
    ),
    "an array nested too deeply": (
        "in.json",
        b'[{"a":' + b"[" * 100 + b"]" * 100 + b"}]",
    ),
    "a broken character in an array": ("in.json", b'[{"a": "\\ud800"}]'),
    "a truncated Parquet file": ("in.parquet", _truncated_parquet()),
    "text called Parquet": ("in.parquet", b"a,b\n1,2\n"),
    "bytes that are no text": ("in.csv", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20),
    "ragged rows": ("in.csv", b"a,b,c\n" + b"1,2,3\n" * 20 + b"1,2\n1,2,3,4\n" + b"1,2,3\n" * 20),
    "broken JSON lines": ("in.jsonl", b'{"a": 1}\n{"a": 2\n{"a"\n'),
    "zeros only": ("in.csv", bytes(5000)),
    "zeros among text": ("in.csv", b"a,b\n" + b"1,2\n" * 50 + bytes(3) + b"1,2\n" * 50),
    "a quote that is never closed": ("in.csv", b"a,b\n" + b"1,x\n" * 9 + b'2,"y\n' + b"3,z\n" * 9),
    "half a character": ("in.csv", "a,b\n1,x\n".encode("utf-16")[:-1]),
    "a name twice in a record": ("in.jsonl", b'{"a": 1, "a": 2}\n' * 9),
    "records of different kinds": ("in.jsonl", b'{"a": 1}\n{"a": "x"}\n' * 9),
    "a broken character in JSON": ("in.jsonl", b'{"a": "\\ud800"}\n' * 9),
    "JSON that is nested without end": ("in.json", b"[" * 100_000),
    "a gzip file cut short": ("in.csv.gz", gzip.compress(b"a,b\n" + b"1,2\n" * 999)[:-9]),
    "text called gzip": ("in.csv.gz", b"a,b\n1,2\n"),
    "gzip called text": ("in.csv", gzip.compress(b"a,b\n1,2\n")),
    "a broken Zstandard file": ("in.csv.zst", b"\x28\xb5\x2f\xfd broken"),
    "Parquet of bytes": ("in.parquet", _parquet(pa.array([b"\xff", b"\xfe"] * 40))),
    "Parquet of fixed bytes": ("in.parquet", _parquet(pa.array([b"\xff"] * 40, pa.binary(1)))),
    "Parquet without rows": ("in.parquet", _parquet(pa.array([], pa.int64()))),
    "a broken gzip file": ("in.csv.gz", b"\x1f\x8b\x08 broken"),
    "a broken workbook": ("in.xlsx", _bad_excel()),
    "an unknown kind of file": ("in.docx", b"hello"),
}


def _one_line(ran: Ran, code: int) -> None:
    assert ran.code == code, ran.err
    complaints = [line for line in ran.err.splitlines() if line.startswith("likewise: ")]
    assert len(complaints) == 1, ran.err
    assert "Traceback" not in ran.err
    assert complaints[0].endswith((".", "?", "--help"))
    assert ran.out == ""


def _left(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.mark.parametrize("what", UNREADABLE)
def test_what_cannot_be_read_is_said_in_one_line(what: str, tmp_path: Path, command: Call) -> None:
    name, content = UNREADABLE[what]
    path = tmp_path / name
    path.write_bytes(content)
    ran = command("synth", path, *FAST)
    _one_line(ran, 3)
    assert name in ran.err or "column 'a'" in ran.err
    assert _left(tmp_path) == {name}


OVERWRITING = {
    "the page of a report": ("evaluate", "r.csv", "s.csv", "-o", "r.csv"),
    "a page over the holdout": ("evaluate", "r.csv", "s.csv", "--holdout", "h.csv", "-o", "h.csv"),
    "the twin of a page": ("evaluate", "r.jsonl", "s.csv", "-o", "r.html"),
    "a page over a schema": ("evaluate", "r.csv", "s.csv", "--schema", "c.json", "-o", "c.html"),
    "a schema over the table": ("inspect", "r.csv", "-o", "r.csv"),
    "rows over a schema": ("synth", "r.csv", "--schema", "c.json", "-o", "c.json", *BRIEF),
    "a model over a schema": ("fit", "r.csv", "--schema", "c.json", "-o", "c.json", *FAST),
    "filled rows over a schema": ("impute", "r.csv", "--schema", "c.json", "-o", "c.json"),
}


@pytest.mark.parametrize("what", OVERWRITING)
def test_nothing_that_is_read_is_written_over(
    what: str, tmp_path: Path, command: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = "a,b\n" + "".join(f"{i % 9},{i % 4}\n" for i in range(80))
    for name in ("r.csv", "s.csv", "h.csv"):
        (tmp_path / name).write_text(rows, encoding="utf-8")
    (tmp_path / "r.json").write_text('{"a": 1, "b": 2}\n' * 80, encoding="utf-8")
    (tmp_path / "r.jsonl").symlink_to(tmp_path / "r.json")
    (tmp_path / "c.json").write_text('{"columns": []}', encoding="utf-8")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    monkeypatch.chdir(tmp_path)
    ran = command(*OVERWRITING[what])
    _one_line(ran, 2)
    assert "replace" in ran.err
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_holdout_of_the_rows_that_were_learned_is_refused(
    people_csv: Path, command: Call
) -> None:
    ran = command("evaluate", people_csv, people_csv, "--holdout", people_csv)
    _one_line(ran, 2)
    assert "very rows of the real table" in ran.err


@pytest.mark.parametrize("at", range(0, 4_000, 61))
def test_a_damaged_feather_file_is_read_or_refused(at: int, tmp_path: Path, command: Call) -> None:
    path = tmp_path / "in.feather"
    words = pa.array([f"{i % 7} word" for i in range(80)])
    table = pa.table({"a": words, "b": words.dictionary_encode(), "c": range(80)})
    feather.write_feather(table, path, compression="uncompressed")
    content = bytearray(path.read_bytes())
    content[at % len(content)] ^= 0x55
    path.write_bytes(content)
    ran = command("inspect", path)
    assert ran.code in (0, 3), ran.err


def test_columns_that_one_column_determines_are_all_computed(tmp_path: Path, command: Call) -> None:
    path = tmp_path / "in.csv"
    rows = ((i * 7919) % 9 for i in range(300))
    path.write_text("a,b,c\n" + "".join(f"{x},s{x % 4},w{x // 3}\n" for x in rows))
    ran = command("synth", path, *BRIEF)
    assert ran.code == 0, ran.err
    made = list(csv.DictReader((tmp_path / "in.synthetic.csv").read_text().splitlines()))
    assert all(r["b"] == f"s{int(r['a']) % 4}" and r["c"] == f"w{int(r['a']) // 3}" for r in made)


def test_a_report_needs_a_file(people_csv: Path, command: Call) -> None:
    _one_line(command("synth", people_csv, "--report", "-", *FAST), 2)
    assert _left(people_csv.parent) == {people_csv.name}


def test_a_missing_file_is_said_in_one_line(tmp_path: Path, command: Call) -> None:
    for words in (("synth",), ("fit", "-o", tmp_path / "m"), ("inspect",), ("sample", "-n", "1")):
        _one_line(command(words[0], tmp_path / "no.csv", *words[1:]), 3)
    _one_line(command("evaluate", tmp_path / "no.csv", tmp_path / "no.csv"), 3)
    assert not _left(tmp_path)


def test_a_folder_is_no_input(tmp_path: Path, command: Call) -> None:
    _one_line(command("synth", tmp_path, *FAST), 3)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_with_a_name_is_no_input_and_nothing_waits_for_it(
    tmp_path: Path, command: Call
) -> None:
    os.mkfifo(tmp_path / "in.csv")
    ran = command("synth", tmp_path / "in.csv", *FAST)
    _one_line(ran, 3)
    assert "standard input" in ran.err
    _one_line(command("synth", tmp_path / "in.csv", "-o", tmp_path / "in.csv", *FAST), 2)


DEGENERATE: dict[str, str] = {
    "one row": "a,b\n1,x\n",
    "two rows": "a,b\n1,x\n2,y\n",
    "one column": "a\n" + "\n".join(str(i % 7) for i in range(80)) + "\n",
    "one class": "a,b\n" + "\n".join(f"{i},x" for i in range(80)) + "\n",
    "all missing": "a,b\n" + "\n".join(f"{i % 9}," for i in range(80)) + "\n",
    "all constant": "a,b\n" + "1,x\n" * 80,
    "unicode and empty names": "年,,naïve\n" + "\n".join(f"{i % 9},{i % 3},é" for i in range(80)),
}


@pytest.mark.parametrize("what", DEGENERATE)
def test_sensible_degenerate_tables_work(what: str, tmp_path: Path, command: Call) -> None:
    path = tmp_path / "in.csv"
    path.write_text(DEGENERATE[what], encoding="utf-8")
    ran = command("synth", path, "--generator", "trees", "--seed", "1")
    assert ran.code == 0, ran.err
    assert "Traceback" not in ran.err
    made = (tmp_path / "in.synthetic.csv").read_text(encoding="utf-8").splitlines()
    assert len(made) == len(DEGENERATE[what].strip().splitlines())
    report = json.loads((tmp_path / "in.report.json").read_text(encoding="utf-8"))
    if what in ("one row", "two rows"):
        assert any("too few" in note or "holdout" in note for note in report["notes"])


TYPED: dict[str, pa.Array] = {
    "lists": pa.array([[1, 2], [3]] * 40),
    "records": pa.array([{"x": 1}, {"x": 2}] * 40),
    "dictionaries": pa.array(["u", "v"] * 40).dictionary_encode(),
    "whole numbers beyond 64 bits": pa.array([2**64 - 1 - i for i in range(80)], pa.uint64()),
    "long decimals": pa.array([decimal.Decimal(f"{10**30 + i}") for i in range(80)]),
    "not a number": pa.array([float("nan")] * 80),
    "infinities": pa.array([float("inf"), -float("inf"), 1.5, 2.5] * 20),
    "half precision": pa.array([0.5, 1.5] * 40, pa.float16()),
    "one duration": pa.array([5] * 80, pa.duration("s")),
    "one time": pa.array([5] * 80, pa.time64("us")),
    "times at the ends": pa.array([-(2**63), 2**63 - 1] * 40, pa.timestamp("us")),
    "days at the ends": pa.array([2**31 - 1 - i for i in range(80)], pa.date32()),
    "nothing": pa.nulls(80),
}


@pytest.mark.parametrize("what", TYPED)
def test_columns_of_odd_types_come_back_as_such(what: str, tmp_path: Path, command: Call) -> None:
    path = tmp_path / "in.parquet"
    path.write_bytes(_parquet(TYPED[what]))
    ran = command("synth", path, *BRIEF)
    assert ran.code == 0, ran.err
    made = pq.read_table(tmp_path / "in.synthetic.parquet").column("a")
    assert len(made) == 80
    nested = what in {"lists", "records"}  # which come as JSON texts
    assert made.type == (pa.string() if nested else TYPED[what].type)
    if what in {"whole numbers beyond 64 bits", "long decimals"}:
        assert len(set(made.to_pylist())) > 40


@pytest.mark.parametrize("suffix", ["jsonl", "parquet"])
def test_texts_of_typed_files_stay_as_they_were_spelled(
    suffix: str, tmp_path: Path, command: Call
) -> None:
    times = [f"2020-01-{1 + i % 28:02d}T{i % 24:02d}:30:00Z" for i in range(80)]
    table = pa.table({"a": times, "b": [f"{i % 7},50" for i in range(80)], "c": list("01") * 40})
    path = tmp_path / f"in.{suffix}"
    if suffix == "parquet":
        pq.write_table(table, path)
    else:
        path.write_text("\n".join(map(json.dumps, table.to_pylist())), encoding="utf-8")
    ran = command("synth", path, *BRIEF)
    assert ran.code == 0, ran.err
    made = tmp_path / f"in.synthetic.{suffix}"
    if suffix == "parquet":
        rows = pq.read_table(made).to_pylist()
    else:
        rows = [json.loads(line) for line in made.read_text(encoding="utf-8").splitlines()]
    assert all(re.fullmatch(r"2020-01-\d\dT\d\d:30:00Z", row["a"]) for row in rows)
    assert all(re.fullmatch(r"\d,50", row["b"]) for row in rows)
    assert {row["c"] for row in rows} == {"0", "1"}


FORMULAS = ["=cmd", "=cmd|' /C calc'!A0", "=SUM(A1:A9)", "= 1+1", "\t=-A1", "='b'!A1"]


@pytest.mark.parametrize("verb", ["synth", "fit", "evaluate", "impute"])
@pytest.mark.parametrize("cell", FORMULAS)
def test_a_formula_cell_is_refused_with_its_place_and_without_its_text(
    verb: str, cell: str, tmp_path: Path, command: Call
) -> None:
    path, model = tmp_path / "in.csv", tmp_path / "m.likewise"
    texts = ["blue", "red", "", "=", "==> see", "=====", "a=b", "-", "@home", cell, cell]
    lines = [f'{i},"{texts[i - 78 if i > 86 else i % 9]}"' for i in range(89)]
    path.write_text("a,b\n" + "\n".join(lines) + "\n", encoding="utf-8")
    words = {"fit": ("-o", model), "evaluate": (path,), "impute": ("-o", tmp_path / "out.csv")}
    ran = command(verb, path, *words.get(verb, ()), "--quiet")
    assert ran.code == 3
    said = " ".join(ran.err.split())
    assert "column 'b': 2 formula cells" in said
    assert "first in row 88" in said
    assert "--schema" in said
    assert cell.strip() not in said
    assert len(ran.err.strip().splitlines()) == 1
    assert [file.name for file in tmp_path.iterdir()] == ["in.csv"]


def test_formula_cells_of_a_declared_column_are_guarded_and_the_terminal_says_so(
    tmp_path: Path, command: Call
) -> None:
    path = tmp_path / "in.csv"
    cells = ["=cmd|' /C calc'!A0", "@SUM(A1)", "\t=1+1"] * 30
    path.write_text("a,=b\n" + "\n".join(f"{c},{i % 3}" for i, c in enumerate(cells)), "utf-8")
    schema = tmp_path / "schema.yaml"
    assert command("inspect", path, "-o", schema).code == 0
    ran = command("synth", path, *BRIEF, "--schema", schema)
    assert ran.code == 0, ran.err
    said = " ".join(ran.err.split())
    assert "column 'a': 90 cells" in said
    assert "write Parquet or JSON lines" in said
    assert "column '=b': a spreadsheet would run this name" in said
    made = (tmp_path / "in.synthetic.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert all(line.startswith(("'=cmd", "'@SUM", "'\t=1")) for line in made)


def test_column_names_cannot_break_the_page(tmp_path: Path, command: Call) -> None:
    names = ["class", "a\nb", "😀", "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>']
    quoted = ",".join('"' + name.replace('"', '""') + '"' for name in names)
    path = tmp_path / "in.csv"
    rows = "\n".join(",".join(str((i * k) % 5) for k in range(1, 6)) for i in range(80))
    path.write_text(f"{quoted}\n{rows}\n", encoding="utf-8")
    ran = command("synth", path, *FAST)
    assert ran.code == 0, ran.err
    page = (tmp_path / "in.report.html").read_text(encoding="utf-8")
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    made = io.StringIO((tmp_path / "in.synthetic.csv").read_text(encoding="utf-8"))
    assert next(csv.reader(made)) == names


def test_runs_at_once_that_write_one_file_leave_one_whole_file(people_csv: Path) -> None:
    words = [sys.executable, "-m", "likewise", "synth", str(people_csv), "--quiet", "--no-report"]
    runs = [
        subprocess.Popen([*words, "--generator", "independent", "--seed", seed]) for seed in "123"
    ]
    assert [run.wait(timeout=60) for run in runs] == [0, 0, 0]
    made = people_csv.with_name("people.synthetic.csv").read_text(encoding="utf-8")
    assert len(made.splitlines()) == 401
    assert _left(people_csv.parent) == {"people.csv", "people.synthetic.csv"}


def test_one_class_as_target_is_said_in_the_report(tmp_path: Path, command: Call) -> None:
    path = tmp_path / "in.csv"
    path.write_text(DEGENERATE["one class"], encoding="utf-8")
    ran = command("synth", path, "--target", "b", *FAST)
    assert ran.code == 0, ran.err


def test_no_rows_gives_a_header(people_csv: Path, command: Call) -> None:
    ran = command("synth", people_csv, "-n", "0", *BRIEF)
    assert ran.code == 0, ran.err
    made = people_csv.with_name("people.synthetic.csv").read_text(encoding="utf-8")
    assert made.splitlines() == ["id,age,income,city,joined,member"]


USAGE: dict[str, tuple[tuple[str, ...], str]] = {
    "a negative number of rows": (("-n", "-5"), "-n"),
    "no number of rows": (("-n", "many"), "-n"),
    "an unknown target": (("--target", "membr"), "member"),
    "an unknown method": (("--generator", "tree"), "trees"),
    "an unknown setting": (("--generator", "trees", "--set", "leef=3"), "leaf"),
    "a setting without value": (("--generator", "trees", "--set", "leaf"), "key=value"),
    "a setting that cannot be": (("--generator", "trees", "--set", "leaf=-3"), "leaf"),
    "an unknown option": (("--sed", "3"), "--seed"),
    "a negative seed": (("--seed", "-3"), "--seed"),
    "a strange budget": (("--budget", "soon"), "10m"),
    "no workers": (("--workers", "0"), "--workers"),
    "the input as output": (("-o", "{input}"), "input"),
    "the input as report": (("--report", "{input}"), "input"),
    "one file for two outputs": (("-o", "{input}.x.csv", "--model", "{input}.x.csv"), "both"),
}


@pytest.mark.parametrize("what", USAGE)
def test_wrong_usage_is_said_in_one_line(what: str, people_csv: Path, command: Call) -> None:
    words, expected = USAGE[what]
    filled = [word.format(input=people_csv) for word in words]
    before = people_csv.read_bytes()
    ran = command("synth", people_csv, *filled)
    _one_line(ran, 2)
    assert expected in ran.err
    assert _left(people_csv.parent) == {"people.csv"}
    assert people_csv.read_bytes() == before


def test_unknown_commands_come_with_a_suggestion(command: Call) -> None:
    ran = command("snyth", "x.csv")
    _one_line(ran, 2)
    assert "'synth'" in ran.err


CONTRADICTIONS: dict[str, str] = {
    "a column that is not there": "columns: [{name: heigth, kind: numeric}]",
    "a kind that does not fit": "columns: [{name: city, kind: integer}]",
    "an unknown kind": "columns: [{name: city, kind: colour}]",
    "bounds the wrong way round": "columns: [{name: age, kind: integer, minimum: 9, maximum: 1}]",
    "not null, but null": "columns: [{name: income, kind: numeric, nullable: false}]",
    "a rule about nothing": "columns: [{name: age, kind: integer}]\n"
    "rules: [{rule: not_null, column: hight}]",
    "no YAML": "columns: [{",
    "nothing": "",
    "a program": 'columns: !!python/object/apply:os.system ["touch sprung"]',
    "nested without end": "[" * 5000,
    "a bomb": "a: &a [x, x, x, x, x, x, x, x, x]\n"
    + "".join(f"{v}: &{v} [{', '.join([f'*{u}'] * 9)}]\n" for u, v in pairwise("abcdefghi"))
    + "columns: *i\n",
    "a column twice": "columns: [{name: age, kind: integer}, {name: age, kind: numeric}]",
    "no mapping": "just words",
}


@pytest.mark.parametrize("what", CONTRADICTIONS)
def test_a_schema_that_contradicts_the_data(what: str, people_csv: Path, command: Call) -> None:
    schema = people_csv.with_name("schema.yaml")
    schema.write_text(CONTRADICTIONS[what], encoding="utf-8")
    _one_line(command("synth", people_csv, "--schema", schema, *BRIEF), 3)
    assert _left(people_csv.parent) == {"people.csv", "schema.yaml"}


def test_a_rule_may_name_columns_that_the_schema_leaves_out(
    people_csv: Path, command: Call
) -> None:
    schema = people_csv.with_name("schema.yaml")
    rules = "[{rule: range, column: age, low: 30}, {rule: unique, columns: [id]}]"
    schema.write_text(f"columns: [{{name: city, kind: category}}]\nrules: {rules}", "utf-8")
    lines = people_csv.read_text("utf-8").splitlines()
    kept = [lines[0], *(line for line in lines[1:] if int(line.split(",")[1]) >= 30)]
    people_csv.write_text("\n".join(kept), "utf-8")
    ran = command("synth", people_csv, "--schema", schema, "-n", 200, *BRIEF)
    assert ran.code == 0, ran.err
    made = people_csv.with_name("people.synthetic.csv").read_text("utf-8").splitlines()[1:]
    assert min(int(line.split(",")[1]) for line in made) >= 30
    schema.write_text("columns: []\nrules: [{rule: range, column: agee, low: 30}]", "utf-8")
    ran = command("synth", people_csv, "--schema", schema, *BRIEF)
    _one_line(ran, 3)
    assert "'agee'" in ran.err
    assert "'age'" in ran.err


def test_an_unwritable_output(people_csv: Path, command: Call) -> None:
    nowhere = people_csv.parent / "no" / "out.csv"
    ran = command("synth", people_csv, "-o", nowhere, *FAST)
    _one_line(ran, 3)
    assert "folder" in ran.err
    ran = command("synth", people_csv, "-o", people_csv.with_name("out.docx"), *FAST)
    _one_line(ran, 3)
    assert "read" not in ran.err, "said before the work"
    _one_line(command("synth", people_csv, "-o", people_csv.parent, *FAST), 3)
    _one_line(command("synth", people_csv, "-o", "/dev/null", *FAST), 3)
    assert _left(people_csv.parent) == {"people.csv"}


def test_a_folder_that_cannot_be_written_to_names_every_option_that_leads_out_of_it(
    people_csv: Path, command: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = people_csv.with_name("m")
    assert command("fit", people_csv, "-o", model, *FAST).code == 0
    monkeypatch.setattr(os, "access", lambda path, _: Path(path) != people_csv.parent)
    elsewhere = people_csv.parent / "open"
    elsewhere.mkdir()
    for words, options in (
        (("synth", people_csv), "-o and --report"),
        (("synth", people_csv, "--no-report"), "-o"),
        (("synth", people_csv, "-o", elsewhere / "o.csv"), "--report"),
        (("synth", people_csv, "--no-report", "--model", model), "-o and --model"),
        (("fit", people_csv, "-o", model), "-o"),
        (("sample", model), "-o"),
    ):
        ran = command(*words)
        _one_line(ran, 3)
        assert ran.err.rstrip().endswith(f"Choose a writable place with {options}."), words


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's /dev/full")
def test_a_full_disk_behind_standard_output(people_csv: Path) -> None:
    words = [sys.executable, "-m", "likewise", "synth", str(people_csv), "-o", "-", *BRIEF]
    with Path("/dev/full").open("w") as full:
        ran = subprocess.run(words, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    _one_line(Ran(ran.returncode, "", ran.stderr), 3)


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_a_full_disk_leaves_nothing_behind(suffix: str, people_csv: Path) -> None:
    """A limit on file size makes writing fail the way a full disk does."""
    words = [
        "synth",
        str(people_csv),
        "-n",
        "5000",
        "-o",
        str(people_csv.with_suffix(".x." + suffix)),
    ]
    script = (
        "import resource, signal, sys\n"
        "from likewise.cli.main import run\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        f"sys.exit(run([*{words!r}, *{BRIEF!r}]))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    _one_line(Ran(ran.returncode, ran.stdout, ran.stderr), 3)
    assert _left(people_csv.parent) == {"people.csv"}


def test_no_table_stays_when_its_report_does_not_fit(people_csv: Path) -> None:
    """The disk holds the 400 rows, but not the report of several hundred kB."""
    old = people_csv.with_name("people.synthetic.csv")
    old.write_text("of an earlier run", encoding="utf-8")
    script = (
        "import resource, signal, sys\n"
        "from likewise.cli.main import run\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))\n"
        f"sys.exit(run(['synth', {str(people_csv)!r}, *{FAST!r}]))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    _one_line(Ran(ran.returncode, ran.stdout, ran.stderr), 3)
    assert "report" in ran.stderr.splitlines()[-1]
    assert _left(people_csv.parent) == {"people.csv", "people.synthetic.csv"}
    assert old.read_text(encoding="utf-8") == "of an earlier run"


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_cancelling_leaves_nothing_behind(sent: signal.Signals, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("\n".join(people(3000)), encoding="utf-8")
    words = ["synth", str(path), "-n", "50000000", *BRIEF]
    process = subprocess.Popen(
        [sys.executable, "-m", "likewise", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    deadline = time.monotonic() + 60
    while not any(name.endswith(".part") for name in _left(tmp_path)):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.send_signal(sent)
    out, err = process.communicate(timeout=60)
    _one_line(Ran(process.returncode, out.decode(), err.decode()), 6)
    assert _left(tmp_path) == {"people.csv"}


def test_cancelling_is_said_though_a_library_turns_it_into_another_error(
    people_csv: Path, command: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    import likewise.jobs.synth
    from likewise.cli import main

    def swallow(*_: object, **__: object) -> None:
        try:
            main._interrupt(signal.SIGINT, None)
        except KeyboardInterrupt:
            raise AttributeError("partially initialized module") from None

    monkeypatch.setattr(likewise.jobs.synth, "run", swallow)
    try:
        _one_line(command("synth", people_csv, *FAST), 6)
    finally:
        main.interrupted.clear()


def test_cancelling_that_a_library_has_swallowed_ends_the_next_stage(
    people_csv: Path, command: Call
) -> None:
    from likewise.cli import main

    main.interrupted.set()
    try:
        for talk in ((), ("--quiet",), ("--json",)):
            _one_line(command("synth", people_csv, *FAST, *talk), 6)
    finally:
        main.interrupted.clear()
    assert _left(people_csv.parent) == {"people.csv"}


def test_a_renamed_pickle_is_refused_and_not_run(tmp_path: Path, command: Call) -> None:
    import pickle

    trap, sprung = tmp_path / "evil.model", tmp_path / "sprung"

    class Evil:
        def __reduce__(self) -> tuple[object, ...]:
            return Path.touch, (sprung,)

    trap.write_bytes(pickle.dumps(Evil()))
    _one_line(command("sample", trap, "-n", "5"), 3)
    trap.rename(tmp_path / "evil.parquet")
    _one_line(command("synth", tmp_path / "evil.parquet", *FAST), 3)
    assert not sprung.exists()


@pytest.fixture
def model(people_csv: Path, command: Call) -> Path:
    """A model of 400 people."""
    path = people_csv.with_name("people.model")
    ran = command("fit", people_csv, "-o", path, *FAST)
    assert ran.code == 0, ran.err
    return path


def _rewritten(model: Path, change: Callable[[dict[str, object]], object]) -> Path:
    """The model file with its manifest changed."""
    other = model.with_name("other.model")
    with zipfile.ZipFile(model) as old, zipfile.ZipFile(other, "w") as new:
        manifest = json.loads(old.read("manifest.json"))
        change(manifest)
        new.writestr("manifest.json", json.dumps(manifest))
        new.writestr("arrays.safetensors", old.read("arrays.safetensors"))
    return other


def test_a_model_from_the_future(model: Path, command: Call) -> None:
    other = _rewritten(model, lambda manifest: manifest.update(format=99))
    ran = command("sample", other, "-n", "5")
    _one_line(ran, 3)
    assert "upgrade" in ran.err


def test_a_model_that_was_tampered_with(model: Path, command: Call) -> None:
    other = _rewritten(model, lambda manifest: manifest["body"].update(likewise="9"))  # type: ignore[attr-defined]
    _one_line(command("sample", other, "-n", "5"), 3)
    model.write_bytes(model.read_bytes()[:-100])
    _one_line(command("sample", model, "-n", "5"), 3)


def test_a_forged_model_whose_checksum_fits(model: Path, command: Call) -> None:
    def forge(manifest: dict[str, object]) -> None:
        body: dict[str, object] = manifest["body"]  # type: ignore[assignment]
        body["model"]["fields"]["model"]["fields"]["inner"] = []  # type: ignore[index]
        manifest["sha256"]["body"] = artifact._digest(artifact._text(body))  # type: ignore[index]

    _one_line(command("sample", _rewritten(model, forge), "-n", "5"), 3)


def test_a_table_is_no_model(people_csv: Path, command: Call) -> None:
    _one_line(command("sample", people_csv, "-n", "5"), 3)


CONDITIONS = {
    "unknown column": ("agee > 65", "age"),
    "no condition": ("age >", "end"),
    "wrong kind": ("age > 'old'", "age"),
    "code": ("__import__('os').system('true')", ""),
    "empty": ("", "--where"),
    "an open quote": ("city = 'Basel", "quote"),
    "nested without end": ("(" * 3000 + "age > 1" + ")" * 3000, "nested"),
    "a day that is none": ("joined > '2020-13-45'", "2024-01-31"),
}


@pytest.mark.parametrize("what", CONDITIONS)
def test_a_condition_that_cannot_be_read(what: str, model: Path, command: Call) -> None:
    where, expected = CONDITIONS[what]
    ran = command("sample", model, "-n", "5", "--where", where)
    _one_line(ran, 2)
    assert expected in ran.err
    assert _left(model.parent) == {"people.csv", "people.model"}


def test_given_columns_must_be_known(model: Path, command: Call) -> None:
    given = model.with_name("given.csv")
    given.write_text("agee\n30\n", encoding="utf-8")
    ran = command("sample", model, "--given", given)
    assert ran.code in (2, 3)
    _one_line(ran, ran.code)
    assert "'age'" in ran.err


def test_given_columns_must_be_named_once(model: Path, command: Call) -> None:
    given = model.with_name("given.csv")
    given.write_text("city,city\nBasel,Dijon\n", encoding="utf-8")
    ran = command("sample", model, "--given", given)
    _one_line(ran, 2)
    assert "same name" in ran.err


def test_wrong_gates_are_said_before_the_work(people_csv: Path, command: Call) -> None:
    for gate in ("detector", "detector_auc=high", "detectr_auc=0.6"):
        _one_line(command("evaluate", people_csv, people_csv, "--fail-over", gate), 2)


def test_tables_with_other_columns_cannot_be_compared(people_csv: Path, command: Call) -> None:
    other = people_csv.with_name("other.csv")
    other.write_text("a,b\n" + "1,2\n" * 80, encoding="utf-8")
    _one_line(command("evaluate", people_csv, other), 3)


def test_unexpected_errors_are_short_unless_asked(
    people_csv: Path, command: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    import likewise.jobs.synth

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("inner workings")

    monkeypatch.setattr(likewise.jobs.synth, "run", fail)
    ran = command("synth", people_csv, *FAST)
    _one_line(ran, 1)
    assert "--verbose" in ran.err
    assert "Traceback" in command("synth", people_csv, "--verbose", *FAST).err
