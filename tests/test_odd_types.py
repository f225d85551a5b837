"""A column of any type under any kind: it is synthesised in its own type, or a clear error."""

from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

import likewise
from likewise.core.errors import LikewiseError
from likewise.data.arrow_types import is_nested, type_named
from likewise.data.schema import Column, Kind, Schema, parse_schema

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
    "decimals of 18 digits": decimals(-18, pa.decimal128(38, 18)),
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
    "few times": pa.array(UP % 7, pa.time64("us")).dictionary_encode(),
    "few durations": pa.array(UP % 7, pa.duration("s")).dictionary_encode(),
    "null among the codes": pa.DictionaryArray.from_arrays(UP % 2, pa.array(["u", None])),
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


@pytest.mark.parametrize("name", COLUMNS)
def test_models_and_schemas_of_any_column_are_read_again(name: str, tmp_path) -> None:
    table = pa.table({"c": COLUMNS[name], "z": RNG.normal(size=ROWS)})
    try:
        model = likewise.fit(table, generator="independent", seed=1)
    except LikewiseError:
        return
    model.save(tmp_path / "m")
    again = likewise.load(tmp_path / "m").sample(50, seed=2)
    assert again.equals(model.sample(50, seed=2))
    found = likewise.infer(table)
    assert parse_schema(found.model_dump(mode="json")) == found
    assert likewise.infer(table, schema=found)["c"].kind is found["c"].kind


@pytest.mark.parametrize("kind", ["int64", "decimal128(20, 0)"])
@pytest.mark.parametrize("usual", [8, 12, 16])
def test_keys_of_many_lengths_are_whole_numbers(kind: str, usual: int) -> None:
    lengths = np.tile([8, 9, 10, 11, usual, usual, 13, 14, 15, 16], 40)
    values = [int(RNG.integers(10 ** (int(n) - 1), 10 ** int(n))) for n in lengths]
    cells = pa.array(values).cast(type_named(kind))
    table = pa.table({"user_id": cells, "z": RNG.normal(size=len(values))})
    model = likewise.fit(table, generator="independent", seed=1)
    assert model.schema["user_id"].kind is Kind.KEY
    drawn = model.sample(2_000, seed=2).column("user_id")
    assert drawn.type == cells.type
    assert len(set(drawn.to_pylist())) == 2_000


def test_wide_decimals_that_hold_short_numbers_are_whole_numbers_too() -> None:
    table = pa.table({"user_id": pa.array(np.arange(90) * 1_003).cast(pa.decimal128(20, 0))})
    assert likewise.infer(table)["user_id"].kind is Kind.KEY


def test_wide_identifiers_that_repeat_and_floats_of_16_digits_are_keys() -> None:
    wide = RNG.choice(RNG.integers(2**63, 2**64, 200, dtype="uint64"), 400)
    assert (
        likewise.infer(pa.table({"user_id": wide, "z": np.arange(400)}))["user_id"].kind is Kind.KEY
    )
    floats = RNG.integers(2**50, 2**53, 400).astype(float)
    table = pa.table({"c": floats, "z": np.arange(400) % 7})
    declared = {"columns": [{"name": "c", "kind": "key"}]}
    drawn = likewise.fit(table, generator="independent", schema=declared, seed=1).sample(99, seed=2)
    assert min(drawn.column("c").to_pylist()) > 2**49


def test_codes_of_numbers_are_made_up_within_the_type_and_never_one_for_all() -> None:
    codes = pa.array([7] * 10 + list(range(100, 1_090)))
    table = pa.table({"c": codes, "z": np.arange(1_000) % 7})
    for kind in ("category", "text"):
        declared = {"columns": [{"name": "c", "kind": kind}]}
        model = likewise.fit(table, generator="independent", schema=declared, seed=1)
        drawn = model.sample(1_000, seed=2).column("c")
        assert drawn.type == codes.type
        assert len(set(drawn.to_pylist())) > 100


def test_a_dictionary_of_numbers_that_too_few_rows_share_is_taken_for_numbers() -> None:
    cells = pa.array([17 + i % 8 if i < 40 else None for i in range(1_000)]).dictionary_encode()
    table = pa.table({"c": cells, "z": np.arange(1_000) % 7})
    model = likewise.fit(table, generator="independent", seed=1)
    assert model.schema["c"].kind is Kind.INTEGER


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
        with pytest.raises(LikewiseError, match="column 'c': taken for constant, but its cells"):
            likewise.fit(table, generator="independent", schema=schema)


def test_schemas_built_in_python_raise_our_own_errors() -> None:
    with pytest.raises(LikewiseError, match="column 'c': ordinal without levels"):
        Column(name="c", kind=Kind.ORDINAL)
    with pytest.raises(LikewiseError, match="minimum above its maximum"):
        Column(name="c", kind=Kind.INTEGER, minimum=2, maximum=1)
    with pytest.raises(LikewiseError, match="two columns have the same name"):
        Schema(columns=(Column(name="c", kind=Kind.TEXT), Column(name="c", kind=Kind.TEXT)))
