import time

import numpy as np
import pyarrow as pa
import pytest

from likewise.core.errors import SchemaError
from likewise.data.check import broken_rows, check
from likewise.data.reference import Determined, Seen, learn_reference
from likewise.data.rules import (
    Combinations,
    Determines,
    Inequality,
    NotNull,
    Range,
    Sum,
    Unique,
)
from likewise.data.schema import Column, Kind, Schema
from likewise.data.table import CANONICAL, Table

DAY = 86_400_000_000


def table(**columns):
    """name=(kind, values) or name=(Column, values)."""
    described, arrays = [], []
    for name, (kind, values) in columns.items():
        column = kind if isinstance(kind, Column) else Column(name=name, kind=kind)
        described.append(column)
        arrays.append(pa.array(values, type=CANONICAL[column.kind]))
    return Table(pa.table(arrays, names=list(columns)), Schema(columns=tuple(described)))


def broken(rule, rows, reference=None):
    return np.flatnonzero(broken_rows(rule, rows, reference)).tolist()


def test_values_outside_a_range_break_it_and_missing_ones_do_not():
    rows = table(age=(Kind.INTEGER, [-1, 0, 120, 121, None]))
    assert broken(Range(column="age", low=0, high=120), rows) == [0, 3]
    assert broken(Range(column="age", low=0), rows) == [0]


def test_range_bounds_of_times_are_iso_text():
    days = table(day=(Kind.DATE, [0, 19_722, 19_723]))
    assert broken(Range(column="day", low="1970-01-02", high="2023-12-31"), days) == [0, 2]
    moments = table(at=(Kind.DATETIME, [0, DAY + 1]))
    assert broken(Range(column="at", high="1970-01-02T00:00:00"), moments) == [1]
    clock = table(at=(Kind.TIME, [0, 9 * 3_600_000_000]))
    assert broken(Range(column="at", low="08:30"), clock) == [0]
    length = table(took=(Kind.DURATION, [0, 2 * 3_600_000_000]))
    assert broken(Range(column="took", high="PT1H30M"), length) == [1]


def test_a_bound_without_a_zone_is_read_in_the_zone_of_its_column():
    column = Column(name="at", kind=Kind.DATETIME, timezone="Europe/Berlin")
    rows = table(at=(column, [0, 3_600_000_000]))  # 01:00 and 02:00 in Berlin
    assert broken(Range(column="at", low="1970-01-01T02:00:00"), rows) == [0]


def test_a_bound_that_cannot_be_read_is_a_schema_error_without_the_value():
    rows = table(day=(Kind.DATE, [0]))
    with pytest.raises(SchemaError, match="day") as error:
        broken(Range(column="day", low="tomorrow"), rows)
    assert "tomorrow" not in str(error.value)


def test_an_inequality_is_broken_by_rows_in_the_wrong_order():
    rows = table(a=(Kind.INTEGER, [1, 2, 3, None]), b=(Kind.NUMERIC, [1.5, 2.0, 2.5, 0.0]))
    assert broken(Inequality(low="a", high="b"), rows) == [2]
    assert broken(Inequality(low="a", high="b", strict=True), rows) == [1, 2]


def test_ordinals_compare_by_the_order_their_levels_share():
    before = Column(name="a", kind=Kind.ORDINAL, levels=("low", "medium"))
    after = Column(name="b", kind=Kind.ORDINAL, levels=("medium", "high"))
    upside = Column(name="c", kind=Kind.ORDINAL, levels=("medium", "low"))
    rows = table(
        a=(before, ["low", "medium", "medium", None]),
        b=(after, ["medium", "medium", "high", "medium"]),
        c=(upside, ["low"] * 4),
    )
    assert broken(Inequality(low="a", high="b"), rows) == []
    assert broken(Inequality(low="b", high="a"), rows) == [0, 2]
    assert broken(Inequality(low="a", high="b", strict=True), rows) == [1]
    assert broken(Range(column="a", low="medium"), rows) == [0]
    with pytest.raises(SchemaError, match="share no order"):
        broken(Inequality(low="a", high="c"), rows)


def test_dates_compare_with_datetimes_but_not_with_numbers():
    rows = table(
        day=(Kind.DATE, [1, 1]), at=(Kind.DATETIME, [DAY, DAY - 1]), n=(Kind.INTEGER, [0, 0])
    )
    assert broken(Inequality(low="day", high="at"), rows) == [1]
    with pytest.raises(SchemaError, match="day <= n"):
        broken(Inequality(low="day", high="n"), rows)


def test_sums_hold_within_their_tolerance_and_the_precision_of_large_amounts():
    rows = table(
        a=(Kind.NUMERIC, [0.1, 1.0, 1e12, None]),
        b=(Kind.NUMERIC, [0.2, 1.0, 0.3, 1.0]),
        c=(Kind.NUMERIC, [0.3, 2.1, 1e12 + 0.3, 5.0]),
    )
    rule = Sum(parts=("a", "b"), total="c")
    assert broken(rule, rows) == [1]
    assert broken(rule.model_copy(update={"tolerance": 0.2}), rows) == []


def test_one_part_means_equality_of_numbers_and_of_labels():
    rows = table(
        a=(Kind.CATEGORY, ["x", "y", None]),
        b=(Kind.CATEGORY, ["x", "x", "x"]),
        m=(Kind.INTEGER, [1, 2, 3]),
        n=(Kind.INTEGER, [1, 2, 4]),
    )
    assert broken(Sum(parts=("a",), total="b"), rows) == [1]
    assert broken(Sum(parts=("m",), total="n"), rows) == [2]


