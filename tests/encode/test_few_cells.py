"""Numbers and times of fewer cells than must share a value: only their size is kept."""

import datetime as dt
import zipfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

import likewise

ROWS, HOLDER = 400, 7
CELLS = {
    "amount": (123_456.78, pa.float64()),
    "count": (987_654_321, pa.int64()),
    "day": (dt.date(1957, 3, 2), pa.date32()),
    "moment": (dt.datetime(1957, 3, 2, 4, 5, 6), pa.timestamp("us")),
    "time": (dt.time(12, 34, 56), pa.time64("us")),
    "span": (dt.timedelta(hours=3, seconds=727), pa.duration("us")),
}


@pytest.mark.parametrize("generator", ["independent", "trees"])
@pytest.mark.parametrize("name", CELLS)
@pytest.mark.parametrize("holders", [1, 2, 3])
def test_a_value_of_few_cells_does_not_come_out(generator: str, name: str, holders: int) -> None:
    value, kind = CELLS[name]
    cells = [value if i < holders else None for i in range(ROWS)]
    table = pa.table({"c": pa.array(cells, kind), "z": np.arange(ROWS) % 9})
    model = likewise.fit(table, generator=generator, seed=1)
    drawn = [cell for cell in model.sample(20_000, seed=2).column("c").to_pylist() if cell]
    assert len(drawn) > 30 * holders
    assert drawn.count(value) <= len(drawn) / 100


@pytest.mark.parametrize("generator", ["independent", "trees", "bayesnet"])
@pytest.mark.parametrize("cells", [[True], [False, False], ["yes", "yes", "no"], [1, 0]], ids=str)
def test_few_truth_values_come_out_as_either(generator: str, cells: list[object]) -> None:
    column = pa.array([*cells, *[None] * (ROWS - len(cells))])
    table = pa.table({"c": column, "z": np.arange(ROWS) % 9})
    schema = {"columns": [{"name": "c", "kind": "boolean"}]}
    model = likewise.fit(table, generator=generator, schema=schema, seed=1)
    sample = model.sample(40_000, seed=2).column("c")
    assert sample.type == column.type
    drawn = [cell for cell in sample.to_pylist() if cell is not None]
    assert len(drawn) > 60 * len(cells)
    share = drawn.count(cells[0]) / len(drawn)
    assert abs(share - 0.5) < 3 / len(drawn) ** 0.5
    held = model.sample(5, where="c = true", seed=3).column("c").to_pylist()
    assert set(held) <= {True, "yes"}  # 1 is True


def test_the_model_of_few_cells_does_not_hold_them(tmp_path: Path) -> None:
    cells = [123_456.78 if i == HOLDER else None for i in range(ROWS)]
    table = pa.table({"c": pa.array(cells, pa.float64()), "z": np.arange(ROWS) % 9})
    likewise.fit(table, generator="independent", seed=1).save(tmp_path / "m")
    with zipfile.ZipFile(tmp_path / "m") as file:
        whole = b"".join(file.read(name) for name in file.namelist())
    for number in (123_456.78, 12_345_678.0):
        assert np.float64(number).tobytes() not in whole
        assert str(number).removesuffix(".0").encode() not in whole
