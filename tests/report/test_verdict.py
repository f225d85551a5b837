from collections.abc import Callable

import pytest

from likewise.metrics.score import Score
from likewise.report.document import Number, Report, RuleReport
from likewise.report.limits import LIMITS
from likewise.report.sentence import sentence
from likewise.report.verdict import (
    excess,
    gauges,
    judge,
    judge_column,
    mark,
    overall,
)

Build = Callable[..., Report]


def lower(value: float, floor: float | None = 0.0, interval: tuple | None = None) -> Number:
    return Number(value=value, floor=floor, floor_interval=interval, better="lower")


@pytest.mark.parametrize(
    ("name", "value", "floor", "wanted"),
    [
        ("shape_error", 0.02, 0.01, "pass"),
        ("shape_error", 0.04, 0.01, "warn"),
        ("shape_error", 0.10, 0.01, "fail"),
        ("detector_auc", 0.64, 0.5, "pass"),
        ("detector_auc", 0.66, 0.5, "warn"),
        ("detector_auc", 0.86, 0.5, "fail"),
        ("detector_auc", 0.40, 0.5, "pass"),
        ("near_copies", 0.014, 0.01, "pass"),
        ("near_copies", 0.016, 0.01, "warn"),
        ("near_copies", 0.031, 0.01, "fail"),
        ("exact_copies", 0.30, 0.30, "pass"),
        ("exact_copies", 0.32, 0.30, "fail"),
        ("dcr_share", 0.9, 0.5, "warn"),
    ],
)
def test_a_score_is_judged_by_its_excess_over_the_floor(name, value, floor, wanted) -> None:
    assert judge(name, lower(value, floor)) == wanted


@pytest.mark.parametrize(("value", "wanted"), [(0.91, "pass"), (0.88, "warn"), (0.80, "fail")])
def test_utility_is_judged_by_the_share_of_the_real_score_that_is_lost(value, wanted) -> None:
    assert judge("utility", Number(value=value, floor=0.93, better="higher")) == wanted


def test_a_weak_real_model_does_not_make_small_gaps_look_large() -> None:
    assert judge("utility", Number(value=0.01, floor=0.015, better="higher")) == "pass"


def test_a_value_inside_the_floors_interval_passes() -> None:
    assert judge("near_copies", lower(0.04, 0.01)) == "fail"
    assert judge("near_copies", lower(0.04, 0.01, (0.0, 0.05))) == "pass"
    assert mark("near_copies", lower(0.04, 0.01, (0.0, 0.05))) == 80


def test_nothing_fails_while_the_intervals_of_score_and_floor_overlap() -> None:
    def utility(interval: tuple[float, float]) -> Number:
        return Number(
            value=0.7, interval=interval, floor=0.8, floor_interval=(0.74, 0.86), better="higher"
        )

    assert judge("utility", utility((0.68, 0.72))) == "fail"
    assert judge("utility", utility((0.62, 0.78))) == "warn"


def test_copies_without_a_floor_are_not_judged() -> None:
    assert excess("near_copies", lower(0.5, None)) is None
    assert judge("near_copies", lower(0.5, None)) == "pass"
    assert gauges({"near_copies": lower(0.5, None)})[2].value is None


@pytest.mark.parametrize("name", [n for n in LIMITS if not LIMITS[n].relative])
def test_a_gauge_shows_100_at_the_floor_80_at_the_warning_limit_50_at_the_failing_limit(
    name,
) -> None:
    limit = LIMITS[name]
    sign = -1 if limit.better == "higher" else 1

    def at(over: float) -> float | None:
        return mark(name, lower(0.5 + sign * over, 0.5))

    assert at(0.0) == at(-0.1) == 100
    assert at(limit.warn) == pytest.approx(80)
    if limit.fail is not None:
        assert at(limit.fail) == pytest.approx(50)
        assert at(3 * limit.fail) == pytest.approx(0, abs=1e-6)
        assert limit.warn < limit.fail
    else:
        assert at(100 * limit.warn) == 50


def test_a_gauge_shows_its_worst_test_and_that_tests_verdict() -> None:
    scores = {"shape_error": lower(0.001), "pair_error": lower(0.2)}
    fidelity = gauges(scores)[0]
    assert fidelity.verdict == "fail"
    assert fidelity.value is not None
    assert fidelity.value < 50
    assert "pair error" in fidelity.text


def test_small_tables_are_allowed_noise_in_single_columns() -> None:
    assert judge_column(0.27, 0.20) == "pass"
    assert judge_column(0.08, 0.01) == "warn"
    assert judge_column(0.17, 0.01) == "fail"
    assert judge_column(None, None) == "pass"


def test_a_broken_rule_fails_whatever_the_scores() -> None:
    rule = RuleReport(
        rule="a <= b", source="found", real_rows=9, real_violations=0, rows=9, violations=1
    )
    assert overall({}, (), (rule,)) == "fail"
    assert "1 rule is broken" in sentence("fail", {}, (), (rule,))


def test_the_sentence_claims_neither_privacy_nor_anonymity(make_report: Build, good) -> None:
    texts = [make_report().sentence, make_report(scores={}).sentence]
    for name in good:
        worse = {**good, name: Score(name, 9.0, None, 0.01, None, "lower")}
        texts.append(make_report(scores=worse).sentence)
    for text in texts:
        assert "anonym" not in text.lower()
        assert "private" not in text.lower()
        assert "safe" not in text.lower()
        assert text.endswith(".")
        assert text.count(". ") == 0


def test_the_sentence_of_a_good_table_says_what_was_found(make_report: Build) -> None:
    report = make_report()
    assert report.verdict == "pass"
    assert report.sentence.startswith("Good for analysis and model training: ")
    assert "no excess copying found at this test's power" in report.sentence


def test_excess_copying_comes_first_in_the_sentence(make_report: Build, good) -> None:
    near = Score("near_copies", 0.2, (0.19, 0.21), 0.01, (0.008, 0.012), "lower")
    report = make_report(scores={**good, "near_copies": near})
    assert report.verdict == "fail"
    assert report.sentence.startswith("Do not share yet: ")


def test_every_limit_gives_a_reason_and_a_meaning() -> None:
    for limit in LIMITS.values():
        assert limit.why.endswith(".")
        assert limit.meaning.endswith(".")
