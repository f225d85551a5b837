from likewise.metrics.score import Score
from likewise.report.limits import LIMITS
from likewise.report.verdict import ORDER


def test_findings_come_worst_first(make_report, good) -> None:
    bad = {**good, "detector_auc": Score("detector_auc", 0.95, None, 0.5, None, "target", {"a": 1})}
    report = make_report(scores=bad, violations=12)
    severities = [ORDER[finding.severity] for finding in report.findings]
    assert severities == sorted(severities, reverse=True)
    assert report.findings[0].area == "rules"
    assert "12 rows of 32,561" in report.findings[0].what
    assert report.findings[1].where == ("a",)


def test_every_serious_finding_says_how_much_why_and_what_helps(make_report, good) -> None:
    worse = {
        name: Score(name, -9.0 if score.better == "higher" else 9.0, None, 0.5, None, score.better)
        for name, score in good.items()
    }
    for finding in make_report(scores=worse, violations=1).findings:
        if finding.severity != "pass":
            assert finding.value is not None
            assert finding.cause, finding
            assert finding.help or finding.where, finding


def test_there_is_advice_for_every_limit() -> None:
    assert all(limit.cause and limit.help for limit in LIMITS.values())


def test_a_clean_table_still_shows_its_five_largest_differences(make_report) -> None:
    assert len(make_report().findings) >= 5


def test_what_was_not_tested_is_said(make_report) -> None:
    areas = {f.area for f in make_report(scores={}).findings if "not" in f.what}
    assert areas == {"fidelity", "utility", "privacy"}


def test_real_rows_that_break_a_rule_are_reported_without_blame(make_report) -> None:
    found = [f for f in make_report(scores={}).findings if f.area == "data"]
    assert all(f.severity == "pass" for f in found)
