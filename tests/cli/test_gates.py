"""Gate files on the command line: what they let through, and what they refuse."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sklearn.datasets import load_breast_cancer
from tests.conftest import Ran

Call = Callable[..., Ran]
FAST = ("--generator", "independent", "--seed", "1")


@pytest.fixture(scope="module")
def tumours(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Real tumours in three parts: two stand for real rows, one for a perfect synthetic copy."""
    folder = tmp_path_factory.mktemp("tumours")
    frame = load_breast_cancer(as_frame=True).frame.iloc[:, [0, 1, 2, 3, 4, 30]]
    for name, part in (("real", frame[::3]), ("made", frame[1::3]), ("held", frame[2::3])):
        part.to_csv(folder / f"{name}.csv", index=False)
    return folder


def _words(folder: Path) -> tuple[object, ...]:
    files = (folder / "real.csv", folder / "made.csv", "--holdout", folder / "held.csv")
    return ("evaluate", *files, "--target", "target")


def _gate(folder: Path, text: str) -> Path:
    path = folder / "gate.yaml"
    path.write_text(text, encoding="utf-8")
    return path


GOOD = """\
verdict: warn
scores:
  detector_auc: {at_most: 0.75}
  near_copies: {excess: 0.05}
  utility: {at_least: 0.8}
gauges: {utility: {at_least: 50}}
columns: {mean radius: {at_most: 0.2}}
every_column: {at_most: 0.25}
"""
STRICT = """\
scores:
  detector_auc: {at_most: 0.1}
  pair_error: {at_most: 0.0}
rules: {violations: 0}
"""


def test_another_real_sample_passes_a_sensible_gate_and_no_impossible_one(
    tumours: Path, tmp_path: Path, command: Call
) -> None:
    passed = command(*_words(tumours), "--gate", _gate(tmp_path, GOOD))
    assert passed.code == 0, passed.err
    failed = command(*_words(tumours), "--gate", _gate(tmp_path, STRICT), "--json")
    assert failed.code == 4
    said = json.loads(failed.out)["gates_failed"]
    assert [sentence.partition(":")[0] for sentence in said][:2] == ["detector_auc", "pair_error"]
    assert failed.err.splitlines() == [f"likewise: gate: {sentence}." for sentence in said]


def test_a_gate_file_and_options_are_all_asked(
    tumours: Path, tmp_path: Path, command: Call
) -> None:
    gate = _gate(tmp_path, "scores: {pair_error: {at_most: 0.0}}")
    words = (*_words(tumours), "--gate", gate, "--fail-over", "detector_auc=0.1", "--quiet")
    said = command(*words).err.splitlines()
    assert [line.split(": ")[2] for line in said] == ["pair_error", "detector_auc"]


def test_a_gate_on_what_needs_a_holdout_fails_without_one(
    tumours: Path, tmp_path: Path, command: Call
) -> None:
    gate = _gate(tmp_path, "scores: {dcr_share: {at_most: 1.0}}")
    words = ("evaluate", tumours / "real.csv", tumours / "made.csv", "--gate", gate, "--quiet")
    ran = command(*words)
    assert ran.code == 4
    assert "dcr_share: not measured" in ran.err
    assert "without a holdout" in ran.err


def test_synth_ends_with_four_too_and_leaves_what_it_made(
    tumours: Path, tmp_path: Path, command: Call
) -> None:
    source = tmp_path / "in.csv"
    source.write_bytes((tumours / "real.csv").read_bytes())
    words = ("synth", source, *FAST, "--json", "--gate")
    ran = command(*words, _gate(tmp_path, "scores: {pair_error: {at_most: 0.0}}"))
    assert ran.code == 4
    assert len(json.loads(ran.out)["gates_failed"]) == 1
    made = {path.name for path in tmp_path.iterdir()}
    assert {"in.synthetic.csv", "in.report.html", "in.report.json"} <= made
    passed = command(*words, _gate(tmp_path, "scores: {shape_error: {at_most: 0.9}}"))
    assert passed.code == 0, passed.err
    assert json.loads(passed.out)["gates_failed"] == []


WRONG = {
    "an empty file": "",
    "bad syntax": "scores: {utility: {at_least: 0.8}\nx: [",
    "a wrong type": "scores: {utility: {at_least: high}}",
    "an unknown key": "scores: {utility: {at_lest: 0.8}}",
    "an unknown score": "scores: {utilty: {at_least: 0.8}}",
    "an unknown column": "columns: {mean radios: {at_most: 0.8}}",
    "a key twice": "scores: {utility: {at_least: 0.8}}\nscores: {pair_error: {at_most: 0.1}}",
    "a newer version": "version: 7\nverdict: pass",
    "a list": "- verdict: pass",
    "bytes that are no text": "\udcff",
}


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_gate_is_told_in_one_line_and_nothing_is_written(
    what: str, tumours: Path, tmp_path: Path, command: Call
) -> None:
    gate = tmp_path / "gate.yaml"
    gate.write_text(WRONG[what], encoding="utf-8", errors="surrogateescape")
    for words in (
        (*_words(tumours), "-o", tmp_path / "r.html"),
        ("synth", tumours / "real.csv", "-o", tmp_path / "s.csv", *FAST),
    ):
        ran = command(*words, "--quiet", "--gate", gate)
        assert ran.code == 2, ran.err
        assert len(ran.err.splitlines()) == 1
        assert ran.err.startswith("likewise: ")
        assert {path.name for path in tmp_path.iterdir()} == {"gate.yaml"}
        assert {path.name for path in tumours.iterdir()} == {"real.csv", "made.csv", "held.csv"}


def test_a_gate_that_is_not_there_or_that_nothing_is_judged_by_is_refused(
    tumours: Path, tmp_path: Path, command: Call
) -> None:
    missing = command(*_words(tumours), "--gate", tmp_path / "no.yaml")
    assert missing.code == 2
    assert "cannot be read" in missing.err
    words = ("synth", tumours / "real.csv", "-o", tmp_path / "s.csv", *FAST, "--no-report")
    ran = command(*words, "--gate", _gate(tmp_path, GOOD))
    assert ran.code == 2
    assert "--no-report" in ran.err


def test_a_report_never_replaces_the_gate(tumours: Path, tmp_path: Path, command: Call) -> None:
    gate = tmp_path / "gate.json"
    gate.write_text('{"verdict": "warn"}', encoding="utf-8")
    ran = command(*_words(tumours), "--gate", gate, "-o", tmp_path / "gate.html")
    assert ran.code == 2
    assert "replace" in ran.err
    assert gate.read_text(encoding="utf-8") == '{"verdict": "warn"}'
