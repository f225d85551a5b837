"""The Python interface: frames of every kind in, the same kind out."""

from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import likewise
from likewise.core.errors import ConfigError, DataError


def _frame(rows: int = 300, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    age = rng.integers(18, 90, rows)
    return pd.DataFrame(
        {
            "age": age,
            "pay": np.round(rng.gamma(3.0, 900.0, rows) + age, 2),
            "city": rng.choice(["Aachen", "Basel"], rows),
        }
    )


FRAMES = {
    "pandas": _frame,
    "polars": lambda: pl.from_pandas(_frame()),
    "arrow": lambda: pa.Table.from_pandas(_frame(), preserve_index=False),
}


@pytest.mark.parametrize("kind", FRAMES)
def test_what_comes_out_is_of_the_kind_that_went_in(kind: str) -> None:
    frame = FRAMES[kind]()
    made = likewise.synthesize(frame, 50, generator="independent", seed=1)
    assert type(made) is type(frame)
    assert len(made) == 50
    names = made.column_names if kind == "arrow" else list(made.columns)
    assert list(names) == ["age", "pay", "city"]


def test_what_python_shows_of_a_model_a_table_or_a_report_holds_no_cell() -> None:
    frame = pd.DataFrame({"name": ["Qwertz"] * 60, "code": range(7_654_321, 7_654_381)})
    model = likewise.fit(frame, generator="independent", seed=0)
    assert repr(model) == "<Model: independent, 60 rows of 2 columns learned>"
    table = model.sample(20, seed=0)
    report = likewise.evaluate(frame, table)
    assert repr(report).startswith(f"<Report: {report.verdict}. ")
    for shown in (repr(model), repr(report)):
        assert "Qwertz" not in shown
        assert "76543" not in shown
        assert len(shown) < 1_000


def test_a_table_shows_its_size_and_kinds(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("age,born\n41,1985-02-03\n52,1974-11-30\n")
    assert repr(likewise.read(tmp_path / "t.csv")) == "<Table: 2 rows; age (integer), born (date)>"


def test_dtypes_survive() -> None:
    frame = _frame()
    made = likewise.synthesize(frame, generator="independent", seed=1)
    assert len(made) == len(frame)
    assert dict(made.dtypes) == dict(frame.dtypes)


def test_the_same_seed_draws_the_same_rows_also_after_saving(tmp_path: Path) -> None:
    model = likewise.fit(_frame(), generator="independent", seed=1)
    first = model.sample(20, seed=2)
    model.save(tmp_path / "model")
    again = likewise.load(tmp_path / "model")
    pd.testing.assert_frame_equal(first, model.sample(20, seed=2))
    pd.testing.assert_frame_equal(first, again.sample(20, seed=2, like=_frame()))
    assert not first.equals(model.sample(20, seed=3))


def test_a_method_by_name_fits_a_frame() -> None:
    model = likewise.Independent().fit(_frame(), seed=1)
    other = likewise.fit(_frame(), generator="independent", seed=1)
    third = likewise.fit(_frame(), generator=likewise.Independent(), seed=1)
    pd.testing.assert_frame_equal(model.sample(9, seed=2), other.sample(9, seed=2))
    pd.testing.assert_frame_equal(model.sample(9, seed=2), third.sample(9, seed=2))


def test_settings_reach_the_method_and_wrong_ones_are_refused() -> None:
    with pytest.raises(ConfigError, match="no such setting"):
        likewise.fit(_frame(), generator="independent", leef=3)


def test_paths_are_read(people_csv: Path, tmp_path: Path) -> None:
    made = likewise.synthesize(people_csv, 10, generator="independent", seed=1)
    likewise.write(made, tmp_path / "out.csv")
    lines = (tmp_path / "out.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "id,age,income,city,joined,member"
    assert len(lines) == 11


def test_given_columns_stay() -> None:
    model = likewise.fit(_frame(), generator="independent", seed=1)
    made = model.sample(given=pd.DataFrame({"city": ["Basel", "Aachen", "Basel"]}), seed=1)
    assert list(made["city"]) == ["Basel", "Aachen", "Basel"]
    assert len(model.sample(30, where="age > 65", seed=1).query("age > 65")) == 30


def test_evaluate_gives_scores_beside_floors(tmp_path: Path) -> None:
    report = likewise.evaluate(_frame(), _frame(seed=1), _frame(seed=2))
    assert report.verdict in {"pass", "warn", "fail"}
    assert report.scores["shape_error"].floor is not None
    report.save(tmp_path / "r.html")
    assert (tmp_path / "r.json").exists()
    assert "<" in report._repr_html_()


def test_the_schema_can_be_seen_changed_and_used(people_csv: Path) -> None:
    schema = likewise.infer(people_csv)
    assert schema["income"].kind == "numeric"
    changed = schema.replace(schema["age"].model_copy(update={"minimum": 0, "maximum": 200}))
    model = likewise.fit(people_csv, generator="independent", schema=changed, seed=1)
    assert model.schema["age"].maximum == 200


def test_every_public_name_is_there() -> None:
    for name in likewise.__all__:
        assert getattr(likewise, name) is not None
    with pytest.raises(AttributeError):
        likewise.nothing  # noqa: B018


def test_numbers_beyond_the_end_of_the_column_s_type_are_never_drawn() -> None:
    steps = np.random.default_rng(0).exponential(22, (2, 3_000))[1] * 2
    frame = pd.DataFrame({"a": np.minimum(steps, 255).astype("uint8")})  # its fitted tail goes on
    drawn = likewise.fit(frame, generator="independent", seed=0).sample(200_000, seed=0)
    assert drawn["a"].dtype == "uint8"


@pytest.mark.parametrize("cell", [2**70, "a\ud800", 1j])
def test_cells_that_no_type_can_hold_are_refused_without_being_shown(cell: object) -> None:
    frame = pd.DataFrame({"x": pd.Series([cell] * 40, dtype=object)})
    with pytest.raises(DataError, match="column 'x': holds") as refused:
        likewise.fit(frame, generator="independent")
    assert str(cell).encode("utf-8", "replace") not in str(refused.value).encode()


@pytest.mark.slow
def test_log_prob_tells_typical_rows_from_broken_ones(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    age = rng.integers(20, 80, 1_000)
    pay = np.round(100 * age + rng.normal(0, 100, 1_000), 2)
    city = np.where(age + rng.normal(0, 5, 1_000) < 50, "A", "B")
    frame = pd.DataFrame({"age": age, "pay": pay, "city": city})
    model = likewise.fit(frame, generator="autoregressive", seed=0)
    own = model.log_prob(frame)
    assert own.shape == (len(frame),)
    broken = frame.apply(lambda column: rng.permutation(column.to_numpy()))
    assert np.median(own) > np.median(model.log_prob(broken)) + 1
    turned = frame[frame.columns[::-1]]
    assert np.allclose(model.log_prob(turned), own)
    model.save(tmp_path / "m")
    assert np.allclose(likewise.load(tmp_path / "m").log_prob(frame), own)
    with pytest.raises(DataError, match="lacks 1 columns"):
        model.log_prob(frame.iloc[:, 1:])
    with pytest.raises(ConfigError, match="gives no probabilities"):
        likewise.fit(frame, generator="independent", seed=0).log_prob(frame)
