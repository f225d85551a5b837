import dataclasses
import io

import pytest
from rich.console import Console

from likewise.metrics.score import Score
from likewise.report.compare import compare
from likewise.report.difference import Difference
from likewise.report.side_by_side import side_by_side


def _with(good, **values: float) -> dict[str, Score]:
    """Good scores, some moved with their intervals."""
    scores = dict(good)
    for name, value in values.items():
        old = scores[name]
        ends = None if old.interval is None else tuple(e + value - old.value for e in old.interval)
        scores[name] = dataclasses.replace(old, value=value, interval=ends)
    return scores


@pytest.fixture
def bad(make_report, good):
    """Detector and utility clearly worse, and a rule broken."""
    scores = _with(good, detector_auc=0.9, utility=0.7)
    return make_report(scores=scores, violations=40)


def _provenance(report, **fields):
    made = report.provenance.model_copy(update=fields)
    return report.model_copy(update={"provenance": made})


def test_a_report_does_not_differ_from_itself(report) -> None:
    found = compare(report, report)
    assert found.judgement == "same"
    assert found.warnings == found.worse == found.appeared == found.vanished == ()
    assert {change.judgement for change in (*found.scores, *found.gauges, *found.columns)} == {
        "same"
    }
    assert found.sentence == "Nothing changed beyond noise. The verdict is still pass."


def test_what_got_worse_is_told_by_name_and_the_way_back_is_better(report, bad) -> None:
    found = compare(report, bad)
    assert found.judgement == "worse"
    assert {c.name for c in found.scores if c.judgement == "worse"} == {"detector_auc", "utility"}
    assert [sentence.partition(":")[0] for sentence in found.worse] == [
        "detector_auc",
        "utility",
        "rule “start <= end”",
    ]
    assert found.sentence == (
        "Worse beyond noise: detector AUC, model utility, 1 rule. The verdict is fail, was pass."
    )
    back = compare(bad, report)
    assert back.judgement == "better"
    assert back.worse == ()
    assert back.appeared == found.vanished
    assert back.vanished == found.appeared


def test_better_and_worse_together_are_mixed(make_report, good) -> None:
    one = make_report(scores=_with(good, detector_auc=0.9))
    two = make_report(scores=_with(good, utility=0.7))
    assert compare(one, two).judgement == "mixed"


def test_a_score_that_is_no_longer_measured_counts_as_worse(make_report, good) -> None:
    fewer = {name: score for name, score in good.items() if name != "utility"}
    found = compare(make_report(), make_report(scores=fewer))
    assert found.judgement == "worse"
    assert found.worse == ("utility: no longer measured",)


def test_a_finding_whose_numbers_changed_is_the_same_finding(make_report, good) -> None:
    one = make_report(scores=_with(good, detector_auc=0.90), violations=30)
    two = make_report(scores=_with(good, detector_auc=0.91), violations=1)
    assert one.findings != two.findings
    found = compare(one, two)
    assert found.appeared == found.vanished == ()
    gone = compare(one, make_report(scores=good))
    assert {finding.area for finding in gone.vanished} == {"fidelity", "rules"}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"data_sha256": {"adult.csv": "0" * 64}}, "real tables differ"),
        ({"data_sha256": {}}, "not known"),
        ({"rows": {"training": 9, "held out": 16_281, "synthetic": 32_561}}, "training"),
        ({"rows": {"training": 32_561, "holdout": 5}}, "has held-out rows"),
        ({"likewise": "0.0.9"}, "likewise 0.1.0 and 0.0.9"),
    ],
)
def test_reports_about_other_things_are_told_apart(report, fields, said) -> None:
    (warning,) = compare(report, _provenance(report, **fields)).warnings
    assert said in warning


def test_other_held_out_rows_are_noticed(report) -> None:
    hashes = {"real.csv": "a", "synth.csv": "b", "held.csv": "c"}
    one = _provenance(report, data_sha256=hashes)
    assert compare(one, _provenance(one, data_sha256={**hashes, "synth.csv": "x"})).warnings == ()
    (warning,) = compare(one, _provenance(one, data_sha256={**hashes, "held.csv": "x"})).warnings
    assert "held-out rows differ" in warning
    split = _provenance(report, rows={"input": 9, "train": 7, "holdout": 2}, seed=1)
    (warning,) = compare(split, _provenance(split, seed=2)).warnings
    assert "seeds are 1 and 2" in warning


def test_the_rows_that_synth_learned_stand_beside_those_that_evaluate_was_given(report) -> None:
    made = _provenance(report, rows={"input": 10, "train": 8, "holdout": 2, "synthetic": 10})
    judged = _provenance(report, rows={"real": 10, "holdout": 2, "synthetic": 10})
    (warning,) = compare(made, judged).warnings
    assert warning == "Rows (real): 8 and 10; scores depend on the number."


def test_a_rule_that_is_no_longer_checked_is_told_and_not_worse(make_report) -> None:
    found = compare(make_report(), make_report(rules=()))
    assert found.judgement == "same"
    assert {rule.judgement for rule in found.rules} == {"lost"}


def test_other_columns_and_targets_are_noticed(make_report) -> None:
    one = make_report()
    two = make_report(names=("age", "other"), kinds=("integer", "numeric"))
    three = one.model_copy(update={"target": "income"})
    assert any("Columns in the first only" in warning for warning in compare(one, two).warnings)
    assert any("Columns in the second only" in warning for warning in compare(one, two).warnings)
    (warning,) = compare(one, three).warnings
    assert "targets differ" in warning


def test_the_difference_is_plain_values_and_back(report, bad) -> None:
    found = compare(report, bad)
    assert found.version == 1
    assert Difference.model_validate_json(found.model_dump_json()) == found


@pytest.mark.parametrize("width", [60, 80, 120])
def test_it_reads_in_a_terminal_and_without_markup(make_report, bad, width) -> None:
    plain = Console(width=width, color_system=None, file=io.StringIO())
    plain.print(side_by_side(compare(make_report(), bad)))
    text = plain.file.getvalue()
    assert text.startswith("WORSE")
    assert all(len(line) <= width for line in text.splitlines())
    words = " ".join(text.split())
    assert "rule “start <= end”: 40 violations, 0 before" in words
    assert "new fail" in words
