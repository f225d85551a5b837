"""Arguments and frames that only Python lets through: taken as meant, or refused clearly."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import likewise
from likewise.core.errors import LikewiseError

FRAME = pd.DataFrame({"id": np.arange(200), "x": np.arange(200) % 9, "c": list("ab") * 100})
MODEL = likewise.fit(FRAME, generator="independent", seed=1)


@pytest.mark.parametrize(
    "wrong",
    [
        {"generator": None},
        {"generator": 5},
        {"generator": ["trees"]},
        {"seed": "x"},
        {"seed": 1.5},
        {"workers": 0},
        {"schema": {"columns": [], "rules": [{"rule": "range", "column": "x", "low": np.nan}]}},
        {"schema": {"columns": [{"name": "x", "kind": "integer", "decimals": 400}]}},
        {"schema": {"columns": [{"name": "x", "kind": "integer", "format": {"decimal": ""}}]}},
        {"schema": {"columns": [{"name": "x", "kind": "integer", "format": {"thousands": "."}}]}},
        {"schema": {"columns": [{"name": "x", "kind": "integer", "format": {"pattern": "%Y"}}]}},
        {"schema": {"columns": [{"name": "c", "kind": "constant", "levels": ["a"]}]}},
    ],
    ids=str,
)
def test_fit_refuses(wrong: dict[str, object]) -> None:
    with pytest.raises(LikewiseError):
        likewise.fit(FRAME, **{"generator": "independent", **wrong})


@pytest.mark.parametrize(
    "wrong",
    [
        {"rows": 1.5},
        {"rows": "5"},
        {"rows": -1},
        {"rows": 2**70},
        {"rows": True},
        {"where": 5},
        {"workers": "2"},
        {"workers": 0},
        {"seed": "x"},
        {"balance": 5},
        {"balance": {5: "equal"}},
        {"balance": {"c": {"a": float("nan"), "b": 1}}},
        {"balance": {"c": {"a": None, "b": 1}}},
    ],
    ids=str,
)
def test_sample_refuses(wrong: dict[str, object]) -> None:
    with pytest.raises(LikewiseError):
        MODEL.sample(**{"rows": 3, **wrong})


def test_given_keys_may_not_repeat() -> None:
    assert list(MODEL.sample(given=pd.DataFrame({"id": [5, 6]}))["id"]) == [5, 6]
    for rows, given in ((None, [5, 5]), (3, [5])):
        with pytest.raises(LikewiseError, match="rule 'id unique': some given rows repeat"):
            MODEL.sample(rows, given=pd.DataFrame({"id": given}))


def test_intervals_of_pandas_come_back_as_categories_of_texts() -> None:
    frame = pd.DataFrame({"a": pd.cut(np.arange(120), 5), "b": np.arange(120) % 7})
    drawn = likewise.fit(frame, generator="independent", seed=1).sample(500, seed=2)
    assert set(drawn["a"]) == set(frame["a"].astype(str))


def test_nested_cells_of_any_frame_come_back_as_json_texts() -> None:
    plain = pl.DataFrame({"a": [[1], [2, 3]] * 60, "b": range(120)})
    arrow = pd.DataFrame(
        {"a": pd.array([[1], [2, 3]] * 60, dtype=pd.ArrowDtype(pa.list_(pa.int8())))}
    )
    for frame in (plain, arrow):
        drawn = likewise.fit(frame, generator="independent", seed=1).sample(50, seed=2)
        assert set(drawn["a"]) == {"[1]", "[2, 3]"}


def test_runs_are_written_out_and_readers_are_read() -> None:
    runs = pa.RunEndEncodedArray.from_arrays(pa.array([60, 120], pa.int32()), pa.array(["x", "y"]))
    table = pa.table({"a": runs, "z": np.arange(120) % 5})
    for data in (table, pa.table({"a": ["x", "y"] * 60, "z": np.arange(120) % 5}).to_reader()):
        drawn = likewise.fit(data, generator="independent", seed=1).sample(50, seed=2)
        assert set(drawn.column("a").to_pylist()) == {"x", "y"}


def test_types_that_arrow_does_not_know_are_refused() -> None:
    frame = pl.DataFrame({"a": pl.Series(range(120), dtype=pl.Int128)})
    with pytest.raises(LikewiseError):
        likewise.fit(frame, generator="independent")
