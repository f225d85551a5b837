from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from tests.conftest import Ran

import likewise
from likewise.core.errors import ConfigError, DataError

Call = Callable[..., Ran]
pytestmark = pytest.mark.slow


def test_impute_writes_the_same_file_with_the_holes_filled(people_csv: Path, command: Call) -> None:
    ran = command("impute", people_csv, "--seed", "1")
    assert ran.code == 0, ran.err
    out = people_csv.with_name("people.imputed.csv")
    before, after = (path.read_text(encoding="utf-8").splitlines() for path in (people_csv, out))
    assert len(before) == len(after)
    assert "filled" in ran.err
    holes = 0
    for old, new in zip(before, after, strict=True):
        for was, now in zip(old.split(","), new.split(","), strict=True):
            holes += was == ""
            assert now == was or (was == "" and float(now) > 0)
    assert holes > 10
    again = command("impute", people_csv, "--seed", "1", "--draws", "2")
    assert again.code == 0, again.err
    first, second = (people_csv.with_name(f"people.imputed.{i}.csv") for i in (1, 2))
    assert first.read_bytes() == out.read_bytes()
    assert second.read_bytes() != out.read_bytes()


def test_a_kept_model_fills_other_rows_and_python_gives_frames(
    people_csv: Path, command: Call
) -> None:
    model = people_csv.with_name("people.likewise")
    ran = command("fit", people_csv, "-o", model, "--generator", "autoregressive", "--seed", "1")
    assert ran.code == 0, ran.err
    frame = pd.read_csv(people_csv, dtype={"id": str}).head(50)
    frame.loc[3, "city"] = None
    full = likewise.impute(frame, model=likewise.load(model), seed=2)
    assert isinstance(full, pd.DataFrame)
    assert not full[["income", "city"]].isna().any().any()
    known = frame["income"].notna()
    assert (full.loc[known, "income"] == frame.loc[known, "income"]).all()


@pytest.fixture
def kept(people_csv: Path) -> Path:
    """A model that can fill in."""
    path = people_csv.with_name("people.likewise")
    likewise.fit(people_csv, generator="autoregressive", seed=1, budget=1).save(path)
    return path


def test_beside_a_kept_model_nothing_is_asked_for_that_would_have_no_effect(
    people_csv: Path, kept: Path, command: Call
) -> None:
    schema = people_csv.with_name("schema.yaml")
    schema.write_text("columns: [{name: nowhere, kind: numeric}]", encoding="utf-8")
    for words in (("--target", "nowhere"), ("--target", "member"), ("--schema", schema)):
        ran = command("impute", people_csv, "--model", kept, *words)
        assert ran.code == 2, ran.err
        assert f"{words[0]}: given beside a model" in ran.err
    model = likewise.load(kept)
    with pytest.raises(ConfigError, match="--target"):
        likewise.impute(people_csv, model=model, target="nowhere")


def test_columns_that_only_the_table_or_only_the_model_has_are_said(
    people_csv: Path, kept: Path, command: Call
) -> None:
    frame = pd.read_csv(people_csv, dtype=str).head(40)
    other = people_csv.with_name("other.csv")
    frame.drop(columns=["city", "joined"]).assign(extra="x").to_csv(other, index=False)
    ran = command("impute", other, "--model", kept)
    assert ran.code == 0, ran.err
    said = " ".join(ran.err.split())
    assert "columns of the model that the table lacks: 'city', 'joined'" in said
    assert "columns that the model has not learned, which stay as they are: 'extra'" in said
    assert "the table lacks" not in command("impute", people_csv, "--model", kept).err
    with pytest.raises(DataError, match="has no column of the model"):
        likewise.impute(frame[["city"]].rename(columns={"city": "town"}), model=likewise.load(kept))
