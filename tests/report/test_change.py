"""When a score, a gauge, a column or a rule has changed, and when it is noise."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from likewise.report.change import changed_columns, changed_gauge, changed_rules, changed_score
from likewise.report.document import ColumnReport, Gauge, Number, RuleReport

FLOOR = {"floor": 0.5, "floor_interval": (0.48, 0.52), "better": "target"}
OPPOSITE = {"better": "worse", "worse": "better", "new": "lost", "lost": "new"}


def _auc(value: float | None, half: float | None = 0.02, **other) -> Number:
    ends = None if half is None or value is None else (value - half, value + half)
    return Number(**{"value": value, "interval": ends, **FLOOR, **other})


def _utility(value: float, half: float = 0.02) -> Number:
    ends = (value - half, value + half)
    return Number(
        value=value, interval=ends, floor=0.9, floor_interval=(0.89, 0.91), better="higher"
    )


@pytest.mark.parametrize(
    ("before", "after", "judgement"),
    [
        (_auc(0.60), _auc(0.70), "worse"),
        (_auc(0.70), _auc(0.60), "better"),
        (_auc(0.60), _auc(0.63), "same"),  # 0.58 to 0.62 and 0.61 to 0.65 overlap
        (_auc(0.60), _auc(0.60), "same"),
        (None, _auc(0.60), "new"),
        (_auc(0.60), None, "lost"),
        (_auc(0.60), _auc(None), "lost"),
        (_auc(None), _auc(None), "same"),
    ],
)
def test_a_score_has_changed_when_its_intervals_no_longer_overlap(before, after, judgement) -> None:
    assert changed_score("detector_auc", before, after).judgement == judgement


def test_the_good_direction_is_that_of_the_score() -> None:
    assert changed_score("utility", _utility(0.7), _utility(0.8)).judgement == "better"
    assert changed_score("utility", _utility(0.8), _utility(0.7)).judgement == "worse"


def test_what_is_like_real_data_before_and_after_has_not_changed() -> None:
    none = Number(value=0.0, interval=(0.0, 0.001), floor=0.01, better="lower")
    some = none.model_copy(update={"value": 0.008, "interval": (0.006, 0.01)})
    many = none.model_copy(update={"value": 0.05, "interval": (0.04, 0.06)})
    change = changed_score("near_copies", none, some)
    assert (change.judgement, change.why) == ("same", "like real data")
    assert changed_score("near_copies", some, many).judgement == "worse"
    assert changed_score("near_copies", many, none).judgement == "better"


def test_with_other_floors_the_distance_from_the_floor_counts() -> None:
    few = Number(value=0.06, interval=(0.05, 0.07), floor=0.05, better="lower")
    many = Number(value=0.02, interval=(0.015, 0.025), floor=0.01, better="lower")
    assert changed_score("shape_error", few, many).judgement == "same"
    off = many.model_copy(update={"value": 0.08, "interval": (0.075, 0.085)})
    assert changed_score("shape_error", few, off).judgement == "worse"


def test_without_intervals_less_than_the_warning_limit_is_no_change() -> None:
    assert changed_score("detector_auc", _auc(0.6, None), _auc(0.7)).judgement == "same"
    assert changed_score("detector_auc", _auc(0.6, None), _auc(0.8)).judgement == "worse"


def test_a_score_that_nothing_is_known_about_is_left_open() -> None:
    one, two = _auc(0.6), _auc(0.9)
    assert changed_score("something else", one, two).judgement == "open"
    lower = {"better": "lower", "interval": None}
    bare = [number.model_copy(update=lower) for number in (one, two)]
    assert changed_score("something else", *bare).judgement == "open"


_values = st.floats(0, 1)
_halves = st.none() | st.floats(0, 0.2)
_numbers = st.builds(_auc, _values, _halves, floor=st.none() | _values, floor_interval=st.none())


@given(_numbers, _numbers)
def test_what_is_better_one_way_is_worse_the_other_way(one: Number, two: Number) -> None:
    there = changed_score("detector_auc", one, two)
    back = changed_score("detector_auc", two, one)
    assert back.judgement == OPPOSITE.get(there.judgement, there.judgement)


@given(_values, _values, st.floats(0.01, 0.2), st.floats(0.01, 0.2))
def test_wider_intervals_never_make_a_change_certain(
    one: float, two: float, half: float, more: float
) -> None:
    wide = changed_score("detector_auc", _auc(one, half + more), _auc(two, half + more))
    if wide.judgement != "same":
        narrow = changed_score("detector_auc", _auc(one, half), _auc(two, half))
        assert narrow.judgement == wide.judgement


def test_a_gauge_is_better_or_worse_only_with_one_of_its_scores() -> None:
    def dial(value: float | None) -> Gauge:
        return Gauge(name="fidelity", value=value, verdict="pass", text="")

    moved = {"detector_auc": changed_score("detector_auc", _auc(0.6), _auc(0.9))}
    still = {"detector_auc": changed_score("detector_auc", _auc(0.6), _auc(0.61))}
    assert changed_gauge(dial(90), dial(50), moved).judgement == "worse"
    assert changed_gauge(dial(90), dial(89), still).judgement == "same"
    assert changed_gauge(dial(50), dial(90), moved).judgement == "same"
    assert changed_gauge(dial(None), dial(90), moved).judgement == "new"
    assert changed_gauge(dial(90), dial(None), moved).judgement == "lost"
    assert changed_gauge(dial(None), dial(None), moved).why == "not measured"


def _column(name: str, error: float | None, floor: float | None = 0.01) -> ColumnReport:
    shared = {"kind": "numeric", "verdict": "pass", "missing_real": 0, "missing_synthetic": 0}
    return ColumnReport(name=name, error=error, floor=floor, **shared)


def test_columns_come_by_change_and_up_to_their_floor_it_is_noise() -> None:
    before = [_column("a", 0.02), _column("b", 0.02), _column("c", 0.1), _column("gone", 0.5)]
    after = [_column("a", 0.025), _column("b", 0.2), _column("c", 0.02), _column("new", None)]
    changes = changed_columns(before, after, 20)
    judged = [(change.name, change.judgement) for change in changes]
    assert judged == [("b", "worse"), ("c", "better"), ("a", "same")]
    assert [change.name for change in changed_columns(before, after, 1)] == ["b"]


def test_a_change_of_the_floor_is_no_change_of_the_column() -> None:
    (change,) = changed_columns([_column("a", 0.05, 0.04)], [_column("a", 0.02, 0.01)], 1)
    assert change.judgement == "same"


def _rule(violations: int, rows: int = 1_000, name: str = "a <= b") -> RuleReport:
    return RuleReport(
        rule=name, source="found", real_rows=9, real_violations=0, rows=rows, violations=violations
    )


@pytest.mark.parametrize(
    ("before", "after", "judgement"),
    [(0, 1, "worse"), (1, 0, "better"), (30, 32, "same"), (30, 90, "worse"), (90, 30, "better")],
)
def test_a_rule_that_was_kept_and_is_broken_is_worse(before, after, judgement) -> None:
    (change,) = changed_rules([_rule(before)], [_rule(after)])
    assert (change.judgement, change.before, change.after) == (judgement, before, after)


def test_a_row_may_break_a_rule_more_than_once() -> None:
    (change,) = changed_rules([_rule(30, rows=20)], [_rule(31, rows=0)])
    assert change.judgement == "same"


def test_rules_that_are_kept_in_both_are_not_listed_and_those_of_one_report_are() -> None:
    assert changed_rules([_rule(0)], [_rule(0)]) == ()
    (lost, new) = changed_rules([_rule(0, name="x")], [_rule(0, name="y")])
    assert (lost.rule, lost.judgement, new.rule, new.judgement) == ("x", "lost", "y", "new")
    (broken,) = changed_rules([], [_rule(2)])
    assert broken.judgement == "worse"
