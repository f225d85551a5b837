"""``likewise evaluate`` on folders of linked tables, and the same from Python."""

import json

import pyarrow.csv as pc
import pyarrow.parquet as pq
import pytest
from tests.metrics.shops import database, frames, replaced, shuffled

import likewise
from likewise.core.errors import ConfigError, DataError
from likewise.jobs.database_view import DatabaseReportView

REAL, MADE = frames(0, 150), frames(1, 150)


def _write(folder, tables, csv=False):
    folder.mkdir()
    for name, arrow in tables.items():
        if csv:
            pc.write_csv(arrow, folder / f"{name}.csv")
        else:
            pq.write_table(arrow, folder / f"{name}.parquet")
    return folder


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    place = tmp_path_factory.mktemp("shops")
    mixed = shuffled(MADE, "orders", "customer_id")
    return {
        "real": _write(place / "real", REAL),
        "made": _write(place / "made", MADE, csv=True),
        "mixed": _write(place / "mixed", mixed),
    }


def test_folders_are_judged_and_both_files_are_written(command, folders, tmp_path):
    page = tmp_path / "shop.html"
    ran = command("evaluate", folders["real"], folders["made"], "-o", page)
    assert ran.code == 0
    assert ran.out.startswith("PASS")
    assert "every reference leads to a row" in " ".join(ran.out.split())
    twin = json.loads(page.with_suffix(".json").read_text(encoding="utf-8"))
    assert twin["kind"] == "database"
    assert [one["name"] for one in twin["tables"]] == sorted(REAL)
    assert twin["provenance"]["data_sha256"].keys() >= {"real/orders.parquet", "made/orders.csv"}
    assert "made against real" in page.read_text(encoding="utf-8")


def test_json_goes_to_standard_output_with_the_gates_that_failed(command, folders):
    words = ("evaluate", folders["real"], folders["mixed"], "--json")
    ran = command(*words, "--fail-over", "association_lost=0.5", "--fail-over", "gap_error=0.5")
    assert ran.code == 4
    told = json.loads(ran.out)
    assert [said.partition(":")[0] for said in told["gates_failed"]] == ["association_lost"]
    assert told["verdict"] == "fail"


@pytest.mark.long
def test_equal_runs_write_equal_bytes(command, folders, tmp_path):
    pages = [tmp_path / f"{name}.html" for name in "ab"]
    for page in pages:
        command("evaluate", folders["real"], folders["made"], "-o", page, "--workers", 1)
    assert pages[0].read_bytes() == pages[1].read_bytes()


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--target", "amount"), 2, "not for folders"),
        (("--full",), 2, "not for folders"),
        (("--fail-under", "utility=0.5"), 2, "no score of databases"),
        (("--holdout", "nowhere"), 3, "does not exist"),
    ],
)
def test_what_only_single_tables_have_is_refused(command, folders, words, code, said):
    ran = command("evaluate", folders["real"], folders["made"], *words)
    assert ran.code == code
    assert said in ran.err


def test_a_file_beside_a_folder_is_refused(command, folders):
    ran = command("evaluate", folders["real"], folders["made"] / "orders.csv")
    assert ran.code == 3
    assert "is no folder" in ran.err


def test_a_missing_table_is_told_by_name(command, folders, tmp_path):
    part = _write(tmp_path / "part", {n: t for n, t in MADE.items() if n != "lines"})
    ran = command("evaluate", folders["real"], part)
    assert ran.code == 3
    assert "lacks the table 'lines'" in ran.err


def test_a_report_is_not_written_among_the_tables(command, folders):
    ran = command("evaluate", folders["real"], folders["made"], "-o", folders["made"] / "r.html")
    assert ran.code == 2
    assert "lies in a folder of tables" in ran.err


def test_keys_that_are_declared_stand(command, folders, tmp_path):
    declared = tmp_path / "keys.yaml"
    declared.write_text("tables:\n- name: lines\n  foreign_keys: []\n", encoding="utf-8")
    ran = command("evaluate", folders["real"], folders["made"], "--schema", declared, "--json")
    relations = [one["relation"] for one in json.loads(ran.out)["relations"]]
    assert relations == ["orders (customer_id) → customers (id)"]


@pytest.mark.long
def test_python_takes_databases_mappings_of_frames_and_folders_alike(folders):
    frames_of = {name: arrow.to_pandas() for name, arrow in REAL.items()}
    seen = likewise.evaluate(frames_of, folders["made"])
    same = likewise.evaluate(str(folders["real"]), MADE)
    assert isinstance(seen, DatabaseReportView)
    assert seen.verdict == same.verdict == "pass"
    assert {n: s.value for n, s in seen.scores.items()} == pytest.approx(
        {n: s.value for n, s in same.scores.items()}
    )
    third = likewise.evaluate(database(REAL), database(MADE))
    assert third.relations.keys() == seen.relations.keys()
    assert "DatabaseReport: pass" in repr(third)


def test_python_refuses_what_does_not_go_together(folders):
    with pytest.raises(DataError, match="is no database"):
        likewise.evaluate(database(REAL), REAL["orders"])
    with pytest.raises(ConfigError, match="not for databases"):
        likewise.evaluate(REAL, MADE, target="amount")


def test_a_view_saves_and_knows_its_gates(tmp_path):
    owner = MADE["orders"].column("customer_id").to_numpy().copy()
    owner[:20] = 999
    found = likewise.evaluate(REAL, replaced(MADE, "orders", "customer_id", owner))
    found.save(tmp_path / "r.html")
    assert (tmp_path / "r.json").exists()
    gate = tmp_path / "gate.yaml"
    gate.write_text("scores: {broken_references: {at_most: 0}}\n", encoding="utf-8")
    assert len(found.gates_failed(gate)) == 1
