"""Arguments and frames that only Python lets through: taken as meant, or refused clearly."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import likewise
from likewise.core.errors import ConfigError, LikewiseError

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


@pytest.mark.parametrize(
    "call",
    [
        lambda: likewise.impute(FRAME, draws="2"),
        lambda: likewise.impute(FRAME, draws=1.5),
        lambda: likewise.impute(FRAME, model=5),
        lambda: likewise.evaluate(FRAME, FRAME, workers=0),
        lambda: likewise.evaluate(FRAME, FRAME, seed="x"),
        lambda: likewise.save(5, "m"),
        lambda: likewise.load(None),
        lambda: likewise.write(FRAME, None),
        lambda: MODEL.save(None),
        lambda: likewise.evaluate(FRAME, FRAME).save(None),
    ],
)
def test_the_other_functions_refuse(call: Callable[[], object]) -> None:
    with pytest.raises(ConfigError):
        call()


def test_judging_takes_every_seed_that_fitting_takes() -> None:
    for seed in (3, likewise.Seed(3)):
        assert likewise.evaluate(FRAME, FRAME, seed=seed).report.provenance.seed == 3
    likewise.evaluate(FRAME, FRAME, seed=None)


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


def test_shares_may_be_any_real_numbers() -> None:
    drawn = MODEL.sample(10, balance={"c": {"a": np.float32(1), "b": np.int64(0)}}, seed=1)
    assert set(drawn["c"]) == {"a"}


def test_a_declared_mark_stands_above_the_one_that_was_found(tmp_path) -> None:
    path = tmp_path / "in.csv"
    path.write_text("c;x\n" + "".join(f"{1 + i % 9},{i % 999:03d};{i % 7}\n" for i in range(400)))
    for form, largest in (({"decimal": ","}, 10), ({"thousands": ","}, 10_000)):
        wanted = {"columns": [{"name": "c", "kind": "numeric", "format": form}]}
        model = likewise.fit(path, generator="independent", schema=wanted, seed=1)
        cells = model.sample(500, seed=2).column("c").to_pylist()
        mark = form.get("decimal", "")
        numbers = [float(c.replace(",", "." if mark else "")) for c in cells]
        assert largest / 20 < max(numbers) < largest


def test_few_cells_of_an_ordinal_do_not_come_out_alone() -> None:
    ordered = pd.Categorical(["b"] + [None] * 399, categories=["a", "b", "c"], ordered=True)
    frame = pd.DataFrame({"o": ordered, "x": np.arange(400) % 7})
    drawn = likewise.fit(frame, generator="independent", seed=1).sample(20_000, seed=2)
    assert set(drawn["o"].dropna()) == {"a", "b", "c"}


def test_imputed_frames_keep_their_index() -> None:
    cells = [1.0, None, 3.0, 2.0] * 40
    frame = pd.DataFrame({"a": cells, "b": list("uvwu") * 40}, index=np.arange(160)[::-1])
    filled = likewise.impute(frame, seed=1, budget=0.5)
    assert filled.index.equals(frame.index)
    known = frame["a"].notna()
    assert (filled["a"][known] == frame["a"][known]).all()
