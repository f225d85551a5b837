"""Columns that are easily misjudged, and the kind each should get."""

import numpy as np
import pyarrow as pa
import pytest

from likewise.data.convert import to_source, to_table
from likewise.data.infer import infer
from likewise.data.schema import Kind

MANY = [str(n % 37) for n in range(200)]

TEXTS = {
    "integers": (MANY, Kind.INTEGER),
    "negative and plain": (["-1", "5", "12"] * 10, Kind.INTEGER),
    "decimals": (["1.5", "2.25", "3"] * 10, Kind.NUMERIC),
    "exponents": (["1e-05", "2.5", "3E8"] * 10, Kind.NUMERIC),
    "leading zeros": (["01234", "04711", "98765"] * 20, Kind.CATEGORY),
    "one late leading zero": (
        [str(n % 9_000 + 1000) for n in range(60_000)] + ["00017"],
        Kind.TEXT,
    ),
    "decimal comma": (["1,5", "2,25", "0,125"] * 10, Kind.NUMERIC),
    "thousands comma": (["1,234", "12,345,678", "5"] * 10, Kind.INTEGER),
    "thousands comma and point": (["1,234.50", "12.25", "7,000.00"] * 10, Kind.NUMERIC),
    "thousands point and comma": (["1.234,50", "12,25", "7.000,00"] * 10, Kind.NUMERIC),
    "swiss": (["1'234.50", "12.25", "7'000.00"] * 10, Kind.NUMERIC),
    "integers as floats": (["1.0", "2.0", None, "35.0"] * 10, Kind.INTEGER),
    "words for missing in numbers": (["1", "NA", "7", "?", "-", "12"] * 10, Kind.INTEGER),
    "zero and one": (["0", "1"] * 20, Kind.BOOLEAN),
    "Y and N": (["Y", "N", None] * 20, Kind.BOOLEAN),
    "yes and no": (["yes", "no"] * 20, Kind.BOOLEAN),
    "t and f": (["t", "f"] * 20, Kind.BOOLEAN),
    "True and False": (["True", "False"] * 20, Kind.BOOLEAN),
    "one and two": (["1", "2"] * 20, Kind.INTEGER),
    "male and female": (["M", "F"] * 20, Kind.CATEGORY),
    "ISO dates": (["2024-01-31", "2023-02-28"] * 20, Kind.DATE),
    "compact dates": ([f"2024{m:02d}{d:02d}" for m in range(1, 13) for d in (3, 9)], Kind.DATE),
    "dates by name": (["31-Jan-2024", "28-Feb-2023"] * 20, Kind.DATE),
    "30 February": (["2024-02-30", "2023-02-28"] * 20, Kind.CATEGORY),
    "datetimes": (["2024-01-31 12:30:00", "2023-02-28 00:00:01"] * 20, Kind.DATETIME),
    "datetimes with zone": (["2024-01-31T12:30:00Z", "2023-02-28T00:00:01Z"] * 20, Kind.DATETIME),
    "twelve hours": (["1/31/2024 1:05 PM", "12/1/2023 11:59 AM"] * 20, Kind.DATETIME),
    "times": (["12:30:00", "23:59:59"] * 20, Kind.TIME),
    "durations": (["12:30:00", "27:59:59"] * 20, Kind.DURATION),
    "ISO durations": (["P1D", "PT2H30M"] * 20, Kind.DURATION),
    "codes": ([f"AB-{n:04d}" for n in range(500)] + ["AB-0001"], Kind.TEXT),
    "unique codes": ([f"AB-{n:04d}" for n in range(500)], Kind.KEY),
    "beyond 64 bits": ([f"{10**22 + n * 7919}" for n in range(50)], Kind.KEY),
    "rising numbers": ([str(n) for n in range(1, 60)], Kind.KEY),
    "unique names": (
        [f"Ms {chr(97 + n % 26)}{chr(97 + n // 26)} Smith" for n in range(90)],
        Kind.TEXT,
    ),
    "nothing": ([None] * 30, Kind.CONSTANT),
    "only words for missing": (["NA"] * 30, Kind.CONSTANT),
    "one value": (["x"] * 30, Kind.CONSTANT),
    "mixed date formats": (["2024-01-31", "31/01/2024", "28.02.2023"] * 20, Kind.CATEGORY),
}


