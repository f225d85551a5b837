"""The commands do what their help says, and speak where they should."""

import json
import math
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import csv as arrow_csv
from tests.conftest import Ran, people

from likewise.data.cells import count_infinite

Call = Callable[..., Ran]
FAST = ("--generator", "independent", "--seed", "1")
BRIEF = (*FAST, "--no-report")


def _rows(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def test_synth_writes_a_table_a_report_and_its_twin_beside_the_input(
    people_csv: Path, command: Call
) -> None:
    ran = command("synth", people_csv, *FAST)
    assert ran.code == 0, ran.err
    assert ran.out == ""
    names = {path.name for path in people_csv.parent.iterdir()}
    made = {"people.synthetic.csv", "people.report.html", "people.report.json"}
    assert names == {"people.csv", *made}
    synthetic = _rows(people_csv.with_name("people.synthetic.csv"))
    assert synthetic[0] == _rows(people_csv)[0]
    assert len(synthetic) == 401
    assert "seed" in ran.err
    assert "1" in ran.err
    for name in made:
        assert name in ran.err.replace("\n", "")


def test_leading_zeros_and_spellings_survive(people_csv: Path, command: Call) -> None:
    command("synth", people_csv, *BRIEF)
    for row in _rows(people_csv.with_name("people.synthetic.csv"))[1:]:
        identifier, _, _, _, joined, member = row.split(",")
        assert len(identifier) == 5
        assert len(joined) == 10
        assert member in {"yes", "no"}


def test_json_is_one_versioned_object_and_nothing_else(people_csv: Path, command: Call) -> None:
    ran = command("synth", people_csv, "--json", *FAST)
    assert ran.code == 0, ran.err
    assert ran.err == ""
    said = json.loads(ran.out)
    assert said["version"] == 1
    assert said["verdict"] in {"pass", "warn", "fail"}
    assert said["seed"] == 1
    assert said["seconds"]["total"] > 0
    assert {"synthetic", "report", "report_json"} <= said["files"].keys()
    for score in said["scores"].values():
        assert {"value", "floor", "interval"} <= score.keys()


def test_quiet_says_nothing(people_csv: Path, command: Call) -> None:
    ran = command("synth", people_csv, "--quiet", *BRIEF)
    assert (ran.code, ran.out, ran.err) == (0, "", "")


def test_equal_runs_write_equal_bytes_whatever_the_workers(
    people_csv: Path, command: Call, tmp_path: Path
) -> None:
    made = []
    for workers in ("1", "2"):
        folder = tmp_path / workers
        folder.mkdir()
        copy = folder / "people.csv"
        copy.write_bytes(people_csv.read_bytes())
        words = ("--workers", workers, "--model", folder / "people.model")
        ran = command("synth", copy, "--generator", "trees", "--seed", "5", *words)
        assert ran.code == 0, ran.err
        made.append({path.name: path.read_bytes() for path in folder.iterdir()})
    assert made[0].keys() == made[1].keys()
    for name, content in made[0].items():
        assert content == made[1][name], name


def test_a_drawn_seed_is_said_and_repeats_the_run(people_csv: Path, command: Call) -> None:
    out = people_csv.with_name("people.synthetic.csv")
    words = ("synth", people_csv, "--generator", "independent", "--no-report")
    ran = command(*words)
    first = out.read_bytes()
    drawn = ran.err.split("--seed ")[1].split()[0]
    command(*words, "--seed", drawn)
    assert out.read_bytes() == first


def test_no_report_writes_none(people_csv: Path, command: Call) -> None:
    assert command("synth", people_csv, "--no-report", *FAST).code == 0
    assert not people_csv.with_name("people.report.html").exists()


def test_data_may_go_through_pipes(people_csv: Path) -> None:
    words = [sys.executable, "-m", "likewise", "synth", "-", "-n", "7", *BRIEF]
    ran = subprocess.run(words, input=people_csv.read_bytes(), capture_output=True, check=False)
    assert ran.returncode == 0, ran.stderr
    lines = ran.stdout.decode().splitlines()
    assert lines[0] == "id,age,income,city,joined,member"
    assert len(lines) == 8


def test_fit_then_sample_writes_in_the_format_of_the_input(tmp_path: Path, command: Call) -> None:
    source = tmp_path / "people.csv"
    source.write_text("\n".join(people(200)).replace(",", ";"), encoding="utf-8")
    model = tmp_path / "people.model"
    assert command("fit", source, "-o", model, *FAST).code == 0
    ran = command("sample", model, "-n", "30", "--seed", "3")
    assert ran.code == 0, ran.err
    made = _rows(tmp_path / "people.synthetic.csv")
    assert made[0] == "id;age;income;city;joined;member"
    assert len(made) == 31
    ran = command("sample", model, "-n", "30", "--seed", "3", "-o", "-")
    assert ran.out.splitlines() == made
    assert command("sample", model, "-n", "30", "-o", tmp_path / "out.parquet").code == 0
    assert (tmp_path / "out.parquet").read_bytes()[:4] == b"PAR1"


def test_sampled_rows_meet_the_condition(people_csv: Path, command: Call) -> None:
    model = people_csv.with_name("people.model")
    command("fit", people_csv, "-o", model, *FAST)
    ran = command("sample", model, "-n", "50", "--where", "age > 65", "-o", "-", "--seed", "1")
    assert ran.code == 0, ran.err
    ages = [int(line.split(",")[1]) for line in ran.out.splitlines()[1:]]
    assert len(ages) == 50
    assert min(ages) > 65


def test_given_columns_are_kept(people_csv: Path, command: Call) -> None:
    model = people_csv.with_name("people.model")
    command("fit", people_csv, "-o", model, *FAST)
    given = people_csv.with_name("given.csv")
    given.write_text("city\nBasel\nDijon\nBasel\n", encoding="utf-8")
    ran = command("sample", model, "--given", given, "-o", "-", "--seed", "1")
    assert ran.code == 0, ran.err
    assert [line.split(",")[3] for line in ran.out.splitlines()[1:]] == ["Basel", "Dijon", "Basel"]


def test_a_gate_that_fails_gives_exit_code_four(people_csv: Path, command: Call) -> None:
    held = people_csv.with_name("held.csv")
    held.write_text("\n".join(people(400, seed=1)), encoding="utf-8")
    made = people_csv.with_name("made.csv")
    made.write_text("\n".join(people(400, seed=2)), encoding="utf-8")
    words = ("evaluate", people_csv, made, "--holdout", held)
    passed = command(*words, "--fail-over", "shape_error=0.9")
    assert passed.code == 0, passed.err
    failed = command(*words, "--fail-under", "shape_error=0.9", "--json")
    assert failed.code == 4
    assert json.loads(failed.out)["gates_failed"]
    assert "shape_error" in failed.err


def test_evaluate_writes_its_report(people_csv: Path, command: Call) -> None:
    page = people_csv.with_name("r.html")
    ran = command("evaluate", people_csv, people_csv, "-o", page)
    assert ran.code == 0, ran.err
    assert page.read_text(encoding="utf-8").startswith("<!")
    assert json.loads(page.with_suffix(".json").read_text(encoding="utf-8"))["version"] == 1


def test_inspect_shows_kinds_and_writes_a_schema_that_synth_reads(
    people_csv: Path, command: Call
) -> None:
    schema = people_csv.with_name("schema.yaml")
    ran = command("inspect", people_csv, "-o", schema)
    assert ran.code == 0, ran.err
    for word in ("income", "numeric", "joined", "date"):
        assert word in ran.out
    said = json.loads(command("inspect", people_csv, "--json").out)
    assert [column["name"] for column in said["columns"]][:2] == ["id", "age"]
    ran = command("synth", people_csv, "--schema", schema, *BRIEF)
    assert ran.code == 0, ran.err


def test_inspect_shows_the_order_of_ordinals_and_why(tmp_path: Path, command: Call) -> None:
    source, schema = tmp_path / "shirts.csv", tmp_path / "schema.yaml"
    source.write_text("size,n\n" + "M,1\nXL,2\nS,3\n" * 20, encoding="utf-8")
    ran = command("inspect", source, "-o", schema)
    shown = " ".join(ran.out.split())
    assert "S < M < XL; all 3 labels are on the scale 'size'" in shown
    assert "  - S\n  - M\n  - XL\n" in schema.read_text(encoding="utf-8")
    schema.write_text("columns:\n- {name: size, kind: category}\n", encoding="utf-8")
    said = json.loads(command("inspect", source, "--schema", schema, "--json").out)
    assert (said["columns"][0]["kind"], said["columns"][0]["levels"]) == ("category", None)


def test_a_label_of_another_table_that_has_no_level_is_judged_as_a_category(
    tmp_path: Path, command: Call
) -> None:
    real, other = tmp_path / "real.csv", tmp_path / "other.csv"
    real.write_text("size,n\n" + "M,1\nXL,2\nS,3\n" * 20, encoding="utf-8")
    other.write_text("size,n\n" + "M,1\nXL,2\nodd,3\n" * 20, encoding="utf-8")
    said = json.loads(command("evaluate", real, other, "--json").out)
    [column] = [column for column in said["columns"] if column["name"] == "size"]
    assert column["kind"] == "category"
    assert column["error"] > 0.3
    schema = tmp_path / "schema.yaml"
    command("inspect", real, "-o", schema)
    refused = command("evaluate", real, other, "--schema", schema)
    assert refused.code == 3
    assert "none of the declared levels" in refused.err


def test_sample_says_how_rows_under_a_condition_came_about(people_csv: Path, command: Call) -> None:
    model = people_csv.with_name("people.model")
    command("fit", people_csv, "-o", model, "--generator", "bayesnet", "--seed", "1")
    drawn = command("sample", model, "-n", "20", "--where", "age > 40", "--seed", "1")
    assert "conditional distribution" in drawn.err
    said = json.loads(
        command("sample", model, "-n", "20", "--where", "age > 40", "--seed", "1", "--json").out
    )
    assert said["notes"]


def _with_infinities(folder: Path, suffix: str) -> Path:
    path = folder / f"in.{suffix}"
    cells = [math.inf if i in (3, 9) else -math.inf if i == 5 else i % 9 + 0.5 for i in range(80)]
    table = pa.table({"a": cells, "b": list("uv") * 40})
    if suffix == "csv":
        arrow_csv.write_csv(table, path)
    else:
        pq.write_table(table, path)
    return path


def test_only_numbers_have_infinite_cells() -> None:
    labels = pa.chunked_array([pa.array(["inf", "low"] * 40).dictionary_encode()])
    assert count_infinite(labels) == 0
    assert count_infinite(pa.chunked_array([pa.array(["inf", "1.5"], pa.string_view())])) == 1


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_infinite_cells_are_said_to_be_taken_as_missing(
    suffix: str, tmp_path: Path, command: Call
) -> None:
    source = _with_infinities(tmp_path, suffix)
    schema = tmp_path / "schema.yaml"
    schema.write_text("columns: [{name: a, kind: numeric}]")
    note = "column 'a': 3 infinite cells taken as missing"
    for words in (
        ("synth", source, *BRIEF),
        ("synth", source, "--schema", schema, *BRIEF),
        ("fit", source, "-o", tmp_path / "m", *FAST),
        ("inspect", source),
        ("impute", source, "--budget", "1"),
    ):
        ran = command(*words)
        assert ran.code == 0, ran.err
        assert (ran.out + ran.err).count(note) == 1, words


def test_a_table_that_goes_to_standard_output_in_another_format_is_said_to(
    tmp_path: Path, people_csv: Path, command: Call
) -> None:
    source, model = _with_infinities(tmp_path, "parquet"), tmp_path / "m"
    note = "parquet is written as csv; give a file with -o to keep parquet"
    for words in (
        ("synth", source, "-o", "-", *BRIEF),
        ("fit", source, "-o", model, *FAST),
        ("sample", model, "-n", "5", "-o", "-"),
        ("impute", source, "-o", "-", "--budget", "1"),
    ):
        ran = command(*words)
        assert ran.code == 0, ran.err
        assert " ".join(ran.err.split()).count(note) == (words[0] != "fit"), words
    assert "is written as" not in command("synth", people_csv, "-o", "-", *BRIEF).err


def test_generators_lists_methods_and_their_settings(command: Call) -> None:
    assert "trees" in command("generators").out
    said = json.loads(command("generators", "trees", "--json").out)
    settings = said["generators"][0]["settings"]
    assert all(setting["meaning"] for setting in settings)
    wrong = command("generators", "tree")
    assert wrong.code == 2
    assert "'trees'" in wrong.err


def test_doctor_finds_this_python(command: Call) -> None:
    said = json.loads(command("doctor", "--json").out)
    found = {check["name"]: check["found"] for check in said["checks"]}
    assert found["Python"].startswith(f"{sys.version_info.major}.{sys.version_info.minor}")
    assert "numpy" in command("doctor").out


def test_no_colour_codes_leave_for_a_pipe(people_csv: Path) -> None:
    words = [sys.executable, "-m", "likewise", "inspect", str(people_csv)]
    environment = {**os.environ, "NO_COLOR": "1"}
    ran = subprocess.run(words, capture_output=True, text=True, check=True, env=environment)
    assert "\x1b" not in ran.stdout + ran.stderr


@pytest.mark.long
def test_demo_takes_less_than_a_minute(tmp_path: Path, command: Call) -> None:
    ran = command("demo", tmp_path / "demo", "--json")
    assert ran.code == 0, ran.err
    assert json.loads(ran.out)["seconds"]["total"] < 60