def test_unique_is_broken_by_every_row_but_the_first():
    rows = table(a=(Kind.CATEGORY, ["x", "x", "x", None, None]), b=(Kind.INTEGER, [1, 1, 2, 1, 1]))
    assert broken(Unique(columns=("a", "b")), rows) == [1]
    assert broken(Unique(columns=("b",)), rows) == [1, 3, 4]


def test_not_null_is_broken_by_missing_values():
    assert broken(NotNull(column="a"), table(a=(Kind.TEXT, ["x", None]))) == [1]


def test_a_dependency_is_broken_by_the_rows_that_differ_from_the_most_common():
    rows = table(
        zip=(Kind.CATEGORY, ["1", "1", "1", "2", None]),
        city=(Kind.CATEGORY, ["A", "A", "B", "B", "C"]),
    )
    assert broken(Determines(columns=("zip",), then="city"), rows) == [2]


def test_a_reference_judges_other_tables():
    real = table(zip=(Kind.CATEGORY, ["1", "2"]), city=(Kind.CATEGORY, ["A", "B"]))
    fake = table(zip=(Kind.CATEGORY, ["1", "2", "3"]), city=(Kind.CATEGORY, ["B", "B", "B"]))
    rule = Determines(columns=("zip",), then="city")
    assert broken(rule, fake, learn_reference(rule, real)) == [0]
    mixed = Combinations(columns=("zip", "city"))
    assert broken(mixed, fake, learn_reference(mixed, real)) == [0, 2]


def test_a_stored_reference_holds_nothing_that_few_rows_share():
    rows = table(
        code=(Kind.CATEGORY, ["a"] * 20 + ["b"] * 15 + ["rare"]),
        name=(Kind.CATEGORY, ["A"] * 20 + ["B"] * 15 + ["secret"]),
    )
    known = Determined.learn(rows, Determines(columns=("code",), then="name"), at_least=10)
    assert known.seen.levels == (("a", "b"),)
    assert known.levels == ("A", "B")
    seen = Seen.learn(rows, ("code", "name"), at_least=10)
    assert seen.levels == (("a", "b"), ("A", "B"))
    assert seen.dropped == 1


def test_numbers_too_rare_to_keep_take_the_value_of_the_nearest():
    rows = table(
        years=(Kind.INTEGER, [1] * 10 + [5] * 10 + [9] * 10),
        degree=(Kind.CATEGORY, ["low"] * 10 + ["mid"] * 10 + ["top"] * 10),
    )
    rule = Determines(columns=("years",), then="degree")
    known = Determined.learn(rows, rule, at_least=10)
    asked = table(years=(Kind.INTEGER, [-3, 2, 6, 99]), degree=(Kind.CATEGORY, ["low"] * 4))
    assert [known.levels[i] for i in known.expected(asked)] == ["low", "low", "mid", "top"]
    assert broken(rule, asked, known) == [2, 3]


def test_references_keep_apart_missing_values_and_columns_of_any_width():
    rng = np.random.default_rng(0)
    columns = {
        f"c{i}": (Kind.CATEGORY, rng.choice(["x", "y", None], 500).tolist()) for i in range(30)
    }
    rows = table(**columns)
    seen = Seen.learn(rows, rows.names)
    place = seen.find(rows)
    assert (place >= 0).all()
    for i, name in enumerate(rows.names):
        back = seen.column(name, place, Kind.CATEGORY)
        assert back.to_pylist() == rows.arrow.column(i).to_pylist()


def test_ten_rules_on_a_million_rows_take_seconds():
    n = 1_000_000
    rng = np.random.default_rng(0)
    a = rng.integers(0, 1000, n)
    rows = table(
        a=(Kind.INTEGER, a),
        b=(Kind.INTEGER, a // 10),
        x=(Kind.NUMERIC, rng.random(n)),
        k=(Kind.INTEGER, rng.permutation(n)),
    )
    rules = [
        Range(column="x", low=0, high=1),
        Range(column="a", low=0),
        Inequality(low="b", high="a"),
        Determines(columns=("a",), then="b"),
        Combinations(columns=("a", "b")),
        Sum(parts=("a",), total="a"),
        Sum(parts=("b", "b"), total="a"),
        Unique(columns=("k",)),
        NotNull(column="x"),
        NotNull(column="a"),
    ]
    start = time.perf_counter()
    found = [check(rule, rows, learn_reference(rule, rows)) for rule in rules]
    assert time.perf_counter() - start < 10
    assert [one.violations > 0 for one in found] == [rule == rules[6] for rule in rules]
    assert {one.rows for one in found} == {n}


def test_a_value_that_too_few_rows_share_is_not_remembered_beside_a_common_code():
    values = [*[None] * 19, "only hers", *["usual"] * 20]
    rows = table(code=(Kind.CATEGORY, ["a"] * 20 + ["b"] * 20), name=(Kind.CATEGORY, values))
    known = Determined.learn(rows, Determines(columns=("code",), then="name"), at_least=10)
    assert known.levels == ("usual",)
    assert known.gaps.tolist() == [1.0, 0.0]


def test_nothing_is_remembered_where_no_code_and_no_value_is_shared():
    names = [str(i) for i in range(9)]
    rows = table(code=(Kind.CATEGORY, names), name=(Kind.CATEGORY, names))
    known = Determined.learn(rows, Determines(columns=("code",), then="name"), at_least=10)
    assert known.levels == ()
    assert known.default == -1
