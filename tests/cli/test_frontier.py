"""The command: each bad input one line and its exit code; a small sweep, and going on with it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.conftest import Ran

Call = Callable[..., Ran]
QUICK = ("--generators", "independent", "--seed", "1", "--target", "member")


def complaint(ran: Ran, code: int) -> str:
    assert ran.code == code, ran.err
    assert "Traceback" not in ran.err
    (line,) = [line for line in ran.err.splitlines() if line.startswith("likewise: ")]
    assert line.endswith((".", "?", "--help"))
    return line


BAD: dict[str, tuple[tuple[str, ...], int, str]] = {
    "an unknown method": (("--generators", "tree"), 2, "'trees'"),
    "no method": (("--generators", ""), 2, "no such generator"),
    "a method twice": (("--generators", "trees,trees"), 2, "twice"),
    "auto": (("--generators", "auto"), 2, "by itself"),
    "no time": (("--budget", "0s"), 2, "no time at all"),
    "a time that is none": (("--budget", "soon"), 2, "no span of time"),
    "no trial": (("--trials", "0"), 2, "--trials"),
    "an unknown target": (("--target", "membr"), 2, "'member'"),
    "a seed that is none": (("--seed", "x"), 2, "no seed"),
    "another kind of file": (("-o", "out.html"), 2, ".jsonl"),
    "standard output": (("-o", "-"), 2, ".jsonl"),
    "a folder that is not there": (("-o", "nowhere/out.jsonl"), 3, "does not exist"),
    "a schema that is not there": (("--schema", "no.yaml"), 3, "no.yaml"),
    "nothing to go on from": (("--resume",), 2, "Run without --resume"),
}


@pytest.mark.parametrize("what", BAD)
def test_bad_options_are_said_in_one_line(
    what: str, people_csv: Path, command: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(people_csv.parent)
    words, code, said = BAD[what]
    assert said in complaint(command("frontier", people_csv, *words), code)
    assert [path.name for path in people_csv.parent.iterdir()] == ["people.csv"]


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("missing.csv", None, 3),
        ("empty.csv", b"", 3),
        ("few.csv", b"a,b\n" + b"1,2\n3,4\n" * 20, 3),
        ("formula.csv", b"a,b\n" + b"1,=1+1\n" * 60, 3),
    ],
)
def test_bad_data_are_said_in_one_line(
    name: str, content: bytes | None, code: int, tmp_path: Path, command: Call
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    complaint(command("frontier", path, "--trials", "1"), code)
    assert not list(tmp_path.glob("*.frontier.*"))


def test_standard_input_is_refused(command: Call) -> None:
    complaint(command("frontier", "-"), 2)


def test_a_missing_optuna_is_said_with_the_way_to_install_it(
    people_csv: Path, command: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    said = complaint(command("frontier", people_csv, *QUICK), 7)
    assert "pip install 'likewise[tune]'" in said


@pytest.mark.slow
def test_a_sweep_says_what_it_found_and_is_not_overwritten(people_csv: Path, command: Call) -> None:
    ran = command("frontier", people_csv, *QUICK, "--json")
    assert ran.code == 0, ran.err
    found = json.loads(ran.out)
    assert [trial["generator"] for trial in found["trials"]] == ["independent"]
    assert found["recommended"] == 1
    assert found["ended"] == "no other setting was left to try"
    assert Path(found["files"]["page"]).read_text(encoding="utf-8").startswith("<!doctype html>")
    complaint(command("frontier", people_csv, *QUICK), 2)  # the trials are there already

    ran = command("frontier", people_csv, "--resume", "--no-page")
    assert ran.code == 0, ran.err
    assert "likewise synth people.csv --generator independent" in ran.err
    assert "seed" not in ran.err.splitlines()[0]  # it is that of the file
    for words, said in {
        ("--seed", "2"): "1 there, 2 here",
        ("--target", "city"): "member there, city here",
        ("--generators", "copula"): "independent there, copula here",
    }.items():
        assert said in complaint(command("frontier", people_csv, "--resume", *words), 2)
    people_csv.write_text(people_csv.read_text() + "00999,20,5.00,Basel,2020-01-01,no\n")
    assert "content of the file" in complaint(command("frontier", people_csv, "--resume"), 2)


def test_a_file_of_something_else_is_not_gone_on_with(people_csv: Path, command: Call) -> None:
    lines = people_csv.with_name("people.frontier.jsonl")
    for content in (b"", b"a,b\n", b'{"version": 2}\n', b'{"version": 1}\n', b"\xff\xfe", b"[]\n"):
        lines.write_bytes(content)
        complaint(command("frontier", people_csv, "--resume"), 3)
        assert lines.read_bytes() == content


@pytest.mark.slow
def test_when_every_trial_fails_the_exit_code_says_so(
    people_csv: Path, command: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object, **options: object) -> None:
        raise ValueError("a secret of Ms Doe")

    monkeypatch.setattr("likewise.jobs.trial.learn", fail)
    ran = command("frontier", people_csv, *QUICK)
    assert "all 1 trials failed" in complaint(ran, 3)
    lines = people_csv.with_name("people.frontier.jsonl").read_text(encoding="utf-8")
    assert json.loads(lines)["trial"]["error"] == "ValueError."
    assert "Doe" not in lines + ran.err


@pytest.mark.slow
def test_an_interrupt_keeps_the_trials_and_says_how_to_go_on(people_csv: Path) -> None:
    lines = people_csv.with_name("people.frontier.jsonl")
    words = ["frontier", str(people_csv), "--generators", "copula", "--seed", "1"]
    words += ["--trials", "500"]
    process = subprocess.Popen(
        [sys.executable, "-m", "likewise", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    until = time.monotonic() + 120
    while not lines.exists() and time.monotonic() < until:
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    err = process.communicate(timeout=60)[1].decode()
    assert process.returncode == 6, err
    count = len(lines.read_text(encoding="utf-8").splitlines())
    assert f"holds {count} trial" in err
    assert "--resume" in err.splitlines()[-1]
    assert {path.name for path in people_csv.parent.iterdir()} == {people_csv.name, lines.name}
