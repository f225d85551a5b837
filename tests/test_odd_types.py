"""A column of any type under any kind: it is synthesised in its own type, or a clear error."""

from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

import likewise
from likewise.core.errors import LikewiseError
from likewise.data.arrow_types import is_nested
from likewise.data.schema import Column, Kind, Schema

ROWS = 200
RNG = np.random.default_rng(0)
UP = np.arange(ROWS)


def whole(low: int, high: int, kind: str = "int64") -> pa.Array:
    return pa.array(RNG.integers(low, high, ROWS, dtype=kind, endpoint=True))


def decimals(exponent: int, kind: pa.DataType) -> pa.Array:
    return pa.array([Decimal(int(x)).scaleb(exponent) for x in RNG.integers(1, 10**9, ROWS)], kind)


COLUMNS: dict[str, pa.Array] = {
    "all of int64": whole(-(2**63), 2**63 - 1),
    "all of uint64": whole(0, 2**64 - 1, "uint64"),
    "few of uint64": pa.array(RNG.choice(np.array([1, 2**63, 2**64 - 1], "uint64"), ROWS)),
    "end of uint64, rising": pa.array(2**64 - ROWS + UP.astype("uint64")),
    "end of int64, falling": pa.array(2**63 - 1 - UP),
    "end of uint32, falling": pa.array((2**32 - 1 - UP).astype("uint32")),
    "int8": whole(-128, 127, "int8"),
    "int8, rising through 0": pa.array((UP - 100).astype("int8")),
    "few of int8": whole(0, 2, "int8"),
    "uint8": whole(0, 255, "uint8"),
    "uint8, rising": pa.array(UP.astype("uint8")),
    "floats near the end": pa.array(RNG.normal(size=ROWS) * 1e300),
    "floats near nothing": pa.array(RNG.normal(size=ROWS) * 1e-300),
    "floats, half missing": pa.array(np.where(UP % 2, np.nan, RNG.normal(size=ROWS))),
    "whole floats": pa.array(1000.0 + UP),
    "whole floats beyond 2**53": pa.array(1e17 + 1024.0 * UP),
    "float32": pa.array((RNG.normal(size=ROWS) * 1e37).astype("float32")),
    "float16": pa.array(RNG.normal(size=ROWS).astype("float16")),
    "decimals": decimals(-5, pa.decimal128(38, 5)),
    "wide whole decimals": decimals(20, pa.decimal128(38, 0)),
    "wider whole decimals": decimals(40, pa.decimal256(76, 0)),
    "decimals of negative scale": decimals(3, pa.decimal128(20, -3)),
    "bool": pa.array(UP % 3 == 0),
    "date32": whole(-(10**5), 10**5, "int32").cast(pa.date32()),
    "date64": pa.array(RNG.integers(0, 10**4, ROWS) * 86_400_000, pa.date64()),
    "time32": whole(0, 86_399, "int32").cast(pa.time32("s")),
    "time64": whole(0, 86_400 * 10**9 - 1).cast(pa.time64("ns")),
    "seconds": whole(-(10**10), 10**10).cast(pa.timestamp("s")),
    "seconds too far": whole(-(10**14), 10**14).cast(pa.timestamp("s")),
    "zoned": whole(0, 2 * 10**18).cast(pa.timestamp("ns", "Europe/Berlin")),
    "durations": whole(-(10**12), 10**12).cast(pa.duration("ns")),
    "durations too long": whole(-(10**17), 10**17).cast(pa.duration("s")),
    "few texts": pa.array([f"a{i % 7}" for i in UP]).dictionary_encode(),
    "few numbers": pa.array(UP % 7).dictionary_encode(),
    "few fractions": pa.array(UP % 7 / 2).dictionary_encode(),
    "many numbers": pa.array(UP * 7919).dictionary_encode(),
    "many moments": whole(0, 10**15).cast(pa.timestamp("us")).dictionary_encode(),
    "lists": pa.array([[int(i) % 3, 1] for i in UP]),
    "records": pa.array([{"a": int(i) % 3} for i in UP]),
    "bytes": pa.array([bytes([i]) for i in UP]),
    "large texts": pa.array([f"x{i}" for i in UP], pa.large_string()),
    "empty texts": pa.array([""] * ROWS),
    "intervals": pa.array([(1, 2, int(i)) for i in UP], pa.month_day_nano_interval()),
    "nothing": pa.nulls(ROWS),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_any_column_under_any_kind_is_made_in_its_type_or_refused_clearly(name: str) -> None:
    cells = COLUMNS[name]
    table = pa.table({"c": cells, "z": RNG.normal(size=ROWS)})
    made = 0
    for kind in [None, *Kind]:
        schema = {"columns": [{"name": "c", "kind": str(kind)}]} if kind else None
        try:
            model = likewise.fit(table, generator="independent", schema=schema, seed=1)
            drawn = pa.chunked_array(model.sample(10 * ROWS, seed=2).column("c"))
        except LikewiseError:
            continue
        made += 1
        drawn.validate(full=True)
        if pa.types.is_dictionary(cells.type):  # codes while they are few, else their values
            assert cells.type.value_type in (drawn.type, getattr(drawn.type, "value_type", None))
        else:
            assert drawn.type == (pa.string() if is_nested(cells.type) else cells.type), kind
    refused = {"bytes", "intervals", "decimals of negative scale"}
    assert bool(made) is (name not in refused | {"seconds too far", "durations too long"})


@pytest.mark.parametrize("name", ["all of int64", "all of uint64", "wide whole decimals"])
def test_numbers_beyond_float64_keep_their_distribution_to_16_digits(name: str) -> None:
    real = np.array(COLUMNS[name].to_pylist(), dtype=float)
    table = pa.table({"c": COLUMNS[name], "z": RNG.normal(size=ROWS)})
    drawn = likewise.fit(table, generator="independent", seed=1).sample(4_000, seed=2)
    made = np.array(drawn.column("c").to_pylist(), dtype=float)
    spread = np.quantile(real, 0.9) - np.quantile(real, 0.1)
    for q in (0.1, 0.5, 0.9):
        assert abs(np.quantile(made, q) - np.quantile(real, q)) < 0.1 * spread


@pytest.mark.parametrize(
    ("cells", "most"),
    [
        (UP.astype("uint8"), 256),
        ((UP - 100).astype("int8"), 255),
        (2**32 - 1 - UP.astype("uint32"), 4_000),
        (RNG.permutation(UP).astype("uint8") + np.uint8(50), 256),
        (RNG.choice(2**15, ROWS, replace=False).astype("int16"), 8_000),
    ],
)
def test_whole_keys_stay_in_their_type_and_differ_until_it_is_full(cells, most: int) -> None:
    schema = {"columns": [{"name": "c", "kind": "key"}]}
    table = pa.table({"c": cells, "z": RNG.normal(size=ROWS)})
    model = likewise.fit(table, generator="independent", schema=schema, seed=1)
    for rows in (ROWS, most):
        drawn = model.sample(rows, seed=2).column("c")
        assert drawn.type == pa.array(cells).type
        assert len(set(drawn.to_pylist())) == rows
    if cells.dtype.itemsize < 4:
        with pytest.raises(LikewiseError, match="column 'c': its type holds no"):
            model.sample(2**16, seed=2)


def test_a_declared_constant_that_varies_is_refused_since_it_would_come_out_as_it_was() -> None:
    for cells in (pa.array([f"v{i}" for i in UP]), pa.array(UP), pa.array(UP / 7)):
        table = pa.table({"c": cells, "z": UP % 5})
        schema = {"columns": [{"name": "c", "kind": "constant"}]}
        with pytest.raises(LikewiseError, match="column 'c': declared constant, but its cells"):
            likewise.fit(table, generator="independent", schema=schema)


def test_schemas_built_in_python_raise_our_own_errors() -> None:
    with pytest.raises(LikewiseError, match="column 'c': ordinal without levels"):
        Column(name="c", kind=Kind.ORDINAL)
    with pytest.raises(LikewiseError, match="minimum above its maximum"):
        Column(name="c", kind=Kind.INTEGER, minimum=2, maximum=1)
    with pytest.raises(LikewiseError, match="two columns have the same name"):
        Schema(columns=(Column(name="c", kind=Kind.TEXT), Column(name="c", kind=Kind.TEXT)))
