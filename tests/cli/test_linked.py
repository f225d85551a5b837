"""Folders of linked tables on the command line: synth, plan init and run."""

import json
from pathlib import Path

import pytest
import yaml
from pyarrow import csv
from tests.compose.shops import shop

from likewise.data.convert import to_source
from likewise.data.integrity import check_integrity
from likewise.io.folder import read_folder


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of csv files."""
    folder = tmp_path_factory.mktemp("data") / "shop"
    folder.mkdir()
    made = shop(80)
    for name in made.names:
        csv.write_csv(to_source(made[name]), folder / f"{name}.csv")
    return folder


@pytest.fixture
def folder(written: Path, tmp_path: Path) -> Path:
    """The same folder in a place of its own."""
    copy = tmp_path / "shop"
    copy.mkdir()
    for file in written.iterdir():
        (copy / file.name).write_bytes(file.read_bytes())
    return copy


def test_synth_of_a_folder_writes_tables_that_keep_their_references(command, folder, tmp_path):
    ran = command("synth", folder, "--seed", 7, "--json")
    assert ran.code == 0, ran.err
    told = json.loads(ran.out)
    assert told["violations"] == 0
    assert told["verdict"] in ("pass", "warn", "fail")
    assert {"synthetic", "report", "report_json"} <= set(told["files"])
    made = read_folder(tmp_path / "shop.synthetic").database
    real = read_folder(folder).database
    assert made.schema.names == real.schema.names
    assert check_integrity(made).violations == 0
    assert made["customers"].rows == 80
    assert "<svg" in (tmp_path / "shop.report.html").read_text(encoding="utf-8")


def test_a_scale_and_kept_tables_are_honoured(command, folder, tmp_path):
    out = tmp_path / "out"
    words = ("synth", folder, "-o", out, "--scale", "0.5x", "--keep", "products", "--no-report")
    ran = command(*words, "--seed", 7)
    assert ran.code == 0, ran.err
    made, real = read_folder(out).database, read_folder(folder).database
    assert made["customers"].rows == 40
    assert made["products"].arrow.equals(real["products"].arrow)
    assert not (tmp_path / "shop.report.html").exists()


def test_a_table_is_invented_from_what_a_plan_says(command, folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "plan.yaml").write_text(
        f"source: {folder}\ntarget: out\nreport: r.html\nseed: 3\ntables:\n"
        "- name: customers\n  mode: invent\n  schema:\n    columns:\n"
        "    - {name: level, kind: category, levels: [red, green]}\n"
    )
    ran = command("run", "plan.yaml", "--verbose")
    assert ran.code == 0, ran.err
    made = read_folder(tmp_path / "out").database
    assert set(made["customers"].arrow["level"].to_pylist()) == {"red", "green"}
    assert check_integrity(made).violations == 0
    assert "customers: its columns are made up" in ran.err
    words = ("synth", folder, "--invent", "customers", "--no-report", "--seed", 3, "-o", "more")
    assert command(*words).code == 0
    levels = set(read_folder(tmp_path / "more").database["customers"].arrow["level"].to_pylist())
    assert levels <= {f"level {i}" for i in range(1, 6)}
    one = command("synth", folder / "orders.csv", "--invent", "orders")
    assert (one.code, "--invent" in one.err) == (2, True)


def test_a_kept_model_draws_more_tables(command, folder, tmp_path):
    model = tmp_path / "shop.model"
    words = ("--no-report", "-o", tmp_path / "first", "--model", model, "--seed", 7)
    assert command("synth", folder, *words).code == 0
    ran = command("sample", model, "--scale", "2x", "-o", tmp_path / "more", "--seed", 1)
    assert ran.code == 0, ran.err
    made = read_folder(tmp_path / "more").database
    assert made["customers"].rows == 160
    assert check_integrity(made).violations == 0
    assert command("sample", model, "-n", "5").code == 2
    assert command("evaluate", folder / "orders.csv", folder / "orders.csv", "--model", model).code


def test_the_same_seed_gives_the_same_files(command, folder, tmp_path):
    for name in ("one", "two"):
        out = tmp_path / name
        assert command("synth", folder, "-o", out, "--no-report", "--seed", 3).code == 0
    for file in (tmp_path / "one").iterdir():
        assert file.read_bytes() == (tmp_path / "two" / file.name).read_bytes()


def test_a_plan_names_every_table_and_runs(command, folder, tmp_path):
    plan = tmp_path / "likewise.yaml"
    ran = command("plan", "init", folder, "-o", plan)
    assert ran.code == 0, ran.err
    plain = yaml.safe_load(plan.read_text(encoding="utf-8"))
    assert plain["source"] == "shop"
    assert {table["name"] for table in plain["tables"]} == {
        "customers", "orders", "products", "lines", "staff"
    }  # fmt: skip
    for table in plain["tables"]:
        table["mode"] = "real" if table["name"] == "products" else "learn"
    plain["report"] = None
    plan.write_text(yaml.safe_dump(plain), encoding="utf-8")
    ran = command("run", plan, "--scale", "2x")
    assert ran.code == 0, ran.err
    made = read_folder(tmp_path / "shop.synthetic").database
    assert made["customers"].rows == 160
    assert check_integrity(made).violations == 0
    assert command("run", plan).code == 2  # the target is there by now


def test_a_plan_is_not_written_over_another_file(command, folder, tmp_path):
    (tmp_path / "likewise.yaml").write_text("mine")
    ran = command("plan", "init", folder, "-o", tmp_path / "likewise.yaml")
    assert ran.code == 2
    assert (tmp_path / "likewise.yaml").read_text() == "mine"


@pytest.mark.parametrize(
    ("text", "code", "told"),
    [
        ("sauce: shop", 2, "sauce"),
        ("scale: 1", 2, "no source"),
        ("source: shop\nscale: -1", 2, "scale"),
        ("source: shop\ntables: 3", 2, "tables"),
        ("source: shop\ntables:\n- name: x\n  mood: real", 3, "mood"),
        ("source: shop\ntables:\n- name: nowhere", 3, "nowhere"),
        ("source: nowhere", 3, "nowhere"),
        ("source: shop\ntables:\n- name: orders\n  mode: real", 2, "customers"),
        ("source: shop\ngenerator: tree", 2, "trees"),
        ("- a list", 2, "no plan"),
    ],
)
def test_plans_that_cannot_be_are_refused_in_one_line(command, folder, tmp_path, text, code, told):
    plan = tmp_path / "likewise.yaml"
    plan.write_text(text + "\n", encoding="utf-8")
    ran = command("run", plan, "--quiet")
    assert ran.code == code, ran.err
    assert told in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("-n", "5"), "-n"),
        (("--target", "level"), "--target"),
        (("--full",), "--full"),
        (("--keep", "orders"), "customers"),
        (("--keep", "nothing"), "nothing"),
    ],
)
def test_what_folders_do_not_have_is_refused(command, folder, words, told):
    ran = command("synth", folder, *words, "--quiet")
    assert ran.code in (2, 3)
    assert told in ran.err
    assert not list(folder.parent.glob("shop.*"))


def test_options_of_folders_are_refused_for_a_table(command, people_csv):
    ran = command("synth", people_csv, "--scale", "2x")
    assert ran.code == 2
    assert "--scale" in ran.err


def test_a_report_does_not_go_into_the_folder_of_the_tables(command, folder):
    ran = command("synth", folder, "--report", folder / "r.html")
    assert ran.code == 2
    assert not (folder / "r.html").exists()


def test_tables_without_rows_stay_empty(command, folder, tmp_path):
    (folder / "returns.csv").write_text("return_id,order_id,reason\n")
    ran = command("synth", folder, "--seed", 7, "--no-report", "--verbose")
    assert ran.code == 0, ran.err
    assert "'returns': no rows, so it stays empty" in " ".join(ran.err.split())
    made = tmp_path / "shop.synthetic"
    assert (made / "returns.csv").read_text() == "return_id,order_id,reason\n"
    assert check_integrity(read_folder(made).database).violations == 0
    for file in folder.glob("*.csv"):
        file.write_text(file.read_text().splitlines()[0] + "\n")
    ran = command("synth", folder, "-o", tmp_path / "none")
    assert (ran.code, "no table has rows" in ran.err) == (3, True)
    assert not (tmp_path / "none").exists()


def test_a_database_that_holds_tables_is_refused_before_anything_is_learned(
    command, folder, tmp_path
):
    target = f"sqlite:///{tmp_path}/there.sqlite"
    (folder / "returns.csv").write_text("return_id,order_id,reason\n")
    words = ("synth", folder, "--seed", 7, "--no-report", "--verbose", "-o", target)
    ran = command(*words)
    assert ran.code == 0, ran.err
    assert "'returns': no rows that tell its types; not made" in " ".join(ran.err.split())
    ran = command(*words)
    assert (ran.code, "holds 5 tables already" in ran.err) == (3, True), ran.err
    assert "learn" not in ran.err


def test_what_a_simulation_writes_is_read_with_its_keys(command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words = ["--set", "people=200", "--days", 20, "--seed", 1, "--quiet", "-o", "run"]
    ran = command("simulate", "epidemic", *words)
    assert ran.code == 0, ran.err
    read = read_folder(tmp_path / "run")
    assert "people" in {r.parent for r in read.database.schema.relations}
    assert read.database.schema["people"].primary_key == ("person_id",)
    assert "manifest" not in read.database.names


@pytest.mark.parametrize(
    "words",
    [
        ("synth", "ADDRESS", "-o", "x.csv"),
        ("inspect", "ADDRESS"),
        ("evaluate", "ADDRESS", "x.csv"),
        ("simulate", "epidemic", "--fit", "ADDRESS", "-o", "out"),
        ("simulate", "epidemic", "--population", "ADDRESS", "-o", "out"),
        ("run", "plan.yaml"),
    ],
)
@pytest.mark.parametrize("password", ["S3cret", "S3@cret"])
def test_no_password_of_an_address_is_repeated(command, tmp_path, monkeypatch, words, password):
    monkeypatch.chdir(tmp_path)
    address = f"postgresql://me:{password}@nowhere/shop"
    Path("plan.yaml").write_text(f"tables:\n- name: customers\n  source: {address}\n")
    ran = command(*(address if word == "ADDRESS" else word for word in words))
    assert ran.code in (2, 3), ran.err
    assert "cret" not in ran.err + ran.out
