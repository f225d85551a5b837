"""Logs hand on what was emitted, in order, wherever it goes."""

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from likewise.core.errors import ConfigError
from likewise.simulate import Form, Log
from likewise.simulate.log import CHUNK
from likewise.simulate.sinks import Memory, ParquetFile, Spool


@pytest.mark.parametrize("where", ["memory", "file", "spool"])
def test_rows_come_back_as_they_were_emitted(where: str, tmp_path: Path) -> None:
    sink = {
        "memory": Memory,
        "file": lambda: ParquetFile(tmp_path / "log.parquet"),
        "spool": lambda: Spool(tmp_path / "parts", "log"),
    }[where]()
    log = Log(form=Form(key="nr", labels={"how": ("up", "down")}), step=int, how=np.int8)
    log.send_to(sink)
    rng, sizes = np.random.default_rng(0), [0, 1, CHUNK - 1, 5, 2 * CHUNK + 3]
    steps = [rng.integers(0, 9, n) for n in sizes]
    for step in steps:
        log.emit(step=step, how=1)
    assert len(log) == sum(sizes)
    chunks = list(log.end().chunks())
    assert [chunk.num_rows for chunk in chunks][:-1] == [CHUNK] * 3
    assert np.concatenate([c["step"].to_numpy() for c in chunks]).tolist() == (
        np.concatenate(steps).tolist()
    )
    assert chunks[-1]["nr"].to_pylist()[-1] == sum(sizes) - 1
    assert set(chunks[0]["how"].to_pylist()) == {"down"}


def test_a_log_without_rows_still_has_its_columns(tmp_path: Path) -> None:
    log = Log(step=int, price=float)
    log.send_to(ParquetFile(tmp_path / "log.parquet"))
    log.end()
    table = pq.read_table(tmp_path / "log.parquet")
    assert (table.num_rows, table.column_names) == (0, ["step", "price"])


def test_whole_numbers_of_every_size_come_back_from_their_differences(tmp_path: Path) -> None:
    ends = np.iinfo(np.int64)
    wide = np.array([ends.min, ends.max, 0, -1, ends.max, ends.min])
    log = Log(form=Form(refers={"who": "people"}, key=""), wide=int, who=int, small=np.uint8)
    log.send_to(ParquetFile(tmp_path / "log.parquet"))
    who = np.array([7, -1, 0, -1, -1, 1 << 60])
    log.emit(wide=wide, who=who, small=np.array([0, 255, 3, 0, 255, 1]))
    (chunk,) = log.end().chunks()
    assert chunk["wide"].to_pylist() == wide.tolist()
    assert chunk["who"].to_pylist() == [7, None, 0, None, None, 1 << 60]
    assert chunk["small"].to_pylist() == [0, 255, 3, 0, 255, 1]
    group = pq.read_metadata(tmp_path / "log.parquet").row_group(0)
    assert all("DELTA_BINARY_PACKED" in group.column(i).encodings for i in range(3))


def test_one_row_may_be_emitted_from_plain_numbers() -> None:
    log = Log(step=int, price=float)
    log.emit(step=1, price=2.5)
    (chunk,) = log.end().chunks()
    assert chunk.to_pylist() == [{"step": 1, "price": 2.5}]


def test_what_cannot_be_is_told() -> None:
    log = Log(step=int, price=float)
    for columns, said in (
        ({"step": 1}, "rows without a value"),
        ({"step": 1, "price": 1.0, "cost": 2}, "'cost': no such column"),
        ({"step": [1, 2], "price": [1.0, 2, 3]}, "columns of 2 and 3 rows"),
    ):
        with pytest.raises(ConfigError, match=said):
            log.emit(**columns)
    with pytest.raises(ConfigError, match="without columns"):
        Log()
    with pytest.raises(ConfigError, match="float, int or bool"):
        Log(name=str)
