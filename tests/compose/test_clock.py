"""Moments that people name, as numbers of a column."""

from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from likewise.compose.clock import moment_of
from likewise.core.errors import ConfigError
from likewise.data.convert import to_table
from likewise.data.infer import infer
from likewise.data.schema import Column

DAY = "2024-05-31"
COLUMNS = {
    "day": np.array([DAY, "2024-06-02"], "M8[D]"),
    "moment": np.array(["2024-05-31T12:00", "2024-06-02T01:00"], "M8[us]"),
    "here": pd.to_datetime(["2024-05-31 12:00", "2024-06-02 01:00"]).tz_localize("Europe/Zurich"),
    "number": np.array([7, 30]),
}


def column_of(name: str) -> tuple[Column, int]:
    """A column, and its first value in numbers."""
    raw = pa.table({"at": pa.array(COLUMNS[name])})
    table = to_table(raw, infer(raw), "events")
    return table.schema["at"], int(table.numbers("at")[0])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("day", DAY), ("day", date(2024, 5, 31)), ("day", pd.Timestamp(DAY)),
        ("moment", "2024-05-31 12:00"), ("moment", datetime(2024, 5, 31, 12)),
        ("here", "2024-05-31 12:00"), ("here", datetime(2024, 5, 31, 10, tzinfo=UTC)),
        ("number", 7), ("number", "7"), ("number", np.int64(7)),
    ],
)  # fmt: skip
def test_a_moment_is_the_number_that_its_column_has(name: str, value: Any) -> None:
    column, number = column_of(name)
    assert moment_of(value, column) == number


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("day", 5), ("day", "soon"), ("moment", 5), ("moment", 5.0), ("moment", [1]),
        ("moment", True), ("here", 5), ("number", 5.5), ("number", datetime(2024, 5, 31)),
        ("number", date(2024, 5, 31)), ("number", DAY), ("number", None),
    ],
)  # fmt: skip
def test_what_is_no_moment_of_the_column_is_refused(name: str, value: Any) -> None:
    with pytest.raises(ConfigError, match="until: is no moment that can be read"):
        moment_of(value, column_of(name)[0])
