from collections.abc import Callable
from pathlib import Path

import pandas as pd
from tests.conftest import Ran

import likewise

Call = Callable[..., Ran]


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
