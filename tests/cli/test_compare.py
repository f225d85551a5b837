"""``likewise compare`` on reports of real data: what it says, and what it refuses."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer
from tests.conftest import Ran

import likewise
from likewise.core.errors import ConfigError, FormatError

Call = Callable[..., Ran]


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Reports on another real sample and on one whose columns were shuffled apart."""
    folder = tmp_path_factory.mktemp("reports")
    frame = load_breast_cancer(as_frame=True).frame.iloc[:, [0, 1, 2, 3, 4, 30]]
    real, made, held = (frame[i::3].reset_index(drop=True) for i in range(3))
    rng = np.random.default_rng(1)
    torn = made.apply(rng.permutation)
    for name, synth in (("good", made), ("torn", torn)):
        likewise.evaluate(real, synth, held, target="target").save(folder / f"{name}.html")
    return folder


def test_a_torn_table_is_worse_and_mended_it_is_better(reports: Path, command: Call) -> None:
    good, torn = reports / "good.json", reports / "torn.json"
    worse = command("compare", good, torn)
    assert worse.code == 0, worse.err
    assert worse.out.startswith("WORSE  Worse beyond noise: ")
    assert "pair error" in worse.out
    assert command("compare", torn, good).out.startswith("BETTER")
    assert command("compare", good, good).out.startswith("SAME  Nothing changed")


def test_it_ends_with_four_only_if_asked_to_and_worse(reports: Path, command: Call) -> None:
    good, torn = reports / "good.json", reports / "torn.json"
    failed = command("compare", good, torn, "--fail-if-worse", "--quiet")
    assert failed.code == 4
    assert failed.out == ""
    assert all(line.startswith("likewise: gate: ") for line in failed.err.splitlines())
    assert "pair_error" in failed.err
    for words in ((torn, good), (good, good)):
        ran = command("compare", *words, "--fail-if-worse")
        assert (ran.code, ran.err) == (0, "")


def test_json_is_one_versioned_object(reports: Path, command: Call) -> None:
    ran = command("compare", reports / "good.json", reports / "torn.json", "--json")
    assert (ran.code, ran.err) == (0, "")
    said = json.loads(ran.out)
    assert said["version"] == 1
    assert said["judgement"] == "worse"
    assert said["worse"]
    assert {"before", "after", "warnings", "gauges", "scores", "columns", "rules"} <= said.keys()


def test_python_gives_the_same_from_files_and_from_reports(reports: Path) -> None:
    by_path = likewise.compare(reports / "good.json", str(reports / "torn.json"))
    one, two = (likewise.compare(p, p) for p in (reports / "good.json", reports / "torn.json"))
    assert one.judgement == two.judgement == "same"
    frame = load_breast_cancer(as_frame=True).frame.iloc[:, [0, 1, 2, 3, 4, 30]]
    real, made, held = (frame[i::3].reset_index(drop=True) for i in range(3))
    view = likewise.evaluate(real, made, held, target="target")
    assert likewise.compare(view, reports / "torn.json") == by_path
    assert likewise.compare(view.report, reports / "torn.json") == by_path


def test_python_shows_it_and_refuses_what_is_no_report(
    reports: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    likewise.compare(reports / "good.json", reports / "torn.json").show()
    assert capsys.readouterr().out.startswith("WORSE")
    with pytest.raises(ConfigError):
        likewise.compare(3, reports / "torn.json")  # type: ignore[arg-type]
    (tmp_path / "x.json").write_text("{}", encoding="utf-8")
    with pytest.raises(FormatError):
        likewise.compare(tmp_path / "x.json", reports / "torn.json")


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("no.json", None, 3),
        ("empty.json", b"", 3),
        ("table.csv", b"a,b\n1,2\n", 3),
        ("other.json", b'{"a": 1}', 3),
        ("newer.json", b'"version": 9', 3),
    ],
)
def test_what_is_no_report_is_told_in_one_line(
    name: str, content: bytes | None, code: int, reports: Path, tmp_path: Path, command: Call
) -> None:
    path = tmp_path / name
    if name == "newer.json":
        text = (reports / "good.json").read_text(encoding="utf-8")
        path.write_text(text.replace('"version": 1', '"version": 9', 1), encoding="utf-8")
    elif content is not None:
        path.write_bytes(content)
    for words in ((path, reports / "good.json"), (reports / "good.json", path)):
        ran = command("compare", *words)
        assert (ran.code, ran.out) == (code, "")
        assert len(ran.err.splitlines()) == 1
        assert name in ran.err


def test_two_reports_are_needed(reports: Path, command: Call) -> None:
    assert command("compare", reports / "good.json").code == 2


def test_gates_of_a_file_are_asked_in_python_too(tmp_path: Path) -> None:
    frame = load_breast_cancer(as_frame=True).frame.iloc[:, [0, 1, 2, 30]]
    view = likewise.evaluate(frame[::2], frame[1::2])
    gate = tmp_path / "gate.yaml"
    gate.write_text("scores: {pair_error: {at_most: 0.0}, utility: {at_least: -1}}")
    (said,) = view.gates_failed(gate)
    assert said.startswith("pair_error: ")
