"""The pipelines that the documentation shows can be run as they stand."""

import re
import shlex
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest
import yaml
from sklearn.datasets import load_breast_cancer
from tests.conftest import Ran

from likewise.cli.main import COMMANDS, app

PAGE = Path(__file__).parents[1] / "docs" / "howto" / "ci.md"
TEXT = PAGE.read_text(encoding="utf-8")
CALLS = {command for section in COMMANDS.values() for command in section}


def _blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)


def _github() -> dict:
    return yaml.safe_load(_blocks("yaml")[0])


def _gitlab() -> dict:
    return yaml.safe_load(_blocks("yaml")[1])


def _scripts() -> dict[str, str]:
    """Every shell script of the page, by where it stands."""
    steps = _github()["jobs"]["likewise"]["steps"]
    found = {f"github: {step['name']}": step["run"] for step in steps if "run" in step}
    found |= {f"gitlab: {i}": line for i, line in enumerate(_gitlab()["likewise"]["script"])}
    return {**found, **{f"shell {i}": block for i, block in enumerate(_blocks("sh"))}}


def _calls(script: str) -> Iterator[list[str]]:
    """The words of each ``likewise …`` of a script."""
    for line in re.findall(r"\blikewise ([a-z].*)", script.replace("\\\n", " ")):
        words = shlex.split(line.partition(";")[0])
        if words and words[0] in CALLS:
            yield words


def test_each_pipeline_synthesises_behind_a_gate_compares_and_keeps_the_report() -> None:
    for place in ("github", "gitlab", "shell"):
        text = "\n".join(script for where, script in _scripts().items() if where.startswith(place))
        calls = list(_calls(text))
        assert [words[0] for words in calls] == ["synth", "compare"], place
        assert "--gate" in calls[0]
        assert "--fail-if-worse" in calls[1]
    kept = _github()["jobs"]["likewise"]["steps"][-1]
    assert kept["with"]["path"].split() == ["report.html", "report.json"]
    assert _gitlab()["likewise"]["artifacts"]["paths"] == ["report.html", "report.json"]


def test_actions_are_githubs_own_and_pinned_to_a_major_version() -> None:
    steps = _github()["jobs"]["likewise"]["steps"]
    used = [step["uses"] for step in steps if "uses" in step]
    assert {name.partition("@")[0] for name in used} == {
        "actions/checkout",
        "actions/setup-python",
        "actions/upload-artifact",
    }
    assert all(re.fullmatch(r"actions/[a-z-]+@v\d+", name) for name in used)


def test_the_report_is_kept_when_a_gate_is_missed() -> None:
    kept = _github()["jobs"]["likewise"]["steps"][-1]
    assert kept["if"] == "${{ !cancelled() }}"
    assert _gitlab()["likewise"]["artifacts"]["when"] == "always"


@pytest.mark.parametrize("where", list(_scripts()))
def test_every_command_of_a_pipeline_exists_with_its_options(where: str) -> None:
    for words in _calls(_scripts()[where]):
        command = app.get_command(click.Context(app), words[0])
        assert command is not None
        command.make_context(words[0], words[1:])


@pytest.mark.parametrize("where", list(_scripts()))
def test_every_script_is_sound_shell(where: str) -> None:
    shell = shutil.which("bash")
    if shell is None:
        pytest.skip("no bash")
    ran = subprocess.run(
        [shell, "-n"], input=_scripts()[where], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr


@pytest.mark.long
def test_the_pipeline_runs_twice_and_finds_nothing_worse(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: Callable[..., Ran]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("data").mkdir()
    frame = load_breast_cancer(as_frame=True).frame.iloc[:, [0, 1, 4, 7, 30]]
    frame.rename(columns={"target": "churned"}).to_csv("data/customers.csv", index=False)
    Path("gate.yaml").write_text("verdict: warn\ngauges: {privacy: {at_least: 50}}\n")
    synth, compare = _calls(_blocks("sh")[0])
    assert command(*synth).code == 0
    Path("last").mkdir()
    shutil.copy("report.json", "last/report.json")
    assert command(*synth).code == 0
    ran = command(*compare)
    assert ran.code == 0, ran.err
    assert ran.out.startswith("SAME  Nothing changed")
