"""The laws of the table codec: what comes back, what never does, and that nothing else changes."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from likewise.core import artifact
from likewise.core.errors import DataError
from likewise.core.seeds import Seed
from likewise.data.cells import shared_by
from likewise.data.schema import Column, Kind, Schema
from likewise.data.table import CANONICAL, Table
from likewise.encode.codec import TableCodec
from likewise.encode.layout import Encoded

DAY = 86_400_000_000


def table(columns: dict[str, tuple[Kind, Any]], **more: dict[str, Any]) -> Table:
    schema = Schema(
        columns=tuple(
            Column(name=name, kind=kind, **more.get(name, {}))
            for name, (kind, _) in columns.items()
        )
    )
    arrays = [pa.array(values, CANONICAL[kind]) for kind, values in columns.values()]
    return Table(pa.table(arrays, names=list(columns)), schema)


def mixed(rows: int = 3_000, seed: int = 0) -> Table:
    """Every kind, with gaps."""
    rng = np.random.default_rng(seed)
    gaps = rng.random(rows) < 0.1

    def holes(values: Any) -> list[Any]:
        return [None if gap else value for gap, value in zip(gaps, values, strict=True)]

    days = rng.integers(18_000, 18_060, rows)
    moments = days * DAY + rng.integers(16, 36, rows) * 30 * 60_000_000
    spent = np.where(rng.random(rows) < 0.4, 0, np.round(rng.lognormal(3, 1, rows), 2))
    return table(
        {
            "id": (Kind.KEY, [f"{i:06d}" for i in range(rows)]),
            "age": (Kind.INTEGER, rng.integers(18, 90, rows).tolist()),
            "spent": (Kind.NUMERIC, holes(spent.tolist())),
            "raw": (Kind.NUMERIC, rng.normal(size=rows).tolist()),
            "city": (Kind.CATEGORY, holes(rng.choice(["Köln", "東京", "Rio", ""], rows).tolist())),
            "size": (Kind.ORDINAL, rng.choice(["S", "M", "L"], rows).tolist()),
            "member": (Kind.BOOLEAN, holes((rng.random(rows) < 0.3).tolist())),
            "day": (Kind.DATE, holes(days.tolist())),
            "seen": (Kind.DATETIME, holes(moments.tolist())),
            "clock": (Kind.TIME, (rng.integers(0, 24, rows) * 3_600_000_000).tolist()),
            "lasted": (Kind.DURATION, holes((rng.integers(1, 900, rows) * 1_000_000).tolist())),
            "code": (Kind.TEXT, [f"{'ABC'[n % 3]}{n:04d}" for n in spent.astype(int)]),
            "land": (Kind.CONSTANT, ["DE"] * rows),
            "none": (Kind.NUMERIC, [None] * rows),
        },
        size={"levels": ("S", "M", "L")},
    )


def fit(given: Table) -> tuple[TableCodec, Encoded]:
    codec = TableCodec.fit(given, seed=Seed(1))
    return codec, codec.encode(given, seed=Seed(2))


def decode(codec: TableCodec, rows: Encoded, start: int = 0) -> Table:
    return codec.decode(rows, np.random.default_rng(3), start=start, seed=Seed(4))


def test_labels_atoms_moments_and_gaps_come_back_exactly() -> None:
    given = mixed()
    codec, rows = fit(given)
    back = decode(codec, rows)
    for name in ("age", "city", "size", "member", "day", "seen", "clock", "land", "none"):
        assert back.arrow[name].equals(given.arrow[name]), name
    for name in ("spent", "raw", "lasted"):
        assert (back.missing(name) == given.missing(name)).all()
    worst = np.abs(back.numbers("spent") - given.numbers("spent"))
    assert np.quantile(worst, 0.99) <= 0.5
    assert (back.numbers("spent") == 0).sum() == (given.numbers("spent") == 0).sum()
    assert np.abs(back.numbers("raw") - given.numbers("raw")).max() < 0.5


def test_codes_fit_the_layout_and_their_counts_are_those_of_the_training_rows() -> None:
    given = mixed()
    codec, rows = fit(given)
    names = [block.name for block in codec.layout.blocks]
    assert "seen/day" in names
    assert "seen/time" in names
    assert not codec.layout.of("id")
    assert not codec.layout.of("land")
    assert not codec.layout.of("none")
    for i, block in enumerate(codec.layout.blocks):
        counts = np.bincount(rows.codes[:, i], minlength=block.size)
        assert (counts == block.counts).all(), block.name
        assert block.counts.sum() == given.rows
        detail = rows.detail[:, i]
        assert (detail >= 0).all()
        assert (detail < 1).all()
        assert (detail[block.atoms[rows.codes[:, i]]] == 0).all()
        assert block.missing == bool(given.missing(block.column).any())


def test_encoding_what_was_decoded_gives_the_same_codes() -> None:
    given = mixed()
    codec, rows = fit(given)
    rng = np.random.default_rng(5)
    detail = np.asfortranarray(rng.random(rows.detail.shape, dtype=np.float32))
    again = codec.encode(decode(codec, Encoded(rows.codes, detail)), seed=Seed(6))
    for i, block in enumerate(codec.layout.blocks):
        same = again.codes[:, i] == rows.codes[:, i]
        assert same.mean() > (0.9 if block.column == "code" else 0.999999), block.name


def test_the_same_seed_gives_the_same_rows_and_a_loaded_codec_too(tmp_path: Path) -> None:
    given = mixed()
    codec, rows = fit(given)
    artifact.save(codec, tmp_path / "codec.likewise")
    loaded = artifact.load(tmp_path / "codec.likewise")
    assert loaded.schema == codec.schema
    assert loaded.notes == codec.notes
    first, second = decode(codec, rows), decode(loaded, rows)
    assert first.arrow.equals(second.arrow)
    assert (loaded.encode(given, seed=Seed(2)).detail == rows.detail).all()


def test_no_rare_label_and_no_rare_number_is_stored(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    names = ["common"] * 1_990 + [f"person{i}of{i}" for i in range(10)]
    ids = rng.choice(10**9, 2_000, replace=False)
    given = table({"name": (Kind.CATEGORY, names), "income": (Kind.INTEGER, ids.tolist())})
    codec, rows = fit(given)
    artifact.save(codec, tmp_path / "codec.likewise")
    assert b"person" not in (tmp_path / "codec.likewise").read_bytes()
    back = decode(codec, rows)
    assert set(back.arrow["name"].to_pylist()) == {"common"}
    number: Any = codec.parts[1]
    assert not set(np.rint(number.number.x).astype(int).tolist()) & set(ids.tolist())
    assert number.number.counts.min() >= 10


def test_every_level_of_a_number_holds_ten_rows() -> None:
    rng = np.random.default_rng(1)
    values = np.concatenate([rng.geometric(0.02, 5_000), np.full(500, 7), [999, 5_000]])
    codec, _ = fit(table({"x": (Kind.INTEGER, values.tolist())}))
    assert codec.layout.blocks[0].counts.min() >= 10


def test_rare_ordinal_levels_join_their_neighbour() -> None:
    values = ["low"] * 500 + ["middle"] * 500 + ["high"] * 3
    given = table({"x": (Kind.ORDINAL, values)}, x={"levels": ("low", "middle", "high", "highest")})
    codec, rows = fit(given)
    assert codec.layout.blocks[0].size == 2
    assert decode(codec, rows).arrow["x"].to_pylist() == values[:1000] + ["middle"] * 3


@pytest.mark.parametrize("rows", [0, 1, 2, 3, 7, 30])
def test_small_tables_come_out_whole(rows: int) -> None:
    given = mixed(max(rows, 1)).slice(0, rows)
    codec, encoded = fit(given)
    back = decode(codec, encoded)
    assert back.rows == rows
    assert encoded.codes.shape == (rows, codec.layout.width)
    for i, block in enumerate(codec.layout.blocks):
        assert block.counts.sum() == rows
        assert (encoded.codes[:, i] < block.size).all()


def test_a_column_of_one_value_or_of_none_has_no_block() -> None:
    given = table(
        {
            "same": (Kind.INTEGER, [5] * 100),
            "text": (Kind.CATEGORY, ["x"] * 100),
            "flag": (Kind.BOOLEAN, [None] * 100),
            "when": (Kind.DATETIME, [None] * 100),
        }
    )
    codec, rows = fit(given)
    assert codec.layout.width == 0
    assert decode(codec, rows).arrow.equals(given.arrow)


def test_given_columns_become_evidence_and_come_back_verbatim() -> None:
    training = mixed()
    codec, rows = fit(training)
    given = training.select(["seen", "age", "city"]).slice(0, 50)
    evidence = codec.encode_given(given)
    assert evidence.blocks == {i for name in given.names for i in codec.layout.of(name)}
    for i, (codes, _) in evidence.fixed.items():
        assert (codes == rows.codes[:50, i]).all()
    old = table({"age": (Kind.INTEGER, [150, 18, -4])})
    block = codec.layout.of("age")[0]
    codes = codec.encode_given(old).fixed[block][0]
    assert codes.tolist() == [codec.layout.blocks[block].size - 1, 0, 0]
    restored = codec.restore(decode(codec, rows.take(np.arange(3))), old)
    assert restored.arrow["age"].to_pylist() == [150, 18, -4]


def test_given_values_that_were_never_learned_are_refused_without_being_shown() -> None:
    codec, _ = fit(mixed())
    with pytest.raises(
        DataError, match=r"column 'city': holds labels that were not learned, in 2 of"
    ) as error:
        codec.encode_given(table({"city": (Kind.CATEGORY, ["Rio", "Secretville", "Elsewhere"])}))
    assert "Secretville" not in str(error.value)
    with pytest.raises(DataError, match=r"column 'age': missing in 1 of"):
        codec.encode_given(table({"age": (Kind.INTEGER, [20, None])}))
    with pytest.raises(DataError, match="given as numeric, learned as integer"):
        codec.encode_given(table({"age": (Kind.NUMERIC, [20.0])}))


def test_levels_in_an_interval_cover_every_row_in_it() -> None:
    given = mixed()
    codec, rows = fit(given)
    for name in ("age", "spent", "raw", "day", "seen", "clock", "lasted", "member"):
        values, there = given.numbers(name), ~given.missing(name)
        for low, high in ((None, None), *((q, None) for q in np.quantile(values, [0.2, 0.9]))):
            inside = there & (values >= (-np.inf if low is None else low))
            assert high is None
            for i, mask in codec.levels_in(name, low, high).items():
                assert mask[rows.codes[inside, i]].all(), name
                assert mask.shape == (codec.layout.blocks[i].size,)
    i = codec.layout.of("age")[0]
    assert codec.levels_in("age", 40, 40)[i].sum() == 1
    assert codec.levels_in("age", 40, 41, low_open=True, high_open=True)[i].sum() == 0


def test_levels_of_labels_and_of_missing_values() -> None:
    given = mixed()
    codec, rows = fit(given)
    ((i, mask),) = codec.levels_of("city", ("Rio", "nowhere")).items()
    chosen = mask[rows.codes[:, i]]
    assert (chosen == (np.array(given.arrow["city"].to_pylist(), dtype=object) == "Rio")).all()
    for missing in (True, False):
        masks = codec.levels_missing("seen", missing)
        for i, mask in masks.items():
            assert (mask[rows.codes[:, i]] == (given.missing("seen") == missing)).all()
    assert codec.levels_of("land", ("DE",)) == {}


def test_protection_grows_with_the_table() -> None:
    assert [shared_by(rows) for rows in (0, 150, 500, 1_000, 10**6)] == [2, 2, 5, 10, 10]


def test_a_wide_table_and_clashing_names_work() -> None:
    rng = np.random.default_rng(0)
    columns: dict[str, tuple[Kind, Any]] = {
        f"x{i}": (Kind.NUMERIC, rng.normal(size=200).tolist()) for i in range(300)
    }
    moments = (rng.integers(0, 400, 200) * DAY + rng.integers(0, 24, 200) * 3_600_000_000).tolist()
    columns |= {"a/day": (Kind.INTEGER, rng.integers(0, 9, 200)), "a": (Kind.DATETIME, moments)}
    codec, rows = fit(table(columns))
    names = [block.name for block in codec.layout.blocks]
    assert len(set(names)) == len(names) == 303
    assert decode(codec, rows).rows == 200
