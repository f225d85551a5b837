import math

import pytest

from likewise.core.errors import ConfigError
from likewise.metrics.score import Score
from likewise.report.gate_file import gates_of_options, parse_gates
from likewise.report.gates import failures


def _failed(report, **plain) -> list[str]:
    return failures(report, parse_gates(plain))


def test_a_report_that_is_good_enough_passes_its_gates(make_report) -> None:
    report = make_report()
    assert failures(report) == []
    under, over = ["fidelity=80", "utility=0.9"], ["detector_auc=0.6"]
    assert failures(report, *gates_of_options(under, over)) == []
    assert not _failed(
        report,
        verdict="warn",
        scores={"near_copies": {"excess": 0.005, "verdict": "pass"}},
        gauges={"privacy": {"at_least": 80, "verdict": "pass"}},
        columns={"age": {"at_most": 1.0}},
        every_column={"at_most": 1.0},
        rules={"violations": 0},
    )


def test_a_gate_that_is_not_met_says_by_how_much(make_report) -> None:
    scores = {"utility": {"at_least": 0.95}, "detector_auc": {"at_most": 0.5}}
    said = ["utility: 0.925 is under 0.95", "detector_auc: 0.541 is over 0.5"]
    assert _failed(make_report(), scores=scores) == said


def test_a_bound_itself_passes_and_the_next_number_does_not(make_report) -> None:
    report = make_report()
    value = report.scores["detector_auc"].value
    assert not _failed(report, scores={"detector_auc": {"at_most": value, "at_least": value}})
    (said,) = _failed(report, scores={"detector_auc": {"at_most": math.nextafter(value, 0)}})
    assert said.startswith("detector_auc: 0.541 is over")


def test_a_value_is_told_with_the_digits_that_tell_it_from_the_bound(make_report) -> None:
    scores = {"detector_auc": Score("detector_auc", 0.65003, (0.6, 0.7), 0.5, (0.4, 0.6), "target")}
    (said,) = _failed(make_report(scores=scores), scores={"detector_auc": {"at_most": 0.65}})
    assert said == "detector_auc: 0.65003 is over 0.65"


@pytest.mark.parametrize("name", ["near_copies", "utility", "rare_levels"])
def test_excess_counts_in_the_bad_direction_and_from_the_floor(make_report, name) -> None:
    better = "lower" if name == "near_copies" else "higher"
    bad = 0.03 if better == "lower" else -0.03
    for value, passes in ((0.5, True), (0.5 - bad, True), (0.5 + bad, False)):
        report = make_report(scores={name: Score(name, value, None, 0.5, None, better)})
        assert (not _failed(report, scores={name: {"excess": 0.01}})) == passes


def test_what_was_not_measured_passes_no_gate(make_report) -> None:
    report = make_report(scores={}, risks={})
    asked = {"near_copies": {"at_most": 9.0}, "utility": {"verdict": "warn"}}
    said = _failed(report, scores=asked, gauges={"privacy": {"at_least": 1}})
    assert len(said) == 3
    assert all("not measured" in sentence for sentence in said)
    assert any("held-out" in sentence for sentence in said)
    nothing = make_report(scores={}, names=(), kinds=(), rules=())
    said = _failed(nothing, every_column={"at_most": 1}, rules={"violations": 9})
    assert len(said) == 2
    assert all("not measured" in sentence for sentence in said)


def test_a_score_without_a_floor_has_no_excess_and_no_verdict_to_pass_by(make_report) -> None:
    report = make_report(scores={"near_copies": Score("near_copies", 0.0, None, None, None)})
    assert report.scores["near_copies"].verdict == "pass"
    for gate in ({"excess": 1.0}, {"verdict": "warn"}):
        (said,) = _failed(report, scores={"near_copies": gate})
        assert "no floor" in said
    assert not _failed(report, scores={"near_copies": {"at_most": 0.1}})


def test_a_verdict_lets_through_what_is_no_worse(make_report) -> None:
    broken = make_report(violations=3)
    assert broken.verdict == "fail"
    assert _failed(broken, verdict="warn") == [
        "verdict: fail, where the gate lets pass and warn through"
    ]
    detected = {"detector_auc": Score("detector_auc", 0.7, (0.69, 0.71), 0.5, (0.49, 0.51))}
    assert make_report(scores=detected).verdict == "warn"
    assert not _failed(make_report(scores=detected), verdict="warn")
    assert len(_failed(make_report(scores=detected), verdict="pass")) == 1
    assert not _failed(make_report(), verdict="pass")


def test_broken_rules_are_counted_over_all_rules(make_report) -> None:
    broken = make_report(violations=3)
    (said,) = _failed(broken, rules={"violations": 2})
    assert said == "rules: 3 violations, 2 allowed; most of them of “start <= end”"
    assert not _failed(broken, rules={"violations": 3})


def test_a_column_is_held_to_its_own_gate_and_all_to_one(make_report) -> None:
    report = make_report()
    worst = max(column.error for column in report.columns)
    (said,) = _failed(report, columns={"age": {"at_most": 0.0}})
    assert said.startswith("column 'age': ")
    (said,) = _failed(report, every_column={"at_most": 0.0})
    assert said.startswith("every_column: column ")
    assert said.endswith(f"and {len(report.columns) - 1} other columns too")
    assert not _failed(report, every_column={"at_most": worst})
    floors = max(column.error - column.floor for column in report.columns)
    assert not _failed(report, every_column={"excess": floors})


def test_an_unknown_column_is_refused_with_a_suggestion(make_report) -> None:
    with pytest.raises(ConfigError, match="Did you mean 'income'"):
        _failed(make_report(), columns={"incme": {"at_most": 0.1}})


def test_tightening_a_gate_never_lets_more_through(make_report) -> None:
    report = make_report()
    for name, score in report.scores.items():
        passed = [
            not _failed(report, scores={name: {"at_most": score.value + shift}})
            for shift in (-0.1, -1e-9, 0.0, 1e-9, 0.1)
        ]
        assert passed == sorted(passed)
