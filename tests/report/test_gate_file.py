import json
from pathlib import Path

import pytest
import yaml

from likewise.core.errors import ConfigError
from likewise.report.gate_file import Gates, gates_of_options, parse_gates, read_gates

FULL = """\
version: 1
verdict: warn
scores:
  detector_auc: {at_most: 0.65}
  near_copies: {excess: 1e-3}
gauges: {privacy: {at_least: 80}}
columns: {age: {at_most: 0.05, verdict: pass}}
every_column: {excess: 0.1}
rules: {violations: 0}
"""


def test_yaml_and_json_hold_the_same_gates(tmp_path: Path) -> None:
    as_yaml, as_json = tmp_path / "gate.yaml", tmp_path / "gate.json"
    as_yaml.write_text(FULL, encoding="utf-8")
    as_json.write_text(json.dumps(yaml.safe_load(FULL)), encoding="utf-8")
    gates = read_gates(as_yaml)
    assert gates == read_gates(as_json)
    assert gates.scores["near_copies"].excess == 0.001
    assert parse_gates(gates.model_dump(exclude_none=True)) == gates


WRONG = {
    "": "no mapping at the top",
    "- verdict": "no mapping at the top",
    "version: 1": "asks for nothing",
    "version: 2": "version 2, which this version does not know",
    "version: x": "version: Input should be 1",
    "verdict: fail": "verdict: Input should be 'pass' or 'warn'",
    "scors: {}": "scors: no such key. Did you mean 'scores'?",
    "scores: 0.65": "scores: Input should be a valid dictionary",
    "scores: {utility: 0.8}": "scores → utility: Input should be a valid dictionary",
    "scores: {detector_acu: {at_most: 1}}": "Did you mean 'detector_auc'?",
    "scores: {utility: {}}": "scores → utility: it asks for nothing",
    "scores: {utility: {at_mots: 1}}": "Did you mean 'at_most'?",
    "scores: {utility: {at_most: high}}": "scores → utility → at_most: .* valid number",
    "scores: {utility: {at_most: yes}}": "a number is needed, not true or false",
    "scores: {utility: {at_most: .nan}}": "a finite number",
    "scores: {utility: {at_most: 0.1, at_least: 0.2}}": "nothing would pass",
    "scores: {1: {at_most: 1}}": "Write it in quotes",
    "gauges: {privcy: {at_least: 80}}": "Did you mean 'privacy'?",
    "gauges: {privacy: {at_least: 0.8}}": "from 0 to 100; 80 may be meant",
    "gauges: {privacy: {excess: 1}}": "no such key. Choose one of: at_least, at_most, verdict",
    "columns: {age: {at_least: 0.05}}": "Did you mean 'at_most'?",
    "every_column: {}": "every_column: it asks for nothing",
    "rules: {}": "rules → violations: Field required",
    "rules: {violations: -1}": "greater than or equal to 0",
    "rules: {violations: no}": "a number is needed",
}


@pytest.mark.parametrize("text", WRONG)
def test_a_malformed_gate_file_is_told_with_its_place(text: str) -> None:
    with pytest.raises(ConfigError, match=WRONG[text]) as caught:
        parse_gates(yaml.safe_load(text), "gate.yaml")
    assert str(caught.value).startswith("gate.yaml")
    assert caught.value.exit_code == 2


def test_gates_are_read_from_words() -> None:
    (gates,) = gates_of_options(["utility=0.9", "privacy=80"], ["near-copies=.02", "utility=1"])
    scores = {"utility": {"at_least": 0.9, "at_most": 1}, "near_copies": {"at_most": 0.02}}
    wanted = {"scores": scores, "gauges": {"privacy": {"at_least": 80}}}
    assert gates == Gates.model_validate(wanted)
    assert gates_of_options([], []) == ()


@pytest.mark.parametrize("word", ["utility", "=1", "utility=high", "utility=nan", "utility=inf"])
def test_a_malformed_gate_is_refused(word: str) -> None:
    with pytest.raises(ConfigError, match="NAME=number"):
        gates_of_options([], [word])


def test_words_that_nothing_passes_are_refused() -> None:
    with pytest.raises(ConfigError, match="nothing would pass"):
        gates_of_options(["utility=0.9"], ["utility=0.8"])
