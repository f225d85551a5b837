import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from likewise.core.errors import DataError
from likewise.data.convert import to_source, to_table
from likewise.data.infer import infer
from likewise.io.frames import from_frame, to_frame

PANDAS = pd.DataFrame(
    {
        "i": np.arange(30, dtype=np.int32) % 7,
        "holes": [1.0, np.nan, 3.0] * 10,
        "f": np.linspace(0, 1, 30, dtype=np.float32),
        "s": ["x", "y", None] * 10,
        "c": pd.Categorical(["lo", "hi", "lo"] * 10, categories=["lo", "hi"], ordered=True),
        "t": pd.date_range("2024-01-01 01:00", periods=30, freq="h"),
        "z": pd.date_range("2024-01-01", periods=30, freq="h", tz="Europe/Berlin"),
        "b": [True, False, True] * 10,
        "n": pd.array([1, None, 3] * 10, dtype="Int64"),
        "d": pd.to_timedelta(range(30), unit="s"),
    }
)


def through(frame):
    raw = from_frame(frame)
    return to_frame(to_source(to_table(raw, infer(raw))), frame)


def test_a_pandas_frame_comes_back_equal_with_its_dtypes():
    pd.testing.assert_frame_equal(through(PANDAS), PANDAS)


def test_a_named_index_is_a_column_and_a_plain_one_is_not():
    assert from_frame(PANDAS).column_names == list(PANDAS.columns)
    named = PANDAS.set_index(pd.Index(range(30), name="row"))
    assert from_frame(named).column_names == ["row", *PANDAS.columns]


def test_a_polars_frame_comes_back_equal():
    frame = pl.DataFrame(
        {
            "i": pl.Series([1, 2, None] * 10, dtype=pl.Int16),
            "s": ["a", "b", None] * 10,
            "c": pl.Series(["u", "v", "u"] * 10, dtype=pl.Categorical),
            "t": pl.Series([0, 1, 2] * 10, dtype=pl.Duration("ms")),
        }
    )
    assert through(frame).equals(frame)
    assert through(frame).schema == frame.schema
    assert isinstance(through(frame.lazy()), pl.LazyFrame)


def test_arrow_and_duckdb_come_back_in_kind(tmp_path):
    table = pa.table({"a": pa.array([1, 2, 5] * 10, pa.int8())})
    assert through(table).equals(table)
    assert through(table.to_batches()[0]).equals(table.to_batches()[0])
    relation = duckdb.from_arrow(table)
    assert through(relation).fetchall() == relation.fetchall()
    path = tmp_path / "t.csv"
    path.write_text("a\n1\n")
    assert from_frame(path).to_pylist() == [{"a": "1"}]


def test_names_that_are_no_texts_or_repeat_come_back():
    frame = pd.DataFrame([[1, 2, 3], [4, 5, 6]], columns=["a", "a", 7])
    assert from_frame(frame).column_names == ["a", "a_2", "7"]
    assert list(through(frame).columns) == ["a", "a", 7]


def test_text_that_is_not_unicode_is_refused_in_names_and_cells():
    for frame in (
        pd.DataFrame({"\ud800": [1, 2]}),
        pd.DataFrame({"a": ["\ud800", "x"]}),
        pd.DataFrame({"a": [1, 2]}, index=pd.Index([1, 2], name="\ud800")),
    ):
        with pytest.raises(DataError, match="not Unicode"):
            from_frame(frame)


def test_what_is_no_table_is_refused():
    with pytest.raises(DataError, match="a int is no table"):
        from_frame(5)
    with pytest.raises(DataError, match="different types"):
        from_frame(pd.DataFrame({"a": [1, "x"]}))
