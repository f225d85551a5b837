"""Days and times of day: closing days stay closed, and clocks are those of the place."""

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest

import likewise
from likewise.core.seeds import Seed
from likewise.data.schema import Column, Kind, Schema
from likewise.data.table import CANONICAL, Table
from likewise.encode.codec import TableCodec
from likewise.encode.layout import Encoded

DAY, MINUTE = 86_400_000_000, 60_000_000


def moments(values: np.ndarray, **more: object) -> Table:
    schema = Schema(columns=(Column(name="t", kind=Kind.DATETIME, **more),))  # type: ignore[arg-type]
    return Table(pa.table({"t": pa.array(values, CANONICAL[Kind.DATETIME])}), schema)


def redraw(table: Table) -> tuple[TableCodec, np.ndarray]:
    """New details in the learned levels, with the blocks drawn apart from each other."""
    codec = TableCodec.fit(table, seed=Seed(0))
    rows = codec.encode(table, seed=Seed(1))
    rng = np.random.default_rng(2)
    codes = np.asfortranarray(np.stack([rng.permutation(c) for c in rows.codes.T], axis=1))
    detail = np.asfortranarray(rng.random(codes.shape, dtype=np.float32))
    for i, block in enumerate(codec.layout.blocks):
        detail[block.atoms[codes[:, i]], i] = 0
    return codec, codec.decode(Encoded(codes, detail), rng, seed=Seed(3)).numbers("t")


def test_closing_days_and_opening_hours_are_kept() -> None:
    rng = np.random.default_rng(0)
    days = 18_000 + rng.integers(0, 1_000, 40_000)
    days = days[(days + 4) % 7 != 0]  # closed on Sundays
    times = rng.integers(9 * 60, 17 * 60, len(days)) * MINUTE
    codec, drawn = redraw(moments(days * DAY + times))
    assert [block.name for block in codec.layout.blocks] == ["t/day", "t/time"]
    new_days, new_times = drawn // DAY, drawn % DAY
    assert ((new_days + 4) % 7 != 0).all()
    assert set(new_days.tolist()) <= set(range(18_000, 19_000))
    assert (new_times % MINUTE == 0).all()
    assert new_times.min() >= 9 * 60 * MINUTE
    assert new_times.max() < 17 * 60 * MINUTE


def test_midnight_alone_needs_one_block() -> None:
    days = np.repeat(np.arange(18_000, 18_100), 20)
    codec, drawn = redraw(moments(days * DAY))
    assert [block.name for block in codec.layout.blocks] == ["t"]
    assert (np.bincount(drawn // DAY - 18_000) == 20).all()
    assert (drawn % DAY == 0).all()


@pytest.mark.parametrize("zone", ["Europe/Berlin", "+05:30", "Nowhere/Atall"])
def test_a_time_zone_gives_the_clock_on_the_wall(zone: str) -> None:
    start = int(dt.datetime(2024, 1, 1, tzinfo=dt.UTC).timestamp()) * 1_000_000
    days = np.repeat(np.arange(300), 12)
    table = moments(start + days * DAY, timezone=zone)
    codec = TableCodec.fit(table, seed=Seed(0))
    rows = codec.encode(table, seed=Seed(1))
    back = codec.decode(rows, np.random.default_rng(0), seed=Seed(2))
    assert back.arrow.equals(table.arrow)
    assert any("is not known" in note for note in codec.notes) == (zone == "Nowhere/Atall")


def test_declared_bounds_of_dates_are_kept() -> None:
    column = Column(name="d", kind=Kind.DATE, minimum="2020-01-01", maximum="2020-12-31")
    days = 18_262 + np.random.default_rng(0).integers(0, 366, 3_000)
    table = Table(
        pa.table({"d": pa.array(days, pa.int32()).cast(pa.date32())}), Schema(columns=(column,))
    )
    codec = TableCodec.fit(table, seed=Seed(0))
    rows = codec.encode(table, seed=Seed(1))
    detail = np.asfortranarray(np.random.default_rng(0).random(rows.detail.shape, dtype=np.float32))
    drawn = codec.decode(Encoded(rows.codes, detail), np.random.default_rng(0), seed=Seed(0))
    values = drawn.arrow["d"].to_pylist()
    assert min(values) >= dt.date(2020, 1, 1)
    assert max(values) <= dt.date(2020, 12, 31)


@pytest.mark.parametrize("generator", ["independent", "copula", "trees", "bayesnet"])
def test_moments_are_missing_as_often_as_they_were(generator: str) -> None:
    rng = np.random.default_rng(0)
    seconds = rng.integers(0, 10**8, 4_000)
    cells = pa.array(seconds, pa.timestamp("s"), mask=rng.random(4_000) < 0.5)
    table = pa.table({"d": cells, "x": seconds % 7})
    drawn = likewise.fit(table, generator=generator, seed=1).sample(8_000, seed=2).column("d")
    assert abs(drawn.null_count / 8_000 - cells.null_count / 4_000) < 0.03
