"""Declared bounds: read or refused, contradicted by no cell, kept by every row that is drawn."""

import datetime as dt

import numpy as np
import pyarrow as pa
import pyarrow.compute
import pytest

import likewise
from likewise.core.errors import LikewiseError, SchemaError
from likewise.data.bounds import bounds
from likewise.data.schema import Column, Kind

RNG = np.random.default_rng(0)
ROWS = 400
START = dt.datetime(2020, 6, 1, 10)
TABLE = pa.table(
    {
        "age": RNG.integers(18, 91, ROWS),
        "income": RNG.normal(50_000, 9_000, ROWS).round(2),
        "day": [dt.date(2001, 1, 1) + dt.timedelta(days=int(d)) for d in RNG.integers(0, 60, ROWS)],
        "at": [START + dt.timedelta(seconds=int(s)) for s in RNG.integers(0, 10**6, ROWS)],
        "span": pa.array(RNG.integers(7_200, 36_000, ROWS), pa.duration("s")),
    }
)


def schema(name: str, kind: Kind, **fields: object) -> dict[str, object]:
    return {"columns": [{"name": name, "kind": str(kind), **fields}]}


@pytest.mark.parametrize(
    ("name", "kind", "low", "high"),
    [
        ("age", Kind.INTEGER, None, None),
        ("income", Kind.NUMERIC, None, None),
        ("day", Kind.DATE, "iso", "iso"),
        ("at", Kind.DATETIME, "iso", "iso"),
        ("span", Kind.DURATION, "PT2H", "PT10H"),
    ],
)
@pytest.mark.parametrize("generator", ["independent", "trees"])
def test_every_drawn_row_keeps_the_bounds(name, kind, low, high, generator: str) -> None:
    cells = TABLE.column(name).to_pylist()
    ends = [min(cells), max(cells)]
    declared = [end.isoformat() if low == "iso" else end for end in ends]
    if name == "span":
        declared = ends = [low, high]
        ends = [dt.timedelta(hours=2), dt.timedelta(hours=10)]
    wanted = schema(name, kind, minimum=declared[0], maximum=declared[1])
    model = likewise.fit(TABLE, generator=generator, schema=wanted, seed=1)
    drawn = model.sample(20_000, seed=2).column(name).to_pylist()
    assert min(drawn) >= ends[0]
    assert max(drawn) <= ends[1]


@pytest.mark.parametrize(
    ("name", "kind", "fields"),
    [
        ("age", Kind.INTEGER, {"maximum": 60}),
        ("income", Kind.NUMERIC, {"maximum": 20}),
        ("day", Kind.DATE, {"minimum": "2001-02-01"}),
        ("at", Kind.DATETIME, {"maximum": "2020-06-02T10:00:00"}),
        ("span", Kind.DURATION, {"minimum": "PT3H"}),
    ],
)
def test_bounds_that_cells_contradict_are_refused_with_their_count(name, kind, fields) -> None:
    with pytest.raises(SchemaError, match=rf"column '{name}': \d+ of 400 cells lie beyond"):
        likewise.fit(TABLE, generator="independent", schema=schema(name, kind, **fields))


@pytest.mark.parametrize(
    ("kind", "minimum"),
    [
        (Kind.NUMERIC, "abc"),
        (Kind.NUMERIC, float("nan")),
        (Kind.NUMERIC, float("inf")),
        (Kind.DATE, "2020-13-45"),
        (Kind.DATETIME, "noon"),
        (Kind.TIME, "25:00"),
        (Kind.DURATION, "soon"),
    ],
)
def test_bounds_that_cannot_be_read_are_refused(kind: Kind, minimum: object) -> None:
    with pytest.raises(SchemaError, match=r"cannot be read as|is no finite number"):
        bounds(Column(name="c", kind=kind, minimum=minimum))


def test_given_values_beyond_the_bounds_are_refused() -> None:
    wanted = schema("age", Kind.INTEGER, maximum=90)
    model = likewise.fit(TABLE, generator="copula", schema=wanted, seed=1)
    with pytest.raises(LikewiseError, match="1 of 2 cells lie beyond"):
        model.sample(given=pa.table({"age": [30, 500]}))


def test_bounds_are_read_as_rules_read_theirs() -> None:
    hours = pa.array([dt.datetime(2024, 1, 1) + dt.timedelta(hours=i) for i in range(ROWS)])
    zoned = hours.cast(pa.timestamp("us")).cast(pa.int64())
    zoned = pa.compute.assume_timezone(zoned.cast(pa.timestamp("us")), "Europe/Berlin")
    table = pa.table({"c": zoned, "x": np.arange(ROWS) % 7})
    for wanted in (
        schema("c", Kind.DATETIME, minimum="2024-01-01 00:00"),
        schema("c", Kind.DATETIME, maximum="2024-01-17"),  # a day is the whole of it
        {
            "columns": [{"name": "c", "kind": "datetime"}],
            "rules": [{"rule": "range", "column": "c", "low": "2024-01-01", "high": "2024-01-18"}],
        },
    ):
        assert likewise.fit(table, generator="independent", schema=wanted, seed=1).rows == ROWS
    day = 86_400_000_000
    assert bounds(Column(name="c", kind=Kind.DURATION, minimum="PT400M"))[0] == 400 * 60_000_000
    assert bounds(Column(name="c", kind=Kind.DATE, minimum="1970-01-03"))[0] == 2
    assert bounds(Column(name="c", kind=Kind.DATETIME, maximum="1970-01-01"))[1] == day - 1


def test_a_bound_of_single_precision_is_compared_in_it() -> None:
    table = pa.table({"c": (np.arange(ROWS) % 11 / 100).astype("float32"), "x": np.arange(ROWS)})
    wanted = schema("c", Kind.NUMERIC, maximum=0.1)
    assert likewise.fit(table, generator="independent", schema=wanted, seed=1).rows == ROWS