TYPED = {
    "int32": (pa.array([3, 7, 7, 9] * 10, pa.int32()), Kind.INTEGER),
    "zero and one": (pa.array([0, 1] * 10, pa.int8()), Kind.BOOLEAN),
    "whole floats with nulls": (pa.array([1.0, None, 5.0] * 10), Kind.INTEGER),
    "floats": (pa.array([1.5, None, 5.0] * 10), Kind.NUMERIC),
    "NaN": (pa.array([1.5, float("nan"), 5.0] * 10), Kind.NUMERIC),
    "decimal": (pa.array([1, 2] * 10).cast(pa.decimal128(22, 2)), Kind.NUMERIC),
    "bool": (pa.array([True, None] * 10), Kind.BOOLEAN),
    "date": (pa.array([1, 2] * 10, pa.int32()).cast(pa.date32()), Kind.DATE),
    "midnights": (pa.array([0, 86_400] * 10, pa.timestamp("s")), Kind.DATE),
    "moments": (pa.array([0, 86_401] * 10, pa.timestamp("ms")), Kind.DATETIME),
    "zoned": (pa.array([0, 86_400] * 10, pa.timestamp("us", "Europe/Berlin")), Kind.DATETIME),
    "time": (pa.array([0, 3600] * 10, pa.time32("s")), Kind.TIME),
    "duration": (pa.array([0, 3600] * 10, pa.duration("s")), Kind.DURATION),
    "dictionary": (pa.array(["a", "b"] * 10).dictionary_encode(), Kind.CATEGORY),
    "list": (pa.array([[1, 2], [3]] * 10), Kind.TEXT),
    "null": (pa.nulls(30), Kind.CONSTANT),
    "constant": (pa.array([5] * 30), Kind.CONSTANT),
    "ids": (pa.array(range(100, 160)), Kind.KEY),
    "years": (pa.array(range(1900, 1960)), Kind.INTEGER),
    "unsigned beyond int64": (pa.array([2**64 - 1, 5] * 10, pa.uint64()), Kind.TEXT),
    "distinct measurements": (pa.array(np.random.default_rng(0).normal(size=80)), Kind.NUMERIC),
}

LOSSY = {
    "words for missing in numbers",  # three words: written back as the most common one
    "only words for missing",
    "exponents",  # one spelling for numbers of every size
}


@pytest.mark.parametrize("trap", TEXTS)
def test_a_column_of_texts_gets_its_kind(trap):
    cells, kind = TEXTS[trap]
    raw = pa.table({"x": pa.array(cells, pa.string())})
    assert infer(raw)["x"].kind is kind


@pytest.mark.parametrize("trap", TYPED)
def test_a_typed_column_gets_its_kind(trap):
    cells, kind = TYPED[trap]
    column = infer(pa.table({"x": cells}))["x"]
    assert column.kind is kind
    assert column.format.arrow == str(cells.type)


def returned(raw):
    return to_source(to_table(raw, infer(raw)))


@pytest.mark.parametrize("trap", [trap for trap in TEXTS if trap not in LOSSY])
def test_texts_come_back_cell_by_cell(trap):
    raw = pa.table({"x": pa.array(TEXTS[trap][0], pa.string())})
    assert returned(raw).column("x").to_pylist() == TEXTS[trap][0]


@pytest.mark.parametrize("trap", [trap for trap in TYPED if trap not in ("NaN", "list")])
def test_typed_cells_come_back_in_their_type(trap):
    raw = pa.table({"x": TYPED[trap][0]})
    back = returned(raw)
    assert back.schema.types == raw.schema.types
    assert back.column("x").to_pylist() == raw.column("x").to_pylist()
